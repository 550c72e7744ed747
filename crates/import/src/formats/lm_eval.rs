//! lm-evaluation-harness: `samples_TASK_DATE.jsonl`.

use std::collections::HashSet;
use std::io::BufRead;

use rotescope_trace::{Examples, Prompt};
use serde_json::{Map, Value};

use super::reader::{GenerationReader, Generations, has_keys};
use crate::fields::{Fields, Part, list, text};
use crate::generation::Generation;
use crate::messages::{Asked, asked};
use crate::objects::{self, Shape};
use crate::prompts::question;

/// One row a document and filter; the first row of a document is taken.
pub struct LmEval;

impl GenerationReader for LmEval {
    fn name(&self) -> &'static str {
        "lm-eval"
    }

    fn about(&self) -> &'static str {
        "samples of lm-evaluation-harness"
    }

    fn recognizes(&self, _: Option<&str>, head: &[u8]) -> bool {
        has_keys(head, &["doc_id", "doc", "arguments", "resps"])
            || head.trim_ascii_start().starts_with(b"{\"doc_id\"")
                && has_keys(head, &["doc_id", "doc"])
    }

    fn read(&self, from: Box<dyn BufRead>, _: Option<&str>, fields: &Fields) -> Generations {
        let fields = fields.clone();
        let mut seen = HashSet::new();
        let all = objects::read(Shape::Lines, from).flat_map(move |(line, object)| {
            let made: Vec<Result<Generation, String>> =
                match object.and_then(|o| generations(&o, &fields)) {
                    Err(e) => vec![Err(e)],
                    // The same answers under another filter.
                    Ok((id, made)) => match seen.insert(id) {
                        true => made.into_iter().map(Ok).collect(),
                        false => Vec::new(),
                    },
                };
            made.into_iter().map(move |m| (line, m))
        });
        Box::new(all)
    }
}

fn generations(
    object: &Map<String, Value>,
    fields: &Fields,
) -> Result<(String, Vec<Generation>), String> {
    let get = |name: &str| object.get(name).filter(|v| !v.is_null());
    let id = get("doc_id")
        .and_then(text)
        .ok_or_else(|| format!("no doc_id; it has {}", list(object)))?;
    let doc = get("doc").and_then(Value::as_object);
    let rendered = get("arguments").and_then(argument);
    let mut prompt = Prompt::default();
    let of_doc = doc.and_then(|d| question(d, fields).ok());
    let conversation = rendered.as_deref().and_then(messages);
    // Of a conversation the file has no rendered text: what stands before the question is kept as examples.
    let rendered = rendered.filter(|_| conversation.is_none());
    let asked = match (of_doc, conversation) {
        (Some((_, of_doc)), Some(conversation)) => Asked {
            question: of_doc.question,
            system: of_doc.system.or(conversation.system),
            before: conversation.before,
        },
        (Some((_, asked)), None) | (None, Some(asked)) => asked,
        (None, None) => Asked {
            question: rendered
                .clone()
                .ok_or("neither a question in doc nor arguments")?,
            ..Asked::default()
        },
    };
    prompt.question = asked.question;
    prompt.instruction = asked.system;
    prompt.examples = asked.before.map(Examples::Text);
    let answer = |d: &Map<String, Value>| {
        fields
            .find(d, Part::Answer)
            .ok()
            .flatten()
            .and_then(|(_, v)| text(v))
    };
    let target = get("target").and_then(text);
    // A number is the place of a choice where there are choices.
    let is_place = doc.is_some_and(|d| d.contains_key("choices"))
        && get("target").is_some_and(Value::is_number);
    prompt.answer = match is_place {
        false => target.or_else(|| doc.and_then(answer)),
        true => doc.and_then(answer).or(target),
    };
    let responses = get("resps")
        .or_else(|| get("filtered_resps"))
        .ok_or("no resps")?;
    let mut texts = Vec::new();
    flatten(responses, &mut texts);
    if texts.is_empty() || is_likelihoods(responses) {
        return Err(
            "resps holds no text: the task compares log-likelihoods and generates nothing".into(),
        );
    }
    let one = texts.len() == 1;
    let made = texts.into_iter().enumerate().map(|(i, completion)| {
        let mut prompt = prompt.clone();
        prompt.id = if one {
            id.clone()
        } else {
            format!("{id}#{}", i + 1)
        };
        Generation {
            prompt,
            rendered: rendered.clone(),
            completion,
            ..Generation::default()
        }
    });
    Ok((id.clone(), made.collect()))
}

/// The text of a request: `{gen_args_0: {arg_0: TEXT}}`, or `[[TEXT, ..]]`. With a chat template the text may be a list of messages, as JSON or not.
fn argument(arguments: &Value) -> Option<String> {
    let first = match arguments {
        Value::Object(all) => {
            let args = all.values().next()?;
            args.get("arg_0").or_else(|| args.as_array()?.first())?
        }
        Value::Array(all) => match all.first()? {
            Value::Array(args) => args.first()?,
            other => other,
        },
        _ => return None,
    };
    Some(match first {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

/// What is asked by messages that were written as JSON.
fn messages(rendered: &str) -> Option<Asked> {
    let list = rendered
        .trim_start()
        .starts_with('[')
        .then(|| serde_json::from_str::<Value>(rendered).ok())??;
    // lm-eval keeps them as `["[{...}]"]` too.
    let inner = list
        .get(0)
        .and_then(Value::as_str)
        .and_then(|s| serde_json::from_str(s).ok());
    asked(&inner.unwrap_or(list))
}

/// Whether all responses are pairs of a log-likelihood and whether it is the greedy choice: `[[["-0.11", "False"]], ..]`, with texts or without.
fn is_likelihoods(responses: &Value) -> bool {
    let number = |v: &Value| match v {
        Value::String(s) => s.parse::<f64>().is_ok(),
        other => other.is_number(),
    };
    let flag = |v: &Value| v.is_boolean() || matches!(v.as_str(), Some("True" | "False"));
    match responses {
        Value::Array(items) => match &items[..] {
            [likelihood, greedy] if number(likelihood) && flag(greedy) => true,
            [] => false,
            all => all.iter().all(is_likelihoods),
        },
        other => other.is_number(),
    }
}

/// All texts of nested lists.
fn flatten(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(s) => into.push(s.clone()),
        Value::Array(items) => items.iter().for_each(|v| flatten(v, into)),
        _ => {}
    }
}
