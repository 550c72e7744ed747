//! The one result type, on screen and in files: a [`Trace`] is one prompt run through one model.
//!
//! Pure data. [`jsonl`] reads and writes it, one line a trace. Positions are byte offsets into the output (the bytes of the tokens,
//! one after another) or into the prompt text, as half-open `[start, end]` pairs.

pub mod jsonl;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Name and version of the format; the number changes when a reader of the older one would misread the newer.
pub const SCHEMA: &str = "rotescope.trace/1";

/// A half-open range, `[start, end]` in files.
pub type Span = [usize; 2];

/// One prompt, what the model answered, and how much of it is rote.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Trace {
    /// [`SCHEMA`].
    pub schema: String,
    /// The version of rotescope that made this line.
    pub rotescope: String,
    pub prompt: Prompt,
    pub model: ModelRef,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<IndexRef>,
    pub sampler: Sampler,
    pub attribution: AttributionOptions,
    /// Everything as generated, tokens' bytes read as UTF-8 (what is no UTF-8 is shown as U+FFFD; the tokens hold the bytes).
    pub output: String,
    pub tokens: Vec<Token>,
    pub steps: Vec<Step>,
    /// Where `<think>`-style reasoning lies in the output, without its marks, if there is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Span>,
    pub answer: Answer,
    /// Why generation ended: `end` (end-of-text token), `stop` (a stop string), `length` (token limit), `context` (context full), `cancelled`.
    pub finish: String,
    pub timing: Timing,
    /// Fields that this version does not know; kept when the line is written again.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What was asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Prompt {
    pub id: String,
    /// The question alone; the part whose words can be salient.
    pub question: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// Few-shot examples, as text that stands before the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examples: Option<String>,
    /// The whole text as the model got it, template applied.
    pub text: String,
    /// Where the question lies in `text`.
    pub question_span: Span,
    /// Token ids of `text`, with the beginning-of-text token where the model wants one.
    pub tokens: Vec<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// Id of the prompt that this one is a variant of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<String>,
    /// Whatever else the prompt file said.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub meta: Value,
}

/// Which model wrote the chain.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelRef {
    pub file: String,
    /// Hex SHA-256 of the file.
    pub sha256: String,
    pub architecture: String,
    pub quantization: String,
    pub parameters: u64,
    /// Fingerprint of the tokenizer, see [`crate::vocab::Encode::fingerprint`].
    pub tokenizer: String,
}

/// Which corpus the counts come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct IndexRef {
    pub id: String,
    pub tokens: u64,
    pub documents: u64,
    pub fingerprint: String,
}

/// How tokens were chosen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sampler {
    /// 0 is greedy: the most probable token, the lowest id among equals.
    pub temperature: f32,
    /// 0 is off.
    pub top_k: usize,
    /// 1 is off.
    pub top_p: f32,
    /// 0 is off.
    pub min_p: f32,
    pub seed: u64,
    pub max_tokens: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
}

/// What was scored and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributionOptions {
    /// How many of the most probable tokens are candidates; the chosen token is added when it is not among them.
    pub candidates: usize,
    /// `sen` (sentences) or `new_line`.
    pub steps: String,
}

/// One generated token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    pub id: u32,
    /// Its text, lossy where the bytes are no UTF-8 of their own.
    pub text: String,
    /// The bytes in hex, only where `text` is lossy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
    pub span: Span,
    /// Probability by the model's full softmax, before any sampling transform.
    pub p: f32,
    /// 1 is the most probable.
    pub rank: u32,
    /// Of the next-token distribution, in bits.
    pub entropy: f32,
    pub candidates: Candidates,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<Local>,
    /// Why the token has no score: `stop_word`, `punctuation`, `whitespace`, `special`; absent when it is scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
}

impl Token {
    /// The bytes of the token.
    pub fn raw(&self) -> Vec<u8> {
        match &self.bytes {
            None => self.text.as_bytes().to_vec(),
            Some(hex) => (0..hex.len() / 2)
                .filter_map(|i| u8::from_str_radix(hex.get(2 * i..2 * i + 2)?, 16).ok())
                .collect(),
        }
    }
}

/// The candidates of one position as columns of equal length, most probable first; the chosen token is among them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Candidates {
    pub ids: Vec<u32>,
    pub text: Vec<String>,
    pub p: Vec<f32>,
    /// How often each follows the longest matched context in the corpus (see [`Local`]); empty when not scored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub local: Vec<u64>,
}

/// Local memorization of one token, with its evidence.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Local {
    /// Spearman's rank correlation of the candidates' probabilities and their counts after `context`; null when undefined.
    pub score: Option<f64>,
    /// Why the score is null: `unseen` (the token does not occur in the corpus), `constant` (all counts or all probabilities are equal).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
    /// Length in tokens of the longest run right before the token that is followed by it somewhere in the corpus.
    pub context: usize,
    /// How often that run occurs.
    pub context_count: u64,
    /// How often the run occurs followed by this token.
    pub match_count: u64,
}

/// A stretch of the output: a sentence or a line. Steps tile the output.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Step {
    /// In bytes of the output.
    pub span: Span,
    /// In tokens.
    pub tokens: Span,
}

/// The final answer, as read from the output.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Answer {
    pub extracted: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Null when no answer is expected.
    pub right: Option<bool>,
}

/// Wall-clock times in seconds. The only part of a trace that differs between two runs of the same thing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Timing {
    /// Reading the prompt.
    pub prompt: f64,
    /// Generating all tokens.
    pub generate: f64,
    /// Looking up counts; runs beside generation.
    pub attribute: f64,
    /// Generated tokens per second.
    pub tokens_per_second: f64,
}
