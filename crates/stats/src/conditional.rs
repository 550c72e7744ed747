//! Conditional logit: which item of a set is the one looked for?
//!
//! An item with features `x` is taken with probability `exp(w.x) / sum exp(w.x)` over its set (McFadden, 1974). Unlike a logistic regression over
//! all items, nothing compares items of different sets, so that the weights are fitted to what a ranking *within* a set needs. A set may have several
//! right items; what is maximized is the log of the probability that falls on any of them, less `l2/2 |w|^2`.
//!
//! Only differences within a set count: features are centred there, and scaled by their root mean variance within sets. With several right
//! items the sum is not concave; Newton's steps then use the curvature of its convex part (as in minorize-maximize), from zero and halved while they
//! do not ascend, so that a fit is deterministic and ends at a stationary point.

use super::crossval::folds;
use super::logistic::{dot, solve};
use super::precision::precision_at;

/// One set: its items' features, and which items are right. Features that are not finite count as the mean of the set.
#[derive(Debug, Clone, PartialEq)]
pub struct ChoiceSet {
    rows: Vec<Vec<f64>>,
    right: Vec<bool>,
}

impl ChoiceSet {
    /// `None` without a right item, or if rows differ in length or in number from the labels.
    pub fn new(mut rows: Vec<Vec<f64>>, right: Vec<bool>) -> Option<Self> {
        let d = rows.first()?.len();
        if rows.len() != right.len() || !right.contains(&true) || rows.iter().any(|r| r.len() != d)
        {
            return None;
        }
        for j in 0..d {
            let known = || rows.iter().map(|r| r[j]).filter(|v| v.is_finite());
            let mean = known().sum::<f64>() / known().count().max(1) as f64;
            for row in &mut rows {
                row[j] = if row[j].is_finite() {
                    row[j] - mean
                } else {
                    0.0
                };
            }
        }
        Some(ChoiceSet { rows, right })
    }

    /// The set with some of its features.
    fn only(&self, columns: &[usize]) -> ChoiceSet {
        let row = |r: &Vec<f64>| columns.iter().map(|&c| r[c]).collect();
        ChoiceSet {
            rows: self.rows.iter().map(row).collect(),
            right: self.right.clone(),
        }
    }

    fn scaled(&self, scale: &[f64]) -> ChoiceSet {
        let row = |r: &Vec<f64>| r.iter().zip(scale).map(|(v, s)| v / s).collect();
        ChoiceSet {
            rows: self.rows.iter().map(row).collect(),
            right: self.right.clone(),
        }
    }
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditional {
    /// Root mean variance of each feature within sets; 1 where it never varies.
    pub scale: Vec<f64>,
    /// Weight of each centred and scaled feature.
    pub weights: Vec<f64>,
}

const MAX_STEPS: usize = 200;

impl Conditional {
    /// Fits the weights. `None` without sets, without a feature that varies, or if the penalty is not above 0.
    pub fn fit(sets: &[&ChoiceSet], l2: f64) -> Option<Self> {
        let d = sets.first()?.rows[0].len();
        if l2 <= 0.0 || !l2.is_finite() || sets.iter().any(|s| s.rows[0].len() != d) {
            return None;
        }
        let spread = |j: usize| {
            let within = sets
                .iter()
                .map(|s| s.rows.iter().map(|r| r[j] * r[j]).sum::<f64>() / s.rows.len() as f64);
            (within.sum::<f64>() / sets.len() as f64).sqrt()
        };
        let scale: Vec<f64> = (0..d)
            .map(|j| match spread(j) {
                s if s > 1e-12 => s,
                _ => 1.0,
            })
            .collect();
        let scaled: Vec<ChoiceSet> = sets.iter().map(|s| s.scaled(&scale)).collect();
        let weights = ascend(&scaled, d, l2)?;
        Some(Conditional { scale, weights })
    }

    /// `w.x` of each item of a set: higher is likelier to be right. To be compared within the set only.
    pub fn utilities(&self, set: &ChoiceSet) -> Vec<f64> {
        let scaled = set.scaled(&self.scale);
        scaled.rows.iter().map(|r| dot(r, &self.weights)).collect()
    }

