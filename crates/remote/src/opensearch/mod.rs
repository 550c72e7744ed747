//! An index of an OpenSearch or Elasticsearch cluster, loaded from an index on this machine.
//!
//! | file | what is in it |
//! |---|---|
//! | `schema` | the fields of a document, and what the index says of itself |
//! | `search` | questions, and what is taken from their answers |
//! | `index` | [`OpenSearch`]: opened, asked many questions at a time |
//! | `counts` | counts of n-grams and words, contexts, words that occur together |
//! | `documents` | documents, where in them n-grams occur, what follows them |
//! | `push` | [`push()`]: loads an index, goes on with one that is loaded in part |
//!
//! Token ids are terms with positions, so a phrase of ids is an n-gram of the model, and the frequency of the phrase in a document is how often
//! it occurs there. A scripted similarity makes this frequency the score, and the sum of all scores is the number of occurrences.

mod counts;
mod documents;
mod index;
mod push;
mod schema;
mod search;

pub use index::OpenSearch;
pub use push::{PushOptions, Pushed, push};
