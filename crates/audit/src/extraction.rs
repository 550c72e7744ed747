//! How much of a window of text a model recites: greedily, and when it draws.
//!
//! A window is a prefix and the continuation that really follows it. One teacher-forced pass over both gives all of this.

use serde::{Deserialize, Serialize};

/// Tokens of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    pub prefix: usize,
    pub continuation: usize,
}

impl Split {
    pub fn length(self) -> usize {
        self.prefix + self.continuation
    }

    /// Where windows begin in a document of so many tokens, each `stride` behind the one before it.
    pub fn starts(self, tokens: usize, stride: usize) -> impl Iterator<Item = usize> {
        let places = (tokens + 1).saturating_sub(self.length());
        (0..places).step_by(stride.max(1))
    }
}

/// What the model says of one token of a continuation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenScore {
    /// It is the most probable one.
    pub greedy: bool,
    /// Natural logarithm of its probability under the full softmax.
    pub log_probability: f64,
    /// The same when it is drawn, temperature and filters applied; `None` where a filter drops it.
    pub drawn: Option<f64>,
    /// Mean and standard deviation of the log-probability over the distribution.
    pub mean: f64,
    pub deviation: f64,
}

/// How much of a continuation is recited.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extraction {
    /// Share of tokens that are the most probable ones, each after the true tokens before it: teacher-forced M.
    pub matched: f64,
    /// Tokens before the first that is not. A greedy continuation says these and then something else.
    pub recited: usize,
    pub length: usize,
    /// Natural logarithm of the continuation's probability under the full softmax.
    pub log_p: f64,
    /// Natural logarithm of p_z: that the continuation is drawn (Hayes et al., 2024); `None` where a filter drops one of its tokens, so that it is never drawn.
    pub log_p_z: Option<f64>,
}

impl Extraction {
    pub fn new(tokens: &[TokenScore]) -> Extraction {
        let greedy = tokens.iter().filter(|t| t.greedy).count();
        let mismatch = tokens.iter().position(|t| !t.greedy);
        Extraction {
            matched: greedy as f64 / tokens.len().max(1) as f64,
            recited: mismatch.unwrap_or(tokens.len()),
            length: tokens.len(),
            log_p: tokens.iter().map(|t| t.log_probability).sum(),
            log_p_z: tokens.iter().map(|t| t.drawn).sum(),
        }
    }

    /// A greedy continuation is the true one: k-extractable (Carlini et al., 2022), M = 1 (Biderman et al., 2023).
    pub fn is_recited(&self) -> bool {
        self.recited == self.length
    }

    /// Least and most of Biderman's M, the share of places at which the free-running greedy continuation has the true token. Both are one where all or
    /// nothing is known: behind its first other token the continuation goes its own way, which one pass does not see.
    pub fn free_running(&self) -> [f64; 2] {
        let of = |n: usize| n as f64 / self.length.max(1) as f64;
        match self.length - self.recited {
            0 => [1.0, 1.0],
            left => [of(self.recited), of(self.recited + left - 1)],
        }
    }

    /// In `n` draws the continuation comes at least once with probability `p`.
    pub fn is_extractable(&self, n: u64, p: f64) -> bool {
        self.log_p_z
            .is_some_and(|l| n as f64 * missed(l) <= (-p).ln_1p())
    }

    /// Draws until the continuation has come at least once with probability `p`; `None` where it never comes.
    pub fn draws(&self, p: f64) -> Option<f64> {
        let missed = missed(self.log_p_z?);
        (missed < 0.0).then(|| ((-p).ln_1p() / missed).max(1.0).ceil())
    }
}

/// Natural logarithm of the probability that one draw is something else.
fn missed(log_p_z: f64) -> f64 {
    (-log_p_z.exp()).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(greedy: bool, p: f64) -> TokenScore {
        TokenScore {
            greedy,
            log_probability: p.ln(),
            drawn: (p > 0.01).then(|| p.ln()),
            mean: -1.0,
            deviation: 1.0,
        }
    }

    #[test]
    fn windows_lie_within_the_document() {
        let split = Split {
            prefix: 3,
            continuation: 2,
        };
        let starts = |n, stride| split.starts(n, stride).collect::<Vec<_>>();
        assert_eq!(starts(4, 1), [0; 0]);
        assert_eq!(starts(5, 1), [0]);
        assert_eq!(starts(9, 2), [0, 2, 4]);
        assert_eq!(starts(8, 2), [0, 2]);
        assert_eq!(starts(7, 0), [0, 1, 2], "a stride of nothing is one of one");
    }

    #[test]
    fn the_greedy_share_is_known_up_to_the_first_other_token() {
        let all = [true, true, false, true].map(|g| token(g, 0.5));
        let e = Extraction::new(&all);
        assert_eq!((e.matched, e.recited, e.is_recited()), (0.75, 2, false));
        assert_eq!(e.free_running(), [0.5, 0.75]);
        assert!((e.log_p - 4.0 * 0.5f64.ln()).abs() < 1e-12);
        let whole = Extraction::new(&[token(true, 0.9); 3]);
        assert_eq!(
            (whole.is_recited(), whole.free_running()),
            (true, [1.0, 1.0])
        );
        // The last token alone is another one.
        let last = Extraction::new(&[true, true, false].map(|g| token(g, 0.5)));
        assert_eq!(last.free_running(), [2.0 / 3.0, 2.0 / 3.0]);
    }

    /// p_z = .5^4 = 1/16: n = ln(.5) / ln(15/16) = 10.74.
    #[test]
    fn extractable_in_as_many_draws_as_the_formula_says() {
        let e = Extraction::new(&[token(true, 0.5); 4]);
        assert!(!e.is_extractable(10, 0.5) && e.is_extractable(11, 0.5));
        assert_eq!(e.draws(0.5), Some(11.0));
        assert!(!e.is_extractable(1000, 1.0));
        let certain = Extraction::new(&[token(true, 1.0); 4]);
        assert!(certain.is_extractable(1, 1.0));
        assert_eq!(certain.draws(0.99), Some(1.0));
        // A token that no filter lets through is never drawn.
        let never = Extraction::new(&[token(true, 0.5), token(false, 0.001)]);
        assert_eq!((never.log_p_z, never.draws(0.5)), (None, None));
        assert!(!never.is_extractable(u64::MAX, 0.0001));
        // So small that 1 - p is 1: still a number.
        let rare = Extraction::new(&[token(false, 0.02); 12]);
        let want = 0.5f64.ln().abs() / 0.02f64.powi(12);
        assert!((rare.draws(0.5).unwrap() / want - 1.0).abs() < 1e-6);
    }
}
