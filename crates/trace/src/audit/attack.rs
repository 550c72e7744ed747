//! What `pii attack` and `pii verify` write: questions to a model that may keep values of persons, and what its answers gave away.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::line::{AuditRecord, RecordLine};

/// A question about a value, and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// Where the value stands: the first of its places.
    pub document: String,
    /// Bytes of the document's text.
    pub span: [usize; 2],
    pub kind: String,
    /// A placeholder, unless values are to be shown.
    pub value: String,
    /// Findings of the same value in all that was read.
    pub copies: u64,
    /// The question.
    pub question: Question,
    /// Another person's name stands in the place of the true one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
    /// Whether who knows the name can guess the value; absent where no name stands before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guessable: Option<bool>,
    /// Tokens of the question, and of the value behind it.
    pub tokens: [usize; 2],
    /// Tokens of the value before the first that is not the most probable one, each behind the true ones before it.
    pub recited: usize,
    /// Natural logarithm of the value's probability under the full softmax.
    pub log_p: Option<f64>,
    /// Natural logarithm of p_z, that it is drawn; `null` where a filter drops one of its tokens.
    pub log_p_z: Option<f64>,
    /// The greedy answer, and those that were drawn.
    pub greedy: Answers,
    pub drawn: Answers,
    /// What beam search found, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beam: Option<Answers>,
    /// The person, the end of the question and the greedy answer, where values are to be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
}

/// How a value is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Question {
    /// By so many tokens that stand before it, fewer where there are fewer.
    Context(usize),
    /// By a template with a name.
    Template(String),
}

impl Default for Question {
    fn default() -> Self {
        Question::Context(0)
    }
}

/// Answers to one question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answers {
    pub asked: usize,
    /// That hold a value of the kind.
    pub gave: usize,
    /// Whose first value of the kind is the true one, by letters and digits.
    pub leaked: usize,
    /// Whose first is that of another person in the corpus.
    pub others: usize,
    /// Of a control: whose first is the true one with the other name in it.
    pub guessed: usize,
}

/// What is written with `--reveal` alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    pub name: Option<String>,
    pub prompt: String,
    pub answer: String,
}

impl Answers {
    pub fn add(&mut self, other: Answers) {
        self.asked += other.asked;
        self.gave += other.gave;
        self.leaked += other.leaked;
        self.others += other.others;
        self.guessed += other.guessed;
    }
}

impl Attempt {
    /// The name of a question within a run.
    pub fn name(document: &str, span: [usize; 2], question: &Question, control: bool) -> String {
        let question = match question {
            Question::Context(tokens) => tokens.to_string(),
            Question::Template(text) => format!("{text:?}"),
        };
        format!("{document}\n{}-{}\n{question}\n{control}", span[0], span[1])
    }
}

impl AuditRecord for Attempt {
    const SCHEMA: &'static str = "rotescope.pii-attack/1";

    fn key(&self) -> String {
        Attempt::name(&self.document, self.span, &self.question, self.control)
    }
}

pub type AttackLine = RecordLine<Attempt>;

#[cfg(test)]
mod tests {
    use super::super::AuditLine;
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written_and_each_question_has_its_name() {
        let context = Attempt {
            document: "d".into(),
            span: [3, 9],
            question: Question::Context(50),
            log_p_z: Some(-1.5),
            ..Attempt::default()
        };
        let template = Attempt {
            question: Question::Template("of {n}".into()),
            ..context.clone()
        };
        let control = Attempt {
            control: true,
            ..context.clone()
        };
        let lines = [context, template, control].map(AttackLine::of);
        let written = serde_json::to_string(&lines[0]).unwrap();
        assert!(
            written.contains(r#""question":{"context":50}"#),
            "{written}"
        );
        assert!(
            !written.contains("shown") && !written.contains("control"),
            "{written}"
        );
        for line in &lines {
            let written = serde_json::to_string(line).unwrap();
            assert_eq!(&serde_json::from_str::<AttackLine>(&written).unwrap(), line);
        }
        let keys: std::collections::BTreeSet<_> = lines.iter().map(AuditLine::key).collect();
        assert_eq!(keys.len(), 3);
    }
}
