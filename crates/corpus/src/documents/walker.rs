//! Walking the postings of one word.

use std::io;
use std::ops::Range;

use tantivy::positions::PositionReader;
use tantivy::postings::{BlockSegmentPostings, Postings, SegmentPostings};
use tantivy::{DocId, TERMINATED};

/// Positions of a block, which are unpacked together.
const BLOCK: u64 = 128;

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
        return Err(too_many());
    }
    postings.append_positions_with_offset(0, positions);
    Ok(())
}

/// Postings say what cannot be.
pub(super) fn too_many() -> io::Error {
    let what = "a word is there more often than all words are";
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Where a word is in some of its documents, read forward: first which documents, then all their positions at once.
#[derive(Default)]
pub(super) struct Places {
    /// None where no positions are needed.
    reader: Option<PositionReader>,
    /// Positions in the documents before.
    offset: u64,
    /// Which positions are to be read.
    wanted: Vec<Range<u64>>,
    /// Documents whose positions are wanted, each with how many there are.
    documents: Vec<(DocId, u32)>,
    positions: Vec<u32>,
}

impl Places {
    pub(super) fn new(reader: PositionReader) -> Self {
        Places {
            reader: Some(reader),
            ..Places::default()
        }
    }

    /// The next document has so many positions, which are not needed.
    #[inline]
    pub(super) fn pass(&mut self, number: u32) {
        self.offset += u64::from(number);
    }

    /// The next document has so many positions, and they are needed.
    #[inline]
    pub(super) fn want(&mut self, document: DocId, number: u32) {
        let start = self.offset;
        self.pass(number);
        match self.wanted.last_mut() {
            Some(last) if last.end == start => last.end = self.offset,
            _ => self.wanted.push(start..self.offset),
        }
        self.documents.push((document, number));
    }

    /// Reads what is wanted.
    ///
    /// # Errors
    /// There are more than `most` positions, or one is not below it, so they are damaged: memory is taken for as many as the postings say, before
    /// any is read.
    pub(super) fn read(&mut self, most: u64) -> io::Result<()> {
        let Some(reader) = &mut self.reader else {
            return Ok(());
        };
        let all: u64 = self.wanted.iter().map(|w| w.end - w.start).sum();
        if all > most {
            return Err(too_many());
        }
        self.positions.resize(all as usize, 0);
        let mut left = &mut self.positions[..];
        for wanted in &self.wanted {
            let mut at = wanted.start;
            while at < wanted.end {
                // No further than a block: the reader adds up the widths of all blocks of a call for each of them.
                let end = (at / BLOCK + 1) * BLOCK;
                let (piece, rest) = left.split_at_mut((wanted.end.min(end) - at) as usize);
                reader.read(at, piece);
                at += piece.len() as u64;
                left = rest;
            }
        }
        let mut left = &mut self.positions[..];
        for &(_, number) in &self.documents {
            let (own, rest) = left.split_at_mut(number as usize);
            let mut at = 0u32;
            for position in own {
                at = at.wrapping_add(*position);
                *position = at;
            }
            if u64::from(at) >= most {
                return Err(too_many());
            }
            left = rest;
        }
        Ok(())
    }

    /// Calls `visit` with each document that is wanted, and the positions in it.
    #[inline]
    pub(super) fn each(&self, mut visit: impl FnMut(DocId, &[u32])) {
        let mut left = &self.positions[..];
        for &(document, number) in &self.documents {
            let (own, rest) = left.split_at(number as usize);
            visit(document, own);
            left = rest;
        }
    }

    /// Wants none of those any more.
    pub(super) fn forget(&mut self) {
        self.wanted.clear();
        self.documents.clear();
        self.positions.clear();
    }
}

#[cfg(test)]
impl Places {
    /// Those of a word in the first segment.
    pub(super) fn of_word(index: &super::DocumentIndex, word: &str) -> Places {
        let segment = &index.searcher.segment_readers()[0];
        let words = segment.inverted_index(index.fields.text).unwrap();
        let term = index.term(&words, word).unwrap().unwrap();
        let component = tantivy::index::SegmentComponent::Positions;
        let file = segment.open_read(component).unwrap();
        let fields = tantivy::directory::CompositeFile::open(&file).unwrap();
        let positions = fields.open_read(index.fields.text).unwrap();
        let bytes = positions.read_bytes_slice(term.positions_range).unwrap();
        Places::new(PositionReader::open(bytes).unwrap())
    }
}

#[cfg(test)]
mod tests {
    use tantivy::DocSet;
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
            writer
                .push(ordinal as u64, 0, RawDocument::of(text))
                .unwrap();
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
    fn wanted_places_are_those_of_each_document() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("documents");
        let mut writer = DocumentWriter::create(&folder, LEAST_MEMORY).unwrap();
        // Each third word, so that there are more than a block of them in one document.
        let lengths = [5u32, 1000, 2, 7, 700, 1];
        for (ordinal, &length) in lengths.iter().enumerate() {
            let words = (0..length).map(|at| if at % 3 == 0 { "a" } else { "b" });
            let raw = RawDocument::of(&words.collect::<Vec<_>>().join(" "));
            writer.push(ordinal as u64, 0, raw).unwrap();
        }
        writer.finish().unwrap();
        let index = DocumentIndex::open(&folder).unwrap();
        let most = index.words().unwrap();
        for wanted in [
            vec![0, 1, 2, 3, 4, 5],
            vec![1, 4],
            vec![3],
            vec![0, 4, 5],
            vec![],
        ] {
            let mut places = Places::of_word(&index, "a");
            // Twice two documents and then the others, as blocks of documents are.
            let mut found = Vec::new();
            for documents in [0..2, 2..4, 4..6] {
                places.forget();
                for document in documents {
                    let number = lengths[document as usize].div_ceil(3);
                    match wanted.contains(&document) {
                        true => places.want(document, number),
                        false => places.pass(number),
                    }
                }
                places.read(most).unwrap();
                places.each(|document, own| found.push((document, own.to_vec())));
            }
            let of = |&document: &u32| {
                let places = (0..lengths[document as usize]).step_by(3).collect();
                (document, places)
            };
            assert_eq!(found, wanted.iter().map(of).collect::<Vec<_>>());
        }
        let read = |most| {
            let mut places = Places::of_word(&index, "a");
            places.pass(2);
            places.want(1, 334);
            places.read(most)
        };
        // The last is the 999th.
        read(1000).unwrap();
        read(999).unwrap_err();
        read(333).unwrap_err();
    }
}
