//! The groups of features that mean the same on every model, and what a record must have for them.

use crate::features::Features;
use rotescope_trace::Token;

/// A group of features, by the first part of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    pub name: &'static str,
    /// For people.
    pub about: &'static str,
}

impl Group {
    /// Whether a feature, or the indicator that it is missing, is one of it.
    pub fn has(self, feature: &str) -> bool {
        let name = feature.strip_prefix("missing ").unwrap_or(feature);
        name.split('.').next() == Some(self.name)
    }
}

const fn group(name: &'static str, about: &'static str) -> Group {
    Group { name, about }
}

/// In the order in which one is added to those before.
pub const GROUPS: [Group; 5] = [
    group("form", "length, digits, place"),
    group("equation", "verdicts on equations, operators"),
    group("number", "where numbers come from"),
    group("surprise", "surprise, rank"),
    group("spread", "margin, entropy, DeepConf, Min-K%++"),
];

/// Candidates that a confidence is taken over: what most servers give.
pub(super) const CANDIDATES: usize = 5;

/// What a record must have for a feature.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    #[default]
    Words,
    /// Of all tokens of the step.
    Probabilities,
    /// At least five of all tokens of the step.
    Candidates,
}

impl Basis {
    pub const ALL: [Basis; 3] = [Basis::Words, Basis::Probabilities, Basis::Candidates];

    /// What the tokens of a step have.
    pub fn of(tokens: &[Token]) -> Basis {
        let known = |t: &Token| t.probability().is_some();
        let all = |is: &dyn Fn(&Token) -> bool| !tokens.is_empty() && tokens.iter().all(is);
        match () {
            () if all(&|t| known(t) && t.candidates.p.len() >= CANDIDATES) => Basis::Candidates,
            () if all(&known) => Basis::Probabilities,
            () => Basis::Words,
        }
    }

    /// What features were made of.
    pub fn behind(found: &Features) -> Basis {
        let has = |name: &str| found.contains_key(name);
        match () {
            () if has("spread.confidence") => Basis::Candidates,
            () if has("surprise.mean") => Basis::Probabilities,
            () => Basis::Words,
        }
    }

    pub fn is_words(&self) -> bool {
        *self == Basis::Words
    }

    /// Whether it is enough for a feature.
    pub fn has(self, feature: &str) -> bool {
        let name = feature.strip_prefix("missing ").unwrap_or(feature);
        let needs = match name.split('.').next() {
            Some("spread") => Basis::Candidates,
            Some("surprise") => Basis::Probabilities,
            _ => Basis::Words,
        };
        needs <= self
    }
}
