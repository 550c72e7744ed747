//! inspect_ai: `.eval` (a zip of samples) and `.json` logs.

use std::io::{BufRead, Cursor, Read};

use rotescope_trace::Prompt;
use serde_json::{Map, Value};
use zip::ZipArchive;

use super::probabilities::listed;
use super::reader::{GenerationReader, Generations, has_keys};
use crate::fields::{Fields, text};
use crate::generation::Generation;
use crate::messages::{asked, content_text};

/// Logs of inspect_ai. An `.eval` file is held in memory as it is, and its samples are unpacked one at a time.
pub struct Inspect;

impl GenerationReader for Inspect {
    fn name(&self) -> &'static str {
        "inspect"
    }

    fn about(&self) -> &'static str {
        "logs of inspect_ai, .eval or .json"
    }

    fn recognizes(&self, _: Option<&str>, head: &[u8]) -> bool {
        head.starts_with(b"PK\x03\x04")
            || head.trim_ascii_start().starts_with(b"{")
                && has_keys(head, &["version", "status", "eval", "plan"])
    }

    fn read(&self, mut from: Box<dyn BufRead>, _: Option<&str>, _: &Fields) -> Generations {
        let mut bytes = Vec::new();
        if let Err(e) = from.read_to_end(&mut bytes) {
            return failed(format!("unreadable: {e}"));
        }
        if bytes.starts_with(b"PK") {
            return archive(bytes);
        }
        match serde_json::from_slice::<Value>(&bytes) {
            Err(e) => failed(format!("not JSON: {e}")),
            Ok(log) => {
                let model = model(&log);
                let samples = log.get("samples").and_then(Value::as_array).cloned();
                let Some(samples) = samples else {
                    return failed("no samples in it".into());
                };
                let made = samples.into_iter().enumerate();
                Box::new(made.map(move |(i, s)| (i + 1, sample(&s, &model))))
            }
        }
    }
}

fn failed(message: String) -> Generations {
    Box::new(std::iter::once((1, Err(message))))
}

fn model(log: &Value) -> String {
    log.pointer("/eval/model")
        .and_then(text)
        .unwrap_or_default()
}

fn archive(bytes: Vec<u8>) -> Generations {
    let mut zip = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(zip) => zip,
        Err(e) => return failed(format!("not a whole zip file: {e}")),
    };
    let mut names: Vec<String> = zip.file_names().map(str::to_string).collect();
    let json = |name: &&String| {
        std::path::Path::new(name)
            .extension()
            .is_some_and(|e| e == "json")
    };
    names.sort();
    let header = names.iter().find(|n| *n == "header.json").cloned();
    let model = header
        .and_then(|n| entry(&mut zip, &n).ok())
        .map_or(String::new(), |h| model(&h));
    let samples: Vec<String> = names
        .iter()
        .filter(|n| n.starts_with("samples/"))
        .filter(json)
        .cloned()
        .collect();
    if samples.is_empty() {
        return failed(
            "no samples/ in it: is it a log of inspect_ai, and was the run finished?".into(),
        );
    }
    let made = samples.into_iter().enumerate();
    Box::new(made.map(move |(i, name)| {
        let read = entry(&mut zip, &name).map_err(|e| format!("{name}: {e}"));
        (i + 1, read.and_then(|s| sample(&s, &model)))
    }))
}

/// Bytes of one sample that are unpacked at most; a small file can claim to hold more than there is memory.
const LARGEST: u64 = 1 << 30;

fn entry(zip: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> Result<Value, String> {
    let file = zip.by_name(name).map_err(|e| e.to_string())?;
    let mut bytes = Vec::new();
    file.take(LARGEST)
        .read_to_end(&mut bytes)
        .map_err(|e| e.to_string())?;
    serde_json::from_slice(&bytes).map_err(|e| format!("not JSON: {e}"))
}

fn sample(sample: &Value, model: &str) -> Result<Generation, String> {
    let get = |name: &str| sample.get(name).filter(|v| !v.is_null());
    let id = get("id").and_then(text).ok_or("a sample without id")?;
    let epoch = get("epoch").and_then(Value::as_u64).unwrap_or(1);
    if let Some(error) = get("error") {
        let said = error.get("message").and_then(text);
        return Err(format!("sample {id} failed: {}", said.unwrap_or_default()));
    }
    let attachments = sample.get("attachments").and_then(Value::as_object);
    let input = get("input")
        .map(|v| attached(v, attachments))
        .unwrap_or_default();
    let asked = asked(&input).ok_or_else(|| {
        format!("sample {id}: its input is neither a text nor messages of a user")
    })?;
    let output = get("output").ok_or_else(|| format!("sample {id} has no output"))?;
    let choice = output.pointer("/choices/0").cloned().unwrap_or_default();
    let content = choice
        .pointer("/message/content")
        .map(|c| attached(c, attachments));
    let completion = content.as_ref().and_then(content_text);
    let completion = completion.or_else(|| {
        output
            .get("completion")
            .and_then(text)
            .map(|t| resolved(&t, attachments))
    });
    let target = get("target").and_then(text);
    let own = output.get("model").and_then(text).filter(|m| !m.is_empty());
    Ok(Generation {
        prompt: Prompt {
            id: if epoch > 1 {
                format!("{id}#{epoch}")
            } else {
                id.clone()
            },
            question: asked.question,
            instruction: asked.system,
            answer: target.filter(|t| !t.is_empty()),
            meta: get("scores")
                .map(|s| serde_json::json!({ "scores": scores(s) }))
                .unwrap_or_default(),
            ..Prompt::default()
        },
        completion: completion.ok_or_else(|| format!("sample {id} has no completion"))?,
        tokens: choice
            .pointer("/logprobs/content")
            .and_then(listed)
            .unwrap_or_default(),
        model: own.unwrap_or_else(|| model.into()),
        finish: match choice.get("stop_reason").and_then(Value::as_str) {
            Some("stop") => "end",
            Some("max_tokens" | "model_length") => "length",
            Some(other) => other,
            None => "",
        }
        .into(),
        ..Generation::default()
    })
}

/// The values of scores, without their explanations.
fn scores(scores: &Value) -> Map<String, Value> {
    let all = scores.as_object().into_iter().flatten();
    all.filter_map(|(name, s)| Some((name.clone(), s.get("value")?.clone())))
        .collect()
}

/// `attachment://HASH` refers to a long text that is kept once.
fn resolved(text: &str, attachments: Option<&Map<String, Value>>) -> String {
    let whole = text
        .strip_prefix("attachment://")
        .and_then(|hash| attachments?.get(hash)?.as_str());
    whole.unwrap_or(text).to_string()
}

fn attached(value: &Value, attachments: Option<&Map<String, Value>>) -> Value {
    match value {
        Value::String(s) => Value::from(resolved(s, attachments)),
        Value::Array(items) => items.iter().map(|v| attached(v, attachments)).collect(),
        Value::Object(all) => {
            let all = all
                .iter()
                .map(|(k, v)| (k.clone(), attached(v, attachments)));
            Value::Object(all.collect())
        }
        other => other.clone(),
    }
}
