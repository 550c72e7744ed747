//! What can go wrong.

use rotescope_corpus::CorpusError;

#[derive(Debug, thiserror::Error)]
pub enum RetroError {
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    #[error("a weight of {0}; give a number from 0 (the model alone) to 1 (the corpus alone)")]
    Weight(f64),
}
