//! Scores of membership: was this text trained on? Weak evidence, near chance on the Pile (Duan et al., 2024); higher is likelier.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde::Serialize;

use crate::extraction::TokenScore;

/// Four scores of one text. Comparable within one model file only: quantization moves what they compare with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Membership {
    /// Mean log-probability of a token: the negative loss (Yeom et al., 2018).
    pub loss: f64,
    /// Log-probability of all for each byte of the text that zlib leaves (Carlini et al., 2021).
    pub zlib: f64,
    /// Min-K%: mean log-probability of the least probable share of tokens (Shi et al., 2024).
    pub min_k: f64,
    /// Min-K%++: the same of (log p - mean) / deviation of each token's distribution (Zhang et al., 2025).
    pub min_k_plus: f64,
}

/// The share of tokens that Min-K% and Min-K%++ look at by default.
pub const LOWEST: f64 = 0.2;

impl Membership {
    /// `lowest`: the share for Min-K% and Min-K%++. `None` without tokens, or where a token has probability 0.
    pub fn new(tokens: &[TokenScore], text: &str, lowest: f64) -> Option<Membership> {
        let logs: Vec<f64> = tokens.iter().map(|t| t.log_probability).collect();
        let all: f64 = logs.iter().sum();
        if tokens.is_empty() || !all.is_finite() {
            return None;
        }
        // Where the distribution is flat, no token stands out.
        let standing = |t: &TokenScore| match t.deviation {
            d if d > 1e-9 => (t.log_probability - t.mean) / d,
            _ => 0.0,
        };
        Some(Membership {
            loss: all / tokens.len() as f64,
            zlib: all / compressed(text) as f64,
            min_k: mean_of_lowest(logs, lowest),
            min_k_plus: mean_of_lowest(tokens.iter().map(standing).collect(), lowest),
        })
    }
}

fn mean_of_lowest(mut all: Vec<f64>, share: f64) -> f64 {
    all.sort_by(f64::total_cmp);
    let n = ((share * all.len() as f64) as usize).clamp(1, all.len());
    all[..n].iter().sum::<f64>() / n as f64
}

/// Bytes that zlib needs for a text.
pub(crate) fn compressed(text: &str) -> usize {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(text.as_bytes());
    // Writing to memory cannot fail; a text is never longer than its own bytes and a frame.
    match written.and_then(|()| encoder.finish()) {
        Ok(bytes) => bytes.len(),
        Err(_) => text.len() + 11,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(log: f64, mean: f64, deviation: f64) -> TokenScore {
        TokenScore {
            greedy: false,
            log_probability: log,
            drawn: None,
            mean,
            deviation,
        }
    }

    #[test]
    fn scores_are_those_of_the_definitions() {
        let tokens = [
            token(-1.0, -2.0, 0.5),
            token(-3.0, -2.0, 2.0),
            token(-2.0, -2.0, 0.0),
            token(-6.0, -1.0, 1.0),
            token(-1.0, -1.0, 1.0),
        ];
        let m = Membership::new(&tokens, "abc", 0.4).unwrap();
        assert_eq!(m.loss, -13.0 / 5.0);
        // zlib leaves 11 bytes: a frame of 6, a block of 5.
        assert_eq!(m.zlib, -13.0 / 11.0);
        assert_eq!(m.min_k, (-6.0 - 3.0) / 2.0);
        assert_eq!(m.min_k_plus, (-5.0 - 0.5) / 2.0);
        // A share of nothing is one token.
        assert_eq!(Membership::new(&tokens, "abc", 0.0).unwrap().min_k, -6.0);
        assert_eq!(Membership::new(&[], "", 0.2), None);
        let none = [token(f64::NEG_INFINITY, -1.0, 1.0)];
        assert_eq!(Membership::new(&none, "a", 0.2), None);
    }
}
