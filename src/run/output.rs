//! The file that a batch writes: appended line by line, continued after a kill, never written by two runs at once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use rotescope_trace::jsonl::{self, JsonLines, Line, LineError, Record};
use rotescope_trace::packed::unpack;
use rotescope_trace::record::RecordReader;
use rotescope_trace::{Prompt, Trace};

use super::appended::{Appended, Kept, is_cut};
pub use super::error::OutputError;
use super::locked::locked;
use super::recipe::Recipe;
use super::replace::target;

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
    file: Appended,
    known: Known,
    written: usize,
}

/// What stands in the file.
#[derive(Debug, Default)]
struct Known {
    /// By id: the prompts whose traces were in the file when it was opened. Those of this run take no memory.
    done: HashMap<String, Asked>,
    /// Ids of the prompts recorded as failed, and never answered.
    failed: HashSet<String>,
    /// Ids of those that were answered in this run, after they had failed.
    answered: HashSet<String>,
    /// Lines of failed prompts.
    failures: usize,
    /// Versions of rotescope that wrote it.
    versions: BTreeSet<String>,
}

impl Known {
    /// A record that stands in the file.
    fn read(&mut self, record: &Record) {
        match record {
            Record::Trace(t) => {
                self.failed.remove(&t.prompt.id);
                self.done.insert(t.prompt.id.clone(), Asked::of(t));
            }
            Record::Failed(f) => self.fails(&f.id),
        }
    }

    /// A record of this run.
    fn written(&mut self, record: &Record) {
        match record {
            Record::Trace(t) => {
                self.answered.extend(self.failed.take(&t.prompt.id));
            }
            Record::Failed(f) => self.fails(&f.id),
        }
    }

    fn fails(&mut self, id: &str) {
        self.failures += 1;
        if !self.is_answered(id) {
            self.failed.insert(id.into());
        }
    }

    /// Whether a prompt that failed has a trace too.
    fn is_answered(&self, id: &str) -> bool {
        self.done.contains_key(id) || self.answered.contains(id)
    }
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
        let mut out = Output {
            path: path.into(),
            file: Appended::open(path)?,
            known: Known::default(),
            written: 0,
        };
        // A pipe or a device holds nothing.
        if out.file.is_file().map_err(io)? {
            out.read(recipe)?;
        }
        Ok(out)
    }

    fn read(&mut self, recipe: &Recipe) -> Result<(), OutputError> {
        let (path, mut known) = (self.path.clone(), Known::default());
        self.file.read(&mut |line| {
            let record = match line.record() {
                Ok(record) => record,
                // What a kill can leave is the beginning of one of our own lines.
                Err(_) if is_cut(line) => return Ok(Kept::Cut),
                Err(reason) => {
                    return Err(OutputError::Foreign {
                        path: path.clone(),
                        line: line.number,
                        reason,
                    });
                }
            };
            if let Record::Trace(t) = &record {
                if let Some(difference) = Recipe::of(t).difference(recipe) {
                    let path = path.clone();
                    return Err(OutputError::OtherRun { path, difference });
                }
                known.versions.insert(t.rotescope.clone());
            }
            known.read(&record);
            Ok(Kept::Whole)
        })?;
        self.known = known;
        Ok(())
    }

    /// Whether the file holds a trace of the prompt.
    ///
    /// # Errors
    /// When it does, but the prompt read differently then.
    pub fn holds(&self, prompt: &Prompt) -> Result<bool, OutputError> {
        let Some(asked) = self.known.done.get(&prompt.id) else {
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
        self.known.failed.contains(&prompt.id)
    }

    /// Versions of rotescope that wrote what is there.
    pub fn versions(&self) -> &BTreeSet<String> {
        &self.known.versions
    }

    /// Records of this run, and traces that were there.
    fn traces(&self) -> usize {
        self.known.done.len() + self.written
    }

    /// Appends one record and flushes it.
    ///
    /// # Errors
    /// A full device, a file that is no longer in its place, and other failures to write.
    pub fn append(&mut self, record: &Record) -> Result<(), OutputError> {
        self.file.expect_in_place(self.traces())?;
        let mut line = Vec::new();
        let written = jsonl::append(&mut line, record).and_then(|()| self.file.append(&line));
        written.map_err(|source| match source.kind() {
            std::io::ErrorKind::StorageFull => OutputError::NoSpace {
                path: self.path.clone(),
                written: self.traces(),
            },
            _ => OutputError::Io {
                path: self.path.clone(),
                source,
            },
        })?;
        self.written += 1;
        self.known.written(record);
        Ok(())
    }

    /// Ends the run: of each prompt that failed, only its trace or its last failure stays. The file is replaced whole, if at all.
    ///
    /// # Errors
    /// A file that is no longer in its place, and failures to read or write.
    pub fn finish(mut self) -> Result<(), OutputError> {
        self.file.expect_in_place(self.traces())?;
        if self.known.failures == self.known.failed.len() {
            return Ok(());
        }
        self.without_superseded().map_err(|source| OutputError::Io {
            path: self.path.clone(),
            source,
        })
    }

    fn without_superseded(&mut self) -> std::io::Result<()> {
        let mut last = HashMap::new();
        for line in jsonl::lines(unpack::open(&target(&self.path))?) {
            let line = line.map_err(|(_, e)| e)?;
            if let Ok(Record::Failed(f)) = line.record() {
                last.insert(f.id, line.number);
            }
        }
        let known = &self.known;
        self.file.retain(&mut |line: &Line| match line.record() {
            Ok(Record::Failed(f)) => {
                !known.is_answered(&f.id) && last.get(&f.id) == Some(&line.number)
            }
            _ => true,
        })
    }
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
    match unpack::content(&file).take(4096).read_to_end(&mut head) {
        Err(e) if e.raw_os_error().is_some() => return Err(io(e)),
        _ => {} // of what is cut off, as far as it can be read
    }
    if !head.is_empty() && !JsonLines.recognizes(&head) {
        return Err(OutputError::Foreign {
            path: path.into(),
            line: 1,
            reason: LineError::NotATrace,
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
