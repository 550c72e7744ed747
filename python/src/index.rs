//! An index of a corpus.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use rotescope_corpus::{
    About, Cooccur, Documents, LocalIndex, NgramCounts, Occurrence, WordCounts,
};
use rotescope_vocab::{Encode, Vocabulary};

use crate::answers::{Hit, Next, NextToken, Whole};
use crate::attribution::{Asked, Attribution, attribute};
use crate::errors::{Failure, detached};
use crate::json::loads;
use crate::query::Query;
use crate::vocabulary::vocabulary;

/// An index of a corpus, made by `rotescope index build`.
///
/// Wherever a text is looked for, token ids may be given instead. Counts are of exactly these tokens: within a sentence a text has other tokens (" tart") than
/// alone ("tart"). Counts are exact. An index may be asked from several threads at a time.
///
/// Args:
///     path: the folder of the index.
///     model: a GGUF model whose tokenizer cuts texts; its weights are not read.
///     tokenizer: a tokenizer.json instead. Without either, the file that the index was made with is taken, where it still is.
///
/// Raises:
///     OSError: a file is missing or cannot be read.
///     RotescopeError: it is no index, it is damaged, or it was made with another tokenizer.
#[pyclass(frozen, module = "rotescope")]
pub struct Index {
    corpus: Arc<LocalIndex>,
    vocabulary: Option<Vocabulary>,
}

