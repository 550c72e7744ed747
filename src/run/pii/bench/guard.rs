//! Protections that change the distribution of the next token.

use std::f64::consts::LN_2;
use std::sync::Arc;

use rotescope_corpus::{Corpus, CorpusError};
use rotescope_model::{Mixing, Mixture, Softmax};
use rotescope_privacy::noise::Noise;

/// Forbids to go on with a run of the corpus that is rare there and that the model is sure of: what was learned by heart from few places, not what all texts say.
#[derive(Clone)]
pub struct EntropyFilter {
    pub corpus: Arc<dyn Corpus>,
    /// Tokens of a run, the one that is forbidden among them.
    pub run: usize,
    /// A model is sure below so many nats.
    pub below: f64,
    /// A run that occurs more often is no secret.
    pub rare: u64,
}

/// Some of the protections, or none.
#[derive(Clone, Default)]
pub struct Guard {
    pub entropy: Option<EntropyFilter>,
    pub noise: Option<Noise>,
}

impl Guard {
    /// Whether it leaves everything as it is.
    pub fn is_none(&self) -> bool {
        self.entropy.is_none() && self.noise.is_none()
    }
}

impl EntropyFilter {
    /// Whether a run is in the corpus, and rare there.
    fn holds(&self, run: &[u32]) -> Result<bool, CorpusError> {
        Ok((1..=self.rare).contains(&self.corpus.count(run)?.value))
    }
}

impl Mixture for Guard {
    fn follow(self: Arc<Self>, prompt: &[u32]) -> Box<dyn Mixing> {
        Box::new(Following {
            guard: self,
            // What is given counts as said with certainty: who knows the beginning is not given the end.
            sure: prompt.len(),
            said: prompt.to_vec(),
            now: false,
        })
    }
}

/// One completion.
struct Following {
    guard: Arc<Guard>,
    /// All tokens so far, those of the prompt too.
    said: Vec<u32>,
    /// The last ones that the model was sure of, in a row.
    sure: usize,
    /// Whether it is sure of the next one, and may say it.
    now: bool,
}

impl Following {
    /// The token that must not come next.
    fn forbidden(&mut self, row: &Softmax<'_>) -> Result<Option<u32>, CorpusError> {
        let Some(filter) = &self.guard.entropy else {
            return Ok(None);
        };
        self.now = row.entropy_bits() * LN_2 < filter.below;
        let before = filter.run.saturating_sub(1);
        if !self.now || self.sure < before || self.said.len() < before {
            return Ok(None);
        }
        let mut run = self.said[self.said.len() - before..].to_vec();
        run.push(row.best());
        let rare = filter.holds(&run)?;
        self.now &= !rare;
        Ok(rare.then_some(row.best()))
    }
}

impl Mixing for Following {
    fn mixed(&mut self, row: &Softmax<'_>) -> Result<Option<Vec<f32>>, String> {
        let forbidden = self.forbidden(row).map_err(|e| e.to_string())?;
        let noise = self.guard.noise;
        if forbidden.is_none() && noise.is_none() {
            return Ok(None);
        }
        let size = row.size();
        let mut all: Vec<f32> = (0..size as u32)
            .map(|id| row.log_probability(id) as f32)
            .collect();
        if let Some(id) = forbidden {
            all[id as usize] = f32::NEG_INFINITY;
        }
        let Some(noise) = noise else {
            return Ok(Some(all));
        };
        // Last: so the bound holds whatever was done before.
        let row = Softmax::new(&all).ok_or("no token is left to choose")?;
        let mixed = (0..size as u32).map(|id| noise.mixed(row.probability(id), size).ln() as f32);
        Ok(Some(mixed.collect()))
    }

    fn take(&mut self, token: u32) {
        self.sure = if self.now { self.sure + 1 } else { 0 };
        self.said.push(token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::MemoryCorpus;

    /// A row in which one token has nearly all, or all are alike.
    fn row(best: Option<u32>) -> Vec<f32> {
        (0..8)
            .map(|id| if best == Some(id) { 20.0 } else { 0.0 })
            .collect()
    }

    fn filter(rare: u64) -> EntropyFilter {
        let documents = vec![vec![1, 2, 3, 4, 5], vec![1, 2, 3, 4, 5], vec![6, 7, 6, 7]];
        EntropyFilter {
            corpus: Arc::new(MemoryCorpus::of_tokens("toy", documents)),
            run: 3,
            below: 0.1,
            rare,
        }
    }

    fn mixed(guard: &Guard, prompt: &[u32], steps: &[(Option<u32>, u32)]) -> Vec<Option<Vec<f32>>> {
        let mut following = Arc::new(guard.clone()).follow(prompt);
        let mut all = Vec::new();
        for (best, taken) in steps {
            let logits = row(*best);
            all.push(following.mixed(&Softmax::new(&logits).unwrap()).unwrap());
            following.take(*taken);
        }
        all
    }

    #[test]
    fn a_rare_run_is_not_said_on_where_the_model_is_sure() {
        let guard = Guard {
            entropy: Some(filter(2)),
            noise: None,
        };
        let all = mixed(
            &guard,
            &[1, 2],
            &[
                (Some(3), 0), // 1 2 3 stands there twice: forbidden
                (None, 3),    // not sure
                (Some(4), 4), // the two before it are no run of certainty
                (Some(5), 5), // 0 3 4 5: 3 4 5 is there, but the model was not sure of 3
            ],
        );
        let forbidden = all[0].as_ref().unwrap();
        assert_eq!(forbidden[3], f32::NEG_INFINITY);
        assert!(forbidden[4].is_finite());
        assert_eq!(all[1..], [None, None, None]);
        // Sure of all three: forbidden without a prompt too.
        let all = mixed(&guard, &[], &[(Some(3), 3), (Some(4), 4), (Some(5), 5)]);
        assert!(all[0].is_none() && all[1].is_none() && all[2].is_some());
        // What occurs more often, and what does not occur at all, is none of its business.
        let often = Guard {
            entropy: Some(filter(1)),
            noise: None,
        };
        assert_eq!(mixed(&often, &[1, 2], &[(Some(3), 3)]), [None]);
        assert_eq!(mixed(&guard, &[1, 2], &[(Some(5), 5)]), [None]);
    }

    #[test]
    fn noise_comes_last_and_keeps_its_bound() {
        let noise = Noise::new(0.5).unwrap();
        for entropy in [None, Some(filter(2))] {
            let guard = Guard {
                entropy,
                noise: Some(noise),
            };
            let logits = mixed(&guard, &[1, 2], &[(Some(3), 3)])[0].clone().unwrap();
            let p: Vec<f64> = logits.iter().map(|x| f64::from(*x).exp()).collect();
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-6);
            let ratio =
                p.iter().copied().fold(0.0, f64::max) / p.iter().copied().fold(1.0, f64::min);
            assert!(ratio.ln() <= noise.epsilon(8) + 1e-6);
        }
        assert!(Guard::default().is_none());
        assert_eq!(mixed(&Guard::default(), &[1], &[(Some(3), 3)]), [None]);
    }
}
