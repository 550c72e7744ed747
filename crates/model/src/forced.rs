//! What an audit asks of one row of logits: how likely the token that really follows is, plainly and when drawn, and how that compares with the row.

use super::sample::{Sampling, keep};
use super::softmax::Softmax;

/// A token that really follows, by the distribution before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forced {
    /// Natural logarithm of its probability under the full softmax.
    pub log_probability: f64,
    /// Natural logarithm of the probability that it is drawn, temperature and filters applied; `None` where a filter drops it.
    pub drawn: Option<f64>,
    /// Mean of the log-probability over the distribution: the negative entropy, in nats.
    pub mean: f64,
    /// Standard deviation of the log-probability over the distribution, in nats.
    pub deviation: f64,
}

impl Forced {
    pub(super) fn new(row: &Softmax<'_>, token: u32, how: &Sampling) -> Self {
        Forced {
            log_probability: row.log_probability(token),
            drawn: drawn(row, token, how),
            mean: -row.entropy_bits() * std::f64::consts::LN_2,
            deviation: row.deviation(),
        }
    }
}

/// Natural logarithm of the probability that a token is drawn.
fn drawn(row: &Softmax<'_>, token: u32, how: &Sampling) -> Option<f64> {
    if how.temperature == 0.0 {
        return (row.best() == token).then_some(0.0);
    }
    let filters = how.top_k > 0 || how.top_p < 1.0 || how.min_p > 0.0;
    if !filters && how.temperature == 1.0 {
        return Some(row.log_probability(token)).filter(|l| l.is_finite());
    }
    let kept = keep(row, how);
    if !kept.contains(&token) {
        return None;
    }
    let best = row.log_probability(row.best());
    let weight = |id: u32| (row.log_probability(id) - best) / how.temperature;
    let total: f64 = kept.iter().map(|&id| weight(id).exp()).sum();
    Some((weight(token) - total.ln()).min(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: [f64; 5] = [0.1, 0.4, 0.3, 0.15, 0.05];

    fn forced(token: u32, how: Sampling) -> Forced {
        let logits: Vec<f32> = P.iter().map(|p| (p.ln() + 3.0) as f32).collect();
        Forced::new(&Softmax::new(&logits).unwrap(), token, &how)
    }

    fn close(got: f64, want: f64) {
        assert!((got - want).abs() < 1e-6, "{got} {want}");
    }

    #[test]
    fn moments_are_those_of_the_definition() {
        let f = forced(2, Sampling::default());
        let mean: f64 = P.iter().map(|p| p * p.ln()).sum();
        let variance: f64 = P.iter().map(|p| p * (p.ln() - mean).powi(2)).sum();
        close(f.log_probability, 0.3f64.ln());
        close(f.mean, mean);
        close(f.deviation, variance.sqrt());
        // A flat row has none; a token without weight does not count.
        let flat = [1.5f32; 19];
        let f = Forced::new(&Softmax::new(&flat).unwrap(), 3, &Sampling::default());
        close(f.deviation, 0.0);
        let masked = [0.0, f32::NEG_INFINITY, 0.0];
        let f = Forced::new(&Softmax::new(&masked).unwrap(), 1, &Sampling::default());
        close(f.deviation, 0.0);
        assert_eq!((f.log_probability, f.drawn), (f64::NEG_INFINITY, None));
    }

    #[test]
    fn draws_are_those_of_the_sampler() {
        let hot = Sampling {
            temperature: 1.0,
            ..Sampling::default()
        };
        let of = |token, how| forced(token, how).drawn.map(f64::exp);
        close(of(2, hot).unwrap(), 0.3);
        // Of the best two .4 and .3.
        let two = Sampling { top_k: 2, ..hot };
        close(of(2, two).unwrap(), 0.3 / 0.7);
        assert_eq!(of(0, two), None);
        let nucleus = Sampling { top_p: 0.75, ..hot };
        close(of(3, nucleus).unwrap(), 0.15 / 0.85);
        assert_eq!(of(0, nucleus), None);
        let cold = Sampling {
            temperature: 0.5,
            ..hot
        };
        let squares: f64 = P.iter().map(|p| p * p).sum();
        close(of(1, cold).unwrap(), 0.16 / squares);
        // Greedy.
        assert_eq!(of(1, Sampling::default()), Some(1.0));
        assert_eq!(of(2, Sampling::default()), None);
    }
}
