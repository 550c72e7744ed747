//! The choice of the next token.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::error::ModelError;
use super::softmax::Softmax;

/// How the next token is chosen. The default is greedy.
///
/// Filters apply in llama.cpp's default order: `top_k`, then `top_p`, then `min_p` on the untempered
/// distribution of what is left, then the temperature on what survives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// 0 is greedy: the most probable token, the lowest id among equals.
    pub temperature: f64,
    /// Keep the `k` most probable tokens; 0 keeps all.
    pub top_k: usize,
    /// Keep the shortest list of most probable tokens that holds at least this share; 1 keeps all.
    pub top_p: f64,
    /// Keep tokens at least this many times as probable as the most probable one; 0 keeps all.
    pub min_p: f64,
    /// Seed of ChaCha8: the same seed, prompt and options give the same tokens.
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            seed: 0,
        }
    }
}

impl Sampling {
    /// # Errors
    /// Names the option that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        let bad = |what: String| Err(ModelError::BadRequest(what));
        if !(self.temperature.is_finite() && self.temperature >= 0.0) {
            return bad(format!(
                "temperature {} is not a number from 0 up",
                self.temperature
            ));
        }
        if !(self.top_p > 0.0 && self.top_p <= 1.0) {
            return bad(format!("top-p {} is not above 0 and at most 1", self.top_p));
        }
        if !(self.min_p >= 0.0 && self.min_p <= 1.0) {
            return bad(format!("min-p {} is not between 0 and 1", self.min_p));
        }
        Ok(())
    }
}

/// Chooses tokens one after another.
pub(super) struct Sampler {
    options: Sampling,
    random: ChaCha8Rng,
}

impl Sampler {
    pub(super) fn new(options: Sampling) -> Self {
        Self {
            options,
            random: ChaCha8Rng::seed_from_u64(options.seed),
        }
    }

    /// The next token, and how many were chosen before it that `refuses` forbids. They are left out one by one, so that it is drawn as if they had no
    /// probability. `None` where all are forbidden.
    pub(super) fn choose(
        &mut self,
        row: &Softmax<'_>,
        refuses: &dyn Fn(u32) -> bool,
    ) -> Option<(u32, u32)> {
        let mut refused = 0;
        if self.options.temperature > 0.0 {
            let mut kept = keep(row, &self.options);
            while !kept.is_empty() {
                let at = self.draw(row, &kept);
                if !refuses(kept[at]) {
                    return Some((kept[at], refused));
                }
                kept.remove(at);
                refused += 1;
            }
        }
        // Greedy, or nothing is left of what the options let through.
        if !refuses(row.best()) {
            return Some((row.best(), refused));
        }
        let mut count = 16;
        loop {
            let top = row.top(count);
            if let Some(at) = top.iter().position(|c| !refuses(c.id)) {
                return Some((top[at].id, refused.max(at as u32)));
            }
            if top.len() < count {
                return None;
            }
            count *= 8;
        }
    }

    /// The place of a token among those that are kept.
    fn draw(&mut self, row: &Softmax<'_>, kept: &[u32]) -> usize {
        let best = row.log_probability(row.best());
        let weight = |id: u32| ((row.log_probability(id) - best) / self.options.temperature).exp();
        let total: f64 = kept.iter().map(|&id| weight(id)).sum();
        let mut left = self.random.random::<f64>() * total;
        for (at, &id) in kept.iter().enumerate() {
            left -= weight(id);
            if left < 0.0 {
                return at;
            }
        }
        // Rounding may leave a last crumb.
        kept.len() - 1
    }
}

/// Ids that pass the filters; never empty, since the best token always passes.
pub(super) fn keep(row: &Softmax<'_>, options: &Sampling) -> Vec<u32> {
    let all = row.size();
    let limit = if options.top_k == 0 {
        all
    } else {
        options.top_k.min(all)
    };
    let mut kept: Vec<u32> = if options.top_p < 1.0 {
        nucleus(row, limit, options.top_p)
    } else if limit < all {
        row.top(limit).iter().map(|c| c.id).collect()
    } else {
        (0..all as u32).collect()
    };
    if options.min_p > 0.0 {
        let bar = options.min_p * row.probability(row.best());
        kept.retain(|&id| id == row.best() || row.probability(id) >= bar);
    }
    kept
}

