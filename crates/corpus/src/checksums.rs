//! Checksums of pages: damage to a file is found where it is read.
//!
//! `checksums` holds a CRC-32 (that of gzip, polynomial 0x04C11DB7) of the manifest, and of each page of [`PAGE`] bytes of each file that the
//! manifest names. A page is verified when it is first read, and a byte remembers that it was: what is read later costs a look at this byte. An
//! index of an older version has no such file; all its pages count as verified.
//!
//! ```text
//! rotescope.sums/1           16 bytes
//! u32                        bytes of a page
//! u32                        CRC-32 of manifest.json
//! u32 for each page          in the order of the manifest's files
//! u32                        CRC-32 of all that
//! ```
//! All numbers are little-endian.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::CorpusError;

/// File name of the checksums.
pub const FILE: &str = "checksums";
/// Bytes that are verified together.
pub(crate) const PAGE: usize = 16 << 10;

const MAGIC: &[u8; 16] = b"rotescope.sums/1";
/// Bytes before the checksums of pages.
const HEAD: usize = MAGIC.len() + 8;

/// What the manifest says of the checksums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChecksumFile {
    /// Relative to the folder.
    pub path: String,
    pub bytes: u64,
    /// Bytes of a page.
    pub page: u32,
}

impl ChecksumFile {
    /// Of files with so many pages in all.
    pub(crate) fn of(pages: usize) -> Self {
        Self {
            path: FILE.to_string(),
            bytes: (HEAD + 4 * pages + 4) as u64,
            page: PAGE as u32,
        }
    }
}

/// Something that was read is not what was written. Behind a pointer, so that reading one number returns little.
#[derive(Debug)]
pub(crate) struct Damage(Box<CorpusError>);

pub(crate) type Read<T> = Result<T, Damage>;

impl From<Damage> for CorpusError {
    fn from(damage: Damage) -> Self {
        *damage.0
    }
}

/// The checksums of a folder, as they are stored.
#[derive(Debug)]
pub(crate) struct Stored {
    manifest: u32,
    pages: Vec<u32>,
}

impl Stored {
    /// Those of pages, before there is a manifest.
    pub(crate) fn of(pages: Vec<u32>) -> Self {
        Self { manifest: 0, pages }
    }

    /// Those in `folder`; `None` if there are none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, CorpusError> {
        let path = folder.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            // `folder` is a file.
            Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => return Ok(None),
            Err(e) => return Err(CorpusError::io(path, "read the checksums", e)),
        };
        let damaged = || CorpusError::damaged(&path, "the checksums of the index are not whole");
        let (content, own) = bytes
            .len()
            .checked_sub(4)
            .filter(|&at| at >= HEAD && at % 4 == 0)
            .map(|at| bytes.split_at(at))
            .ok_or_else(damaged)?;
        let mut numbers = content[MAGIC.len()..].chunks_exact(4).map(number);
        let (page, manifest) = (numbers.next(), numbers.next());
        let (Some(page), Some(manifest)) = (page, manifest) else {
            return Err(damaged());
        };
        if !content.starts_with(MAGIC)
            || page as usize != PAGE
            || crc32fast::hash(content) != number(own)
        {
            return Err(damaged());
        }
        let pages = numbers.collect();
        Ok(Some(Self { manifest, pages }))
    }

    /// Whether these are the bytes of the manifest.
    pub(crate) fn vouches_for(&self, manifest: &[u8]) -> bool {
        crc32fast::hash(manifest) == self.manifest
    }

    /// Its size is the one that the manifest gives.
    pub(crate) fn is(&self, file: &ChecksumFile) -> bool {
        *file == ChecksumFile::of(self.pages.len())
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .try_into()
        .map_or(0, |bytes: [u8; 4]| u32::from_le_bytes(bytes))
}

/// Writes the checksums of a manifest and of pages into `folder`, and waits until they are on the disk.
pub(crate) fn write(folder: &Path, manifest: &[u8], pages: &[u32]) -> Result<(), CorpusError> {
    let mut bytes = Vec::with_capacity(HEAD + 4 * pages.len() + 4);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&(PAGE as u32).to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(manifest).to_le_bytes());
    for page in pages {
        bytes.extend_from_slice(&page.to_le_bytes());
    }
    let own = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&own.to_le_bytes());
    let path = folder.join(FILE);
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(&path)?;
        file.write_all(&bytes)?;
        file.sync_all()
    };
    write().map_err(|e| CorpusError::io(&path, "write the checksums", e))
}

/// Whether a folder has checksums as an index has, damaged or not.
pub(crate) fn are_in(folder: &Path) -> bool {
    fs::read(folder.join(FILE)).is_ok_and(|bytes| bytes.starts_with(MAGIC))
}

/// What is known of the pages of an index' files.
#[derive(Debug)]
pub(crate) struct Sums {
    files: HashMap<String, Arc<FileSums>>,
    /// Whether there are checksums at all.
    checked: bool,
}

