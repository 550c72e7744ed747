//! Corpora behind a network: infini-gram's web API and OpenSearch, asked politely and as little as can be.
//!
//! | file | what is in it |
//! |---|---|
//! | `address` | the name of an index: `infinigram:URL#INDEX`, `opensearch:URL/INDEX`, `olmotrace:URL#INDEX` |
//! | `credentials` | what a server is shown, and nobody else |
//! | `client` | one question over HTTP, one answer or a named error |
//! | `asker` | known answers first; limits, retries, waiting |
//! | `cache` | answers kept on disk, shared between programs |
//! | `protocol` | questions of the API, and what is taken from its answers |
//! | `parallel` | many questions at a time |
//! | `infinigram` | [`InfiniGram`]: counts of n-grams of the index' own tokenizer |
//! | `words`, `documents` | words that occur together; documents behind an occurrence |
//! | `cut` | text of one tokenizer's tokens, cut by another |
//! | `retokenized` | [`Retokenized`]: the same, asked by the ids of a model with another tokenizer |
//! | `open` | [`open()`]: all of it together |
//! | `olmotrace` | [`OlmoTrace`]: verbatim spans of a text, found by OLMoTrace's service |
//! | `opensearch` | [`OpenSearch`]: an index of an OpenSearch or Elasticsearch cluster; [`push()`] loads it |
//!
//! Questions hold token ids only: a text that happens to hold ` AND ` would be another question.

mod address;
mod asker;
mod cache;
mod client;
mod credentials;
mod cut;
mod documents;
mod error;
mod infinigram;
mod olmotrace;
mod open;
mod opensearch;
mod parallel;
mod protocol;
mod retokenized;
mod words;

pub use address::{Address, Kind};
pub use asker::{Asker, Limits, Tally};
pub use cache::{Cache, CacheInfo, LIMIT as CACHE_LIMIT};
pub use credentials::Credentials;
pub use cut::{Context, Cutter, Joined};
pub use documents::PAGE;
pub use error::RemoteError;
pub use infinigram::{InfiniGram, Tokenizer};
pub use olmotrace::{OlmoTrace, ServedDocument, ServedSpan, ServedSpans, SpanQuestion};
pub use open::{Opened, Options, open};
pub use opensearch::{OpenSearch, PushOptions, Pushed, push};
pub use protocol::most;
pub use retokenized::Retokenized;
