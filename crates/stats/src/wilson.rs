//! Intervals of shares.

use crate::bootstrap::Interval;

/// The standard normal quantile of .975.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's 95 % score interval of `k` of `n`, from 0 to 1 (E. B. Wilson, 1927); `None` of nothing.
pub fn wilson(k: usize, n: usize) -> Option<Interval> {
    if n == 0 {
        return None;
    }
    let (p, n) = (k as f64 / n as f64, n as f64);
    let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    Some(Interval {
        low: (centre - half).max(0.0),
        high: (centre + half).min(1.0),
        undefined: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263 gives .2553 to .3662, 15 of 148 .0624 to .1605, 0 of 20 0 to .1611.
    #[test]
    fn published_cases() {
        for (k, n, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
        ] {
            let got = wilson(k, n).unwrap();
            assert!(
                (got.low - low).abs() < 5e-5 && (got.high - high).abs() < 5e-5,
                "{k} of {n}: {got:?}"
            );
        }
        assert!(wilson(0, 0).is_none());
    }
}
