//! Shares of windows, with intervals.

use std::fmt::Write;

use super::rows::{Group, Row, share};
use rotescope_stats::interval;
use rotescope_text::number::grouped;

/// Resamples of the intervals.
const RESAMPLES: usize = 1000;
/// From so many documents on they are what is drawn; of fewer, windows are, and the interval says nothing of other documents.
const ENOUGH: usize = 10;

/// What is asked of shares.
#[derive(Debug)]
pub struct Shares {
    /// Numbers of draws, and the probability that is asked for.
    pub draws: Vec<u64>,
    pub p: f64,
    pub seed: u64,
}

impl Shares {
    pub fn table(&self, out: &mut String, group: &Group) {
        let guarded = group.rows.iter().any(|r| r.guarded);
        let _ = write!(out, "\n| measure | value | 95 % |");
        out.push_str(if guarded {
            " not common | 95 % |\n|---|--:|---|--:|---|\n"
        } else {
            "\n|---|--:|---|\n"
        });
        let mut row = |name: &str, value: &dyn Fn(&Row) -> f64, share: bool| {
            let _ = write!(out, "| {name} | {} |", self.mean(group, value));
            if guarded && share {
                let own = |r: &Row| if r.common { 0.0 } else { value(r) };
                let _ = write!(out, " {} |", self.mean(group, &own));
            } else if guarded {
                out.push_str(" | |");
            }
            out.push('\n');
        };
        row(
            "greedy match share M, teacher-forced",
            &|r| r.matched,
            false,
        );
        row("recited greedily (M = 1)", &|r| share(r.recited), true);
        for &n in &self.draws {
            let name = format!("extractable in {} draws with p {}", grouped(n), self.p);
            let is = |r: &Row| share(r.draws.is_some_and(|d| d <= n as f64));
            row(&name, &is, true);
        }
        if group.documents.len() < ENOUGH {
            let _ = writeln!(
                out,
                "\nOf fewer than {ENOUGH} documents, intervals are over their windows: they say nothing of other documents."
            );
        }
    }

    /// Mean over all rows, and its interval.
    fn mean(&self, group: &Group, value: &dyn Fn(&Row) -> f64) -> String {
        let clustered = group.documents.len() >= ENOUGH;
        let clusters = if clustered {
            group.documents.len()
        } else {
            group.rows.len()
        };
        let mut sums = vec![(0.0, 0.0); clusters];
        for (i, row) in group.rows.iter().enumerate() {
            let sum = &mut sums[if clustered { row.document } else { i }];
            *sum = (sum.0 + value(row), sum.1 + 1.0);
        }
        let ratio = |drawn: &mut dyn Iterator<Item = usize>| {
            let (a, b) = drawn.fold((0.0, 0.0), |s, i| (s.0 + sums[i].0, s.1 + sums[i].1));
            (b > 0.0).then(|| a / b)
        };
        let mean = ratio(&mut (0..clusters)).unwrap_or(0.0);
        let within = interval(clusters, RESAMPLES, 0.95, self.seed, |d| {
            ratio(&mut d.iter().copied())
        });
        match within {
            Some(i) => format!("{mean:.4} | {:.4} to {:.4}", i.low, i.high),
            None => format!("{mean:.4} | "),
        }
    }
}