    /// Log of the probability that the right items of a set have together.
    pub fn log_likelihood(&self, set: &ChoiceSet) -> f64 {
        of_right(&self.utilities(set), &set.right)
    }
}

/// A model that may be fitted: which features go in, and the penalty.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateModel {
    pub columns: Vec<usize>,
    pub l2: f64,
}

/// Utilities of all items, each by a model that was fitted without its group. Which of the candidates that is, the sets of the other folds say,
/// cross-validated among themselves: the one that most often ranks a right item first, of equals the one under which they are likeliest, of equals the first. `None`
/// where a fold leaves nothing to fit.
pub fn out_of_fold<G: Ord>(
    sets: &[ChoiceSet],
    groups: &[G],
    k: usize,
    candidates: &[CandidateModel],
) -> Option<Vec<Vec<f64>>> {
    let fold = folds(groups, k);
    let by_candidate: Vec<Vec<ChoiceSet>> = candidates
        .iter()
        .map(|c| sets.iter().map(|s| s.only(&c.columns)).collect())
        .collect();
    let mut out = vec![Vec::new(); sets.len()];
    for f in 0..k {
        let train: Vec<usize> = (0..sets.len()).filter(|&i| fold[i] != f).collect();
        let own: Vec<usize> = (0..sets.len()).filter(|&i| fold[i] == f).collect();
        if own.is_empty() {
            continue;
        }
        let owners: Vec<&G> = train.iter().map(|&i| &groups[i]).collect();
        let part =
            |c: usize| -> Vec<&ChoiceSet> { train.iter().map(|&i| &by_candidate[c][i]).collect() };
        let worth = |c: usize| worth(&part(c), &owners, k, candidates[c].l2);
        let best = (0..candidates.len())
            .map(|c| (c, worth(c)))
            .reduce(|best, next| if next.1 > best.1 { next } else { best })?
            .0;
        let model = Conditional::fit(&part(best), candidates[best].l2)?;
        for i in own {
            out[i] = model.utilities(&by_candidate[best][i]);
        }
    }
    Some(out)
}

/// How often a right item is ranked first, and the log-likelihood, cross-validated.
fn worth<G: Ord>(sets: &[&ChoiceSet], groups: &[G], k: usize, l2: f64) -> (f64, f64) {
    let fold = folds(groups, k);
    let mut sum = (0.0, 0.0);
    for f in 0..k {
        let part = |inside: bool| -> Vec<&ChoiceSet> {
            let of = |i: &usize| (fold[*i] == f) == inside;
            (0..sets.len()).filter(of).map(|i| sets[i]).collect()
        };
        let Some(model) = Conditional::fit(&part(false), l2) else {
            continue;
        };
        for set in part(true) {
            let u = model.utilities(set);
            sum.0 += precision_at(&u, &set.right, 1).unwrap_or(0.0);
            sum.1 += of_right(&u, &set.right);
        }
    }
    sum
}

/// Shares of `exp(u)`, and the log of the sum.
fn softmax(u: &[f64]) -> (Vec<f64>, f64) {
    let top = u.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let e: Vec<f64> = u.iter().map(|u| (u - top).exp()).collect();
    let sum: f64 = e.iter().sum();
    (e.iter().map(|e| e / sum).collect(), top + sum.ln())
}

fn of_right(u: &[f64], right: &[bool]) -> f64 {
    let own: Vec<f64> = u.iter().zip(right).filter(|x| *x.1).map(|x| *x.0).collect();
    softmax(&own).1 - softmax(u).1
}

fn loss(sets: &[ChoiceSet], l2: f64, w: &[f64]) -> f64 {
    let of = |s: &ChoiceSet| {
        let u: Vec<f64> = s.rows.iter().map(|r| dot(r, w)).collect();
        of_right(&u, &s.right)
    };
    0.5 * l2 * dot(w, w) - sets.iter().map(of).sum::<f64>()
}

