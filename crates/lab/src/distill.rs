//! What students of a model that knows texts by heart come to know by heart too, by the loss that they learn by: records of `training/distill.py`, and what they say
//! together.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::summary::{Mean, mean};
use rotescope_trace::audit::AuditRecord;

/// A student after some passes over what it learns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DistillRecord {
    /// What it learns by: `sft`, `word`, `sequence`, `reverse`.
    pub loss: String,
    pub seed: u64,
    pub passes: u32,
    /// Nats a token, of true answers that it has not read.
    pub test_loss: f64,
    /// Share of the people whose whole answer is given verbatim.
    pub verbatim: f64,
}

impl AuditRecord for DistillRecord {
    const SCHEMA: &'static str = "rotescope.lab-distill/1";

    fn key(&self) -> String {
        format!("{} seed {} passes {}", self.loss, self.seed, self.passes)
    }
}

/// The students of one loss.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DistillSummary {
    pub loss: String,
    /// The lowest test loss of each student.
    pub best: Mean,
    /// Verbatim share there.
    pub at_best: Mean,
    /// Verbatim share after the last pass.
    pub at_end: Mean,
    /// Test loss after the last pass.
    pub end: Mean,
    /// Verbatim share after the last pass whose test loss is no higher than what all students of its seed reach.
    pub at_equal: Mean,
    /// The same less that of the first loss, of the same seed.
    pub less: Mean,
    /// Test loss and verbatim share after each pass, means over students.
    pub curve: Vec<[f64; 2]>,
}

/// A student from pass to pass.
type Curve<'a> = Vec<&'a DistillRecord>;

/// Summaries, in the order in which losses first occur, of the seeds that all losses have. `seed`: of the intervals. Empty where no seed has all of them.
pub fn summaries(records: &[DistillRecord], seed: u64) -> Vec<DistillSummary> {
    let mut losses: Vec<&str> = Vec::new();
    let mut students: BTreeMap<(&str, u64), Curve<'_>> = BTreeMap::new();
    for record in records {
        if !losses.contains(&record.loss.as_str()) {
            losses.push(&record.loss);
        }
        let of = students.entry((&record.loss, record.seed)).or_default();
        of.push(record);
    }
    students
        .values_mut()
        .for_each(|c| c.sort_by_key(|r| r.passes));
    let mut seeds: Vec<u64> = students.keys().map(|(_, seed)| *seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    seeds.retain(|s| losses.iter().all(|l| students.contains_key(&(*l, *s))));
    // For each seed, what the worst of its students reaches at best.
    let level = |s: u64| {
        let of_seed = losses.iter().map(|l| best(&students[&(*l, s)]).test_loss);
        of_seed.fold(f64::NEG_INFINITY, f64::max)
    };
    let equal = |loss: &str, s: u64| at(&students[&(loss, s)], level(s));
    let summary = |loss: &&str| {
        let curves: Vec<&Curve<'_>> = seeds.iter().map(|s| &students[&(*loss, *s)]).collect();
        let of = |value: &dyn Fn(&Curve<'_>) -> f64| {
            let values: Vec<f64> = curves.iter().map(|c| value(c)).collect();
            mean(&values, seed)
        };
        let first = losses.first()?;
        let at: Vec<f64> = seeds.iter().map(|s| equal(loss, *s)).collect();
        let less: Vec<f64> = seeds
            .iter()
            .zip(&at)
            .map(|(s, v)| v - equal(first, *s))
            .collect();
        let last = |c: &Curve<'_>| (*c.last().unwrap_or(&best(c))).clone();
        Some(DistillSummary {
            loss: (*loss).to_string(),
            best: of(&|c| best(c).test_loss)?,
            at_best: of(&|c| best(c).verbatim)?,
            at_end: of(&|c| last(c).verbatim)?,
            end: of(&|c| last(c).test_loss)?,
            at_equal: mean(&at, seed)?,
            less: mean(&less, seed)?,
            curve: curve(&curves),
        })
    };
    losses.iter().filter_map(summary).collect()
}

/// The record of the lowest test loss. A student has at least one.
fn best<'a>(curve: &Curve<'a>) -> &'a DistillRecord {
    let by_loss = |a: &&&DistillRecord, b: &&&DistillRecord| a.test_loss.total_cmp(&b.test_loss);
    curve.iter().min_by(by_loss).copied().unwrap_or(curve[0])
}

/// Verbatim share after the last pass with a test loss that is no higher than that.
fn at(curve: &Curve<'_>, level: f64) -> f64 {
    let last = curve.iter().rev().find(|r| r.test_loss <= level);
    last.unwrap_or(&best(curve)).verbatim
}

/// Means over students after each pass that all of them have.
fn curve(curves: &[&Curve<'_>]) -> Vec<[f64; 2]> {
    let passes = curves.iter().map(|c| c.len()).min().unwrap_or(0);
    let n = curves.len() as f64;
    let at =
        |i: usize, of: fn(&DistillRecord) -> f64| curves.iter().map(|c| of(c[i])).sum::<f64>() / n;
    let both = |i| [at(i, |r| r.test_loss), at(i, |r| r.verbatim)];
    (0..passes).map(both).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(loss: &str, seed: u64, passes: u32, test_loss: f64, verbatim: f64) -> DistillRecord {
        DistillRecord {
            loss: loss.into(),
            seed,
            passes,
            test_loss,
            verbatim,
        }
    }

    #[test]
    fn students_are_compared_where_all_reach_the_same_test_loss() {
        let all = [
            record("sft", 0, 0, 2.0, 0.0),
            record("sft", 0, 1, 1.0, 0.4),
            record("sft", 0, 2, 1.5, 0.8),
            record("reverse", 0, 1, 1.25, 0.1),
            record("reverse", 0, 0, 2.0, 0.0),
            // A seed of which one is missing says nothing.
            record("sft", 1, 0, 0.5, 1.0),
        ];
        let said = summaries(&all, 0);
        let [sft, reverse] = &said[..] else {
            panic!("{said:?}");
        };
        // All reach 1.25; after the second pass the first student is above it again.
        assert_eq!((sft.at_equal.mean, sft.at_equal.of), (0.4, 1));
        assert_eq!((sft.best.mean, sft.at_best.mean), (1.0, 0.4));
        assert_eq!((sft.end.mean, sft.at_end.mean), (1.5, 0.8));
        assert_eq!(sft.less.mean, 0.0);
        assert_eq!(reverse.at_equal.mean, 0.1);
        assert!((reverse.less.mean + 0.3).abs() < 1e-12);
        assert_eq!(reverse.curve, [[2.0, 0.0], [1.25, 0.1]]);
        assert_eq!(summaries(&all[5..], 0).len(), 1);
        assert_eq!(summaries(&[], 0), []);
    }
}
