//! Which tokens of a context matter for a later token: three methods over passes that many tokens share.
//!
//! A pass reads the sequence with some tokens masked, and gives `log P` of every later token of it at once. So the passes for the question's
//! tokens serve the whole completion, and those for a window serve all tokens whose windows start at the same place.
//!
//! - **leave one out**: `log P(x | all) - log P(x | all but i)`.
//! - **contrastive** (Yin & Neubig 2022, by erasure): the same, less its mean over the five most probable other tokens.
//! - **LERG_S** (Tuan et al. 2021): a Shapley value by sampling, the mean over random subsets `S` of the other tokens of
//!   `log P(x | S masked) - log P(x | S and i masked)`; as in the authors' code, a subset has 1 to `n / 2` of the `n` tokens, its size drawn with weights `C(n, size)`.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::error::StimError;
use super::passes::{Passes, rounded};
use super::settings::Method;
use rotescope_model::{PositionScore, Targets, Want, Window, WindowScore};

/// Foils of contrastive saliency.
const FOILS: usize = 5;

/// How much a context token raises the log-probability of a target, in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    pub value: f64,
    /// Standard error, where the value comes from sampling.
    pub error: Option<f64>,
}

/// A sequence, the tokens of it that can be masked, and those whose probability is watched.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Probe {
    pub(super) tokens: Vec<u32>,
    /// Ascending.
    pub(super) maskable: Vec<usize>,
    /// Ascending; each comes after something that can be masked.
    pub(super) targets: Vec<usize>,
    /// Tells this probe's random subsets from those of others.
    pub(super) salt: u64,
}

/// Saliency of one target: one estimate for each token before it that can be masked, in their order.
pub(super) type Salience = Vec<Estimate>;

/// How saliency is measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recipe {
    pub(super) method: Method,
    pub(super) samples: Option<usize>,
    pub(super) times: usize,
    pub(super) seed: u64,
    pub(super) mask: u32,
}

/// One pass: the tokens masked in it.
type Masked = Vec<usize>;

impl Probe {
    /// The targets after a position.
    fn after(&self, position: usize) -> &[usize] {
        &self.targets[self.targets.partition_point(|&t| t <= position)..]
    }

    /// What a pass that begins to differ at `first_masked` says of the `i`th target.
    fn of_target<'s>(
        &self,
        i: usize,
        first_masked: usize,
        score: &'s WindowScore,
    ) -> &'s PositionScore {
        &score.positions[i + self.after(first_masked).len() - self.targets.len()]
    }

    fn window(
        &self,
        masked: &[usize],
        mask: u32,
        want: &[Vec<u32>],
        from: Option<usize>,
    ) -> Window {
        // Passes that are compared are read at the same positions.
        let first = from.or(masked.first().copied()).unwrap_or(0);
        let targets = self.after(first);
        let last = targets.last().copied().unwrap_or(0);
        let mut tokens = self.tokens[..last].to_vec();
        for &m in masked {
            if let Some(token) = tokens.get_mut(m) {
                *token = mask;
            }
        }
        Window {
            tokens,
            positions: targets.iter().map(|t| t - 1).collect(),
            want: Want {
                targets: Targets::Each(want[want.len() - targets.len()..].to_vec()),
                candidates: 0,
            },
        }
    }
}

/// What each target's log-probabilities are asked for: itself, and its foils.
fn wanted(probe: &Probe, foils: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let own = |(i, &t): (usize, &usize)| {
        let mut ids = vec![probe.tokens[t]];
        ids.extend(foils.get(i).into_iter().flatten());
        ids
    };
    probe.targets.iter().enumerate().map(own).collect()
}

