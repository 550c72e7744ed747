//! Exact counts of n-grams: a suffix array over token ids, in one or several shards.
//!
//! Documents are joined into one stream with a separator after each, so that no n-gram reaches
//! from one document into the next. Suffixes are ordered by the numeric ids; the separator is
//! above all of them. All suffixes that begin with an n-gram stand side by side, so its count is
//! the length of a range, found by binary search. A corpus whose suffix array does not fit into
//! the memory allowed is cut (between documents) into shards, each with an array of its own;
//! counts are sums over shards, and no answer depends on where the cuts are.
//!
//! The arrays lie beside the tantivy index, not inside of its segments (as a `SegmentPlugin` would
//! have it): shards follow the order of the input and the memory allowed, while tantivy's segments
//! follow its threads and merges, which would sort every array again.

mod files;
mod pairs;
mod shard;
mod write;

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

pub use files::{ShardInfo, Width};
pub use write::{NgramWriter, Written};

use self::shard::Shard;
use super::{Continuations, CorpusError, LongestContext, Place, Places, SuffixMatch};

pub(super) use pairs::count_pairs;

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Opened shards. Cheap to ask from many threads at once; nothing is copied into memory.
///
/// N-grams are sequences of token ids. The empty n-gram has a place before each token and at each
/// document's end. Ids outside of the vocabulary occur nowhere.
pub struct NgramIndex {
    shards: Vec<Shard>,
    documents: u64,
    tokens: u64,
}

impl NgramIndex {
    /// Maps the shards in `folder`; the sizes of all files are checked.
    pub fn open(
        folder: &Path,
        shards: &[ShardInfo],
        width: Width,
        vocabulary: usize,
    ) -> Result<Self, CorpusError> {
        let vocabulary = u32::try_from(vocabulary).unwrap_or(u32::MAX - 1);
        let (mut documents, mut positions) = (0, 0);
        let mut opened = Vec::with_capacity(shards.len());
        for info in shards {
            opened.push(Shard::open(
                folder,
                info.clone(),
                width,
                vocabulary,
                documents,
                positions,
            )?);
            documents += info.documents;
            positions += info.positions;
        }
        Ok(Self {
            shards: opened,
            documents,
            tokens: positions - documents,
        })
    }

    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Tokens in all documents, separators not counted.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// How often the n-gram occurs; overlapping occurrences count each.
    pub fn count(&self, ngram: &[u32]) -> u64 {
        self.shards
            .iter()
            .map(|s| s.range(ngram).len() as u64)
            .sum()
    }

    fn occurs(&self, ngram: &[u32]) -> bool {
        self.shards.iter().any(|s| !s.range(ngram).is_empty())
    }

    /// Every token that follows `context` somewhere, most frequent first (ties: lower id first).
    pub fn next(&self, context: &[u32]) -> Continuations {
        let mut tokens: HashMap<u32, u64> = HashMap::new();
        let mut ends = 0;
        let mut single = Vec::new();
        for shard in &self.shards {
            let (next, shard_ends) = shard.followers(shard.range(context), context.len());
            ends += shard_ends;
            if self.shards.len() == 1 {
                single = next;
            } else {
                for (id, count) in next {
                    *tokens.entry(id).or_default() += count;
                }
            }
        }
        single.extend(tokens);
        single.sort_unstable_by_key(|&(id, count)| (std::cmp::Reverse(count), id));
        Continuations {
            tokens: single,
            ends,
        }
    }

    /// The longest suffix of `context` that occurs anywhere, and its count.
    pub fn longest_suffix(&self, context: &[u32]) -> SuffixMatch {
        let suffix = |len: usize| &context[context.len() - len..];
        // Occurrence is monotone: what occurs has suffixes that occur.
        let len = longest(context.len(), |len| self.occurs(suffix(len)));
        SuffixMatch {
            len,
            count: self.count(suffix(len)),
        }
    }

    /// The longest `w`, a suffix of `context` (perhaps empty), such that `w` followed by `token`
    /// occurs. This is the `w` of STIM's local score.
    pub fn longest_context_of(&self, context: &[u32], token: u32) -> LongestContext {
        let mut whole = context.to_vec();
        whole.push(token);
        let joint = |len: usize| &whole[whole.len() - 1 - len..];
        let len = longest(context.len(), |len| self.occurs(joint(len)));
        LongestContext {
            len,
            context_count: self.count(&context[context.len() - len..]),
            joint_count: self.count(joint(len)),
        }
    }

    /// How often each of `candidates` follows `context`.
    pub fn candidate_counts(&self, context: &[u32], candidates: &[u32]) -> Vec<u64> {
        let mut counts = vec![0; candidates.len()];
        for shard in &self.shards {
            let range = shard.range(context);
            if range.is_empty() {
                continue;
            }
            for (count, &token) in counts.iter_mut().zip(candidates) {
                *count += shard.narrow(range.clone(), context.len(), &[token]).len() as u64;
            }
        }
        counts
    }