#[pymethods]
impl Index {
    #[new]
    #[pyo3(signature = (path, *, model=None, tokenizer=None))]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        model: Option<PathBuf>,
        tokenizer: Option<PathBuf>,
    ) -> PyResult<Index> {
        if model.is_some() && tokenizer.is_some() {
            return Err(PyTypeError::new_err("give model= or tokenizer=, not both"));
        }
        detached(py, || {
            let corpus = Arc::new(LocalIndex::open(&path)?);
            let vocabulary = vocabulary(&corpus.info(), model, tokenizer)?;
            Ok(Index { corpus, vocabulary })
        })
    }

    /// What the index says of itself: "name", "place", "documents", "tokens", "words", "bytes", "fingerprint" (of the token ids), "tokenizer" (fingerprint),
    /// "tokenizer_name", "made_by" (the version of rotescope), "bytes_on_disk", "checked" (whether answers are checked for damage to the files).
    #[getter]
    fn info<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let info = serde_json::to_string(&self.corpus.info());
        let info = loads(py, &info.map_err(|e| Failure::Asked(e.to_string()))?)?;
        info.set_item("made_by", self.corpus.made_by())?;
        info.set_item("bytes_on_disk", self.corpus.bytes_on_disk())?;
        info.set_item("checked", self.corpus.is_checked())?;
        Ok(info)
    }

    fn __repr__(&self) -> String {
        let info = self.corpus.info();
        let documents = info.documents.unwrap_or_default();
        format!(
            "<rotescope.Index {}: {} tokens in {documents} documents>",
            info.place, info.tokens
        )
    }

    /// The token ids of a text, without any special tokens of its own at either end.
    ///
    /// Raises:
    ///     ValueError: no tokenizer is known.
    fn encode(&self, py: Python<'_>, text: String) -> PyResult<Vec<u32>> {
        detached(py, || self.ids(Query::Text(text)))
    }

    /// The text of token ids; bytes that are no UTF-8 are replaced.
    ///
    /// Raises:
    ///     ValueError: no tokenizer is known, or it has no such id.
    fn decode(&self, py: Python<'_>, ids: Query) -> PyResult<String> {
        let Query::Ids(ids) = ids else {
            let message = "token ids are decoded, and this is a text";
            return Err(PyTypeError::new_err(message));
        };
        detached(py, || {
            let vocabulary = self.vocabulary()?;
            let size = vocabulary.size();
            if let Some(id) = ids.iter().find(|id| **id as usize >= size) {
                let message = format!("there is no token {id}: the tokenizer has {size}");
                return Err(Failure::Asked(message));
            }
            Ok(String::from_utf8_lossy(&vocabulary.decode(&ids)).into_owned())
        })
    }

    /// How often a text occurs in the corpus. The empty one occurs before each token and at each document's end.
    fn count(&self, py: Python<'_>, query: Query) -> PyResult<u64> {
        detached(py, || Ok(self.corpus.count(&self.ids(query)?)?.value))
    }

    /// How often each of several texts occurs, in their order.
    fn counts(&self, py: Python<'_>, queries: Vec<Query>) -> PyResult<Vec<u64>> {
        detached(py, || {
            let ids: Vec<_> = queries
                .into_iter()
                .map(|q| self.ids(q))
                .collect::<Result<_, _>>()?;
            let asked: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
            Ok(rotescope_corpus::values(self.corpus.counts(&asked)?))
        })
    }

    /// What follows a text in the corpus, as `rotescope index next --json` says it.
    ///
    /// Args:
    ///     query: the text, or token ids.
    ///     limit: at most so many tokens, the most frequent ones; all if not given.
    ///
    /// Returns:
    ///     "ids" of the text, its "count", how many occurrences end a document ("ends"), how many "distinct" tokens follow, and "tokens": for each "id", "text"
    ///     (None without a tokenizer), "count" and "probability", its share of all occurrences.
    #[pyo3(signature = (query, *, limit=None))]
    fn next(&self, py: Python<'_>, query: Query, limit: Option<usize>) -> PyResult<Next> {
        detached(py, || {
            let ids = self.ids(query)?;
            let next = self.corpus.next(&ids)?.value;
            let total = next.total();
            let token = |&(id, count): &(u32, u64)| NextToken {
                id,
                text: self.text(&[id]),
                count,
                probability: count as f64 / total as f64,
            };
            Ok(Next {
                ids,
                count: total,
                ends: next.ends,
                distinct: next.tokens.len(),
                tokens: next
                    .tokens
                    .iter()
                    .take(limit.unwrap_or(usize::MAX))
                    .map(token)
                    .collect(),
            })
        })
    }

    /// Where a text occurs, as `rotescope index docs --json` says it: each document's first occurrence before any second.
    ///
    /// Args:
    ///     query: the text, or token ids.
    ///     limit: at most so many occurrences.
    ///     offset: how many to pass over.
    ///     around: so many tokens on each side are in "before" and "after".
    ///
    /// Returns:
    ///     For each occurrence the number of the "document", its "position" there in tokens, "id", "source" (the file), "line" and "meta" of the document, and the
    ///     texts "before", "text", "after" (None without a tokenizer).
    #[pyo3(signature = (query, *, limit=10, offset=0, around=24))]
    fn documents(
        &self,
        py: Python<'_>,
        query: Query,
        limit: usize,
        offset: usize,
        around: usize,
    ) -> PyResult<Vec<Hit>> {
        detached(py, || {
            let ids = self.ids(query)?;
            let found = self.corpus.occurrences_of(&ids, limit, offset)?.value;
            let of_one = |hit: Occurrence| {
                let document = self.corpus.document(hit.document)?;
                let start = hit.position as usize;
                let end = start + ids.len();
                let from = start.saturating_sub(around);
                let to = document.tokens.len().min(end.saturating_add(around));
                let parts = [from..start, start..end, end..to];
                let texts = parts.map(|part| self.text(&document.tokens[part]));
                Ok(Hit::of(hit, document, texts))
            };
            found.hits.into_iter().map(of_one).collect()
        })
    }

    /// A document, by its number from 0 in the order of the corpus: "text", "tokens" (ids), "id", "source" (the file), "line" (from 1) and "byte" (from 0) where
    /// it begins there, "meta" (the other fields of its line).
    ///
    /// Raises:
    ///     IndexError: there is none of that number.
    fn document(&self, py: Python<'_>, document: u64) -> PyResult<Whole> {
        detached(py, || Ok(self.corpus.document(document)?.into()))
    }

    /// How often a word occurs. Words are those of the text, not tokens; capitals differ.
    fn word_count(&self, py: Python<'_>, word: String) -> PyResult<u64> {
        detached(py, || Ok(self.corpus.word_count(&one_word(word)?)?.value))
    }

    /// How often two words occur together: in how many documents, or, with a window, how many pairs of occurrences stand at most so many words apart.
    #[pyo3(signature = (a, b, *, window=None))]
    fn cooccurrence(
        &self,
        py: Python<'_>,
        a: String,
        b: String,
        window: Option<u32>,
    ) -> PyResult<u64> {
        let counts = self.cooccurrences(py, vec![(a, b)], window)?;
        counts
            .first()
            .copied()
            .ok_or_else(|| PyValueError::new_err("no answer"))
    }

    /// The same of several pairs of words, in their order; together they cost less than one by one.
    #[pyo3(signature = (pairs, *, window=None))]
    fn cooccurrences(
        &self,
        py: Python<'_>,
        pairs: Vec<(String, String)>,
        window: Option<u32>,
    ) -> PyResult<Vec<u64>> {
        let how = window.map_or(Cooccur::Document, Cooccur::Window);
        detached(py, || {
            let words = |(a, b)| Ok::<_, Failure>((one_word(a)?, one_word(b)?));
            let pairs: Vec<_> = pairs.into_iter().map(words).collect::<Result<_, _>>()?;
            Ok(rotescope_corpus::values(self.corpus.cooccurs(&pairs, how)?))
        })
    }

    /// What the corpus says of each token of a text, without a model.
    ///
    /// This is the part of an attribution that needs the corpus alone: how often each token stands behind what precedes it, and which stretches of the text stand
    /// in which documents. It is no score of memorization. STIM's scores compare a model's probabilities with such counts: `rotescope attribute` and `rotescope
    /// score` work them out, and rotescope.tokens reads them.
    ///
    /// Args:
    ///     text: the text, or its token ids as a model wrote them.
    ///     prompt: what stands before it, or its token ids. Contexts reach back into it; nothing is said of its own tokens.
    ///     shortest, density, max_frequency, partial: which spans are found, and which are kept, as `rotescope audit spans` has them (OLMoTrace's choice): the
    ///         fewest tokens of a span; at most so many kept for each token; none kept that occurs more often; whether spans may begin and end within words and
    ///         go on over sentences.
    ///     documents: at most so many for each span that is kept.
    ///
    /// Returns:
    ///     "text", and in it, offsets in characters ("start", "end", so that text[start:end] is the token):
    ///
    ///     "tokens", a dict each: "token" (its number), "token_id", "text", "start", "end"; "local_context": length in tokens of the longest run right before it that
    ///     the corpus continues with it, "local_context_count" and "local_match_count": how often that run occurs, and how often followed by the token,
    ///     "local_share": the second by the first, "local_rank": 1 if no other token follows the run more often (both None where the token occurs nowhere);
    ///     "retrieved_p": its share of what stands behind the longest suffix of all before it that the corpus has at all, perhaps 0, "retrieved_n" and
    ///     "retrieved_count": that suffix' length and how often something stands behind it, "retrieved_sparse": whether that is the same token always. They are
    ///     what traces say (docs/trace.md), under the names of their tables.
    ///
    ///     "spans", the stretches of the text that stand in the corpus token for token, and in no longer one that does: "tokens" ([from, to]), "start", "end",
    ///     "text", "occurrences", "unigram_logprob", "kept".
    ///
    ///     "documents" of the spans that are kept, the one that fits the text best first: "document", "id", "source", "line", "bm25", "copies", and "spans": for each
    ///     its number in "spans" and its "position" in the document, in tokens.
    #[pyo3(signature = (text, *, prompt=None, shortest=1, density=0.05, max_frequency=None, partial=false, documents=10))]
    #[allow(clippy::too_many_arguments, reason = "keywords of Python")]
    fn attribute(
        &self,
        py: Python<'_>,
        text: Query,
        prompt: Option<Query>,
        shortest: usize,
        density: f64,
        max_frequency: Option<u64>,
        partial: bool,
        documents: usize,
    ) -> PyResult<Attribution> {
        if !(0.0..=1.0).contains(&density) {
            return Err(PyValueError::new_err("density is a share, from 0 to 1"));
        }
        let asked = Asked {
            prompt: detached(py, || prompt.map_or(Ok(Vec::new()), |p| self.ids(p)))?,
            ids: detached(py, || self.ids(text))?,
            spans: rotescope_audit::SpanOptions {
                shortest,
                self_contained: !partial,
                density,
                most_frequent: max_frequency,
            },
            documents,
        };
        attribute(py, &self.corpus, self.vocabulary()?, &asked)
    }
}

