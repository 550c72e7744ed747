//! Texts as the model reads them.

use super::error::AuditError;
use rotescope_audit::TokenScore;
use rotescope_model::{CancelToken, Engine, Scored, Targets, Want, Window, WindowScore};

/// A model that reads.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub engine: &'a Engine,
    pub cancel: &'a CancelToken,
}

impl Reader<'_> {
    /// What stands before every text, where the model wants it.
    pub fn lead(&self) -> Option<u32> {
        let info = self.engine.info();
        info.bos.filter(|_| info.add_bos)
    }

    /// A window of the model: the distribution before each token of `continuation`, behind at least one token.
    pub fn window(&self, before: &[&[u32]], continuation: &[u32], targets: Targets) -> Window {
        let mut tokens: Vec<u32> = self.lead().into_iter().collect();
        tokens.extend(before.concat());
        let first = tokens.len().saturating_sub(1);
        tokens.extend(continuation);
        Window {
            positions: (first..tokens.len().saturating_sub(1)).collect(),
            tokens,
            want: Want {
                targets,
                candidates: 0,
            },
        }
    }

    /// # Errors
    /// Failures of the model; to be cancelled.
    pub fn score(&self, windows: Vec<Window>) -> Result<Scored, AuditError> {
        Ok(self.engine.score(windows, self.cancel)?)
    }

    /// The same with hidden states.
    ///
    /// # Errors
    /// As [`Reader::score`].
    pub fn score_hidden(&self, windows: Vec<Window>) -> Result<Scored, AuditError> {
        Ok(self.engine.score_hidden(windows, self.cancel)?)
    }
}

/// What was asked by [`Targets::Forced`] of each token of a continuation.
pub fn token_scores(continuation: &[u32], score: &WindowScore) -> Vec<TokenScore> {
    let of_token = |(token, place): (&u32, &rotescope_model::PositionScore)| {
        let forced = place.forced?;
        Some(TokenScore {
            greedy: place.greedy == *token,
            log_probability: forced.log_probability,
            drawn: forced.drawn,
            mean: forced.mean,
            deviation: forced.deviation,
        })
    };
    continuation
        .iter()
        .zip(&score.positions)
        .filter_map(of_token)
        .collect()
}
