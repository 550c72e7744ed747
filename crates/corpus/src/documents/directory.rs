//! A tantivy directory that is only read, and verifies what is read.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tantivy::directory::error::{
    DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError,
};
use tantivy::directory::{
    DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes, WatchCallback, WatchHandle,
    WritePtr,
};
use tantivy::{Directory, HasLen};

use crate::checksums::{Damage, FileSums, Sums, bytes_of, pages};
use crate::error::CorpusError;
use crate::manifest::DOCUMENTS;

/// An `MmapDirectory` without locks: tantivy's readers take one by writing a file, which fails
/// where an index may only be read (and an index folder never changes once it is there).
#[derive(Debug, Clone)]
pub(super) struct ReadOnly {
    folder: PathBuf,
    files: MmapDirectory,
    /// None while the index is made.
    sums: Option<Arc<Sums>>,
    found: Found,
}

/// The first damage that was found in a folder. tantivy may keep an error to itself, or panic of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Found(Arc<OnceLock<(PathBuf, String)>>);

impl Found {
    /// The damage, if there is any.
    pub(super) fn error(&self) -> Option<CorpusError> {
        let (path, what) = self.0.get()?;
        Some(CorpusError::damaged(path, what.as_str()))
    }

    fn note(&self, damage: Damage) -> io::Error {
        let error = CorpusError::from(damage);
        let text = error.to_string();
        if let CorpusError::Damaged { path, what } = error {
            // Later damage is not told: one file named is enough to build again.
            let _ = self.0.set((path, what));
        }
        io::Error::new(io::ErrorKind::InvalidData, text)
    }
}

/// A file whose pages are verified when they are first read.
#[derive(Debug)]
struct Verified {
    file: Arc<dyn FileHandle>,
    sums: Arc<FileSums>,
    found: Found,
}

impl HasLen for Verified {
    fn len(&self) -> usize {
        self.file.len()
    }
}

impl FileHandle for Verified {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        let length = self.len();
        if range.start > range.end || range.end > length {
            let what = format!("bytes {range:?} are asked for, and it has {length}");
            return Err(self.found.note(self.sums.damage(what)));
        }
        for page in pages(&range).filter(|&page| !self.sums.is_verified(page)) {
            let bytes = self.file.read_bytes(bytes_of(page, length))?;
            let verified = self.sums.verify(page, &bytes);
            verified.map_err(|d| self.found.note(d))?;
        }
        self.file.read_bytes(range)
    }
}

impl ReadOnly {
    /// `sums`: of the index that the folder is a part of.
    pub(super) fn open(
        folder: &Path,
        sums: Option<&Arc<Sums>>,
        found: Found,
    ) -> Result<Self, OpenDirectoryError> {
        Ok(Self {
            folder: folder.to_path_buf(),
            files: MmapDirectory::open(folder)?,
            sums: sums.cloned(),
            found,
        })
    }

    /// What is known of a file's pages: nothing while the index is made, or when it has no checksums.
    fn sums_of(&self, path: &Path) -> Result<Option<&Arc<FileSums>>, OpenReadError> {
        let Some(sums) = &self.sums else {
            return Ok(None);
        };
        let known = sums.of(&format!("{DOCUMENTS}/{}", path.display()));
        if known.is_none() && sums.is_checked() {
            // Names come from files that were verified, and each file that was written has checksums.
            return Err(OpenReadError::FileDoesNotExist(path.to_path_buf()));
        }
        Ok(known)
    }
}

/// Reads the last page or two of a file, and nothing around it: tantivy looks there in each file when it opens an index, and through a mapped file the system
/// would read megabytes for it.
#[cfg(target_os = "linux")]
fn read_end(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    let file = std::fs::File::open(path)?;
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::Random)?;
    let page = crate::checksums::PAGE;
    let length = file.metadata()?.len() as usize;
    let begin = length.saturating_sub(page) / page * page;
    file.read_exact_at(&mut vec![0; length - begin], begin as u64)
}

