//! How well a score separates positives from negatives: AUROC and average precision.

use super::ranks::doubled_ranks;

/// Area under the ROC curve: the probability that a random positive scores above a random
/// negative, ties counting one half.
///
/// By the Mann-Whitney statistic on average ranks, `(R - n1 (n1 + 1) / 2) / (n1 n0)` with `R` the
/// sum of the positives' ranks (Hanley & McNeil, Radiology 143, 1982). `None` when a class is
/// empty, lengths differ, or a score is NaN.
pub fn auroc(scores: &[f64], positive: &[bool]) -> Option<f64> {
    if scores.len() != positive.len() {
        return None;
    }
    let ranks = doubled_ranks(scores)?;
    let n1 = positive.iter().filter(|p| **p).count() as i128;
    let n0 = positive.len() as i128 - n1;
    if n1 == 0 || n0 == 0 {
        return None;
    }
    let sum: i128 = ranks
        .iter()
        .zip(positive)
        .filter(|(_, p)| **p)
        .map(|(r, _)| i128::from(*r))
        .sum();
    Some((sum - n1 * (n1 + 1)) as f64 / (2 * n1 * n0) as f64)
}

/// Scores in order, for many AUROCs of the same items under different weights (a bootstrap): each is one pass, without sorting.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// Items, lowest score first.
    order: Vec<usize>,
    /// Ends of the runs of tied scores in `order`.
    ends: Vec<usize>,
}

impl Ranked {
    /// `None` if a score is NaN.
    pub fn new(scores: &[f64]) -> Option<Ranked> {
        if scores.iter().any(|s| s.is_nan()) {
            return None;
        }
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
        let ends = (1..=order.len())
            .filter(|&i| i == order.len() || scores[order[i]] != scores[order[i - 1]])
            .collect();
        Some(Ranked { order, ends })
    }

    /// As [`auroc`], item `i` counted `weight(i)` times. `None` when a class has no weight.
    pub fn auroc(&self, positive: &[bool], weight: impl Fn(usize) -> f64) -> Option<f64> {
        let (mut below, mut won, mut n1, mut from) = (0.0, 0.0, 0.0, 0);
        for &end in &self.ends {
            let (mut p, mut n) = (0.0, 0.0);
            for &i in &self.order[from..end] {
                if positive[i] {
                    p += weight(i);
                } else {
                    n += weight(i);
                }
            }
            won += p * (below + n / 2.0);
            below += n;
            n1 += p;
            from = end;
        }
        (n1 > 0.0 && below > 0.0).then(|| won / (n1 * below))
    }
}

/// Average precision: the sum over distinct scores, from the highest down, of
/// (increase in recall) x (precision at that threshold).
///
/// Tied scores are one threshold and enter together, so the order of ties does not matter; there
/// is no interpolation (the definition of `sklearn.metrics.average_precision_score`). `None` when
/// there is no positive, lengths differ, or a score is NaN.
pub fn average_precision(scores: &[f64], positive: &[bool]) -> Option<f64> {
    let total = positive.iter().filter(|p| **p).count();
    if scores.len() != positive.len() || total == 0 || scores.iter().any(|s| s.is_nan()) {
        return None;
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let (mut found, mut area, mut first) = (0, 0.0, 0);
    while first < order.len() {
        let mut end = first;
        let before = found;
        while end < order.len() && scores[order[end]] == scores[order[first]] {
            found += usize::from(positive[order[end]]);
            end += 1;
        }
        area += (found - before) as f64 / total as f64 * (found as f64 / end as f64);
        first = end;
    }
    Some(area)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn auroc_by_pairs(scores: &[f64], positive: &[bool]) -> Option<f64> {
        let (mut wins, mut pairs) = (0.0, 0.0);
        for i in 0..scores.len() {
            for j in 0..scores.len() {
                if positive[i] && !positive[j] {
                    pairs += 1.0;
                    wins += if scores[i] > scores[j] {
                        1.0
                    } else if scores[i] == scores[j] {
                        0.5
                    } else {
                        0.0
                    };
                }
            }
        }
        (pairs > 0.0).then(|| wins / pairs)
    }

    /// The example of scikit-learn's documentation of `roc_auc_score` and
    /// `average_precision_score`: .75 and 0.8333...
    #[test]
    fn scikit_learn_documentation_example() {
        let (s, y) = ([0.1, 0.4, 0.35, 0.8], [false, false, true, true]);
        assert_eq!(auroc(&s, &y), Some(0.75));
        assert!((average_precision(&s, &y).unwrap() - 5.0 / 6.0).abs() < 1e-15);
    }

    #[test]
    fn ties_and_edges() {
        assert_eq!(auroc(&[1.0, 1.0, 1.0], &[true, false, false]), Some(0.5));
        assert_eq!(
            average_precision(&[1.0, 1.0, 1.0], &[true, false, false]),
            Some(1.0 / 3.0)
        );
        assert_eq!(auroc(&[1.0, 2.0], &[true, true]), None);
        assert_eq!(average_precision(&[1.0, 2.0], &[true, true]), Some(1.0));
        assert_eq!(average_precision(&[1.0], &[false]), None);
        assert_eq!(auroc(&[f64::NAN, 2.0], &[true, false]), None);
        assert_eq!(average_precision(&[f64::NAN, 2.0], &[true, false]), None);
        assert_eq!(auroc(&[1.0], &[true, false]), None);
        // Either zero is the same threshold.
        assert_eq!(average_precision(&[-0.0, 0.0], &[true, false]), Some(0.5));
    }

    proptest! {
        #[test]
        fn agrees_with_counting_pairs(v in prop::collection::vec((0_u8..6, any::<bool>()), 0..40)) {
            let s: Vec<f64> = v.iter().map(|x| f64::from(x.0)).collect();
            let y: Vec<bool> = v.iter().map(|x| x.1).collect();
            match (auroc(&s, &y), auroc_by_pairs(&s, &y)) {
                (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-12),
                (a, b) => prop_assert_eq!(a, b),
            }
        }

        #[test]
        fn average_precision_by_its_definition(v in prop::collection::vec((0_u8..6, any::<bool>()), 1..40)) {
            let s: Vec<f64> = v.iter().map(|x| f64::from(x.0)).collect();
            let y: Vec<bool> = v.iter().map(|x| x.1).collect();
            let total = y.iter().filter(|p| **p).count() as f64;
            let (mut area, mut recall) = (0.0, 0.0);
            for t in (0..6).rev() {
                let picked: Vec<bool> = v.iter().filter(|x| x.0 >= t).map(|x| x.1).collect();
                let hits = picked.iter().filter(|p| **p).count() as f64;
                if !picked.is_empty() && total > 0.0 {
                    area += (hits / total - recall) * hits / picked.len() as f64;
                    recall = hits / total;
                }
            }
            match average_precision(&s, &y) {
                Some(a) => prop_assert!((a - area).abs() < 1e-12),
                None => prop_assert_eq!(total, 0.0),
            }
        }
    }
}
