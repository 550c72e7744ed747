//! The file that a batch writes: appended line by line, continued after a kill, never written by two runs at once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use rotescope_trace::jsonl::{self, JsonLines, LineError, Record};
use rotescope_trace::record::RecordReader;
use rotescope_trace::{Prompt, Trace};

use super::recipe::Recipe;
use super::replace::{beside, is_at, is_stream, target};

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
    #[error("{}, line {line}: {source}; choose another -o, or remove the file", path.display())]
    Foreign {
        path: PathBuf,
        line: usize,
        source: LineError,
    },
    #[error("{}: holds traces of another run ({difference}); --fresh starts anew, or choose another -o", path.display())]
    OtherRun { path: PathBuf, difference: String },
    #[error("{}: prompt {id:?} reads differently than in the file: {field}; --fresh starts anew, or choose another -o", path.display())]
    OtherPrompt {
        path: PathBuf,
        id: String,
        field: &'static str,
    },
    #[error("{}: no space left on the device; {written} records are safe in it, free some space and run the same command again", path.display())]
    NoSpace { path: PathBuf, written: usize },
    #[error("{}: was removed, or replaced by another file, while it was written, and {written} records with it; run the same command again", path.display())]
    Gone { path: PathBuf, written: usize },
}

/// What a trace says of what was asked.
#[derive(Debug)]
struct Asked {
    prompt: Prompt,
    /// Whether the trace is new enough to say if the prompt wanted no chat template, or verifiers of its own.
    says_all: bool,
}

impl Asked {
    fn of(t: &Trace) -> Asked {
        Asked {
            prompt: t.asked(),
            says_all: t.run.is_some(),
        }
    }

    /// The first thing that a prompt asks otherwise.
    fn difference(&self, now: &Prompt) -> Option<&'static str> {
        let mut now = now.clone();
        if !self.says_all {
            (now.raw, now.verify) = (self.prompt.raw, self.prompt.verify.clone());
        }
        self.prompt.difference(&now)
    }
}

/// An open output file, locked for this process.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    file: File,
    /// By id: the prompts whose traces are in the file.
    done: HashMap<String, Asked>,
    /// Ids of the prompts recorded as failed, and never answered.
    failed: HashSet<String>,
    /// Lines of failed prompts.
    failures: usize,
    written: usize,
    /// Versions of rotescope that wrote what is there.
    pub versions: BTreeSet<String>,
}

impl Output {
    /// Opens or creates the file and reads which prompts it holds. A last line that was cut off by a kill is removed.
    ///
    /// # Errors
    /// A file that another process writes, that is none of traces, or that holds traces of another recipe.
    pub fn open(path: &Path, recipe: &Recipe) -> Result<Output, OutputError> {
        let io = |source| OutputError::Io {
            path: path.into(),
            source,
        };
        let file = locked(path, true)?;
        let mut out = Output {
            path: path.into(),
            file,
            done: HashMap::new(),
            failed: HashSet::new(),
            failures: 0,
            written: 0,
            versions: BTreeSet::new(),
        };
        // A pipe or a device holds nothing.
        if out.file.metadata().map_err(io)?.is_file() {
            out.read(recipe)?;
        }
        Ok(out)
    }

    fn read(&mut self, recipe: &Recipe) -> Result<(), OutputError> {
        let path = self.path.clone();
        let io = |source| OutputError::Io {
            path: path.clone(),
            source,
        };
        let file = self.file.try_clone().map_err(io)?;
        for line in jsonl::lines(BufReader::new(file)) {
            let line = line.map_err(|(_, e)| io(e))?;
            let record = match line.record() {
                Ok(record) => record,
                // What a kill can leave is the beginning of one of our own lines.
                Err(_) if !line.bytes.ends_with(b"\n") && is_cut(&line.bytes) => {
                    return self.file.set_len(line.offset).map_err(io);
                }
                Err(source) => {
                    return Err(OutputError::Foreign {
                        path,
                        line: line.number,
                        source,
                    });
                }
            };
            if !line.bytes.ends_with(b"\n") {
                // Whole, but for its end.
                self.file.write_all(b"\n").map_err(io)?;
            }
            match record {
                Record::Trace(t) => {
                    if let Some(difference) = Recipe::of(&t).difference(recipe) {
                        return Err(OutputError::OtherRun { path, difference });
                    }
                    self.versions.insert(t.rotescope.clone());
                    self.failed.remove(&t.prompt.id);
                    self.done.insert(t.prompt.id.clone(), Asked::of(&t));
                }
                Record::Failed(f) => self.note_failed(f.id),
            }
        }
        Ok(())
    }

    fn note_failed(&mut self, id: String) {
        self.failures += 1;
        if !self.done.contains_key(&id) {
            self.failed.insert(id);
        }
    }

    /// Whether the file holds a trace of the prompt.
    ///
    /// # Errors
    /// When it does, but the prompt read differently then.
    pub fn holds(&self, prompt: &Prompt) -> Result<bool, OutputError> {
        let Some(asked) = self.done.get(&prompt.id) else {
            return Ok(false);
        };
        match asked.difference(prompt) {
            None => Ok(true),
            Some(field) => Err(OutputError::OtherPrompt {
                path: self.path.clone(),
                id: prompt.id.clone(),
                field,
            }),
        }
    }

