//! Sums over many pairs: accuracy before and after, what the answers turned into, how sources shifted, which pairs are fragile.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::record::{Comparison, StepRelation, source};
use rotescope_stats::bootstrap::{Interval, interval};
use rotescope_stats::mcnemar_exact;
use rotescope_trace::{Source, Token, Trace};

/// What is kept of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TotalsRow {
    pub a: String,
    pub b: String,
    pub right_a: Option<bool>,
    pub right_b: Option<bool>,
    pub answered_original: bool,
    /// Whether the changed completion uses a number that only the original has.
    pub copies: bool,
    pub fragility: f64,
    /// Mean change of the log-probability of the original chain's tokens under the changed prompt, in nats a token.
    pub forced: Option<f64>,
    /// Of texts to be recited: the share of expected words that each output has at their places.
    pub recited: Option<(f64, f64)>,
}

/// Running totals. Memory grows by a [`TotalsRow`] a pair, not by traces.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    pub rows: Vec<TotalsRow>,
    /// (source before, source after) of paired tokens that are scored on both sides.
    shifts: BTreeMap<(Option<Source>, Option<Source>), u64>,
    steps: BTreeMap<&'static str, u64>,
    /// Pairs that have one question.
    same: usize,
}

/// Accuracy of paired prompts before and after, in shares of 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Paired {
    pub pairs: usize,
    pub before: f64,
    pub after: f64,
    /// Right only before, right only after.
    pub lost: u64,
    pub won: u64,
    /// McNemar's exact test, two-sided.
    pub p: f64,
    /// Of `after - before`, 95 %, bootstrap over pairs.
    pub difference: Option<Interval>,
}

/// Resamples of the intervals.
const RESAMPLES: usize = 2000;

/// Words from which on an expected answer is a text to be recited.
const RECITED: usize = 8;

impl Totals {
    pub fn add(&mut self, a: &Trace, b: &Trace, c: &Comparison) {
        self.rows.push(TotalsRow {
            a: c.a.id.clone(),
            b: c.b.id.clone(),
            right_a: c.a.answer.right,
            right_b: c.b.answer.right,
            answered_original: c.answered_original,
            copies: !c.copied.is_empty(),
            fragility: c.fragility,
            forced: c
                .forced
                .map(|f| (f.changed - f.original) / f.tokens.max(1) as f64),
            recited: recited(a).zip(recited(b)),
        });
        self.same += usize::from(c.a.question == c.b.question);
        for t in &c.tokens {
            let Some((i, j)) = t.a.zip(t.b) else { continue };
            let (x, y) = (&a.tokens[i], &b.tokens[j]);
            // A completion that nothing was looked up for has no sources, which is not a shift to none.
            let scored = |t: &Token| t.skipped.is_none() && t.local.is_some();
            if scored(x) && scored(y) {
                *self.shifts.entry((source(x), source(y))).or_default() += 1;
            }
        }
        for s in &c.steps {
            let name = match s.relation {
                StepRelation::Same => "same",
                StepRelation::SameButNumbers => "same but for numbers or names",
                StepRelation::Changed => "changed",
                StepRelation::OnlyA => "only in the first",
                StepRelation::OnlyB => "only in the second",
            };
            *self.steps.entry(name).or_default() += 1;
        }
    }

    /// What the two sides are to a reader: where every question stayed the same, there is no before and after.
    pub fn sides(&self) -> [&'static str; 2] {
        if self.same == self.rows.len() {
            ["A", "B"]
        } else {
            ["before", "after"]
        }
    }

    /// Steps by what became of them.
    pub fn steps(&self) -> &BTreeMap<&'static str, u64> {
        &self.steps
    }

    /// Tokens by source before and after.
    pub fn shifts(&self) -> &BTreeMap<(Option<Source>, Option<Source>), u64> {
        &self.shifts
    }

    /// Accuracy over the pairs in which both answers can be judged; `None` without any.
    pub fn paired(&self) -> Option<Paired> {
        let judged: Vec<(bool, bool)> = self
            .rows
            .iter()
            .filter_map(|r| r.right_a.zip(r.right_b))
            .collect();
        let n = judged.len();
        if n == 0 {
            return None;
        }
        let count =
            |f: &dyn Fn(&(bool, bool)) -> bool| judged.iter().filter(|p| f(p)).count() as u64;
        let (lost, won) = (count(&|p| p.0 && !p.1), count(&|p| !p.0 && p.1));
        let change = |p: &(bool, bool)| f64::from(u8::from(p.1)) - f64::from(u8::from(p.0));
        Some(Paired {
            pairs: n,
            before: count(&|p| p.0) as f64 / n as f64,
            after: count(&|p| p.1) as f64 / n as f64,
            lost,
            won,
            p: mcnemar_exact(lost, won),
            difference: interval(n, RESAMPLES, 0.95, 0, |drawn| {
                Some(drawn.iter().map(|i| change(&judged[*i])).sum::<f64>() / drawn.len() as f64)
            }),
        })
    }

    /// Memorization drop: mean of `M(before) - M(after)` with its interval, where `M` is the share of the expected words that stand at their places;
    /// over texts to be recited. `None` without any.
    pub fn memorization_drop(&self) -> Option<(f64, Option<Interval>)> {
        let drops: Vec<f64> = self
            .rows
            .iter()
            .filter_map(|r| r.recited)
            .map(|(a, b)| a - b)
            .collect();
        let mean = |drawn: &mut dyn Iterator<Item = usize>| {
            let (sum, n) = drawn.fold((0.0, 0), |(s, n), i| (s + drops[i], n + 1));
            (n > 0).then(|| sum / f64::from(n))
        };
        let all = mean(&mut (0..drops.len()))?;
        Some((
            all,
            interval(drops.len(), RESAMPLES, 0.95, 0, |drawn| {
                mean(&mut drawn.iter().copied())
            }),
        ))
    }

    /// Mean change of log-probability of the original completions, in nats a token.
    pub fn forced(&self) -> Option<f64> {
        let all: Vec<f64> = self.rows.iter().filter_map(|r| r.forced).collect();
        (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
    }

    /// The rows, most fragile first; equal ones in the order of the file.
    pub fn by_fragility(&self) -> Vec<&TotalsRow> {
        let mut rows: Vec<&TotalsRow> = self.rows.iter().collect();
        rows.sort_by(|x, y| y.fragility.total_cmp(&x.fragility));
        rows
    }
}

/// The share of the expected words that the output has at their places; `None` where the expected answer is short.
fn recited(t: &Trace) -> Option<f64> {
    let expected: Vec<&str> = t.answer.expected.as_ref()?.split_whitespace().collect();
    if expected.len() < RECITED {
        return None;
    }
    let given = t.output.split_whitespace();
    let same = expected.iter().zip(given).filter(|(e, g)| *e == g).count();
    Some(same as f64 / expected.len() as f64)
}
