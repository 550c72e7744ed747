//! Completions in the shape of an OpenAI-like server's answers, one JSON line each: what was asked, what was said, tokens with their probabilities
//! and candidates. It is what other tools read, and what `rotescope import` reads back; scores, counts and verdicts have no place in it.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use rotescope_trace::{Examples, Prompt, Token, Trace};

/// How each line begins.
pub const BEGINNING: &str = "{\"custom_id\":";

/// Stands for the logarithm of 0, which JSON lacks, as in OpenAI's answers.
const NEVER: f64 = -9999.0;

/// Writes a trace as one line.
pub fn line(out: &mut impl Write, t: &Trace) -> io::Result<()> {
    let (request, said) = match t.prompt.raw {
        true => (json!({"prompt": t.prompt.question}), "text"),
        false => (json!({"messages": messages(&t.prompt)}), "message"),
    };
    let content = match t.prompt.raw {
        true => json!(t.output),
        false => json!({"role": "assistant", "content": t.output}),
    };
    let known = t.tokens.iter().any(|t| t.probability().is_some());
    let logprobs =
        known.then(|| json!({"content": t.tokens.iter().map(position).collect::<Vec<_>>()}));
    let choice = json!({"index": 0, said: content, "finish_reason": finish(&t.finish), "logprobs": logprobs});
    let rest = json!({
        "request": request,
        "response": {"model": t.model.file, "choices": [choice]},
        "expected": t.answer.expected,
        "task": t.prompt.task,
        "split": t.prompt.split,
        "raw": t.prompt.raw,
        "verify": t.prompt.verify,
        "locale": t.prompt.locale,
        "meta": t.prompt.meta,
    });
    // So that the file is known by its beginning, the id goes first.
    write!(out, "{BEGINNING}{}", json!(t.prompt.id))?;
    let given = |v: &Value| !(v.is_null() || *v == Value::Bool(false));
    let rest: Map<String, Value> = match rest {
        Value::Object(fields) => fields.into_iter().filter(|(_, v)| given(v)).collect(),
        _ => Map::new(),
    };
    for (name, value) in rest {
        write!(out, ",{}:{value}", json!(name))?;
    }
    writeln!(out, "}}")
}

fn messages(prompt: &Prompt) -> Vec<Value> {
    let system = prompt.instruction.as_ref();
    let system = system.map(|text| json!({"role": "system", "content": text}));
    let examples = prompt.examples.as_ref().map(Examples::text);
    let asked = match examples.filter(|text| !text.is_empty()) {
        Some(examples) => format!("{examples}\n\n{}", prompt.question),
        None => prompt.question.clone(),
    };
    system
        .into_iter()
        .chain([json!({"role": "user", "content": asked})])
        .collect()
}

fn finish(reason: &str) -> &str {
    match reason {
        "end" => "stop",
        other => other,
    }
}

fn position(token: &Token) -> Value {
    let c = &token.candidates;
    let listed = c.ids.iter().zip(&c.text).zip(&c.p);
    let top: Vec<Value> = listed
        .map(|((id, text), p)| json!({"id": known(*id), "token": text, "bytes": text.as_bytes(), "logprob": log(*p)}))
        .collect();
    json!({"id": known(token.id), "token": token.text, "bytes": token.raw(), "logprob": log(token.p), "top_logprobs": top})
}

fn known(id: u32) -> Option<u32> {
    (id != Token::NO_ID).then_some(id)
}

fn log(p: f32) -> f64 {
    if p > 0.0 { f64::from(p).ln() } else { NEVER }
}
