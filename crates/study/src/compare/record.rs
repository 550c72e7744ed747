//! What a comparison says.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::align::By;
use crate::perturb::Change;
use rotescope_trace::{Answer, ModelRef, PerSource, Source, Span, Token};

/// Two traces aligned. `a` is the original, `b` the changed one (or the second model's).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    pub a: Side,
    pub b: Side,
    /// What tokens were compared by: `ids`, or `text` where the tokenizers differ.
    pub by: By,
    /// What a reader should know: other models, other tokenizers, what the replacements were guessed from.
    pub notes: Vec<String>,
    /// Numbers and words of the original's prompt and what stands for them in the other.
    pub mapping: Vec<Change>,
    pub tokens: Vec<TokenPair>,
    pub steps: Vec<StepPair>,
    /// The first pair of tokens that the change of the prompt does not explain, an index into `tokens`.
    pub first_divergence: Option<usize>,
    /// The pair whose probability or score changes most, an index into `tokens`: among tokens that differ without explanation if there are any.
    pub top_change: Option<usize>,
    /// Numbers in `b`'s output that only the original's prompt has, with the token of `b` where each begins.
    pub copied: Vec<Copied>,
    /// `b` gives the answer that was right for the original, and is wrong for its own question.
    pub answered_original: bool,
    /// The original completion under the changed prompt, where a model was at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forced: Option<Forced>,
    /// From 0 (nothing changed but what had to) to 1; see [`fragility`].
    pub fragility: f64,
    /// The pair in a sentence.
    pub verdict: String,
}

/// Log-probabilities of the original's tokens, in nats.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Forced {
    /// Under its own prompt, by the model that is at hand.
    pub original: f64,
    /// Under the changed prompt.
    pub changed: f64,
    pub tokens: usize,
}

/// One of two completions.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    pub id: String,
    pub question: String,
    pub model: ModelRef,
    pub answer: Answer,
    pub finish: String,
    /// Number of tokens.
    pub tokens: usize,
    pub output: String,
}

/// Two tokens that stand for each other, or one that has no counterpart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TokenPair {
    /// Index into the tokens of `a`.
    pub a: Option<usize>,
    pub b: Option<usize>,
    pub text_a: String,
    pub text_b: String,
    pub relation: Relation,
    /// Both are part of numbers.
    pub number: bool,
    /// `b` minus `a`, where both are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<Delta>,
    /// The source of each, where either has one and they differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<(Option<Source>, Option<Source>)>,
}

/// By how much the second is above the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Delta {
    /// Of the probability.
    pub p: f64,
    /// Of the published scores, where both are defined.
    pub scores: PerSource,
}

impl Delta {
    /// The largest change, whatever its sign.
    pub fn size(&self) -> f64 {
        let scores = Source::ALL.into_iter().filter_map(|s| self.scores.get(s));
        scores.chain([self.p]).map(f64::abs).fold(0.0, f64::max)
    }
}

/// A number of the original that the changed completion uses all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Copied {
    pub number: String,
    /// Index into the tokens of `b`.
    pub token: usize,
    /// In bytes of `b`'s output.
    pub span: Span,
}

/// Which source a token has: the named cause, or else that of the largest published score.
pub fn source(token: &Token) -> Option<Source> {
    let by_score = || token.stim_max().map(|(s, _)| s);
    token.cause.map(|c| c.source).or_else(by_score)
}

/// What two units are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    Equal,
    /// A number or word of the prompt and what the change made of it.
    Mapped,
    /// Numbers that follow from mapped ones: both are right where they stand, or such numbers said again.
    Follows,
    /// A number of the original that should have changed.
    Copied,
    /// Different, and the change of the prompt does not say why.
    Substituted,
    OnlyA,
    OnlyB,
}

impl Relation {
    /// Whether the change of the prompt leaves it unexplained.
    pub fn diverges(self) -> bool {
        !matches!(self, Relation::Equal | Relation::Mapped | Relation::Follows)
    }
}

/// Two steps that stand for each other, or one that has no counterpart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepPair {
    /// Index into the steps of `a`.
    pub a: Option<usize>,
    pub b: Option<usize>,
    pub relation: StepRelation,
    /// The step of `b` holds a number that only the original's prompt has.
    pub copied: bool,
    /// Means over the paired tokens, where both steps are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<Delta>,
}

/// What a pair of steps is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepRelation {
    Same,
    /// The same words with other numbers or names.
    SameButNumbers,
    Changed,
    OnlyA,
    OnlyB,
}