impl Sums {
    /// `files`: names, as the manifest has them, and sizes. `stored`: none of an older index.
    pub(crate) fn new<'a>(
        folder: &Path,
        files: impl IntoIterator<Item = (&'a str, u64)>,
        stored: Option<Stored>,
    ) -> Result<Self, CorpusError> {
        let checked = stored.is_some();
        let stored = stored.map(|s| s.pages);
        let mut from = 0usize;
        let mut all = HashMap::new();
        for (name, bytes) in files {
            let pages = bytes.div_ceil(PAGE as u64) as usize;
            let path = folder.join(name);
            let sums = match &stored {
                None => FileSums::unchecked(path, bytes),
                Some(stored) => {
                    let own = stored.get(from..from.saturating_add(pages));
                    let own = own.ok_or_else(|| {
                        let what = format!("it has no checksums of {name}");
                        CorpusError::damaged(folder.join(FILE), what)
                    })?;
                    from += pages;
                    FileSums::checked(path, own)
                }
            };
            all.insert(name.to_string(), Arc::new(sums));
        }
        if stored.is_some_and(|s| s.len() != from) {
            let what = "it has checksums of other files than the manifest";
            return Err(CorpusError::damaged(folder.join(FILE), what));
        }
        Ok(Self {
            files: all,
            checked,
        })
    }

    pub(crate) fn is_checked(&self) -> bool {
        self.checked
    }

    /// Those of a file of the index, named as the manifest does.
    pub(crate) fn of(&self, file: &str) -> Option<&Arc<FileSums>> {
        self.files.get(file)
    }
}

/// What is known of the pages of one file.
#[derive(Debug)]
pub(crate) struct FileSums {
    path: PathBuf,
    /// None where all pages count as verified.
    crcs: Box<[u32]>,
    /// For each page, not 0 once it is verified. Pages never change, so no order between threads is needed.
    verified: Box<[AtomicU8]>,
    /// Pages that are not verified yet.
    left: AtomicUsize,
}

impl FileSums {
    fn checked(path: PathBuf, crcs: &[u32]) -> Self {
        Self {
            path,
            crcs: crcs.into(),
            verified: crcs.iter().map(|_| AtomicU8::new(0)).collect(),
            left: AtomicUsize::new(crcs.len()),
        }
    }

    /// Of a file of so many bytes without checksums.
    pub(crate) fn unchecked(path: PathBuf, bytes: u64) -> Self {
        let pages = bytes.div_ceil(PAGE as u64);
        Self {
            path,
            crcs: Box::default(),
            verified: (0..pages).map(|_| AtomicU8::new(1)).collect(),
            left: AtomicUsize::new(0),
        }
    }

    pub(crate) fn crcs(&self) -> &[u32] {
        &self.crcs
    }

    /// For each page, not 0 once it is verified.
    #[inline]
    pub(crate) fn verified(&self) -> &[AtomicU8] {
        &self.verified
    }

    /// Whether all pages are verified.
    #[inline]
    pub(crate) fn are_all_verified(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }

    #[inline]
    pub(crate) fn is_verified(&self, page: usize) -> bool {
        self.verified
            .get(page)
            .is_some_and(|v| v.load(Ordering::Relaxed) != 0)
    }

    /// Verifies a page of which these are all bytes. Says how many are verified now, each number once: none where this one was before.
    #[cold]
    #[inline(never)]
    pub(crate) fn verify(&self, page: usize, bytes: &[u8]) -> Read<Option<usize>> {
        let (Some(&crc), Some(verified)) = (self.crcs.get(page), self.verified.get(page)) else {
            return Err(self.damage(format!("it has no page {page}")));
        };
        if crc32fast::hash(bytes) != crc {
            let (from, to) = (page * PAGE, page * PAGE + bytes.len());
            return Err(self.damage(format!(
                "bytes {from} to {to} are not those that were written"
            )));
        }
        let is_new = verified.swap(1, Ordering::Relaxed) == 0;
        let all = self.crcs.len();
        Ok(is_new.then(|| all + 1 - self.left.fetch_sub(1, Ordering::Relaxed)))
    }

    /// The file is not what it has to be.
    #[cold]
    #[inline(never)]
    pub(crate) fn damage(&self, what: impl Into<String>) -> Damage {
        Damage(Box::new(CorpusError::damaged(&self.path, what)))
    }
}

/// The pages that hold some bytes.
#[inline]
pub(crate) fn pages(bytes: &Range<usize>) -> Range<usize> {
    if bytes.is_empty() {
        return 0..0;
    }
    bytes.start / PAGE..(bytes.end - 1) / PAGE + 1
}

