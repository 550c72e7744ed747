//! A text as it is read under a protection: how likely it is, and how far distributions are from those of the model itself.

use std::sync::{Arc, Mutex, PoisonError};

use rotescope_model::{
    CancelToken, Engine, GenerateRequest, Mixer, Mixing, Mixture, ModelError, Softmax,
};

/// The log-probabilities of all tokens at some places.
pub type Rows = Vec<Vec<f32>>;

/// What came of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Read {
    /// Negative log-probabilities in nats, summed; a token that is forbidden counts as drawn from the whole vocabulary.
    pub nll: f64,
    pub forbidden: usize,
    /// Kullback-Leibler divergence from the reference, in nats, summed.
    pub kl: f64,
}

/// Reads a text token by token: the distributions themselves.
///
/// # Errors
/// Failures of the model; to be cancelled.
pub fn rows(
    engine: &Engine,
    (prompt, text): (&[u32], &[u32]),
    cancel: &CancelToken,
) -> Result<Rows, ModelError> {
    let watch = Arc::new(Watch::default());
    follow(engine, (prompt, text), watch.clone(), cancel)?;
    let mut seen = watch.seen.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut seen.rows))
}

/// Reads a text token by token, perhaps mixed with something. `reference`: the distributions to compare with.
///
/// # Errors
/// As [`rows`].
pub fn read(
    engine: &Engine,
    (prompt, text): (&[u32], &[u32]),
    mixture: Option<&Mixer>,
    reference: Arc<Rows>,
    cancel: &CancelToken,
) -> Result<Read, ModelError> {
    let watch = Arc::new(Watch {
        mixture: mixture.cloned(),
        reference: Some(reference),
        seen: Mutex::default(),
    });
    let said = follow(engine, (prompt, text), watch.clone(), cancel)?;
    let whole = (engine.info().vocabulary.max(1) as f64).ln();
    let mut read = Read::default();
    for log_p in said {
        if log_p.is_finite() {
            read.nll -= log_p;
        } else {
            read.nll += whole;
            read.forbidden += 1;
        }
    }
    let seen = watch.seen.lock().unwrap_or_else(PoisonError::into_inner);
    read.kl = seen.kl;
    Ok(read)
}

/// The log-probability of each token of the text.
fn follow(
    engine: &Engine,
    (prompt, text): (&[u32], &[u32]),
    watch: Arc<Watch>,
    cancel: &CancelToken,
) -> Result<Vec<f64>, ModelError> {
    let request = GenerateRequest {
        forced: text.to_vec(),
        max_tokens: Some(text.len()),
        candidates: 0,
        mixture: Some(Mixer(watch)),
        ..GenerateRequest::new(prompt.to_vec())
    };
    let made = engine.generate_all(request, cancel.clone(), |_| ())?;
    Ok(made.tokens.iter().map(|t| t.log_probability).collect())
}

/// Distributions that are looked at.
#[derive(Default)]
struct Watch {
    mixture: Option<Mixer>,
    /// `None`: rows are kept.
    reference: Option<Arc<Rows>>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    rows: Rows,
    at: usize,
    kl: f64,
}

impl Mixture for Watch {
    fn follow(self: Arc<Self>, prompt: &[u32]) -> Box<dyn Mixing> {
        let inner = self.mixture.as_ref().map(|m| m.0.clone().follow(prompt));
        Box::new(Watching { watch: self, inner })
    }
}

struct Watching {
    watch: Arc<Watch>,
    inner: Option<Box<dyn Mixing>>,
}

impl Mixing for Watching {
    fn mixed(&mut self, row: &Softmax<'_>) -> Result<Option<Vec<f32>>, String> {
        let mixed = self
            .inner
            .as_mut()
            .map(|m| m.mixed(row))
            .transpose()?
            .flatten();
        let now = match &mixed {
            Some(logits) => Softmax::new(logits).ok_or("no token is left to choose")?,
            None => *row,
        };
        let mut seen = self
            .watch
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match &self.watch.reference {
            None => {
                let all = 0..now.size() as u32;
                seen.rows
                    .push(all.map(|id| now.log_probability(id) as f32).collect());
            }
            Some(reference) => {
                seen.kl += reference
                    .get(seen.at)
                    .map_or(0.0, |own| divergence(&now, own));
                seen.at += 1;
            }
        }
        Ok(mixed)
    }

    fn take(&mut self, token: u32) {
        if let Some(inner) = &mut self.inner {
            inner.take(token);
        }
    }
}

/// `sum q (ln q - ln p)` of a distribution q and the log-probabilities of p; what q forbids adds nothing.
fn divergence(q: &Softmax<'_>, p: &[f32]) -> f64 {
    let of = |(id, p): (usize, &f32)| {
        let log_q = q.log_probability(id as u32);
        match log_q.is_finite() {
            true => log_q.exp() * (log_q - f64::from(*p)),
            false => 0.0,
        }
    };
    p.iter().enumerate().map(of).sum::<f64>().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_divergence_is_that_by_hand() {
        let of = |p: &[f64]| -> Vec<f32> { p.iter().map(|p| p.ln() as f32).collect() };
        let p = of(&[0.5, 0.25, 0.25]);
        let same = Softmax::new(&p).unwrap();
        assert!(divergence(&same, &p) < 1e-6);
        let q = of(&[0.25, 0.75, 0.0]);
        let q = Softmax::new(&q).unwrap();
        let want = 0.25 * 0.5f64.ln() + 0.75 * 3f64.ln();
        assert!((divergence(&q, &p) - want).abs() < 1e-6);
    }
}
