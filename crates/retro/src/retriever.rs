//! Where a distribution over the next token is found that no model worked out.

use crate::error::RetroError;

/// A place in a text at which a token is to come.
///
/// A retriever that looks for something else than tokens (hidden states, words) gets it in another field of this.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// All tokens before it.
    pub context: &'a [u32],
}

/// Something that says what comes next by what it found.
///
/// # Add a retriever
/// Write a file with an implementation beside `infinigram`, and offer it in `src/cli/retro`. It must return distributions: see [`Retrieved`]. Whether and how much of
/// it is believed is not its business but that of [`crate::Weights`].
pub trait Retriever: Send + Sync {
    /// What comes at each place, in the order of the places.
    ///
    /// # Errors
    /// What it looks into cannot be read.
    fn retrieve(&self, places: &[Place<'_>]) -> Result<Vec<Retrieved>, RetroError>;
}

/// What was found for one place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Retrieved {
    /// Tokens and their probabilities, all above 0, the most probable first, ties by id. They sum to 1. Empty where nothing was found.
    pub tokens: Vec<(u32, f64)>,
    /// Last tokens of the context that all that was found has too.
    pub length: usize,
    /// Places that were found.
    pub count: u64,
}

impl Retrieved {
    /// 0 of a token that was not found.
    pub fn probability(&self, token: u32) -> f64 {
        let found = self.tokens.iter().find(|(id, _)| *id == token);
        found.map_or(0.0, |(_, p)| *p)
    }

    /// Whether only one token was found.
    pub fn is_sparse(&self) -> bool {
        self.tokens.len() == 1
    }
}
