//! The order of the words. The expected answer stays that of the original: these operators damage a question, they do not pose another.

use rand_chacha::ChaCha8Rng;

use crate::perturb::chance::{below, shuffle};
use crate::perturb::effects::reworded;
use crate::perturb::operator::{Input, Operator, SHARE};
use crate::perturb::strength::strength;
use crate::perturb::subject::{OperatorEffect, Unchanged};

const SOURCE: &str = "GPTOrder (github.com/lshowway/GPTOrder), as in 2506.12321";

pub(super) const SWAP_ADJACENT: Operator = Operator::new(
    "swap-adjacent",
    "words 2i and 2i+1 change places",
    SOURCE,
    |input, rng| permuted(input, rng, Permutation::SwapAdjacent),
);

pub(super) const SWAP_RANDOM: Operator = Operator::new(
    "swap-random",
    "two random words change places",
    SOURCE,
    |input, rng| permuted(input, rng, Permutation::SwapRandom),
);

pub(super) const ROTATE: Operator = Operator::new(
    "rotate",
    "the halves of the question change places",
    SOURCE,
    |input, rng| permuted(input, rng, Permutation::Rotate),
);

pub(super) const REVERSE: Operator = Operator::new(
    "reverse",
    "the last word comes first",
    SOURCE,
    |input, rng| permuted(input, rng, Permutation::Reverse),
);

pub(super) const TRIGRAM_SHUFFLE: Operator = Operator::new(
    "trigram-shuffle",
    "words are shuffled inside groups of three",
    SOURCE,
    |input, rng| permuted(input, rng, Permutation::TrigramShuffle),
);

pub(super) const SHUFFLE: Operator =
    Operator::new("shuffle", "all words are shuffled", SOURCE, |input, rng| {
        permuted(input, rng, Permutation::Shuffle)
    });

pub(super) const DROP: Operator =
    Operator::new("drop", "random words are left out", SOURCE, drop_words).with_options(SHARE);

pub(super) const MASK: Operator = Operator::new(
    "mask",
    "random words become underscores",
    SOURCE,
    mask_words,
)
.with_options(SHARE);

/// The permutations, as orders of `n` places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Permutation {
    SwapAdjacent,
    SwapRandom,
    Rotate,
    Reverse,
    TrigramShuffle,
    Shuffle,
}

impl Permutation {
    /// The order of `n` places after it.
    fn order(self, n: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
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

fn permuted(
    input: &Input,
    rng: &mut ChaCha8Rng,
    how: Permutation,
) -> Result<OperatorEffect, Unchanged> {
    let words = several(input)?;
    let order = how.order(words.len(), rng);
    Ok(ordered(input, &words, &order))
}

/// The words of the question, of which there must be two.
fn several<'a>(input: &Input<'a>) -> Result<Vec<&'a str>, Unchanged> {
    let words: Vec<&str> = input.subject.question.split_whitespace().collect();
    if words.len() < 2 {
        return Unchanged::because("it has fewer than two words");
    }
    Ok(words)
}

fn ordered(input: &Input, words: &[&str], order: &[usize]) -> OperatorEffect {
    let text: Vec<&str> = order.iter().map(|i| words[*i]).collect();
    OperatorEffect {
        strength: Some(strength(order)),
        ..reworded(input, text.join(" "), Vec::new())
    }
}

/// Places of `share` of `n` words, at least one, never all of them; ascending.
fn some(rng: &mut ChaCha8Rng, n: usize, share: f64) -> Vec<usize> {
    let mut places: Vec<usize> = (0..n).collect();
    shuffle(rng, &mut places);
    let wanted = (n as f64 * share).round() as usize;
    places.truncate(wanted.clamp(1, n.saturating_sub(1).max(1)));
    places.sort_unstable();
    places
}

fn drop_words(input: &Input, rng: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    let words = several(input)?;
    let gone = some(rng, words.len(), input.options.share());
    let order: Vec<usize> = (0..words.len()).filter(|i| !gone.contains(i)).collect();
    Ok(ordered(input, &words, &order))
}

fn mask_words(input: &Input, rng: &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged> {
    let mut words: Vec<&str> = input.subject.question.split_whitespace().collect();
    if words.is_empty() {
        return Unchanged::because("it has no words");
    }
    for i in some(rng, words.len(), input.options.share()) {
        words[i] = "___";
    }
    Ok(reworded(input, words.join(" "), Vec::new()))
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
}
