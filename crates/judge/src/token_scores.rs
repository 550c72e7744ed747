//! Scores of a token by the distribution that it was drawn from, as far as its record has it.

use rotescope_trace::Token;

/// Tokens of a group whose confidence is averaged. DeepConf takes 1,024 and more, for chains of tens of thousands of tokens; here a group has to fit into a step.
pub const GROUP: usize = 16;
/// No more candidates than these enter a confidence: it is what servers give, and what DeepConf takes.
const MOST: usize = 20;
/// The lowest probability that a logarithm is taken of.
const LEAST: f64 = 1e-30;

/// Natural logarithms of the probabilities of the candidates, the likeliest first.
fn logs(t: &Token) -> impl Iterator<Item = f64> {
    t.candidates.p.iter().map(|p| f64::from(*p).max(LEAST).ln())
}

/// How many candidates every token of a record has that has some at all; `None` where none has two.
pub fn candidates(tokens: &[Token]) -> Option<usize> {
    let counts = tokens.iter().map(|t| t.candidates.p.len());
    counts.filter(|n| *n >= 2).min().map(|n| n.min(MOST))
}

/// DeepConf's confidence of a token (Fu et al., 2025): minus the mean log-probability of its top `k` candidates. The surer the model is, the less
/// likely are all but the first, and the higher it is.
pub fn confidence(t: &Token, k: usize) -> Option<f64> {
    (k > 0 && t.candidates.p.len() >= k).then(|| -logs(t).take(k).sum::<f64>() / k as f64)
}

/// The lowest mean confidence of [`GROUP`] tokens in a row, or of all where there are fewer; what has none is passed over.
pub fn lowest_group(tokens: &[Token], k: usize) -> Option<f64> {
    let all: Vec<f64> = tokens.iter().filter_map(|t| confidence(t, k)).collect();
    let size = GROUP.min(all.len());
    if size == 0 {
        return None;
    }
    let means = all
        .windows(size)
        .map(|w| w.iter().sum::<f64>() / size as f64);
    means.reduce(f64::min)
}

/// Where mean and deviation of the log-probability come from, for Min-K%++.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mean {
    /// The mean is the entropy of the record.
    Entropy,
    /// Both are of the candidates alone.
    Candidates,
}

impl Mean {
    /// What a record allows.
    pub fn of(tokens: &[Token]) -> Option<Mean> {
        let any = |z: fn(&Token) -> Option<f64>| tokens.iter().any(|t| z(t).is_some());
        match () {
            () if any(z_score) => Some(Mean::Entropy),
            () if any(z_of_candidates) => Some(Mean::Candidates),
            () => None,
        }
    }

    /// In a sentence.
    pub fn about(self) -> &'static str {
        match self {
            Mean::Entropy => {
                "the mean log-probability is minus the entropy of the record, its deviation is exact over the candidates with the rest at its mean"
            }
            Mean::Candidates => {
                "mean and deviation of the log-probability are taken over the candidates alone, the records have no entropy"
            }
        }
    }

    /// By how many deviations the log-probability of a token lies above its mean.
    pub fn z(self, t: &Token) -> Option<f64> {
        match self {
            Mean::Entropy => z_score(t),
            Mean::Candidates => z_of_candidates(t),
        }
    }
}

/// Min-K%++ (Zhang et al., 2024): how far the token's log-probability lies above its mean under the model's own distribution, in
/// standard deviations of it. The variance is exact over the candidates; the tokens beyond them are taken at their mean
/// log-probability, which the entropy gives.
pub fn z_score(t: &Token) -> Option<f64> {
    let entropy = t.entropy()? * std::f64::consts::LN_2;
    let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
    for p in t
        .candidates
        .p
        .iter()
        .map(|&p| f64::from(p))
        .filter(|p| *p > 0.0)
    {
        mass += p;
        first -= p * p.ln();
        second += p * p.ln() * p.ln();
    }
    let rest = 1.0 - mass;
    if rest > 1e-6 {
        let mean = (entropy - first).max(0.0) / rest;
        second += rest * mean * mean;
    }
    let variance = second - entropy * entropy;
    let lnp = f64::from(t.p.max(1e-30)).ln();
    (variance > 1e-12).then(|| (lnp + entropy) / variance.sqrt())
}

/// As [`z_score`], with the candidates as the whole distribution.
fn z_of_candidates(t: &Token) -> Option<f64> {
    let p = t.probability()?.max(LEAST).ln();
    let mass: f64 = t.candidates.p.iter().map(|p| f64::from(*p)).sum();
    if t.candidates.p.len() < 2 || mass <= 0.0 {
        return None;
    }
    let share = || t.candidates.p.iter().map(|p| f64::from(*p) / mass);
    let mean: f64 = share().zip(logs(t)).map(|(q, l)| q * l).sum();
    let square = |(q, l): (f64, f64)| q * (l - mean).powi(2);
    let variance: f64 = share().zip(logs(t)).map(square).sum();
    (variance > 1e-12).then(|| (p - mean) / variance.sqrt())
}

