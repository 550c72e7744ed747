//! What a corpus alone predicts of the next token, and what comes of it together with a model.
//!
//! | file | what is in it |
//! |---|---|
//! | `retriever` | [`Retriever`]: a distribution over the next token, found somewhere; how to add one |
//! | `infinigram` | [`Infinigram`]: of what stands behind the longest suffix of the context |
//! | `passages` | [`Passages`]: of what stands behind it in the documents that fit the context best (BM25) |
//! | `neighbours`, `key` | [`Neighbours`]: of what stands where hidden states are nearest (kNN-LM), and the [`Store`] of these |
//! | `within` | counts within a few documents |
//! | `mixture` | [`Weights`], [`blend`]: the distribution of a model, mixed with a retrieved one |
//! | `fit` | weights fitted to tokens; perplexity |
//! | `gap` | the decoupling gap of a token, and who knows it: [`Bars`] |
//! | `backoff` | [`Backoff`]: an n-gram model of the corpus with back-off, documents left out |
//! | `side` | [`Losses`]: whether a model is nearer to a copy or to a generalization |
//!
//! Models come in as log-probabilities; nothing here runs one.

mod backoff;
mod error;
mod fit;
mod gap;
mod infinigram;
mod key;
mod mixture;
mod neighbours;
mod passages;
mod retriever;
mod side;
mod within;

pub use backoff::{Backoff, LeftOut};
pub use error::RetroError;
pub use fit::{Seen, fit, perplexity};
pub use gap::{Bars, gap};
pub use infinigram::Infinigram;
pub use key::Key;
pub use mixture::{Weights, blend, mixed};
pub use neighbours::{Entry, MOST, NeighbourOptions, Neighbours, Store};
pub use passages::{PassageOptions, Passages, Spell};
pub use retriever::{Place, Retrieved, Retriever, Without};
pub use side::Losses;
