//! Searching the suffix array of one shard.

use std::cmp::Ordering;
use std::marker::PhantomData;
use std::ops::Range;
use std::path::Path;

use super::files::{BLOCK, FOLDER, Id, Numbers, Searched, ShardInfo, View, Width, met};
use super::join::KEYS;
use super::keys::{self, Place};
use super::search::{edge, near_edge};
use super::sort::sorted;
use crate::checksums::{Damage, Read, Sums};
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
    /// None in older indexes.
    keys: Option<Numbers>,
}

/// Calls a method with the suffixes of the shard from `depth` tokens on: raw ones if all was verified before, and compiled for its ids.
macro_rules! of_suffixes {
    ($self:ident, $depth:expr, $method:ident($($arg:expr),*)) => {{
        let (ids, order, depth) = (&$self.ids, &$self.order, $depth);
        let sound = ids.is_sound() && order.is_sound();
        match ($self.width, sound) {
            (Width::U16, true) => Suffixes::<u16, _, _>::new(order.raw(), ids.raw(), depth).$method($($arg),*),
            (Width::U16, false) => Suffixes::<u16, _, _>::new(order.view(), ids.view(), depth).$method($($arg),*),
            (Width::U32, true) => Suffixes::<u32, _, _>::new(order.raw(), ids.raw(), depth).$method($($arg),*),
            (Width::U32, false) => Suffixes::<u32, _, _>::new(order.view(), ids.view(), depth).$method($($arg),*),
        }
    }};
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
    /// `first`: ordinal of its first document, and place of its first token. `sums`: none where pages are not verified.
    pub(super) fn open(
        folder: &Path,
        info: ShardInfo,
        width: Width,
        vocabulary: u32,
        first: (u64, u64),
        sums: Option<&Sums>,
    ) -> Result<Self, CorpusError> {
        let n = info.positions;
        let open = |extension: &str, len: u64, bytes: usize| {
            let name = format!("{FOLDER}/{}.{extension}", info.name);
            let path = info.path(folder, extension);
            let sums = match sums.map(|s| s.of(&name)) {
                Some(None) => {
                    let what = format!("the manifest has no {name}");
                    return Err(CorpusError::damaged(path, what));
                }
                sums => sums.flatten().cloned(),
            };
            Numbers::open(&path, len, bytes, sums)
        };
        Ok(Self {
            ids: open("ids", n, width.bytes())?,
            order: open("sa", n, 4)?,
            heads: open("heads", u64::from(vocabulary) + 1, 4)?,
            docs: open("docs", info.documents.saturating_add(1), 4)?,
            blocks: open("blocks", n.div_ceil(BLOCK as u64), 4)?,
            keys: match info.path(folder, KEYS).exists() {
                true => Some(open(KEYS, n.div_ceil(keys::STEP as u64), 16)?),
                false => None,
            },
            width,
            vocabulary,
            first_document: first.0,
            first_position: first.1,
            info,
        })
    }

    /// Positions in suffix order.
    pub(super) fn order(&self) -> View<'_, u32> {
        self.order.view()
    }

    pub(super) fn len(&self) -> usize {
        self.order().len()
    }

    /// Positions of an n-gram within the shard, sorted.
    pub(super) fn positions(&self, ngram: &[u32]) -> Read<Vec<u32>> {
        self.positions_in(self.range(ngram)?)
    }

    /// The positions of a range of suffixes, sorted.
    pub(super) fn positions_in(&self, range: Range<usize>) -> Read<Vec<u32>> {
        Ok(sorted(self.order().slice(range)?))
    }

    /// Every `step`th position of a range of suffixes, sorted.
    pub(super) fn sampled_positions(&self, range: Range<usize>, step: usize) -> Read<Vec<u32>> {
        let order = self.order();
        let mut positions = range
            .step_by(step)
            .map(|i| order.at(i))
            .collect::<Read<Vec<u32>>>()?;
        positions.sort_unstable();
        Ok(positions)
    }

    fn ids<T: Id>(&self) -> View<'_, T> {
        self.ids.view()
    }

    /// First positions of the documents, and the length of the stream after the last.
    fn docs(&self) -> View<'_, u32> {
        self.docs.view()
    }

    /// What the files hold, verified or not: order, heads, docs and blocks.
    pub(super) fn raw(&self) -> [&[u32]; 4] {
        [&self.order, &self.heads, &self.docs, &self.blocks].map(Numbers::raw)
    }

    /// The keys as they stand there, verified or not, each with the position of its suffix; none in older indexes.
    pub(super) fn raw_keys(&self) -> impl ExactSizeIterator<Item = (u128, u32)> {
        let keys: &[u128] = self.keys.as_ref().map_or(&[], Numbers::raw);
        let suffixes = self.order.raw().iter().step_by(keys::STEP);
        keys.iter().copied().zip(suffixes.copied())
    }

    /// The key of the suffix at a position, from ids that may not be verified.
    pub(super) fn raw_key(&self, position: u32) -> u128 {
        match self.width {
            Width::U16 => keys::key::<u16>(self.ids.raw(), position),
            Width::U32 => keys::key::<u32>(self.ids.raw(), position),
        }
    }

    /// See [`Numbers::stay_sparse`].
    pub(super) fn stay_sparse(&self) {
        let tables = [&self.ids, &self.order];
        tables
            .into_iter()
            .chain(&self.keys)
            .for_each(Numbers::stay_sparse);
    }

    /// See [`Numbers::read_around`].
    pub(super) fn read_around(&self) {
        let tables = [&self.ids, &self.order];
        tables
            .into_iter()
            .chain(&self.keys)
            .for_each(Numbers::read_around);
    }

    /// Finds the documents of positions.
    pub(super) fn finder(&self) -> Finder<'_> {
        Finder {
            docs: self.docs(),
            blocks: self.blocks.view(),
        }
    }

    /// Positions of a document's tokens, without its separator.
    pub(super) fn span(&self, document: u32) -> Read<Range<u32>> {
        let docs = self.docs();
        let (start, end) = (docs.at(document as usize)?, docs.at(document as usize + 1)?);
        if start >= end || u64::from(end) > self.info.positions {
            return Err(self.no_span(document));
        }
        Ok(start..end - 1)
    }

    #[cold]
    fn no_span(&self, document: u32) -> Damage {
        let what = format!("document {document} of the shard begins where it has ended");
        self.docs().damage(what)
    }

    /// A position counted from the first token of the document that holds it.
    pub(super) fn within(&self, document: u32, position: u32) -> Read<u32> {
        let start = self.docs().at(document as usize)?;
        let within = position.checked_sub(start);
        within.ok_or_else(|| self.no_span(document))
    }

    /// Number of tokens, separators not counted.
    pub(super) fn tokens(&self) -> u64 {
        self.info.positions.saturating_sub(self.info.documents)
    }

    /// Token at a position as it stands there, verified or not; `None` for a separator and outside of the stream.
    pub(super) fn raw_token(&self, position: u32) -> Option<u32> {
        by_width!(self, raw_token_as(position))
    }

    fn raw_token_as<T: Id>(&self, position: u32) -> Option<u32> {
        let id = *self.ids.raw::<T>().get(position as usize)?;
        (id != T::SEPARATOR).then(|| id.get())
    }

    /// The tokens at some positions, up to the first separator.
    pub(super) fn tokens_at(&self, positions: Range<u32>) -> Read<Vec<u32>> {
        by_width!(self, tokens_as(positions))
    }

    fn tokens_as<T: Id>(&self, positions: Range<u32>) -> Read<Vec<u32>> {
        let places = positions.start as usize..positions.end as usize;
        let ids = self.ids::<T>().slice(places)?.iter();
        let tokens = ids.take_while(|&&id| id != T::SEPARATOR);
        Ok(tokens.map(|id| id.get()).collect())
    }

    /// Calls `visit` with every position at which `ngram` (not empty) stands within `positions`.
    pub(super) fn scan(
        &self,
        ngram: &[u32],
        positions: Range<u32>,
        visit: impl FnMut(u32),
    ) -> Read<()> {
        by_width!(self, scan_as(ngram, positions, visit))
    }

    fn scan_as<T: Id>(
        &self,
        ngram: &[u32],
        positions: Range<u32>,
        mut visit: impl FnMut(u32),
    ) -> Read<()> {
        if ngram.iter().any(|&t| t >= self.vocabulary) {
            return Ok(());
        }
        let ngram: Vec<T> = ngram.iter().map(|&t| T::of(t)).collect();
        let Some((&first, rest)) = ngram.split_first() else {
            return Ok(());
        };
        let places = positions.start as usize..positions.end as usize;
        let ids = self.ids::<T>().slice(places)?;
        for (i, &id) in ids.iter().enumerate() {
            if id == first && ids[i + 1..].starts_with(rest) {
                visit(positions.start + i as u32);
            }
        }
        Ok(())
    }

    /// Where the suffixes that begin with `ngram` stand in the suffix array. The empty n-gram
    /// stands everywhere: at each token and at each document's end.
    pub(super) fn range(&self, ngram: &[u32]) -> Read<Range<usize>> {
        let Some((&first, rest)) = ngram.split_first() else {
            return Ok(0..self.len());
        };
        let range = self.head(first)?;
        if rest.is_empty() || range.is_empty() {
            return Ok(range);
        }
        let Some(keys) = &self.keys else {
            return self.narrow(range, 1, rest);
        };
        if rest.iter().any(|&t| t >= self.vocabulary) {
            return Ok(range.start..range.start);
        }
        let place = met(match self.width {
            Width::U16 => keys::narrow::<u16>(keys.view(), range, ngram),
            Width::U32 => keys::narrow::<u32>(keys.view(), range, ngram),
        })?;
        if place.sure.is_empty() {
            return self.narrow(place.within, 1, rest);
        }
        met(of_suffixes!(self, 1, around(place, rest)))
    }

    /// Where the suffixes that begin with one token stand.
    fn head(&self, token: u32) -> Read<Range<usize>> {
        if token >= self.vocabulary {
            return Ok(0..0);
        }
        let heads = self.heads.view::<u32>();
        let t = token as usize;
        let (start, end) = (heads.at(t)? as usize, heads.at(t + 1)? as usize);
        if start > end || end > self.len() {
            return Err(heads.damage(format!("token {token} stands from {start} to {end}")));
        }
        Ok(start..end)
    }

    /// Narrows a range of suffixes that share their first `depth` tokens to those that go on with
    /// `rest`.
    pub(super) fn narrow(
        &self,
        range: Range<usize>,
        depth: usize,
        rest: &[u32],
    ) -> Read<Range<usize>> {
        if depth == 0 {
            return self.range(rest);
        }
        if rest.iter().any(|&t| t >= self.vocabulary) {
            return Ok(range.start..range.start);
        }
        met(of_suffixes!(self, depth, narrow(range, rest)))
    }

    /// The tokens that follow the suffixes of `range` after `depth` tokens, each with the length
    /// of its run, in the order of ids; and how many are followed by a document's end.
    pub(super) fn followers(
        &self,
        range: Range<usize>,
        depth: usize,
    ) -> Read<(Vec<(u32, u64)>, u64)> {
        if depth == 0 {
            let heads = self.heads.view::<u32>();
            let runs = heads.slice(0..heads.len())?.windows(2).enumerate();
            let next = runs
                .filter(|(_, w)| w[1] > w[0])
                .map(|(t, w)| (t as u32, u64::from(w[1] - w[0])))
                .collect();
            return Ok((next, self.info.documents));
        }
        met(of_suffixes!(self, depth, followers(range)))
    }

    /// Whether the suffix at position `a` comes before the one at `b`, verified or not.
    pub(super) fn raw_in_order(&self, a: u32, b: u32) -> bool {
        by_width!(self, raw_in_order_as(a, b))
    }

    fn raw_in_order_as<T: Id>(&self, a: u32, b: u32) -> bool {
        let ids = self.ids.raw::<T>();
        match (ids.get(a as usize..), ids.get(b as usize..)) {
            (Some(a), Some(b)) => a < b,
            _ => false,
        }
    }
}

