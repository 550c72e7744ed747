//! The verdict on a pair, in a sentence.

use super::record::{Comparison, Delta, Side, StepRelation, TokenPair};
use rotescope_text::sanitize;
use rotescope_trace::Source;

/// Says of a pair: the answers, where the completions part, what changed most, what was copied.
pub fn verdict(c: &Comparison) -> String {
    let mut parts = vec![answers(c)];
    match c.first_divergence.map(|i| &c.tokens[i]) {
        None if same_question(c) => parts.push("the completions are the same".into()),
        None => parts.push("the completions are the same but for what the change explains".into()),
        Some(t) => parts.push(format!("the completions part at {}", said(c, t))),
    }
    if let Some(i) = c.top_change.filter(|i| Some(*i) != c.first_divergence) {
        let t = &c.tokens[i];
        // A change that shows as 0.00 is none to speak of.
        if let Some((what, by)) = t.delta.map(|d| largest(&d)).filter(|l| l.1.abs() >= 0.005) {
            parts.push(format!(
                "the largest change is at {}: {what} {by:+.2}",
                said(c, t)
            ));
        }
    }
    if let Some(first) = c.copied.first() {
        parts.push(format!(
            "it uses {}, a number that only the original has",
            sanitize::line(&first.number)
        ));
    }
    if c.answered_original {
        parts.push("it answered the original question".into());
    }
    let same = c
        .steps
        .iter()
        .filter(|s| s.relation == StepRelation::SameButNumbers)
        .count();
    if same > 0 {
        let steps = if same == 1 {
            "step keeps its"
        } else {
            "steps keep their"
        };
        parts.push(format!("{same} {steps} words with other numbers or names"));
    }
    let mut text = parts.join("; ");
    if let Some(first) = text.get(..1) {
        text = first.to_uppercase() + &text[1..];
    }
    text + "."
}

/// Whether nothing but the run or the model differs: then no side is the original.
fn same_question(c: &Comparison) -> bool {
    c.a.question == c.b.question
}

fn answers(c: &Comparison) -> String {
    match (c.a.answer.right, c.b.answer.right) {
        (Some(true), Some(true)) if same_question(c) => "both right".into(),
        (Some(true), Some(false)) if same_question(c) => "A right, B wrong".into(),
        (Some(false), Some(true)) if same_question(c) => "A wrong, B right".into(),
        (Some(false), Some(false)) if same_question(c) => "both wrong".into(),
        (Some(true), Some(true)) => "right before and after".into(),
        (Some(true), Some(false)) => "right before, wrong after".into(),
        (Some(false), Some(true)) => "wrong before, right after".into(),
        (Some(false), Some(false)) => "wrong before and after".into(),
        _ => {
            let given = |t: &Side| {
                sanitize::line(t.answer.extracted.as_deref().unwrap_or("no answer")).into_owned()
            };
            format!("answers {} and {}", given(&c.a), given(&c.b))
        }
    }
}

/// The name of what changes most, and by how much.
fn largest(d: &Delta) -> (String, f64) {
    let mut best = ("p".to_string(), d.p);
    for s in Source::ALL {
        if let Some(v) = d.scores.get(s).filter(|v| v.abs() > best.1.abs()) {
            best = (s.name().into(), v);
        }
    }
    best
}

/// A pair of tokens in quotes.
fn said(c: &Comparison, t: &TokenPair) -> String {
    let quote = |text: &str| format!("\"{}\"", sanitize::line(text.trim()));
    let only = match (same_question(c), t.b.is_none()) {
        (true, true) => "only in A",
        (true, false) => "only in B",
        (false, true) => "only in the original",
        (false, false) => "only in the changed one",
    };
    match (t.a, t.b) {
        (Some(_), None) => format!("{} ({only})", quote(&t.text_a)),
        (None, _) => format!("{} ({only})", quote(&t.text_b)),
        _ if t.text_a == t.text_b => quote(&t.text_a),
        _ => format!("{} against {}", quote(&t.text_a), quote(&t.text_b)),
    }
}
