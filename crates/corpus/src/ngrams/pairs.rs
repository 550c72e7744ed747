//! How often two n-grams occur together, from their positions.

use std::ops::Range;

use super::index::NgramIndex;
use super::shard::Shard;
use crate::checksums::Read;
use crate::cooccur::Cooccur;
use crate::error::CorpusError;
use crate::sets::DocumentSet;

/// Looking at one token of the stream in turn costs about this part of what finding and sorting
/// one position in the suffix array costs.
pub(super) const SCAN_COST: f64 = 0.1;

impl NgramIndex {
    /// How often `a` and `b` occur together in a document; see [`Cooccur`]. Distances are counted
    /// in tokens from start to start. An empty n-gram occurs with nothing (0).
    pub fn cooccur(&self, a: &[u32], b: &[u32], how: Cooccur) -> Result<u64, CorpusError> {
        if a.is_empty() || b.is_empty() {
            return Ok(0);
        }
        if let Cooccur::Window(n) = how {
            return Ok(self.pairs_within(&[(a, b)], n)?[0]);
        }
        let counts = self.shards.iter().map(|s| Ok(s.documents_with_pair(a, b)?));
        counts.sum()
    }

    /// The documents that hold an n-gram; all for the empty one.
    pub(crate) fn documents_of(&self, ngram: &[u32]) -> Result<DocumentSet, CorpusError> {
        let mut found = Vec::with_capacity(self.shards.len());
        for shard in &self.shards {
            found.push((shard, shard.order().slice(shard.range(ngram)?)?));
        }
        let most = found.iter().map(|(_, suffixes)| suffixes.len()).sum();
        let mut damage = None;
        let ordinals = found.into_iter().flat_map(|(shard, suffixes)| {
            let finder = shard.finder();
            let first = shard.first_document;
            let ordinal = move |&p| Ok(first + u64::from(finder.document_of(p)?));
            suffixes.iter().map(ordinal)
        });
        let ordinals = ordinals.map_while(|o: Read<u64>| o.map_err(|d| damage = Some(d)).ok());
        let set = DocumentSet::collect(ordinals, most, self.documents());
        match damage {
            Some(damage) => Err(damage.into()),
            None => Ok(set),
        }
    }

    /// infini-gram's count of `a AND b`, without its subsampling (engine 2.6, `count_cnf` of two
    /// clauses with `max_diff_tokens`). Each occurrence `p` of the rarer n-gram (`a` when equally
    /// frequent) counts 0 or 1: of the other n-gram's last occurrence before `p` and its first at
    /// or after `p`, those within `max_diff_tokens` (start to start in the stream of all documents,
    /// where each border takes one place) are kept; `p` counts if any is kept and no document ends
    /// between the outermost of `p` and the kept.
    ///
    /// So one kept side across a border drops `p` even if the other side is in its document: this
    /// undercounts near borders, on purpose, as infini-gram does. [`NgramIndex::cooccur`] does not.
    pub fn cnf_count(
        &self,
        a: &[u32],
        b: &[u32],
        max_diff_tokens: u64,
    ) -> Result<u64, CorpusError> {
        if a.is_empty() || b.is_empty() {
            return Ok(0);
        }
        let (a, b) = (self.stream_positions(a)?, self.stream_positions(b)?);
        let (rare, other) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        let mut next = 0;
        let counts = rare.iter().filter(|&&(p, document)| {
            while next < other.len() && other[next].0 < p {
                next += 1;
            }
            let before = next.checked_sub(1).map(|i| other[i]);
            let kept = [before, other.get(next).copied()]
                .into_iter()
                .flatten()
                .filter(|&(q, _)| q.abs_diff(p) <= max_diff_tokens);
            let mut any = false;
            let mut inside = true;
            for (_, its_document) in kept {
                any = true;
                inside &= its_document == document;
            }
            any && inside
        });
        Ok(counts.count() as u64)
    }

    /// Positions in the whole stream, sorted, each with its document.
    fn stream_positions(&self, ngram: &[u32]) -> Read<Vec<(u64, u64)>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            let finder = shard.finder();
            for p in shard.positions(ngram)? {
                let document = finder.document_of(p)?;
                all.push((
                    shard.first_position + u64::from(p),
                    shard.first_document + u64::from(document),
                ));
            }
        }
        Ok(all)
    }
}

