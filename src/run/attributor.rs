//! From tokens of any source to a finished trace.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use super::behind::Behind;
use super::error::RunError;
use super::finish::Finish;
use super::generation::CANCELLED;
use super::retro::tokens::{infinigram, retrieved};
use super::source::{Next, TokenSource};
use rotescope_corpus::{Corpus, CorpusError, LocalQuestion};
use rotescope_import::reading::read;
use rotescope_model::{CancelToken, Engine};
use rotescope_stim::{NonLocalSettings, Progress, attribute_completion, local};
use rotescope_trace::{Flag, IndexRef, Step, Token, Trace};

/// What happens while a completion is scored, in order.
#[derive(Debug, Clone)]
pub enum ScoringEvent<'a> {
    /// Tokens of the prompt read, of all.
    Prompt { done: usize, total: usize },
    /// A token of the completion, with its local score, or without where that comes behind it.
    Token(&'a Token),
    /// A token has got its local score behind the others; so many still wait.
    Local {
        index: usize,
        token: &'a Token,
        waiting: usize,
    },
    /// The completion is there; its mid-range and long-range memorization is worked out.
    NonLocal(Progress<'a>),
}

/// What is done with the tokens of a completion, wherever they come from.
#[derive(Clone, Copy)]
pub struct Attributor<'a> {
    /// Where counts come from, and its reference for the traces; without one, nothing is looked up.
    pub corpus: Option<(&'a Arc<dyn Corpus>, &'a IndexRef)>,
    /// The model that wrote the completion, and how mid-range and long-range memorization are scored, if they are.
    pub non_local: Option<(&'a Engine, &'a NonLocalSettings)>,
    /// The model where it is loaded, for its vocabulary: what the prompt's tokens spell, so that contexts can begin at the border of a word, and which token
    /// is the end of a text, so that the corpus can be asked what comes next.
    pub vocabulary: Option<&'a Engine>,
    /// Verdicts of a process reward model, and flags.
    pub finish: &'a Finish,
}

/// The tokens before one, of prompt and output.
struct Before {
    ids: Vec<u32>,
    /// Whether no word or number runs into it, as far as is known.
    borders: Vec<bool>,
    /// What the last one spells.
    last: Vec<u8>,
}

impl Before {
    fn prompt(ids: &[u32], vocabulary: Option<&Engine>) -> Before {
        let mut before = Before {
            ids: Vec::new(),
            borders: Vec::new(),
            last: Vec::new(),
        };
        for &id in ids {
            match vocabulary {
                Some(engine) => before.push(id, engine.token_bytes(id)),
                None => {
                    before.ids.push(id);
                    before.borders.push(false);
                }
            }
        }
        before
    }

    fn push(&mut self, id: u32, bytes: Vec<u8>) {
        self.borders.push(local::begins_apart(&self.last, &bytes));
        self.ids.push(id);
        self.last = bytes;
    }
}

