//! Differentially private drawing of tokens: every distribution is mixed with the uniform one.

/// Draws from `q = keep p + (1 - keep) / V`, where `p` is what the model says and `V` the size of its vocabulary.
///
/// Whatever `p` is, and whatever it was trained on, `(1 - keep) / V <= q <= keep + (1 - keep) / V`: so two models that differ in a record of their training give no token a
/// probability that differs by more than a factor of `exp(epsilon)`, and `T` tokens no text one of more than `exp(T epsilon)` (Dwork and Roth, 2014, Theorem 3.16). It holds of tokens that are
/// drawn from the whole of `q`, not of the most probable one, nor behind `top_k` and the like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise(f64);

impl Noise {
    /// `None` unless `keep` is between 0 and 1, both excepted: 1 is the model itself, without a bound.
    pub fn new(keep: f64) -> Option<Noise> {
        (keep > 0.0 && keep < 1.0).then_some(Noise(keep))
    }

    /// The share of the model.
    pub fn keep(self) -> f64 {
        self.0
    }

    /// Of a token, by a natural logarithm: `ln(1 + keep V / (1 - keep))`.
    pub fn epsilon(self, vocabulary: usize) -> f64 {
        (self.0 * vocabulary as f64 / (1.0 - self.0)).ln_1p()
    }

    /// The probability of a token that the model gives `p`.
    pub fn mixed(self, p: f64, vocabulary: usize) -> f64 {
        self.0 * p + (1.0 - self.0) / vocabulary as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epsilon_is_the_largest_ratio_that_there_can_be() {
        // 32,000 tokens, one half: ln 32,001.
        let half = Noise::new(0.5).unwrap();
        assert!((half.epsilon(32_000) - 32_001f64.ln()).abs() < 1e-12);
        for keep in [0.01, 0.5, 0.99] {
            let noise = Noise::new(keep).unwrap();
            let ratio = noise.mixed(1.0, 4096) / noise.mixed(0.0, 4096);
            assert!((noise.epsilon(4096) - ratio.ln()).abs() < 1e-9, "{keep}");
        }
        for none in [0.0, 1.0, -0.1, f64::NAN] {
            assert_eq!(Noise::new(none), None);
        }
    }

    #[test]
    fn what_is_mixed_is_a_distribution() {
        let noise = Noise::new(0.3).unwrap();
        let p = [0.7, 0.2, 0.1, 0.0];
        let sum: f64 = p.iter().map(|p| noise.mixed(*p, 4)).sum();
        assert!((sum - 1.0).abs() < 1e-12);
        assert!((noise.mixed(0.0, 4) - 0.175).abs() < 1e-12);
    }
}