/// How unlikely the corpus alone holds a token, in nats: -log p_ret. A token that never stands behind the suffix that was found is taken for a share of
/// 1 / (count + 1), a little less than any that does. `None` where the corpus was not asked.
pub fn corpus_surprise(t: &Token) -> Option<f64> {
    let found = t.retrieved.as_ref()?;
    let least = 1.0 / (found.count as f64 + 1.0);
    Some(-f64::from(found.p).max(least).ln())
}

/// The decoupling gap in nats, log p_model - log p_ret, with the bound that [`corpus_surprise`] gives it.
pub fn gap(t: &Token) -> Option<f64> {
    Some(t.probability()?.max(LEAST).ln() + corpus_surprise(t)?)
}

/// Min-K%++ of a step (Zhang et al., 2024): the mean over the fifth of its tokens with the lowest z; at least one. Low is unlikely.
pub fn min_k(tokens: &[Token], mean: Mean) -> Option<f64> {
    let mut z: Vec<f64> = tokens.iter().filter_map(|t| mean.z(t)).collect();
    z.sort_by(f64::total_cmp);
    z.truncate(z.len().div_ceil(5));
    (!z.is_empty()).then(|| z.iter().sum::<f64>() / z.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::{Candidates, Retrieved};

    fn token(p: &[f32]) -> Token {
        Token {
            p: p[0],
            candidates: Candidates {
                p: p.to_vec(),
                ..Candidates::default()
            },
            ..Token::default()
        }
    }

    fn near(a: Option<f64>, b: f64) {
        assert!(a.is_some_and(|a| (a - b).abs() < 1e-6), "{a:?} {b}");
    }

    #[test]
    fn confidence_is_the_mean_surprise_of_the_candidates() {
        // -(ln 1/2 + ln 1/4) / 2 = 1.5 ln 2
        let ln2 = std::f64::consts::LN_2;
        near(confidence(&token(&[0.5, 0.25]), 2), 1.5 * ln2);
        near(confidence(&token(&[0.5, 0.25, 0.125]), 2), 1.5 * ln2);
        assert_eq!(confidence(&token(&[0.5]), 2), None);
        assert_eq!(
            candidates(&[token(&[0.5, 0.25, 0.1]), token(&[0.5, 0.2])]),
            Some(2)
        );
        assert_eq!(candidates(&[token(&[0.5])]), None);
    }

    #[test]
    fn the_lowest_group_lies_in_the_step() {
        let ln2 = std::f64::consts::LN_2;
        let sure = token(&[0.5, 0.125]); // 2 ln 2
        let unsure = token(&[0.5, 0.5]); // ln 2
        near(lowest_group(&[sure.clone(), unsure.clone()], 2), 1.5 * ln2);
        // Sixteen of seventeen: one or no unsure one in the group.
        let mut all = vec![sure; GROUP];
        all.push(unsure);
        near(lowest_group(&all, 2), (31.0 / 16.0) * ln2);
        assert_eq!(lowest_group(&[], 2), None);
    }

    #[test]
    fn the_gap_has_a_bound_where_the_corpus_lacks_the_token() {
        let of = |p: f32, count: u64| Token {
            retrieved: Some(Retrieved {
                p,
                count,
                ..Retrieved::default()
            }),
            ..token(&[0.5])
        };
        near(gap(&of(0.25, 8)), 2f64.ln());
        near(corpus_surprise(&of(0.25, 8)), 4f64.ln());
        // Of three places none: a share of 1/4.
        near(gap(&of(0.0, 3)), 2f64.ln());
        near(corpus_surprise(&of(0.0, 0)), 0.0);
        assert_eq!(gap(&token(&[0.5])), None);
    }

    #[test]
    fn min_k_by_hand() {
        // Of 1/2 and 1/2 every log-probability is the mean.
        assert_eq!(z_of_candidates(&token(&[0.5, 0.5])), None);
        // Of 4/5 and 1/5: the mean of ln p is .8 ln .8 + .2 ln .2, z of the first sqrt(.2 / .8), of the second -sqrt(.8 / .2).
        let first = token(&[0.8, 0.2]);
        near(z_of_candidates(&first), 0.5);
        let second = Token {
            p: 0.2,
            ..first.clone()
        };
        near(z_of_candidates(&second), -2.0);
        let five = [&first, &first, &second, &first, &first].map(Clone::clone);
        near(min_k(&five, Mean::Candidates), -2.0);
        let six = [five.to_vec(), vec![first]].concat();
        near(min_k(&six, Mean::Candidates), (-2.0 + 0.5) / 2.0);
        assert_eq!(Mean::of(&six), Some(Mean::Candidates));
        assert_eq!(min_k(&[], Mean::Entropy), None);
    }
}
