//! Searching the suffix array of one shard.

use std::cmp::Ordering;
use std::ops::Range;
use std::path::Path;

use super::files::{BLOCK, Id, Numbers, ShardInfo, Width};
use super::sort::sorted;
use crate::error::CorpusError;

/// One suffix array over the tokens of some consecutive documents.
pub(super) struct Shard {
    pub(super) info: ShardInfo,
    /// Ordinal of the shard's first document in the whole corpus.
    pub(super) first_document: u64,
    /// Place of the shard's first token in the whole stream, separators counted.
    pub(super) first_position: u64,
    width: Width,
    vocabulary: u32,
    ids: Numbers,
    order: Numbers,
    heads: Numbers,
    docs: Numbers,
    blocks: Numbers,
}

/// Calls a generic method with the id type of the shard.
macro_rules! by_width {
    ($self:ident, $method:ident($($arg:expr),*)) => {
        match $self.width {
            Width::U16 => $self.$method::<u16>($($arg),*),
            Width::U32 => $self.$method::<u32>($($arg),*),
        }
    };
}

impl Shard {
    pub(super) fn open(
        folder: &Path,
        info: ShardInfo,
        width: Width,
        vocabulary: u32,
        first_document: u64,
        first_position: u64,
    ) -> Result<Self, CorpusError> {
        let n = info.positions;
        let open = |extension: &str, len: u64, bytes: usize| {
            Numbers::open(&info.path(folder, extension), len, bytes)
        };
        Ok(Self {
            ids: open("ids", n, width.bytes())?,
            order: open("sa", n, 4)?,
            heads: open("heads", u64::from(vocabulary) + 1, 4)?,
            docs: open("docs", info.documents + 1, 4)?,
            blocks: open("blocks", n.div_ceil(BLOCK as u64), 4)?,
            width,
            vocabulary,
            first_document,
            first_position,
            info,
        })
    }

    /// Positions in suffix order.
    pub(super) fn order(&self) -> &[u32] {
        self.order.get()
    }

    pub(super) fn len(&self) -> usize {
        self.order().len()
    }

    /// Positions of an n-gram within the shard, sorted.
    pub(super) fn positions(&self, ngram: &[u32]) -> Vec<u32> {
        self.positions_in(self.range(ngram))
    }

    /// The positions of a range of suffixes, sorted.
    pub(super) fn positions_in(&self, range: Range<usize>) -> Vec<u32> {
        sorted(&self.order()[range])
    }

    /// Every `step`th position of a range of suffixes, sorted.
    pub(super) fn sampled_positions(&self, range: Range<usize>, step: usize) -> Vec<u32> {
        let mut positions: Vec<u32> = self.order()[range].iter().copied().step_by(step).collect();
        positions.sort_unstable();
        positions
    }

    fn ids<T: Id>(&self) -> &[T] {
        self.ids.get()
    }

    pub(super) fn heads(&self) -> &[u32] {
        self.heads.get()
    }

    /// First positions of the documents, and the length of the stream after the last.
    pub(super) fn docs(&self) -> &[u32] {
        self.docs.get()
    }

    pub(super) fn blocks(&self) -> &[u32] {
        self.blocks.get()
    }

    /// The document that holds `position`, counted within the shard.
    pub(super) fn document_of(&self, position: u32) -> u32 {
        let docs = self.docs();
        let mut document = self
            .blocks()
            .get(position as usize / BLOCK)
            .copied()
            .unwrap_or(0);
        // Blocks are short, so this takes a step or two; damaged files end it at the last document.
        while docs
            .get(document as usize + 1)
            .is_some_and(|&next| next <= position)
        {
            document += 1;
        }
        document
    }

    /// Positions of a document's tokens, without its separator.
    pub(super) fn span(&self, document: u32) -> Range<u32> {
        let docs = self.docs();
        let d = document as usize;
        docs[d]..docs[d + 1].saturating_sub(1)
    }

    /// Number of tokens, separators not counted.
    pub(super) fn tokens(&self) -> u64 {
        self.info.positions - self.info.documents
    }

    /// Token at a position; `None` for a separator and outside of the stream.
    pub(super) fn token(&self, position: u32) -> Option<u32> {
        by_width!(self, token_as(position))
    }

    fn token_as<T: Id>(&self, position: u32) -> Option<u32> {
        let id = *self.ids::<T>().get(position as usize)?;
        (id != T::SEPARATOR).then(|| id.get())
    }

    /// The tokens at some positions.
    pub(super) fn tokens_at(&self, positions: Range<u32>) -> Vec<u32> {
        positions.map_while(|p| self.token(p)).collect()
    }

    /// Calls `visit` with every position at which `ngram` (not empty) stands within `positions`.
    pub(super) fn scan(&self, ngram: &[u32], positions: Range<u32>, visit: impl FnMut(u32)) {
        by_width!(self, scan_as(ngram, positions, visit));
    }

    fn scan_as<T: Id>(&self, ngram: &[u32], positions: Range<u32>, mut visit: impl FnMut(u32)) {
        if ngram.is_empty() || ngram.iter().any(|&t| t >= self.vocabulary) {
            return;
        }
        let ngram: Vec<T> = ngram.iter().map(|&t| T::of(t)).collect();
        let ids = &self.ids::<T>()[positions.start as usize..positions.end as usize];
        let (first, rest) = (ngram[0], &ngram[1..]);
        for (i, &id) in ids.iter().enumerate() {
            if id == first && ids[i + 1..].starts_with(rest) {
                visit(positions.start + i as u32);
            }
        }
    }