/// The shortest list of most probable tokens, among the first `limit`, that holds at least `share` of theirs.
fn nucleus(row: &Softmax<'_>, limit: usize, share: f64) -> Vec<u32> {
    let mut count = limit.min(256);
    loop {
        let top = row.top(count);
        // Without a limit the whole is 1, so a short list can already be enough.
        let whole: f64 = if limit == row.size() {
            1.0
        } else {
            row.top(limit).iter().map(|c| c.probability).sum()
        };
        let mut sum = 0.0;
        for (i, c) in top.iter().enumerate() {
            sum += c.probability;
            if sum >= share * whole {
                return top[..=i].iter().map(|c| c.id).collect();
            }
        }
        if count == limit {
            return top.iter().map(|c| c.id).collect();
        }
        count = (count * 8).min(limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits of the given probabilities.
    fn row(p: &[f64]) -> Vec<f32> {
        p.iter().map(|p| p.ln() as f32).collect()
    }

    fn kept(p: &[f64], options: Sampling) -> Vec<u32> {
        let logits = row(p);
        let mut ids = keep(&Softmax::new(&logits).unwrap(), &options);
        ids.sort_unstable();
        ids
    }

    #[test]
    fn filters_keep_what_they_say() {
        let p = [0.1, 0.4, 0.3, 0.15, 0.05];
        let hot = Sampling {
            temperature: 1.0,
            ..Sampling::default()
        };
        assert_eq!(kept(&p, hot), [0, 1, 2, 3, 4]);
        assert_eq!(kept(&p, Sampling { top_k: 2, ..hot }), [1, 2]);
        assert_eq!(kept(&p, Sampling { top_p: 0.75, ..hot }), [1, 2, 3]);
        assert_eq!(kept(&p, Sampling { top_p: 0.01, ..hot }), [1]);
        // .4 of the .7 that the best two hold is .571
        assert_eq!(
            kept(
                &p,
                Sampling {
                    top_k: 2,
                    top_p: 0.55,
                    ..hot
                }
            ),
            [1]
        );
        assert_eq!(
            kept(
                &p,
                Sampling {
                    top_k: 2,
                    top_p: 0.6,
                    ..hot
                }
            ),
            [1, 2]
        );
        assert_eq!(kept(&p, Sampling { min_p: 0.3, ..hot }), [1, 2, 3]);
        assert_eq!(kept(&p, Sampling { min_p: 1.0, ..hot }), [1]);
    }

    #[test]
    fn a_nucleus_of_more_than_the_first_guess_is_found() {
        let p = vec![1.0 / 3000.0; 3000];
        let half = Sampling {
            temperature: 1.0,
            top_p: 0.5,
            ..Sampling::default()
        };
        let n = kept(&p, half).len();
        assert!((1499..=1501).contains(&n), "{n}");
    }

    #[test]
    fn draws_follow_the_probabilities_and_the_temperature() {
        let logits = row(&[0.5, 0.3, 0.2]);
        let softmax = Softmax::new(&logits).unwrap();
        let draws = |temperature: f64| {
            let mut sampler = Sampler::new(Sampling {
                temperature,
                seed: 7,
                ..Sampling::default()
            });
            let mut count = [0u32; 3];
            for _ in 0..20_000 {
                count[chosen(&mut sampler, &softmax) as usize] += 1;
            }
            count.map(|c| f64::from(c) / 20_000.0)
        };
        // At temperature T, P_i^(1/T) renormalized; four standard errors of 20,000 draws are .014.
        for (t, expected) in [
            (1.0, [0.5, 0.3, 0.2]),
            (0.5, [0.658, 0.237, 0.105]),
            (1e-3, [1.0, 0.0, 0.0]),
        ] {
            for (got, want) in draws(t).iter().zip(expected) {
                assert!((got - want).abs() < 0.015, "{t}: {got} {want}");
            }
        }
    }

    #[test]
    fn greedy_takes_the_lowest_id_among_equals() {
        let logits = [0.0, 2.0, 2.0];
        let mut sampler = Sampler::new(Sampling::default());
        assert_eq!(chosen(&mut sampler, &Softmax::new(&logits).unwrap()), 1);
    }

    fn chosen(sampler: &mut Sampler, row: &Softmax<'_>) -> u32 {
        sampler.choose(row, &|_| false).unwrap().0
    }

    #[test]
    fn what_is_forbidden_has_no_probability() {
        let logits = row(&[0.4, 0.3, 0.2, 0.1]);
        let softmax = Softmax::new(&logits).unwrap();
        let forbidden = |id| id == 0 || id == 2;
        let mut greedy = Sampler::new(Sampling::default());
        assert_eq!(greedy.choose(&softmax, &forbidden), Some((1, 1)));
        assert_eq!(greedy.choose(&softmax, &|id| id < 3), Some((3, 3)));
        assert_eq!(greedy.choose(&softmax, &|_| true), None);
        let hot = Sampling {
            temperature: 1.0,
            seed: 3,
            ..Sampling::default()
        };
        let mut sampler = Sampler::new(hot);
        let mut count = [0; 4];
        for _ in 0..20_000 {
            count[sampler.choose(&softmax, &forbidden).unwrap().0 as usize] += 1;
        }
        assert_eq!((count[0], count[2]), (0, 0));
        // .3 of .4; four standard errors are .012.
        assert!((f64::from(count[1]) / 20_000.0 - 0.75).abs() < 0.0125);
        // Where the options let nothing else through, the next best is taken.
        let mut sampler = Sampler::new(Sampling { top_k: 1, ..hot });
        assert_eq!(sampler.choose(&softmax, &forbidden).unwrap().0, 1);
        assert_eq!(sampler.choose(&softmax, &|_| true), None);
    }

    #[test]
    fn nonsense_options_are_refused() {
        let d = Sampling::default();
        for bad in [
            Sampling {
                temperature: -1.0,
                ..d
            },
            Sampling {
                temperature: f64::NAN,
                ..d
            },
            Sampling { top_p: 0.0, ..d },
            Sampling { top_p: 1.5, ..d },
            Sampling { min_p: -0.1, ..d },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
        assert!(d.check().is_ok());
    }
}
