//! Where a distribution over the next token is found that no model worked out.

use rotescope_corpus::{Continuations, Corpus, CorpusError};

use crate::error::RetroError;

/// A place in a text at which a token is to come.
///
/// A retriever that looks for something else than these gets it in another field of this.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    /// All tokens before it.
    pub context: &'a [u32],
    /// What the model multiplies with its output matrix here: see [`Retriever::reads_hidden`].
    pub hidden: Option<&'a [f32]>,
    /// Documents that are not to be known.
    pub without: Option<&'a Without>,
}

impl<'a> Place<'a> {
    /// A place behind these tokens, of which nothing else is known.
    pub fn behind(context: &'a [u32]) -> Place<'a> {
        Place {
            context,
            ..Place::default()
        }
    }
}

/// Documents of a corpus that are not to be known, as if it had never had them.
#[derive(Debug, Clone, Default)]
pub struct Without {
    pub(crate) ordinals: Vec<u64>,
    pub(crate) documents: Vec<Vec<u32>>,
}

impl Without {
    /// # Errors
    /// A number that no document has; a corpus that cannot be read.
    pub fn new(corpus: &dyn Corpus, ordinals: Vec<u64>) -> Result<Without, CorpusError> {
        Ok(Without {
            documents: corpus.document_tokens(&ordinals)?,
            ordinals,
        })
    }

    pub fn has(&self, ordinal: u64) -> bool {
        self.ordinals.contains(&ordinal)
    }
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

    /// Whether it looks for hidden states, so that every place must have one.
    fn reads_hidden(&self) -> bool {
        false
    }
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
    /// Counts behind a suffix of so many tokens, as probabilities; `end` is the token of a document's end, if there is one.
    pub(crate) fn of(next: Continuations, length: usize, end: Option<u32>) -> Retrieved {
        let count = next.total();
        let mut counts = next.tokens;
        if let Some(end) = end.filter(|_| next.ends > 0) {
            match counts.iter_mut().find(|(id, _)| *id == end) {
                Some((_, count)) => *count += next.ends,
                None => counts.push((end, next.ends)),
            }
        }
        counts.sort_unstable_by_key(|&(id, count)| (std::cmp::Reverse(count), id));
        let total: u64 = counts.iter().map(|(_, count)| count).sum();
        let share = |(id, count): (u32, u64)| (id, count as f64 / total as f64);
        Retrieved {
            tokens: counts.into_iter().map(share).collect(),
            length,
            count,
        }
    }

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
