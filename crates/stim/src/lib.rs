//! STIM: memorization scores of tokens (Li et al., EMNLP 2025, arXiv 2508.02037), from a model and a corpus.
//!
//! | file | what is in it |
//! |---|---|
//! | [`local`] | the text right before a token |
//! | `chain` | a completion as the searches for windows and salient words see it |
//! | `full`, `staged` | the two searches: all passes, or few |
//! | `budget` | how much may be spent |
//! | [`windows`] | what part of the model's own output is enough to make it produce a token |
//! | [`mask`] | the token that stands in for a masked one |
//! | [`saliency`] | which tokens of a context matter for a later one: three methods over shared passes |
//! | [`salient`] | saliency of tokens to words |
//! | [`cooccurrence`] | the mid-range and long-range score: salient words and candidates in the same documents |
//! | `counting` | the published score of a token in the form that is asked for |
//! | `completing` | candidates that are pieces of words, carried on to the word's end |
//! | [`measures`] | measures beside the published score, the same for all sources; the cause of a token |
//! | `order` | which tokens are scored, and which come first |
//! | [`settings`] | what is scored and how |
//! | [`completion`] | a whole completion: [`attribute_completion`] |
//! | `passes`, `progress`, `error` | the model as all of them use it; what they say meanwhile; what can go wrong |

mod budget;
mod chain;
mod completing;
pub mod completion;
pub mod cooccurrence;
mod counting;
mod error;
mod full;
pub mod local;
pub mod mask;
pub mod measures;
mod order;
mod passes;
mod progress;
pub mod saliency;
pub mod salient;
pub mod settings;
mod staged;
pub mod windows;

pub use budget::Budget;
pub use completion::attribute_completion;
pub use cooccurrence::Forms;
pub use error::StimError;
pub use progress::{AttributionPart, Cost, Progress, Reading};
pub use settings::{Method, NonLocalSettings, Scope};
