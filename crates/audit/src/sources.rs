//! The documents behind the spans that are kept, the most relevant to the text first.

use std::collections::{BTreeMap, BTreeSet};

use rotescope_corpus::{Corpus, CorpusError};
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
    /// Indices of the spans, and the tokens of the document before each, where they are known.
    pub spans: Vec<(usize, Option<u32>)>,
    #[serde(skip)]
    pub tokens: Vec<u32>,
}

/// A part of a document that was found behind a span by somebody else.
#[derive(Debug, Clone)]
pub struct FoundDocument {
    /// Index of the span.
    pub span: usize,
    pub document: u64,
    pub id: Option<String>,
    pub source: String,
    pub line: u64,
    /// The part that is known.
    pub text: String,
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
    let mut holding: BTreeMap<u64, Vec<(usize, Option<u32>)>> = BTreeMap::new();
    for (i, span) in spans.iter().enumerate().filter(|(_, s)| s.kept) {
        let found = corpus.occurrences_of(&ids[span.tokens[0]..span.tokens[1]], most, 0)?;
        let mut seen = BTreeSet::new();
        for hit in found.value.hits {
            if seen.insert(hit.document) {
                holding
                    .entry(hit.document)
                    .or_default()
                    .push((i, Some(hit.position)));
            }
        }
    }
    let ordinals: Vec<u64> = holding.keys().copied().collect();
    let documents = corpus.documents(&ordinals)?;
    let relevance = Bm25::of_corpus(corpus, text)?;
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
            bm25: relevance.of(&document.text, document.tokens.len()),
            id: document.id,
            source: document.source,
            line: document.line,
            copies: 0,
            spans,
            tokens: document.tokens,
        });
    }
    sort(&mut out);
    Ok(out)
}

/// Documents that somebody else found behind spans; those with the same text are one. The one with the highest BM25 comes first: among these
/// documents, as OLMoTrace has it, for nothing is known of the others.
pub fn ranked(text: &str, found: Vec<FoundDocument>) -> Vec<SourceDocument> {
    let mut texts: Vec<&str> = found.iter().map(|d| d.text.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    let relevance = Bm25::of_texts(&texts, text);
    let mut out: Vec<SourceDocument> = Vec::new();
    let mut by_text: BTreeMap<String, usize> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for document in found {
        let FoundDocument { span, text, .. } = document;
        let is_new = seen.insert(document.document);
        if let Some(&known) = by_text.get(&text) {
            let known = &mut out[known];
            known.copies += usize::from(is_new);
            if !known.spans.iter().any(|s| s.0 == span) {
                known.spans.push((span, None));
            }
            continue;
        }
        let length = words_of(&text).count();
        out.push(SourceDocument {
            document: document.document,
            id: document.id,
            source: document.source,
            line: document.line,
            bm25: relevance.of(&text, length),
            copies: 0,
            spans: vec![(span, None)],
            tokens: Vec::new(),
        });
        by_text.insert(text, out.len() - 1);
    }
    sort(&mut out);
    out
}

fn sort(documents: &mut [SourceDocument]) {
    documents.sort_by(|a, b| b.bm25.total_cmp(&a.bm25).then(a.document.cmp(&b.document)));
}

/// BM25 with a text as the query.
struct Bm25 {
    /// Of each word of the query.
    idf: BTreeMap<String, f64>,
    /// Mean length of the documents.
    mean: f64,
}

impl Bm25 {
    /// Lengths are in tokens.
    fn of_corpus(corpus: &dyn Corpus, query: &str) -> Result<Bm25, CorpusError> {
        let words: BTreeSet<String> = words_of(query).collect();
        let words: Vec<String> = words.into_iter().collect();
        let info = corpus.info();
        let all = info.documents.unwrap_or(1).max(1);
        let counts = corpus.word_document_counts(&words)?;
        let idf = counts.into_iter().map(|c| idf(c.value, all));
        Ok(Bm25 {
            idf: words.into_iter().zip(idf).collect(),
            mean: (info.tokens as f64 / all as f64).max(1.0),
        })
    }

    /// Lengths are in words.
    fn of_texts(texts: &[&str], query: &str) -> Bm25 {
        let mut holding: BTreeMap<String, u64> = words_of(query).map(|w| (w, 0)).collect();
        let mut length = 0;
        for text in texts {
            let words: Vec<String> = words_of(text).collect();
            length += words.len();
            for word in words.into_iter().collect::<BTreeSet<String>>() {
                holding.entry(word).and_modify(|n| *n += 1);
            }
        }
        let all = texts.len().max(1);
        let idf = holding.into_iter().map(|(w, n)| (w, idf(n, all as u64)));
        Bm25 {
            idf: idf.collect(),
            mean: (length as f64 / all as f64).max(1.0),
        }
    }

    /// Of a document of some length.
    fn of(&self, text: &str, length: usize) -> f64 {
        let mut often: BTreeMap<String, usize> = BTreeMap::new();
        for word in words_of(text).filter(|w| self.idf.contains_key(w)) {
            *often.entry(word).or_default() += 1;
        }
        let length = 1.0 - B + B * length as f64 / self.mean;
        let one = |(word, n): (&String, &usize)| {
            let n = *n as f64;
            self.idf[word] * n * (K1 + 1.0) / (n + K1 * length)
        };
        often.iter().map(one).sum()
    }
}

/// How telling a word is that so many of all documents hold.
fn idf(holding: u64, all: u64) -> f64 {
    let (n, all) = (holding as f64, all as f64);
    (1.0 + (all - n + 0.5) / (n + 0.5)).ln()
}

/// As the corpus has them.
fn words_of(text: &str) -> impl Iterator<Item = String> + '_ {
    rotescope_text::words(text)
        .into_iter()
        .map(|w| w.text.to_owned())
}
