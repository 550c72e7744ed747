//! Walking the postings of one word.

use std::cell::Cell;
use std::io;

use tantivy::postings::{BlockSegmentPostings, Postings, SegmentPostings};
use tantivy::{DocId, DocSet, TERMINATED};

use super::lengths::Window;

/// Goes through the documents of a word, with its number in each, forward only.
pub(super) struct Walker {
    postings: BlockSegmentPostings,
    /// Place within the block of postings that is decoded.
    at: usize,
}

impl Default for Walker {
    fn default() -> Self {
        Walker::new(BlockSegmentPostings::empty())
    }
}

impl Walker {
    pub(super) fn new(postings: BlockSegmentPostings) -> Self {
        Walker { postings, at: 0 }
    }

    /// The next document; [`TERMINATED`] behind the last.
    pub(super) fn document(&self) -> DocId {
        let next = self.postings.docs().get(self.at);
        next.copied().unwrap_or(TERMINATED)
    }

    /// Goes on to the first document that is `target` or behind it. Goes on in any case where the next one is before it: damaged postings have an
    /// end too, though no order.
    pub(super) fn seek(&mut self, target: DocId) {
        let Some(left) = self.postings.docs().get(self.at..) else {
            return;
        };
        match left.last() {
            None => {}
            Some(&last) if last >= target => self.at += before(left, target),
            Some(_) => self.at = self.postings.seek(target),
        }
    }

    /// Calls `visit` with each document before `end` and the word's number in it; whether there is any.
    #[inline]
    pub(super) fn each(&mut self, end: DocId, mut visit: impl FnMut(DocId, u32)) -> bool {
        let mut any = false;
        loop {
            let documents = self.postings.docs().get(self.at..).unwrap_or_default();
            let numbers = self.postings.freqs().get(self.at..).unwrap_or_default();
            let Some(&last) = documents.last() else {
                return any;
            };
            let count = if last < end {
                documents.len()
            } else {
                before(documents, end)
            };
            any |= count > 0;
            for (&document, &number) in documents[..count].iter().zip(numbers) {
                visit(document, number);
            }
            if last >= end {
                self.at += count;
                return any;
            }
            self.postings.advance();
            self.at = 0;
        }
    }
}

/// How many documents at the beginning are before `end`; one at least if the first is, whatever their order.
fn before(documents: &[DocId], end: DocId) -> usize {
    let first = documents.first().is_some_and(|&d| d < end);
    documents
        .partition_point(|&d| d < end)
        .max(usize::from(first))
}

/// Adds the positions of a word in the document that its postings are at.
///
/// # Errors
/// They are more than `most` in all, so damaged: memory is taken for as many as the postings say, before any is read.
pub(super) fn add_positions(
    postings: &mut SegmentPostings,
    most: u64,
    positions: &mut Vec<u32>,
) -> io::Result<()> {
    if positions.len() as u64 + u64::from(postings.term_freq()) > most {
        let what = "a word is there more often than all words are";
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    postings.append_positions_with_offset(0, positions);
    Ok(())
}

/// The positions of a word in the documents that are longer than a window.
pub(super) struct Held {
    documents: Vec<DocId>,
    /// Where each document's positions begin; one more at the end.
    starts: Vec<usize>,
    positions: Vec<u32>,
    /// Place of the document that was asked for last.
    last: Cell<usize>,
}

impl Default for Held {
    fn default() -> Self {
        Held {
            documents: Vec::new(),
            starts: vec![0],
            positions: Vec::new(),
            last: Cell::new(0),
        }
    }
}

impl Held {
    /// `most`: words of all documents.
    pub(super) fn read(
        mut postings: SegmentPostings,
        window: &Window,
        most: u64,
    ) -> io::Result<Self> {
        let mut held = Held::default();
        while postings.doc() != TERMINATED {
            if !window.spans(postings.doc()) {
                held.documents.push(postings.doc());
                add_positions(&mut postings, most, &mut held.positions)?;
                held.starts.push(held.positions.len());
            }
            postings.advance();
        }
        Ok(held)
    }

    /// The place of a document, which may not come before the one that was asked for last.
    pub(super) fn place(&self, document: DocId) -> u32 {
        let mut at = self.last.get();
        // Mostly it is this one or the next.
        if self.documents.get(at).is_some_and(|&d| d < document) {
            at += 1;
        }
        if self.documents.get(at).is_some_and(|&d| d < document) {
            at += self.documents[at..].partition_point(|&d| d < document);
        }
        self.last.set(at);
        at as u32
    }

    /// The positions in the document at a place.
    pub(super) fn positions(&self, place: u32) -> &[u32] {
        let place = place as usize;
        match (self.starts.get(place), self.starts.get(place + 1)) {
            (Some(&start), Some(&end)) => &self.positions[start..end],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use tantivy::schema::IndexRecordOption;

    use super::*;
    use crate::documents::{DocumentIndex, DocumentWriter, LEAST_MEMORY};
    use crate::read::RawDocument;

    #[test]
    fn positions_are_read_while_they_can_be_those_of_all_words() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("documents");
        // One thread, so one segment.
        let mut writer = DocumentWriter::create(&folder, LEAST_MEMORY).unwrap();
        for (ordinal, text) in ["a b a a", "b a"].into_iter().enumerate() {
            let raw = RawDocument {
                text: text.into(),
                id: None,
                meta: serde_json::Map::new(),
                line: 1,
                byte: 0,
            };
            writer.push(ordinal as u64, 0, raw).unwrap();
        }
        writer.finish().unwrap();
        let index = DocumentIndex::open(&folder).unwrap();
        assert_eq!((index.documents(), index.words().unwrap()), (2, 6));
        let segment = &index.searcher.segment_readers()[0];
        let words = segment.inverted_index(index.fields.text).unwrap();
        let term = index.term(&words, "a").unwrap().unwrap();
        let option = IndexRecordOption::WithFreqsAndPositions;
        let mut postings = words.read_postings_from_terminfo(&term, option).unwrap();
        let mut positions = Vec::new();
        add_positions(&mut postings, 2, &mut positions).unwrap_err();
        add_positions(&mut postings, 3, &mut positions).unwrap();
        assert_eq!(positions, [0, 2, 3]);
        postings.advance();
        // What was read before counts too.
        add_positions(&mut postings, 3, &mut positions).unwrap_err();
        add_positions(&mut postings, 4, &mut positions).unwrap();
        assert_eq!(positions, [0, 2, 3, 1]);
    }

    #[test]
    fn what_is_before_a_document_is_found_in_any_order() {
        assert_eq!(before(&[], 5), 0);
        assert_eq!(before(&[1, 4, 5, 9], 5), 2);
        assert_eq!(before(&[5, 9], 5), 0);
        assert_eq!(before(&[1, 2], 5), 2);
        // Damaged: no order, but an end.
        assert_eq!(before(&[4, 9, 9, 9, 1], 5), 1);
    }

    #[test]
    fn places_of_documents_are_found_forward() {
        let held = Held {
            documents: vec![2, 3, 7, 11, 20],
            starts: vec![0, 1, 3, 3, 4, 6],
            positions: vec![9, 8, 7, 6, 5, 4],
            last: Cell::new(0),
        };
        let found: Vec<_> = [2, 2, 3, 11, 20].map(|d| held.place(d)).into();
        assert_eq!(found, [0, 0, 1, 3, 4]);
        let of = |place| held.positions(place).to_vec();
        assert_eq!(
            [of(0), of(1), of(2), of(4), of(5)],
            [vec![9], vec![8, 7], vec![], vec![5, 4], vec![]]
        );
        assert!(Held::default().positions(0).is_empty());
    }
}
