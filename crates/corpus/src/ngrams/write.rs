//! Writing shards: ids are streamed to disk behind the shards that are taken from other indexes, then each new shard is sorted by itself.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use libsais::SuffixArrayConstruction;
use sha2::{Digest, Sha256};

use super::files::{Id, Numbers, ShardInfo, Width};
use super::join::{KEYS, Piece, groups};
use super::keys;
use super::stream::OpenShard;
use crate::error::CorpusError;
use rotescope_vocab::hash::hex;

/// libsais counts in i32, so no shard is longer.
const MOST_POSITIONS: u64 = i32::MAX as u64;

/// Bytes of memory per position while a shard is sorted: the ids (mapped narrow ones, a copy of wide ones), the suffix array, and a little that libsais
/// takes beside it.
fn sorting_bytes(width: Width) -> f64 {
    match width {
        Width::U16 => 2.0 + 4.0 + 0.2,
        Width::U32 => 4.0 + 4.0 + 0.2,
    }
}

/// Takes documents one after another and leaves sorted shards in a folder.
pub struct NgramWriter {
    folder: PathBuf,
    width: Width,
    vocabulary: u32,
    /// Shards are closed before they get longer than this.
    most: u64,
    shards: Vec<Piece>,
    /// How many shards have got a name.
    named: usize,
    /// Whether all shards are put together that fit.
    compact: bool,
    open: Option<OpenShard>,
    stream: Sha256,
    tokens: u64,
}

/// Shards as written.
pub struct Written {
    pub shards: Vec<ShardInfo>,
    pub width: Width,
    /// Tokens, separators not counted.
    pub tokens: u64,
    /// Hex SHA-256 of all ids and separators as little-endian u32: the same for the same documents
    /// and tokenizer, whatever the shards.
    pub stream_sha256: String,
}

impl NgramWriter {
    /// `memory`: how many bytes sorting may take; decides how long shards get.
    pub fn new(folder: &Path, vocabulary: usize, memory: u64) -> Result<Self, CorpusError> {
        let width = Width::of_vocabulary(vocabulary);
        // Buckets for every id are held beside the suffix array.
        let buckets = 64 * vocabulary as u64 + (4 << 20);
        let most = (memory.saturating_sub(buckets) as f64 / sorting_bytes(width)) as u64;
        if most < 1 << 10 {
            return Err(CorpusError::TooLittleMemory {
                wanted: memory,
                needed: 4 * (buckets + (1 << 20)),
                why: format!("sorting with a vocabulary of {vocabulary} ids"),
            });
        }
        Ok(Self::with_shard_length(folder, vocabulary, most))
    }

    /// Shards of at most `most` positions, whatever memory that takes.
    pub fn with_shard_length(folder: &Path, vocabulary: usize, most: u64) -> Self {
        Self {
            folder: folder.to_path_buf(),
            width: Width::of_vocabulary(vocabulary),
            vocabulary: u32::try_from(vocabulary).unwrap_or(u32::MAX - 1),
            most: most.min(MOST_POSITIONS),
            shards: Vec::new(),
            named: 0,
            compact: false,
            open: None,
            stream: Sha256::new(),
            tokens: 0,
        }
    }

    /// Tokens so far.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Puts all shards together that fit, few or many.
    pub(crate) fn compact(&mut self) {
        self.compact = true;
    }

    /// A name that no shard has.
    pub(crate) fn name(&mut self) -> String {
        self.named += 1;
        format!("shard-{:03}", self.named - 1)
    }

    /// Takes a sorted shard as it is, whose files lie in the folder; before any document is written.
    pub(crate) fn take(&mut self, shard: Piece) -> Result<(), CorpusError> {
        shard.hash_into(&mut self.stream, &self.folder, self.width)?;
        self.tokens += shard.info.positions.saturating_sub(shard.info.documents);
        self.shards.push(shard);
        Ok(())
    }

    /// Hex SHA-256 of all ids so far: see [`Written::stream_sha256`].
    pub(crate) fn stream_sha256(&self) -> String {
        hex(&self.stream.clone().finalize())
    }

