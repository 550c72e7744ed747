//! The distribution of a model, mixed with a retrieved one: `p = lam p_ret + (1 - lam) p_model`.

use crate::error::RetroError;
use crate::retriever::Retrieved;

/// How much of the mixture is retrieved, from 0 to 1: one number where a single token was found, another where several were. The default is the model alone.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Weights {
    sparse: f64,
    dense: f64,
}

impl Weights {
    /// # Errors
    /// A weight outside of 0 to 1.
    pub fn new(sparse: f64, dense: f64) -> Result<Weights, RetroError> {
        match [sparse, dense]
            .into_iter()
            .find(|w| !(0.0..=1.0).contains(w))
        {
            Some(wrong) => Err(RetroError::Weight(wrong)),
            None => Ok(Weights { sparse, dense }),
        }
    }

    /// The nearest weights that can be.
    pub(crate) fn clamped(sparse: f64, dense: f64) -> Weights {
        let [sparse, dense] = [sparse, dense].map(|w| w.clamp(0.0, 1.0));
        Weights { sparse, dense }
    }

    pub fn sparse(&self) -> f64 {
        self.sparse
    }

    pub fn dense(&self) -> f64 {
        self.dense
    }

    /// Whether the model speaks alone.
    pub fn are_zero(&self) -> bool {
        self.sparse == 0.0 && self.dense == 0.0
    }

    /// The weight of what was found; 0 where nothing was.
    pub fn of(&self, found: &Retrieved) -> f64 {
        match found.tokens.len() {
            0 => 0.0,
            1 => self.sparse,
            _ => self.dense,
        }
    }
}

/// Natural logarithm of the mixture's probability of a token. With a weight of 0 it is the model's own, to the bit.
pub fn mixed(weight: f64, log_model: f64, retrieved: f64) -> f64 {
    if weight == 0.0 {
        log_model
    } else if retrieved == 0.0 {
        // Stays finite where the probability itself would be 0.
        (1.0 - weight).ln() + log_model
    } else {
        (weight * retrieved + (1.0 - weight) * log_model.exp()).ln()
    }
}

/// Natural logarithms of the mixture's probabilities of all `size` tokens; those that were found beyond it are left out.
pub fn blend(
    weight: f64,
    size: usize,
    log_model: impl Fn(u32) -> f64,
    found: &Retrieved,
) -> Vec<f64> {
    let ids = 0..u32::try_from(size).unwrap_or(u32::MAX);
    let mut all: Vec<f64> = ids.map(|id| mixed(weight, log_model(id), 0.0)).collect();
    for &(id, p) in &found.tokens {
        if let Some(place) = all.get_mut(id as usize) {
            *place = mixed(weight, log_model(id), p);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(tokens: &[(u32, f64)]) -> Retrieved {
        Retrieved {
            tokens: tokens.to_vec(),
            length: 1,
            count: 1,
        }
    }

    #[test]
    fn weights_are_shares_and_go_by_how_much_was_found() {
        let weights = Weights::new(0.75, 0.25).unwrap();
        assert_eq!(weights.of(&found(&[(1, 1.0)])), 0.75);
        assert_eq!(weights.of(&found(&[(1, 0.5), (2, 0.5)])), 0.25);
        assert_eq!(weights.of(&found(&[])), 0.0);
        for wrong in [-0.1, 1.1, f64::NAN] {
            let said = Weights::new(0.5, wrong).unwrap_err().to_string();
            assert!(said.contains("from 0"), "{said}");
        }
    }

    #[test]
    fn the_ends_are_the_model_and_the_corpus() {
        let p: [f64; 4] = [0.125, 0.5, 0.25, 0.125];
        let found = found(&[(2, 0.75), (0, 0.25)]);
        let log_model = |id: u32| p[id as usize].ln();
        let model = blend(0.0, 4, log_model, &found);
        let bits = |all: &[f64]| all.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&model), bits(&p.map(f64::ln)));
        let corpus: Vec<f64> = blend(1.0, 4, log_model, &found);
        assert_eq!(
            bits(&corpus),
            bits(&[
                0.25f64.ln(),
                f64::NEG_INFINITY,
                0.75f64.ln(),
                f64::NEG_INFINITY
            ])
        );
        // Half of each, by hand.
        let half: Vec<f64> = blend(0.5, 4, log_model, &found)
            .iter()
            .map(|x| x.exp())
            .collect();
        for (got, want) in half.iter().zip([0.1875, 0.25, 0.5, 0.0625]) {
            assert!((got - want).abs() < 1e-12, "{half:?}");
        }
    }

    proptest! {
        #[test]
        fn mixtures_sum_to_one(
            weight in 0.0f64..=1.0,
            model in prop::collection::vec(0.01f64..1.0, 2..50),
            some in prop::collection::vec(0.01f64..1.0, 1..10),
        ) {
            let (all, of_some): (f64, f64) = (model.iter().sum(), some.iter().sum());
            let tokens: Vec<(u32, f64)> = (0..).zip(&some).map(|(i, p)| (i, p / of_some)).take(model.len()).collect();
            let left: f64 = 1.0 - tokens.iter().map(|t| t.1).sum::<f64>();
            let found = found(&tokens);
            let sum: f64 = blend(weight, model.len(), |id| (model[id as usize] / all).ln(), &found).iter().map(|x| x.exp()).sum();
            prop_assert!((sum + weight * left - 1.0).abs() < 1e-9, "{}", sum);
        }
    }
}
