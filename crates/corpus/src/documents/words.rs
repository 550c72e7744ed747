//! Counting words from tantivy's postings, block by block.

use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{InvertedIndexReader, Term};

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
        self.ask(|| self.documents_of(word))
    }

    fn documents_of(&self, word: &str) -> Result<DocumentSet, CorpusError> {
        let mut found = Vec::new();
        let segments = self.searcher.segment_readers().iter();
        for (segment, ordinals) in segments.zip(self.ordinals()?) {
            let index = segment
                .inverted_index(self.fields.text)
                .map_err(|e| self.failed(e))?;
            if let Some(term) = self.term(&index, word)? {
                found.push((index, term, ordinals));
            }
        }
        let most = found
            .iter()
            .map(|(_, term, _)| term.doc_freq as usize)
            .sum();
        let mut gathered = Gathered::new(most, self.documents());
        let mut places = [None; BLOCK];
        for (index, term, ordinals) in found {
            self.each_block(&index, &term, IndexRecordOption::Basic, |block| {
                let documents = block.docs();
                let places = &mut places[..documents.len()];
                places.fill(None);
                ordinals.first_vals(documents, places);
                for &ordinal in &*places {
                    gathered.add(ordinal.ok_or_else(|| {
                        CorpusError::damaged(&self.folder, "a document has no ordinal".to_string())
                    })?);
                }
                Ok(())
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
