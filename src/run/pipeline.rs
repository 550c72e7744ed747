//! One prompt: rendered, generated token by token, each token scored as it comes, put together as a trace.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use crate::run::finish::Finish;
use crate::run::prm::PrmError;
use crate::run::prompts::PromptSpec;
use crate::run::render::{Rendered, render};
use rotescope_corpus::{Corpus, CorpusError, LocalQuestion};

use rotescope_model::{
    self, CancelToken, Engine, Finish as Ended, GenerateRequest, ModelError, Outcome, Sampling,
    TokenEvent,
};
use rotescope_stim::{DistantSettings, StimError, attribute_chain, local};
use rotescope_text::{
    SplitBy, final_answer, same_answer, sanitize, scored, split_steps, think, token_spans,
};
use rotescope_trace::{
    Answer, AttributionOptions, Candidates, Flag, IndexRef, ModelRef, Prompt, RunOptions, SCHEMA,
    Sampler, Span, Step, Timing, Token, Trace,
};

/// Why a prompt could not be scored.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    #[error(transparent)]
    Prm(#[from] PrmError),
    #[error(transparent)]
    Stim(StimError),
    #[error("the model's vocabulary has no tokens that read {0:?}")]
    NoTokens(String),
    #[error("cancelled")]
    Cancelled,
}

/// What an output begins with; nothing for a run from the start.
#[derive(Debug, Clone, Default)]
pub struct Beginning {
    /// Tokens that stay as they are, but for local scores that they lack.
    pub kept: Vec<Token>,
    /// Text behind them, read through the model like generated tokens.
    pub typed: String,
}

impl From<StimError> for RunError {
    fn from(e: StimError) -> Self {
        match e {
            StimError::Cancelled => RunError::Cancelled,
            e => RunError::Stim(e),
        }
    }
}

