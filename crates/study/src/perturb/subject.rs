//! What a change makes of a prompt.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::strength::Strength;
use rotescope_trace::Prompt;

/// What a change does to the expected answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerChange {
    /// The question means what it meant.
    Same,
    /// The answer was computed anew.
    New(String),
    /// The question means something else, and what its answer is cannot be computed here.
    Unknown,
}

impl AnswerChange {
    /// The answer after a further change.
    pub fn then(self, next: AnswerChange) -> AnswerChange {
        match (self, next) {
            (AnswerChange::Unknown, _) | (_, AnswerChange::Unknown) => AnswerChange::Unknown,
            (before, AnswerChange::Same) => before,
            (_, new) => new,
        }
    }
}

/// What kind of thing was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Number,
    Word,
}

/// One replacement, for those who align the completions later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    pub kind: Kind,
    pub from: String,
    pub to: String,
}

impl Change {
    /// Whether it is of a number, in the sense of [`Kind`].
    pub fn is_number(&self) -> bool {
        self.kind == Kind::Number
    }

    pub fn number(from: impl Into<String>, to: impl Into<String>) -> Change {
        Change {
            kind: Kind::Number,
            from: from.into(),
            to: to.into(),
        }
    }

    pub fn word(from: impl Into<String>, to: impl Into<String>) -> Change {
        Change {
            kind: Kind::Word,
            from: from.into(),
            to: to.into(),
        }
    }
}

/// What one operator made of a prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatorEffect {
    pub question: String,
    pub answer: AnswerChange,
    /// The prompt's `meta` after the change.
    pub meta: Value,
    pub changes: Vec<Change>,
    pub strength: Option<Strength>,
}

/// A changed prompt and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Perturbed {
    pub subject: Prompt,
    pub answer: AnswerChange,
    pub record: Perturbation,
}

/// The record of a change, kept in `meta.perturbation` of the new prompt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Perturbation {
    /// As given on the command line, in order.
    pub operators: Vec<String>,
    pub seed: u64,
    /// `same`, `new` or `unknown`.
    pub answer: String,
    /// Numbers and words that were replaced.
    #[serde(default)]
    pub mapping: Vec<Change>,
    /// Of the last operator that changed the order of words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength: Option<Strength>,
}

/// Why an operator leaves a prompt as it is, in words that follow "cannot change it: ".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unchanged(pub String);

impl Unchanged {
    pub fn because<T>(reason: impl Into<String>) -> Result<T, Unchanged> {
        Err(Unchanged(reason.into()))
    }
}