fn ascend(sets: &[ChoiceSet], d: usize, l2: f64) -> Option<Vec<f64>> {
    let mut w = vec![0.0; d];
    let mut current = loss(sets, l2, &w);
    for _ in 0..MAX_STEPS {
        let (gradient, curvature) = slopes(sets, l2, &w);
        if gradient.iter().all(|g| g.abs() < 1e-9 * sets.len() as f64) {
            break;
        }
        let step = solve(curvature, &gradient)?;
        let mut fraction = 1.0;
        let next = loop {
            let next: Vec<f64> = w.iter().zip(&step).map(|(w, s)| w - fraction * s).collect();
            let value = loss(sets, l2, &next);
            if value < current {
                break Some((next, value));
            }
            fraction /= 2.0;
            // No ascent is left that f64 can see.
            if fraction < 1e-10 {
                break None;
            }
        };
        match next {
            Some(next) => (w, current) = next,
            None => break,
        }
    }
    w.iter().all(|w| w.is_finite()).then_some(w)
}

/// Gradient of the loss, and the curvature of its convex part (lower triangle).
fn slopes(sets: &[ChoiceSet], l2: f64, w: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let d = w.len();
    let mut gradient: Vec<f64> = w.iter().map(|w| l2 * w).collect();
    let mut curvature = vec![vec![0.0; d]; d];
    for set in sets {
        let u: Vec<f64> = set.rows.iter().map(|r| dot(r, w)).collect();
        let (p, _) = softmax(&u);
        let on_right: f64 = p
            .iter()
            .zip(&set.right)
            .filter(|x| *x.1)
            .map(|x| *x.0)
            .sum();
        let mut mean = vec![0.0; d];
        for ((row, p), right) in set.rows.iter().zip(&p).zip(&set.right) {
            let q = if *right {
                p / on_right.max(1e-300)
            } else {
                0.0
            };
            for j in 0..d {
                mean[j] += p * row[j];
                gradient[j] += (p - q) * row[j];
            }
        }
        for (row, p) in set.rows.iter().zip(&p) {
            for i in 0..d {
                for j in 0..=i {
                    curvature[i][j] += p * (row[i] - mean[i]) * (row[j] - mean[j]);
                }
            }
        }
    }
    for (i, row) in curvature.iter_mut().enumerate() {
        row[i] += l2;
    }
    (gradient, curvature)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(rows: &[&[f64]], right: &[usize]) -> ChoiceSet {
        let labels = (0..rows.len()).map(|i| right.contains(&i)).collect();
        ChoiceSet::new(rows.iter().map(|r| r.to_vec()).collect(), labels).unwrap()
    }

    /// Pairs that differ by 1 in one feature: the model is a coin with log-odds `w`, and 3 of 4 choices give `w = ln 3` (a tiny penalty).
    #[test]
    fn a_choice_between_two_is_a_logistic_regression_of_their_difference() {
        let sets: Vec<ChoiceSet> = (0..8)
            .map(|i| {
                set(
                    &[&[i as f64], &[i as f64 + 1.0]],
                    &[usize::from(i % 4 != 0)],
                )
            })
            .collect();
        let m = Conditional::fit(&sets.iter().collect::<Vec<_>>(), 1e-9).unwrap();
        // Within a pair the values are -.5 and .5 around their mean.
        assert!((m.scale[0] - 0.5).abs() < 1e-12);
        assert!((m.weights[0] / m.scale[0] - 3.0_f64.ln()).abs() < 1e-6);
        assert!((m.log_likelihood(&sets[1]) - 0.75_f64.ln()).abs() < 1e-6);
        assert!((m.log_likelihood(&sets[0]) - 0.25_f64.ln()).abs() < 1e-6);
    }

    /// At the end the gradient vanishes, with several right items too.
    #[test]
    fn ends_where_nothing_ascends() {
        let sets: Vec<ChoiceSet> = (0..20)
            .map(|i| {
                let x = |k: usize| ((i * 7 + k * 3) % 11) as f64;
                let rows: Vec<Vec<f64>> = (0..4).map(|k| vec![x(k), x(k + 5) * x(k)]).collect();
                let right = (0..4).map(|k| k == i % 4 || k == (i * i) % 3).collect();
                ChoiceSet::new(rows, right).unwrap()
            })
            .collect();
        let m = Conditional::fit(&sets.iter().collect::<Vec<_>>(), 0.5).unwrap();
        let scaled: Vec<ChoiceSet> = sets.iter().map(|s| s.scaled(&m.scale)).collect();
        let (gradient, _) = slopes(&scaled, 0.5, &m.weights);
        assert!(gradient.iter().all(|g| g.abs() < 1e-6), "{gradient:?}");
    }

    /// A level that differs from set to set hides the order within sets from a regression over all items, not from this.
    #[test]
    fn only_differences_within_a_set_count() {
        let with = |level: f64| set(&[&[level], &[level + 1.0], &[level - 1.0]], &[1]);
        let (low, high) = (with(-1e6), with(1e6));
        let m = Conditional::fit(&[&low, &high], 1.0).unwrap();
        for s in [&low, &high] {
            let u = m.utilities(s);
            assert!(u[1] > u[0] && u[0] > u[2]);
        }
    }

    #[test]
    fn what_is_missing_counts_as_the_mean_of_the_set() {
        let s = set(&[&[1.0], &[f64::NAN], &[3.0]], &[2]);
        let m = Conditional {
            scale: vec![1.0],
            weights: vec![2.0],
        };
        assert_eq!(m.utilities(&s), [-2.0, 0.0, 2.0]);
    }

    /// What only one group shows helps no other: left out, its items are told apart by nothing.
    #[test]
    fn groups_are_kept_out_of_their_own_fit() {
        let sets: Vec<ChoiceSet> = (0..10)
            .map(|i| {
                let row = |on: bool| (0..10).map(|j| f64::from(u8::from(on && i == j))).collect();
                ChoiceSet::new(vec![row(true), row(false)], vec![true, false]).unwrap()
            })
            .collect();
        let groups: Vec<usize> = (0..10).collect();
        let all = |n: usize| {
            [1.0, 10.0].map(|l2| CandidateModel {
                columns: (0..n).collect(),
                l2,
            })
        };
        let u = out_of_fold(&sets, &groups, 5, &all(10)).unwrap();
        assert!(u.iter().all(|u| u[0] == 0.0 && u[1] == 0.0), "{u:?}");
        // The same feature in all groups is learnt.
        let sets = vec![set(&[&[1.0], &[0.0]], &[0]); 10];
        let u = out_of_fold(&sets, &groups, 5, &all(1)).unwrap();
        assert!(u.iter().all(|u| u[0] > u[1]));
    }

    /// One feature ranks the right item first in all sets but narrowly; the other is likelier on the whole, and wrong in one set of four.
    #[test]
    fn what_ranks_first_most_often_is_chosen() {
        let sets: Vec<ChoiceSet> = (0..40)
            .map(|i| {
                let far = if i % 4 == 0 { -1.0 } else { 9.0 };
                set(&[&[1.0, far], &[0.0, 0.0], &[0.5, 0.0]], &[0])
            })
            .collect();
        let groups: Vec<usize> = (0..40).collect();
        let one = |column: usize| CandidateModel {
            columns: vec![column],
            l2: 30.0,
        };
        let first = |u: &[Vec<f64>]| u.iter().filter(|u| u[0] > u[1] && u[0] > u[2]).count();
        for candidates in [[one(1), one(0)], [one(0), one(1)]] {
            let u = out_of_fold(&sets, &groups, 5, &candidates).unwrap();
            assert_eq!(first(&u), 40);
        }
        let u = out_of_fold(&sets, &groups, 5, &[one(1)]).unwrap();
        assert_eq!(first(&u), 30);
    }

    #[test]
    fn nothing_to_learn_from_is_no_model() {
        assert!(ChoiceSet::new(vec![], vec![]).is_none());
        assert!(ChoiceSet::new(vec![vec![1.0]], vec![false]).is_none());
        assert!(ChoiceSet::new(vec![vec![1.0], vec![]], vec![true, false]).is_none());
        let s = set(&[&[1.0], &[2.0]], &[0]);
        assert!(Conditional::fit(&[], 1.0).is_none());
        assert!(Conditional::fit(&[&s], 0.0).is_none());
        let only = CandidateModel {
            columns: vec![0],
            l2: 1.0,
        };
        // One group: no fold has anything to learn from.
        assert!(out_of_fold(&[s], &["a"], 5, &[only]).is_none());
    }
}
