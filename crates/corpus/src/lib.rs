//! The exact index of a corpus: build it, open it, ask it.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | what can be asked of any corpus: the trait [`Corpus`] and its answers |
//! | [`local`] | [`LocalIndex`]: an index folder on this machine |
//! | [`build`] | corpus files to an index folder |
//! | [`read`] | documents from JSONL, text, `.gz`, `.zst`, folders |
//! | [`ngrams`] | suffix arrays over token ids: counts, continuations, places, token pairs |
//! | [`documents`] | the tantivy index: texts, metadata, words with positions |
//! | [`words`] | words as a tokenizer of tantivy |
//! | `sets` | sets of documents, cached for co-occurrence |
//! | [`manifest`] | what an index folder says about itself |
//! | [`check`] | whether an index folder is what it says |
//!
//! An index folder:
//! ```text
//! manifest.json       written last; without it the folder is no index
//! ngrams/shard-000.*  token ids and suffix arrays (see `ngrams`)
//! documents/          the tantivy index
//! ```
//! Every count is an exact integer. Nothing is sampled.

pub mod build;
pub mod check;
pub mod documents;
mod error;
pub mod local;
pub mod manifest;
pub mod ngrams;
pub mod read;
mod sets;
pub mod words;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

pub use build::{BuildOptions, Built, Phase, Progress, Status, build};
pub use error::CorpusError;
pub use local::LocalIndex;

/// What the scores ask of a corpus. Batched, so that a corpus behind a network can answer many
/// questions at a time; the single forms are for convenience.
///
/// N-grams and contexts are token ids. Documents are numbered from 0 in the order of the input.
pub trait Corpus: Send + Sync {
    /// Sizes and fingerprints.
    fn info(&self) -> CorpusInfo;

    /// How often each n-gram occurs. The empty n-gram has a place before each token and at each
    /// document's end.
    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<u64>, CorpusError>;

    /// Every token that follows `context` somewhere, with exact counts.
    fn next(&self, context: &[u32]) -> Result<Continuations, CorpusError>;

    /// The longest suffix of `context` that occurs.
    fn longest_suffix(&self, context: &[u32]) -> Result<SuffixMatch, CorpusError>;

    /// The longest suffix `w` of `context` such that `w` followed by `token` occurs.
    fn longest_context_of(
        &self,
        context: &[u32],
        token: u32,
    ) -> Result<LongestContext, CorpusError>;

    /// How often each candidate follows `context`.
    fn candidate_counts(
        &self,
        context: &[u32],
        candidates: &[u32],
    ) -> Result<Vec<u64>, CorpusError>;

    /// For each question the longest context of its token, and how often each of its candidates
    /// follows that same context: all that STIM's local score needs.
    fn local_counts(&self, questions: &[LocalQuestion]) -> Result<Vec<LocalCounts>, CorpusError> {
        questions
            .iter()
            .map(|q| {
                let longest = self.longest_context_of(q.context, q.token)?;
                let context = &q.context[q.context.len() - longest.len..];
                let candidates = self.candidate_counts(context, q.candidates)?;
                Ok(LocalCounts {
                    longest,
                    candidates,
                })
            })
            .collect()
    }

    /// How often each pair of words occurs together; see [`Cooccur`] and [`words`].
    fn cooccurs(&self, pairs: &[(String, String)], how: Cooccur) -> Result<Vec<u64>, CorpusError>;

    /// In how many documents each word stands together with each n-gram of token ids: one row for each word, in it one number for each
    /// n-gram. The words of a text and its tokens need not have the same borders. The empty n-gram stands in every document.
    ///
    /// This default asks [`Corpus::documents`] for every place and reads each document found: exact, and slow.
    fn documents_with(
        &self,
        words: &[String],
        ngrams: &[&[u32]],
    ) -> Result<Vec<Vec<u64>>, CorpusError> {
        let mut counts = vec![vec![0; ngrams.len()]; words.len()];
        for (column, ngram) in ngrams.iter().enumerate() {
            let hits = self.documents(ngram, usize::MAX, 0)?.hits;
            let holders: std::collections::BTreeSet<u64> =
                hits.iter().map(|h| h.document).collect();
            for document in holders {
                let text = self.document(document)?.text;
                let held: std::collections::HashSet<&str> =
                    words::split(&text).into_iter().map(|(_, w)| w).collect();
                for (row, word) in counts.iter_mut().zip(words) {
                    row[column] += u64::from(held.contains(word.as_str()));
                }
            }
        }
        Ok(counts)
    }

    /// How many documents hold each n-gram. The empty n-gram stands in every document.
    ///
    /// This default asks [`Corpus::documents`].
    fn document_counts(&self, ngrams: &[&[u32]]) -> Result<Vec<u64>, CorpusError> {
        ngrams
            .iter()
            .map(|n| Ok(self.documents(n, 0, 0)?.documents))
            .collect()
    }

    /// How often each word occurs.
    fn word_counts(&self, words: &[String]) -> Result<Vec<WordCount>, CorpusError>;

    /// How often each pair of token sequences occurs together; distances are counted in tokens.
    fn cooccurs_tokens(
        &self,
        pairs: &[(&[u32], &[u32])],
        how: Cooccur,
    ) -> Result<Vec<u64>, CorpusError>;

    /// infini-gram's count of `a AND b` without its subsampling, its undercount at the borders of
    /// documents included: see [`ngrams::NgramIndex::cnf_count`].
    fn cnf_count(&self, a: &[u32], b: &[u32], max_diff_tokens: u64) -> Result<u64, CorpusError>;

    /// Documents and places that hold an n-gram: `limit` of them from the `offset`th on, each
    /// document's first place before any second place.
    fn documents(&self, ngram: &[u32], limit: usize, offset: usize) -> Result<Places, CorpusError>;