    /// Appends one document.
    pub fn push(&mut self, tokens: &[u32]) -> Result<(), CorpusError> {
        if let Some(&id) = tokens.iter().find(|&&t| t >= self.vocabulary) {
            return Err(CorpusError::BadToken {
                id,
                size: self.vocabulary as usize,
            });
        }
        let length = tokens.len() as u64 + 1;
        if length > self.most {
            return Err(self.too_long(length));
        }
        if self.is_full(tokens) {
            self.close()?;
        }
        let mut shard = match self.open.take() {
            Some(shard) => shard,
            None => {
                let name = self.name();
                OpenShard::create(&self.folder, name)?
            }
        };
        let written = match self.width {
            Width::U16 => shard.push::<u16>(tokens),
            Width::U32 => shard.push::<u32>(tokens),
        };
        written.map_err(|e| shard.failed(&self.folder, e))?;
        self.open = Some(shard);
        self.stream.update(bytemuck::cast_slice::<u32, u8>(tokens));
        self.stream.update(u32::MAX.to_le_bytes());
        self.tokens += length - 1;
        Ok(())
    }

    /// Whether this document would begin another shard than the one that is written.
    pub(crate) fn is_full(&self, tokens: &[u32]) -> bool {
        let open = self.open.as_ref();
        open.is_some_and(|open| open.info.positions + tokens.len() as u64 + 1 > self.most)
    }

    /// Ends the shard that is written; all shards by then.
    pub(crate) fn closed(&mut self) -> Result<Vec<ShardInfo>, CorpusError> {
        self.close()?;
        Ok(self.shards.iter().map(|s| s.info.clone()).collect())
    }

    fn too_long(&self, length: u64) -> CorpusError {
        let bytes = (length as f64 * sorting_bytes(self.width)) as u64;
        CorpusError::TooLittleMemory {
            wanted: (self.most as f64 * sorting_bytes(self.width)) as u64,
            needed: 4 * bytes + (64 << 20),
            why: format!("one document alone has {} tokens", length - 1),
        }
    }

    fn close(&mut self) -> Result<(), CorpusError> {
        if let Some(shard) = self.open.take() {
            self.shards.push(Piece::new(shard.close(&self.folder)?));
        }
        Ok(())
    }

    /// Puts small shards together and sorts those that are new. `sorted(positions done, positions in all)` is called after each; its error ends
    /// the work.
    pub fn finish(
        mut self,
        mut sorted: impl FnMut(u64, u64) -> Result<(), CorpusError>,
    ) -> Result<Written, CorpusError> {
        self.close()?;
        self.join()?;
        let new = self.shards.iter().filter(|s| !s.sorted).map(|s| &s.info);
        let all = new.clone().map(|s| s.positions).sum();
        let mut done = 0;
        sorted(done, all)?;
        for shard in new {
            match self.width {
                Width::U16 => sort::<u16>(&self.folder, shard, self.vocabulary, order_u16)?,
                Width::U32 => sort::<u32>(&self.folder, shard, self.vocabulary, order_u32)?,
            }
            done += shard.positions;
            sorted(done, all)?;
        }
        Ok(Written {
            shards: self.shards.into_iter().map(|s| s.info).collect(),
            width: self.width,
            tokens: self.tokens,
            stream_sha256: hex(&self.stream.finalize()),
        })
    }

    fn join(&mut self) -> Result<(), CorpusError> {
        let lengths: Vec<u64> = self.shards.iter().map(|s| s.info.positions).collect();
        let mut shards = std::mem::take(&mut self.shards).into_iter();
        for group in groups(&lengths, self.most, self.compact) {
            let pieces: Vec<Piece> = shards.by_ref().take(group.len()).collect();
            match <[Piece; 1]>::try_from(pieces) {
                Ok([alone]) => self.shards.push(alone),
                Err(pieces) => {
                    let joined = self.joined(&pieces)?;
                    self.shards.push(joined);
                }
            }
        }
        Ok(())
    }

