//! How many questions of a file with worked solutions keep a known answer when their numbers change, why the others do not, and a sample to read.
//!
//! `cargo run --release -p rotescope-study --example carried -- FILE [--operator numbers] [--seed N] [--sample N] [--refused TEXT]`
//!
//! `--refused TEXT`: the sample is of those that keep none, with TEXT in the reason.
//!
//! FILE: a JSON object a line, with `question`, and the worked solution in `answer` or `expected`.

use std::collections::BTreeMap;
use std::error::Error;

use rotescope_study::perturb::{AnswerChange, Plan};
use rotescope_trace::Prompt;
use serde_json::Value;

struct Call {
    file: String,
    operator: String,
    seed: u64,
    sample: usize,
    refused: Option<String>,
}

fn call() -> Result<Call, Box<dyn Error>> {
    let mut call = Call {
        file: String::new(),
        operator: "numbers".into(),
        seed: 0,
        sample: 0,
        refused: None,
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--operator" => call.operator = value()?,
            "--seed" => call.seed = value()?.parse()?,
            "--refused" => call.refused = Some(value()?),
            "--sample" => call.sample = value()?.parse()?,
            _ => call.file = arg,
        }
    }
    if call.file.is_empty() {
        return Err("no file given: carried FILE [--operator OP] [--seed N] [--sample N]".into());
    }
    Ok(call)
}

fn prompt(line: &str, n: usize) -> Result<Prompt, Box<dyn Error>> {
    let fields: Value = serde_json::from_str(line)?;
    let text = |key: &str| fields.get(key).and_then(Value::as_str).map(String::from);
    Ok(Prompt {
        id: text("id").unwrap_or(format!("line-{n}")),
        question: text("question").ok_or("no question")?,
        answer: text("expected").or_else(|| text("answer")),
        ..Default::default()
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let call = call()?;
    let plan = Plan::parse(&[&call.operator], call.seed)?;
    let text = std::fs::read_to_string(&call.file)?;
    let (mut all, mut carried, mut refused) = (0, Vec::new(), Vec::new());
    let mut reasons = BTreeMap::<String, usize>::new();
    for (n, line) in text.lines().enumerate() {
        let before = prompt(line, n + 1).map_err(|e| format!("line {}: {e}", n + 1))?;
        all += 1;
        let reason = match plan.apply(&before, &[], None) {
            Ok(after) if after.answer != AnswerChange::Unknown => {
                carried.push((before, after.subject));
                continue;
            }
            Ok(after) => match after.subject.meta.get("not_carried") {
                Some(reason) => reason.as_str().unwrap_or_default().to_string(),
                None => "the answer is not carried".into(),
            },
            // Behind the operator's name.
            Err(reason) => match reason.0.split_once(": ") {
                Some((_, why)) => why.into(),
                None => reason.0,
            },
        };
        // Numbers in a reason would split what is one.
        let kind: String = reason
            .split(' ')
            .map(|w| {
                if w.starts_with(|c: char| c.is_ascii_digit()) {
                    "N"
                } else {
                    w
                }
            })
            .collect::<Vec<_>>()
            .join(" ");
        *reasons.entry(kind).or_default() += 1;
        refused.push((before, reason));
    }
    let share = |n: usize| 100.0 * n as f64 / all.max(1) as f64;
    println!(
        "{}: {} of {all} questions ({:.1} %) keep a known answer under {}, seed {}",
        call.file,
        carried.len(),
        share(carried.len()),
        call.operator,
        call.seed
    );
    let (changed, stated) = numbers(carried.iter().map(|(_, after)| after));
    if stated > 0 {
        println!("{changed} of the {stated} different numbers in them changed");
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    for (reason, n) in reasons {
        println!("{n:6} {:5.1} %  {reason}", share(n));
    }
    if let Some(text) = &call.refused {
        refused.retain(|(_, reason)| reason.contains(text.as_str()));
        for (before, reason) in spread(&refused, &call) {
            let solution = before.answer.as_deref().unwrap_or_default();
            println!(
                "\n=== {}: {reason}\n{}\n---\n{solution}",
                before.id, before.question
            );
        }
        return Ok(());
    }
    for (before, after) in spread(&carried, &call) {
        let solution = after.answer.as_deref().unwrap_or_default();
        println!("\n=== {}\n{}", before.id, before.question);
        println!("--- new\n{}\n--- solution\n{solution}", after.question);
    }
    Ok(())
}

/// How many numbers changed, and how many there are, as the graphs say; equal numbers of a question count as one.
fn numbers<'a>(prompts: impl Iterator<Item = &'a Prompt>) -> (usize, usize) {
    let graphs = prompts.filter_map(|p| p.meta.get("graph")?.get("numbers")?.as_array());
    let all: Vec<&Value> = graphs.flatten().collect();
    let changed = all.iter().filter(|n| n.get("from") != n.get("to"));
    (changed.count(), all.len())
}

/// So many as are asked for, spread over all of them, from a place that the seed moves.
fn spread<'a, T>(all: &'a [T], call: &Call) -> impl Iterator<Item = &'a T> {
    let step = all.len().checked_div(call.sample).unwrap_or(0).max(1);
    let first = (call.seed as usize * 7919) % step;
    all.iter().skip(first).step_by(step).take(call.sample)
}
