//! Weights fitted to tokens, and how well a mixture predicts them.

use crate::mixture::{Weights, mixed};

/// What model and retriever say of a token that really follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Natural logarithm of the model's probability.
    pub log_model: f64,
    /// The retrieved probability.
    pub retrieved: f64,
    /// Whether a single token was found; `None`: none was, and the model speaks alone.
    pub sparse: Option<bool>,
}

impl Seen {
    /// Natural logarithm of the mixture's probability.
    pub fn mixed(&self, weights: Weights) -> f64 {
        let weight = match self.sparse {
            None => 0.0,
            Some(true) => weights.sparse(),
            Some(false) => weights.dense(),
        };
        mixed(weight, self.log_model, self.retrieved)
    }
}

/// The weights with which the tokens are most likely; 0 where there is none of a kind.
pub fn fit(tokens: &[Seen]) -> Weights {
    let of = |sparse: bool| {
        let some = tokens.iter().filter(|s| s.sparse == Some(sparse));
        best(
            &some
                .map(|s| (s.log_model.exp(), s.retrieved))
                .collect::<Vec<_>>(),
        )
    };
    Weights::clamped(of(true), of(false))
}

/// The weight in [0, 1] that makes pairs of a model's and a retrieved probability most likely. The log-likelihood is concave in the weight, so the root of its slope
/// `sum (r - m) / (m + w (r - m))` is bracketed and halved.
fn best(pairs: &[(f64, f64)]) -> f64 {
    let slope = |w: f64| -> f64 {
        let one = |&(m, r): &(f64, f64)| {
            let mixture = (m + w * (r - m)).max(f64::MIN_POSITIVE);
            (r - m) / mixture
        };
        pairs.iter().map(one).sum()
    };
    if pairs.is_empty() || slope(0.0) <= 0.0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    if slope(high) >= 0.0 {
        return high;
    }
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        match slope(middle) > 0.0 {
            true => low = middle,
            false => high = middle,
        }
    }
    low
}

/// `exp` of the mean loss in nats; infinite where a token has no probability, not a number of no tokens.
pub fn perplexity(tokens: &[Seen], weights: Weights) -> f64 {
    let sum: f64 = tokens.iter().map(|s| s.mixed(weights)).sum();
    (-sum / tokens.len() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(p: f64, retrieved: f64, sparse: bool) -> Seen {
        Seen {
            log_model: p.ln(),
            retrieved,
            sparse: Some(sparse),
        }
    }

    #[test]
    fn weights_are_those_by_hand() {
        // Right twice of three times with certainty, where the model says 1/4: (1 - w) / 4 and (1 + 3 w) / 4 are most likely
        // together where 2 * 3 / (1 + 3 w) = 1 / (1 - w), at w = 5/9.
        let tokens = [(1.0, true), (1.0, true), (0.0, true)].map(|(r, s)| seen(0.25, r, s));
        let weights = fit(&tokens);
        assert!((weights.sparse() - 5.0 / 9.0).abs() < 1e-9, "{weights:?}");
        assert_eq!(weights.dense(), 0.0);
        // Never right, always better, nothing to go by.
        assert_eq!(fit(&[seen(0.25, 0.0, false)]).dense(), 0.0);
        assert_eq!(fit(&[seen(0.25, 0.5, false)]).dense(), 1.0);
        assert_eq!(fit(&[]), Weights::new(0.0, 0.0).unwrap());
        // Perplexities: of the model 4, of the corpus infinite.
        let at = |w| perplexity(&tokens, Weights::new(w, w).unwrap());
        assert!((at(0.0) - 4.0).abs() < 1e-12);
        assert_eq!(at(1.0), f64::INFINITY);
        // Where nothing was found, the model speaks, whatever the weight.
        let alone = Seen {
            sparse: None,
            ..seen(0.5, 0.0, true)
        };
        assert!((perplexity(&[alone], Weights::new(1.0, 1.0).unwrap()) - 2.0).abs() < 1e-12);
        // A model that thinks a token impossible.
        assert!(fit(&[seen(0.0, 0.5, true), seen(0.5, 0.0, true)]).sparse() > 0.4);
    }

    proptest! {
        #[test]
        fn no_other_weights_are_better(
            tokens in prop::collection::vec((0.001f64..1.0, 0.0f64..1.0, any::<bool>()), 1..40),
            other in (0.0f64..=1.0, 0.0f64..=1.0),
        ) {
            let tokens: Vec<Seen> = tokens.into_iter().map(|(m, r, s)| seen(m, if r < 0.3 { 0.0 } else { r }, s)).collect();
            let fitted = perplexity(&tokens, fit(&tokens));
            prop_assert!(fitted <= perplexity(&tokens, Weights::new(other.0, other.1).unwrap()) * (1.0 + 1e-9));
            prop_assert!(fitted <= perplexity(&tokens, Weights::new(0.0, 0.0).unwrap()) * (1.0 + 1e-12));
        }
    }
}
