//! Changes of a prefix, and how strong they are.

use serde::{Deserialize, Serialize};

use crate::random::Random;

/// A change of the order of tokens, or of what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operator {
    /// Nothing.
    Identity,
    /// Places 2i and 2i + 1 change with each other.
    Adjacent,
    /// Two places at random change with each other.
    SwapTwo,
    /// The first and the last.
    FirstLast,
    /// The halves.
    Rotate,
    /// Each three are shuffled; what is left at the end stays.
    Trigram,
    Reverse,
    Shuffle,
    /// All but the first and the last are shuffled.
    FixEnds,
    /// An eighth at random is left out.
    Drop,
    /// An eighth at random is replaced by a token that says nothing.
    Mask,
}

/// The share of tokens that [`Operator::Drop`] and [`Operator::Mask`] touch: one of so many.
const ONE_OF: usize = 8;

impl Operator {
    pub const ALL: [Operator; 11] = [
        Operator::Identity,
        Operator::Adjacent,
        Operator::SwapTwo,
        Operator::FirstLast,
        Operator::Rotate,
        Operator::Trigram,
        Operator::Reverse,
        Operator::Shuffle,
        Operator::FixEnds,
        Operator::Drop,
        Operator::Mask,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Operator::Identity => "identity",
            Operator::Adjacent => "adjacent",
            Operator::SwapTwo => "swap-two",
            Operator::FirstLast => "first-last",
            Operator::Rotate => "rotate",
            Operator::Trigram => "trigram",
            Operator::Reverse => "reverse",
            Operator::Shuffle => "shuffle",
            Operator::FixEnds => "fix-ends",
            Operator::Drop => "drop",
            Operator::Mask => "mask",
        }
    }

    pub fn of(name: &str) -> Option<Operator> {
        Operator::ALL.into_iter().find(|o| o.name() == name)
    }

    /// What becomes of so many tokens.
    pub fn change(self, length: usize, random: &mut Random) -> Change {
        let mut order: Vec<usize> = (0..length).collect();
        let mut masked = Vec::new();
        let some = |random: &mut Random| {
            let mut all: Vec<usize> = (0..length).collect();
            random.shuffle(&mut all);
            // One stays.
            all.truncate((length / ONE_OF).max(1).min(length.saturating_sub(1)));
            all
        };
        match self {
            Operator::Identity => {}
            Operator::Adjacent => order.chunks_exact_mut(2).for_each(|two| two.swap(0, 1)),
            Operator::SwapTwo if length > 1 => {
                let a = random.below(length as u64) as usize;
                let b = random.below(length as u64 - 1) as usize;
                order.swap(a, if b >= a { b + 1 } else { b });
            }
            Operator::SwapTwo => {}
            Operator::FirstLast => {
                if let Some(last) = length.checked_sub(1) {
                    order.swap(0, last);
                }
            }
            Operator::Rotate => order.rotate_left(length / 2),
            Operator::Trigram => order
                .chunks_exact_mut(3)
                .for_each(|three| random.shuffle(three)),
            Operator::Reverse => order.reverse(),
            Operator::Shuffle => random.shuffle(&mut order),
            Operator::FixEnds => {
                if length > 2 {
                    random.shuffle(&mut order[1..length - 1]);
                }
            }
            Operator::Drop => {
                let out = some(random);
                order.retain(|i| !out.contains(i));
            }
            Operator::Mask => masked = some(random),
        }
        Change {
            length,
            order,
            masked,
        }
    }
}

/// What became of tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    length: usize,
    /// The places that the tokens had, in their new order: GPTOrder's pi.
    order: Vec<usize>,
    /// Places of the old order whose tokens are replaced.
    masked: Vec<usize>,
}

impl Change {
    /// The changed tokens.
    pub fn apply(&self, tokens: &[u32], mask: u32) -> Vec<u32> {
        let of = |&place: &usize| match self.masked.contains(&place) {
            true => mask,
            false => tokens[place],
        };
        self.order.iter().map(of).collect()
    }

    /// `(1/L) sum |pi_i - i|`: how far tokens moved.
    pub fn abs_dist(&self) -> f64 {
        let moved = self.order.iter().enumerate();
        let sum: usize = moved.map(|(i, place)| i.abs_diff(*place)).sum();
        sum as f64 / self.order.len().max(1) as f64
    }

