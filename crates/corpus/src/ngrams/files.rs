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
//! | `shard-N.keys` | 128 bits | the first ids of every 64th suffix, in the order of `sa`: 8 of u16 or 4 of u32, the first one in the highest bits, zeros behind the end of `ids`; none in older indexes |

use std::cell::Cell;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Weak};

use memmap2::Mmap;
use schemars::JsonSchema;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// A number that is searched.
pub(super) trait Number: bytemuck::Pod {
    const GREATEST: Self;
}

impl Number for u16 {
    const GREATEST: Self = u16::MAX;
}

impl Number for u32 {
    const GREATEST: Self = u32::MAX;
}

impl Number for u128 {
    const GREATEST: Self = u128::MAX;
}

/// A token id as it is stored.
pub(super) trait Id: Number + Ord + Send + Sync + 'static {
    /// Stands after each document; never a token.
    const SEPARATOR: Self = Self::GREATEST;
    fn get(self) -> u32;
    /// `id` must be below the separator.
    fn of(id: u32) -> Self;
}

impl Id for u16 {
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
    fn get(self) -> u32 {
        self
    }
    fn of(id: u32) -> Self {
        id
    }
}

/// What the manifest says of one shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// A read-only mapped file.
struct Mapped {
    map: Option<Mmap>,
    sums: Arc<FileSums>,
    /// Whether only what is looked at is read of it, without what lies around.
    is_sparse: AtomicBool,
    /// Whether it stays so, however much is looked at.
    stays_sparse: AtomicBool,
}

impl Mapped {
    fn bytes(&self) -> &[u8] {
        self.map.as_ref().map_or(&[], |map| &map[..])
    }

    fn new(map: Option<Mmap>, sums: Arc<FileSums>) -> Arc<Self> {
        let mapped = Self {
            map,
            sums,
            is_sparse: AtomicBool::new(false),
            stays_sparse: AtomicBool::new(false),
        };
        // Where pages are not verified, they are not counted either.
        mapped.read_sparsely(!mapped.sums.crcs().is_empty());
        Arc::new(mapped)
    }

    fn read_sparsely(&self, is_sparse: bool) {
        self.is_sparse.store(is_sparse, Ordering::Relaxed);
        #[cfg(unix)]
        if let Some(map) = &self.map {
            let advice = match is_sparse {
                true => memmap2::Advice::Random,
                false => memmap2::Advice::Normal,
            };
            // Without it only more is read.
            let _ = map.advise(advice);
        }
    }

    /// These pages are wanted whole, so that they are read at once and not each part of them when it is looked at.
    fn expect(&self, pages: Range<usize>) {
        #[cfg(unix)]
        if let Some(map) = &self.map
            && self.is_sparse.load(Ordering::Relaxed)
        {
            let start = bytes_of(pages.start, map.len()).start;
            let end = bytes_of(pages.end, map.len()).start;
            let _ = map.advise_range(memmap2::Advice::WillNeed, start, end - start);
        }
    }

    fn verify(self: &Arc<Self>, page: usize) -> Read<()> {
        self.expect(page..page + 1);
        let bytes = self.bytes();
        let bytes = &bytes[bytes_of(page, bytes.len())];
        let Some(verified) = self.sums.verify(page, bytes)? else {
            return Ok(());
        };
        let pages = self.sums.crcs().len();
        if verified == many(pages) && !self.stays_sparse.load(Ordering::Relaxed) {
            self.read_sparsely(false);
        }
        if verified == enough(pages) {
            // Searches are quicker once all is verified. Without a thread it only stays slower.
            let file = Arc::downgrade(self);
            let thread = std::thread::Builder::new().name("verify".to_string());
            let _ = thread.spawn(move || verify_rest(&file));
        }
        Ok(())
    }
}

/// After how many pages, read one at a time, large parts of a file are read: many questions soon want all of it. A 32nd of it takes many
/// questions longer, and fewer pages of a small file one count.
fn many(pages: usize) -> usize {
    (pages / 64).max(16)
}

