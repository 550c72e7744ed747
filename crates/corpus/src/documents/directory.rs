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

fn refused() -> io::Error {
    io::Error::from(io::ErrorKind::ReadOnlyFilesystem)
}

impl Directory for ReadOnly {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let sums = self.sums_of(path)?;
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
