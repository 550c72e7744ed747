//! What can be asked about a token sequence, and the answers.

use super::error::ModelError;
use super::forced::Forced;
use super::info::ModelInfo;
use super::sample::Sampling;
use super::softmax::{Candidate, Softmax, argmax};

/// A token sequence, and the positions whose next-token distribution is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// What the model sees, from its first token on (the BOS token too, if the model wants one).
    pub tokens: Vec<u32>,
    /// Position `p` is the distribution of the token that follows `tokens[..=p]`. Ascending; only these are worked out, for a row of logits costs about as
    /// much as a layer or more of the model.
    pub positions: Vec<usize>,
    pub want: Want,
}

/// What to return for each position, beside the greedy token.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Want {
    pub targets: Targets,
    /// Number of most probable tokens; 0 for none.
    pub candidates: usize,
}

/// The tokens whose log-probabilities are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Targets {
    #[default]
    None,
    /// The token that really follows, so the last position of a window has none and must not be asked for.
    Next,
    /// That token too, and what of it an audit asks: see [`Forced`].
    Forced(Sampling),
    /// The same tokens at every position.
    Same(Vec<u32>),
    /// A list for each position, in order.
    Each(Vec<Vec<u32>>),
}

/// What the model says at one position.
#[derive(Clone, Debug, PartialEq)]
pub struct PositionScore {
    /// The most probable token; the lowest id among equals.
    pub greedy: u32,
    /// Natural logarithms of the targets' probabilities, in the order asked.
    pub log_probabilities: Vec<f64>,
    /// The most probable tokens, best first, ties by id.
    pub candidates: Vec<Candidate>,
    /// Of [`Targets::Forced`] only.
    pub forced: Option<Forced>,
}

/// The scores of one window: one entry per position asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WindowScore {
    pub positions: Vec<PositionScore>,
}

/// The scores of all windows, in the order given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scored {
    pub windows: Vec<WindowScore>,
    /// What the output matrix was multiplied with, by window and position: the last hidden state, behind the last norm. Of
    /// [`crate::Engine::score_hidden`] only.
    pub hidden: Vec<Vec<Vec<f32>>>,
    /// Tokens that the model evaluated; fewer than the windows hold when prefixes were shared.
    pub evaluated: u64,
}

impl Window {
    /// # Errors
    /// If it is too long for the context, or asks for something it does not have.
    pub(super) fn check(&self, info: &ModelInfo) -> Result<(), ModelError> {
        let bad = |what: String| Err(ModelError::BadRequest(what));
        let n = self.tokens.len();
        if n > info.context {
            return Err(ModelError::WindowTooLong {
                tokens: n,
                limit: info.context,
                trained: info.context_train,
            });
        }
        if let Some(p) = self.positions.iter().find(|&&p| p >= n) {
            return bad(format!(
                "position {p} does not lie within a window of {n} tokens"
            ));
        }
        if !self.positions.is_sorted_by(|a, b| a < b) {
            return bad("the positions of a window do not ascend".to_owned());
        }
        let targets: &[&[u32]] = match &self.want.targets {
            Targets::Next | Targets::Forced(_) if self.needed() == n && n > 0 => {
                return bad(format!(
                    "nothing follows the last of the {n} tokens of a window, so it has no next token"
                ));
            }
            Targets::Each(lists) if lists.len() != self.positions.len() => {
                let (l, p) = (lists.len(), self.positions.len());
                return bad(format!(
                    "{l} lists of targets for {p} positions of a window"
                ));
            }
            Targets::Each(lists) => &lists.iter().map(Vec::as_slice).collect::<Vec<_>>(),
            Targets::Same(list) => &[list],
            _ => &[],
        };
        if let Targets::Forced(sampling) = &self.want.targets {
            sampling.check()?;
        }
        let ids = self.tokens.iter().chain(targets.iter().copied().flatten());
        check_ids(ids, info.vocabulary)
    }

    /// How many of its tokens matter: nothing after the last wanted position does.
    pub(super) fn needed(&self) -> usize {
        self.positions.last().map_or(0, |last| last + 1)
    }

    /// Reads one row of logits, that of `positions[row]`.
    pub(super) fn read(&self, row: usize, logits: &[f32]) -> Result<PositionScore, ModelError> {
        let position = self.positions[row];
        let broken = ModelError::NotFinite { position };
        let next;
        let targets: &[u32] = match &self.want.targets {
            Targets::None => &[],
            Targets::Next | Targets::Forced(_) => {
                next = [self.tokens[position + 1]];
                &next
            }
            Targets::Same(list) => list,
            Targets::Each(lists) => &lists[row],
        };
        if targets.is_empty() && self.want.candidates == 0 {
            // The sum of the exponentials is not needed.
            return Ok(PositionScore {
                greedy: argmax(logits).ok_or(broken)?,
                log_probabilities: Vec::new(),
                candidates: Vec::new(),
                forced: None,
            });
        }
        let row = Softmax::new(logits).ok_or(broken)?;
        Ok(PositionScore {
            greedy: row.best(),
            log_probabilities: targets.iter().map(|&t| row.log_probability(t)).collect(),
            candidates: row.top(self.want.candidates),
            forced: match &self.want.targets {
                Targets::Forced(how) => Some(Forced::new(&row, targets[0], how)),
                _ => None,
            },
        })
    }
}

/// An error for the first id outside the vocabulary. llama.cpp would report it as an empty batch.
pub(super) fn check_ids<'a>(
    ids: impl IntoIterator<Item = &'a u32>,
    size: usize,
) -> Result<(), ModelError> {
    match ids.into_iter().find(|&&id| id as usize >= size) {
        Some(&id) => Err(ModelError::BadToken { id, size }),
        None => Ok(()),
    }
}
