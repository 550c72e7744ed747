//! Numbers by a seed, the same on every machine but for the last bits of logarithms and cosines.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A sequence of numbers.
#[derive(Debug, Clone)]
pub struct Random {
    rng: ChaCha8Rng,
    /// The second of a pair of normal numbers.
    spare: Option<f64>,
}

impl Random {
    /// One of many sequences of a seed: each `stream` has its own.
    pub fn new(seed: u64, stream: u64) -> Random {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Random { rng, spare: None }
    }

    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A number below `n`, which is not 0; its bias is below n / 2^64.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.rng.next_u64()) * n as u128) >> 64) as usize
    }

    /// Standard normal (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sin);
        radius * cos
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_the_moments_of_the_normal_distribution() {
        let mut random = Random::new(1, 0);
        let all: Vec<f64> = (0..100_000).map(|_| random.normal()).collect();
        let moment = |k| all.iter().map(|x| x.powi(k)).sum::<f64>() / all.len() as f64;
        // Five standard errors.
        for (k, want, most) in [
            (1, 0.0, 0.016),
            (2, 1.0, 0.023),
            (3, 0.0, 0.062),
            (4, 3.0, 0.155),
        ] {
            assert!((moment(k) - want).abs() < most, "{k}: {}", moment(k));
        }
        assert_ne!(Random::new(1, 0).normal(), Random::new(1, 1).normal());
        assert_eq!(Random::new(1, 3).normal(), Random::new(1, 3).normal());
    }
}
