//! The names that datasets give to question, answer and completion.

use serde_json::{Map, Value};

/// Which fields of an object are taken; `None` takes the first of the usual names that it has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    pub id: Option<String>,
    /// The question.
    pub prompt: Option<String>,
    /// What a model wrote.
    pub completion: Option<String>,
    /// The right answer.
    pub answer: Option<String>,
}

/// Names of ids, the likeliest first.
const IDS: &[&str] = &[
    "id",
    "idx",
    "index",
    "qid",
    "question_id",
    "problem_id",
    "task_id",
    "doc_id",
    "unique_id",
    "uuid",
];
/// Names of questions.
const PROMPTS: &[&str] = &[
    "question",
    "problem",
    "prompt",
    "input",
    "query",
    "messages",
    "conversations",
];
/// Names of completions.
const COMPLETIONS: &[&str] = &[
    "completion",
    "completions",
    "response",
    "responses",
    "generation",
    "generations",
    "output",
    "outputs",
    "model_output",
    "model_response",
    "generated_text",
    "prediction",
    "model_answer",
    "steps",
    "model_output_steps",
    "Model_Solution_Steps",
    "modified_process",
    "solutions",
    "candidates",
];
/// Names of right answers.
const ANSWERS: &[&str] = &[
    "expected",
    "expected_answer",
    "target",
    "ground_truth",
    "gold",
    "reference_answer",
    "reference",
    // Behind those: beside one of them it is what the model said.
    "answer",
    "final_answer",
    "solution",
    "completion",
];

/// What part a field plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Id,
    Prompt,
    Completion,
    Answer,
}

impl Part {
    /// The usual names, the likeliest first.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Part::Id => IDS,
            Part::Prompt => PROMPTS,
            Part::Completion => COMPLETIONS,
            Part::Answer => ANSWERS,
        }
    }
}

impl Fields {
    fn asked(&self, part: Part) -> Option<&str> {
        match part {
            Part::Id => self.id.as_deref(),
            Part::Prompt => self.prompt.as_deref(),
            Part::Completion => self.completion.as_deref(),
            Part::Answer => self.answer.as_deref(),
        }
    }

    /// The name of the field that plays a part, and its value. What is null plays none.
    ///
    /// # Errors
    /// The field was asked for and is not there.
    pub fn find<'o>(
        &self,
        object: &'o Map<String, Value>,
        part: Part,
    ) -> Result<Option<(&'o str, &'o Value)>, String> {
        let there = |name: &str| {
            object
                .get_key_value(name)
                .map(|(k, v)| (k.as_str(), v))
                .filter(|(_, v)| !v.is_null())
        };
        match self.asked(part) {
            Some(name) => there(name)
                .map(Some)
                .ok_or_else(|| format!("no field {name:?}; it has {}", list(object))),
            None => Ok(part.names().iter().find_map(|n| there(n))),
        }
    }
}

/// The fields of an object, for people.
pub fn list(object: &Map<String, Value>) -> String {
    const SHOWN: usize = 12;
    let names: Vec<&str> = object.keys().map(String::as_str).take(SHOWN).collect();
    let more = if object.len() > SHOWN { ", ..." } else { "" };
    match names.is_empty() {
        true => "no fields".into(),
        false => format!("{}{more}", names.join(", ")),
    }
}

/// A field that is a text or a number, as text.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        // Several spellings of one answer, the first of which is the usual one.
        Value::Array(items) => items.first().filter(|v| !v.is_array()).and_then(text),
        _ => None,
    }
}

/// What a value is, for people.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
