//! What can be asked of a generation, and what it tells.

use std::time::Duration;

use rotescope_text::Repetition;

use super::error::ModelError;
use super::filter::Filter;
use super::info::ModelInfo;
use super::mixture::Mixer;
use super::sample::Sampling;
use super::softmax::Candidate;
use super::window::check_ids;

/// What to generate.
#[derive(Clone, Debug, PartialEq)]
pub struct GenerateRequest {
    /// Token ids of the prompt, with the BOS token if the model wants one (`Engine::prompt_ids`).
    pub prompt: Vec<u32>,
    /// Tokens that the output begins with, whatever the model would choose; they are reported like generated ones.
    pub forced: Vec<u32>,
    /// Most tokens to generate, forced ones among them; `None` goes on until the model ends or the context is full.
    pub max_tokens: Option<usize>,
    pub sampling: Sampling,
    /// Strings that end the output where they begin.
    pub stop: Vec<String>,
    /// Whether to end where the output only repeats itself: see [`rotescope_text::Repetition`].
    pub stop_loops: bool,
    /// Most probable tokens reported at each position; the chosen token is added if it is not among them.
    pub candidates: usize,
    /// What forbids tokens; forced ones are not asked about.
    pub filter: Option<Filter>,
    /// What changes the distribution that tokens are chosen by; their probabilities are reported as changed.
    pub mixture: Option<Mixer>,
}

impl GenerateRequest {
    /// Greedy, without stop strings, limit, filter or mixture, 20 candidates.
    pub fn new(prompt: Vec<u32>) -> Self {
        Self {
            prompt,
            forced: Vec::new(),
            max_tokens: None,
            sampling: Sampling::default(),
            stop: Vec::new(),
            stop_loops: false,
            candidates: 20,
            filter: None,
            mixture: None,
        }
    }
}

/// What happens during a generation. The last one is always `Finished` or `Failed`.
#[derive(Clone, Debug, PartialEq)]
pub enum GenerationEvent {
    /// `done` of `total` prompt tokens are evaluated.
    Prompt {
        done: usize,
        total: usize,
    },
    Token(TokenEvent),
    Finished(GenerationOutcome),
    Failed(ModelError),
}

/// One generated token.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenEvent {
    /// Place among the generated tokens, from 0.
    pub index: usize,
    pub id: u32,
    /// Its bytes in the output; possibly only a part of a character.
    pub bytes: Vec<u8>,
    /// Under the full softmax, before any sampling transform.
    pub probability: f64,
    /// Natural logarithm of `probability`, exact also where that underflows.
    pub log_probability: f64,
    /// Place by probability, ties by id; 1 is the most probable.
    pub rank: u32,
    /// Entropy of the distribution in bits.
    pub entropy: f64,
    /// The most probable tokens, best first, ties by id; then the chosen token if it is not among them. Those that a filter forbids are left out.
    pub candidates: Vec<Candidate>,
    /// Tokens that would have been chosen here, and that a filter forbids.
    pub refused: u32,
}

/// Why a generation ended.
#[derive(Clone, Debug, PartialEq)]
pub enum FinishReason {
    /// The model chose an end token; [`GenerationOutcome::ending`] has it.
    End,
    /// This stop string appeared.
    Stop(String),
    /// The output only repeats itself.
    Loop(Repetition),
    /// `max_tokens` were generated.
    MaxTokens,
    /// Prompt and output fill the context of this many tokens.
    ContextFull(usize),
    /// Cancelled, or nobody listens any more.
    Cancelled,
}

/// How a generation went.
#[derive(Clone, Debug, PartialEq)]
pub struct GenerationOutcome {
    pub finish: FinishReason,
    /// The end token and its distribution. It is no part of the output.
    pub ending: Option<TokenEvent>,
    /// Length of the output in bytes. With a stop string the tokens reach beyond: the output ends where it begins,
    /// perhaps within a token.
    pub text_bytes: usize,
    pub prompt_tokens: usize,
    /// Tokens reported, without the end token.
    pub generated: usize,
    /// Time for the prompt, for llama.cpp's part of the output, and for our part: softmax, candidates and sampling. Where several completions are
    /// evaluated together, an equal share of the time that it takes.
    pub prompt_time: Duration,
    pub decode_time: Duration,
    pub scoring_time: Duration,
}

/// A whole generation.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    pub tokens: Vec<TokenEvent>,
    pub outcome: GenerationOutcome,
}

impl Generated {
    /// The output: the bytes of the tokens, up to a stop string.
    pub fn text(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.tokens.iter().flat_map(|t| &t.bytes).copied().collect();
        bytes.truncate(self.outcome.text_bytes);
        bytes
    }
}

/// Whether a request can be served.
pub(super) fn check(info: &ModelInfo, request: &GenerateRequest) -> Result<(), ModelError> {
    request.sampling.check()?;
    let tokens = request.prompt.len();
    if tokens == 0 {
        let what = "the prompt is empty, and the model has no token to begin with; write something";
        return Err(ModelError::BadRequest(what.to_owned()));
    }
    if tokens >= info.context {
        return Err(ModelError::PromptTooLong {
            tokens,
            limit: info.context,
            trained: info.context_train,
        });
    }
    check_ids(&request.prompt, info.vocabulary)?;
    check_ids(&request.forced, info.vocabulary)
}
