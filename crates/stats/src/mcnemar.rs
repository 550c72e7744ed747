//! McNemar's exact test for two classifiers on the same items.

/// Two-sided exact p-value that two paired classifiers are equally often right, from the items on
/// which they disagree: `only_first` right by the first alone, `only_second` by the second alone.
///
/// `min(1, 2 P(X <= min(b, c)))` with `X ~ Binomial(b + c, 1/2)` (McNemar, Psychometrika 12, 1947;
/// the exact form as in Fagerland et al., BMC Med. Res. Methodol. 13:91, 2013). 1 when they never
/// disagree.
pub fn mcnemar_exact(only_first: u64, only_second: u64) -> f64 {
    let n = only_first + only_second;
    let k = only_first.min(only_second);
    // Terms C(n, i) / 2^n relative to the largest one (i = k), so that nothing under- or overflows.
    let (mut sum, mut term) = (1.0_f64, 1.0_f64);
    for i in (1..=k).rev() {
        term *= i as f64 / (n - i + 1) as f64;
        sum += term;
        if term < 1e-18 * sum {
            break;
        }
    }
    let log_top = log_choose(n, k) - n as f64 * std::f64::consts::LN_2;
    (2.0 * sum * log_top.exp()).min(1.0)
}

fn log_choose(n: u64, k: u64) -> f64 {
    (1..=k).map(|i| ((n - k + i) as f64 / i as f64).ln()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_sum(b: u32, c: u32) -> f64 {
        let (n, k) = (u128::from(b + c), u128::from(b.min(c)));
        let mut choose = 1_u128;
        let mut sum = 1_u128;
        for i in 1..=k {
            choose = choose * (n - i + 1) / i;
            sum += choose;
        }
        (2.0 * sum as f64 / (1_u128 << n) as f64).min(1.0)
    }

    #[test]
    fn known_answers() {
        assert!((mcnemar_exact(1, 9) - 22.0 / 1024.0).abs() < 1e-15);
        assert!((mcnemar_exact(9, 1) - 22.0 / 1024.0).abs() < 1e-15);
        assert_eq!(mcnemar_exact(0, 0), 1.0);
        assert_eq!(mcnemar_exact(5, 5), 1.0);
        assert!((mcnemar_exact(0, 6) - 2.0 / 64.0).abs() < 1e-15);
    }

    #[test]
    fn agrees_with_exact_integers() {
        for b in 0..40 {
            for c in 0..40 {
                let (got, want) = (mcnemar_exact(b.into(), c.into()), by_sum(b, c));
                assert!((got - want).abs() <= 1e-12 * want, "{b} {c}: {got} {want}");
            }
        }
    }

    #[test]
    fn large_counts_stay_finite() {
        let p = mcnemar_exact(40_000, 41_000);
        // z = 1000 / sqrt(81000) = 3.514: a normal approximation gives p = 4.4e-4.
        assert!((3.0e-4..6.0e-4).contains(&p), "{p}");
        assert_eq!(mcnemar_exact(0, 100_000), 0.0);
    }
}