impl Index {
    fn vocabulary(&self) -> Result<&Vocabulary, Failure> {
        self.vocabulary.as_ref().ok_or_else(|| {
            let made_with = self.corpus.info().tokenizer_name;
            Failure::Asked(format!(
                "a tokenizer is needed for texts: open the index with model= or tokenizer= (it was made with {made_with}), or ask by token ids"
            ))
        })
    }

    fn ids(&self, query: Query) -> Result<Vec<u32>, Failure> {
        match query {
            Query::Ids(ids) => Ok(ids),
            Query::Text(text) => Ok(self.vocabulary()?.encode(&text)?),
        }
    }

    fn text(&self, ids: &[u32]) -> Option<String> {
        let vocabulary = self.vocabulary.as_ref()?;
        let bytes: Vec<u8> = ids
            .iter()
            .flat_map(|id| vocabulary.token_bytes(*id))
            .collect();
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// The word, if it is one.
fn one_word(word: String) -> Result<String, Failure> {
    match rotescope_text::words(&word).as_slice() {
        [only] if only.text == word => Ok(word),
        all => {
            let all: Vec<&str> = all.iter().map(|w| w.text).collect();
            Err(Failure::Asked(format!(
                "{word:?} is not one word; the words in it are {all:?}"
            )))
        }
    }
}