    /// Whether the file says that the prompt failed, and holds no trace of it.
    pub fn has_failed(&self, prompt: &Prompt) -> bool {
        self.failed.contains(&prompt.id)
    }

    /// Appends one record and flushes it.
    ///
    /// # Errors
    /// A full device, a file that is no longer in its place, and other failures to write.
    pub fn append(&mut self, record: &Record) -> Result<(), OutputError> {
        self.expect_in_place()?;
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
        match record {
            Record::Trace(t) => {
                self.failed.remove(&t.prompt.id);
                self.done.insert(t.prompt.id.clone(), Asked::of(t));
            }
            Record::Failed(f) => self.note_failed(f.id.clone()),
        }
        Ok(())
    }

    /// Ends the run: of each prompt that failed, only its trace or its last failure stays. The file is replaced whole, if at all.
    ///
    /// # Errors
    /// A file that is no longer in its place, and failures to read or write.
    pub fn finish(self) -> Result<(), OutputError> {
        self.expect_in_place()?;
        if self.failures == self.failed.len() {
            return Ok(());
        }
        self.without_superseded().map_err(|source| OutputError::Io {
            path: self.path.clone(),
            source,
        })
    }

    /// What is written to a file that nobody can find is lost: work ends before more of it is.
    fn expect_in_place(&self) -> Result<(), OutputError> {
        expect_in_place(&self.file, &self.path, self.done.len())
    }

    fn without_superseded(&self) -> std::io::Result<()> {
        let path = target(&self.path);
        let lines = || -> std::io::Result<_> {
            let lines = jsonl::lines(BufReader::new(File::open(&path)?));
            Ok(lines.map(|line| line.map_err(|(_, e)| e)))
        };
        let mut last = HashMap::new();
        for line in lines()? {
            let line = line?;
            if let Ok(Record::Failed(f)) = line.record() {
                last.insert(f.id, line.number);
            }
        }
        let mut new = beside(&path)?;
        for line in lines()? {
            let line = line?;
            let superseded = match line.record() {
                Ok(Record::Failed(f)) => {
                    self.done.contains_key(&f.id) || last.get(&f.id) != Some(&line.number)
                }
                _ => false,
            };
            if !superseded {
                new.write_all(&line.bytes)?;
            }
        }
        new.as_file().sync_all()?;
        new.persist(&path).map_err(|e| e.error)?;
        Ok(())
    }
}

/// The file, opened for appending and locked for this process.
pub(super) fn locked(path: &Path, create: bool) -> Result<File, OutputError> {
    let io = |source| OutputError::Io {
        path: path.into(),
        source,
    };
    loop {
        let stream = is_stream(path);
        let file = OpenOptions::new()
            .read(!stream)
            .append(true)
            .create(create)
            .open(path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(_) if stream => {}
            Err(TryLockError::WouldBlock) => return Err(OutputError::Locked { path: path.into() }),
            Err(TryLockError::Error(e)) if e.kind() == std::io::ErrorKind::Unsupported => {} // a file system without locks
            Err(TryLockError::Error(e)) => return Err(io(e)),
        }
        // Another process may have put a new file there before this one had its lock.
        if stream || is_at(&file, path) {
            return Ok(file);
        }
    }
}

/// Refuses a file that is no longer in its place; `written`: records that it holds.
pub(super) fn expect_in_place(file: &File, path: &Path, written: usize) -> Result<(), OutputError> {
    match is_stream(path) || is_at(file, path) {
        true => Ok(()),
        false => Err(OutputError::Gone {
            path: path.into(),
            written,
        }),
    }
}

/// Whether bytes are the beginning of a line of ours.
pub(super) fn is_cut(bytes: &[u8]) -> bool {
    let begin = b"{\"schema\"";
    bytes.starts_with(begin) || begin.starts_with(bytes)
}

/// Moves a file of traces out of the way, so that a run starts anew; returns its new name, `FILE.old` or the first of `FILE.old2`, `FILE.old3`, …
/// that is free. Nothing is done where there is no file.
///
/// # Errors
/// A file that another process writes, or that is none of traces.
pub fn set_aside(path: &Path) -> Result<Option<PathBuf>, OutputError> {
    if !path.is_file() {
        return Ok(None);
    }
    let io = |source| OutputError::Io {
        path: path.into(),
        source,
    };
    let file = locked(path, false)?;
    let mut head = Vec::new();
    (&file).take(4096).read_to_end(&mut head).map_err(io)?;
    if !head.is_empty() && !JsonLines.recognizes(&head) {
        return Err(OutputError::Foreign {
            path: path.into(),
            line: 1,
            source: LineError::NotATrace,
        });
    }
    let place = target(path);
    let mut old = place.clone();
    for n in 1.. {
        let number = if n == 1 { String::new() } else { n.to_string() };
        let mut name = place.clone().into_os_string();
        name.push(format!(".old{number}"));
        old = name.into();
        if !old.exists() {
            break;
        }
    }
    std::fs::rename(&place, &old).map_err(io)?;
    Ok(Some(old))
}
