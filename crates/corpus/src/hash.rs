//! Hashes of an index's files.

use std::path::Path;

use crate::error::CorpusError;
use rotescope_vocab::hash;

/// Size and hex SHA-256 of a file.
pub(crate) fn hash_file(path: &Path) -> Result<(u64, String), CorpusError> {
    hash::of_file(path).map_err(|e| CorpusError::io(path, "read the file", e))
}
