//! Counting words from tantivy's postings, block by block.

use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, InvertedIndexReader, Term};

use super::index::DocumentIndex;
use crate::error::CorpusError;
use crate::sets::{DocumentSet, Gathered};

/// Documents of a block of postings.
const BLOCK: usize = 128;

impl DocumentIndex {
    /// How often each word occurs.
    pub(crate) fn word_counts(&self, words: &[String]) -> Result<Vec<u64>, CorpusError> {
        self.summed(words, |index, term| {
            let mut count = 0;
            self.each_block(index, term, IndexRecordOption::WithFreqs, |block| {
                count += block.freqs().iter().map(|&n| u64::from(n)).sum::<u64>();
                Ok(())
            })?;
            Ok(count)
        })
    }

    /// How many documents hold each word.
    pub(crate) fn word_document_counts(&self, words: &[String]) -> Result<Vec<u64>, CorpusError> {
        // Nothing is ever deleted, so the dictionary's number is exact.
        self.summed(words, |_, term| Ok(u64::from(term.doc_freq)))
    }

    /// How many documents hold the word at least twice.
    pub(crate) fn documents_with_two(&self, word: &String) -> Result<u64, CorpusError> {
        let counts = self.summed(std::slice::from_ref(word), |index, term| {
            let mut count = 0;
            self.each_block(index, term, IndexRecordOption::WithFreqs, |block| {
                count += block.freqs().iter().filter(|&&n| n >= 2).count() as u64;
                Ok(())
            })?;
            Ok(count)
        });
        Ok(counts?[0])
    }

    /// A count of each word, summed over the segments that have it.
    fn summed(
        &self,
        words: &[String],
        count: impl Fn(&InvertedIndexReader, &TermInfo) -> Result<u64, CorpusError>,
    ) -> Result<Vec<u64>, CorpusError> {
        self.ask(|| {
            let mut counts = vec![0; words.len()];
            for segment in self.searcher.segment_readers() {
                let index = segment
                    .inverted_index(self.fields.text)
                    .map_err(|e| self.failed(e))?;
                for (word, sum) in words.iter().zip(&mut counts) {
                    if let Some(term) = self.term(&index, word)? {
                        *sum += count(&index, &term)?;
                    }
                }
            }
            Ok(counts)
        })
    }

    /// The documents that hold a word, by ordinal.
    pub(crate) fn word_documents(&self, word: &str) -> Result<DocumentSet, CorpusError> {
        self.ask(|| {
            let ordinals = self.ordinals()?;
            let mut places = [None; BLOCK];
            self.documents_of(word, |gathered, segment, documents| {
                let places = &mut places[..documents.len()];
                places.fill(None);
                ordinals[segment].first_vals(documents, places);
                for &ordinal in &*places {
                    gathered.add(ordinal.ok_or_else(|| {
                        CorpusError::damaged(&self.folder, "a document has no ordinal".to_string())
                    })?);
                }
                Ok(())
            })
        })
    }

    /// The documents that hold a word, by their places in the segments, one segment behind the other: quicker to find than ordinals, and as good
    /// where sets of words meet.
    pub(crate) fn word_places(&self, word: &str) -> Result<DocumentSet, CorpusError> {
        let mut all = 0u64;
        let segments = self.searcher.segment_readers().iter();
        let before = segments.map(|segment| {
            let before = all;
            all += u64::from(segment.max_doc());
            before
        });
        let before: Vec<u64> = before.collect();
        self.ask(|| {
            self.documents_of(word, |gathered, segment, documents| {
                gathered.add_all(before[segment], documents);
                Ok(())
            })
        })
    }

    /// Calls `add` with each block of a word's documents, and the number of their segment.
    fn documents_of(
        &self,
        word: &str,
        mut add: impl FnMut(&mut Gathered, usize, &[DocId]) -> Result<(), CorpusError>,
    ) -> Result<DocumentSet, CorpusError> {
        let mut found = Vec::new();
        for (number, segment) in self.searcher.segment_readers().iter().enumerate() {
            let index = segment
                .inverted_index(self.fields.text)
                .map_err(|e| self.failed(e))?;
            if let Some(term) = self.term(&index, word)? {
                found.push((index, term, number));
            }
        }
        let most = found.iter().map(|(_, t, _)| t.doc_freq as usize).sum();
        let mut gathered = Gathered::new(most, self.documents());
        for (index, term, number) in found {
            self.each_block(&index, &term, IndexRecordOption::Basic, |block| {
                add(&mut gathered, number, block.docs())
            })?;
        }
        Ok(gathered.finish())
    }

    /// Calls `visit` with each block of a word's documents.
    fn each_block(
        &self,
        index: &InvertedIndexReader,
        term: &TermInfo,
        option: IndexRecordOption,
        mut visit: impl FnMut(&BlockSegmentPostings) -> Result<(), CorpusError>,
    ) -> Result<(), CorpusError> {
        let mut postings = index
            .read_block_postings_from_terminfo(term, option)
            .map_err(|e| self.failed(e.into()))?;
        while !postings.docs().is_empty() {
            visit(&postings)?;
            postings.advance();
        }
        Ok(())
    }

    /// What a segment's dictionary has of a word.
    pub(super) fn term(
        &self,
        index: &InvertedIndexReader,
        word: &str,
    ) -> Result<Option<TermInfo>, CorpusError> {
        // What stands for words that are too long is no word.
        if word.is_empty() {
            return Ok(None);
        }
        let term = Term::from_field_text(self.fields.text, word);
        index
            .get_term_info(&term)
            .map_err(|e| self.failed(e.into()))
    }
}
