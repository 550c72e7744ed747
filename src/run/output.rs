//! The file that a batch writes: appended line by line, continued after a kill, never written by two runs at once.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use rotescope_trace::jsonl::{self, Record};
use rotescope_trace::{AttributionOptions, IndexRef, ModelRef, Sampler, Trace};

/// What all traces of one file have in common. A run continues a file only with the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    pub model: ModelRef,
    pub index: Option<IndexRef>,
    pub sampler: Sampler,
    pub attribution: AttributionOptions,
}

impl Recipe {
    fn of(t: &Trace) -> Recipe {
        Recipe {
            model: t.model.clone(),
            index: t.index.clone(),
            sampler: t.sampler.clone(),
            attribution: t.attribution.clone(),
        }
    }

    /// The first thing in which two recipes differ, in words.
    fn difference(&self, other: &Recipe) -> Option<String> {
        let pick = |same: bool, what: &str| (!same).then(|| what.to_string());
        pick(
            self.model == other.model,
            &format!("model {} instead of {}", other.model.file, self.model.file),
        )
        .or_else(|| pick(self.index == other.index, "another index"))
        .or_else(|| pick(self.sampler == other.sampler, "another sampler or seed"))
        .or_else(|| {
            pick(
                self.attribution.agrees(&other.attribution),
                "other attribution options",
            )
        })
    }
}

/// Why an output file could not be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: another rotescope is writing it", path.display())]
    Locked { path: PathBuf },
    #[error("{}, line {line}: {message}; choose another -o, or remove the file", path.display())]
    Foreign {
        path: PathBuf,
        line: usize,
        message: String,
    },
    #[error("{}: holds traces of another run ({difference}); choose another -o, or remove the file", path.display())]
    OtherRun { path: PathBuf, difference: String },
    #[error("{}: no space left on the device; {written} records are safe in it, free some space and run the same command again", path.display())]
    NoSpace { path: PathBuf, written: usize },
}

/// An open output file, locked for this process.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    file: File,
    /// Ids of the prompts whose traces are in the file.
    pub done: HashSet<String>,
    /// Ids of the prompts recorded as failed.
    pub failed: HashSet<String>,
    written: usize,
}

impl Output {
    /// Opens or creates the file and reads which prompts it holds. A last line that was cut off by a kill is removed.
    pub fn open(path: &Path, recipe: &Recipe) -> Result<Output, OutputError> {
        let io = |source| OutputError::Io {
            path: path.into(),
            source,
        };
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OutputError::Locked { path: path.into() }),
            Err(TryLockError::Error(e)) if e.kind() == std::io::ErrorKind::Unsupported => {} // a file system without locks
            Err(TryLockError::Error(e)) => return Err(io(e)),
        }
        let mut out = Output {
            path: path.into(),
            file,
            done: HashSet::new(),
            failed: HashSet::new(),
            written: 0,
        };
        out.read(recipe)?;
        Ok(out)
    }

    fn read(&mut self, recipe: &Recipe) -> Result<(), OutputError> {
        let path = self.path.clone();
        let io = |source| OutputError::Io {
            path: path.clone(),
            source,
        };
        let mut reader = BufReader::new(&self.file);
        let (mut good, mut line, mut buffer) = (0u64, 0, Vec::new());
        loop {
            buffer.clear();
            line += 1;
            let n = reader.read_until(b'\n', &mut buffer).map_err(io)?;
            if n == 0 || buffer.last() != Some(&b'\n') {
                break;
            }
            let text = String::from_utf8_lossy(&buffer);
            if !text.trim().is_empty() {
                let record = jsonl::parse(&text).map_err(|e| OutputError::Foreign {
                    path: path.clone(),
                    line,
                    message: e.to_string(),
                })?;
                if let Record::Trace(t) = &record
                    && let Some(difference) = Recipe::of(t).difference(recipe)
                {
                    return Err(OutputError::OtherRun {
                        path: path.clone(),
                        difference,
                    });
                }
                match record {
                    Record::Trace(t) => self.done.insert(t.prompt.id),
                    Record::Failed(f) => self.failed.insert(f.id),
                };
            }
            good += n as u64;
        }
        let length = self.file.metadata().map_err(io)?.len();
        if good < length {
            // Cut only what a kill can leave: the beginning of one of our own lines.
            self.file.seek(SeekFrom::Start(good)).map_err(io)?;
            if !buffer.starts_with(b"{\"schema\"") && !b"{\"schema\"".starts_with(&buffer) {
                return Err(OutputError::Foreign {
                    path,
                    line,
                    message: "not a rotescope trace".into(),
                });
            }
            self.file.set_len(good).map_err(io)?;
        }
        Ok(())
    }

    /// Appends one record and flushes it.
    pub fn append(&mut self, record: &Record) -> Result<(), OutputError> {
        jsonl::append(&mut self.file, record).map_err(|source| match source.kind() {
            std::io::ErrorKind::StorageFull => OutputError::NoSpace {
                path: self.path.clone(),
                written: self.done.len() + self.written,
            },
            _ => OutputError::Io {
                path: self.path.clone(),
                source,
            },
        })?;
        self.written += 1;
        Ok(())
    }
}
