//! Operators that change a prompt and carry its truth along.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | [`Subject`], [`Answer`], [`Change`], [`Perturbation`] |
//! | [`plan`] | operators chosen on the command line, applied in order |
//! | [`registry`] | all operators with their options, descriptions and sources |
//! | [`numbers`] | numbers in text, and the three ways they are written |
//! | [`pocket`] | problems that carry their template: solved and built anew |
//! | [`longtail`] | STIM's transformations of the long tail |
//! | [`symbolic`] | other names, other numbers, a clause that does not matter, sentence order |
//! | [`order`] | the order of the words, with its strength |
//! | [`surface`] | casing, white space, spelled numbers, synonyms, typing errors |
//! | [`rarity`] | words and numbers that are so many times rarer or more frequent in a corpus |
//! | [`lists`] | the word lists that replacements come from |
//!
//! Pure functions of a prompt, a seed and, for [`rarity`], the counts of a corpus. The same seed and prompt give the same result on every machine,
//! whatever else stands in the file.

pub mod lists;
pub mod longtail;
pub mod numbers;
pub mod order;
pub mod plan;
pub mod pocket;
pub mod rarity;
pub mod registry;
pub mod surface;
pub mod symbolic;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use order::Strength;
pub use plan::{Plan, PlanError};

/// A prompt as the operators see it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Subject {
    pub id: String,
    pub question: String,
    /// The expected answer, if known.
    pub answer: Option<String>,
    pub task: Option<String>,
    /// What the prompt file says beside it; pocket prompts have their template, operands and chain here.
    pub meta: Value,
}

/// What a change does to the expected answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// The question means what it meant.
    Same,
    /// The answer was computed anew.
    New(String),
    /// The question means something else, and what its answer is cannot be computed here.
    Unknown,
}

impl Answer {
    /// The answer after a further change.
    pub fn then(self, next: Answer) -> Answer {
        match (self, next) {
            (Answer::Unknown, _) | (_, Answer::Unknown) => Answer::Unknown,
            (before, Answer::Same) => before,
            (_, new) => new,
        }
    }
}

/// What kind of thing was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Number,
    Word,
}

/// One replacement, for those who align the chains later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub kind: Kind,
    pub from: String,
    pub to: String,
}

impl Change {
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
pub struct Effect {
    pub question: String,
    pub answer: Answer,
    /// The prompt's `meta` after the change.
    pub meta: Value,
    pub changes: Vec<Change>,
    pub strength: Option<Strength>,
}

/// A changed prompt and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Perturbed {
    pub subject: Subject,
    pub answer: Answer,
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

/// How often words occur in a corpus: all that [`rarity`] needs of one.
pub trait Frequencies {
    /// Places of each word, in order; the error in words.
    fn places(&self, words: &[String]) -> Result<Vec<u64>, String>;
}

/// A whole number below `n`, by multiply and shift; `n` must not be 0.
pub(crate) fn below(rng: &mut ChaCha8Rng, n: usize) -> usize {
    ((u128::from(rng.next_u64()) * n as u128) >> 64) as usize
}

/// One of the items; `None` of nothing.
pub(crate) fn choose<'a, T>(rng: &mut ChaCha8Rng, items: &'a [T]) -> Option<&'a T> {
    (!items.is_empty()).then(|| &items[below(rng, items.len())])
}

/// Fisher and Yates' shuffle.
pub(crate) fn shuffle<T>(rng: &mut ChaCha8Rng, items: &mut [T]) {
    for i in (1..items.len()).rev() {
        items.swap(i, below(rng, i + 1));
    }
}

/// `text` with every whole word `from` replaced by `to`. A word ends where no letter or digit follows.
pub(crate) fn replace_word(text: &str, from: &str, to: &str) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    if from.is_empty() {
        return text.to_string();
    }
    for (i, _) in text.match_indices(from) {
        let before = text[..i].chars().next_back();
        let after = text[i + from.len()..].chars().next();
        let inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if i >= at && !inner(before) && !inner(after) {
            out.push_str(&text[at..i]);
            out.push_str(to);
            at = i + from.len();
        }
    }
    out.push_str(&text[at..]);
    out
}
