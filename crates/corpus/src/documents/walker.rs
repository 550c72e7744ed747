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
