//! Right answers: by task and split, by what makes a prompt hard (`meta.factors`, or `meta.transformation`), by number of copies in the corpus
//! (`meta.copies`).

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

    /// Shares by task and split, splits in the order given.
    pub fn places(&self, splits: &[String]) -> Vec<(String, String, Share)> {
        let place = |s: &String| splits.iter().position(|x| x == s);
        let all = self.by_split.iter();
        let mut all: Vec<_> = all
            .map(|((t, s), share)| (t.clone(), s.clone(), *share))
            .collect();
        all.sort_by_key(|(_, split, _)| place(split));
        all
    }

    /// `splits` are columns, in this order.
    pub fn tables(&self, splits: &[String]) -> Vec<Table> {
        let mut out = Vec::new();
        let mut tasks: Vec<&String> = self
            .by_split
            .keys()
            .filter(|(_, s)| splits.contains(s))
            .map(|(t, _)| t)
            .collect();
        tasks.dedup();
        if !tasks.is_empty() {
            let head = [&["task".to_string()], splits, &["prompts".to_string()]].concat();
            let mut t = Table::new(
                "accuracy",
                "Right answers by task and split (95 % Wilson interval)",
                &head,
            );
            for task in tasks {
                let cells: Vec<Share> = splits.iter().map(|s| self.of(task, s)).collect();
                let n = cells.iter().map(|s| s.n).sum::<usize>();
                let mut row = vec![Cell::from(task.as_str())];
                row.extend(cells.into_iter().map(Cell::from));
                row.push(n.into());
                t.rows.push(row);
            }
            out.push(t);
        }
        let row =
            |task: &str, by: String, s: Share| vec![task.into(), by.into(), s.into(), s.n.into()];
        let factors = self.by_factor.iter();
        let copies = self.by_copies.iter();
        for (id, title, by, rows) in [
            (
                "accuracy-by-factor",
                "Right answers by what makes the prompt hard",
                "factor",
                factors
                    .map(|((task, factor), s)| row(task, factor.clone(), *s))
                    .collect::<Vec<_>>(),
            ),
            (
                "accuracy-by-copies",
                "Right answers by copies of the prompt in the corpus",
                "copies",
                copies
                    .map(|((task, copies), s)| row(task, copies.to_string(), *s))
                    .collect(),
            ),
        ] {
            if !rows.is_empty() {
                let mut t = Table::new(id, title, &["task", by, "right", "prompts"]);
                t.rows = rows;
                out.push(t);
            }
        }
        out
    }
}
