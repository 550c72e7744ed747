//! The n-gram index: shards, asked as one.

use std::collections::HashMap;
use std::path::Path;

use super::files::{ShardInfo, Width};
use super::shard::Shard;
use crate::checksums::{Read, Sums};
use crate::context::{Continuations, LongestContext, SuffixMatch};
use crate::document::{Occurrence, Occurrences};
use crate::error::CorpusError;
use crate::longest::longest;

/// Opened shards. Cheap to ask from many threads at once; nothing is copied into memory.
///
/// N-grams are sequences of token ids. The empty n-gram occurs before each token and at each
/// document's end. Ids outside of the vocabulary occur nowhere.
pub struct NgramIndex {
    pub(super) shards: Vec<Shard>,
    documents: u64,
    tokens: u64,
}

impl NgramIndex {
    /// Maps the shards in `folder`; the sizes of all files are checked. Their content is not: [`crate::LocalIndex`] verifies what it reads.
    pub fn open(
        folder: &Path,
        shards: &[ShardInfo],
        width: Width,
        vocabulary: usize,
    ) -> Result<Self, CorpusError> {
        Self::open_checked(folder, shards, width, vocabulary, None)
    }

    /// The same, where pages are verified when they are first read.
    pub(crate) fn open_checked(
        folder: &Path,
        shards: &[ShardInfo],
        width: Width,
        vocabulary: usize,
        sums: Option<&Sums>,
    ) -> Result<Self, CorpusError> {
        let vocabulary = u32::try_from(vocabulary).unwrap_or(u32::MAX - 1);
        let (mut documents, mut positions) = (0u64, 0u64);
        let mut opened = Vec::with_capacity(shards.len());
        for info in shards {
            let first = (documents, positions);
            opened.push(Shard::open(
                folder,
                info.clone(),
                width,
                vocabulary,
                first,
                sums,
            )?);
            documents = documents.saturating_add(info.documents);
            positions = positions.saturating_add(info.positions);
        }
        let bytes = positions.saturating_mul(width.bytes() as u64 + 4);
        if memory().is_some_and(|all| bytes > all / 2) {
            opened.iter().for_each(Shard::stay_sparse);
        }
        Ok(Self {
            shards: opened,
            documents,
            tokens: positions.saturating_sub(documents),
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
    ///
    /// # Errors
    /// This and all other answers: what was read is damaged.
    pub fn count(&self, ngram: &[u32]) -> Result<u64, CorpusError> {
        let counts = self.shards.iter().map(|s| Ok(s.range(ngram)?.len() as u64));
        counts.sum()
    }

    fn occurs(&self, ngram: &[u32]) -> Read<bool> {
        for shard in &self.shards {
            if !shard.range(ngram)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Every token that follows `context` somewhere, most frequent first (ties: lower id first).
    pub fn next(&self, context: &[u32]) -> Result<Continuations, CorpusError> {
        let mut tokens: HashMap<u32, u64> = HashMap::new();
        let mut ends = 0;
        let mut single = Vec::new();
        for shard in &self.shards {
            let (next, shard_ends) = shard.followers(shard.range(context)?, context.len())?;
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
        Ok(Continuations {
            tokens: single,
            ends,
        })
    }

    /// The longest suffix of `context` that occurs anywhere, and its count.
    pub fn longest_suffix(&self, context: &[u32]) -> Result<SuffixMatch, CorpusError> {
        let suffix = |len: usize| &context[context.len() - len..];
        // Occurrence is monotone: what occurs has suffixes that occur.
        let len = longest(context.len(), |len| self.occurs(suffix(len)))?;
        Ok(SuffixMatch {
            len,
            count: self.count(suffix(len))?,
        })
    }

    /// The longest `w`, a suffix of `context` (perhaps empty), such that `w` followed by `token`
    /// occurs. This is the `w` of STIM's local score.
    pub fn longest_context_of(
        &self,
        context: &[u32],
        token: u32,
    ) -> Result<LongestContext, CorpusError> {
        let mut whole = context.to_vec();
        whole.push(token);
        let joint = |len: usize| &whole[whole.len() - 1 - len..];
        let len = longest(context.len(), |len| self.occurs(joint(len)))?;
        Ok(LongestContext {
            len,
            context_count: self.count(&context[context.len() - len..])?,
            joint_count: self.count(joint(len))?,
        })
    }

    /// How often each of `candidates` follows `context`.
    pub fn candidate_counts(
        &self,
        context: &[u32],
        candidates: &[u32],
    ) -> Result<Vec<u64>, CorpusError> {
        let mut counts = vec![0; candidates.len()];
        for shard in &self.shards {
            let range = shard.range(context)?;
            if range.is_empty() {
                continue;
            }
            for (count, &token) in counts.iter_mut().zip(candidates) {
                *count += shard.narrow(range.clone(), context.len(), &[token])?.len() as u64;
            }
        }
        Ok(counts)
    }

    /// Occurrences of an n-gram: first the first in each document, in the order of documents, then
    /// the second ones, and so on; of these `limit` from the `offset`th on. The totals are those of
    /// all occurrences.
    ///
    /// Of more than `most` occurrences every second, third, ... in the order of what follows them
    /// stands for all, so that no more are held in memory: about 24 bytes each. How many were taken is
    /// said beside; in how many documents all are is not known then.
    pub fn occurrences(
        &self,
        ngram: &[u32],
        limit: usize,
        offset: usize,
        most: usize,
    ) -> Result<(Occurrences, Option<u64>), CorpusError> {
        let ranges = self.shards.iter().map(|s| s.range(ngram));
        let ranges = ranges.collect::<Read<Vec<_>>>()?;
        let count: usize = ranges.iter().map(ExactSizeIterator::len).sum();
        let step = count.div_ceil(most.max(1)).max(1);
        // (how many come before it in its document, document, position)
        let mut all: Vec<(u32, u64, u32)> = Vec::new();
        let mut documents = 0;
        for (shard, range) in self.shards.iter().zip(ranges) {
            let mut nth = 0;
            let mut last = None;
            let finder = shard.finder();
            for position in shard.sampled_positions(range, step)? {
                let document = finder.document_of(position)?;
                nth = if last == Some(document) { nth + 1 } else { 0 };
                documents += u64::from(nth == 0);
                last = Some(document);
                all.push((
                    nth,
                    shard.first_document + u64::from(document),
                    shard.within(document, position)?,
                ));
            }
        }
        let sampled = (step > 1).then_some(all.len() as u64);
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
            .map(|(_, document, position)| Occurrence { document, position })
            .collect();
        let found = Occurrences {
            count: count as u64,
            documents: sampled.is_none().then_some(documents),
            hits,
        };
        Ok((found, sampled))
    }

    /// The token ids of a document; `None` if there is no such document.
    pub fn document_tokens(&self, ordinal: u64) -> Result<Option<Vec<u32>>, CorpusError> {
        let found = self.shards.iter().find_map(|s| {
            let within = ordinal.checked_sub(s.first_document)?;
            (within < s.info.documents).then_some((s, within as u32))
        });
        let Some((shard, document)) = found else {
            return Ok(None);
        };
        Ok(Some(shard.tokens_at(shard.span(document)?)?))
    }

    pub(crate) fn checker(&self) -> impl Iterator<Item = ShardView<'_>> {
        self.shards.iter().map(|shard| {
            // All of its suffixes are looked at, one after the other.
            shard.read_around();
            ShardView(shard)
        })
    }
}

/// Bytes of memory of this machine; none where the system does not tell.
fn memory() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let system = rustix::system::sysinfo();
        Some(system.totalram * u64::from(system.mem_unit))
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// What `check` may see of a shard: all as it stands in the files, verified or not.
pub(crate) struct ShardView<'a>(&'a Shard);

impl ShardView<'_> {
    pub(crate) fn name(&self) -> &str {
        &self.0.info.name
    }

    pub(crate) fn order(&self) -> &[u32] {
        self.0.raw()[0]
    }

    pub(crate) fn in_order(&self, a: u32, b: u32) -> bool {
        self.0.raw_in_order(a, b)
    }

    pub(crate) fn heads(&self) -> &[u32] {
        self.0.raw()[1]
    }

    pub(crate) fn docs(&self) -> &[u32] {
        self.0.raw()[2]
    }

    pub(crate) fn blocks(&self) -> &[u32] {
        self.0.raw()[3]
    }

    /// The keys, each with the position of its suffix.
    pub(crate) fn keys(&self) -> impl ExactSizeIterator<Item = (u128, u32)> {
        self.0.raw_keys()
    }

    /// What the key of the suffix at a position has to be.
    pub(crate) fn key(&self, position: u32) -> u128 {
        self.0.raw_key(position)
    }

    pub(crate) fn token(&self, position: u32) -> Option<u32> {
        self.0.raw_token(position)
    }
}
