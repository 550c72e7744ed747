//! Values with their bootstrap intervals: prompts of one group are drawn together.

use std::collections::BTreeMap;

use super::table::Cell;
use rotescope_stats::{Ranked, interval};

/// How intervals are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// Bootstrap resamples of prompts; 0: no intervals.
    pub resamples: usize,
    pub seed: u64,
}

impl Default for Setting {
    fn default() -> Self {
        Setting {
            resamples: 200,
            seed: 0,
        }
    }
}

/// Mean with a bootstrap interval over groups.
pub(super) fn mean_cell(values: &[f64], groups: &[&str], setting: &Setting) -> Cell {
    if values.is_empty() {
        return Cell::Nothing;
    }
    let (owner, n) = clusters(groups);
    let mut totals = vec![(0.0, 0.0); n];
    for (v, &g) in values.iter().zip(&owner) {
        totals[g].0 += v;
        totals[g].1 += 1.0;
    }
    let ratio = |drawn: &[usize]| {
        let (sum, count) = drawn
            .iter()
            .fold((0.0, 0.0), |a, &g| (a.0 + totals[g].0, a.1 + totals[g].1));
        (count > 0.0).then_some(sum / count)
    };
    let value = values.iter().sum::<f64>() / values.len() as f64;
    let ends = interval(n, setting.resamples, 0.95, setting.seed, ratio);
    Cell::number(Some(value), ends)
}

/// Each item's cluster number, in order of first appearance, and how many there are.
pub(super) fn clusters(groups: &[&str]) -> (Vec<usize>, usize) {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let owner = groups
        .iter()
        .map(|g| {
            let next = known.len();
            *known.entry(g).or_insert(next)
        })
        .collect();
    (owner, known.len())
}

/// How often each cluster was drawn.
pub(super) fn weights(drawn: &[usize], n: usize) -> Vec<f64> {
    let mut w = vec![0.0; n];
    drawn.iter().for_each(|&g| w[g] += 1.0);
    w
}

/// AUROC with a bootstrap interval over groups.
pub(super) fn auroc_cell(
    scores: &[f64],
    positive: &[bool],
    groups: &[&str],
    setting: &Setting,
) -> Cell {
    let Some(ranked) = Ranked::new(scores) else {
        return Cell::Nothing;
    };
    let (owner, n) = clusters(groups);
    let ends = interval(n, setting.resamples, 0.95, setting.seed, |drawn| {
        let w = weights(drawn, n);
        ranked.auroc(positive, |i| w[owner[i]])
    });
    Cell::number(ranked.auroc(positive, |_| 1.0), ends)
}

/// AUROC of the first scores less that of the second, with a paired bootstrap interval.
pub(super) fn auroc_difference(
    more: &[f64],
    base: &[f64],
    positive: &[bool],
    groups: &[&str],
    setting: &Setting,
) -> Cell {
    let (Some(a), Some(b)) = (Ranked::new(more), Ranked::new(base)) else {
        return Cell::Nothing;
    };
    let (owner, n) = clusters(groups);
    let difference = |w: &dyn Fn(usize) -> f64| Some(a.auroc(positive, w)? - b.auroc(positive, w)?);
    let ends = interval(n, setting.resamples, 0.95, setting.seed, |drawn| {
        let w = weights(drawn, n);
        difference(&|i| w[owner[i]])
    });
    Cell::number(difference(&|_| 1.0), ends)
}
