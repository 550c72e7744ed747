//! The engine room of the terminal app: one thread owns the scorer and does one job at a time, a second one looks things up in the corpus.
//! Both are told by channel and answer by channel, so that the screen never waits.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, never, unbounded};

use super::frequencies::CorpusFrequencies;
use super::pipeline::{Beginning, Event, RunError, Scorer};
use super::preview::Preview;
use super::prompts::PromptSpec;
use rotescope_corpus::{Corpus, CorpusError};
use rotescope_model::{CancelToken, Engine};
use rotescope_stim::{Progress, Scope};
use rotescope_study::perturb::Plan;
use rotescope_trace::{IndexRef, ModelRef, Span, Step, Token, Trace};

/// A prompt to run, or to go on with.
#[derive(Debug, Clone)]
pub struct Job {
    /// Chosen by the caller; every answer to the job carries it.
    pub id: u64,
    pub prompt: PromptSpec,
    /// What the output begins with; nothing for a new run.
    pub from: Beginning,
}

/// What the threads say.
#[derive(Debug)]
pub enum Update {
    /// What is being prepared, for people.
    Loading(String),
    Ready(Ready),
    /// Tokens of the prompt read, of all.
    Reading {
        job: u64,
        done: usize,
        total: usize,
    },
    /// A generated token with its local score.
    Token {
        job: u64,
        token: Box<Token>,
    },
    /// Steps of the growing chain that are over, with flag and verdict as far as they are known by now.
    Steps {
        job: u64,
        steps: Vec<Step>,
    },
    /// The chain is complete; mid-range and long-range scores are still to come.
    Generated {
        job: u64,
        trace: Box<Trace>,
    },
    /// A token of the chain has all its scores; `done` of `total` have.
    Attributed {
        job: u64,
        index: usize,
        token: Box<Token>,
        done: usize,
        total: usize,
    },
    /// The job is over: what was asked for is in the trace, or as much of it as was done when it was cancelled.
    Finished {
        job: u64,
        trace: Box<Trace>,
    },
    Failed {
        job: u64,
        error: String,
    },
    /// Nothing can be done at all.
    Broken(String),
    Found(Found),
    /// A prompt changed by an operator that asks the corpus, or why it cannot be changed.
    Changed(Result<Box<PromptSpec>, String>),
    Verbatim {
        job: u64,
        spans: Vec<Verbatim>,
    },
}

/// What was loaded.
#[derive(Debug, Clone)]
pub struct Ready {
    pub model: ModelRef,
    pub index: Option<IndexRef>,
}

/// Documents that hold an n-gram.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub ngram: Vec<u32>,
    pub places: u64,
    /// Where the corpus tells.
    pub documents: Option<u64>,
    /// Distinct documents; repeats of a text are counted, not listed.
    pub hits: Vec<Hit>,
    /// Why nothing was found, if the lookup failed.
    pub error: Option<String>,
}

/// One document with the place of the match.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The document's own id, or its number.
    pub id: String,
    /// File and line it came from.
    pub source: String,
    pub text: String,
    /// Bytes of `text` that match.
    pub matched: Span,
    /// How many of the documents looked at have the same text.
    pub copies: usize,
}

/// A stretch of the output that stands in the corpus word for word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verbatim {
    /// In tokens of the output.
    pub tokens: Span,
    /// How often it occurs.
    pub count: u64,
}

/// Documents looked at for one n-gram.
const LOOKED_AT: usize = 200;
/// Distinct documents listed.
const LISTED: usize = 40;

enum Question {
    Documents(Vec<u32>),
    Verbatim(u64, Vec<u32>),
    Change(Box<PromptSpec>, Plan),
}

/// How long leaving waits for the threads. A cancelled model stops within a token; only loading can take longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The handle of both threads. Dropping it cancels what they do and waits until they have let go of the model: llama.cpp must not compute
/// while the process ends.
pub struct Live {
    /// `None` only while dropping.
    jobs: Option<Sender<(Job, CancelToken)>>,
    questions: Option<Sender<Question>>,
    pub updates: Receiver<Update>,
    /// Of the newest job, which may not have begun.
    current: Mutex<CancelToken>,
    /// The token that is looked at.
    focus: Arc<AtomicUsize>,
    /// Closed when both threads are over; nothing is sent.
    over: Receiver<()>,
}

