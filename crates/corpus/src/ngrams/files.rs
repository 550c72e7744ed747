//! The files of one shard, memory-mapped.
//!
//! All are plain arrays of little-endian numbers:
//!
//! | file | numbers | content |
//! |---|---|---|
//! | `shard-N.ids` | u16 or u32 | token ids of its documents, each document followed by one separator (all bits set) |
//! | `shard-N.sa` | u32 | suffix array: every position of `ids`, ordered by the ids from there on |
//! | `shard-N.heads` | u32, vocabulary + 1 | `heads[t]`: how many positions hold an id below `t` = where suffixes that begin with `t` start in `sa` |
//! | `shard-N.docs` | u32, documents + 1 | position of each document's first token; then the length of `ids` |
//! | `shard-N.blocks` | u32 | for every 64th position, the document it lies in (its separator is part of it) |

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use memmap2::Mmap;
use serde::{Deserialize, Serialize};

use crate::checksums::{Damage, FileSums, PAGE, Read, bytes_of, pages};
use crate::error::CorpusError;

#[cfg(target_endian = "big")]
compile_error!("index files are mapped as little-endian numbers");

/// Folder of the shards within an index folder.
pub(crate) const FOLDER: &str = "ngrams";
/// Positions per entry of `shard-N.blocks`.
pub(super) const BLOCK: usize = 64;

/// Bytes of one token id on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Width {
    U16,
    U32,
}

impl Width {
    /// The narrowest width for a vocabulary of `size` ids; the greatest number is kept free for
    /// the separator.
    pub fn of_vocabulary(size: usize) -> Self {
        if u16::try_from(size).is_ok() {
            Width::U16
        } else {
            Width::U32
        }
    }

    pub fn bytes(self) -> usize {
        match self {
            Width::U16 => 2,
            Width::U32 => 4,
        }
    }
}

/// A token id as it is stored.
pub(super) trait Id: bytemuck::Pod + Ord + Send + Sync + 'static {
    /// Stands after each document; never a token.
    const SEPARATOR: Self;
    fn get(self) -> u32;
    /// `id` must be below the separator.
    fn of(id: u32) -> Self;
}

impl Id for u16 {
    const SEPARATOR: Self = u16::MAX;
    fn get(self) -> u32 {
        // The separator stays above every id that can be asked for.
        u32::from(self)
    }
    fn of(id: u32) -> Self {
        debug_assert!(id < u32::from(u16::MAX));
        id as u16
    }
}

impl Id for u32 {
    const SEPARATOR: Self = u32::MAX;
    fn get(self) -> u32 {
        self
    }
    fn of(id: u32) -> Self {
        id
    }
}

/// What the manifest says of one shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardInfo {
    /// File name without extension, such as `shard-000`.
    pub name: String,
    pub documents: u64,
    /// Numbers in the id stream: tokens, and one separator a document.
    pub positions: u64,
}

impl ShardInfo {
    pub(super) fn path(&self, folder: &Path, extension: &str) -> PathBuf {
        folder.join(format!("{}.{extension}", self.name))
    }
}

/// A read-only mapped file seen as an array of numbers.
pub(super) struct Numbers {
    map: Option<Mmap>,
    sums: Arc<FileSums>,
}

