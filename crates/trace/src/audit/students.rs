//! What `audit students` writes: how much of a window each of several models recites.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::extract::window_key;
use super::line::{AuditLine, AuditRun};

/// Name and version of the records.
pub const SCHEMA: &str = "rotescope.students/1";

/// A line: one of its members is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StudentsLine {
    pub schema: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<AuditRun>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<StudentWindow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<StudentAnswer>,
}

impl StudentsLine {
    pub fn new() -> StudentsLine {
        StudentsLine {
            schema: SCHEMA.into(),
            ..StudentsLine::default()
        }
    }
}

impl AuditLine for StudentsLine {
    const SCHEMA: &'static str = SCHEMA;

    fn schema(&self) -> &str {
        &self.schema
    }

    fn of_run(run: AuditRun) -> StudentsLine {
        StudentsLine {
            run: Some(run),
            ..StudentsLine::new()
        }
    }

    fn run(&self) -> Option<&AuditRun> {
        self.run.as_ref()
    }

    fn key(&self) -> Option<String> {
        let answer = self.answer.as_ref().map(StudentAnswer::key);
        self.window.as_ref().map(StudentWindow::key).or(answer)
    }
}

/// One window by one model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StudentWindow {
    /// The teacher is `teacher`; a student is its file, or its level of the ladder.
    pub model: String,
    /// Of the text that the models were not trained on.
    pub test: bool,
    pub document: String,
    pub start: usize,
    pub split: [usize; 2],
    /// The greedy continuation is the true one.
    pub verbatim: bool,
    /// Teacher-forced M, and tokens before the first other one.
    pub matched: f64,
    pub recited: usize,
    /// Natural logarithm of p_z; `null` where a filter drops a token.
    pub log_p_z: Option<f64>,
    /// In nats for each token of the continuation.
    pub nll: f64,
    /// ROUGE-1, -2 and -L of the greedy continuation, where it was written out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rouge: Option<[f64; 3]>,
}

impl StudentWindow {
    /// Its name within a run.
    pub fn key(&self) -> String {
        format!("{}\n{}\n{}", self.model, self.test, self.item())
    }

    /// The window, whatever the model.
    pub fn item(&self) -> String {
        window_key(&self.document, self.start, self.split)
    }
}

/// A prompt answered by one model, greedily.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StudentAnswer {
    pub model: String,
    /// Of the prompt.
    pub id: String,
    pub answer: Option<String>,
    /// Null when no answer is expected.
    pub right: Option<bool>,
    /// How it ended, as in traces.
    pub finish: String,
    pub steps: Vec<AnswerStep>,
}

/// A step of an answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AnswerStep {
    pub text: String,
    /// How likely it is wrong, by the flag of the teacher; null where that says nothing.
    pub p: Option<f64>,
    pub flagged: bool,
}

impl StudentAnswer {
    /// Its name within a run.
    pub fn key(&self) -> String {
        answer_key(&self.model, &self.id)
    }
}

/// The name of an answer within a run.
pub fn answer_key(model: &str, prompt: &str) -> String {
    format!("answer\n{model}\n{prompt}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let line = StudentsLine {
            window: Some(StudentWindow {
                model: "Q2_K".into(),
                rouge: Some([0.5; 3]),
                ..StudentWindow::default()
            }),
            ..StudentsLine::new()
        };
        let written = serde_json::to_string(&line).unwrap();
        assert!(
            written.starts_with(r#"{"schema":"rotescope.students/1","window":{"model":"Q2_K""#),
            "{written}"
        );
        assert_eq!(
            serde_json::from_str::<StudentsLine>(&written).unwrap(),
            line
        );
    }
}