/// Finds the documents of positions.
#[derive(Clone, Copy)]
pub(super) struct Finder<'a> {
    docs: View<'a, u32>,
    blocks: View<'a, u32>,
}

impl Finder<'_> {
    /// The document that holds `position`, counted within the shard.
    #[inline(always)]
    pub(super) fn document_of(self, position: u32) -> Read<u32> {
        let mut document = self.blocks.at(position as usize / BLOCK)?;
        // Blocks are short, so this takes a step or two.
        while self.docs.at(document as usize + 1)? <= position {
            document += 1;
        }
        Ok(document)
    }

    /// The same, and how many tokens the document has.
    #[inline(always)]
    pub(super) fn document_and_length(self, position: u32) -> Read<(u32, u32)> {
        let document = self.document_of(position)?;
        let (start, end) = (
            self.docs.at(document as usize)?,
            self.docs.at(document as usize + 1)?,
        );
        Ok((document, end.saturating_sub(start).saturating_sub(1)))
    }
}

/// Suffixes in their order, each without its first `depth` tokens.
#[derive(Clone, Copy)]
struct Suffixes<T, O, I> {
    order: O,
    ids: I,
    depth: usize,
    of: PhantomData<T>,
}

impl<T: Id, O: Searched<u32>, I: Searched<T>> Suffixes<T, O, I> {
    fn new(order: O, ids: I, depth: usize) -> Self {
        Self {
            order,
            ids,
            depth,
            of: PhantomData,
        }
    }