impl Numbers {
    /// Maps `path`, which must hold exactly `len` numbers of `bytes` bytes. `sums`: none where its pages are not verified.
    pub(super) fn open(
        path: &Path,
        len: u64,
        bytes: usize,
        sums: Option<Arc<FileSums>>,
    ) -> Result<Self, CorpusError> {
        let file = File::open(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => CorpusError::MissingFile {
                path: path.to_path_buf(),
            },
            _ => CorpusError::io(path, "open the file", e),
        })?;
        let found = file
            .metadata()
            .map_err(|e| CorpusError::io(path, "read the size of the file", e))?
            .len();
        let expected = len.saturating_mul(bytes as u64);
        if found != expected {
            return Err(CorpusError::WrongSize {
                path: path.to_path_buf(),
                expected,
                found,
            });
        }
        let sums = sums.unwrap_or_else(|| Arc::new(FileSums::unchecked(path.into(), found)));
        if found == 0 {
            return Ok(Self { map: None, sums });
        }
        #[expect(unsafe_code, reason = "there is no safe way to map a file")]
        // SAFETY: index files are written once, under another name, and never changed after they
        // were moved into place; replacing an index puts new files there and leaves the mapped
        // ones alive. Someone who overwrites them in place breaks this contract, as with every
        // mapped file; what is read is plain numbers, and each is bounds-checked before use.
        let map = unsafe { Mmap::map(&file) }
            .map_err(|e| CorpusError::io(path, "map the file into memory", e))?;
        Ok(Self {
            map: Some(map),
            sums,
        })
    }

    /// The numbers as they stand there, verified or not. Maps begin at a page, and sizes were checked, so the cast always holds.
    pub(super) fn raw<T: bytemuck::Pod>(&self) -> &[T] {
        self.map
            .as_ref()
            .map_or(&[], |map| bytemuck::cast_slice(&map[..]))
    }

    /// The numbers, whose pages are verified when they are first read.
    #[inline]
    pub(super) fn view<T: bytemuck::Pod>(&self) -> View<'_, T> {
        View {
            numbers: self.raw(),
            sound: self.sums.are_all_verified(),
            verified: self.sums.verified(),
            sums: &self.sums,
        }
    }
}

/// Numbers of a file, each of which was verified when it is read.
#[derive(Clone, Copy)]
pub(super) struct View<'a, T> {
    numbers: &'a [T],
    /// All pages were verified before: no look at `verified` is needed.
    sound: bool,
    verified: &'a [AtomicU8],
    sums: &'a FileSums,
}

impl<'a, T: bytemuck::Pod> View<'a, T> {
    #[inline]
    pub(super) fn len(self) -> usize {
        self.numbers.len()
    }

    /// The number at a place; damage if there is none.
    #[inline(always)]
    pub(super) fn at(self, i: usize) -> Read<T> {
        match self.numbers.get(i) {
            Some(&number) if self.is_verified(i * size_of::<T>() / PAGE) => Ok(number),
            _ => self.verify_at(i),
        }
    }

    /// The number at a place, if the file has one there.
    #[inline(always)]
    pub(super) fn get(self, i: usize) -> Read<Option<T>> {
        match self.numbers.get(i) {
            Some(&number) if self.is_verified(i * size_of::<T>() / PAGE) => Ok(Some(number)),
            Some(_) => self.verify_at(i).map(Some),
            None => Ok(None),
        }
    }

    /// The numbers at some places; damage if there are none.
    #[inline]
    pub(super) fn slice(self, range: Range<usize>) -> Read<&'a [T]> {
        let Some(found) = self.numbers.get(range.clone()) else {
            return Err(self.outside(range.end));
        };
        for page in pages(&(range.start * size_of::<T>()..range.end * size_of::<T>())) {
            if !self.is_verified(page) {
                self.verify_page(page)?;
            }
        }
        Ok(found)
    }

    #[inline(always)]
    fn is_verified(self, page: usize) -> bool {
        let verified = |flag: &AtomicU8| flag.load(Ordering::Relaxed) != 0;
        self.sound || self.verified.get(page).is_some_and(verified)
    }

    #[cold]
    #[inline(never)]
    fn verify_at(self, i: usize) -> Read<T> {
        let Some(&number) = self.numbers.get(i) else {
            return Err(self.outside(i));
        };
        self.verify_page(i * size_of::<T>() / PAGE)?;
        Ok(number)
    }

    #[cold]
    #[inline(never)]
    fn verify_page(self, page: usize) -> Read<()> {
        let bytes: &[u8] = bytemuck::cast_slice(self.numbers);
        self.sums.verify(page, &bytes[bytes_of(page, bytes.len())])
    }

    #[cold]
    #[inline(never)]
    fn outside(self, i: usize) -> Damage {
        let length = self.numbers.len();
        self.sums.damage(format!(
            "number {i} is asked for, and it has {length}: this file or another of the index is not what was written"
        ))
    }

    /// The numbers contradict each other.
    pub(super) fn damage(self, what: impl Into<String>) -> Damage {
        self.sums.damage(what)
    }
}
