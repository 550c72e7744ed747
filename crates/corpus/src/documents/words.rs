//! Counting words and pairs of words from tantivy's postings.

use std::collections::HashMap;
use std::convert::Infallible;

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, InvertedIndexReader, TERMINATED, Term};

use super::index::DocumentIndex;
use crate::cooccur::Cooccur;
use crate::error::CorpusError;
use crate::ngrams::count_pairs;
use crate::sets::{DocumentSet, WordDocuments};

/// Beyond this ratio of documents, a frequent word is looked up only where the rare one is.
const MUCH_RARER: u32 = 32;

/// The occurrences of one word in one segment, in memory.
struct Held {
    documents: Vec<u32>,
    /// Where each document's positions begin; one more at the end.
    starts: Vec<usize>,
    positions: Vec<u32>,
}

impl DocumentIndex {
    /// How often each word occurs.
    pub(crate) fn word_counts(&self, words: &[String]) -> Result<Vec<u64>, CorpusError> {
        self.summed(words, |index, word| {
            let Some(mut postings) = self.postings(index, word, IndexRecordOption::WithFreqs)?
            else {
                return Ok(0);
            };
            let mut count = 0;
            while postings.doc() != TERMINATED {
                count += u64::from(postings.term_freq());
                postings.advance();
            }
            Ok(count)
        })
    }

    /// How many documents hold each word.
    pub(crate) fn word_document_counts(&self, words: &[String]) -> Result<Vec<u64>, CorpusError> {
        // Nothing is ever deleted, so the dictionary's number is exact.
        self.summed(words, |index, word| {
            Ok(u64::from(self.doc_freq(index, word)?))
        })
    }

    /// A count of each word, summed over the segments.
    fn summed(
        &self,
        words: &[String],
        count: impl Fn(&InvertedIndexReader, &str) -> Result<u64, CorpusError>,
    ) -> Result<Vec<u64>, CorpusError> {
        self.ask(|| {
            let mut counts = vec![0; words.len()];
            for segment in self.searcher.segment_readers() {
                let index = segment
                    .inverted_index(self.fields.text)
                    .map_err(|e| self.failed(e))?;
                for (word, sum) in words.iter().zip(&mut counts) {
                    *sum += count(&index, word)?;
                }
            }
            Ok(counts)
        })
    }

    /// The documents that hold a word, by ordinal.
    pub(crate) fn word_documents(&self, word: &str) -> Result<WordDocuments, CorpusError> {
        self.ask(|| self.documents_of(word))
    }

    fn documents_of(&self, word: &str) -> Result<WordDocuments, CorpusError> {
        let (mut once, mut twice) = (Vec::new(), Vec::new());
        for segment in self.searcher.segment_readers() {
            let index = segment
                .inverted_index(self.fields.text)
                .map_err(|e| self.failed(e))?;
            let Some(mut postings) = self.postings(&index, word, IndexRecordOption::WithFreqs)?
            else {
                continue;
            };
            let ordinals = segment
                .fast_fields()
                .u64("ordinal")
                .map_err(|e| self.failed(e))?;
            while postings.doc() != TERMINATED {
                let ordinal = ordinals.first(postings.doc()).ok_or_else(|| {
                    CorpusError::damaged(&self.folder, "a document has no ordinal".to_string())
                })?;
                once.push(ordinal);
                if postings.term_freq() >= 2 {
                    twice.push(ordinal);
                }
                postings.advance();
            }
        }
        let documents = self.documents();
        Ok(WordDocuments {
            once: DocumentSet::new(once, documents),
            twice: DocumentSet::new(twice, documents),
        })
    }

    /// How often the words of each pair occur together.
    pub(crate) fn cooccurs(
        &self,
        pairs: &[(String, String)],
        how: Cooccur,
    ) -> Result<Vec<u64>, CorpusError> {
        self.ask(|| self.together(pairs, how))
    }

