//! What `retro` and `lab model` write: tokens by model and corpus, answers of mixtures and the documents that carry them, texts by what memorizes and what generalizes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::extract::window_key;
use super::line::AuditRecord;
use super::texts::TextRef;
use crate::Known;

/// A window of a text, each of its tokens by the model and by the corpus: what `retro measure` writes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RetroWindow {
    pub document: String,
    pub start: usize,
    /// Tokens before those that are measured, and these.
    pub split: [usize; 2],
    pub tokens: Vec<RetroToken>,
}

/// A token that really follows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RetroToken {
    pub id: u32,
    /// Natural logarithm of its probability by the model, and by the corpus: `null` where that has it nowhere behind this context.
    pub model: f64,
    pub retrieved: Option<f64>,
    /// The difference of both, in nats.
    pub gap: Option<f64>,
    /// Tokens of the longest suffix of the context that the corpus has, how often it has it, and whether one token follows always.
    pub n: usize,
    pub count: u64,
    pub sparse: bool,
    /// Who knows it.
    pub known: Known,
}

impl AuditRecord for RetroWindow {
    const SCHEMA: &'static str = "rotescope.retro/1";

    fn key(&self) -> String {
        window_key(&self.document, self.start, self.split)
    }
}

/// A prompt answered by a mixture: what `retro answer` writes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RetroAnswer {
    /// Of the prompt.
    pub id: String,
    /// How much of the mixture is retrieved: where one token was found, and where several.
    pub weights: [f64; 2],
    /// Of the tokens chosen.
    pub tokens: Vec<u32>,
    pub output: String,
    pub answer: Option<String>,
    /// Null where no answer is expected.
    pub right: Option<bool>,
    /// How it ended, as in traces.
    pub finish: String,
}

impl RetroAnswer {
    /// The name of an answer within a run.
    pub fn name(id: &str, weights: [f64; 2]) -> String {
        format!("{}\n{}\n{id}", weights[0], weights[1])
    }
}

impl AuditRecord for RetroAnswer {
    const SCHEMA: &'static str = "rotescope.retro-answer/1";

    fn key(&self) -> String {
        RetroAnswer::name(&self.id, self.weights)
    }
}

/// A window of a text by what memorizes and what generalizes: what `lab model` writes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SideWindow {
    pub document: String,
    pub start: usize,
    pub split: [usize; 2],
    /// How often the corpus has the window.
    pub copies: u64,
    /// Losses in nats for each token of the continuation: of the model, of a copy of the corpus, of what generalizes.
    pub model: f64,
    pub copy: f64,
    pub general: f64,
    /// The model's loss is at most the generalizer's, and nearer to the copy's.
    pub memorizes: bool,
}

impl AuditRecord for SideWindow {
    const SCHEMA: &'static str = "rotescope.lab-model/1";

    fn key(&self) -> String {
        window_key(&self.document, self.start, self.split)
    }
}

/// An answer by the documents of the index that carry it: what `retro credit` writes. It is the index's share of the mixture, not what the weights took from them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RetroCredit {
    #[serde(flatten)]
    pub text: TextRef,
    /// How much of the mixture is retrieved: where one token was found, and where several.
    pub weights: [f64; 2],
    /// Tokens of the answer with a probability.
    pub tokens: usize,
    /// Of these, those whose suffix stands at more places than are looked at: no document is credited for them.
    pub common: usize,
    /// Sums of natural logarithms of the tokens' probabilities: of the model, and of the mixture.
    pub model: f64,
    pub mixture: f64,
    /// Those that carry most first.
    pub documents: Vec<CreditDocument>,
}

/// A document without which an answer would be less likely.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditDocument {
    pub document: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its near-duplicates among the documents that were found: they are left out with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<u64>,
    /// In nats: how much less the logarithm of the answer's probability by the mixture is without them.
    pub credit: f64,
    /// Of the credit of all documents that have some.
    pub share: f64,
    /// Tokens of the answer that are less likely without them.
    pub tokens: usize,
    /// The stretch of the document that the token with most credit follows, and the token.
    pub before: String,
    pub token: String,
}

impl AuditRecord for RetroCredit {
    const SCHEMA: &'static str = "rotescope.retro-credit/1";

    fn key(&self) -> String {
        self.text.key()
    }
}
