//! Indexes of which a new one is made.

use std::fs;
use std::path::Path;

use super::left::put_back;
use crate::error::CorpusError;
use crate::local::LocalIndex;
use crate::manifest;

/// An index of which a new one is made, and its manifest as it was when it was opened: another index that takes its place meanwhile is told by its own.
pub(super) struct Taken {
    pub(super) index: LocalIndex,
    manifest: Vec<u8>,
}

impl Taken {
    pub(super) fn open(folder: &Path) -> Result<Self, CorpusError> {
        put_back(folder);
        let manifest = fs::read(folder.join(manifest::FILE)).unwrap_or_default();
        let index = LocalIndex::open(folder)?;
        let taken = Self { index, manifest };
        taken.expect_there()?;
        Ok(taken)
    }

    pub(super) fn manifest_bytes(&self) -> &[u8] {
        &self.manifest
    }

    /// # Errors
    /// Another index has taken its place, so that its files may be those of either.
    pub(super) fn expect_there(&self) -> Result<(), CorpusError> {
        expect_same(self.index.folder(), &self.manifest)
    }
}

/// # Errors
/// The index in a folder has another manifest.
pub(super) fn expect_same(folder: &Path, manifest: &[u8]) -> Result<(), CorpusError> {
    match fs::read(folder.join(manifest::FILE)) {
        Ok(now) if now == manifest => Ok(()),
        _ => Err(CorpusError::Replaced {
            path: folder.to_path_buf(),
        }),
    }
}
