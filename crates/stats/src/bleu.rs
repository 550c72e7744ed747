//! How much of one sequence another one repeats.

use std::collections::HashMap;

/// Counts of BLEU-4 (Papineni et al., 2002): sums of it over pairs give that of a corpus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bleu {
    /// N-grams of the candidates, for n from 1 to 4, and how many of them the references have too, each as often as it is there at most.
    pub possible: [u64; 4],
    pub matched: [u64; 4],
    /// Tokens of the references and of the candidates.
    pub lengths: [u64; 2],
}

impl Bleu {
    /// Of one pair.
    pub fn new(reference: &[u32], candidate: &[u32]) -> Bleu {
        let mut out = Bleu {
            lengths: [reference.len() as u64, candidate.len() as u64],
            ..Bleu::default()
        };
        for n in 1..=4 {
            let mut left: HashMap<&[u32], u64> = HashMap::new();
            for ngram in reference.windows(n) {
                *left.entry(ngram).or_default() += 1;
            }
            for ngram in candidate.windows(n) {
                out.possible[n - 1] += 1;
                if let Some(left) = left.get_mut(ngram).filter(|left| **left > 0) {
                    *left -= 1;
                    out.matched[n - 1] += 1;
                }
            }
        }
        out
    }

    pub fn add(&mut self, other: Bleu) {
        for n in 0..4 {
            self.possible[n] += other.possible[n];
            self.matched[n] += other.matched[n];
        }
        self.lengths = [0, 1].map(|i| self.lengths[i] + other.lengths[i]);
    }

    /// The geometric mean of the shares that match, times the penalty of candidates that are too short; `None` where there is no n-gram of a length.
    pub fn score(&self) -> Option<f64> {
        let mut sum = 0.0;
        for (matched, possible) in self.matched.iter().zip(self.possible) {
            if possible == 0 {
                return None;
            }
            sum += (*matched as f64 / possible as f64).ln() / 4.0;
        }
        let [reference, candidate] = self.lengths.map(|n| n as f64);
        Some(sum.exp() * (1.0 - reference / candidate).min(0.0).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 8 and 7 tokens, of which 6 of 7, 4 of 6, 3 of 5 and 2 of 4 n-grams match; e^(1 - 8/7).
    #[test]
    fn a_pair_by_hand() {
        let reference = [1, 2, 3, 4, 5, 6, 7, 8];
        let candidate = [1, 2, 3, 4, 5, 9, 6];
        let bleu = Bleu::new(&reference, &candidate);
        assert_eq!((bleu.matched, bleu.possible), ([6, 4, 3, 2], [7, 6, 5, 4]));
        let want = (6.0 / 7.0 * 4.0 / 6.0 * 3.0 / 5.0 * 2.0 / 4.0f64).powf(0.25)
            * (1.0 - 8.0 / 7.0f64).exp();
        assert!((bleu.score().unwrap() - want).abs() < 1e-12);
        assert_eq!(Bleu::new(&reference, &reference).score(), Some(1.0));
        assert_eq!(Bleu::new(&reference, &[1, 1, 1, 1]).matched, [1, 0, 0, 0]);
        assert_eq!(Bleu::new(&reference, &[1, 1, 1, 1]).score(), Some(0.0));
        assert_eq!(Bleu::new(&[1, 2], &[1, 2]).score(), None);
        let mut both = bleu;
        both.add(Bleu::new(&[1, 2], &[1, 2]));
        assert_eq!((both.matched, both.lengths), ([8, 5, 3, 2], [10, 9]));
    }
}
