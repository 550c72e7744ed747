//! A step of a completion, and what is said of it: its flag and its verdict.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::region::StepRegion;
use super::span::Span;

/// A stretch of the output: a sentence or a line. Steps tile the output.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// In bytes of the output.
    pub span: Span,
    /// In tokens.
    pub tokens: Span,
    /// How likely the step is wrong, from what is known while generating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
    /// What a verifier says of it, where one applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What of it stands in a document of the corpus, where that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<StepRegion>,
}

/// What the number of a flag means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Meaning {
    /// The flag was fitted to completions of this very model: of the steps with p = .3 about three in ten are wrong.
    #[default]
    Probability,
    /// It was fitted to those of other models: a step with a higher p is likelier wrong, but p is no share.
    Ranked,
}

impl Meaning {
    /// As people read it, and as a trace has it.
    pub fn word(self) -> &'static str {
        match self {
            Meaning::Probability => "probability",
            Meaning::Ranked => "ranked",
        }
    }

    pub fn is_probability(&self) -> bool {
        *self == Meaning::Probability
    }
}

/// How likely a step is wrong, judged without looking at the truth.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Flag {
    /// How likely the step is wrong, from 0 to 1; see [`Flag::meaning`].
    pub p: f64,
    /// Whether `p` is a probability; older traces, which do not say, hold probabilities.
    #[serde(default, skip_serializing_if = "Meaning::is_probability")]
    pub meaning: Meaning,
    /// The main reasons in words, strongest first.
    pub reasons: Vec<String>,
    /// The token that speaks loudest, an index into the trace's tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<usize>,
    /// The probability from which on it is raised, where that is not [`Flag::THRESHOLD`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
}

impl Flag {
    /// From this probability on a flag is raised, unless told otherwise: likelier wrong than right.
    pub const THRESHOLD: f64 = 0.5;

    /// Whether the step counts as flagged.
    pub fn is_raised(&self) -> bool {
        self.p >= self.threshold.unwrap_or(Self::THRESHOLD)
    }
}

/// What a verifier computed about a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    pub right: bool,
    /// Who says so: `arithmetic`, `counting`, `capitalization`, `truth` (the prompt's own), `prm` (a process reward model).
    pub by: String,
    /// The probability that the step is right, where the verifier gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// The false value, in bytes of the output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// The wrong tokens, indices into the trace's tokens: the first is where the step goes wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<usize>,
    /// What should stand there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The reason in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}
