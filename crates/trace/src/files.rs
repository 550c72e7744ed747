//! Files of records: the one way in which programs read them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::formats;
use super::record::{Entry, LineError};

/// Why a file of records could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}, line {line}: {source}", path.display())]
    Line {
        path: PathBuf,
        line: usize,
        source: LineError,
    },
}

/// A record and where it stands.
#[derive(Debug, Clone)]
pub struct Located {
    pub path: Arc<Path>,
    /// From 1.
    pub line: usize,
    pub entry: Entry,
}

/// All records of the files, one after another, in constant memory. Nothing should be taken after an error.
pub fn read<P: AsRef<Path>>(paths: &[P]) -> impl Iterator<Item = Result<Located, FileError>> {
    paths.iter().flat_map(|path| {
        let path: Arc<Path> = Arc::from(path.as_ref());
        let io = |source| FileError::Io {
            path: path.to_path_buf(),
            source,
        };
        let opened = File::open(&path).and_then(formats::read).map_err(io);
        let (entries, failed) = match opened {
            Ok(entries) => (Some(entries), None),
            Err(e) => (None, Some(Err(e))),
        };
        let located = entries.into_iter().flatten().map(move |(line, entry)| {
            let entry = entry.map_err(|source| FileError::Line {
                path: path.to_path_buf(),
                line,
                source,
            })?;
            Ok(Located {
                path: path.clone(),
                line,
                entry,
            })
        });
        failed.into_iter().chain(located)
    })
}
