//! Files of records: the one way in which programs read them.

use std::fs::File;
use std::io::Read;
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

type Records = Box<dyn Iterator<Item = Result<Located, FileError>>>;

/// All records of the files, one after another, in constant memory.
pub fn read<P: AsRef<Path>>(paths: &[P]) -> impl Iterator<Item = Result<Located, FileError>> {
    paths.iter().flat_map(|path| {
        let path = path.as_ref();
        match File::open(path) {
            Ok(file) => read_one(path, file),
            Err(e) => failed(path, e),
        }
    })
}

/// All records of a file that is open; `path` is its name.
pub fn read_one(path: &Path, from: impl Read + 'static) -> Records {
    let entries = match formats::read(from) {
        Ok(entries) => entries,
        Err(e) => return failed(path, e),
    };
    let path: Arc<Path> = Arc::from(path);
    Box::new(entries.map(move |(line, entry)| {
        let path = path.clone();
        match entry {
            Ok(entry) => Ok(Located { path, line, entry }),
            Err(source) => Err(FileError::Line {
                path: path.to_path_buf(),
                line,
                source,
            }),
        }
    }))
}

fn failed(path: &Path, source: std::io::Error) -> Records {
    let path = path.into();
    Box::new(std::iter::once(Err(FileError::Io { path, source })))
}
