//! What a corpus says of itself.

use schemars::JsonSchema;
use serde::Serialize;

use crate::answer::Basis;
use crate::error::CorpusError;

/// Sizes and fingerprints of a corpus. A size that it does not tell is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CorpusInfo {
    /// The folder's name, or the name of the remote corpus.
    pub name: String,
    /// What opens it (see [`crate::open()`]) and names it in errors: the folder, or the address.
    pub place: String,
    pub documents: Option<u64>,
    /// Token ids, separators between documents not counted.
    pub tokens: u64,
    /// See [`crate::words`].
    pub words: Option<u64>,
    /// Of the texts, as UTF-8.
    pub bytes: Option<u64>,
    /// Hex SHA-256 of the token ids of all documents in order: equal for equal corpora encoded
    /// alike. A corpus that cannot tell says something else that changes when its counts do.
    pub fingerprint: String,
    /// [`rotescope_vocab::Encode::fingerprint`] of the tokenizer that made the ids.
    pub tokenizer: String,
    /// For people: the file the tokenizer came from.
    pub tokenizer_name: String,
    /// What its answers rest on at worst. An answer may be better, and says so itself.
    #[serde(skip_serializing_if = "Basis::is_exact_occurrences")]
    pub basis: Basis,
    /// The same of words and n-grams that occur together.
    #[serde(skip_serializing_if = "Basis::is_exact_occurrences")]
    pub cooccurrence: Basis,
    /// Whether each question goes over a network, so that answers take their time and questions are to be few.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_remote: bool,
}

impl CorpusInfo {
    /// Refuses a tokenizer other than the one that made the ids: its ids would mean other tokens.
    /// `name` names it for people.
    pub fn expect_tokenizer(&self, fingerprint: &str, name: &str) -> Result<(), CorpusError> {
        if self.tokenizer == fingerprint {
            return Ok(());
        }
        Err(CorpusError::OtherTokenizer {
            corpus: self.place.clone(),
            index_tokenizer: self.tokenizer_name.clone(),
            index_fingerprint: self.tokenizer.clone(),
            tokenizer: name.to_string(),
            fingerprint: fingerprint.to_string(),
        })
    }
}
