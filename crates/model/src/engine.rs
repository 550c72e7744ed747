//! The engine: one thread that owns llama.cpp's contexts, and the handle through which others use it.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::cancel::CancelToken;
use super::encoder::{piece, tokenize};
use super::error::ModelError;
use super::generate::{GenerateRequest, Generated, GenerationEvent};
use super::generator::{Generator, Job};
use super::info::ModelInfo;
use super::load;
use super::options::ModelOptions;
use super::score::Scorer;
use super::threads::{Load, Threads};
use super::weights::Weights;
use super::window::{Scored, Window};

/// A loaded model. Cheap to clone, usable from any thread; the model is freed with the last clone.
///
/// Work goes to the model's own thread and is done in the order it was asked for; with several [`ModelOptions::sequences`], completions are generated
/// side by side, and windows scored between their tokens.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    model: Arc<Weights>,
    info: Arc<ModelInfo>,
    /// Completions at a time, where what comes of it may depend on that.
    batches: Option<usize>,
    /// `None` only while dropping.
    work: Option<Sender<Work>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// Bytes of the longest token, once somebody asked.
    longest: OnceLock<usize>,
}

/// Windows, and whether their hidden states are wanted.
type Question = (Vec<Window>, bool);

enum Work {
    Generate(Job),
    Score(Question, CancelToken, Sender<Result<Scored, ModelError>>),
}

impl Engine {
    /// Loads a model on a thread of its own and waits for it.
    ///
    /// `on_progress` runs on that thread with the share that is loaded, 0 to 1; when it breaks, loading stops.
    ///
    /// # Errors
    /// A file that is missing, damaged, no GGUF, of an unknown architecture, without weights, or too large for the
    /// memory that is free; [`ModelError::LoadStopped`].
    pub fn load(
        options: ModelOptions,
        on_progress: impl FnMut(f32) -> ControlFlow<()> + Send + 'static,
    ) -> Result<Self, ModelError> {
        let (work, inbox) = unbounded();
        let (ready, loaded) = bounded(1);
        let closing = Arc::new(AtomicBool::new(false));
        let batches = Some(options.sequences).filter(|n| *n > 1 && !options.exact);
        let flag = closing.clone();
        let thread = std::thread::Builder::new()
            .name("model".to_owned())
            .spawn(move || {
                let load = Load::since_now();
                match open(&options, on_progress) {
                    Err(e) => drop(ready.send(Err(e))),
                    Ok((model, info)) => {
                        let (model, info) = (Arc::new(model), Arc::new(info));
                        // If nobody waits any more, the closed inbox ends the loop below at once.
                        let _ = ready.send(Ok((model.clone(), info.clone())));
                        drop(ready);
                        let threads = Threads::new(&options, info.parameters, load);
                        work_loop(&model, &info, &options, threads, &inbox, &flag);
                    }
                }
            })
            .map_err(|e| ModelError::BadRequest(format!("no thread for the model: {e}")))?;
        let (model, info) = loaded.recv().unwrap_or(Err(ModelError::WorkerGone))?;
        Ok(Self(Arc::new(Inner {
            model,
            info,
            batches,
            work: Some(work),
            closing,
            thread: Some(thread),
            longest: OnceLock::new(),
        })))
    }

    pub fn info(&self) -> &Arc<ModelInfo> {
        &self.0.info
    }

    /// Completions that are generated at a time, where their numbers may depend on that: [`ModelOptions::exact`] is off.
    pub fn batches(&self) -> Option<usize> {
        self.0.batches
    }

    /// Token ids of `text` by llama.cpp's tokenizer. `add_special` adds BOS and EOS where the model wants them;
    /// `parse_special` reads special tokens that stand literally in the text as those tokens.
    pub fn tokenize(&self, text: &str, add_special: bool, parse_special: bool) -> Vec<u32> {
        tokenize(&self.0.model, text, add_special, parse_special)
    }

    /// Token ids of a prompt: special tokens in it are read as such, the model's BOS token comes first if it wants
    /// one and the text does not already begin with it (chat templates often write it), and no EOS token follows.
    pub fn prompt_ids(&self, text: &str) -> Vec<u32> {
        let mut ids = self.tokenize(text, false, true);
        let info = self.info();
        if let (true, Some(bos)) = (info.add_bos, info.bos)
            && ids.first() != Some(&bos)
        {
            ids.insert(0, bos);
        }
        ids
    }

