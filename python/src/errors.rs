//! Failures as Python's exceptions, and work that may fail without holding the interpreter's lock.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::create_exception;
use pyo3::exceptions::{
    PyFileNotFoundError, PyIndexError, PyMemoryError, PyOSError, PyPermissionError, PyValueError,
};
use pyo3::prelude::*;
use rotescope_corpus::CorpusError;
use rotescope_import::records::RecordsError;
use rotescope_retro::RetroError;
use rotescope_trace::files::FileError;
use rotescope_vocab::{GgufError, VocabError};

create_exception!(
    rotescope,
    RotescopeError,
    PyValueError,
    "A file that is not what it should be: no trace, no index, damaged, of another tokenizer. The message names the file, the line where it has lines, and the way out.\n\nA ValueError. Files that are missing or may not be read raise OSError."
);

/// Why something could not be done.
#[derive(Debug)]
pub enum Failure {
    Records(RecordsError),
    Corpus(CorpusError),
    Vocab(VocabError),
    Retro(RetroError),
    /// What was asked for cannot be.
    Asked(String),
    /// A mistake of ours.
    Panic(String),
}

macro_rules! failures {
    ($($variant:ident($error:ty)),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Failure::$variant(error)
            }
        })*
    };
}

failures!(
    Records(RecordsError),
    Corpus(CorpusError),
    Vocab(VocabError),
    Retro(RetroError),
    Asked(String)
);

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Records(RecordsError::File(FileError::Io { path, source })) => {
                match source.raw_os_error() {
                    // Of three arguments Python makes FileNotFoundError and the like by itself.
                    Some(code) => PyOSError::new_err((code, told(&source), path.into_os_string())),
                    None => said(format!("{}: {source}", path.display())),
                }
            }
            Failure::Records(e) => said(e.to_string()),
            Failure::Corpus(e) | Failure::Retro(RetroError::Corpus(e)) => of_corpus(&e),
            Failure::Retro(e) => said(e.to_string()),
            Failure::Vocab(VocabError::Gguf(GgufError::Io { path, source }))
                if source.raw_os_error().is_some() =>
            {
                PyOSError::new_err((source.raw_os_error(), told(&source), path.into_os_string()))
            }
            Failure::Vocab(VocabError::Unsupported { path, what }) => said(format!(
                "the vocabulary of {} cannot be rebuilt exactly because of {what}; name a tokenizer (--tokenizer tokenizer.json), or ask by token ids",
                path.display()
            )),
            Failure::Vocab(e) => said(e.to_string()),
            Failure::Asked(what) => PyValueError::new_err(what),
            Failure::Panic(what) => said(format!(
                "a mistake in rotescope, not in what it was given: {what}; please report it"
            )),
        }
    }
}

fn of_corpus(error: &CorpusError) -> PyErr {
    let message = error.to_string();
    match error {
        CorpusError::Absent { .. } | CorpusError::MissingFile { .. } => {
            PyFileNotFoundError::new_err(message)
        }
        CorpusError::NotAnIndex { path, .. } if !path.exists() => {
            PyFileNotFoundError::new_err(message)
        }
        CorpusError::Denied { .. } => PyPermissionError::new_err(message),
        CorpusError::Io { .. } | CorpusError::NoSpace { .. } => PyOSError::new_err(message),
        CorpusError::NoMemory { .. } | CorpusError::NoMemoryFor { .. } => {
            PyMemoryError::new_err(message)
        }
        CorpusError::NoDocument { .. } => PyIndexError::new_err(message),
        _ => said(message),
    }
}

/// Options of the command line, and what they are called here.
const OPTIONS: [(&str, &str); 4] = [
    ("--tokenizer tokenizer.json", "tokenizer=\"tokenizer.json\""),
    ("--model FILE.gguf", "model=\"FILE.gguf\""),
    ("--input-format", "format="),
    ("--completion-field", "fields={\"completion\": ...}"),
];

fn said(message: String) -> PyErr {
    let named = |message: String, (option, here): &(&str, &str)| message.replace(option, here);
    RotescopeError::new_err(OPTIONS.iter().fold(message, named))
}

/// The reason without the number behind it, which Python puts before.
fn told(error: &std::io::Error) -> String {
    let message = error.to_string();
    let number = message.find(" (os error");
    message[..number.unwrap_or(message.len())].to_string()
}

/// Does something while other threads of Python run. A panic is an error.
pub fn detached<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, Failure> + Send,
) -> PyResult<T> {
    Ok(py.detach(|| caught(work))?)
}

/// What `work` gives; a panic is an error.
pub fn caught<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Failure::Panic(text.unwrap_or("it panicked").to_string()))
    })
}