impl Attributor<'_> {
    /// Takes all tokens of a source: a trace with local scores, read and judged as far as is known by then. Local attribution runs on the
    /// calling thread while the source may work on the next token.
    ///
    /// # Errors
    /// When the source or the corpus fails.
    pub fn complete(
        &self,
        source: &mut dyn TokenSource,
        on_event: &mut dyn FnMut(ScoringEvent),
    ) -> Result<Trace, RunError> {
        let mut trace = source.start();
        let mut other = false;
        if let Some((_, reference)) = self.corpus {
            other = trace.index.as_ref().is_some_and(|was| was != reference);
            // Documents of another corpus say nothing here.
            if other {
                trace.steps.iter_mut().for_each(|s| s.region = None);
                trace.attribution.regions = None;
            }
            trace.index = Some(reference.clone());
        }
        let mut output = Vec::new();
        let mut context = Before::prompt(&trace.prompt.tokens, self.vocabulary);
        let mut seconds = 0.0;
        let remote = self.corpus.filter(|(c, _)| c.info().is_remote);
        let mut behind = remote.map(|(corpus, _)| Behind::new(corpus));
        let here = self.corpus.filter(|_| remote.is_none());
        let corpus_alone = here.zip(self.vocabulary);
        let corpus_alone = corpus_alone.map(|((corpus, _), model)| infinigram(corpus, model));
        for (i, token) in trace.tokens.iter_mut().enumerate() {
            place(token, &mut output);
            match &mut behind {
                _ if token.local.is_some() => {}
                Some(behind) if token.skipped.is_none() => behind.ask(i, token, &context.ids),
                Some(_) => {}
                None => self.local(token, &context)?,
            }
            if let (Some(alone), None) = (&corpus_alone, &token.retrieved) {
                token.retrieved = retrieved(alone, &context.ids, token)?;
            }
            context.push(token.id, token.raw());
        }
        let mut end = loop {
            if let Some(behind) = &mut behind {
                come(behind, &mut trace.tokens, false, on_event)?;
            }
            match source.next()? {
                Next::Prompt { done, total } => on_event(ScoringEvent::Prompt { done, total }),
                Next::Token(mut token) => {
                    let began = Instant::now();
                    place(&mut token, &mut output);
                    match &mut behind {
                        Some(behind) => {
                            token.local = None;
                            token.candidates.local.clear();
                            if token.skipped.is_none() {
                                behind.ask(trace.tokens.len(), &token, &context.ids);
                            }
                        }
                        None => self.local(&mut token, &context)?,
                    }
                    match &corpus_alone {
                        Some(alone) => token.retrieved = retrieved(alone, &context.ids, &token)?,
                        // What another corpus has says nothing here.
                        None if other => token.retrieved = None,
                        None => {}
                    }
                    seconds += began.elapsed().as_secs_f64();
                    context.push(token.id, token.raw());
                    on_event(ScoringEvent::Token(&token));
                    trace.tokens.push(*token);
                }
                Next::End(end) => break end,
            }
        };
        if let Some(mut behind) = behind {
            let began = Instant::now();
            while behind.waiting() > 0 && !source.is_cancelled() {
                come(&mut behind, &mut trace.tokens, true, on_event)?;
            }
            seconds += began.elapsed().as_secs_f64();
            // Its tokens are all there, but not all their scores.
            if behind.waiting() > 0 {
                end.finish = CANCELLED.into();
            }
        }
        output.truncate(end.length.unwrap_or(usize::MAX));
        (trace.finish, trace.timing) = (end.finish, end.timing);
        // Of this run, whatever an earlier one took.
        (trace.timing.attribute, trace.timing.attribute_tokens) = (seconds, 0);
        if !source.is_read() {
            read(&mut trace, &output, &self.finish.marks);
        }
        self.finish.so_far(&mut trace);
        Ok(trace)
    }

    /// Mid-range and long-range memorization of a completion, where it is asked for, and then all verdicts, flags and regions.
    ///
    /// `focus`: the token that someone watches; the tokens of its step come first, then those of flagged steps.
    ///
    /// # Errors
    /// When the model or index fails, or `cancel` is set before the end: what is done by then stays.
    pub fn deepen(
        &self,
        trace: &mut Trace,
        focus: Option<&Arc<AtomicUsize>>,
        cancel: &CancelToken,
        on_event: &mut dyn FnMut(ScoringEvent),
    ) -> Result<(), RunError> {
        if let (Some((engine, non_local)), Some((corpus, _))) = (self.non_local, self.corpus) {
            let settings = NonLocalSettings {
                order: focus.map(|_| flagged(trace)),
                focus: focus.cloned(),
                ..non_local.clone()
            };
            let mut tell = |p: Progress| on_event(ScoringEvent::NonLocal(p));
            let corpus = corpus.as_ref();
            let cost = attribute_completion(trace, engine, corpus, &settings, cancel, &mut tell)?;
            trace.timing.attribute += cost.seconds;
            trace.timing.attribute_tokens += cost.whole.evaluated;
        }
        self.finish.apply(trace, cancel)?;
        if let (Some(regions), Some((corpus, _))) = (&self.finish.regions, self.corpus) {
            regions.apply(trace, corpus.as_ref())?;
        }
        Ok(())
    }

    /// Scores one token against the corpus, where there is one: candidates' counts after the longest matched context. A token that is not
    /// scored is left alone.
    ///
    /// `before`: all tokens before it, prompt and output.
    fn local(&self, token: &mut Token, before: &Before) -> Result<(), CorpusError> {
        let Some((corpus, _)) = self.corpus else {
            return Ok(());
        };
        token.local = None;
        token.candidates.local.clear();
        if token.skipped.is_none() {
            let question = LocalQuestion {
                context: &before.ids,
                token: token.id,
                candidates: &token.candidates.ids,
            };
            let p = &token.candidates.p;
            if let Some((mut local, counts)) =
                local::score(corpus.as_ref(), &[question], &[p])?.pop()
            {
                local.aligned =
                    local::aligned(corpus.as_ref(), &question, p, &local, &before.borders)?;
                token.local = Some(local);
                token.candidates.local = counts;
            }
        }
        Ok(())
    }
}