    /// One shard of the documents of several, which are removed.
    fn joined(&mut self, pieces: &[Piece]) -> Result<Piece, CorpusError> {
        let name = self.name();
        let mut shard = OpenShard::create(&self.folder, name)?;
        for piece in pieces {
            match self.width {
                Width::U16 => piece.push_into::<u16>(&mut shard, &self.folder, self.vocabulary)?,
                Width::U32 => piece.push_into::<u32>(&mut shard, &self.folder, self.vocabulary)?,
            }
        }
        let joined = Piece::new(shard.close(&self.folder)?);
        for piece in pieces {
            piece.remove(&self.folder)?;
        }
        Ok(joined)
    }
}

/// Writes the suffix array, the heads and the keys of one shard.
fn sort<T: Id>(
    folder: &Path,
    shard: &ShardInfo,
    vocabulary: u32,
    order: impl Fn(Numbers, u32) -> Result<Vec<i32>, libsais::LibsaisError>,
) -> Result<(), CorpusError> {
    let path = shard.path(folder, "ids");
    let file = Numbers::open(&path, shard.positions, size_of::<T>(), None)?;
    let ids: &[T] = file.raw();
    let mut heads = vec![0u32; vocabulary as usize + 1];
    for &id in ids.iter().filter(|&&id| id != T::SEPARATOR) {
        heads[id.get() as usize + 1] += 1;
    }
    for t in 1..heads.len() {
        heads[t] += heads[t - 1];
    }
    write(&shard.path(folder, "heads"), &heads)?;

    let order = order(file, vocabulary).map_err(|e| {
        let bytes = (shard.positions as f64 * sorting_bytes(Width::U32)) as u64;
        match e {
            libsais::LibsaisError::OutOfMemory => CorpusError::TooLittleMemory {
                wanted: bytes,
                needed: 2 * bytes,
                why: "the suffix sort ran out of memory".to_string(),
            },
            other => CorpusError::damaged(&path, format!("the suffix sort failed ({other:?})")),
        }
    })?;
    write(&shard.path(folder, "sa"), &order)?;

    let file = Numbers::open(&path, shard.positions, size_of::<T>(), None)?;
    let ids = file.raw::<T>();
    let path = shard.path(folder, KEYS);
    // One by one: memory is full of what they are made of.
    let write = |file| {
        let mut out = BufWriter::new(file);
        for &at in order.iter().step_by(keys::STEP) {
            out.write_all(bytemuck::bytes_of(&keys::key(ids, at as u32)))?;
        }
        out.flush()
    };
    let written = File::create(&path).and_then(write);
    written.map_err(|e| CorpusError::io(&path, "write the file", e))
}

fn order_u16(file: Numbers, _vocabulary: u32) -> Result<Vec<i32>, libsais::LibsaisError> {
    let ids: &[u16] = file.raw();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(SuffixArrayConstruction::for_text(ids)
        .in_owned_buffer32()
        .single_threaded()
        .run()?
        .into_vec())
}

fn order_u32(file: Numbers, vocabulary: u32) -> Result<Vec<i32>, libsais::LibsaisError> {
    let ids: &[u32] = file.raw();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // libsais wants non-negative numbers and memory for each one up to the greatest, so the
    // separator becomes the number after the vocabulary. That leaves the order as it is.
    let mut text: Vec<i32> = ids.iter().map(|&id| id.min(vocabulary) as i32).collect();
    // The copy takes its place in memory.
    drop(file);
    Ok(SuffixArrayConstruction::for_text_mut(&mut text)
        .in_owned_buffer32()
        .single_threaded()
        .run()?
        .into_vec())
}

fn write<N: bytemuck::NoUninit>(path: &Path, numbers: &[N]) -> Result<(), CorpusError> {
    File::create(path)
        .and_then(|mut f| f.write_all(bytemuck::cast_slice(numbers)))
        .map_err(|e| CorpusError::io(path, "write the file", e))
}
