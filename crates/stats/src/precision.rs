//! Precision and recall among the k highest ranked items, with their exact random baselines.
//!
//! As the authors of STIM define them for one example with wrong tokens `W` among its scored
//! tokens: `Precision@k = |W ∩ top-k| / min(|W|, k)`, and `Recall@k` is 1 if any wrong token is
//! among the top k, else 0. Tables average over examples.
//!
//! Where scores tie across the border of the top k, the value here is the mean over all orders of
//! the tied items, so that no hidden order of the input decides.

use std::cmp::Ordering;

/// How the items fall around the border of the top k: `sure` wrong ones surely inside, and
/// `places` left for the `tied` items on the border, `tied_wrong` of them wrong.
struct Border {
    sure: usize,
    wrong: usize,
    tied: usize,
    tied_wrong: usize,
    places: usize,
}

fn border(scores: &[f64], wrong: &[bool], k: usize) -> Option<Border> {
    let total = wrong.iter().filter(|w| **w).count();
    if scores.len() != wrong.len() || total == 0 || k == 0 || scores.iter().any(|s| s.is_nan()) {
        return None;
    }
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| b.partial_cmp(a).unwrap_or(Ordering::Equal));
    let k = k.min(sorted.len());
    let edge = sorted[k - 1];
    let above = scores.iter().filter(|s| **s > edge).count();
    let count = |f: &dyn Fn(f64) -> bool| {
        scores
            .iter()
            .zip(wrong)
            .filter(|(s, w)| **w && f(**s))
            .count()
    };
    Some(Border {
        sure: count(&|s| s > edge),
        wrong: total,
        tied: scores.iter().filter(|s| **s == edge).count(),
        tied_wrong: count(&|s| s == edge),
        places: k - above,
    })
}

/// Precision@k of one example; higher scores rank first.
///
/// Give `f64::NEG_INFINITY` to items without a score: they rank last. `None` when nothing is
/// wrong, `k` is 0, lengths differ, or a score is NaN.
pub fn precision_at(scores: &[f64], wrong: &[bool], k: usize) -> Option<f64> {
    let b = border(scores, wrong, k)?;
    let expected = b.sure as f64 + b.places as f64 * b.tied_wrong as f64 / b.tied as f64;
    Some(expected / b.wrong.min(k) as f64)
}

/// Recall@k of one example: is any wrong item among the top k? Conventions of [`precision_at`].
pub fn recall_at(scores: &[f64], wrong: &[bool], k: usize) -> Option<f64> {
    let b = border(scores, wrong, k)?;
    if b.sure > 0 {
        return Some(1.0);
    }
    Some(1.0 - chance_of_none(b.tied, b.tied_wrong, b.places))
}

/// Expected [`precision_at`] of a random ranking of `n` items, `m` of them wrong: the mean over all
/// k-subsets. `None` when `m` is 0 or above `n`, or `k` is 0.
pub fn random_precision_at(n: usize, m: usize, k: usize) -> Option<f64> {
    let defined = m > 0 && m <= n && k > 0;
    // Hypergeometric mean: k m / n.
    defined.then(|| k.min(n) as f64 * m as f64 / n as f64 / m.min(k) as f64)
}

/// Expected [`recall_at`] of a random ranking: `1 - C(n - m, k) / C(n, k)`. `None` as for
/// [`random_precision_at`].
pub fn random_recall_at(n: usize, m: usize, k: usize) -> Option<f64> {
    let defined = m > 0 && m <= n && k > 0;
    defined.then(|| 1.0 - chance_of_none(n, m, k.min(n)))
}