    /// The first id of the `i`th.
    #[inline(always)]
    fn first(self, i: usize) -> T {
        self.ids.read(self.order.read(i) as usize + self.depth)
    }

    /// Compares the `i`th with `ngram`, of which the first `shared` are known to be equal. Also says how many are equal. `Equal` means that it begins
    /// with all of `ngram`.
    #[inline(always)]
    fn compare(self, i: usize, ngram: &[u32], shared: usize) -> (Ordering, usize) {
        let start = self.order.read(i) as usize + self.depth;
        for (k, &token) in ngram.iter().enumerate().skip(shared) {
            // Every document ends in a separator, which is above all tokens: it stops the comparison before the stream ends.
            match self.ids.read(start + k).get().cmp(&token) {
                Ordering::Equal => {}
                unequal => return (unequal, k),
            }
        }
        (Ordering::Equal, ngram.len())
    }

    /// Those of `range` that begin with `ngram`.
    fn narrow(self, range: Range<usize>, ngram: &[u32]) -> Range<usize> {
        // Tokens known to be shared with the suffixes at both ends need no second look.
        let (mut lo, mut hi) = (range.start, range.end);
        let (mut lo_shared, mut hi_shared) = (0, 0);
        while lo < hi {
            let mid = lo + (hi - lo) / 2;
            let (ordering, shared) = self.compare(mid, ngram, lo_shared.min(hi_shared));
            match ordering {
                Ordering::Less => (lo, lo_shared) = (mid + 1, shared),
                Ordering::Greater => (hi, hi_shared) = (mid, shared),
                Ordering::Equal => {
                    let start = edge(lo, mid, |i| self.compare(i, ngram, lo_shared).0.is_lt());
                    let end = edge(mid + 1, hi, |i| self.compare(i, ngram, hi_shared).0.is_eq());
                    return start..end;
                }
            }
        }
        lo..lo
    }

    /// Those of a place that begin with `ngram`.
    fn around(self, place: Place, ngram: &[u32]) -> Range<usize> {
        let Place { within, sure } = place;
        let start = edge(within.start, sure.start, |i| {
            self.compare(i, ngram, 0).0.is_lt()
        });
        let end = edge(sure.end, within.end, |i| {
            self.compare(i, ngram, 0).0.is_eq()
        });
        start..end
    }

    /// The first tokens of those of `range`, each with the length of its run, in the order of ids; and how many are at a document's end.
    fn followers(self, range: Range<usize>) -> (Vec<(u32, u64)>, u64) {
        let (mut next, mut ends) = (Vec::new(), 0);
        let mut start = range.start;
        while start < range.end {
            let id = self.first(start);
            let end = near_edge(start, range.end, |i| self.first(i) == id);
            let count = (end - start) as u64;
            if id == T::SEPARATOR {
                ends += count;
            } else {
                next.push((id.get(), count));
            }
            // The first always counts; damaged files that no checksum covers must not stop here for ever.
            start = end.max(start + 1);
        }
        (next, ends)
    }
}
