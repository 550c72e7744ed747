//! Objects by the names of their fields, and plain text.

use std::io::BufRead;

use rotescope_text::Locale;
use rotescope_trace::Prompt;
use serde_json::{Map, Value};

use super::reader::{GenerationReader, Generations};
use crate::fields::{Fields, Part, kind, list, text};
use crate::generation::Generation;
use crate::messages::{Asked, asked, content_text, message};
use crate::objects::{self, Shape};

/// JSON lines, JSON arrays and tables with fields for question, completion and answer. All other fields go into `meta`.
pub struct Objects;

impl GenerationReader for Objects {
    fn name(&self) -> &'static str {
        "fields"
    }

    fn about(&self) -> &'static str {
        "objects with fields for prompt, completion and answer: JSON lines, JSON, CSV, TSV"
    }

    fn recognizes(&self, ending: Option<&str>, head: &[u8]) -> bool {
        objects::shape(ending, head, &columns()) != Shape::Text
    }

    fn read(
        &self,
        mut from: Box<dyn BufRead>,
        ending: Option<&str>,
        fields: &Fields,
    ) -> Generations {
        let shape = match from.fill_buf() {
            Ok(head) => objects::shape(ending, head, &columns()),
            Err(_) => Shape::Lines,
        };
        let fields = fields.clone();
        let all = objects::read(shape, from).flat_map(move |(line, object)| {
            let made = match object.and_then(|o| generations(o, &fields)) {
                Ok(made) => made.into_iter().map(Ok).collect(),
                Err(e) => vec![Err(e)],
            };
            made.into_iter().map(move |m| (line, m))
        });
        Box::new(all)
    }
}

/// Names of which a table has at least one.
fn columns() -> Vec<&'static str> {
    [Part::Prompt, Part::Completion]
        .iter()
        .flat_map(|p| p.names())
        .copied()
        .collect()
}

fn generations(mut object: Map<String, Value>, fields: &Fields) -> Result<Vec<Generation>, String> {
    let found = |part| -> Result<Option<(String, Value)>, String> {
        let found = fields.find(&object, part)?;
        Ok(found.map(|(n, v)| (n.to_string(), v.clone())))
    };
    let (id, prompt, answer) = (found(Part::Id)?, found(Part::Prompt)?, found(Part::Answer)?);
    let completion = found(Part::Completion)?;
    // A conversation that ends with what the model said.
    let said = prompt.as_ref().and_then(|(_, v)| last_answer(v));
    let (name, completion) = match (completion, said) {
        (Some(found), _) => found,
        (None, Some(said)) => (String::new(), Value::from(said)),
        (None, None) => {
            return Err(format!(
                "not a rotescope trace, and no completion: none of {}, ... is a field of it, it has {}; name the field with --completion-field",
                Part::Completion.names()[..6].join(", "),
                list(&object)
            ));
        }
    };
    let question = match &prompt {
        Some((n, v)) => asked(v)
            .ok_or_else(|| format!("{n:?} is {}, not a text or a list of messages", kind(v)))?,
        None => Asked::default(),
    };
    // The one field cannot be both.
    let answer = answer.filter(|(n, _)| *n != name);
    let answer = match answer {
        Some((n, v)) => Some((
            text(&v).ok_or_else(|| format!("{n:?} is {}, not a text or a number", kind(&v)))?,
            n,
        )),
        None => None,
    };
    for taken in [
        id.as_ref().map(|i| &i.0),
        prompt.as_ref().map(|p| &p.0),
        answer.as_ref().map(|a| &a.1),
        Some(&name),
    ] {
        taken.and_then(|n| object.remove(n));
    }
    let mut take = |name: &str| {
        object
            .get(name)
            .is_some_and(Value::is_string)
            .then(|| object.remove(name))
            .flatten()
            .and_then(|v| text(&v))
    };
    let (task, split, model) = (
        take("task"),
        take("split"),
        take("model").or_else(|| take("generator")),
    );
    // Of other datasets a locale is a language.
    let locale = object.get("locale").and_then(Value::as_str);
    let locale = locale.filter(|l| l.parse::<Locale>().is_ok());
    let base = Prompt {
        locale: locale.map(str::to_string),
        id: id.and_then(|(_, v)| text(&v)).unwrap_or_default(),
        question: question.question,
        instruction: question.system,
        answer: answer.map(|(a, _)| a),
        task,
        split,
        meta: if object.is_empty() {
            Value::Null
        } else {
            Value::Object(object)
        },
        ..Prompt::default()
    };
    let model = model.unwrap_or_default();
    let steps = texts(&completion).filter(|steps| are_steps(&name, steps.len(), &base.meta));
    if let Some(steps) = steps {
        return Ok(vec![Generation {
            model,
            ..Generation::of_steps(base, steps)
        }]);
    }
    let items = match completion {
        Value::Array(items) => items,
        one => vec![one],
    };
    let many = items.len() > 1;
    let one = |(i, item): (usize, Value)| {
        let mut prompt = base.clone();
        if many {
            prompt.id = format!("{}#{}", prompt.id, i + 1);
        }
        let mut model = model.clone();
        let completion = match item {
            // One of several, with what is known of it alone.
            Value::Object(mut own) => {
                let names = ["text", "content", "completion", "output", "response"];
                let name = names
                    .iter()
                    .find(|n| own.get(**n).is_some_and(Value::is_string));
                let name = name.ok_or_else(|| {
                    format!(
                        "{name:?} is an object without a text; it has {}",
                        list(&own)
                    )
                })?;
                let said = own.remove(*name).and_then(|v| text(&v)).unwrap_or_default();
                if let Some(by) = ["by", "model", "generator"]
                    .iter()
                    .find_map(|n| own.get(*n)?.as_str())
                {
                    model = by.into();
                }
                if !own.is_empty() {
                    let meta = std::mem::take(&mut prompt.meta);
                    let mut all = meta.as_object().cloned().unwrap_or_default();
                    all.extend(own);
                    prompt.meta = Value::Object(all);
                }
                said
            }
            other => content_text(&other)
                .ok_or_else(|| format!("{name:?} is {}, not a text", kind(&other)))?,
        };
        Ok(Generation {
            prompt,
            completion,
            model,
            ..Generation::default()
        })
    };
    items.into_iter().enumerate().map(one).collect()
}

