//! How a trace was made: sampler, attribution, and what else decides what it holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::source::Source;

/// How tokens were chosen; greedily by default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// Whether a completion ends where it only repeats itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stop_loops: bool,
}

impl Default for Sampler {
    fn default() -> Self {
        Sampler {
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            seed: 0,
            max_tokens: 1024,
            stop: Vec::new(),
            stop_loops: false,
        }
    }
}

/// What was scored and how.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttributionOptions {
    /// How many of the most probable tokens are candidates; the chosen token is added when it is not among them.
    pub candidates: usize,
    /// `sen` (sentences) or `new_line`.
    pub steps: String,
    /// How mid-range and long-range memorization were scored; absent when they were not.
    #[serde(rename = "distant", default, skip_serializing_if = "Option::is_none")]
    pub non_local: Option<NonLocalOptions>,
    /// How steps were held against documents; absent when they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<RegionSettings>,
}

/// How steps were held against documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RegionSettings {
    /// From this share on a region is memorized.
    pub tau: f64,
}

/// How mid-range and long-range memorization were scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NonLocalOptions {
    /// Which of those that are not local.
    pub sources: Vec<Source>,
    /// Which tokens: `chain`, `flagged` or `step:N`.
    pub scope: String,
    /// How salient words were found: `lerg_s`, `contrastive` or `leave_one_out`.
    pub saliency: String,
    /// Random subsets for each context token (`lerg_s` only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<usize>,
    /// Of the random subsets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// What two words that occur together are: `document` or `window:N`.
    pub cooccurrence: String,
    /// What a candidate is counted as, where it is not the word that its text is: `tokens` or `completed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forms: Option<String>,
    /// How many salient words.
    pub words: usize,
    /// Text of the token that stands in for a masked one; older traces do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
    /// How much was to be spent at most on a completion, such as `20s` or `5000tok`; tokens beyond are [pending](super::Token::pending).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
}

impl NonLocalOptions {
    /// Whether a token gets the same by both, for all that differs is how far they go.
    pub fn goes_on(&self, other: &NonLocalOptions) -> bool {
        let endless = |o: &NonLocalOptions| NonLocalOptions {
            budget: None,
            ..o.clone()
        };
        endless(self) == endless(other)
    }
}

impl AttributionOptions {
    /// Whether two traces were scored in the same way, as far as both say.
    pub fn agrees(&self, other: &AttributionOptions) -> bool {
        let known = |options: &AttributionOptions, of: &AttributionOptions| {
            let mut options = options.clone();
            let said = of.non_local.as_ref().is_some_and(|d| d.mask.is_some());
            if let (Some(non_local), false) = (&mut options.non_local, said) {
                non_local.mask = None;
            }
            options
        };
        known(self, other) == known(other, self)
    }
}

/// Options of a run that decide what is generated, beside model and sampler.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunOptions {
    /// Every prompt was given as it stands, without the model's chat template.
    pub raw: bool,
    /// Context length in tokens, where a completion ends that does not fit.
    pub context: usize,
    /// What the chat template was given beside the messages, such as `enable_thinking`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub template_variables: Map<String, Value>,
    /// The system's message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Completions that were generated at a time, where that was asked for: then rounding can depend on it, and with it the completion. Absent where it
    /// does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel: Option<usize>,
    /// What was kept from being said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateRef>,
}

/// Values of persons that a completion was kept from holding.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GateRef {
    /// Name of the list, without folders; empty without one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The first 16 bits of the SHA-256 of the listed values, in hex: enough to tell another list, and too little to find out a value by trying.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub check: String,
    /// Different values that are protected, and listed ones that are too short to be.
    pub values: usize,
    #[serde(default)]
    pub left_out: usize,
    /// So much of a value, from its beginning, is refused as the whole is.
    pub share: f64,
    /// Kinds of values that placeholders stand for, listed or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
}

impl RunOptions {
    /// The variables of the chat template as they are typed, such as `enable_thinking=false`; `None` without any.
    pub fn variables(&self) -> Option<String> {
        let all = self
            .template_variables
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let all: Vec<String> = all.collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

/// By what steps were flagged and judged, beside what can be computed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judging {
    /// The flag's file; absent when steps were not flagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<FlagRef>,
    /// The process reward model; absent when none was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prm: Option<PrmRef>,
}

/// A file by name and content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileRef {
    /// Its name, without folders.
    pub file: String,
    /// Hex SHA-256.
    pub sha256: String,
}

/// A flag, and how it was applied.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlagRef {
    #[serde(flatten)]
    pub model: FileRef,
    /// The probability from which on a step is flagged.
    pub threshold: f64,
}

/// A process reward model, and how it was asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PrmRef {
    #[serde(flatten)]
    pub model: FileRef,
    /// The token that says that a step is right.
    pub good: String,
    /// The token that says that a step is wrong.
    pub bad: String,
    /// What follows each step.
    pub separator: String,
    /// A step with at least this probability is right.
    pub threshold: f64,
}
