//! What changes the distribution of the next token before it is chosen.

use std::fmt;
use std::sync::Arc;

use super::softmax::Softmax;

/// Changes distributions, by what was said before.
pub trait Mixture: Send + Sync {
    /// Follows one completion behind the tokens of a prompt.
    fn follow(self: Arc<Self>, prompt: &[u32]) -> Box<dyn Mixing>;

    /// Whether it looks at hidden states: see [`Mixing::see`].
    fn reads_hidden(&self) -> bool {
        false
    }
}

/// A mixture at its place in a completion.
pub trait Mixing: Send {
    /// What the output matrix is multiplied with to get the next row: the last hidden state, behind the last norm. It comes before each row, where
    /// [`Mixture::reads_hidden`] asks for it.
    fn see(&mut self, hidden: &[f32]) {
        let _ = hidden;
    }

    /// Log-probabilities (any constant added) of all tokens, to choose by in place of the model's; `None` leaves these as they are, to the bit.
    ///
    /// # Errors
    /// What keeps it from an answer, in words; the completion ends with it.
    fn mixed(&mut self, row: &Softmax<'_>) -> Result<Option<Vec<f32>>, String>;

    /// This token was chosen.
    fn take(&mut self, token: u32);
}

/// A mixture as a request has it.
#[derive(Clone)]
pub struct Mixer(pub Arc<dyn Mixture>);

impl fmt::Debug for Mixer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mixer")
    }
}

impl PartialEq for Mixer {
    /// Whether it is the same one.
    fn eq(&self, other: &Mixer) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
