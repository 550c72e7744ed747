//! What a corpus alone predicts of the next token, and what comes of it together with a model.
//!
//! | file | what is in it |
//! |---|---|
//! | `retriever` | [`Retriever`]: a distribution over the next token, found somewhere; how to add one |
//! | `infinigram` | [`Infinigram`]: of what stands behind the longest suffix of the context |
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
mod mixture;
mod retriever;
mod side;

pub use backoff::{Backoff, LeftOut};
pub use error::RetroError;
pub use fit::{Seen, fit, perplexity};
pub use gap::{Bars, gap};
pub use infinigram::Infinigram;
pub use mixture::{Weights, blend, mixed};
pub use retriever::{Place, Retrieved, Retriever};
pub use side::Losses;