/// Fills the tokens whose counts have come, and says so.
fn come(
    behind: &mut Behind,
    tokens: &mut [Token],
    wait: bool,
    on_event: &mut dyn FnMut(ScoringEvent),
) -> Result<(), CorpusError> {
    behind.fill(tokens, wait, |index, token, waiting| {
        on_event(ScoringEvent::Local {
            index,
            token,
            waiting,
        });
    })
}

/// Says where a token lies in the output, which grows by it.
fn place(token: &mut Token, output: &mut Vec<u8>) {
    let from = output.len();
    output.extend_from_slice(&token.raw());
    token.span = [from, output.len()];
}

/// Steps that are likely wrong, the likeliest first.
fn flagged(trace: &Trace) -> Vec<usize> {
    let p = |s: &Step| s.flag.as_ref().map_or(0.0, |f| f.p);
    let mut steps: Vec<usize> = (0..trace.steps.len())
        .filter(|&i| trace.steps[i].flag.as_ref().is_some_and(Flag::is_raised))
        .collect();
    steps.sort_by(|&a, &b| p(&trace.steps[b]).total_cmp(&p(&trace.steps[a])));
    steps
}

#[cfg(test)]
mod tests {
    use super::super::source::{End, Next, TokenSource, plain_token};
    use super::*;
    use rotescope_corpus::MemoryCorpus;
    use rotescope_trace::{AttributionOptions, Prompt};
    use rotescope_vocab::{Encode, VocabError};

    /// A token for each byte.
    struct Bytes;

    impl Encode for Bytes {
        fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
            Ok(texts.iter().map(|t| ids(t)).collect())
        }

        fn token_bytes(&self, id: u32) -> Vec<u8> {
            vec![id as u8]
        }

        fn size(&self) -> usize {
            256
        }