impl Live {
    /// Starts the threads. `open` loads model and index on the first one; it may say by [`Update::Loading`] what it does.
    pub fn start(
        open: impl FnOnce(&Sender<Update>) -> Result<Scorer, String> + Send + 'static,
    ) -> std::io::Result<Live> {
        let (jobs, inbox) = unbounded::<(Job, CancelToken)>();
        let (questions, asked) = unbounded();
        let (say, updates) = unbounded();
        let (at_work, over) = bounded::<()>(0);
        let focus = Arc::new(AtomicUsize::new(0));
        let looked_at = focus.clone();
        thread::Builder::new()
            .name("live".into())
            .spawn(move || match open(&say) {
                Err(error) => drop(say.send(Update::Broken(error))),
                Ok(scorer) => {
                    if let Some((corpus, _)) = &scorer.corpus {
                        let (corpus, engine) = (corpus.clone(), scorer.engine.clone());
                        librarian(corpus, engine, asked, say.clone(), at_work.clone());
                    }
                    let ready = Ready {
                        model: scorer.model.clone(),
                        index: scorer.corpus.as_ref().map(|(_, r)| r.clone()),
                    };
                    let _ = say.send(Update::Ready(ready));
                    for (job, cancel) in inbox {
                        work(&scorer, job, &looked_at, &cancel, &say);
                    }
                    drop(scorer);
                    drop(at_work);
                }
            })?;
        Ok(Live {
            jobs: Some(jobs),
            questions: Some(questions),
            updates,
            current: Mutex::new(CancelToken::new()),
            focus,
            over,
        })
    }

    /// Stops the job at work, or still to be begun, and starts this one.
    pub fn run(&self, job: Job) {
        self.cancel();
        self.look_at(usize::MAX);
        let cancel = CancelToken::new();
        if let Ok(mut c) = self.current.lock() {
            *c = cancel.clone();
        }
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send((job, cancel)); // a dead thread has said why
        }
    }

    /// Stops the newest job, whether it has begun or not; it ends with what it has.
    pub fn cancel(&self) {
        if let Ok(c) = self.current.lock() {
            c.cancel();
        }
    }

    /// Says which token of the job's output is looked at: mid-range and long-range scores of its step are worked out next.
    pub fn look_at(&self, token: usize) {
        self.focus.store(token, Ordering::Relaxed);
    }

    /// Asks for documents; the answer to the last question comes, those before it may be passed over.
    pub fn documents(&self, ngram: Vec<u32>) {
        self.ask(Question::Documents(ngram));
    }

    /// Asks which stretches of an output stand in the corpus word for word.
    pub fn verbatim(&self, job: u64, output: Vec<u32>) {
        self.ask(Question::Verbatim(job, output));
    }

    /// Asks for a prompt changed by operators that need the counts of the corpus.
    pub fn change(&self, prompt: Box<PromptSpec>, plan: Plan) {
        self.ask(Question::Change(prompt, plan));
    }

    fn ask(&self, question: Question) {
        if let Some(questions) = &self.questions {
            let _ = questions.send(question); // without an index nobody answers
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.cancel();
        // Closed channels end the threads; an index that is being built stops when nobody hears how far it is.
        (self.jobs, self.questions, self.updates) = (None, None, never());
        let _ = self.over.recv_timeout(PATIENCE);
    }
}

fn work(
    scorer: &Scorer,
    job: Job,
    focus: &Arc<AtomicUsize>,
    cancel: &CancelToken,
    say: &Sender<Update>,
) {
    let id = job.id;
    let mut preview = Preview::new(scorer, &job.prompt, &job.from.kept);
    let on_event = &mut |event: Event| {
        let steps = match &event {
            Event::Token(t) => preview.push(t),
            _ => Vec::new(),
        };
        let _ = say.send(match event {
            Event::Prompt { done, total } => Update::Reading {
                job: id,
                done,
                total,
            },
            Event::Token(t) => Update::Token {
                job: id,
                token: Box::new(t.clone()),
            },
            Event::Distant(Progress::Token {
                index,
                token,
                done,
                total,
            }) => Update::Attributed {
                job: id,
                index,
                token: Box::new(token.clone()),
                done,
                total,
            },
            Event::Distant(Progress::Passes { .. }) => return,
        });
        if !steps.is_empty() {
            let _ = say.send(Update::Steps { job: id, steps });
        }
    };
    let mut trace = match scorer.go_on(&job.prompt, job.from, cancel, on_event) {
        Ok(trace) => trace,
        // Without a word about its end, the job would seem to go on for ever.
        Err(error) => {
            let error = error.to_string();
            let _ = say.send(Update::Failed { job: id, error });
            return;
        }
    };
    if !cancel.is_cancelled() {
        // What is known of steps by now; it is judged anew when all scores are there.
        scorer.finish.before(Scope::Flagged, &mut trace);
        let _ = say.send(Update::Generated {
            job: id,
            trace: Box::new(trace.clone()),
        });
        match scorer.deepen(&mut trace, Some(focus), cancel, on_event) {
            Ok(()) | Err(RunError::Cancelled) => {}
            Err(error) => {
                let error = error.to_string();
                let _ = say.send(Update::Failed { job: id, error });
            }
        }
    }
    let _ = say.send(Update::Finished {
        job: id,
        trace: Box::new(trace),
    });
}