    /// One document with all that is known of it.
    fn document(&self, ordinal: u64) -> Result<Document, CorpusError>;

    /// The token ids of one document.
    fn document_tokens(&self, ordinal: u64) -> Result<Vec<u32>, CorpusError>;

    fn count(&self, ngram: &[u32]) -> Result<u64, CorpusError> {
        Ok(self.counts(&[ngram])?.into_iter().next().unwrap_or(0))
    }

    fn cooccur(&self, a: &str, b: &str, how: Cooccur) -> Result<u64, CorpusError> {
        let counts = self.cooccurs(&[(a.to_string(), b.to_string())], how)?;
        Ok(counts.into_iter().next().unwrap_or(0))
    }

    fn cooccur_tokens(&self, a: &[u32], b: &[u32], how: Cooccur) -> Result<u64, CorpusError> {
        let counts = self.cooccurs_tokens(&[(a, b)], how)?;
        Ok(counts.into_iter().next().unwrap_or(0))
    }

    fn word_count(&self, word: &str) -> Result<WordCount, CorpusError> {
        let counts = self.word_counts(&[word.to_string()])?;
        Ok(counts.into_iter().next().unwrap_or_default())
    }
}

/// Sizes and fingerprints of a corpus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CorpusInfo {
    /// The folder's name, or the name of the remote corpus.
    pub name: String,
    pub documents: u64,
    /// Token ids, separators between documents not counted.
    pub tokens: u64,
    /// See [`words`].
    pub words: u64,
    /// Of the texts, as UTF-8.
    pub bytes: u64,
    /// Hex SHA-256 of the token ids of all documents in order: equal for equal corpora encoded
    /// alike.
    pub fingerprint: String,
    /// [`rotescope_vocab::Encode::fingerprint`] of the tokenizer that made the ids.
    pub tokenizer: String,
}

/// What follows a context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Continuations {
    /// Token and count, most frequent first; equally frequent ones by ascending id.
    pub tokens: Vec<(u32, u64)>,
    /// How many occurrences of the context end a document.
    pub ends: u64,
}

impl Continuations {
    /// Number of occurrences of the context.
    pub fn total(&self) -> u64 {
        self.ends + self.tokens.iter().map(|&(_, count)| count).sum::<u64>()
    }
}

/// The longest suffix of a context that occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SuffixMatch {
    /// In tokens.
    pub len: usize,
    pub count: u64,
}

/// The longest suffix `w` of a context such that `w` followed by a token `x` occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LongestContext {
    /// Length of `w` in tokens, perhaps 0.
    pub len: usize,
    /// How often `w` occurs.
    pub context_count: u64,
    /// How often `w` followed by `x` occurs; 0 only if `x` occurs nowhere.
    pub joint_count: u64,
}

/// One token to be explained: see [`Corpus::local_counts`].
#[derive(Debug, Clone, Copy)]
pub struct LocalQuestion<'a> {
    /// All tokens before it.
    pub context: &'a [u32],
    pub token: u32,
    pub candidates: &'a [u32],
}

/// The answer to a [`LocalQuestion`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocalCounts {
    pub longest: LongestContext,
    /// How often each candidate follows the longest context, in the order of the candidates.
    pub candidates: Vec<u64>,
}

/// When two words (or n-grams) count as occurring together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Cooccur {
    /// The number of documents that hold both. Of a word with itself: that hold it at least twice.
    Document,
    /// The number of pairs of places, one of each, in one document and at most so many positions
    /// apart. Of a word with itself: unordered pairs of two different places.
    Window(u32),
}

impl fmt::Display for Cooccur {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Cooccur::Document => write!(f, "document"),
            Cooccur::Window(n) => write!(f, "window:{n}"),
        }
    }
}

impl FromStr for Cooccur {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let window = s.strip_prefix("window:").and_then(|n| n.parse().ok());
        match (s, window) {
            ("document", _) => Ok(Cooccur::Document),
            (_, Some(n)) => Ok(Cooccur::Window(n)),
            _ => Err(format!("{s:?} is neither `document` nor `window:N`")),
        }
    }
}

/// How often a word occurs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct WordCount {
    pub places: u64,
    pub documents: u64,
}

/// Where an n-gram occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Places {
    /// Of all places, also of those not listed.
    pub places: u64,
    /// Of all documents that hold it.
    pub documents: u64,
    pub hits: Vec<Place>,
}

/// One place of an n-gram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
    pub document: u64,
    /// Tokens of the document before it.
    pub position: u32,
}

/// One document of the corpus.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    pub ordinal: u64,
    /// Field `id` of a JSON line, as text.
    pub id: Option<String>,
    pub text: String,
    /// The other fields of its JSON line.
    pub meta: serde_json::Map<String, serde_json::Value>,
    /// The file it came from, as given when the index was built.
    pub source: String,
    /// Line of the (decompressed) file where it begins, from 1.
    pub line: u64,
    /// Byte of the (decompressed) file where it begins, from 0. JSON: where its line begins.
    pub byte: u64,
    pub tokens: Vec<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cooccurrence_is_read_as_it_is_written() {
        for how in [Cooccur::Document, Cooccur::Window(0), Cooccur::Window(1000)] {
            assert_eq!(how.to_string().parse(), Ok(how));
        }
        for bad in [
            "",
            "window",
            "window:",
            "window:-1",
            "Document",
            "window:1.5",
        ] {
            assert!(bad.parse::<Cooccur>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_corpus_can_be_shared_behind_a_pointer() {
        fn takes(_: Option<std::sync::Arc<dyn Corpus>>) {}
        takes(None);
    }
}
