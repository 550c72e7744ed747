//! The handle of the threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, never, unbounded};

use super::job::work;
use super::lookup::{Question, librarian};
use super::messages::{Job, Passage, Ready, Update};
use crate::run::pipeline::Scorer;
use rotescope_model::CancelToken;
use rotescope_study::perturb::Plan;
use rotescope_trace::{Prompt, Span};

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
        open: impl FnOnce(&Sender<Update>) -> Result<(Scorer, Option<String>), String> + Send + 'static,
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
                Ok((scorer, note)) => {
                    if let Some((corpus, _)) = &scorer.corpus {
                        let (corpus, engine) = (corpus.clone(), scorer.engine.clone());
                        librarian(corpus, engine, asked, say.clone(), at_work.clone());
                    }
                    let corpus = scorer.corpus.as_ref();
                    let ready = Ready {
                        remote: corpus.is_some_and(|(c, _)| c.info().is_remote),
                        model: scorer.model.clone(),
                        index: scorer.corpus.as_ref().map(|(_, r)| r.clone()),
                        note,
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

    /// No threads: nothing is run, and nothing is looked up.
    pub fn idle() -> Live {
        let (_, over) = bounded(0);
        Live {
            jobs: None,
            questions: None,
            updates: never(),
            current: Mutex::new(CancelToken::new()),
            focus: Arc::default(),
            over,
        }
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
    pub fn documents(&self, passage: Passage) {
        self.ask(Question::Documents(passage));
    }

    /// Asks which stretches of an output stand in the corpus word for word.
    pub fn verbatim(&self, job: u64, output: Vec<u32>) {
        self.ask(Question::Verbatim(job, output));
    }

    /// Asks what of the steps of an output a document has.
    pub fn regions(&self, job: u64, output: String, steps: Vec<Span>) {
        self.ask(Question::Regions(job, output, steps));
    }

    /// Asks for a prompt changed by operators that need the counts of the corpus.
    pub fn change(&self, prompt: Box<Prompt>, plan: Plan) {
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
