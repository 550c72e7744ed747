//! Numbers by a seed, the same on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A sequence of numbers.
#[derive(Debug, Clone)]
pub struct Random(ChaCha8Rng);

impl Random {
    /// One of many sequences of a seed: each `stream` has its own.
    pub fn new(seed: u64, stream: u64) -> Random {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(stream);
        Random(random)
    }

    /// The sequence that belongs to a name: what is drawn for it depends on nothing that was drawn before.
    pub fn named(seed: u64, name: &str) -> Random {
        // FNV-1a, 64 bits.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |h: u64, b| {
            (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
        });
        Random::new(seed, hash)
    }

    /// A number below `n`, 0 for 0; its bias is below n / 2^64.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// Every order equally likely (Fisher and Yates).
    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for i in (1..all.len()).rev() {
            all.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_go_by_seed_and_name() {
        let of = |seed, name| {
            let mut random = Random::named(seed, name);
            (0..8).map(|_| random.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(of(1, "a"), of(1, "a"));
        assert_ne!(of(1, "a"), of(1, "b"));
        assert_ne!(of(1, "a"), of(2, "a"));
        assert_eq!(Random::new(0, 0).below(0), 0);
    }

    #[test]
    fn orders_are_equally_likely() {
        let mut random = Random::new(3, 0);
        let mut often = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            let mut all = [0, 1, 2];
            random.shuffle(&mut all);
            *often.entry(all).or_insert(0) += 1;
        }
        // Five standard errors of 1000 are 144.
        assert_eq!(often.len(), 6);
        assert!(often.values().all(|n| (856..1144).contains(n)), "{often:?}");
    }
}