/// The saliency of all targets of a probe, in their order. Always in calls of its own, so that the result does not depend on what else is
/// measured.
pub(super) fn measure(
    passes: &mut Passes,
    probe: &Probe,
    recipe: Recipe,
    on_progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Salience>, StimError> {
    let foils = match recipe.method {
        Method::Contrastive => foils(passes, probe)?,
        _ => Vec::new(),
    };
    let want = wanted(probe, &foils);
    let plan = match recipe.method {
        Method::LergS => sampled(probe, recipe),
        _ => erased(probe),
    };
    let windows = plan
        .iter()
        .map(|(masked, first)| probe.window(masked, recipe.mask, &want, *first))
        .collect();
    let scores = passes.run(windows, on_progress)?;
    Ok(match recipe.method {
        Method::LergS => shapley(probe, &plan, &scores),
        _ => leave_one_out(probe, &scores),
    })
}

/// The five most probable tokens of each target's position beside the target itself.
fn foils(passes: &mut Passes, probe: &Probe) -> Result<Vec<Vec<u32>>, StimError> {
    let last = probe.targets.last().copied().unwrap_or(0);
    let window = Window {
        tokens: probe.tokens[..last].to_vec(),
        positions: probe.targets.iter().map(|t| t - 1).collect(),
        want: Want {
            targets: Targets::None,
            candidates: FOILS + 1,
        },
    };
    let scores = passes.run(vec![window], &mut |_, _| ())?;
    let of = |(&t, score): (&usize, &PositionScore)| -> Vec<u32> {
        let candidates = score.candidates.iter().map(|c| c.id);
        candidates
            .filter(|&id| id != probe.tokens[t])
            .take(FOILS)
            .collect()
    };
    Ok(probe
        .targets
        .iter()
        .zip(&scores[0].positions)
        .map(of)
        .collect())
}

/// The plan of leave-one-out and contrastive saliency: nothing masked, then each token in turn.
fn erased(probe: &Probe) -> Vec<(Masked, Option<usize>)> {
    let one = |&m: &usize| (vec![m], None);
    std::iter::once((Vec::new(), None))
        .chain(probe.maskable.iter().map(one))
        .collect()
}

/// `log P` of the target, less the mean of its foils' where there are any.
fn preference(score: &PositionScore) -> f64 {
    match score.log_probabilities.as_slice() {
        [] => 0.0,
        [own] => *own,
        [own, foils @ ..] => own - foils.iter().sum::<f64>() / foils.len() as f64,
    }
}

fn leave_one_out(probe: &Probe, scores: &[WindowScore]) -> Vec<Salience> {
    let targets = probe.targets.iter().enumerate();
    targets
        .map(|(i, &t)| {
            let whole = preference(probe.of_target(i, 0, &scores[0]));
            let before = probe.maskable.iter().take_while(|&&m| m < t);
            before
                .zip(&scores[1..])
                .map(|(&m, score)| Estimate {
                    value: rounded(whole - preference(probe.of_target(i, m, score))),
                    error: None,
                })
                .collect()
        })
        .collect()
}

/// The plan of LERG_S: for each token and sample, a random subset of the other tokens masked, without and with the token.
fn sampled(probe: &Probe, recipe: Recipe) -> Vec<(Masked, Option<usize>)> {
    let n = probe.maskable.len();
    let usual = recipe.samples.unwrap_or((500 / n.max(1)).max(5)).max(2);
    let samples = usual * recipe.times.max(1);
    let weights = size_weights(n);
    let mut plan = Vec::with_capacity(2 * n * samples);
    for (i, &m) in probe.maskable.iter().enumerate() {
        // A stream of its own for each token, so that a sample does not depend on what else is measured.
        let mut rng = ChaCha8Rng::seed_from_u64(recipe.seed);
        rng.set_stream(probe.salt << 24 | i as u64);
        for _ in 0..samples {
            let mut masked = subset(&mut rng, n, i, &weights)
                .into_iter()
                .map(|k| probe.maskable[k])
                .collect::<Vec<_>>();
            masked.sort_unstable();
            plan.push((masked.clone(), Some(m)));
            masked.push(m);
            masked.sort_unstable();
            plan.push((masked, Some(m)));
        }
    }
    plan
}

/// Cumulative weights of subset sizes `1 ..= n / 2`, each `C(n, size)`, over their sum.
fn size_weights(n: usize) -> Vec<f64> {
    // In logarithms, since C(n, n / 2) overflows from n = 1030 on.
    let mut logs = Vec::new();
    let mut log = 0.0f64;
    for size in 1..=n / 2 {
        log += ((n - size + 1) as f64).ln() - (size as f64).ln();
        logs.push(log);
    }
    let top = logs.last().copied().unwrap_or(0.0);
    let mut sum = 0.0;
    let mut cumulative: Vec<f64> = logs
        .into_iter()
        .map(|l| {
            sum += (l - top).exp();
            sum
        })
        .collect();
    cumulative.iter_mut().for_each(|c| *c /= sum);
    cumulative
}

/// A random subset of `0..n` without `not`, of a random size.
fn subset(rng: &mut impl Rng, n: usize, not: usize, weights: &[f64]) -> Vec<usize> {
    if weights.is_empty() {
        return Vec::new();
    }
    let u: f64 = rng.random();
    let size = weights.partition_point(|&w| w < u).min(weights.len() - 1) + 1;
    // Floyd's sampling from the other n - 1.
    let others = n - 1;
    let size = size.min(others);
    let mut chosen: Vec<usize> = Vec::with_capacity(size);
    for j in others - size..others {
        let k = rng.random_range(0..=j);
        chosen.push(if chosen.contains(&k) { j } else { k });
    }
    chosen
        .into_iter()
        .map(|k| if k >= not { k + 1 } else { k })
        .collect()
}

fn shapley(
    probe: &Probe,
    plan: &[(Masked, Option<usize>)],
    scores: &[WindowScore],
) -> Vec<Salience> {
    let samples = plan.len() / 2 / probe.maskable.len().max(1);
    let targets = probe.targets.iter().enumerate();
    targets
        .map(|(i, &t)| {
            let before = probe.maskable.iter().take_while(|&&m| m < t);
            before
                .enumerate()
                .map(|(k, &m)| {
                    let read = |s: &WindowScore| preference(probe.of_target(i, m, s));
                    let pairs = &scores[2 * samples * k..2 * samples * (k + 1)];
                    let differences: Vec<f64> =
                        pairs.chunks(2).map(|p| read(&p[0]) - read(&p[1])).collect();
                    estimate(&differences)
                })
                .collect()
        })
        .collect()
}

/// Mean and its standard error.
fn estimate(values: &[f64]) -> Estimate {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    Estimate {
        value: rounded(mean),
        error: Some(rounded((squares / (n - 1.0).max(1.0) / n).sqrt())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_leave_the_token_out_and_have_the_right_sizes() {
        let weights = size_weights(5);
        // C(5, 1) : C(5, 2) = 5 : 10
        assert!((weights[0] - 1.0 / 3.0).abs() < 1e-12 && weights[1] == 1.0);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut sizes = [0; 3];
        for _ in 0..3000 {
            let mut s = subset(&mut rng, 5, 2, &weights);
            sizes[s.len()] += 1;
            assert!(!s.contains(&2) && s.iter().all(|&k| k < 5));
            s.sort_unstable();
            s.dedup();
            assert!(!s.is_empty() && s.len() <= 2);
        }
        assert!(
            sizes[0] == 0 && (900..1100).contains(&sizes[1]),
            "{sizes:?}"
        );
        // Large contexts do not overflow; a single token has no others.
        assert!(size_weights(3000).iter().all(|w| w.is_finite()));
        assert!(subset(&mut rng, 1, 0, &size_weights(1)).is_empty());
    }

    #[test]
    fn a_mean_comes_with_its_standard_error() {
        let e = estimate(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(e.value, 2.5);
        // sqrt(5/3) / sqrt(4), rounded as saliencies are.
        assert!((e.error.unwrap() - 0.645_497).abs() < 1e-4);
    }
}