impl Shard {
    fn documents_with_pair(&self, a: &[u32], b: &[u32]) -> Read<u64> {
        if a == b {
            return self.documents_with_two(self.range(a)?);
        }
        let (mut rare, mut other) = ((a, self.range(a)?), (b, self.range(b)?));
        if other.1.len() < rare.1.len() {
            std::mem::swap(&mut rare, &mut other);
        }
        if rare.1.is_empty() {
            return Ok(0);
        }
        // When one is much rarer it is cheaper to read the documents that hold it.
        let document = self.tokens() as f64 / self.info.documents.max(1) as f64;
        let scan = rare.1.len() as f64 * document * SCAN_COST;
        if scan < other.1.len() as f64 {
            return self.by_scan(&self.positions_in(rare.1)?, other.0, Cooccur::Document);
        }
        self.documents_with_both(rare.1, other.1)
    }

    fn documents_with_both(&self, rare: Range<usize>, other: Range<usize>) -> Read<u64> {
        let mut marked = vec![0u64; (self.info.documents as usize).div_ceil(64)];
        let finder = self.finder();
        let bit = |position: u32| -> Read<(usize, u64)> {
            let document = finder.document_of(position)? as usize;
            Ok((document / 64, 1u64 << (document % 64)))
        };
        for &p in self.order().slice(rare)? {
            let (word, mask) = bit(p)?;
            marked[word] |= mask;
        }
        let mut both = 0;
        for &p in self.order().slice(other)? {
            let (word, mask) = bit(p)?;
            // Taken off again, so that each document counts once.
            both += u64::from(marked[word] & mask != 0);
            marked[word] &= !mask;
        }
        Ok(both)
    }

    fn documents_with_two(&self, range: Range<usize>) -> Read<u64> {
        // Bits for the documents with one occurrence so far, and with more.
        let mut once = vec![0u64; (self.info.documents as usize).div_ceil(64)];
        let mut twice = once.clone();
        let finder = self.finder();
        for &position in self.order().slice(range)? {
            let document = finder.document_of(position)? as usize;
            let (word, mask) = (document / 64, 1 << (document % 64));
            twice[word] |= once[word] & mask;
            once[word] |= mask;
        }
        Ok(twice.iter().map(|w| u64::from(w.count_ones())).sum())
    }

    pub(super) fn by_scan(&self, rare: &[u32], other: &[u32], how: Cooccur) -> Read<u64> {
        let mut count = 0;
        let mut last = None;
        let finder = self.finder();
        for &p in rare {
            let document = finder.document_of(p)?;
            let span = self.span(document)?;
            match how {
                Cooccur::Document => {
                    if last == Some(document) {
                        continue;
                    }
                    last = Some(document);
                    let mut found = false;
                    self.scan(other, span, |_| found = true)?;
                    count += u64::from(found);
                }
                Cooccur::Window(n) => {
                    let start = span.start.max(p.saturating_sub(n));
                    // Occurrences that start within the window may end after it.
                    let reach = p.saturating_add(n).saturating_add(other.len() as u32);
                    let end = span.end.min(reach).max(start);
                    self.scan(other, start..end, |_| count += 1)?;
                }
            }
        }
        Ok(count)
    }
}

/// Number of pairs (one position of `a`, one of `b`, both sorted) at most `n` apart, both within the
/// same span. `span(position)` are the spans of documents: they ascend and do not overlap.
pub(crate) fn count_pairs<E>(
    a: &[u32],
    b: &[u32],
    n: u32,
    span: impl Fn(u32) -> Result<Range<u32>, E>,
) -> Result<u64, E> {
    let (mut lo, mut hi) = (0, 0);
    let mut pairs = 0;
    let mut document = 0..0;
    for &p in a {
        if !document.contains(&p) {
            document = span(p)?;
        }
        let start = document.start.max(p.saturating_sub(n));
        let end = document.end.min(p.saturating_add(n).saturating_add(1));
        while lo < b.len() && b[lo] < start {
            lo += 1;
        }
        hi = hi.max(lo);
        while hi < b.len() && b[hi] < end {
            hi += 1;
        }
        pairs += (hi - lo) as u64;
    }
    Ok(pairs)
}
