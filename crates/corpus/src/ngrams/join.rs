//! Shards that are there before a document is written: taken from other indexes, and put together where there are many.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::files::{Id, Numbers, ShardInfo, Width};
use super::stream::OpenShard;
use crate::checksums::FileSums;
use crate::error::CorpusError;

/// What the names of a shard's files end in.
pub(crate) const FILES: [&str; 6] = ["ids", "sa", "heads", "docs", "blocks", KEYS];
/// Of the file that shards of older indexes do not have.
pub(crate) const KEYS: &str = "keys";
/// So many shards are left as they are. Each count searches all.
const FEW: usize = 8;

/// A shard that lies in the folder, and what is known of the pages of the files that are read to put it together with others.
pub(crate) struct Piece {
    pub(crate) info: ShardInfo,
    pub(crate) ids: Option<Arc<FileSums>>,
    pub(crate) docs: Option<Arc<FileSums>>,
    /// Whether its suffixes are sorted.
    pub(crate) sorted: bool,
}

impl Piece {
    /// A shard that was just written.
    pub(super) fn new(info: ShardInfo) -> Self {
        Self {
            info,
            ids: None,
            docs: None,
            sorted: false,
        }
    }

    fn ids<T: Id>(&self, folder: &Path) -> Result<Numbers, CorpusError> {
        let path = self.info.path(folder, "ids");
        Numbers::open(&path, self.info.positions, size_of::<T>(), self.ids.clone())
    }

    /// Adds all ids and separators to a hash, as little-endian u32.
    pub(super) fn hash_into(
        &self,
        hash: &mut Sha256,
        folder: &Path,
        width: Width,
    ) -> Result<(), CorpusError> {
        match width {
            Width::U16 => self.hash_as::<u16>(hash, folder),
            Width::U32 => self.hash_as::<u32>(hash, folder),
        }
    }

    fn hash_as<T: Id>(&self, hash: &mut Sha256, folder: &Path) -> Result<(), CorpusError> {
        const AT_ONCE: usize = 1 << 16;
        let ids = self.ids::<T>(folder)?;
        let ids = ids.view::<T>();
        let wide = |&id: &T| {
            if id == T::SEPARATOR {
                u32::MAX
            } else {
                id.get()
            }
        };
        let mut buffer = Vec::with_capacity(AT_ONCE);
        for start in (0..ids.len()).step_by(AT_ONCE) {
            buffer.clear();
            let part = ids.slice(start..ids.len().min(start + AT_ONCE))?;
            buffer.extend(part.iter().map(wide));
            hash.update(bytemuck::cast_slice::<u32, u8>(&buffer));
        }
        Ok(())
    }

    /// Appends all documents to another shard.
    pub(super) fn push_into<T: Id>(
        &self,
        shard: &mut OpenShard,
        folder: &Path,
        vocabulary: u32,
    ) -> Result<(), CorpusError> {
        let path = self.info.path(folder, "docs");
        let starts = self.info.documents.saturating_add(1);
        let docs = Numbers::open(&path, starts, 4, self.docs.clone())?;
        let (docs, ids) = (docs.view::<u32>(), self.ids::<T>(folder)?);
        let ids = ids.view::<T>();
        let mut tokens = Vec::new();
        for document in 0..docs.len().saturating_sub(1) {
            let (start, end) = (docs.at(document)? as usize, docs.at(document + 1)? as usize);
            let own = match ids.slice(start..end.max(start))? {
                [own @ .., end] if *end == T::SEPARATOR => own,
                _ => {
                    let what = format!("document {document} of the shard has no end");
                    return Err(docs.damage(what).into());
                }
            };
            if own.iter().any(|id| id.get() >= vocabulary) {
                return Err(ids.damage("a token is outside of the vocabulary").into());
            }
            tokens.clear();
            tokens.extend(own.iter().map(|id| id.get()));
            let written = shard.push::<T>(&tokens);
            written.map_err(|e| shard.failed(folder, e))?;
        }
        Ok(())
    }

    pub(super) fn remove(&self, folder: &Path) -> Result<(), CorpusError> {
        for extension in FILES {
            let path = self.info.path(folder, extension);
            match fs::remove_file(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(CorpusError::io(&path, "remove the file", e));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Which neighbours become one shard, by their lengths; none longer than `most`. `all`: as many as can be; otherwise, where there are more than [`FEW`],
/// those of which the earlier is at most twice as long. So each shard is more than twice as long as the next or full, their number grows with the
/// logarithm of the corpus, and each token is sorted again about as often.
pub(super) fn groups(lengths: &[u64], most: u64, all: bool) -> Vec<Range<usize>> {
    let mut groups: Vec<(Range<usize>, u64)> = Vec::with_capacity(lengths.len());
    for (i, &length) in lengths.iter().enumerate() {
        let mut last = (i..i + 1, length);
        while let Some((range, before)) = groups.last()
            && before + last.1 <= most
            && (all || lengths.len() > FEW && *before <= 2 * last.1)
        {
            last = (range.start..last.0.end, before + last.1);
            groups.pop();
        }
        groups.push(last);
    }
    groups.into_iter().map(|(range, _)| range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn few_shards_are_left_and_small_ones_are_put_together() {
        let lengths = |before: &[u64], most, all| -> Vec<u64> {
            let groups = groups(before, most, all);
            groups.into_iter().map(|g| before[g].iter().sum()).collect()
        };
        assert_eq!(lengths(&[5; 8], 100, false), [5; 8]);
        assert_eq!(
            lengths(&[100, 1, 1, 1, 1, 1, 1, 1, 1], 1000, false),
            [100, 8]
        );
        assert_eq!(lengths(&[100, 1, 1, 1, 1, 1, 1, 1, 1], 1000, true), [108]);
        assert_eq!(lengths(&[100, 1, 1, 1, 1, 1, 1, 1, 1], 104, true), [104, 4]);
        // As a build leaves them when memory is short: none fits beside its neighbour.
        assert_eq!(lengths(&[95; 12], 100, true), [95; 12]);
        // What was built with more memory stays.
        assert_eq!(lengths(&[300, 10, 10], 100, true), [300, 20]);
    }

    #[test]
    fn a_thousand_small_appends_leave_a_dozen_shards_and_sort_each_token_a_dozen_times() {
        let (mut shards, mut sorted) = (vec![100_000u64], 0);
        for n in 0..1000u64 {
            shards.push(50 + n * 7919 % 100);
            let groups = groups(&shards, 1 << 31, false);
            sorted += shards.last().unwrap();
            let new: Vec<u64> = groups
                .iter()
                .map(|g| shards[g.clone()].iter().sum())
                .collect();
            let again = groups.iter().zip(&new).filter(|(g, _)| g.len() > 1);
            sorted += again.map(|(_, length)| length).sum::<u64>();
            shards = new;
            assert!(shards.len() <= 12, "{shards:?}");
        }
        let added = shards.iter().sum::<u64>() - 100_000;
        assert!(sorted < 12 * added, "{sorted} sorted of {added}");
    }

    proptest! {
        #[test]
        fn groups_cover_all_in_order_and_fit(
            lengths in prop::collection::vec(1u64..2000, 0..60), most in 100u64..5000, all in any::<bool>(),
        ) {
            let groups = groups(&lengths, most, all);
            let each: Vec<usize> = groups.iter().flat_map(Clone::clone).collect();
            prop_assert_eq!(each, (0..lengths.len()).collect::<Vec<_>>());
            for group in groups.iter().filter(|g| g.len() > 1) {
                prop_assert!(lengths[group.clone()].iter().sum::<u64>() <= most);
            }
        }
    }
}