    /// `(1/(L-1)) sum 1[pi_i - pi_(i-1) != 1]`: how many neighbours are new.
    pub fn rel_dist(&self) -> f64 {
        let broken = self.order.windows(2).filter(|w| w[1] != w[0] + 1).count();
        broken as f64 / self.order.len().saturating_sub(1).max(1) as f64
    }

    /// Share of the tokens that are gone.
    pub fn lost(&self) -> f64 {
        let gone = self.length - self.order.len() + self.masked.len();
        gone as f64 / self.length.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(operator: Operator) -> (f64, f64) {
        let mut random = Random::new(7, 0);
        let n = 20_000;
        let all = (0..n).map(|_| operator.change(32, &mut random));
        let sum = all.fold((0.0, 0.0), |s, c| (s.0 + c.abs_dist(), s.1 + c.rel_dist()));
        (sum.0 / f64::from(n), sum.1 / f64::from(n))
    }

    /// The values computed for GPTOrder's operators at L = 32.
    #[test]
    fn strengths_have_the_published_values() {
        for (operator, abs, rel, within) in [
            (Operator::Identity, 0.0, 0.0, 1e-12),
            (Operator::Adjacent, 1.0, 1.0, 1e-12),
            (Operator::Rotate, 16.0, 0.032, 3e-4),
            (Operator::Reverse, 16.0, 1.0, 1e-12),
            (Operator::SwapTwo, 0.683, 0.123, 0.01),
            (Operator::Trigram, 0.833, 0.709, 0.01),
            (Operator::FixEnds, 9.34, 0.967, 0.05),
            (Operator::Shuffle, 10.67, 0.968, 0.05),
        ] {
            let (a, r) = means(operator);
            let name = operator.name();
            assert!((a - abs).abs() <= within, "{name}: abs_dist {a}");
            assert!((r - rel).abs() <= within, "{name}: rel_dist {r}");
        }
    }

    #[test]
    fn changes_do_what_they_say() {
        let tokens: Vec<u32> = (100..108).collect();
        let of = |operator: Operator| {
            let change = operator.change(8, &mut Random::new(1, 1));
            (change.apply(&tokens, 9), change)
        };
        assert_eq!(of(Operator::Identity).0, tokens);
        assert_eq!(
            of(Operator::Adjacent).0,
            [101, 100, 103, 102, 105, 104, 107, 106]
        );
        assert_eq!(
            of(Operator::Rotate).0,
            [104, 105, 106, 107, 100, 101, 102, 103]
        );
        assert_eq!(
            of(Operator::FirstLast).0,
            [107, 101, 102, 103, 104, 105, 106, 100]
        );
        let (fixed, _) = of(Operator::FixEnds);
        assert_eq!((fixed[0], fixed[7]), (100, 107));
        let (dropped, change) = of(Operator::Drop);
        assert_eq!((dropped.len(), change.lost()), (7, 0.125));
        let (masked, change) = of(Operator::Mask);
        assert_eq!(masked.iter().filter(|t| **t == 9).count(), 1);
        assert_eq!(
            (masked.len(), change.abs_dist(), change.lost()),
            (8, 0.0, 0.125)
        );
        // The same tokens in another order.
        for operator in [Operator::Shuffle, Operator::SwapTwo, Operator::Trigram] {
            let mut changed = of(operator).0;
            assert_ne!(changed, tokens, "{}", operator.name());
            changed.sort_unstable();
            assert_eq!(changed, tokens);
        }
    }

    #[test]
    fn short_prefixes_bear_every_operator() {
        for operator in Operator::ALL {
            for length in 0..4 {
                let change = operator.change(length, &mut Random::new(0, 0));
                let tokens: Vec<u32> = (0..length as u32).collect();
                assert!(change.apply(&tokens, 7).len() <= length);
                assert!(change.abs_dist().is_finite() && change.rel_dist() <= 1.0);
                assert!(change.lost() <= 1.0);
            }
            assert_eq!(Operator::of(operator.name()), Some(operator));
        }
    }
}