    /// Where the suffixes that begin with `ngram` stand in the suffix array. The empty n-gram
    /// stands everywhere: at each token and at each document's end.
    pub(super) fn range(&self, ngram: &[u32]) -> Range<usize> {
        let Some((&first, rest)) = ngram.split_first() else {
            return 0..self.len();
        };
        let range = self.head(first);
        if rest.is_empty() || range.is_empty() {
            return range;
        }
        self.narrow(range, 1, rest)
    }

    /// Where the suffixes that begin with one token stand.
    fn head(&self, token: u32) -> Range<usize> {
        if token >= self.vocabulary {
            return 0..0;
        }
        let heads = self.heads();
        let t = token as usize;
        heads[t] as usize..heads[t + 1] as usize
    }

    /// Narrows a range of suffixes that share their first `depth` tokens to those that go on with
    /// `rest`.
    pub(super) fn narrow(&self, range: Range<usize>, depth: usize, rest: &[u32]) -> Range<usize> {
        if depth == 0 {
            return self.range(rest);
        }
        if rest.iter().any(|&t| t >= self.vocabulary) {
            return range.start..range.start;
        }
        by_width!(self, narrow_as(range, depth, rest))
    }

    fn narrow_as<T: Id>(&self, range: Range<usize>, depth: usize, rest: &[u32]) -> Range<usize> {
        let (ids, order) = (self.ids::<T>(), self.order());
        // Tokens known to be shared with the suffixes at both ends need no second look.
        let (mut lo, mut hi) = (range.start, range.end.min(order.len()));
        let (mut lo_shared, mut hi_shared) = (0, 0);
        while lo < hi {
            let mid = lo + (hi - lo) / 2;
            let (ordering, shared) = compare(
                ids,
                order[mid] as usize + depth,
                rest,
                lo_shared.min(hi_shared),
            );
            match ordering {
                Ordering::Less => (lo, lo_shared) = (mid + 1, shared),
                Ordering::Greater => (hi, hi_shared) = (mid, shared),
                Ordering::Equal => {
                    let start = edge(lo, mid, |i| {
                        compare(ids, order[i] as usize + depth, rest, lo_shared)
                            .0
                            .is_lt()
                    });
                    let end = edge(mid + 1, hi, |i| {
                        compare(ids, order[i] as usize + depth, rest, hi_shared)
                            .0
                            .is_eq()
                    });
                    return start..end;
                }
            }
        }
        lo..lo
    }

    /// The tokens that follow the suffixes of `range` after `depth` tokens, each with the length
    /// of its run, in the order of ids; and how many are followed by a document's end.
    pub(super) fn followers(&self, range: Range<usize>, depth: usize) -> (Vec<(u32, u64)>, u64) {
        if depth == 0 {
            let runs = self.heads().windows(2).enumerate();
            let next = runs
                .filter(|(_, w)| w[1] > w[0])
                .map(|(t, w)| (t as u32, u64::from(w[1] - w[0])))
                .collect();
            return (next, self.info.documents);
        }
        by_width!(self, followers_as(range, depth))
    }

    fn followers_as<T: Id>(&self, range: Range<usize>, depth: usize) -> (Vec<(u32, u64)>, u64) {
        let ids = self.ids::<T>();
        let suffixes = &self.order()[range];
        let next_at = |i: usize| {
            ids.get(suffixes[i] as usize + depth)
                .copied()
                .unwrap_or(T::SEPARATOR)
        };
        let (mut next, mut ends) = (Vec::new(), 0);
        let mut start = 0;
        while start < suffixes.len() {
            let id = next_at(start);
            // Gallop over the run, so that long runs cost few looks and short ones too.
            let mut step = 1;
            while start + step < suffixes.len() && next_at(start + step) == id {
                step *= 2;
            }
            let end = edge(start + step / 2, suffixes.len().min(start + step), |i| {
                next_at(i) == id
            });
            let count = (end - start) as u64;
            if id == T::SEPARATOR {
                ends += count;
            } else {
                next.push((id.get(), count));
            }
            start = end;
        }
        (next, ends)
    }

    /// Whether the suffix at position `a` comes before the one at `b`.
    pub(super) fn in_order(&self, a: u32, b: u32) -> bool {
        by_width!(self, in_order_as(a, b))
    }

    fn in_order_as<T: Id>(&self, a: u32, b: u32) -> bool {
        let ids = self.ids::<T>();
        match (ids.get(a as usize..), ids.get(b as usize..)) {
            (Some(a), Some(b)) => a < b,
            _ => false,
        }
    }
}

/// Compares the ids from `start` on with `ngram`, of which the first `shared` are known to be
/// equal. Also says how many are equal. `Equal` means that the ids begin with all of `ngram`.
fn compare<T: Id>(ids: &[T], start: usize, ngram: &[u32], shared: usize) -> (Ordering, usize) {
    for (k, &token) in ngram.iter().enumerate().skip(shared) {
        // Every document ends in a separator, which is above all tokens: it stops the comparison
        // before the stream ends. Only damaged files get to the default.
        let id = ids.get(start + k).map_or(u32::MAX, |id| id.get());
        match id.cmp(&token) {
            Ordering::Equal => {}
            unequal => return (unequal, k),
        }
    }
    (Ordering::Equal, ngram.len())
}

/// The first index in `lo..hi` at which `holds` is false, where it is true before and false after.
fn edge(mut lo: usize, mut hi: usize, holds: impl Fn(usize) -> bool) -> usize {
    while lo < hi {
        let mid = lo + (hi - lo) / 2;
        if holds(mid) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    lo
}
