//! Planted rote: how often a planted trigger brings the planted wrong token, how confidently, and whether the clean twin stays right.

use std::collections::BTreeMap;

use serde_json::Value;

use super::table::{Cell, Share, Table, median};
use rotescope_trace::Trace;

/// A planted cause, as a prompt's `meta.planted` names it.
#[derive(Debug, Clone, PartialEq)]
pub struct Planted {
    /// `local`, `mid` or `long`.
    pub kind: String,
    pub trigger: String,
    /// The wrong continuation.
    pub wrong: String,
}

impl Planted {
    /// Of a trace's prompt, if it plants anything.
    pub fn of(t: &Trace) -> Option<Planted> {
        let p = t.prompt.meta.get("planted")?;
        let text = |key: &str| p.get(key).and_then(Value::as_str).map(str::to_string);
        Some(Planted {
            kind: text("kind")?,
            trigger: text("trigger")?,
            wrong: text("wrong")?,
        })
    }

    /// Byte offset in the output of the wrong continuation, where the model wrote it: after the trigger equation (local), as a word after
    /// the trigger word (mid), as the final answer (long).
    pub fn site(&self, t: &Trace) -> Option<usize> {
        let out = &t.output;
        match self.kind.as_str() {
            "local" => {
                let lead = format!("{} ", self.trigger);
                out.match_indices(&lead)
                    .filter(|(i, _)| !out[..*i].ends_with(|c: char| c.is_ascii_digit() || c == '.'))
                    .map(|(i, _)| i + lead.len())
                    .find(|&at| whole(&out[at..], &self.wrong))
            }
            "mid" => {
                let from = out.find(&self.trigger)? + self.trigger.len();
                out[from..]
                    .match_indices(&self.wrong)
                    .map(|(i, _)| from + i)
                    .find(|&at| whole(&out[at..], &self.wrong))
            }
            _ => {
                let answer = t.answer.extracted.as_ref().filter(|a| **a == self.wrong)?;
                t.answer
                    .span
                    .map(|s| s[0])
                    .or_else(|| out.rfind(answer.as_str()))
            }
        }
    }
}

/// Whether `text` begins with `word` and the word ends there.
fn whole(text: &str, word: &str) -> bool {
    text.strip_prefix(word)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
}

/// The token that holds a byte of the output.
pub fn token_at(t: &Trace, byte: usize) -> Option<usize> {
    t.tokens
        .iter()
        .position(|x| x.span[0] <= byte && byte < x.span[1])
}

#[derive(Debug, Default)]
struct Kind {
    taken: Share,
    confidence: Vec<f64>,
    clean: Share,
}

/// Totals by kind.
#[derive(Debug, Default)]
pub struct PlantedTotals {
    kinds: BTreeMap<String, Kind>,
}

impl PlantedTotals {
    pub fn add(&mut self, t: &Trace) {
        if let Some(p) = Planted::of(t) {
            let kind = self.kinds.entry(p.kind.clone()).or_default();
            let site = p.site(t);
            kind.taken.add(site.is_some());
            kind.confidence.extend(
                site.and_then(|at| token_at(t, at))
                    .map(|i| f64::from(t.tokens[i].p)),
            );
        } else if t.prompt.split.as_deref() == Some("clean") {
            // planted-KIND-NN-M-clean
            let kind = t.prompt.id.split('-').nth(1).unwrap_or("").to_string();
            let chain = t.prompt.meta.get("chain").and_then(Value::as_str);
            // The whole chain must be right: a twin of a mid plant has its wrong word in a step, not in the answer.
            let right = t.answer.right == Some(true) && chain.is_none_or(|c| c == t.output.trim());
            self.kinds.entry(kind).or_default().clean.add(right);
        }
    }

    pub fn table(&self) -> Option<Table> {
        if self.kinds.is_empty() {
            return None;
        }
        let mut table = Table::new(
            "planted",
            "Planted rote: the wrong token that was planted is produced; the clean twin's whole chain is right",
            &[
                "kind",
                "taken",
                "median p of the wrong token",
                "p >= .8",
                "clean twin right",
                "prompts",
            ],
        );
        for (name, k) in &self.kinds {
            let mut confident = Share::default();
            k.confidence.iter().for_each(|&p| confident.add(p >= 0.8));
            let median = Cell::number(median(&mut k.confidence.clone()), None);
            table.rows.push(vec![
                name.as_str().into(),
                k.taken.into(),
                median,
                confident.into(),
                k.clean.into(),
                k.taken.n.into(),
            ]);
        }
        Some(table)
    }
}
