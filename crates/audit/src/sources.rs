//! The documents behind the spans that are kept, the most relevant to the text first.

use std::collections::{BTreeMap, BTreeSet};

use rotescope_corpus::{Corpus, CorpusError, Document};
use serde::Serialize;

use crate::spans::Span;

/// Saturation of a word's frequency, and how much a document's length counts: the usual values of BM25.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// A document that holds at least one of the spans.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceDocument {
    pub document: u64,
    pub id: Option<String>,
    pub source: String,
    pub line: u64,
    /// Of the document for the words of the text, over the whole corpus (Robertson et al., 1994).
    pub bm25: f64,
    /// Other documents with the same text that hold the same spans.
    pub copies: usize,
    /// Indices of the spans, and the tokens of the document before each.
    pub spans: Vec<(usize, u32)>,
    #[serde(skip)]
    pub tokens: Vec<u32>,
}

/// Documents of the kept spans, at most `most` for each; those with the same text are one. The one with the highest BM25 comes first.
///
/// # Errors
/// When the corpus cannot be read, or keeps no documents.
pub fn sources(
    corpus: &dyn Corpus,
    ids: &[u32],
    text: &str,
    spans: &[Span],
    most: usize,
) -> Result<Vec<SourceDocument>, CorpusError> {
    let mut holding: BTreeMap<u64, Vec<(usize, u32)>> = BTreeMap::new();
    for (i, span) in spans.iter().enumerate().filter(|(_, s)| s.kept) {
        let found = corpus.occurrences_of(&ids[span.tokens[0]..span.tokens[1]], most, 0)?;
        let mut seen = BTreeSet::new();
        for hit in found.value.hits {
            if seen.insert(hit.document) {
                holding
                    .entry(hit.document)
                    .or_default()
                    .push((i, hit.position));
            }
        }
    }
    let ordinals: Vec<u64> = holding.keys().copied().collect();
    let documents = corpus.documents(&ordinals)?;
    let relevance = Bm25::new(corpus, text)?;
    let mut out: Vec<SourceDocument> = Vec::new();
    let mut by_text: BTreeMap<String, usize> = BTreeMap::new();
    for (document, spans) in documents.into_iter().zip(holding.into_values()) {
        if let Some(&known) = by_text.get(&document.text) {
            out[known].copies += 1;
            continue;
        }
        by_text.insert(document.text.clone(), out.len());
        out.push(SourceDocument {
            document: document.ordinal,
            bm25: relevance.of(&document),
            id: document.id,
            source: document.source,
            line: document.line,
            copies: 0,
            spans,
            tokens: document.tokens,
        });
    }
    out.sort_by(|a, b| b.bm25.total_cmp(&a.bm25).then(a.document.cmp(&b.document)));
    Ok(out)
}

/// BM25 with a text as the query.
struct Bm25 {
    /// Of each word of the query.
    idf: BTreeMap<String, f64>,
    /// Mean length of the corpus' documents, in tokens.
    mean: f64,
}

impl Bm25 {
    fn new(corpus: &dyn Corpus, query: &str) -> Result<Bm25, CorpusError> {
        let words: BTreeSet<String> = words_of(query).collect();
        let words: Vec<String> = words.into_iter().collect();
        let info = corpus.info();
        let all = info.documents.unwrap_or(1).max(1) as f64;
        let counts = corpus.word_document_counts(&words)?;
        let idf = |n: u64| (1.0 + (all - n as f64 + 0.5) / (n as f64 + 0.5)).ln();
        let idf = words
            .into_iter()
            .zip(counts.into_iter().map(|c| idf(c.value)));
        Ok(Bm25 {
            idf: idf.collect(),
            mean: (info.tokens as f64 / all).max(1.0),
        })
    }

    fn of(&self, document: &Document) -> f64 {
        let mut often: BTreeMap<String, usize> = BTreeMap::new();
        for word in words_of(&document.text).filter(|w| self.idf.contains_key(w)) {
            *often.entry(word).or_default() += 1;
        }
        let length = 1.0 - B + B * document.tokens.len() as f64 / self.mean;
        let one = |(word, n): (&String, &usize)| {
            let n = *n as f64;
            self.idf[word] * n * (K1 + 1.0) / (n + K1 * length)
        };
        often.iter().map(one).sum()
    }
}

/// As the corpus has them.
fn words_of(text: &str) -> impl Iterator<Item = String> + '_ {
    rotescope_text::words(text)
        .into_iter()
        .map(|w| w.text.to_owned())
}