/// `C(n - m, k) / C(n, k)`: the chance that k of n items, drawn without replacement, hold none of
/// the m wrong ones.
fn chance_of_none(n: usize, m: usize, k: usize) -> f64 {
    if k > n - m {
        return 0.0;
    }
    (0..k)
        .map(|i| (n - m - i) as f64 / (n - i) as f64)
        .product()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Means of precision and recall over every k-subset of n items, the first m of them wrong.
    fn brute_force(n: usize, m: usize, k: usize) -> (f64, f64) {
        let (mut p, mut r, mut subsets) = (0.0, 0.0, 0.0);
        for mask in 0..1_u32 << n {
            if mask.count_ones() as usize == k {
                let hits = (mask & ((1 << m) - 1)).count_ones() as usize;
                p += hits as f64 / m.min(k) as f64;
                r += f64::from(u8::from(hits > 0));
                subsets += 1.0;
            }
        }
        (p / subsets, r / subsets)
    }

    #[test]
    fn baselines_equal_the_mean_over_all_subsets() {
        for n in 1..=12 {
            for m in 1..=n {
                for k in 1..=n {
                    let (p, r) = brute_force(n, m, k);
                    assert!(
                        (random_precision_at(n, m, k).unwrap() - p).abs() < 1e-12,
                        "{n} {m} {k}"
                    );
                    assert!(
                        (random_recall_at(n, m, k).unwrap() - r).abs() < 1e-12,
                        "{n} {m} {k}"
                    );
                }
            }
        }
    }

    #[test]
    fn by_hand() {
        let (s, w) = ([0.9, 0.1, 0.8, 0.3], [false, true, true, false]);
        assert_eq!(precision_at(&s, &w, 1), Some(0.0));
        assert_eq!(precision_at(&s, &w, 2), Some(0.5));
        assert_eq!(precision_at(&s, &w, 3), Some(0.5));
        assert_eq!(recall_at(&s, &w, 1), Some(0.0));
        assert_eq!(recall_at(&s, &w, 2), Some(1.0));
        // Fewer items than k: everything is in the top.
        assert_eq!(precision_at(&s, &w, 9), Some(1.0));
        assert_eq!(random_precision_at(4, 2, 9), Some(1.0));
        assert_eq!(random_recall_at(4, 2, 9), Some(1.0));
    }

    #[test]
    fn ties_are_averaged() {
        let (s, w) = ([0.5, 0.5, 0.5], [true, false, false]);
        assert!((precision_at(&s, &w, 1).unwrap() - 1.0 / 3.0).abs() < 1e-15);
        assert!((recall_at(&s, &w, 2).unwrap() - 2.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn undefined_is_none() {
        assert_eq!(precision_at(&[0.5], &[false], 1), None);
        assert_eq!(precision_at(&[0.5], &[true], 0), None);
        assert_eq!(recall_at(&[f64::NAN], &[true], 1), None);
        assert_eq!(random_precision_at(3, 0, 1), None);
        assert_eq!(random_recall_at(3, 4, 1), None);
        assert_eq!(
            precision_at(&[f64::NEG_INFINITY, 0.0], &[true, false], 1),
            Some(0.0)
        );
    }

    proptest! {
        /// All scores tied is a random ranking.
        #[test]
        fn constant_scores_give_the_baseline(wrong in prop::collection::vec(any::<bool>(), 1..15), k in 1_usize..6) {
            let m = wrong.iter().filter(|w| **w).count();
            let s = vec![0.25; wrong.len()];
            prop_assert_eq!(precision_at(&s, &wrong, k), random_precision_at(wrong.len(), m, k));
            prop_assert_eq!(recall_at(&s, &wrong, k), random_recall_at(wrong.len(), m, k));
        }

        /// Without ties it is the plain definition.
        #[test]
        fn distinct_scores_follow_the_definition(
            wrong in prop::collection::vec(any::<bool>(), 1..12), k in 1_usize..5, turn in 0_usize..12,
        ) {
            let n = wrong.len();
            let s: Vec<f64> = (0..n).map(|i| ((i * 7 + turn) % 997) as f64).collect();
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by(|a, b| s[*b].total_cmp(&s[*a]));
            let hits = order.iter().take(k).filter(|i| wrong[**i]).count();
            let m = wrong.iter().filter(|w| **w).count();
            let p = (m > 0).then(|| hits as f64 / m.min(k) as f64);
            let r = (m > 0).then(|| f64::from(u8::from(hits > 0)));
            prop_assert_eq!(precision_at(&s, &wrong, k), p);
            prop_assert_eq!(recall_at(&s, &wrong, k), r);
        }
    }
}
