//! How well equations are judged on labelled solutions:
//! `cargo run --release -p rotescope-judge --example equations -- [-v] [-n] [-m] [-u] [-c] FILES`.
//!
//! A file has one JSON object a line: `steps` and `first_wrong` (0-based; -1 or null: none), or `solutions`, each with a `text` of one step
//! a line and `right`. Listed are, with `-v`, steps called wrong in front of the first error; with `-n`, first errors that are called wrong; with
//! `-m`, those that are not; with `-u`, steps with a closed equation that are not judged; with `-c`, judged ones without.
//!
//! A *closed numeric equation* is a sign of equality (`=`, `\approx`, `≈`, "equals") with an expression of numbers with at least one operator
//! on one side and a number on the other, and no variable. It is looked for by `closed.rs` alone, and not by what judges.

mod closed;

use std::time::Instant;

use rotescope_judge::Judgement;
use rotescope_judge::arithmetic::Arithmetic;
use rotescope_judge::verifier::{Completion, Findings, Verifier};
use rotescope_trace::{Answer, Prompt};
use serde_json::Value as Json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (options, files): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|a| a.starts_with('-'));
    let shown = |o: &str| options.iter().any(|a| a == o);
    for file in &files {
        let mut sums = Sums::default();
        let text = std::fs::read_to_string(file)?;
        let chains: Vec<Chain> = text
            .lines()
            .map(serde_json::from_str)
            .collect::<Result<Vec<Json>, _>>()?
            .iter()
            .flat_map(chains)
            .collect();
        let start = Instant::now();
        let verdicts: Vec<Vec<Judgement>> = chains.iter().map(Chain::verdicts).collect();
        let seconds = start.elapsed().as_secs_f64();
        for (chain, verdicts) in chains.iter().zip(&verdicts) {
            sums.count(chain, verdicts, &shown);
        }
        println!("{file}");
        println!("{sums}");
        #[allow(clippy::cast_precision_loss)] // Counts of lines.
        let speed = chains.len() as f64 / seconds;
        println!("  {speed:.0} solutions a second on one core");
    }
    Ok(())
}

/// A labelled solution.
struct Chain {
    id: String,
    question: String,
    steps: Vec<String>,
    label: Label,
}

#[derive(Clone, Copy, PartialEq)]
enum Label {
    Clean,
    /// The first wrong step.
    Wrong(usize),
    /// Wrong at a step that is not known.
    Somewhere,
}

fn chains(row: &Json) -> Vec<Chain> {
    let text = |v: &Json| v.as_str().unwrap_or_default().to_owned();
    let (id, question) = (text(&row["id"]), text(&row["question"]));
    if let Some(solutions) = row["solutions"].as_array() {
        let chain = |s: &Json| Chain {
            id: format!("{id} {}", text(&s["by"])),
            question: question.clone(),
            steps: text(&s["text"]).lines().map(str::to_owned).collect(),
            label: if s["right"] == true {
                Label::Clean
            } else {
                Label::Somewhere
            },
        };
        return solutions.iter().map(chain).collect();
    }
    let label = row["first_wrong"].as_i64().unwrap_or(-1);
    vec![Chain {
        id,
        question,
        steps: row["steps"]
            .as_array()
            .into_iter()
            .flatten()
            .map(text)
            .collect(),
        label: usize::try_from(label).map_or(Label::Clean, Label::Wrong),
    }]
}

impl Chain {
    fn verdicts(&self) -> Vec<Judgement> {
        let prompt = Prompt {
            question: self.question.clone(),
            ..Prompt::default()
        };
        let mut text = String::new();
        let mut spans = Vec::new();
        for step in &self.steps {
            let from = text.len();
            text.push_str(step);
            spans.push(from..text.len());
            text.push('\n');
        }
        let answer = Answer::default();
        match Arithmetic.findings(&Completion::new(&prompt, &answer, &text, spans)) {
            Findings::Steps(found) => found,
            Findings::Whole(_) => vec![Judgement::NotApplicable; self.steps.len()],
        }
    }
}

#[derive(Default)]
struct Sums {
    chains: usize,
    wrong: usize,
    steps: usize,
    closed: usize,
    closed_judged: usize,
    judged: usize,
    false_alarms: usize,
    named: usize,
    found: usize,
    somewhere: usize,
}

impl Sums {
    fn count(&mut self, chain: &Chain, verdicts: &[Judgement], shown: &dyn Fn(&str) -> bool) {
        self.chains += 1;
        let wrong = |v: &Judgement| matches!(v, Judgement::Wrong { .. });
        let first = verdicts.iter().position(wrong);
        for (i, (step, verdict)) in chain.steps.iter().zip(verdicts).enumerate() {
            let judged = *verdict != Judgement::NotApplicable;
            let closed = closed::is_closed(step);
            self.steps += 1;
            self.judged += usize::from(judged);
            self.closed += usize::from(closed);
            self.closed_judged += usize::from(closed && judged);
            if closed && !judged && shown("-u") {
                println!("not judged: {} {i}: {step}\n", chain.id);
            }
            if judged && !closed && shown("-c") {
                println!("judged, not closed: {} {i}: {step}\n", chain.id);
            }
            let before = match chain.label {
                Label::Clean => true,
                Label::Wrong(w) => i < w,
                Label::Somewhere => false,
            };
            if let Judgement::Wrong { why, .. } = verdict
                && before
            {
                self.false_alarms += 1;
                if shown("-v") {
                    println!("false alarm: {} {i}: {why}\n    {step}\n", chain.id);
                }
            }
        }
        match chain.label {
            Label::Clean => {}
            Label::Wrong(w) => {
                self.wrong += 1;
                self.named += usize::from(first == Some(w));
                self.found += usize::from(verdicts.get(w).is_some_and(wrong));
                if shown("-n")
                    && let Some(Judgement::Wrong { why, .. }) = verdicts.get(w)
                {
                    println!("named: {} {w}: {why}\n", chain.id);
                }
                if first != Some(w) && shown("-m") {
                    println!(
                        "missed{}: {} {w} (said {first:?}): {}\n",
                        if closed::is_closed(&chain.steps[w]) {
                            " closed"
                        } else {
                            ""
                        },
                        chain.id,
                        chain.steps[w]
                    );
                }
            }
            Label::Somewhere => {
                self.wrong += 1;
                self.somewhere += usize::from(first.is_some());
            }
        }
    }
}

impl std::fmt::Display for Sums {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "  solutions {}, of these wrong {}",
            self.chains, self.wrong
        )?;
        writeln!(f, "  steps {}, judged {}", self.steps, self.judged)?;
        writeln!(
            f,
            "  steps with a closed numeric equation {}, judged {}",
            self.closed, self.closed_judged
        )?;
        writeln!(
            f,
            "  called wrong before the first labelled error {}",
            self.false_alarms
        )?;
        writeln!(
            f,
            "  first errors: named {}, called wrong {}; wrong without a place, with a wrong step {}",
            self.named, self.found, self.somewhere
        )
    }
}