        fn fingerprint(&self) -> &str {
            "bytes"
        }
    }

    fn ids(text: &str) -> Vec<u32> {
        text.bytes().map(u32::from).collect()
    }

    /// Text from somewhere else, without probabilities; what is behind `kept` comes token by token.
    struct Text {
        known: Trace,
        rest: std::vec::IntoIter<u32>,
        length: Option<usize>,
    }

    impl Text {
        fn new(prompt: &str, output: &str, kept: usize, length: Option<usize>) -> Text {
            let asked = Prompt {
                id: "a".into(),
                question: prompt.into(),
                answer: Some("5".into()),
                ..Prompt::default()
            };
            let mut known = Trace {
                prompt: asked.into(),
                attribution: AttributionOptions {
                    steps: "sen".into(),
                    ..AttributionOptions::default()
                },
                ..Trace::default()
            };
            known.prompt.text = prompt.into();
            known.prompt.tokens = ids(prompt);
            let mut ids = ids(output);
            let rest = ids.split_off(kept).into_iter();
            known.tokens = ids
                .iter()
                .map(|&id| plain_token(id, vec![id as u8]))
                .collect();
            Text {
                known,
                rest,
                length,
            }
        }
    }

    impl TokenSource for Text {
        fn start(&mut self) -> Trace {
            self.known.clone()
        }

        fn next(&mut self) -> Result<Next, RunError> {
            Ok(match self.rest.next() {
                Some(id) => Next::Token(Box::new(plain_token(id, vec![id as u8]))),
                None => Next::End(End {
                    finish: "end".into(),
                    length: self.length,
                    ..End::default()
                }),
            })
        }
    }

    const PROMPT: &str = "Q: 2 + 3? ";
    const OUTPUT: &str = "2 + 3 = 5. The answer is 5.";

    fn complete(source: &mut dyn TokenSource) -> (Trace, Vec<String>) {
        let texts = ["Q: 2 + 3? 2 + 3 is 5.", "The answer is 5. The answer is 4."];
        let corpus = MemoryCorpus::of_texts("texts", &texts, &Bytes).unwrap();
        let corpus: Arc<dyn Corpus> = Arc::new(corpus);
        let finish = Finish::default();
        let attributor = Attributor {
            corpus: Some((&corpus, &IndexRef::default())),
            non_local: None,
            vocabulary: None,
            finish: &finish,
        };
        let mut told = Vec::new();
        let mut on_event = |event: ScoringEvent| {
            if let ScoringEvent::Token(t) = event {
                told.push(t.text.clone());
            }
        };
        let mut trace = attributor.complete(source, &mut on_event).unwrap();
        let cancel = CancelToken::new();
        let deepened = attributor.deepen(&mut trace, None, &cancel, &mut on_event);
        deepened.unwrap();
        (trace, told)
    }

    #[test]
    fn plain_text_becomes_a_finished_trace() {
        let (trace, told) = complete(&mut Text::new(PROMPT, OUTPUT, 0, None));
        trace.validate().unwrap();
        assert_eq!(
            (trace.output.as_str(), told.concat()),
            (OUTPUT, OUTPUT.into())
        );
        let spans: Vec<_> = trace.steps.iter().map(|s| s.span).collect();
        assert_eq!(spans, [[0, 11], [11, 27]]);
        assert_eq!(trace.answer.extracted.as_deref(), Some("5"));
        assert_eq!(
            (trace.answer.right, trace.finish.as_str()),
            (Some(true), "end")
        );
        let verdict = trace.steps[0].verdict.as_ref().expect("computed");
        assert!(verdict.right && verdict.by == "arithmetic");
        // The prompt and the token before it: "Q: 2 + 3? " and then "2".
        let first = trace.tokens[0].local.as_ref().expect("looked up");
        assert_eq!((first.context, first.match_count), (PROMPT.len(), 1));
        assert_eq!(first.score, None);
        assert_eq!(first.undefined.as_deref(), Some("no_candidates"));
        let seen = |t: &&Token| t.text == "5";
        let five = trace.tokens.iter().rfind(seen).unwrap();
        // " 3 = " occurs nowhere; "The answer is " does twice, once before 5.
        let five = five.local.as_ref().unwrap();
        assert_eq!(
            (five.context, five.context_count, five.match_count),
            (14, 2, 1)
        );
        assert!(trace.steps.iter().all(|s| s.flag.is_none()));
    }

    #[test]
    fn a_prefix_is_scored_but_not_told_and_a_stop_ends_the_output_early() {
        let (whole, _) = complete(&mut Text::new(PROMPT, OUTPUT, 0, None));
        let (trace, told) = complete(&mut Text::new(PROMPT, OUTPUT, 11, Some(24)));
        assert_eq!(told.concat(), OUTPUT[11..]);
        assert_eq!(
            (trace.output.as_str(), trace.tokens.len()),
            (&OUTPUT[..24], 27)
        );
        assert_eq!(trace.answer.span, Some([8, 9]), "of the first sentence");
        let local = |t: &Trace| serde_json::to_value(&t.tokens).unwrap();
        assert_eq!(local(&trace), local(&whole));
        assert_eq!(trace.steps.last().map(|s| s.span), Some([11, 24]));
    }

    #[test]
    fn a_saved_trace_keeps_what_was_read_of_it() {
        let (mut trace, _) = complete(&mut Text::new(PROMPT, OUTPUT, 0, None));
        trace.answer.extracted = Some("read by someone".into());
        trace.steps.truncate(1);
        trace.tokens[3]
            .measures
            .insert("old".into(), Default::default());
        let (again, _) = complete(&mut super::super::saved::SavedTrace::new(trace.clone()));
        trace.tokens[3].measures.clear();
        trace.timing = again.timing.clone();
        let value = |t: &Trace| serde_json::to_value(t).unwrap();
        assert_eq!(value(&again), value(&trace));
    }
}
