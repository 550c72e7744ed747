//! How often pairs of n-grams occur together within a window.
//!
//! In a document that is no longer than the window their numbers multiply. So for the n-grams that are in most pairs of a batch a table has their
//! numbers in each document, and each occurrence of another n-gram adds the row of its document: nothing is sorted, and each n-gram is read once
//! however many pairs it is in. Positions are gathered and sorted of longer documents only.

use std::ops::Range;

use super::index::NgramIndex;
use super::pairs::{SCAN_COST, count_pairs};
use super::shard::Shard;
use super::sort::sorted;
use crate::checksums::Read;
use crate::cooccur::Cooccur;
use crate::error::CorpusError;
use crate::group::{Group, LANES, Pair, numbered};

/// Two n-grams with fewer occurrences than one in so many documents need no table of all documents.
const SPARSE: usize = 16;

impl NgramIndex {
    /// How often the n-grams of each pair occur at most `n` tokens apart, from start to start, in one document; of an n-gram with itself unordered
    /// pairs of different occurrences. The empty n-gram occurs with nothing (0).
    pub fn pairs_within(
        &self,
        pairs: &[(&[u32], &[u32])],
        n: u32,
    ) -> Result<Vec<u64>, CorpusError> {
        let (ngrams, asked) = numbered(pairs.iter().map(|&(a, b)| [a, b]));
        let mut counts = vec![0; pairs.len()];
        for shard in &self.shards {
            let ranges = ngrams.iter().map(|ngram| match ngram {
                [] => Ok(0..0),
                _ => shard.range(ngram),
            });
            let ranges = ranges.collect::<Read<Vec<_>>>()?;
            shard.pairs_within(&ngrams, &ranges, &asked, n, &mut counts)?;
        }
        Ok(counts)
    }
}

impl Shard {
    fn pairs_within(
        &self,
        ngrams: &[&[u32]],
        ranges: &[Range<usize>],
        pairs: &[[usize; 2]],
        n: u32,
        counts: &mut [u64],
    ) -> Read<()> {
        let document = self.tokens() as f64 / self.info.documents.max(1) as f64;
        let mut left: Vec<Pair> = Vec::new();
        for (pair, &[a, b]) in pairs.iter().enumerate() {
            let by_length = |i: &usize| ranges[*i].len();
            let (rare, other) = if by_length(&a) <= by_length(&b) {
                (a, b)
            } else {
                (b, a)
            };
            if ranges[rare].is_empty() {
                continue;
            }
            // When one is much rarer it is cheaper to read the tokens around its occurrences.
            let around = document.min(2.0 * f64::from(n)) + ngrams[other].len() as f64;
            let scan = ranges[rare].len() as f64 * around * SCAN_COST;
            if a != b && scan < ranges[other].len() as f64 {
                let positions = self.positions_in(ranges[rare].clone())?;
                counts[pair] += self.by_scan(&positions, ngrams[other], Cooccur::Window(n))?;
            } else if ranges[a].len() + ranges[b].len() < self.info.documents as usize / SPARSE {
                counts[pair] += self.of_sorted(ranges[a].clone(), ranges[b].clone(), n)?;
            } else {
                left.push((pair, a, b));
            }
        }
        while !left.is_empty() {
            let group = Group::taken_from(&mut left);
            match group.lanes.len() {
                1 => self.of_group::<1>(&group, ranges, n, counts)?,
                _ => self.of_group::<LANES>(&group, ranges, n, counts)?,
            }
        }
        Ok(())
    }

    fn of_sorted(&self, a: Range<usize>, b: Range<usize>, n: u32) -> Read<u64> {
        let is_one = a == b;
        let (a, b) = (self.positions_in(a)?, self.positions_in(b)?);
        let finder = self.finder();
        let ordered = count_pairs(&a, &b, n, |p| self.span(finder.document_of(p)?))?;
        Ok(if is_one {
            ordered.saturating_sub(a.len() as u64) / 2
        } else {
            ordered
        })
    }

    fn of_group<const N: usize>(
        &self,
        group: &Group,
        ranges: &[Range<usize>],
        n: u32,
        counts: &mut [u64],
    ) -> Read<()> {
        let mut table = vec![[0u16; N]; self.info.documents as usize];
        let mut far = Vec::with_capacity(N);
        for (k, &ngram) in group.lanes.iter().enumerate() {
            far.push(self.each_near(ranges[ngram].clone(), n, |document| {
                table[document as usize][k] += 1;
            })?);
        }
        for (&ngram, pairs) in &group.partners {
            let mut sums = [0u64; N];
            let mut near = 0u64;
            let own = self.each_near(ranges[ngram].clone(), n, |document| {
                near += 1;
                for (sum, &number) in sums.iter_mut().zip(&table[document as usize]) {
                    *sum += u64::from(number);
                }
            })?;
            let finder = self.finder();
            for &(lane, pair) in pairs {
                let span = |p| self.span(finder.document_of(p)?);
                let ordered = sums[lane] + count_pairs(&own, &far[lane], n, span)?;
                counts[pair] += if group.lanes[lane] == ngram {
                    ordered.saturating_sub(near + own.len() as u64) / 2
                } else {
                    ordered
                };
            }
        }
        Ok(())
    }

    /// Calls `visit` with the document of each occurrence in a document that is no longer than the window; the positions of the others, sorted.
    fn each_near(&self, range: Range<usize>, n: u32, mut visit: impl FnMut(u32)) -> Read<Vec<u32>> {
        // Numbers in documents of so many tokens fit 16 bits.
        let most = n.saturating_add(1).min(u32::from(u16::MAX));
        let finder = self.finder();
        let mut far = Vec::new();
        for &position in self.order().slice(range)? {
            let (document, length) = finder.document_and_length(position)?;
            if length <= most {
                visit(document);
            } else {
                far.push(position);
            }
        }
        Ok(sorted(&far))
    }
}