    /// Places of an n-gram: first the first place in each document, in the order of documents,
    /// then the second places, and so on; of these `limit` from the `offset`th on. The totals
    /// are those of all places.
    pub fn places(&self, ngram: &[u32], limit: usize, offset: usize) -> Places {
        // (how many places come before it in its document, document, position)
        let mut all: Vec<(u32, u64, u32)> = Vec::new();
        let mut documents = 0;
        for shard in &self.shards {
            let mut nth = 0;
            let mut last = None;
            for position in shard.positions(ngram) {
                let document = shard.document_of(position);
                nth = if last == Some(document) { nth + 1 } else { 0 };
                documents += u64::from(nth == 0);
                last = Some(document);
                all.push((
                    nth,
                    shard.first_document + u64::from(document),
                    position - shard.docs()[document as usize],
                ));
            }
        }
        let places = all.len() as u64;
        let wanted = offset.saturating_add(limit);
        if wanted < all.len() && wanted > 0 {
            all.select_nth_unstable(wanted - 1);
            all.truncate(wanted);
        }
        all.sort_unstable();
        let hits = all
            .into_iter()
            .skip(offset)
            .take(limit)
            .map(|(_, document, position)| Place { document, position })
            .collect();
        Places {
            places,
            documents,
            hits,
        }
    }

    /// The token ids of a document; `None` if there is no such document.
    pub fn document_tokens(&self, ordinal: u64) -> Option<Vec<u32>> {
        let shard = self.shards.iter().find(|s| {
            ordinal >= s.first_document && ordinal < s.first_document + s.info.documents
        })?;
        Some(shard.tokens_at(shard.span((ordinal - shard.first_document) as u32)))
    }

    pub(super) fn checker(&self) -> impl Iterator<Item = ShardView<'_>> {
        self.shards.iter().map(ShardView)
    }
}

/// What `check` may see of a shard.
pub(super) struct ShardView<'a>(&'a Shard);

impl ShardView<'_> {
    pub(super) fn name(&self) -> &str {
        &self.0.info.name
    }

    pub(super) fn order(&self) -> &[u32] {
        self.0.order()
    }

    pub(super) fn in_order(&self, a: u32, b: u32) -> bool {
        self.0.in_order(a, b)
    }

    pub(super) fn heads(&self) -> &[u32] {
        self.0.heads()
    }

    pub(super) fn docs(&self) -> &[u32] {
        self.0.docs()
    }

    pub(super) fn blocks(&self) -> &[u32] {
        self.0.blocks()
    }

    pub(super) fn document_of(&self, position: u32) -> u32 {
        self.0.document_of(position)
    }

    pub(super) fn token(&self, position: u32) -> Option<u32> {
        self.0.token(position)
    }
}

impl Shard {
    /// Places of an n-gram within the shard, sorted.
    fn positions(&self, ngram: &[u32]) -> Vec<u32> {
        sorted(&self.order()[self.range(ngram)])
    }

    fn places_in(&self, range: Range<usize>) -> Vec<u32> {
        sorted(&self.order()[range])
    }
}

/// The greatest `len` up to `most` for which `holds(len)` (true up to some length and false after;
/// 0 is not asked for). Gallops up, since matches are short beside contexts.
fn longest(most: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut good, mut bad) = (0, most + 1);
    let mut probe = 1;
    while probe < bad {
        if holds(probe) {
            good = probe;
            probe = (probe * 2).min(most);
            if good == most {
                return most;
            }
        } else {
            bad = probe;
        }
    }
    while bad - good > 1 {
        let mid = good + (bad - good) / 2;
        if holds(mid) {
            good = mid;
        } else {
            bad = mid;
        }
    }
    good
}

/// Sorted copy of distinct numbers. Long ones by radix: 3 passes over 11 bits each, several times
/// faster than sorting by comparisons.
fn sorted(numbers: &[u32]) -> Vec<u32> {
    let mut from = numbers.to_vec();
    if from.len() < 2048 {
        from.sort_unstable();
        return from;
    }
    const BITS: u32 = 11;
    let digit = |x: u32, pass: u32| ((x >> (pass * BITS)) & ((1 << BITS) - 1)) as usize;
    let mut counts = vec![[0u32; 1 << BITS]; 3];
    for &x in numbers {
        for (pass, counts) in counts.iter_mut().enumerate() {
            counts[digit(x, pass as u32)] += 1;
        }
    }
    let mut to = vec![0; from.len()];
    for (pass, counts) in counts.iter_mut().enumerate() {
        let mut start = 0;
        for count in counts.iter_mut() {
            (*count, start) = (start, start + *count);
        }
        for &x in &from {
            let slot = &mut counts[digit(x, pass as u32)];
            to[*slot as usize] = x;
            *slot += 1;
        }
        std::mem::swap(&mut from, &mut to);
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn radix_sorts(numbers in proptest::collection::hash_set(any::<u32>(), 0..5000)) {
            let numbers: Vec<u32> = numbers.into_iter().collect();
            let mut want = numbers.clone();
            want.sort_unstable();
            prop_assert_eq!(sorted(&numbers), want);
        }

        #[test]
        fn longest_finds_the_last_true(most in 0usize..200, limit in 0usize..220) {
            prop_assert_eq!(longest(most, |len| len <= limit), most.min(limit));
        }
    }
}