#[cfg(not(target_os = "linux"))]
fn read_end(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn refused() -> io::Error {
    io::Error::from(io::ErrorKind::ReadOnlyFilesystem)
}

impl Directory for ReadOnly {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let sums = self.sums_of(path)?;
        // Without it only more is read.
        let _ = read_end(&self.folder.join(path));
        let file = self.files.get_file_handle(path)?;
        Ok(match sums {
            None => file,
            Some(sums) => Arc::new(Verified {
                file,
                sums: sums.clone(),
                found: self.found.clone(),
            }),
        })
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError {
            io_error: Arc::new(refused()),
            filepath: path.to_path_buf(),
        })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::wrap_io_error(refused(), path.to_path_buf()))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let sums = self.sums_of(path)?;
        let bytes = self.files.atomic_read(path)?;
        if let Some(sums) = sums {
            for page in pages(&(0..bytes.len())).filter(|&page| !sums.is_verified(page)) {
                let verified = sums.verify(page, &bytes[bytes_of(page, bytes.len())]);
                let noted = verified.map_err(|d| self.found.note(d));
                noted.map_err(|e| OpenReadError::wrap_io_error(e, path.to_path_buf()))?;
            }
        }
        Ok(bytes)
    }

    fn atomic_write(&self, _path: &Path, _data: &[u8]) -> io::Result<()> {
        Err(refused())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, _lock: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksums::{PAGE, Stored};

    /// A folder with one file of so many bytes, and as much known of its pages as is written.
    fn folder(bytes: &[u8], checked: bool) -> (tempfile::TempDir, ReadOnly) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x"), bytes).unwrap();
        let pages = bytes.chunks(PAGE).map(crc32fast::hash).collect();
        let files = [("documents/x", bytes.len() as u64)];
        let stored = checked.then(|| Stored::of(pages));
        let sums = Arc::new(Sums::new(dir.path(), files, stored).unwrap());
        let read = ReadOnly::open(dir.path(), Some(&sums), Found::default()).unwrap();
        (dir, read)
    }

    #[test]
    fn nothing_is_written_or_removed() {
        let (dir, read) = folder(b"content", true);
        let x = Path::new("x");
        assert!(read.delete(x).is_err());
        assert!(read.open_write(x).is_err() && read.open_write(Path::new("y")).is_err());
        assert!(read.atomic_write(x, b"new").is_err());
        read.sync_directory().unwrap();
        let lock = Lock {
            filepath: "lock".into(),
            is_blocking: false,
        };
        drop(read.acquire_lock(&lock).unwrap());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_eq!(read.atomic_read(x).unwrap(), b"content");
        assert!(read.exists(x).unwrap() && !read.exists(Path::new("y")).unwrap());
    }

    #[test]
    fn pages_are_verified_where_they_are_read_and_damage_is_kept() {
        let mut bytes: Vec<u8> = (0..2 * PAGE + 9).map(|i| (i % 251) as u8).collect();
        let (dir, read) = folder(&bytes, true);
        bytes[PAGE + 5] ^= 1;
        std::fs::write(dir.path().join("x"), &bytes).unwrap();
        let file = read.get_file_handle(Path::new("x")).unwrap();
        assert_eq!(file.len(), bytes.len());
        for sound in [
            0..PAGE,
            2 * PAGE..2 * PAGE + 9,
            2 * PAGE + 8..2 * PAGE + 9,
            7..7,
        ] {
            let found = file.read_bytes(sound.clone()).unwrap();
            assert_eq!(found.as_slice(), &bytes[sound]);
        }
        assert!(read.found.error().is_none());
        for damaged in [PAGE..PAGE + 1, 0..PAGE + 1, 2 * PAGE - 1..2 * PAGE + 1] {
            file.read_bytes(damaged).unwrap_err();
        }
        let said = read.found.error().unwrap().to_string();
        let from_to = format!("bytes {PAGE} to {} are not those", 2 * PAGE);
        assert!(said.contains(&from_to), "{said}");
        read.atomic_read(Path::new("x")).unwrap_err();
    }

    #[test]
    fn what_is_asked_for_lies_within_the_file() {
        let (_dir, read) = folder(b"content", true);
        let file = read.get_file_handle(Path::new("x")).unwrap();
        assert_eq!(file.read_bytes(0..7).unwrap().as_slice(), b"content");
        assert!(read.found.error().is_none());
        file.read_bytes(6..8).unwrap_err();
        let said = read.found.error().unwrap().to_string();
        assert!(
            said.contains("bytes 6..8 are asked for, and it has 7"),
            "{said}"
        );
        #[expect(clippy::reversed_empty_ranges, reason = "as damage has it")]
        file.read_bytes(5..4).unwrap_err();
    }

    #[test]
    fn a_file_without_checksums_is_none_of_an_index_that_has_them() {
        for checked in [true, false] {
            let (dir, read) = folder(b"content", checked);
            std::fs::write(dir.path().join("y"), "more").unwrap();
            let y = Path::new("y");
            assert_eq!(read.atomic_read(y).is_err(), checked);
            assert_eq!(read.get_file_handle(y).is_err(), checked);
        }
    }
}
