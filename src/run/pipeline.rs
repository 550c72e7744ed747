//! One prompt: rendered, generated token by token, each token scored as it comes, put together as a trace.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::attributor::Attributor;
pub use super::attributor::ScoringEvent;
pub use super::error::RunError;
use super::finish::Finish;
use super::generation::{CANCELLED, GeneratingModel};
use super::pii::gate::DecodeGate;
use super::pii::held::Held;
use super::regions::StepRegions;
use super::render::Rendering;
use super::within::ids_within;
use rotescope_corpus::Corpus;
use rotescope_model::{CancelToken, Engine, GenerateRequest, Mixer, Sampling};
use rotescope_stim::NonLocalSettings;
use rotescope_text::SplitBy;
use rotescope_trace::{
    AttributionOptions, IndexRef, ModelRef, Prompt, RunOptions, SCHEMA, Sampler, Token, Trace,
};

/// What an output begins with; nothing for a run from the start.
#[derive(Debug, Clone, Default)]
pub struct Prefix {
    /// Tokens that stay as they are, but for local scores that they lack.
    pub kept: Vec<Token>,
    /// Text behind them, read through the model like generated tokens.
    pub typed: String,
}

/// A model and a corpus, ready to score prompts.
pub struct Scorer {
    pub engine: Engine,
    /// Where counts come from, and its reference for the traces; without one, nothing is scored.
    pub corpus: Option<(Arc<dyn Corpus>, IndexRef)>,
    pub model: ModelRef,
    pub sampler: Sampler,
    pub candidates: usize,
    /// How mid-range and long-range memorization are scored, if they are.
    pub non_local: Option<NonLocalSettings>,
    pub split: SplitBy,
    pub rendering: Rendering,
    /// Verdicts of a process reward model, and flags.
    pub finish: Arc<Finish>,
    /// What completions are kept from saying.
    pub gate: Option<Arc<DecodeGate>>,
    /// What its distributions are mixed with. Traces do not say so: this is for those who keep records of their own.
    pub mixture: Option<Mixer>,
}

impl Scorer {
    /// Greedy, 20 candidates, steps by sentence; nothing is looked up and nothing judged but what can be computed.
    pub fn new(engine: Engine) -> Scorer {
        Scorer {
            engine,
            corpus: None,
            model: ModelRef::default(),
            sampler: Sampler::default(),
            candidates: 20,
            non_local: None,
            split: SplitBy::default(),
            rendering: Rendering::default(),
            finish: Arc::default(),
            gate: None,
            mixture: None,
        }
    }

    /// The same with another sampler.
    pub fn with_sampler(&self, sampler: Sampler) -> Scorer {
        Scorer {
            engine: self.engine.clone(),
            corpus: self.corpus.clone(),
            model: self.model.clone(),
            sampler,
            candidates: self.candidates,
            non_local: self.non_local.clone(),
            split: self.split,
            rendering: self.rendering.clone(),
            finish: self.finish.clone(),
            gate: self.gate.clone(),
            mixture: self.mixture.clone(),
        }
    }

    /// What the traces say of how they were scored.
    pub fn attribution(&self) -> AttributionOptions {
        AttributionOptions {
            candidates: self.candidates,
            steps: self.split.to_string(),
            non_local: self.non_local.as_ref().map(|d| d.options(&self.engine)),
            regions: self.finish.regions.as_ref().map(StepRegions::settings),
        }
    }

    /// What the traces say of how they were generated, beside model and sampler.
    pub fn options(&self) -> RunOptions {
        RunOptions {
            raw: self.rendering.raw,
            context: self.engine.info().context,
            template_variables: self.rendering.variables.as_ref().clone(),
            system: self.rendering.system.as_deref().map(str::to_owned),
            parallel: self.engine.batches(),
            gate: self.gate.as_ref().map(|g| g.reference.clone()),
        }
    }

    /// What is done with the tokens.
    fn attributor(&self) -> Attributor<'_> {
        Attributor {
            corpus: self.corpus.as_ref().map(|(c, r)| (c, r)),
            non_local: self.non_local.as_ref().map(|d| (&self.engine, d)),
            vocabulary: Some(&self.engine),
            finish: &self.finish,
        }
    }

    /// Runs one prompt.
    ///
    /// # Errors
    /// When the prompt does not fit the context, the model or index fails, or `cancel` is set before the end.
    pub fn score(
        &self,
        prompt: &Prompt,
        cancel: &CancelToken,
        on_event: &mut dyn FnMut(ScoringEvent),
    ) -> Result<Trace, RunError> {
        let mut trace = self.generate(prompt, Prefix::default(), cancel, on_event)?;
        if trace.finish == CANCELLED {
            return Err(RunError::Cancelled);
        }
        self.deepen(&mut trace, None, cancel, on_event)?;
        Ok(trace)
    }

    /// Generates for one prompt, on from a prefix, with local scores only: see [`Attributor::complete`]. When it is cancelled, the trace holds
    /// what there is by then, and says so in `finish`.
    ///
    /// # Errors
    /// When the prompt does not fit the context, what was typed has no tokens of its own, or the model or index fails.
    pub fn generate(
        &self,
        prompt: &Prompt,
        from: Prefix,
        cancel: &CancelToken,
        on_event: &mut dyn FnMut(ScoringEvent),
    ) -> Result<Trace, RunError> {
        let known = Trace {
            schema: SCHEMA.into(),
            rotescope: env!("CARGO_PKG_VERSION").into(),
            prompt: self.rendering.render(prompt, &self.engine)?,
            model: self.model.clone(),
            sampler: self.sampler.clone(),
            attribution: self.attribution(),
            run: Some(self.options()),
            tokens: from.kept,
            ..Trace::default()
        };
        let kept = known.tokens.iter().map(|t| t.id);
        let request = GenerateRequest {
            prompt: known.prompt.tokens.iter().copied().chain(kept).collect(),
            forced: ids_within(&self.engine, &from.typed).ok_or(RunError::NoTokens(from.typed))?,
            max_tokens: Some(self.sampler.max_tokens),
            sampling: Sampling {
                temperature: f64::from(self.sampler.temperature),
                top_k: self.sampler.top_k,
                top_p: f64::from(self.sampler.top_p),
                min_p: f64::from(self.sampler.min_p),
                seed: self.sampler.seed,
            },
            stop: self.sampler.stop.clone(),
            stop_loops: self.sampler.stop_loops,
            candidates: self.candidates,
            filter: self.gate.as_ref().and_then(|g| g.filter.clone()),
            mixture: self.mixture.clone(),
        };
        let mut source = GeneratingModel::new(&self.engine, known, request, cancel.clone());
        match self.gate.as_ref().and_then(|g| g.detectors.as_ref()) {
            None => self.attributor().complete(&mut source, on_event),
            Some(detectors) => {
                let spell = |text: &str| ids_within(&self.engine, text);
                let bytes = |id| self.engine.token_bytes(id);
                let mut held = Held::new(source, detectors, &spell, &bytes);
                self.attributor().complete(&mut held, on_event)
            }
        }
    }

    /// Mid-range and long-range memorization of a generated completion, verdicts and flags: see [`Attributor::deepen`].
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
        self.attributor().deepen(trace, focus, cancel, on_event)
    }
}
