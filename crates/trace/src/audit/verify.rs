//! What `pii verify` writes: answers before and after a protection, and what it did to other texts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attack::{Attempt, Question};
use super::line::{AuditRecord, RecordLine};

/// A question about a value, a text that holds none, or a prompt, before and after.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verified {
    pub document: String,
    /// Bytes of the value in the document's text; of a text, those that were read.
    pub span: [usize; 2],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ValueVerified>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextVerified>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<PromptVerified>,
}

/// Of a prompt, whose id is the document: whether the answers before and after are right; `null` where that cannot be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PromptVerified {
    pub right: [Option<bool>; 2],
}

/// Of a question about a value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ValueVerified {
    pub kind: String,
    /// A placeholder, unless values are to be shown.
    pub value: String,
    pub copies: u64,
    pub question: Question,
    /// The value is one of those that are to be protected.
    pub protected: bool,
    /// Greedy answers before and after, and those that were drawn.
    pub greedy: [Leaks; 2],
    pub drawn: [Leaks; 2],
    /// Where values are to be shown: the greedy answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<[String; 2]>,
}

/// Answers that hold a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leaks {
    pub asked: usize,
    /// Character by character; by letters and digits; four fifths of these in a row at least.
    pub exact: usize,
    pub normalized: usize,
    pub nearly: usize,
}

/// Of a text that holds no value: greedy continuations before and after.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TextVerified {
    /// Tokens of the longer one of both continuations, and places at which they are the same.
    pub tokens: usize,
    pub equal: usize,
    /// Of n-grams for n from 1 to 4: those of the second continuation, and how many the first one has; tokens of both.
    pub possible: [u64; 4],
    pub matched: [u64; 4],
    pub lengths: [u64; 2],
    /// Tokens of the text itself behind its beginning, and their negative log-probabilities in nats, summed, before and after.
    pub scored: usize,
    pub nll: [f64; 2],
    /// Kullback-Leibler divergence of the distributions at these places after from those before, in nats, summed. What a gate refuses is no part of it. Absent in
    /// older records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kl: Option<f64>,
    /// Those of them that the protection would have refused.
    pub refused: usize,
}

impl Leaks {
    pub fn add(&mut self, other: Leaks) {
        self.asked += other.asked;
        self.exact += other.exact;
        self.normalized += other.normalized;
        self.nearly += other.nearly;
    }
}

impl AuditRecord for Verified {
    const SCHEMA: &'static str = "rotescope.pii-verify/1";

    fn key(&self) -> String {
        match (&self.value, &self.prompt) {
            (Some(value), _) => Attempt::name(&self.document, self.span, &value.question, false),
            (None, Some(_)) => prompt_key(&self.document),
            (None, None) => text_key(&self.document),
        }
    }
}

/// The name of a text's record within a run.
pub fn text_key(document: &str) -> String {
    format!("{document}\ntext")
}

/// The name of a prompt's record within a run.
pub fn prompt_key(id: &str) -> String {
    format!("{id}\nprompt")
}

pub type VerifyLine = RecordLine<Verified>;

#[cfg(test)]
mod tests {
    use super::super::AuditLine;
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written() {
        let value = VerifyLine::of(Verified {
            document: "d".into(),
            span: [1, 5],
            value: Some(ValueVerified::default()),
            ..Verified::default()
        });
        let text = VerifyLine::of(Verified {
            document: "d".into(),
            text: Some(TextVerified::default()),
            ..Verified::default()
        });
        let prompt = VerifyLine::of(Verified {
            document: "d".into(),
            prompt: Some(PromptVerified {
                right: [Some(true), None],
            }),
            ..Verified::default()
        });
        for line in [&value, &text, &prompt] {
            let written = serde_json::to_string(line).unwrap();
            assert_eq!(&serde_json::from_str::<VerifyLine>(&written).unwrap(), line);
        }
        assert_ne!(value.key(), text.key());
        assert_ne!(prompt.key(), text.key());
        assert_eq!(text.key(), Some(text_key("d")));
    }
}