/// What happens while a prompt is scored, in order.
#[derive(Debug, Clone)]
pub enum Event<'a> {
    /// Tokens of the prompt read, of all.
    Prompt { done: usize, total: usize },
    /// A generated token, with its local score.
    Token(&'a Token),
    /// The chain is generated; its mid-range and long-range memorization is worked out.
    Distant(rotescope_stim::Progress<'a>),
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
    pub distant: Option<DistantSettings>,
    pub split: SplitBy,
    /// Give prompts as they stand, without the model's chat template.
    pub raw: bool,
    /// Verdicts of a process reward model, and flags.
    pub finish: Arc<Finish>,
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
            distant: None,
            split: SplitBy::default(),
            raw: false,
            finish: Arc::default(),
        }
    }

    /// What the traces say of how they were scored.
    pub fn attribution(&self) -> AttributionOptions {
        AttributionOptions {
            candidates: self.candidates,
            steps: self.split.to_string(),
            distant: self.distant.as_ref().map(|d| d.options(&self.engine)),
        }
    }

    /// What the traces say of how they were generated, beside model and sampler.
    pub fn options(&self) -> RunOptions {
        RunOptions {
            raw: self.raw,
            context: self.engine.info().context,
        }
    }

    /// Runs one prompt. Local attribution runs on the calling thread while the model's own thread goes on with the next token.
    ///
    /// # Errors
    /// When the prompt does not fit the context, the model or index fails, or `cancel` is set before the end.
    pub fn score(
        &self,
        prompt: &PromptSpec,
        cancel: &CancelToken,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Trace, RunError> {
        let mut trace = self.go_on(prompt, Beginning::default(), cancel, on_event)?;
        if trace.finish == finish_name(&Ended::Cancelled) {
            return Err(RunError::Cancelled);
        }
        self.deepen(&mut trace, None, cancel, on_event)?;
        Ok(trace)
    }

    /// Mid-range and long-range memorization of a generated chain, where it is asked for, and then verdicts and flags.
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
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), RunError> {
        if let (Some(distant), Some((corpus, _))) = (&self.distant, &self.corpus) {
            self.finish.before(distant.scope, trace);
            let settings = DistantSettings {
                order: focus.map(|_| flagged(trace)),
                focus: focus.cloned(),
                ..distant.clone()
            };
            let mut tell = |p: rotescope_stim::Progress| on_event(Event::Distant(p));
            let (engine, corpus) = (&self.engine, corpus.as_ref());
            let cost = attribute_chain(trace, engine, corpus, &settings, cancel, &mut tell)?;
            trace.timing.attribute += cost.seconds;
        }
        self.finish.apply(trace, cancel)?;
        Ok(())
    }

    /// Generates for one prompt with local scores only, on from a beginning. When it is cancelled, the trace holds what there is by then,
    /// and says so in `finish`.
    ///
    /// # Errors
    /// When the prompt does not fit the context, what was typed has no tokens of its own, or the model or index fails.
    pub fn go_on(
        &self,
        prompt: &PromptSpec,
        from: Beginning,
        cancel: &CancelToken,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Trace, RunError> {
        let rendered = render(prompt, &self.engine, self.raw)?;
        let ids = self.engine.prompt_ids(&rendered.text);
        let mut context = ids.clone();
        let (mut tokens, mut bytes, mut attributing) = (Vec::new(), Vec::new(), 0.0);
        for mut token in from.kept {
            token.span = [bytes.len(), bytes.len() + token.raw().len()];
            bytes.extend_from_slice(&token.raw());
            if let (Some((corpus, _)), None) = (&self.corpus, &token.local) {
                attribute(&mut token, corpus.as_ref(), &context)?;
            }
            context.push(token.id);
            tokens.push(token);
        }
        let kept_bytes = bytes.len();
        let request = GenerateRequest {
            prompt: context.clone(),
            forced: self.typed(&from.typed)?,
            max_tokens: Some(self.sampler.max_tokens),
            sampling: Sampling {
                temperature: f64::from(self.sampler.temperature),
                top_k: self.sampler.top_k,
                top_p: f64::from(self.sampler.top_p),
                min_p: f64::from(self.sampler.min_p),
                seed: self.sampler.seed,
            },
            stop: self.sampler.stop.clone(),
            candidates: self.candidates,
        };
        let mut outcome = None;
        for event in self.engine.generate(request, cancel.clone()) {
            match event {
                rotescope_model::Event::Prompt { done, total } => {
                    on_event(Event::Prompt { done, total })
                }
                rotescope_model::Event::Token(t) => {
                    let began = Instant::now();
                    let mut token = self.token(t, &mut bytes);
                    if let Some((corpus, _)) = &self.corpus {
                        attribute(&mut token, corpus.as_ref(), &context)?;
                    }
                    attributing += began.elapsed().as_secs_f64();
                    context.push(token.id);
                    on_event(Event::Token(&token));
                    tokens.push(token);
                }
                rotescope_model::Event::Finished(o) => outcome = Some(o),
                rotescope_model::Event::Failed(e) => return Err(e.into()),
            }
        }
        let mut outcome = outcome.ok_or(RunError::Cancelled)?;
        outcome.text_bytes += kept_bytes;
        Ok(self.trace(prompt, rendered, ids, tokens, bytes, outcome, attributing))
    }

    /// Token ids of a text that stands within an output. Some tokenizers put a space before what they take for the beginning of a text:
    /// then the tokens behind a line break are taken.
    fn typed(&self, text: &str) -> Result<Vec<u32>, RunError> {
        let bytes = |ids: &[u32]| -> Vec<u8> {
            ids.iter()
                .flat_map(|&id| self.engine.token_bytes(id))
                .collect()
        };
        let ids = self.engine.tokenize(text, false, false);
        if bytes(&ids) == text.as_bytes() {
            return Ok(ids);
        }
        let ids = self.engine.tokenize(&format!("\n{text}"), false, false);
        let found = (0..ids.len()).find(|&i| bytes(&ids[i..]) == text.as_bytes());
        match found {
            Some(i) => Ok(ids[i..].to_vec()),
            None => Err(RunError::NoTokens(text.into())),
        }
    }

    /// A generated token as the trace has it, not yet scored; `bytes`: the output so far, which grows by it.
    fn token(&self, t: TokenEvent, bytes: &mut Vec<u8>) -> Token {
        let from = bytes.len();
        bytes.extend_from_slice(&t.bytes);
        let text = String::from_utf8(t.bytes);
        let hex = |b: &[u8]| b.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let (text, raw) = match text {
            Ok(text) => (text, None),
            Err(e) => (
                String::from_utf8_lossy(e.as_bytes()).into_owned(),
                Some(hex(e.as_bytes())),
            ),
        };
        let show = |id: u32| String::from_utf8_lossy(&self.engine.token_bytes(id)).into_owned();
        Token {
            id: t.id,
            skipped: scored(&text).err().map(|s| s.name().to_string()),
            text,
            bytes: raw,
            span: [from, bytes.len()],
            p: t.probability as f32,
            rank: t.rank,
            entropy: t.entropy as f32,
            candidates: Candidates {
                ids: t.candidates.iter().map(|c| c.id).collect(),
                text: t.candidates.iter().map(|c| show(c.id)).collect(),
                p: t.candidates.iter().map(|c| c.probability as f32).collect(),
                ..Candidates::default()
            },
            local: None,
            mid: None,
            long: None,
            measures: Default::default(),
            cause: None,
        }
    }

    #[allow(clippy::too_many_arguments)] // the parts of a trace, each made elsewhere
    fn trace(
        &self,
        prompt: &PromptSpec,
        rendered: Rendered,
        ids: Vec<u32>,
        tokens: Vec<Token>,
        mut bytes: Vec<u8>,
        outcome: Outcome,
        attributing: f64,
    ) -> Trace {
        // With a stop string the tokens reach beyond the output.
        bytes.truncate(outcome.text_bytes);
        let text = sanitize::same_offsets(&bytes).into_owned();
        let spans: Vec<std::ops::Range<usize>> = tokens
            .iter()
            .map(|t| t.span[0].min(bytes.len())..t.span[1].min(bytes.len()))
            .collect();
        let steps = split_steps(&text, self.split);
        let of_tokens = token_spans(&bytes, &steps, &spans);
        let span = |r: &std::ops::Range<usize>| -> Span { [r.start, r.end] };
        let steps = steps
            .iter()
            .zip(&of_tokens)
            .map(|(s, t)| Step {
                span: span(s),
                tokens: span(t),
                flag: None,
                verdict: None,
            })
            .collect();
        let parts = think::split(&rendered.text, &bytes);
        let reasoning = parts.reasoning.first().map(span);
        // The answer stands after the reasoning; where the output ended within it, nowhere else but in it.
        let after = parts
            .reasoning
            .last()
            .filter(|_| !parts.open)
            .map_or(0, |r| r.end);
        let found = final_answer(&text[after..]);
        let answer = Answer {
            extracted: found.as_ref().map(|a| a.text.to_string()),
            span: found
                .as_ref()
                .map(|a| [after + a.span.start, after + a.span.end]),
            expected: prompt.answer.clone(),
            right: prompt
                .answer
                .as_ref()
                .map(|e| self.is_right(prompt, e, &text, found.as_ref().map(|a| a.text))),
        };
        let generate = (outcome.decode_time + outcome.scoring_time).as_secs_f64();
        let timing = Timing {
            prompt: outcome.prompt_time.as_secs_f64(),
            generate,
            attribute: attributing,
            tokens_per_second: if generate > 0.0 {
                tokens.len() as f64 / generate
            } else {
                0.0
            },
        };
        let mut trace = Trace {
            schema: SCHEMA.into(),
            rotescope: env!("CARGO_PKG_VERSION").into(),
            prompt: Prompt {
                text: rendered.text,
                question_span: rendered.question,
                tokens: ids,
                ..prompt.asked()
            },
            model: self.model.clone(),
            index: self.corpus.as_ref().map(|(_, r)| r.clone()),
            sampler: self.sampler.clone(),
            attribution: self.attribution(),
            run: Some(self.options()),
            judging: None,
            output: String::from_utf8_lossy(&bytes).into_owned(),
            tokens,
            steps,
            reasoning,
            answer,
            finish: finish_name(&outcome.finish).into(),
            timing,
            extra: Default::default(),
        };
        rotescope_judge::judge(&mut trace);
        trace
    }

    /// A raw prompt is a text to be continued: its answer is how it goes on. Any other wants the final answer.
    fn is_right(
        &self,
        prompt: &PromptSpec,
        expected: &str,
        output: &str,
        found: Option<&str>,
    ) -> bool {
        if prompt.raw {
            output.starts_with(expected)
        } else {
            found.is_some_and(|a| same_answer(a, expected))
        }
    }
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

fn finish_name(f: &Ended) -> &'static str {
    match f {
        Ended::End => "end",
        Ended::Stop(_) => "stop",
        Ended::MaxTokens => "length",
        Ended::ContextFull(_) => "context",
        Ended::Cancelled => "cancelled",
    }
}

/// Scores one token against the corpus: candidates' counts after the longest matched context. A token that is not scored is left alone.
///
/// `context`: all ids before the token, prompt and output. Used while generating and when saved traces are scored again.
pub fn attribute(
    token: &mut Token,
    corpus: &dyn Corpus,
    context: &[u32],
) -> Result<(), CorpusError> {
    token.local = None;
    token.candidates.local.clear();
    if token.skipped.is_none() {
        let question = LocalQuestion {
            context,
            token: token.id,
            candidates: &token.candidates.ids,
        };
        if let Some((local, counts)) =
            local::score(corpus, &[question], &[&token.candidates.p])?.pop()
        {
            token.local = Some(local);
            token.candidates.local = counts;
        }
    }
    Ok(())
}
