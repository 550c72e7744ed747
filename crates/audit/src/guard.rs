//! Whether a continuation belongs to its prefix, or is likely after any: Prior-Aware Memorization, in a form of our own.
//!
//! `PAM = log p(s | prefix) - log (1/m) sum_j p(s | unrelated prefix j)`, in nats. Near 0, the text is common, and its prefix does nothing for it.

use serde::{Deserialize, Serialize};

/// What unrelated prefixes say of a continuation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    /// In nats.
    pub pam: f64,
    /// Natural logarithm of the mean probability after unrelated prefixes.
    pub prior: f64,
    /// Unrelated prefixes that were asked.
    pub prefixes: usize,
    /// `pam` is at least that, `prior` at most: not all tokens had to be read to tell.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bound: bool,
}

impl Guard {
    /// `unrelated`: the continuation's log-probability after each unrelated prefix. `None` without any.
    pub fn new(log_p: f64, unrelated: &[f64]) -> Option<Guard> {
        let prior = log_mean_exp(unrelated)?;
        Some(Guard {
            pam: log_p - prior,
            prior,
            prefixes: unrelated.len(),
            bound: false,
        })
    }

    /// The text is likely after any prefix: its own adds fewer nats than `least` for each token.
    pub fn is_common(&self, tokens: usize, least: f64) -> bool {
        self.pam < least * tokens as f64
    }
}

/// `log ((1/m) sum exp x)`, without overflow; `None` of nothing.
pub fn log_mean_exp(values: &[f64]) -> Option<f64> {
    let most = values.iter().copied().reduce(f64::max)?;
    if !most.is_finite() {
        return Some(most);
    }
    let sum: f64 = values.iter().map(|x| (x - most).exp()).sum();
    Some(most + (sum / values.len() as f64).ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_of_probabilities() {
        let logs = [0.5f64, 0.25, 0.25].map(f64::ln);
        assert!((log_mean_exp(&logs).unwrap() - (1.0f64 / 3.0).ln()).abs() < 1e-12);
        // Far below what a float holds as a probability.
        assert!((log_mean_exp(&[-5000.0, -5000.0]).unwrap() + 5000.0).abs() < 1e-9);
        assert_eq!(log_mean_exp(&[f64::NEG_INFINITY]), Some(f64::NEG_INFINITY));
        assert_eq!(log_mean_exp(&[]), None);
    }

    #[test]
    fn text_that_any_prefix_makes_likely_is_common() {
        let common = Guard::new(-1.0, &[-1.5, -2.0, -0.9]).unwrap();
        assert!(common.pam < 1.0 && common.is_common(10, 0.5), "{common:?}");
        let own = Guard::new(-1.0, &[-80.0, -95.0]).unwrap();
        assert!((own.pam - 79.693).abs() < 1e-3, "{own:?}");
        assert!(!own.is_common(10, 0.5));
        assert_eq!(Guard::new(-1.0, &[]), None);
    }
}