    fn together(&self, pairs: &[(String, String)], how: Cooccur) -> Result<Vec<u64>, CorpusError> {
        let mut counts = vec![0; pairs.len()];
        // One segment after the other, so that no more than one segment's occurrences are in memory.
        for segment in self.searcher.segment_readers() {
            let index = segment
                .inverted_index(self.fields.text)
                .map_err(|e| self.failed(e))?;
            let mut read: HashMap<&str, Option<Held>> = HashMap::new();
            for ((a, b), count) in pairs.iter().zip(&mut counts) {
                let (a_docs, b_docs) = (self.doc_freq(&index, a)?, self.doc_freq(&index, b)?);
                let (rare, rare_docs, other, other_docs) = if a_docs <= b_docs {
                    (a.as_str(), a_docs, b.as_str(), b_docs)
                } else {
                    (b.as_str(), b_docs, a.as_str(), a_docs)
                };
                if rare_docs == 0 {
                    continue;
                }
                self.remember(&mut read, &index, rare, how)?;
                if rare != other && !read.contains_key(other) {
                    if rare_docs.saturating_mul(MUCH_RARER) < other_docs {
                        let postings = self.postings(&index, other, option(how))?;
                        if let (Some(held), Some(postings)) = (&read[rare], postings) {
                            *count += seek_pairs(held, postings, how);
                        }
                        continue;
                    }
                    self.remember(&mut read, &index, other, how)?;
                }
                if let (Some(a), Some(b)) = (&read[rare], &read[other]) {
                    *count += if rare == other {
                        with_itself(a, how)
                    } else {
                        both(a, b, how)
                    };
                }
            }
        }
        Ok(counts)
    }

    fn remember<'a>(
        &self,
        read: &mut HashMap<&'a str, Option<Held>>,
        index: &InvertedIndexReader,
        word: &'a str,
        how: Cooccur,
    ) -> Result<(), CorpusError> {
        if !read.contains_key(word) {
            let postings = self.postings(index, word, option(how))?;
            read.insert(word, postings.map(|p| Held::read(p, how)));
        }
        Ok(())
    }

    fn postings(
        &self,
        index: &InvertedIndexReader,
        word: &str,
        option: IndexRecordOption,
    ) -> Result<Option<SegmentPostings>, CorpusError> {
        let term = Term::from_field_text(self.fields.text, word);
        index
            .read_postings(&term, option)
            .map_err(|e| self.failed(e.into()))
    }

    fn doc_freq(&self, index: &InvertedIndexReader, word: &str) -> Result<u32, CorpusError> {
        let term = Term::from_field_text(self.fields.text, word);
        index.doc_freq(&term).map_err(|e| self.failed(e.into()))
    }
}

/// What has to be read of the postings.
fn option(how: Cooccur) -> IndexRecordOption {
    match how {
        // How often a word is in a document tells whether it is with itself.
        Cooccur::Document => IndexRecordOption::WithFreqs,
        Cooccur::Window(_) => IndexRecordOption::WithFreqsAndPositions,
    }
}

impl Held {
    fn read(mut postings: SegmentPostings, how: Cooccur) -> Self {
        let mut held = Held {
            documents: Vec::with_capacity(postings.size_hint() as usize),
            starts: vec![0],
            positions: Vec::new(),
        };
        let mut total = 0;
        while postings.doc() != TERMINATED {
            held.documents.push(postings.doc());
            total += postings.term_freq() as usize;
            held.starts.push(total);
            if let Cooccur::Window(_) = how {
                postings.append_positions_with_offset(0, &mut held.positions);
            }
            postings.advance();
        }
        held
    }

    fn positions(&self, i: usize) -> &[u32] {
        &self.positions[self.starts[i]..self.starts[i + 1]]
    }
}

fn within(a: &[u32], b: &[u32], n: u32) -> u64 {
    let Ok(pairs) = count_pairs(a, b, n, |_| Ok::<_, Infallible>(0..u32::MAX));
    pairs
}

fn both(a: &Held, b: &Held, how: Cooccur) -> u64 {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while i < a.documents.len() && j < b.documents.len() {
        match a.documents[i].cmp(&b.documents[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                count += match how {
                    Cooccur::Document => 1,
                    Cooccur::Window(n) => within(a.positions(i), b.positions(j), n),
                };
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    count
}

fn with_itself(a: &Held, how: Cooccur) -> u64 {
    let counts = a.starts.windows(2).enumerate().map(|(i, w)| match how {
        Cooccur::Document => u64::from(w[1] - w[0] >= 2),
        Cooccur::Window(n) => {
            let positions = a.positions(i);
            within(positions, positions, n).saturating_sub(positions.len() as u64) / 2
        }
    });
    counts.sum()
}

fn seek_pairs(rare: &Held, mut other: SegmentPostings, how: Cooccur) -> u64 {
    let mut count = 0;
    let mut positions = Vec::new();
    for (i, &document) in rare.documents.iter().enumerate() {
        if other.doc() < document {
            other.seek(document);
        }
        if other.doc() != document {
            continue;
        }
        count += match how {
            Cooccur::Document => 1,
            Cooccur::Window(n) => {
                other.positions(&mut positions);
                within(rare.positions(i), &positions, n)
            }
        };
    }
    count
}
