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
