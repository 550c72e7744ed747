//! The one way in which programs read files of traces, or of what other tools wrote.

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rotescope_text::think::ReasoningMarks;
use rotescope_text::{Locale, SplitBy};
use rotescope_trace::Import;
use rotescope_trace::files::{FileError, Located, read_one};
use rotescope_trace::packed::{self, ending, unpack};
use rotescope_trace::record::{Entry, Record};

use super::fields::Fields;
use super::formats::{GenerationReader, READERS, recognized};
use super::generation::Generation;
use super::reading;
use super::unique::UniqueIds;

/// How files are read.
#[derive(Clone, Default)]
pub struct Options {
    /// `None` recognizes the format of each file.
    pub format: Option<&'static dyn GenerationReader>,
    pub fields: Fields,
    /// How completions are cut into steps.
    pub steps: SplitBy,
    /// What stands around reasoning, beside what is known.
    pub marks: ReasoningMarks,
    /// How numbers are written in answers, where a prompt does not say; `None`: as the files say, or with a point.
    pub locale: Option<Locale>,
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{}, item {line}: {message}", path.display())]
    Item {
        path: PathBuf,
        line: usize,
        message: String,
    },
    #[error("{}: of no format that is known ({known}); name its format with --input-format", path.display())]
    Unknown { path: PathBuf, known: String },
}

impl RecordsError {
    /// Whether the rest of the file can be read.
    pub fn is_of_one_item(&self) -> bool {
        let line = matches!(self, RecordsError::File(FileError::Line { .. }));
        line || matches!(self, RecordsError::Item { .. })
    }
}

/// The format of a file by its first bytes; `None` for our own traces.
///
/// # Errors
/// The file cannot be read, or is of no format that is known.
pub fn format(
    path: &Path,
    options: &Options,
) -> Result<Option<&'static dyn GenerationReader>, RecordsError> {
    Ok(open(path, options)?.1)
}

type Opened = (unpack::Opened, Option<&'static dyn GenerationReader>);

fn open(path: &Path, options: &Options) -> Result<Opened, RecordsError> {
    let io = |source| FileError::Io {
        path: path.into(),
        source,
    };
    let mut from = packed::open(path).map_err(io)?;
    let head = from.fill_buf().map_err(io)?;
    let found = match options.format {
        Some(format) => Some(format),
        // What is empty has no traces; so it is said by those who want some.
        None if head.trim_ascii().is_empty() || is_ours(head) => None,
        None => Some(recognized(ending(path).as_deref(), head).ok_or_else(|| {
            let names: Vec<&str> = READERS.iter().map(|r| r.name()).collect();
            RecordsError::Unknown {
                path: path.into(),
                known: format!("rotescope's traces, {}", names.join(", ")),
            }
        })?),
    };
    Ok((from, found))
}

/// Whether a file begins like traces of ours; also of a newer version, which then says so.
fn is_ours(head: &[u8]) -> bool {
    let line = head.trim_ascii_start();
    let line = line.split(|b| *b == b'\n').next().unwrap_or_default();
    line.starts_with(b"{")
        && line
            .windows(17)
            .take(400)
            .any(|w| w == b"\"rotescope.trace/")
}

/// All records of the files, one after another. An error of one item does not end its file: what follows can be taken.
pub fn read<'o, P: AsRef<Path>>(
    paths: &'o [P],
    options: &'o Options,
) -> impl Iterator<Item = Result<Located, RecordsError>> + 'o {
    given(paths, options).map(|g| g?.located(options))
}

/// What stands in a file: a record of ours, or a generation of which a trace is yet to be made, which may be done on any thread.
#[derive(Debug, Clone)]
pub enum Given {
    Record(Box<Located>),
    Generation {
        path: Arc<Path>,
        generation: Box<Generation>,
        from: Import,
    },
}

impl Given {
    /// The record.
    ///
    /// # Errors
    /// The generation makes no valid trace.
    pub fn located(self, options: &Options) -> Result<Located, RecordsError> {
        match self {
            Given::Record(mut located) => {
                if let (Record::Trace(trace), Some(locale)) =
                    (&mut located.entry.record, options.locale)
                    && reading::set_locale(trace, locale)
                {
                    // The line as it stood says otherwise.
                    located.entry.text = None;
                }
                Ok(*located)
            }
            Given::Generation {
                path,
                mut generation,
                from,
            } => {
                let own = &mut generation.prompt.locale;
                *own = own.take().or(options.locale.map(|l| l.name().into()));
                let line = from.line;
                let trace = generation.trace(options.steps, &options.marks, from);
                trace.validate().map_err(|e| RecordsError::Item {
                    path: path.to_path_buf(),
                    line,
                    message: e.to_string(),
                })?;
                let entry = Entry::from(Record::Trace(Box::new(trace)));
                Ok(Located { path, line, entry })
            }
        }
    }
}

/// What stands in the files, one after another. An error of one item does not end its file: what follows can be taken.
pub fn given<'o, P: AsRef<Path>>(
    paths: &'o [P],
    options: &'o Options,
) -> impl Iterator<Item = Result<Given, RecordsError>> + 'o {
    paths
        .iter()
        .flat_map(move |path| one(path.as_ref(), options))
}

type Items = Box<dyn Iterator<Item = Result<Given, RecordsError>>>;

fn one(path: &Path, options: &Options) -> Items {
    let (from, format) = match open(path, options) {
        Ok(opened) => opened,
        Err(e) => return Box::new(std::iter::once(Err(e))),
    };
    let Some(format) = format else {
        let records = read_one(path, from);
        return Box::new(records.map(|r| Ok(Given::Record(Box::new(r?)))));
    };
    let shared: Arc<Path> = Arc::from(path);
    let mut ids = UniqueIds::default();
    let all = format.read(Box::new(from), ending(path).as_deref(), &options.fields);
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Box::new(all.map(move |(line, made)| {
        let path = shared.clone();
        let bad = |message| RecordsError::Item {
            path: path.to_path_buf(),
            line,
            message,
        };
        let mut generation = made.map_err(bad)?;
        let id = &mut generation.prompt.id;
        if id.is_empty() {
            *id = format!("line-{line}");
        }
        // Several completions of one prompt.
        *id = ids.of(std::mem::take(id));
        let from = Import {
            format: format.name().into(),
            file: name.clone(),
            line,
            writer: generation.model.clone(),
            probabilities: String::new(),
        };
        Ok(Given::Generation {
            path,
            generation: Box::new(generation),
            from,
        })
    }))
}
