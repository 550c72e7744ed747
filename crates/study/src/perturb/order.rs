//! The order of the words, and how strongly a permutation disturbs it.
//!
//! With `pi` the list of original places in their new order and `L` its length:
//! `absolute = (1/L) sum |pi_i - i|`, `relative = (1/(L-1)) sum [pi_i - pi_(i-1) != 1]` (GPTOrder's measures). The expected answer stays that of
//! the original: these operators damage a question, they do not pose another.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::plan::Options;
use super::pocket::meta_after;
use super::{Answer, Effect, Frequencies, Subject, Unchanged, below, shuffle};

type Corpus<'a> = Option<&'a dyn Frequencies>;

/// How far words moved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Strength {
    /// Mean distance of a word from its old place, in words.
    pub absolute: f64,
    /// Share of neighbours that were no neighbours before, in this order.
    pub relative: f64,
}

/// The strength of a permutation, or of a selection in order: `order[i]` is the old place of what is now at `i`.
pub fn strength(order: &[usize]) -> Strength {
    let n = order.len();
    let moved: usize = order.iter().enumerate().map(|(i, p)| p.abs_diff(i)).sum();
    let broken = order.windows(2).filter(|w| w[1] != w[0] + 1).count();
    Strength {
        absolute: if n > 0 { moved as f64 / n as f64 } else { 0.0 },
        relative: if n > 1 {
            broken as f64 / (n - 1) as f64
        } else {
            0.0
        },
    }
}

/// The permutations, as orders of `n` places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permutation {
    SwapAdjacent,
    SwapRandom,
    Rotate,
    Reverse,
    TrigramShuffle,
    Shuffle,
}

impl Permutation {
    /// The order of `n` places after it.
    pub fn order(self, n: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        match self {
            Permutation::SwapAdjacent => order.chunks_exact_mut(2).for_each(|c| c.swap(0, 1)),
            Permutation::SwapRandom if n > 1 => {
                let first = below(rng, n);
                let second = (first + 1 + below(rng, n - 1)) % n;
                order.swap(first, second);
            }
            Permutation::SwapRandom => {}
            Permutation::Rotate => order.rotate_left(n / 2),
            Permutation::Reverse => order.reverse(),
            // What is left behind the last whole group stays.
            Permutation::TrigramShuffle => order.chunks_exact_mut(3).for_each(|c| shuffle(rng, c)),
            Permutation::Shuffle => shuffle(rng, &mut order),
        }
        order
    }
}

fn permuted(s: &Subject, rng: &mut ChaCha8Rng, how: Permutation) -> Result<Effect, Unchanged> {
    let words: Vec<&str> = s.question.split_whitespace().collect();
    if words.len() < 2 {
        return Unchanged::because("it has fewer than two words");
    }
    let order = how.order(words.len(), rng);
    let text: Vec<&str> = order.iter().map(|i| words[*i]).collect();
    Ok(damaged(s, text.join(" "), Some(strength(&order))))
}

fn damaged(s: &Subject, question: String, strength: Option<Strength>) -> Effect {
    Effect {
        question,
        answer: Answer::Same,
        meta: meta_after(&s.meta),
        changes: Vec::new(),
        strength,
    }
}

macro_rules! permutations {
    ($($name:ident = $how:ident),*) => {$(
        pub(super) fn $name(s: &Subject, _: &Options, rng: &mut ChaCha8Rng, _: Corpus) -> Result<Effect, Unchanged> {
            permuted(s, rng, Permutation::$how)
        }
    )*};
}

permutations!(
    swap_adjacent = SwapAdjacent,
    swap_random = SwapRandom,
    rotate = Rotate,
    reverse = Reverse,
    trigram_shuffle = TrigramShuffle,
    full_shuffle = Shuffle
);

/// Places of `share` of `n` words, at least one, never all of them; ascending.
fn some(rng: &mut ChaCha8Rng, n: usize, share: f64) -> Vec<usize> {
    let mut places: Vec<usize> = (0..n).collect();
    shuffle(rng, &mut places);
    let wanted = (n as f64 * share).round() as usize;
    places.truncate(wanted.clamp(1, n.saturating_sub(1).max(1)));
    places.sort_unstable();
    places
}

/// Share of the words when none is given.
const SHARE: f64 = 0.1;

pub(super) fn drop_words(
    s: &Subject,
    o: &Options,
    rng: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    let words: Vec<&str> = s.question.split_whitespace().collect();
    if words.len() < 2 {
        return Unchanged::because("it has fewer than two words");
    }
    let gone = some(rng, words.len(), o.number("share").unwrap_or(SHARE));
    let order: Vec<usize> = (0..words.len()).filter(|i| !gone.contains(i)).collect();
    let text: Vec<&str> = order.iter().map(|i| words[*i]).collect();
    Ok(damaged(s, text.join(" "), Some(strength(&order))))
}

pub(super) fn mask_words(
    s: &Subject,
    o: &Options,
    rng: &mut ChaCha8Rng,
    _: Corpus,
) -> Result<Effect, Unchanged> {
    let mut words: Vec<&str> = s.question.split_whitespace().collect();
    if words.is_empty() {
        return Unchanged::because("it has no words");
    }
    for i in some(rng, words.len(), o.number("share").unwrap_or(SHARE)) {
        words[i] = "___";
    }
    Ok(damaged(s, words.join(" "), None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    /// Mean strength of many draws at L = 32.
    fn mean(how: Permutation) -> (f64, f64) {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let n = 20_000;
        let (mut absolute, mut relative) = (0.0, 0.0);
        for _ in 0..n {
            let s = strength(&how.order(32, &mut rng));
            absolute += s.absolute;
            relative += s.relative;
        }
        (absolute / f64::from(n), relative / f64::from(n))
    }

    #[test]
    fn strengths_are_those_computed_for_32_words() {
        // Fixed ones exactly to three digits, random ones within the error of a mean over few draws.
        for (how, absolute, relative, tolerance) in [
            (Permutation::SwapAdjacent, 1.000, 1.000, 0.0005),
            (Permutation::Rotate, 16.000, 0.032, 0.0005),
            (Permutation::Reverse, 16.000, 1.000, 0.0005),
            (Permutation::SwapRandom, 0.683, 0.123, 0.01),
            (Permutation::TrigramShuffle, 0.833, 0.709, 0.01),
            (Permutation::Shuffle, 10.67, 0.968, 0.05),
        ] {
            let (a, r) = mean(how);
            assert!(
                (a - absolute).abs() < tolerance && (r - relative).abs() < tolerance,
                "{how:?}: {a} {r}"
            );
        }
    }

    #[test]
    fn no_move_has_no_strength() {
        let still: Vec<usize> = (0..32).collect();
        assert_eq!(
            strength(&still),
            Strength {
                absolute: 0.0,
                relative: 0.0
            }
        );
        assert_eq!(
            strength(&[]),
            Strength {
                absolute: 0.0,
                relative: 0.0
            }
        );
    }
}
