//! Seeded percentile bootstrap intervals over clusters.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A percentile interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Resamples in which the statistic was undefined; they are left out of the percentiles.
    pub undefined: usize,
}

/// Percentile bootstrap interval of a statistic (Efron & Tibshirani, *An Introduction to the
/// Bootstrap*, 1993, ch. 13).
///
/// What is drawn, with replacement, are `clusters` whole clusters (for example prompts: tokens of
/// one prompt are not independent). `statistic` gets the drawn cluster numbers, with repeats, and
/// returns `None` where it is undefined. `level` is the coverage, for example `0.95`. Percentiles
/// interpolate linearly (type 7 of Hyndman & Fan, 1996, the default of NumPy and R).
///
/// The same arguments give the same interval on every machine: ChaCha8 from `seed`, and indices by
/// multiply-and-shift, whose bias is below `clusters / 2^64`.
///
/// `None` when there is no cluster, `resamples` is zero, `level` is not inside (0, 1), or the
/// statistic is never defined.
pub fn interval<F>(
    clusters: usize,
    resamples: usize,
    level: f64,
    seed: u64,
    mut statistic: F,
) -> Option<Interval>
where
    F: FnMut(&[usize]) -> Option<f64>,
{
    if clusters == 0 || !(level > 0.0 && level < 1.0) {
        return None;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn = vec![0; clusters];
    let mut values = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        for d in &mut drawn {
            *d = ((u128::from(rng.next_u64()) * clusters as u128) >> 64) as usize;
        }
        values.extend(statistic(&drawn).filter(|v| !v.is_nan()));
    }
    values.sort_by(f64::total_cmp);
    let tail = (1.0 - level) / 2.0;
    Some(Interval {
        low: quantile(&values, tail)?,
        high: quantile(&values, 1.0 - tail)?,
        undefined: resamples - values.len(),
    })
}

/// The `q`-quantile (0..=1) of ascending values, linear between neighbours; `None` if empty.
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = q.clamp(0.0, 1.0) * last as f64;
    let (lower, upper) = (at.floor() as usize, at.ceil() as usize);
    let (a, b) = (sorted[lower], sorted[upper]);
    // Equal neighbours first: infinities would give NaN.
    Some(if a == b {
        a
    } else {
        a + (b - a) * (at - at.floor())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(data: &[f64], drawn: &[usize]) -> Option<f64> {
        Some(drawn.iter().map(|&i| data[i]).sum::<f64>() / drawn.len() as f64)
    }

    #[test]
    fn quantiles_by_hand() {
        let v = [1.0, 2.0, 4.0, 8.0];
        assert_eq!(quantile(&v, 0.0), Some(1.0));
        assert_eq!(quantile(&v, 0.5), Some(3.0));
        assert_eq!(quantile(&v, 1.0), Some(8.0));
        assert_eq!(quantile(&v, 0.25), Some(1.75));
        assert_eq!(quantile(&[], 0.5), None);
    }

    /// The mean of n draws from {0, 1} in equal shares has standard error .5 / sqrt(n); for
    /// n = 400 the 95 % interval is .5 -+ .049.
    #[test]
    fn covers_what_the_normal_theory_says() {
        let data: Vec<f64> = (0..400).map(|i| f64::from(i % 2)).collect();
        let i = interval(400, 4000, 0.95, 7, |d| mean(&data, d)).unwrap();
        assert!(
            (i.low - 0.451).abs() < 0.006 && (i.high - 0.549).abs() < 0.006,
            "{i:?}"
        );
        assert_eq!(i.undefined, 0);
    }

    #[test]
    fn same_seed_same_interval() {
        let data: Vec<f64> = (0..50).map(|i| f64::from(i * i % 17)).collect();
        let run = |seed| interval(50, 300, 0.9, seed, |d| mean(&data, d));
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn one_cluster_repeats_and_undefined_ones_are_counted() {
        let i = interval(1, 10, 0.95, 0, |d| Some(d.len() as f64)).unwrap();
        assert_eq!((i.low, i.high), (1.0, 1.0));
        let i = interval(2, 1000, 0.95, 0, |d| (d[0] != d[1]).then_some(1.0)).unwrap();
        assert!((400..600).contains(&i.undefined), "{i:?}");
        assert_eq!(interval(0, 10, 0.95, 0, |_| Some(1.0)), None);
        assert_eq!(interval(3, 0, 0.95, 0, |_| Some(1.0)), None);
        assert_eq!(interval(3, 10, 1.0, 0, |_| Some(1.0)), None);
        assert_eq!(interval(3, 10, 0.95, 0, |_| None), None);
    }
}