    /// Refuses a prompt that has more bytes than as many tokens as the context holds could have. It costs nothing, where to cut it into tokens
    /// takes half a minute for 100 MB.
    ///
    /// # Errors
    /// [`ModelError::TextTooLong`].
    pub fn expect_room(&self, text: &str) -> Result<(), ModelError> {
        let info = self.info();
        if text.len() <= info.context {
            return Ok(());
        }
        let longest = *self.0.longest.get_or_init(|| {
            let ids = 0..u32::try_from(info.vocabulary).unwrap_or(u32::MAX);
            ids.map(|id| self.token_bytes(id).len()).max().unwrap_or(0)
        });
        // Some tokenizers drop white space, and write characters in shorter forms: at most a fourth of what Unicode's normal forms can take.
        let shortest = || text.bytes().filter(|b| !b.is_ascii_whitespace()).count() / 4;
        let room = info.context.saturating_mul(longest);
        if longest == 0 || text.len() / 4 <= room || shortest() <= room {
            return Ok(());
        }
        Err(ModelError::TextTooLong {
            bytes: text.len(),
            limit: info.context,
            trained: info.context_train,
        })
    }

    /// Bytes of a token as they appear in text; empty for an unknown id.
    pub fn token_bytes(&self, id: u32) -> Vec<u8> {
        piece(&self.0.model, id)
    }

    /// Starts a generation. Its events wait in the channel, however slowly they are taken; dropping the receiver
    /// cancels. If the thread dies, the channel closes without a last event.
    pub fn generate(
        &self,
        request: GenerateRequest,
        cancel: CancelToken,
    ) -> Receiver<GenerationEvent> {
        let (sender, events) = unbounded();
        self.send(Work::Generate(Job {
            request,
            cancel,
            events: sender,
        }));
        events
    }

    /// Generates, and waits for the end. `on_event` sees every event as it comes.
    ///
    /// # Errors
    /// A prompt that is empty, too long or from another vocabulary; options out of range; failures of llama.cpp.
    /// To be cancelled is no error: see [`GenerationOutcome::finish`].
    pub fn generate_all(
        &self,
        request: GenerateRequest,
        cancel: CancelToken,
        mut on_event: impl FnMut(&GenerationEvent),
    ) -> Result<Generated, ModelError> {
        let mut tokens = Vec::new();
        for event in self.generate(request, cancel) {
            on_event(&event);
            match event {
                GenerationEvent::Token(token) => tokens.push(token),
                GenerationEvent::Finished(outcome) => return Ok(Generated { tokens, outcome }),
                GenerationEvent::Failed(error) => return Err(error),
                GenerationEvent::Prompt { .. } => {}
            }
        }
        Err(ModelError::WorkerGone)
    }

    /// What the model says at the wanted positions of many token sequences. Prefixes that windows share are
    /// evaluated once. On processors the numbers of a window are those it has alone, to the bit, with the dense models that
    /// were tried; mixtures of experts were not.
    ///
    /// # Errors
    /// A window that is too long, has ids outside the vocabulary, or asks for positions it does not have;
    /// [`ModelError::Cancelled`]; failures of llama.cpp. The engine stays usable.
    pub fn score(&self, windows: Vec<Window>, cancel: &CancelToken) -> Result<Scored, ModelError> {
        self.ask((windows, false), cancel)
    }

    /// The same with [`Scored::hidden`]. It takes longer: llama.cpp works out what every token of a window leads to.
    ///
    /// # Errors
    /// As [`Engine::score`].
    pub fn score_hidden(
        &self,
        windows: Vec<Window>,
        cancel: &CancelToken,
    ) -> Result<Scored, ModelError> {
        self.ask((windows, true), cancel)
    }

    fn ask(&self, question: Question, cancel: &CancelToken) -> Result<Scored, ModelError> {
        let (sender, answer) = bounded(1);
        self.send(Work::Score(question, cancel.clone(), sender));
        answer.recv().unwrap_or(Err(ModelError::WorkerGone))
    }

    fn send(&self, work: Work) {
        if let Some(sender) = &self.0.work {
            // A dead thread drops the answer's sender with the work, which the caller sees as WorkerGone.
            let _ = sender.send(work);
        }
    }
}

