//! What can go wrong.

use rotescope_corpus::CorpusError;

#[derive(Debug, thiserror::Error)]
pub enum RetroError {
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    #[error(
        "there are no hidden states to be near to: the documents that were read have fewer than two tokens"
    )]
    NoKeys,
    #[error("hidden states in another form than this version's: {0}")]
    Bytes(String),
    #[error("no thread to build a store on: {0}")]
    Thread(String),
    #[error("nearest neighbours need the model's hidden states, and this has none")]
    NoHidden,
    #[error(
        "a hidden state of {state} numbers, where those of the store have {store}: it is another model's; make a store of this one"
    )]
    Width { state: usize, store: usize },
    #[error("a weight of {0}; give a number from 0 (the model alone) to 1 (the corpus alone)")]
    Weight(f64),
}
