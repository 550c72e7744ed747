//! Writing shards: ids are streamed to disk, then each shard is sorted by itself.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use libsais::SuffixArrayConstruction;
use sha2::{Digest, Sha256};

use super::files::{BLOCK, Id, Numbers, ShardInfo, Width};
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
    shards: Vec<ShardInfo>,
    open: Option<OpenShard>,
    stream: Sha256,
    tokens: u64,
}

struct OpenShard {
    info: ShardInfo,
    ids: BufWriter<File>,
    docs: BufWriter<File>,
    blocks: BufWriter<File>,
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
            open: None,
            stream: Sha256::new(),
            tokens: 0,
        }
    }

    /// Tokens so far.
    pub fn tokens(&self) -> u64 {
        self.tokens
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
        if let Some(open) = &self.open
            && open.info.positions + length > self.most
        {
            self.close()?;
        }
        let mut shard = match self.open.take() {
            Some(shard) => shard,
            None => OpenShard::create(&self.folder, self.shards.len())?,
        };
        let written = match self.width {
            Width::U16 => shard.push::<u16>(tokens),
            Width::U32 => shard.push::<u32>(tokens),
        };
        written.map_err(|e| {
            CorpusError::io(shard.info.path(&self.folder, "ids"), "write the tokens", e)
        })?;
        self.open = Some(shard);
        self.stream.update(bytemuck::cast_slice::<u32, u8>(tokens));
        self.stream.update(u32::MAX.to_le_bytes());
        self.tokens += length - 1;
        Ok(())
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
            self.shards.push(shard.close(&self.folder)?);
        }
        Ok(())
    }

    /// Sorts the shards. `sorted(positions done, positions in all)` is called after each; its
    /// error ends the work.
    pub fn finish(
        mut self,
        mut sorted: impl FnMut(u64, u64) -> Result<(), CorpusError>,
    ) -> Result<Written, CorpusError> {
        self.close()?;
        let all = self.shards.iter().map(|s| s.positions).sum();
        let mut done = 0;
        sorted(done, all)?;
        for shard in &self.shards {
            match self.width {
                Width::U16 => sort::<u16>(&self.folder, shard, self.vocabulary, order_u16)?,
                Width::U32 => sort::<u32>(&self.folder, shard, self.vocabulary, order_u32)?,
            }
            done += shard.positions;
            sorted(done, all)?;
        }
        Ok(Written {
            shards: self.shards,
            width: self.width,
            tokens: self.tokens,
            stream_sha256: hex(&self.stream.finalize()),
        })
    }
}

impl OpenShard {
    fn create(folder: &Path, number: usize) -> Result<Self, CorpusError> {
        let info = ShardInfo {
            name: format!("shard-{number:03}"),
            documents: 0,
            positions: 0,
        };
        let create = |extension: &str| {
            let path = info.path(folder, extension);
            File::create(&path)
                .map(|f| BufWriter::with_capacity(1 << 18, f))
                .map_err(|e| CorpusError::io(&path, "create the file", e))
        };
        Ok(Self {
            ids: create("ids")?,
            docs: create("docs")?,
            blocks: create("blocks")?,
            info,
        })
    }

    fn push<T: Id>(&mut self, tokens: &[u32]) -> std::io::Result<()> {
        let start = self.info.positions;
        let end = start + tokens.len() as u64 + 1;
        self.docs.write_all(&(start as u32).to_le_bytes())?;
        // One entry for every multiple of BLOCK that falls into this document.
        for _ in start.div_ceil(BLOCK as u64)..end.div_ceil(BLOCK as u64) {
            self.blocks
                .write_all(&(self.info.documents as u32).to_le_bytes())?;
        }
        let ids: Vec<T> = tokens
            .iter()
            .map(|&t| T::of(t))
            .chain([T::SEPARATOR])
            .collect();
        self.ids.write_all(bytemuck::cast_slice(&ids))?;
        self.info.positions = end;
        self.info.documents += 1;
        Ok(())
    }

    fn close(mut self, folder: &Path) -> Result<ShardInfo, CorpusError> {
        let mut end = || -> std::io::Result<()> {
            self.docs
                .write_all(&(self.info.positions as u32).to_le_bytes())?;
            self.docs.flush()?;
            self.blocks.flush()?;
            self.ids.flush()
        };
        end().map_err(|e| CorpusError::io(self.info.path(folder, "ids"), "write the tokens", e))?;
        Ok(self.info)
    }
}

/// Writes the suffix array and the heads of one shard.
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
    write(&shard.path(folder, "sa"), &order)
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