/// The bytes of a page of a file that has `length` bytes.
pub(crate) fn bytes_of(page: usize, length: usize) -> Range<usize> {
    let from = page.saturating_mul(PAGE).min(length);
    from..from.saturating_add(PAGE).min(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_each_flipped_bit_is_found() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), b"manifest", &[7, 8, 9]).unwrap();
        let path = dir.path().join(FILE);
        let bytes = fs::read(&path).unwrap();
        let stored = Stored::read(dir.path()).unwrap().unwrap();
        assert!(stored.vouches_for(b"manifest") && !stored.vouches_for(b"manifesT"));
        assert_eq!(ChecksumFile::of(3).bytes, bytes.len() as u64);
        let files = [("f0", 0), ("f1", 1), ("f2", PAGE as u64 + 1)];
        let sums = Sums::new(dir.path(), files, Some(stored)).unwrap();
        assert_eq!(sums.of("f0").unwrap().crcs(), [0; 0]);
        assert_eq!(sums.of("f1").unwrap().crcs(), [7]);
        assert_eq!(sums.of("f2").unwrap().crcs(), [8, 9]);
        for bit in 0..bytes.len() * 8 {
            let mut wrong = bytes.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &wrong).unwrap();
            assert!(Stored::read(dir.path()).is_err(), "bit {bit}");
        }
        for length in 0..bytes.len() {
            fs::write(&path, &bytes[..length]).unwrap();
            assert!(Stored::read(dir.path()).is_err(), "length {length}");
        }
    }

    #[test]
    fn checksums_of_more_or_fewer_pages_are_refused() {
        let stored = |pages: usize| {
            Some(Stored {
                manifest: 0,
                pages: vec![0; pages],
            })
        };
        let files = [("f0", PAGE as u64), ("f1", 1)];
        for (pages, fits) in [(1, false), (2, true), (3, false)] {
            let sums = Sums::new(Path::new(""), files, stored(pages));
            assert_eq!(sums.is_ok(), fits, "{pages}");
        }
        assert!(!Sums::new(Path::new(""), files, None).unwrap().is_checked());
    }

    #[test]
    fn pages_hold_their_bytes() {
        assert_eq!(pages(&(5..5)), 0..0);
        assert_eq!(pages(&(0..1)), 0..1);
        assert_eq!(pages(&(PAGE - 1..PAGE)), 0..1);
        assert_eq!(pages(&(PAGE - 1..PAGE + 1)), 0..2);
        assert_eq!(bytes_of(1, PAGE + 9), PAGE..PAGE + 9);
        assert_eq!(bytes_of(2, PAGE + 9), PAGE + 9..PAGE + 9);
    }

    #[test]
    fn each_page_counts_once_and_damage_is_named() {
        let page = |p: usize| vec![p as u8; if p == 4 { 9 } else { PAGE }];
        let crcs: Vec<u32> = (0..5).map(|p| crc32fast::hash(&page(p))).collect();
        let sums = FileSums::checked("a/b".into(), &crcs);
        assert_eq!(sums.verified().len(), 5);
        let said = |found: Read<Option<usize>>| CorpusError::from(found.unwrap_err()).to_string();
        let wrong = said(sums.verify(4, &[0; 9]));
        let bytes = format!(
            "a/b: damaged: bytes {} to {} are not",
            4 * PAGE,
            4 * PAGE + 9
        );
        assert!(wrong.starts_with(&bytes), "{wrong}");
        let none = said(sums.verify(5, &[]));
        assert!(none.starts_with("a/b: damaged: it has no page 5"), "{none}");
        let mut counted = Vec::new();
        for p in [0, 4, 0, 4, 2, 2, 1, 3, 3] {
            assert!(!sums.are_all_verified() || p == 3);
            counted.extend(sums.verify(p, &page(p)).unwrap());
            assert!(sums.is_verified(p) && !sums.is_verified(5));
        }
        assert_eq!(counted, [1, 2, 3, 4, 5]);
        assert!(sums.are_all_verified());
        let unchecked = FileSums::unchecked("a".into(), PAGE as u64 + 1);
        assert!(unchecked.are_all_verified() && unchecked.crcs().is_empty());
        assert!(unchecked.is_verified(0) && unchecked.is_verified(1) && !unchecked.is_verified(2));
    }

    #[test]
    fn a_folder_with_checksums_is_known_even_when_they_are_damaged() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!are_in(dir.path()) && Stored::read(dir.path()).unwrap().is_none());
        write(dir.path(), b"m", &[1, 2]).unwrap();
        let stored = Stored::read(dir.path()).unwrap().unwrap();
        assert!(stored.is(&ChecksumFile::of(2)) && !stored.is(&ChecksumFile::of(3)));
        assert!(are_in(dir.path()));
        let path = dir.path().join(FILE);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..20]).unwrap();
        assert!(are_in(dir.path()));
        fs::write(&path, b"something else").unwrap();
        assert!(!are_in(dir.path()));
        // A file is no folder, so it has none.
        assert!(Stored::read(&path).unwrap().is_none());
    }
}