/// After how many pages the rest may as well be verified: half of all, or of a small file a 16th.
fn enough(pages: usize) -> usize {
    /// Pages of a file that is soon read whole: 64 MiB.
    const FEW: usize = 4096;
    match pages {
        ..=FEW => pages.div_ceil(16),
        _ => pages.div_ceil(2),
    }
}

/// Verifies the pages of a file that nothing has read yet, until the file is closed. Damage is told to whoever reads the page.
fn verify_rest(file: &Weak<Mapped>) {
    /// Pages between two looks whether the file is closed: 4 MiB, about a millisecond.
    const AT_ONCE: usize = 256;
    for first in (0..).step_by(AT_ONCE) {
        let Some(file) = file.upgrade() else { return };
        let bytes = file.bytes();
        if first * PAGE >= bytes.len() {
            return;
        }
        file.expect(first..first + AT_ONCE);
        for page in (first..first + AT_ONCE).filter(|&p| p * PAGE < bytes.len()) {
            if !file.sums.is_verified(page) {
                let _ = file.sums.verify(page, &bytes[bytes_of(page, bytes.len())]);
            }
        }
    }
}

/// A read-only mapped file seen as an array of numbers.
pub(super) struct Numbers(Arc<Mapped>);

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
            return Ok(Self(Mapped::new(None, sums)));
        }
        #[expect(unsafe_code, reason = "there is no safe way to map a file")]
        // SAFETY: index files are written once, under another name, and never changed after they
        // were moved into place; replacing an index puts new files there and leaves the mapped
        // ones alive. Someone who overwrites them in place breaks this contract, as with every
        // mapped file; what is read is plain numbers, and each is bounds-checked before use.
        let map = unsafe { Mmap::map(&file) }
            .map_err(|e| CorpusError::io(path, "map the file into memory", e))?;
        Ok(Self(Mapped::new(Some(map), sums)))
    }

    /// Only what is looked at is ever read, without what lies around it, as is suitable for a file that memory cannot hold. Of others large parts are
    /// read, which is the quickest, once many places were looked at.
    pub(super) fn stay_sparse(&self) {
        self.0.stays_sparse.store(true, Ordering::Relaxed);
        self.0.read_sparsely(true);
    }

    /// All will be read.
    pub(super) fn read_around(&self) {
        self.0.read_sparsely(false);
    }

    /// The numbers as they stand there, verified or not. Maps begin at a page, and sizes were checked, so the cast always holds.
    pub(super) fn raw<T: bytemuck::Pod>(&self) -> &[T] {
        bytemuck::cast_slice(self.0.bytes())
    }

    /// Whether all pages were verified, so that the raw numbers may be read.
    #[inline]
    pub(super) fn is_sound(&self) -> bool {
        self.0.sums.are_all_verified()
    }

    /// The numbers, whose pages are verified when they are first read.
    #[inline]
    pub(super) fn view<T: bytemuck::Pod>(&self) -> View<'_, T> {
        View {
            numbers: self.raw(),
            verified: self.0.sums.verified(),
            file: &self.0,
        }
    }
}

/// Numbers as a search reads them: a [`View`], or those of a file of which all was verified before. Such a search looks at many numbers and comes to its
/// end whatever they are; so it carries no error from one to the next, and [`met`] tells damage at its end.
pub(super) trait Searched<T>: Copy {
    /// The number at a place; the greatest one where it is damaged, and behind the last.
    fn read(self, i: usize) -> T;
}

impl<T: Number> Searched<T> for &[T] {
    #[inline(always)]
    fn read(self, i: usize) -> T {
        self.get(i).copied().unwrap_or(T::GREATEST)
    }
}

impl<T: Number> Searched<T> for View<'_, T> {
    #[inline(always)]
    fn read(self, i: usize) -> T {
        match self.numbers.get(i) {
            Some(&number) if self.is_verified(i * size_of::<T>() / PAGE) => number,
            _ => self.verify_noting(i),
        }
    }
}

