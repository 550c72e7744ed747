//! How many places of a few words are near a place of another one.
//!
//! The documents of a block stand one behind the other as a row of bits, and a bit is set where one of the words is. How many are set before a place
//! tells the row of a table which has how often each of the words is there up to that place; so what a window holds of all of them is the difference
//! of two rows, and nothing is searched.

use std::io;

use tantivy::DocId;

use super::walker::{Places, too_many};

/// Places of the words that stand in the lanes of a table, in the documents of a block.
pub(super) struct Near<const N: usize> {
    /// The block's first document.
    first: DocId,
    /// Words of all documents: those of a block have no more places.
    most: u64,
    /// Of each document: the bit where it begins, and one place more than its last one; 0 where it has none.
    documents: Vec<(usize, u32)>,
    /// 64 bits, and how many are set in those before.
    bits: Vec<(u64, u32)>,
    /// How often each word is at the set bits before the first, the second, and so on.
    numbers: Vec<[u32; N]>,
}

impl<const N: usize> Near<N> {
    /// For blocks of so many documents. `most`: words of all documents.
    pub(super) fn new(documents: u32, most: u64) -> Self {
        Near {
            first: 0,
            most,
            documents: vec![(0, 0); documents as usize],
            bits: Vec::new(),
            numbers: Vec::new(),
        }
    }

    /// Takes the places of the words, in documents of the block that begins with `first`.
    ///
    /// # Errors
    /// The documents are longer than all words are many, so damaged: each place takes a bit.
    pub(super) fn lay_out<'a>(
        &mut self,
        first: DocId,
        words: impl Iterator<Item = &'a Places> + Clone,
    ) -> io::Result<()> {
        self.first = first;
        for (_, length) in &mut self.documents {
            *length = 0;
        }
        for word in words.clone() {
            word.each(|document, places| {
                let (_, length) = &mut self.documents[(document - first) as usize];
                *length = (*length).max(places.last().map_or(0, |&last| last + 1));
            });
        }
        let mut all = 0;
        for (start, length) in &mut self.documents {
            *start = all;
            all += *length as usize;
        }
        if all as u64 > self.most {
            return Err(too_many());
        }
        self.bits.clear();
        self.bits.resize(all / 64 + 1, (0, 0));
        for word in words.clone() {
            word.each(|document, places| {
                let (start, _) = self.documents[(document - first) as usize];
                for &place in places {
                    let bit = start + place as usize;
                    self.bits[bit / 64].0 |= 1 << (bit % 64);
                }
            });
        }
        let mut set = 0;
        for (bits, before) in &mut self.bits {
            *before = set;
            set += bits.count_ones();
        }
        self.numbers.clear();
        self.numbers.resize(set as usize + 1, [0; N]);
        for (lane, word) in words.enumerate() {
            word.each(|document, places| {
                let (start, _) = self.documents[(document - first) as usize];
                for &place in places {
                    self.numbers[before(&self.bits, start + place as usize) + 1][lane] = 1;
                }
            });
        }
        let mut sums = [0; N];
        for numbers in &mut self.numbers {
            for (sum, number) in sums.iter_mut().zip(numbers) {
                *sum += *number;
                *number = *sum;
            }
        }
        Ok(())
    }

    /// Whether any of the words is in the document.
    #[inline]
    pub(super) fn has(&self, document: DocId) -> bool {
        self.documents[(document - self.first) as usize].1 > 0
    }

    /// Adds to the sum of each word its places that are at most `n` from one of those in the document.
    #[inline]
    pub(super) fn add(&self, document: DocId, places: &[u32], n: u32, sums: &mut [u64; N]) {
        let (start, length) = self.documents[(document - self.first) as usize];
        let numbers =
            |place: u32| &self.numbers[before(&self.bits, start + place.min(length) as usize)];
        // By value, so that the processor adds all words at once.
        let mut found = *sums;
        for &place in places {
            let end = *numbers(place.saturating_add(n).saturating_add(1));
            let begin = *numbers(place.saturating_sub(n));
            for k in 0..N {
                found[k] += u64::from(end[k].wrapping_sub(begin[k]));
            }
        }
        *sums = found;
    }
}

/// How many bits are set before one.
#[inline]
fn before(bits: &[(u64, u32)], bit: usize) -> usize {
    let (word, before) = bits[bit / 64];
    before as usize + (word & ((1 << (bit % 64)) - 1)).count_ones() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{DocumentIndex, DocumentWriter, LEAST_MEMORY};
    use crate::read::RawDocument;

    #[test]
    fn places_take_no_more_bits_than_there_are_words() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("documents");
        let mut writer = DocumentWriter::create(&folder, LEAST_MEMORY).unwrap();
        for ordinal in 0..2 {
            let raw = RawDocument::of("b b b a a");
            writer.push(ordinal, 0, raw).unwrap();
        }
        writer.finish().unwrap();
        let index = DocumentIndex::open(&folder).unwrap();
        let mut places = Places::of_word(&index, "a");
        places.want(0, 2);
        places.want(1, 2);
        places.read(10).unwrap();
        let laid_out = |most| {
            let mut near = Near::<1>::new(2, most);
            near.lay_out(0, std::iter::once(&places)).map(|()| near)
        };
        assert!(laid_out(9).is_err());
        let near = laid_out(10).unwrap();
        assert!(near.has(0) && near.has(1));
        // 3 is near 1; 3 and 4 are near 4.
        let mut sums = [0];
        near.add(1, &[1, 4], 2, &mut sums);
        assert_eq!(sums, [1 + 2]);
    }
}
