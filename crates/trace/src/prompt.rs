//! Prompts: as a file gives them, and as a model got them.

use std::ops::{Deref, DerefMut};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::span::Span;

/// One prompt as a file gives it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Prompt {
    /// Unique in its file.
    #[serde(default)]
    pub id: String,
    /// The question alone; the part whose words can be salient.
    pub question: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// Few-shot examples: text, or a list of `{question, answer}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examples: Option<Examples>,
    /// The expected answer, if known. Traces have it in [`Answer::expected`](crate::Answer::expected) instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// Id of the prompt that this one is a variant of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<String>,
    /// The text is to be continued as it stands, without the model's chat template.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub raw: bool,
    /// The verifiers that judge it, by name; without it those that suit what `meta` holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify: Option<Vec<String>>,
    /// How numbers are written in answers to it: `point` (1,234.5; so without it) or `comma` (1.234,5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Whatever else the prompt file says.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub meta: Value,
}

/// Few-shot examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Examples {
    Text(String),
    Pairs(Vec<Example>),
}

/// One few-shot example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Example {
    pub question: String,
    pub answer: String,
}

impl Examples {
    /// The examples as text that stands before the question.
    pub fn text(&self) -> String {
        match self {
            Examples::Text(t) => t.clone(),
            Examples::Pairs(pairs) => pairs
                .iter()
                .map(|e| format!("Question: {}\nAnswer: {}", e.question, e.answer))
                .collect::<Vec<_>>()
                .join("\n\n"),
        }
    }
}

impl Prompt {
    /// What the user says to the model: instruction, examples and question, with blank lines between.
    pub fn body(&self) -> String {
        let examples = self.examples.as_ref().map(Examples::text);
        [
            self.instruction.as_deref(),
            examples.as_deref(),
            Some(self.question.as_str()),
        ]
        .into_iter()
        .flatten()
        .filter(|s| !s.is_empty())
        .collect::<Vec<_>>()
        .join("\n\n")
    }

    /// The first thing that two prompts ask otherwise: the name of the field. Examples are compared as text.
    pub fn difference(&self, other: &Prompt) -> Option<&'static str> {
        let examples = |p: &Prompt| p.examples.as_ref().map(Examples::text);
        let fields = [
            ("question", self.question == other.question),
            ("instruction", self.instruction == other.instruction),
            ("examples", examples(self) == examples(other)),
            ("task", self.task == other.task),
            ("split", self.split == other.split),
            ("pair", self.pair == other.pair),
            ("meta", self.meta == other.meta),
            ("answer", self.answer == other.answer),
            ("raw", self.raw == other.raw),
            ("verify", self.verify == other.verify),
            ("locale", self.locale == other.locale),
        ];
        fields.iter().find(|(_, same)| !same).map(|(name, _)| *name)
    }
}

/// A prompt as a model got it. Reads like the [`Prompt`] that it contains; examples are text in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RenderedPrompt {
    #[serde(flatten)]
    pub prompt: Prompt,
    /// The whole text, template applied.
    pub text: String,
    /// Where the question lies in `text`.
    pub question_span: Span,
    /// The chat template changed the question so that its place is not known: `question_span` is the whole text.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub question_unplaced: bool,
    /// Token ids of `text`, with the beginning-of-text token where the model wants one.
    pub tokens: Vec<u32>,
    /// The day (`YYYY-MM-DD`) that the chat template took for today; absent where it asked for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Fields that this version does not know; kept when the line is written again.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl From<Prompt> for RenderedPrompt {
    /// Not rendered yet: no text, no tokens.
    fn from(prompt: Prompt) -> Self {
        let examples = prompt.examples.map(|e| Examples::Text(e.text()));
        RenderedPrompt {
            prompt: Prompt { examples, ..prompt },
            ..RenderedPrompt::default()
        }
    }
}

impl Deref for RenderedPrompt {
    type Target = Prompt;

    fn deref(&self) -> &Prompt {
        &self.prompt
    }
}

impl DerefMut for RenderedPrompt {
    fn deref_mut(&mut self) -> &mut Prompt {
        &mut self.prompt
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_prompt_of_a_trace_is_read_and_written_as_before() {
        let before = json!({
            "id": "a", "question": "q", "instruction": "I", "examples": "Question: x\nAnswer: y", "text": "<I q>",
            "question_span": [3, 4], "tokens": [1, 2], "raw": true, "verify": ["counting"], "new": {"a": 1}, "task": "applied", "split": "base", "pair": "b", "meta": {"n": 1.5, "list": [1]},
        });
        let prompt: RenderedPrompt = serde_json::from_value(before.clone()).unwrap();
        assert_eq!((prompt.id.as_str(), prompt.tokens.len()), ("a", 2));
        assert_eq!(serde_json::to_value(&prompt).unwrap(), before);
    }

    #[test]
    fn other_fields_of_prompt_files_are_passed_over_whatever_they_are() {
        let line = json!({"question": "q", "text": 7, "tokens": "none", "raw": true});
        let prompt: Prompt = serde_json::from_value(line).unwrap();
        assert_eq!((prompt.question.as_str(), prompt.raw), ("q", true));
    }

    #[test]
    fn a_rendered_prompt_has_its_examples_as_text() {
        let line = json!({"question": "q", "instruction": "I", "examples": [{"question": "x", "answer": "y"}]});
        let prompt: Prompt = serde_json::from_value(line).unwrap();
        assert_eq!(prompt.body(), "I\n\nQuestion: x\nAnswer: y\n\nq");
        let rendered = RenderedPrompt::from(prompt);
        let text = Examples::Text("Question: x\nAnswer: y".into());
        assert_eq!(rendered.examples, Some(text));
    }
}