thread_local! {
    /// The damage that a search of this thread has met.
    static NOTED: Cell<Option<Damage>> = const { Cell::new(None) };
}

/// What a search of [`Searched`] numbers has found, if all that it read was sound.
#[inline]
pub(super) fn met<F>(found: F) -> Read<F> {
    NOTED.take().map_or(Ok(found), Err)
}

/// Numbers of a file, each of which was verified when it is read.
#[derive(Clone, Copy)]
pub(super) struct View<'a, T> {
    numbers: &'a [T],
    verified: &'a [AtomicU8],
    file: &'a Arc<Mapped>,
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

    /// The numbers at some places; damage if there are none.
    #[inline]
    pub(super) fn slice(self, range: Range<usize>) -> Read<&'a [T]> {
        let Some(found) = self.numbers.get(range.clone()) else {
            return Err(self.outside(range.end));
        };
        let pages = pages(&(range.start * size_of::<T>()..range.end * size_of::<T>()));
        if pages.len() > 1 {
            self.file.expect(pages.clone());
        }
        for page in pages {
            if !self.is_verified(page) {
                self.verify_page(page)?;
            }
        }
        Ok(found)
    }

    #[inline(always)]
    fn is_verified(self, page: usize) -> bool {
        let verified = |flag: &AtomicU8| flag.load(Ordering::Relaxed) != 0;
        self.verified.get(page).is_some_and(verified)
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
        self.file.verify(page)
    }

    #[cold]
    #[inline(never)]
    fn outside(self, i: usize) -> Damage {
        let length = self.numbers.len();
        self.file.sums.damage(format!(
            "number {i} is asked for, and it has {length}: this file or another of the index is not what was written"
        ))
    }

    #[cold]
    #[inline(never)]
    fn verify_noting(self, i: usize) -> T
    where
        T: Number,
    {
        self.verify_at(i).unwrap_or_else(|damage| {
            NOTED.set(Some(damage));
            T::GREATEST
        })
    }

    /// The numbers contradict each other.
    pub(super) fn damage(self, what: impl Into<String>) -> Damage {
        self.file.sums.damage(what)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::checksums::Sums;

    const NUMBERS: usize = PAGE / 4;

    /// A file of `pages` pages of numbers, and the checksums of what it should hold. `wrong`: a number that is another there.
    fn file(pages: usize, wrong: Option<usize>) -> (tempfile::TempDir, Numbers) {
        let folder = tempfile::tempdir().unwrap();
        let mut numbers: Vec<u32> = (0..(pages * NUMBERS) as u32).collect();
        let crcs: Vec<u32> = bytemuck::cast_slice::<u32, u8>(&numbers)
            .chunks(PAGE)
            .map(crc32fast::hash)
            .collect();
        if let Some(wrong) = wrong {
            numbers[wrong] ^= 1;
        }
        let path = folder.path().join("numbers");
        std::fs::write(&path, bytemuck::cast_slice::<u32, u8>(&numbers)).unwrap();
        crate::checksums::write(folder.path(), b"", &crcs).unwrap();
        let stored = crate::checksums::Stored::read(folder.path()).unwrap();
        let names = [("numbers", (pages * PAGE) as u64)];
        let sums = Sums::new(folder.path(), names, stored).unwrap();
        let sums = sums.of("numbers").cloned();
        let found = Numbers::open(&path, (pages * NUMBERS) as u64, 4, sums);
        (folder, found.unwrap())
    }

    /// Waits for the thread that verifies the rest.
    fn until(holds: impl Fn() -> bool) -> bool {
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end && !holds() {
            std::thread::sleep(Duration::from_millis(2));
        }
        holds()
    }

    #[test]
    fn when_enough_is_verified_the_rest_is_soon() {
        let (_folder, numbers) = file(601, None);
        let view = numbers.view::<u32>();
        let read = |page: usize| view.at(page * NUMBERS).unwrap();
        // Read again, a page counts once.
        for page in (0..37).chain(0..37) {
            assert_eq!(read(page) as usize, page * NUMBERS);
        }
        assert!(!numbers.0.sums.is_verified(600));
        read(37);
        assert!(until(|| numbers.is_sound()));
    }

    #[test]
    fn many_and_enough_pages_are_parts_of_all() {
        let pages = [1, 17, 1_024, 1_088, 4_096, 4_098];
        assert_eq!(pages.map(many), [16, 16, 16, 17, 64, 64]);
        assert_eq!(pages.map(enough), [1, 2, 64, 68, 256, 2_049]);
    }

    /// Whether the system reads only what is looked at of the numbers: the flag `rr` of the file's mapping.
    #[cfg(target_os = "linux")]
    fn is_read_sparsely(folder: &Path) -> bool {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let path = folder.join("numbers");
        let mut own = maps.lines();
        own.find(|line| line.ends_with(path.to_str().unwrap()))
            .unwrap();
        let flags = own.find(|line| line.starts_with("VmFlags:")).unwrap();
        flags.split(' ').any(|flag| flag == "rr")
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn large_parts_are_read_once_many_places_were_looked_at() {
        let pages = 64 * 20;
        for stays in [false, true] {
            let (folder, numbers) = file(pages, None);
            if stays {
                numbers.stay_sparse();
            }
            for page in 0..20 {
                assert!(is_read_sparsely(folder.path()), "{page} pages");
                numbers.view::<u32>().at(page * NUMBERS).unwrap();
            }
            assert_eq!(is_read_sparsely(folder.path()), stays);
        }
        // Of these nobody counts pages.
        let (folder, numbers) = file(1, None);
        drop(numbers);
        let unchecked = Numbers::open(&folder.path().join("numbers"), NUMBERS as u64, 4, None);
        let _unchecked = unchecked.unwrap();
        assert!(!is_read_sparsely(folder.path()));
    }

    #[test]
    fn what_is_read_sparsely_is_the_same() {
        let (_folder, numbers) = file(40, Some(7 * NUMBERS));
        numbers.stay_sparse();
        let view = numbers.view::<u32>();
        assert_eq!(view.at(2 * NUMBERS + 5).unwrap() as usize, 2 * NUMBERS + 5);
        assert!(numbers.0.sums.is_verified(2) && !numbers.0.sums.is_verified(1));
        let several = view.slice(NUMBERS - 1..4 * NUMBERS).unwrap();
        assert!(
            several
                .iter()
                .zip(NUMBERS - 1..)
                .all(|(&n, at)| n as usize == at)
        );
        assert!(view.slice(6 * NUMBERS..8 * NUMBERS).is_err());
        // The last page, behind which there is none.
        assert_eq!(
            view.at(40 * NUMBERS - 1).unwrap() as usize,
            40 * NUMBERS - 1
        );
        numbers.read_around();
        assert_eq!(view.at(8 * NUMBERS).unwrap() as usize, 8 * NUMBERS);
    }

    #[test]
    fn a_damaged_page_that_nobody_has_read_stays_damaged() {
        let (_folder, numbers) = file(8, Some(6 * NUMBERS + 5));
        let view = numbers.view::<u32>();
        for page in 0..4 {
            view.at(page * NUMBERS).unwrap();
        }
        assert!(until(|| numbers.0.sums.is_verified(7)));
        assert!(!numbers.is_sound());
        assert!(view.at(7 * NUMBERS).is_ok() && view.at(6 * NUMBERS).is_err());
        // A search goes on, and fails at its end; the next one does not.
        assert_eq!(view.read(6 * NUMBERS), u32::MAX);
        assert!(met(1).is_err());
        assert_eq!(view.read(7 * NUMBERS) as usize, 7 * NUMBERS);
        assert_eq!(met(1).unwrap(), 1);
        assert_eq!(view.read(8 * NUMBERS), u32::MAX);
        assert!(met(1).is_err());
    }
}
