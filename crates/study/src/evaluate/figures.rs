//! What figures are drawn from: tables where they say it already, and what no table keeps.

use super::sources::CompletionStrength;
use super::table::{Share, Table};
use crate::perturb::Perturbation;
use rotescope_trace::{Source, Trace};

/// What can be drawn of the traces; empty or `None` where they do not hold it.
#[derive(Debug, Default)]
pub struct FigureData {
    /// STIM_max of completions, by task, split and correctness (the paper's Figure 3).
    pub strengths: Vec<CompletionStrength>,
    /// The table `dominant-source`.
    pub dominant: Option<Table>,
    /// The table `wrong-tokens`, without combinations of scores.
    pub wrong_tokens: Option<Table>,
    /// The table `flag-calibration`.
    pub calibration: Option<Table>,
    pub roc: Vec<Roc>,
    /// Of the steps that the curves are of: all, and wrong ones.
    pub steps: (usize, usize),
    /// By source: the count of a scored token, and its score.
    pub counts: [Vec<(f64, f64)>; Source::COUNT],
    /// By operators: how far words moved, and how many answers were right.
    pub perturbed: Vec<PerturbedShare>,
    /// Task, split, right answers.
    pub accuracy: Vec<(String, String, Share)>,
}

/// How well a score of steps finds the wrong ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Roc {
    pub name: String,
    /// Share of right steps and share of wrong steps above a threshold, from none to all.
    pub points: Vec<(f64, f64)>,
    pub auroc: f64,
}

/// Right answers to prompts changed by the same operators.
#[derive(Debug, Clone, PartialEq)]
pub struct PerturbedShare {
    /// As given on the command line, with commas between; empty for the prompts as they are.
    pub operators: String,
    /// Mean distance of a word from its old place, in words, mean over the prompts.
    pub absolute: f64,
    /// Share of neighbours that were none before, mean over the prompts.
    pub relative: f64,
    pub right: Share,
}

/// Numbers of tokens and prompts, as they come.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    counts: [Vec<(f64, f64)>; Source::COUNT],
    /// Sums of the strengths; divided by `right.n` at the end.
    perturbed: Vec<PerturbedShare>,
}

impl Gathered {
    pub(super) fn add(&mut self, t: &Trace) {
        for token in &t.tokens {
            for source in Source::ALL {
                let Some(score) = token.score(source) else {
                    continue;
                };
                let count = match source {
                    Source::Local => token.local.as_ref().map(|l| l.match_count as f64),
                    _ => usize::try_from(token.rank)
                        .ok()
                        .and_then(|r| token.candidates.counts(source).get(r.checked_sub(1)?)),
                };
                if let Some(count) = count {
                    self.counts[source as usize].push((count, score));
                }
            }
        }
        let Some(right) = t.answer.right else {
            return;
        };
        let record = t.prompt.meta.get("perturbation");
        let record = record.and_then(|p| serde_json::from_value::<Perturbation>(p.clone()).ok());
        let (operators, strength) = match record {
            None => (String::new(), [0.0, 0.0]),
            Some(p) => match p.strength {
                Some(s) => (p.operators.join(", "), [s.absolute, s.relative]),
                // Operators that leave words where they are have no strength.
                None => return,
            },
        };
        let known = self.perturbed.iter().position(|p| p.operators == operators);
        let at = known.unwrap_or_else(|| {
            self.perturbed.push(PerturbedShare {
                operators,
                absolute: 0.0,
                relative: 0.0,
                right: Share::default(),
            });
            self.perturbed.len() - 1
        });
        let place = &mut self.perturbed[at];
        place.absolute += strength[0];
        place.relative += strength[1];
        place.right.add(right);
    }

    pub(super) fn counts(&self) -> [Vec<(f64, f64)>; Source::COUNT] {
        self.counts.clone()
    }

    pub(super) fn perturbed(&self) -> Vec<PerturbedShare> {
        let mean = |p: &PerturbedShare| PerturbedShare {
            absolute: p.absolute / p.right.n as f64,
            relative: p.relative / p.right.n as f64,
            ..p.clone()
        };
        let mut out: Vec<PerturbedShare> = self.perturbed.iter().map(mean).collect();
        out.sort_by(|a, b| {
            let by = a.absolute.total_cmp(&b.absolute);
            by.then_with(|| a.operators.cmp(&b.operators))
        });
        // The prompts as they are stand for nothing alone.
        if out.iter().all(|p| p.operators.is_empty()) {
            out.clear();
        }
        out
    }
}

/// The curve of a score: one point for each threshold that tells steps apart; `None` where all steps are right or all wrong.
pub(super) fn roc(name: &str, scores: &[f64], wrong: &[bool]) -> Option<Roc> {
    let auroc = rotescope_stats::auroc(scores, wrong)?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let positives = wrong.iter().filter(|w| **w).count();
    let negatives = wrong.len() - positives;
    let (mut found, mut alarms) = (0, 0);
    let mut points = vec![(0.0, 0.0)];
    for (k, &i) in order.iter().enumerate() {
        found += usize::from(wrong[i]);
        alarms += usize::from(!wrong[i]);
        // Equal scores are one threshold.
        let next = order.get(k + 1).map(|&j| scores[j]);
        if next.is_none_or(|n| n.total_cmp(&scores[i]).is_ne()) {
            points.push((
                alarms as f64 / negatives as f64,
                found as f64 / positives as f64,
            ));
        }
    }
    Some(Roc {
        name: name.into(),
        points,
        auroc,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_area_under_the_curve_is_the_auroc() {
        let scores = [0.9, 0.8, 0.8, 0.8, 0.3, 0.1, 0.1];
        let wrong = [true, false, true, true, false, false, true];
        let curve = roc("a", &scores, &wrong).unwrap();
        let area: f64 = curve
            .points
            .windows(2)
            .map(|w| (w[1].0 - w[0].0) * (w[0].1 + w[1].1) / 2.0)
            .sum();
        assert!((area - curve.auroc).abs() < 1e-12, "{area} {}", curve.auroc);
        assert_eq!(curve.points.len(), 5);
        assert_eq!(curve.points.last(), Some(&(1.0, 1.0)));
        assert_eq!(roc("b", &[0.1, 0.2], &[true, true]), None);
    }

    #[test]
    fn strengths_of_operators_are_means_over_prompts() {
        let mut all = Gathered::default();
        let mut t = Trace::default();
        let mut add = |meta: serde_json::Value, right: bool| {
            t.prompt.prompt.meta = meta;
            t.answer.right = Some(right);
            all.add(&t);
        };
        let changed = |op: &str, strength: serde_json::Value| json!({"perturbation": {"operators": [op], "seed": 0, "answer": "same", "strength": strength}});
        add(json!(null), true);
        add(
            changed("shuffle", json!({"absolute": 4.0, "relative": 0.5})),
            false,
        );
        add(
            changed("shuffle", json!({"absolute": 2.0, "relative": 1.0})),
            true,
        );
        add(changed("mask", json!(null)), true);
        let found = all.perturbed();
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].absolute, found[0].right),
            (0.0, Share { k: 1, n: 1 })
        );
        assert_eq!((found[1].absolute, found[1].relative), (3.0, 0.75));
        assert_eq!(found[1].right, Share { k: 1, n: 2 });
    }
}
