//! Right answers: by task and split, by factor of the long tail, by number of copies in the corpus.

use std::collections::BTreeMap;

use serde_json::Value;

use super::table::{Cell, Share, Table};
use rotescope_trace::Trace;

/// Shares of right answers, grouped.
#[derive(Debug, Default)]
pub struct Accuracy {
    by_split: BTreeMap<(String, String), Share>,
    by_factor: BTreeMap<(String, String), Share>,
    by_copies: BTreeMap<(String, u64), Share>,
}

/// The splits that are columns, in this order.
const SPLITS: [&str; 3] = ["seen", "base", "longtail"];

impl Accuracy {
    /// Adds one trace; those without an expected answer do not count.
    pub fn add(&mut self, t: &Trace) {
        let (Some(right), Some(task), Some(split)) =
            (t.answer.right, &t.prompt.task, &t.prompt.split)
        else {
            return;
        };
        self.by_split
            .entry((task.clone(), split.clone()))
            .or_default()
            .add(right);
        let meta = &t.prompt.meta;
        if let Some(factors) = meta.get("factors").and_then(Value::as_array) {
            let mut names: Vec<&str> = factors.iter().filter_map(Value::as_str).collect();
            if let Some(how) = meta.get("transformation").and_then(Value::as_str) {
                names = vec![how];
            }
            self.by_factor
                .entry((task.clone(), names.join(" + ")))
                .or_default()
                .add(right);
        }
        if let Some(copies) = meta.get("copies").and_then(Value::as_u64) {
            self.by_copies
                .entry((task.clone(), copies))
                .or_default()
                .add(right);
        }
    }

    /// The share of right answers of one task and split.
    pub fn of(&self, task: &str, split: &str) -> Share {
        self.by_split
            .get(&(task.into(), split.into()))
            .copied()
            .unwrap_or_default()
    }

    pub fn tables(&self) -> Vec<Table> {
        let mut out = Vec::new();
        let tasks: Vec<&String> = {
            let mut t: Vec<_> = self
                .by_split
                .keys()
                .filter(|(_, s)| SPLITS.contains(&s.as_str()))
                .map(|(t, _)| t)
                .collect();
            t.dedup();
            t.retain(|t| *t != "recite");
            t
        };
        if !tasks.is_empty() {
            let mut t = Table::new(
                "accuracy",
                "Right answers by task and split (95 % Wilson interval)",
                &["task", "seen", "base", "long tail", "prompts"],
            );
            for task in tasks {
                let cells: Vec<Share> = SPLITS.iter().map(|s| self.of(task, s)).collect();
                let n = cells.iter().map(|s| s.n).sum::<usize>();
                t.rows.push(
                    [Cell::from(task.as_str())]
                        .into_iter()
                        .chain(cells.into_iter().map(Cell::from))
                        .chain([n.into()])
                        .collect(),
                );
            }
            out.push(t);
        }
        if !self.by_factor.is_empty() {
            let mut t = Table::new(
                "accuracy-by-factor",
                "Long tail by factor",
                &["task", "factor", "right", "prompts"],
            );
            for ((task, factor), s) in &self.by_factor {
                t.rows.push(vec![
                    task.as_str().into(),
                    factor.as_str().into(),
                    (*s).into(),
                    s.n.into(),
                ]);
            }
            out.push(t);
        }
        for (title, recite) in [
            ("Seen prompts by copies in the corpus", false),
            ("Passages recited by copies in the corpus", true),
        ] {
            let rows: Vec<_> = self
                .by_copies
                .iter()
                .filter(|((t, _), _)| (t == "recite") == recite)
                .collect();
            if rows.is_empty() {
                continue;
            }
            let mut t = Table::new(
                if recite {
                    "recited-by-copies"
                } else {
                    "accuracy-by-copies"
                },
                title,
                &[
                    "task",
                    "copies",
                    if recite { "recited" } else { "right" },
                    "prompts",
                ],
            );
            for ((task, copies), s) in rows {
                t.rows.push(vec![
                    task.as_str().into(),
                    copies.to_string().into(),
                    (*s).into(),
                    s.n.into(),
                ]);
            }
            out.push(t);
        }
        out
    }
}
