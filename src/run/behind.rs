//! Local scores that come behind their tokens: an index behind a network answers later than the next token comes.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

use rotescope_corpus::{Corpus, CorpusError, LocalQuestion};
use rotescope_stim::local;
use rotescope_trace::{Local, Token};

/// Tokens that are looked up at a time. Each takes some questions of its own, of which the index decides how many go out together.
const AT_A_TIME: usize = 8;
/// Tokens before a token that a lookup is given, more than an index behind a network takes.
const LOOKED_BACK: usize = 1000;
/// How long to wait before it is asked again whether the run was cancelled.
const MOMENT: Duration = Duration::from_millis(50);

/// A token that waits for its counts.
struct Waiting {
    index: usize,
    context: Vec<u32>,
    token: u32,
    candidates: Vec<u32>,
    p: Vec<f32>,
}

type Scored = Result<Option<(Local, Vec<u64>)>, CorpusError>;

/// Looks tokens up on threads of its own, which end with it; what they are asking by then is answered to nobody.
pub struct Behind {
    ask: Sender<Waiting>,
    found: Receiver<(usize, Scored)>,
    waiting: usize,
}

impl Behind {
    pub fn new(corpus: &Arc<dyn Corpus>) -> Behind {
        let (ask, asked) = unbounded::<Waiting>();
        let (say, found) = bounded(AT_A_TIME);
        for _ in 0..AT_A_TIME {
            let (corpus, asked, say) = (corpus.clone(), asked.clone(), say.clone());
            let work = move || {
                for w in asked {
                    let scored = scored(corpus.as_ref(), &w);
                    if say.send((w.index, scored)).is_err() {
                        break;
                    }
                }
            };
            let started = thread::Builder::new().name("lookup".into()).spawn(work);
            if let Err(error) = started {
                tracing::error!("no thread for lookups: {error}");
            }
        }
        Behind {
            ask,
            found,
            waiting: 0,
        }
    }

    /// Has a token looked up. `context`: all ids before it.
    pub fn ask(&mut self, index: usize, token: &Token, context: &[u32]) {
        let _ = self.ask.send(Waiting {
            index,
            context: context[context.len().saturating_sub(LOOKED_BACK)..].to_vec(),
            token: token.id,
            candidates: token.candidates.ids.clone(),
            p: token.candidates.p.clone(),
        });
        self.waiting += 1;
    }

    /// How many tokens wait for their scores.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Fills tokens whose counts have come, and says which. `wait`: for a moment, until one has.
    ///
    /// # Errors
    /// When the corpus fails.
    pub fn fill(
        &mut self,
        tokens: &mut [Token],
        wait: bool,
        mut filled: impl FnMut(usize, &Token, usize),
    ) -> Result<(), CorpusError> {
        let first = match wait && self.waiting > 0 {
            false => None,
            true => match self.found.recv_timeout(MOMENT) {
                Ok(found) => Some(found),
                Err(RecvTimeoutError::Timeout) => None,
                // No thread could be started.
                Err(RecvTimeoutError::Disconnected) => {
                    self.waiting = 0;
                    return Err(CorpusError::Stopped);
                }
            },
        };
        let found = self.found.clone();
        for (index, scored) in first.into_iter().chain(found.try_iter()) {
            self.waiting -= 1;
            let token = &mut tokens[index];
            if let Some((local, counts)) = scored? {
                token.local = Some(local);
                token.candidates.local = counts;
            }
            filled(index, token, self.waiting);
        }
        Ok(())
    }
}

/// The local score of a token; none where the corpus cannot tell, as of a part of a character that its tokenizer does not have.
fn scored(corpus: &dyn Corpus, w: &Waiting) -> Scored {
    let question = LocalQuestion {
        context: &w.context,
        token: w.token,
        candidates: &w.candidates,
    };
    match local::score(corpus, &[question], &[&w.p]) {
        Ok(mut scored) => Ok(scored.pop()),
        Err(CorpusError::Unsupported { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::{
        About, Answered, CorpusInfo, Documents, LocalCounts, MemoryCorpus, NgramCounts, WordCounts,
    };
    use rotescope_trace::Candidates;

    /// Answers late, the first question last, and does not know token 4.
    struct Far(MemoryCorpus);

    impl About for Far {
        fn info(&self) -> CorpusInfo {
            CorpusInfo {
                is_remote: true,
                ..self.0.info()
            }
        }
    }

    impl NgramCounts for Far {
        fn local_counts(
            &self,
            questions: &[LocalQuestion],
        ) -> Result<Vec<Answered<LocalCounts>>, CorpusError> {
            let first = questions[0];
            thread::sleep(Duration::from_millis(200 - 40 * first.context.len() as u64));
            match first.token {
                4 => Err(CorpusError::Unsupported {
                    corpus: "far".into(),
                    what: "what it is",
                }),
                9 => Err(CorpusError::Stopped),
                _ => self.0.local_counts(questions),
            }
        }
    }
    impl WordCounts for Far {}
    impl Documents for Far {}

    fn token(id: u32) -> Token {
        Token {
            id,
            candidates: Candidates {
                ids: vec![1, 2],
                p: vec![0.5, 0.25],
                ..Candidates::default()
            },
            ..Token::default()
        }
    }

    /// How it ended, the tokens, and of each that was filled its index and how many waited.
    type Filled = (Result<(), CorpusError>, Vec<Token>, Vec<(usize, usize)>);

    fn all(ids: &[u32]) -> Filled {
        let memory = MemoryCorpus::of_tokens("m", vec![vec![1, 2, 1, 2, 3, 1]]);
        let corpus: Arc<dyn Corpus> = Arc::new(Far(memory));
        let mut behind = Behind::new(&corpus);
        let (mut tokens, mut told) = (Vec::new(), Vec::new());
        for (i, &id) in ids.iter().enumerate() {
            behind.ask(i, &token(id), &ids[..i]);
            tokens.push(token(id));
        }
        // Nothing has come by now, and nobody waits for it.
        let mut tell = |i: usize, _: &Token, waiting: usize| told.push((i, waiting));
        behind.fill(&mut tokens, false, &mut tell).unwrap();
        let mut result = Ok(());
        while behind.waiting() > 0 && result.is_ok() {
            result = behind.fill(&mut tokens, true, &mut tell);
        }
        (result, tokens, told)
    }

    #[test]
    fn scores_come_in_their_own_order_and_all_of_them() {
        let (result, tokens, told) = all(&[1, 2, 4, 1]);
        result.unwrap();
        assert_eq!(told.len(), 4);
        assert_eq!(told.last().unwrap().1, 0);
        assert_ne!(told[0].0, 0, "the first question is answered last");
        let counts: Vec<&[u64]> = tokens.iter().map(|t| &t.candidates.local[..]).collect();
        assert_eq!(counts, [&[3, 2][..], &[0, 2], &[], &[3, 2]]);
        // What the corpus cannot tell is left open.
        assert!(tokens[2].local.is_none() && tokens[1].local.is_some());
    }

    #[test]
    fn an_error_ends_it() {
        let (result, _, _) = all(&[1, 9, 1]);
        assert!(matches!(result, Err(CorpusError::Stopped)));
    }
}
