//! Traces made by hand.

use rotescope_text::{SplitBy, final_answer, same_answer, scored, split_steps, token_spans};
use rotescope_trace::Trace;
use serde_json::{Value, json};

/// A trace of `pieces`, each a token with its probability; local scores where given. The prompt is `prompt`, as a prompt file's line.
///
/// # Panics
/// If the prompt lacks what a record needs.
pub fn trace(prompt: Value, pieces: &[(&str, f64, Option<f64>)]) -> Trace {
    let output: String = pieces.iter().map(|p| p.0).collect();
    let mut at = 0;
    let mut spans = Vec::new();
    let tokens: Vec<Value> = pieces
        .iter()
        .enumerate()
        .map(|(i, (text, p, local))| {
            let span = [at, at + text.len()];
            spans.push(at..at + text.len());
            at += text.len();
            let mut token = json!({
                "id": i, "text": text, "span": span, "p": p, "rank": 1, "entropy": 2.0 * (1.0 - p),
                "candidates": {"ids": [i, 999], "text": [text, "x"], "p": [p, 1.0 - p]},
            });
            match scored(text) {
                Err(skip) => token["skipped"] = skip.name().into(),
                Ok(()) => {
                    if let Some(score) = local {
                        token["candidates"]["local"] = json!([41_000, 204]);
                        token["local"] = json!({"score": score, "context": 5, "context_count": 41_204, "match_count": 41_000});
                    }
                }
            }
            token
        })
        .collect();
    let steps = split_steps(&output, SplitBy::Sentence);
    let of_tokens = token_spans(output.as_bytes(), &steps, &spans);
    let steps: Vec<Value> = steps
        .iter()
        .zip(&of_tokens)
        .map(|(s, t)| json!({"span": [s.start, s.end], "tokens": [t.start, t.end]}))
        .collect();
    let found = final_answer(&output);
    let expected = prompt["answer"].as_str();
    let right = expected.map(|e| found.as_ref().is_some_and(|a| same_answer(a.text, e)));
    let question = prompt["question"].as_str().unwrap_or("");
    serde_json::from_value(json!({
        "schema": "rotescope.trace/1", "rotescope": "0",
        "prompt": {
            "id": prompt["id"], "question": question, "text": question, "question_span": [0, question.len()], "tokens": [1],
            "task": prompt["task"], "split": prompt["split"], "pair": prompt["pair"], "verify": prompt["verify"], "meta": prompt["meta"],
        },
        "model": {"file": "hand.gguf", "sha256": "aa", "architecture": "llama", "quantization": "F32", "parameters": 1, "tokenizer": "t"},
        "sampler": {"temperature": 0.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "seed": 0, "max_tokens": 9},
        "attribution": {"candidates": 2, "steps": "sen"},
        "output": output, "tokens": tokens, "steps": steps,
        "answer": {
            "extracted": found.as_ref().map(|a| a.text), "span": found.as_ref().map(|a| [a.span.start, a.span.end]),
            "expected": expected, "right": right,
        },
        "finish": "end", "timing": {"prompt": 0.0, "generate": 0.0, "attribute": 0.0, "tokens_per_second": 0.0},
    }))
    .unwrap()
}

/// Cut into tokens before every blank and between digits, all with probability .9.
pub fn plain(prompt: Value, output: &str) -> Trace {
    let mut pieces: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in output.chars() {
        let joins = c.is_alphabetic() && (last.is_alphabetic() || last == ' ');
        match pieces.last_mut() {
            Some(piece) if joins => piece.push(c),
            _ => pieces.push(c.into()),
        }
        last = c;
    }
    let pieces: Vec<(&str, f64, Option<f64>)> =
        pieces.iter().map(|p| (p.as_str(), 0.9, None)).collect();
    trace(prompt, &pieces)
}

/// An applied problem with its completion by template.
pub fn applied(id: &str, answer: &str, chain: &str) -> Value {
    json!({
        "id": id, "question": "Tom has 35 pens. Tom loses 4 pens. How many pens are there now?",
        "task": "applied", "split": "base", "answer": answer, "meta": {"template": "t", "chain": chain},
    })
}

const SUM: &str = "There are 5 + 2 = 7 pens. So the answer is 7.";

/// A completion with the sum `result`, the probability of its token, and local scores that rank it `first` or last.
pub fn sum(id: &str, result: &str, p: f64, first: bool) -> Trace {
    let (low, high) = if first { (0.1, 0.9) } else { (0.5, 0.1) };
    let pieces = [
        (" There", 0.99, None),
        (" are", 0.99, None),
        (" 5", 0.98, Some(low)),
        (" +", 0.97, Some(low)),
        (" 2", 0.96, Some(low)),
        (" =", 0.99, Some(low)),
        (" ", 0.99, None),
        (result, p, Some(high)),
        (" pens", 0.95, Some(low)),
        (".", 0.99, None),
        (" So", 0.99, None),
        (" the", 0.99, None),
        (" answer", 0.99, Some(low)),
        (" is", 0.99, None),
        (" ", 0.99, None),
        (result, 0.97, Some(low)),
        (".", 0.99, None),
    ];
    trace(applied(id, "7", SUM), &pieces)
}

/// Wrong results are unsure, right ones sure: forty prompts are enough for a flag that says so.
pub fn many_sums() -> Vec<Trace> {
    (0..40)
        .map(|i| {
            let wrong = i % 2 == 0;
            let p = if wrong { 0.35 } else { 0.9 } + 0.002 * f64::from(i % 7);
            sum(
                &format!("q{i}"),
                if wrong { "8" } else { "7" },
                p,
                i % 3 == 0,
            )
        })
        .collect()
}
