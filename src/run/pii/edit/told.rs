//! What is asked to be said, and what came of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use rotescope_edit::solve::Change;

/// How a model is edited.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Layers whose feed-forward output matrix is changed, in increasing order; all but the last leave a part to those above.
    pub layers: Vec<usize>,
    /// How much ordinary text weighs against the edits.
    pub weight: f64,
    /// By how much the wanted token is to exceed all others, in nats.
    pub margin: f64,
    /// Times that what is not reached yet is asked for anew, at most.
    pub rounds: usize,
    /// Tokens of ordinary text that are read.
    pub tokens: usize,
    /// Random changes of the same size instead: a control.
    pub random: bool,
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            layers: Vec::new(),
            weight: 10.0,
            margin: 4.0,
            rounds: 5,
            tokens: 20_000,
            random: false,
            seed: 0,
        }
    }
}

impl Settings {
    /// By name.
    pub fn named(&self) -> Map<String, Value> {
        let all = json!({
            "layers": self.layers,
            "weight": self.weight,
            "margin": self.margin,
            "rounds": self.rounds,
            "ordinary-tokens": self.tokens,
            "random": self.random,
        });
        match all {
            Value::Object(all) => all,
            _ => Map::new(),
        }
    }
}

/// A prompt, and what is to be said behind it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    /// Tokens, with what stands before every text.
    pub prompt: Vec<u32>,
    /// At least one token.
    pub instead: Vec<u32>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Edited {
    /// By layer.
    pub changes: BTreeMap<usize, Change>,
    /// Tokens that were asked for, each at its place.
    pub asked: usize,
    /// Of these, those that come first now.
    pub first: usize,
    /// Edits whose first token does: behind these questions the value is not begun.
    pub turned: usize,
    /// Of all tokens, those that no shift of the last hidden state can bring to the first place.
    pub unreachable: usize,
    /// Tokens of ordinary text that were read.
    pub ordinary: usize,
    pub rounds: usize,
}