/// Answers questions about the corpus on a thread of its own, the newest question of a kind first and alone.
fn librarian(
    corpus: Arc<dyn Corpus>,
    engine: Engine,
    asked: Receiver<Question>,
    say: Sender<Update>,
    at_work: Sender<()>,
) {
    let answer = move || {
        let _at_work = at_work;
        let engine = engine; // dropped before it says that it is over
        let frequencies = CorpusFrequencies::new(corpus.clone());
        while let Ok(first) = asked.recv() {
            let (mut documents, mut spans, mut change) = (None, None, None);
            for q in std::iter::once(first).chain(asked.try_iter()) {
                match q {
                    Question::Documents(n) => documents = Some(n),
                    Question::Verbatim(job, out) => spans = Some((job, out)),
                    Question::Change(prompt, plan) => change = Some((prompt, plan)),
                }
            }
            if let Some(ngram) = documents {
                let found = find(corpus.as_ref(), &engine, &ngram).unwrap_or_else(|e| Found {
                    error: Some(e.to_string()),
                    ..Default::default()
                });
                let _ = say.send(Update::Found(Found { ngram, ..found }));
            }
            if let Some((job, output)) = spans {
                let spans = verbatim(corpus.as_ref(), &output).unwrap_or_default();
                let _ = say.send(Update::Verbatim { job, spans });
            }
            if let Some((prompt, plan)) = change {
                let changed = prompt.changed(&plan, Some(&frequencies));
                let changed = changed.map(Box::new).map_err(|e| e.to_string());
                let _ = say.send(Update::Changed(changed));
            }
        }
    };
    if thread::Builder::new()
        .name("librarian".into())
        .spawn(answer)
        .is_err()
    {
        tracing::error!("no thread for lookups");
    }
}

/// Documents that hold an n-gram, distinct texts in the order of the corpus, the most repeated first.
fn find(corpus: &dyn Corpus, engine: &Engine, ngram: &[u32]) -> Result<Found, CorpusError> {
    let found = corpus.occurrences_of(ngram, LOOKED_AT, 0)?.value;
    let mut hits: Vec<Hit> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for place in &found.hits {
        if !seen.insert(place.document) {
            continue;
        }
        let d = corpus.document(place.document)?;
        if let Some(same) = hits.iter_mut().find(|h| h.text == d.text) {
            same.copies += 1;
            continue;
        }
        let matched = matched_bytes(engine, &d.tokens, place.position as usize, ngram, &d.text);
        hits.push(Hit {
            id: d.id.unwrap_or_else(|| format!("document {}", d.ordinal)),
            source: format!("{}, line {}", d.source, d.line),
            text: d.text,
            matched,
            copies: 1,
        });
    }
    hits.sort_by_key(|h| std::cmp::Reverse(h.copies));
    hits.truncate(LISTED);
    Ok(Found {
        ngram: ngram.to_vec(),
        places: found.count,
        documents: found.documents,
        hits,
        error: None,
    })
}

/// Where the n-gram at token `at` lies in the text: its bytes follow those of the tokens before it. A tokenizer that adds bytes of its own
/// (a leading space) shifts them, so they are cut to the text.
fn matched_bytes(engine: &Engine, tokens: &[u32], at: usize, ngram: &[u32], text: &str) -> Span {
    let length = |ids: &[u32]| {
        ids.iter()
            .map(|&id| engine.token_bytes(id).len())
            .sum::<usize>()
    };
    let before = length(&tokens[..at.min(tokens.len())]);
    let end = before + length(ngram);
    let fit = |mut i: usize| {
        i = i.min(text.len());
        while !text.is_char_boundary(i) {
            i -= 1;
        }
        i
    };
    [fit(before), fit(end)]
}

/// Fewest tokens of a stretch that is listed.
const SHORTEST: usize = 4;

/// The longest stretches of an output that occur in the corpus and lie in no longer one: longest first, rarest first among equals.
///
/// With two fingers: the end of the longest match that begins at `i` never moves back as `i` grows, so the output is looked up in about
/// `2 T` counts.
pub fn verbatim(corpus: &dyn Corpus, output: &[u32]) -> Result<Vec<Verbatim>, CorpusError> {
    let mut found: Vec<Verbatim> = Vec::new();
    let mut end = 0;
    for start in 0..output.len() {
        end = end.max(start);
        let before = end;
        let mut count = 0;
        while end < output.len() {
            let next = corpus.count(&output[start..=end])?.value;
            if next == 0 {
                break;
            }
            (count, end) = (next, end + 1);
        }
        // A stretch that ends where the one before it ended lies within it.
        if end > before && end - start >= SHORTEST {
            found.push(Verbatim {
                tokens: [start, end],
                count,
            });
        }
    }
    found.sort_by_key(|v| {
        (
            std::cmp::Reverse(v.tokens[1] - v.tokens[0]),
            v.count,
            v.tokens,
        )
    });
    Ok(found)
}