impl Drop for Inner {
    /// Stops the work in progress and waits for the thread: llama.cpp must not compute while the process ends.
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Release);
        self.work = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the model's thread panicked");
        }
    }
}

/// Architectures that llama.cpp loads but that do not continue text: encoders, and models with an encoder in front.
const NOT_CAUSAL: [&str; 11] = [
    "bert",
    "modern-bert",
    "nomic-bert",
    "nomic-bert-moe",
    "neo-bert",
    "jina-bert-v2",
    "jina-bert-v3",
    "eurobert",
    "t5",
    "t5encoder",
    "wavtokenizer-dec",
];

fn open(
    options: &ModelOptions,
    on_progress: impl FnMut(f32) -> ControlFlow<()> + 'static,
) -> Result<(Weights, ModelInfo), ModelError> {
    let (path, head) = load::preflight(&options.path)?;
    let (path, bytes) = (&path, head.bytes);
    let on_device = load::backend().supports_gpu_offload() && options.gpu_layers != Some(0);
    if options.check_memory && !on_device {
        load::check_memory(path, "its weights", bytes)?;
    }
    let model = load::open(path, false, options.gpu_layers, on_progress)?;
    let info = ModelInfo::read(&model, path.clone(), bytes, options.context);
    let causal = model.meta_val_str(&format!("{}.attention.causal", info.architecture));
    if NOT_CAUSAL.contains(&info.architecture.as_str()) || causal.as_deref() == Ok("false") {
        return Err(ModelError::NotCausal {
            path: path.clone(),
            architecture: info.architecture,
        });
    }
    let mut weights = Weights::from(model);
    if let Some(adapter) = &options.adapter {
        weights.adapt(adapter)?;
    }
    Ok((weights, info))
}

/// The thread: contexts are made when first needed, and end with it.
fn work_loop<'m>(
    model: &'m Weights,
    info: &'m ModelInfo,
    options: &'m ModelOptions,
    mut threads: Threads,
    inbox: &Receiver<Work>,
    closing: &AtomicBool,
) {
    let mut generator: Option<Generator<'m>> = None;
    let mut scorer = None;
    loop {
        let busy = generator.as_mut().filter(|g| !g.is_idle());
        let work = match busy {
            None => match inbox.recv() {
                Ok(work) => work,
                Err(_) => return,
            },
            // One completion at a time: what was asked for later is done later.
            Some(generator) if options.sequences <= 1 => {
                generator.step(&mut threads, closing);
                continue;
            }
            Some(generator) => match inbox.try_recv() {
                Ok(work) => work,
                Err(_) => {
                    generator.step(&mut threads, closing);
                    continue;
                }
            },
        };
        match work {
            Work::Generate(job) => {
                let hidden = job.reads_hidden();
                // One that is at work goes on as it is.
                let fits = |g: &Generator<'_>| g.hidden() == hidden || !g.is_idle();
                let ready = match generator.take().filter(fits) {
                    Some(ready) => Ok(ready),
                    None => Generator::new(model, options, info, (threads.now(), hidden)),
                };
                match ready {
                    Ok(ready) => generator.insert(ready).take(job),
                    Err(error) => _ = job.events.send(GenerationEvent::Failed(error)),
                }
            }
            Work::Score((windows, hidden), cancel, answer) => {
                let stopped = || cancel.is_cancelled() || closing.load(Ordering::Acquire);
                let how = (threads.now(), hidden);
                let scored = score(&mut scorer, model, info, options, &windows, how, &stopped);
                let _ = answer.send(scored);
            }
        }
    }
}

fn score<'m>(
    scorer: &mut Option<Scorer<'m>>,
    model: &'m Weights,
    info: &ModelInfo,
    options: &ModelOptions,
    windows: &[Window],
    how: (i32, bool),
    stopped: &dyn Fn() -> bool,
) -> Result<Scored, ModelError> {
    let longest = Scorer::check(windows, info)?;
    let unit = scorer.as_ref().map(Scorer::unit);
    if scorer.as_ref().is_some_and(|s| !s.serves(longest, how)) {
        // Free the old cache before asking for a larger one.
        *scorer = None;
    }
    let scorer = match scorer {
        Some(ready) => ready,
        None => scorer.insert(Scorer::new(model, options, info, longest, how, unit)?),
    };
    scorer.run(windows, stopped)
}
