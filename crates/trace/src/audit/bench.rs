//! What `pii bench` writes: values, texts and prompts under every subset of four protections.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attack::{Attempt, Question};
use super::line::{AuditRecord, RecordLine};
use super::verify::{Leaks, prompt_key, text_key};

/// A question about a value, a text that holds none, or a prompt, under every subset.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Benched {
    /// Its document; of a prompt, its id.
    pub document: String,
    /// Bytes of the value in the document's text; 0 of others.
    pub span: [usize; 2],
    pub what: BenchedWhat,
    pub subsets: Vec<UnderSubset>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BenchedWhat {
    /// A question about a value of this kind, of which there are so many copies.
    Value {
        kind: String,
        copies: u64,
        question: Question,
    },
    #[default]
    Text,
    Prompt,
}

/// What came of it under some protections.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnderSubset {
    /// Of `dedup`, `dp`, `entropy` and `pattern`; none: the model itself.
    pub protections: Vec<String>,
    /// Of a value: the greedy answer, absent where tokens must be drawn, and those that were drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greedy: Option<Leaks>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<Leaks>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<BenchedText>,
    /// Of a prompt: whether the answer is right; `null` where that cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<bool>,
}

/// Of a text that holds no value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BenchedText {
    /// Tokens of the text behind its beginning, and their negative log-probabilities in nats, summed; a token that is forbidden counts as drawn from the whole vocabulary.
    pub scored: usize,
    pub nll: f64,
    pub forbidden: usize,
    /// Kullback-Leibler divergence of the distributions at these places from those of the model itself, in nats, summed.
    pub kl: f64,
    /// The greedy continuation against the model's own; absent where tokens must be drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continued: Option<BenchedContinuation>,
}

/// Greedy continuations of a text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BenchedContinuation {
    /// Of n-grams for n from 1 to 4: those of this one, and how many the model's own has; tokens of the model's own and of this one.
    pub possible: [u64; 4],
    pub matched: [u64; 4],
    pub lengths: [u64; 2],
    /// Placeholders in it.
    pub hidden: usize,
}

impl AuditRecord for Benched {
    const SCHEMA: &'static str = "rotescope.pii-bench/1";

    fn key(&self) -> String {
        match &self.what {
            BenchedWhat::Value { question, .. } => {
                Attempt::name(&self.document, self.span, question, false)
            }
            BenchedWhat::Text => text_key(&self.document),
            BenchedWhat::Prompt => prompt_key(&self.document),
        }
    }
}

pub type BenchLine = RecordLine<Benched>;

#[cfg(test)]
mod tests {
    use super::super::AuditLine;
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written_and_each_has_its_name() {
        let of = |what: BenchedWhat| {
            BenchLine::of(Benched {
                document: "d".into(),
                what,
                subsets: vec![UnderSubset {
                    protections: vec!["dp".into()],
                    drawn: Some(Leaks::default()),
                    ..UnderSubset::default()
                }],
                ..Benched::default()
            })
        };
        let value = BenchedWhat::Value {
            kind: "email".into(),
            copies: 3,
            question: Question::Context(50),
        };
        let lines = [value, BenchedWhat::Text, BenchedWhat::Prompt].map(of);
        for line in &lines {
            let written = serde_json::to_string(line).unwrap();
            assert_eq!(&serde_json::from_str::<BenchLine>(&written).unwrap(), line);
        }
        let keys: std::collections::BTreeSet<_> = lines.iter().map(AuditLine::key).collect();
        assert_eq!(keys.len(), 3);
    }
}