/// Whether a list of texts is one completion, step by step, and not several: by its name, or since there is a label for each.
fn are_steps(name: &str, count: usize, meta: &Value) -> bool {
    let name = name.to_lowercase();
    let labels = ["labels", "step_labels", "ratings"]
        .iter()
        .find_map(|n| meta.get(*n)?.as_array());
    name.ends_with("steps") || name.ends_with("process") || labels.is_some_and(|l| l.len() == count)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    let items = value.as_array()?.iter();
    items.map(|v| v.as_str().map(str::to_string)).collect()
}

/// The last message, if it is the model's.
fn last_answer(messages: &Value) -> Option<String> {
    let (role, said) = message(messages.as_array()?.last()?)?;
    matches!(role.as_str(), "assistant" | "gpt" | "model").then_some(said)
}

/// A file of one completion, as it was copied from somewhere.
pub struct Text;

impl GenerationReader for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn about(&self) -> &'static str {
        "one completion as Markdown or plain text; a part before a line \"---\" is the question"
    }

    /// Never by itself: any file could be one.
    fn recognizes(&self, _: Option<&str>, _: &[u8]) -> bool {
        false
    }

    fn read(&self, mut from: Box<dyn BufRead>, _: Option<&str>, _: &Fields) -> Generations {
        let mut all = Vec::new();
        let read = from
            .read_to_end(&mut all)
            .map_err(|e| format!("unreadable: {e}"));
        let text = read.and_then(|_| {
            String::from_utf8(all).map_err(|e| {
                format!(
                    "not UTF-8 (byte {} of the file)",
                    e.utf8_error().valid_up_to() + 1
                )
            })
        });
        let made = text.map(|text| {
            let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
            let (question, completion) = text.split_once("\n---\n").unwrap_or(("", &text));
            Generation {
                prompt: Prompt {
                    question: question.trim().into(),
                    ..Prompt::default()
                },
                completion: completion.trim().into(),
                ..Generation::default()
            }
        });
        Box::new(std::iter::once((1, made)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(
        content: &str,
        ending: Option<&str>,
        fields: &Fields,
    ) -> Vec<Result<Generation, String>> {
        let from = std::io::Cursor::new(content.as_bytes().to_vec());
        Objects
            .read(Box::new(from), ending, fields)
            .map(|(_, g)| g)
            .collect()
    }

    fn one(content: &str) -> Generation {
        let mut all = made(content, None, &Fields::default());
        assert_eq!(all.len(), 1, "{content}");
        all.remove(0).unwrap_or_else(|e| panic!("{content}: {e}"))
    }

    #[test]
    fn names_that_people_give() {
        for content in [
            r#"{"id":3,"question":"1+1?","completion":"It is 2.","answer":2}"#,
            r#"{"idx":"3","problem":"1+1?","response":"It is 2.","solution":"2"}"#,
            r#"{"task_id":3,"prompt":"1+1?","model_output":"It is 2.","target":"2"}"#,
            r#"{"uuid":"3","messages":[{"role":"user","content":"1+1?"},{"role":"assistant","content":"It is 2."}],"gold":["2"]}"#,
            r#"{"id":3,"input":"1+1?","output":"It is 2.","expected":2,"model":"m"}"#,
        ] {
            let g = one(content);
            assert_eq!(
                (
                    g.prompt.id.as_str(),
                    g.prompt.question.as_str(),
                    g.completion.as_str(),
                    g.prompt.answer.as_deref()
                ),
                ("3", "1+1?", "It is 2.", Some("2")),
                "{content}"
            );
        }
    }

    #[test]
    fn several_completions_and_steps() {
        let all = made(
            r#"{"id":"a","question":"q","solutions":[{"by":"x","text":"one","right":false},{"by":"y","text":"two","right":true}],"kind":"k"}"#,
            None,
            &Fields::default(),
        );
        let second = all[1].as_ref().unwrap();
        assert_eq!(
            (
                second.prompt.id.as_str(),
                second.model.as_str(),
                second.completion.as_str()
            ),
            ("a#2", "y", "two")
        );
        assert_eq!(
            (&second.prompt.meta["right"], &second.prompt.meta["kind"]),
            (&Value::Bool(true), &Value::from("k"))
        );
        let g = one(
            r#"{"id":"p","problem":"q","steps":["First.","Then 2."],"label":1,"generator":"Qwen"}"#,
        );
        assert_eq!(
            (g.steps.len(), g.completion.as_str(), g.model.as_str()),
            (2, "First.\n\nThen 2.", "Qwen")
        );
        assert_eq!(g.prompt.meta["label"], 1);
    }

    #[test]
    fn steps_by_other_names() {
        for content in [
            r#"{"prompt":"q","completions":["First.","Then 2."],"labels":[true,false]}"#,
            r#"{"question":"q","model_output_steps":["First.","Then 2."],"model_output_solution_first_error_step":2}"#,
            r#"{"question":"q","modified_process":["First.","Then 2."],"error_steps":[2]}"#,
            r#"{"Question":"q","question":"q","Model_Solution_Steps":["First.","Then 2."]}"#,
        ] {
            assert_eq!(one(content).steps, ["First.", "Then 2."], "{content}");
        }
        let several = made(
            r#"{"question":"q","completions":["One.","Two."],"labels":[true]}"#,
            None,
            &Fields::default(),
        );
        assert_eq!(several.len(), 2);
    }

    #[test]
    fn tables_and_named_fields() {
        let fields = Fields {
            completion: Some("said".into()),
            prompt: Some("asked".into()),
            ..Fields::default()
        };
        let all = made("asked,said\n\"1+1?\",\"It is\n2.\"\n", Some("csv"), &fields);
        let g = all[0].as_ref().unwrap();
        assert_eq!(
            (g.prompt.question.as_str(), g.completion.as_str()),
            ("1+1?", "It is\n2.")
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        for (content, want) in [
            (
                r#"{"question":"q","text":"?"}"#,
                "not a rotescope trace, and no completion: none of completion, ",
            ),
            (
                r#"{"question":{"a":1},"completion":"c"}"#,
                "\"question\" is an object",
            ),
            (
                r#"{"question":"q","completion":7}"#,
                "\"completion\" is a number",
            ),
            (
                r#"{"question":"q","completion":"c","answer":{"x":1}}"#,
                "\"answer\" is an object",
            ),
        ] {
            let error = made(content, None, &Fields::default())
                .remove(0)
                .unwrap_err();
            assert!(error.contains(want), "{content}: {error}");
        }
    }
}
