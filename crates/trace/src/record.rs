//! What a file of records holds, and what a format of such files must do.
//!
//! # How to add a format
//!
//! 1. Write a file beside `jsonl.rs` with a type that implements [`RecordReader`], [`RecordWriter`] or both. A reader turns whatever the file
//!    holds into [`Record`]s, one at a time; what the file does not say stays at its default (a token without counts has no `local`).
//!    It calls [`Trace::validate`] on every trace: what comes out of a reader can be indexed without looking.
//! 2. Name it in the `READERS` or `WRITERS` of [`crate::formats`]. Every command that reads or writes traces has it then.
//! 3. Show in a test that a file of the format is recognized, read, and refused with the number of the line where it is broken.

use std::io::{BufRead, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Invalid, SCHEMA, Trace};

/// A record of a file: a trace, or a prompt that failed.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum Record {
    Trace(Box<Trace>),
    Failed(Failed),
}

impl Record {
    /// Id of the prompt.
    pub fn id(&self) -> &str {
        match self {
            Record::Trace(t) => &t.prompt.id,
            Record::Failed(f) => &f.id,
        }
    }
}

/// A prompt that could not be run, and why; recorded so that a batch goes on and nothing is silently missing.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Failed {
    pub schema: String,
    pub id: String,
    pub error: String,
    /// Fields that this version does not know; kept when the line is written again.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Failed {
    pub fn new(id: &str, error: String) -> Self {
        Failed {
            schema: SCHEMA.into(),
            id: id.into(),
            error,
            extra: Map::new(),
        }
    }
}

/// Why a line is no record. The caller adds the file's name and the line's number.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    #[error("not JSON: {0}")]
    Json(serde_json::Error),
    #[error("not UTF-8 (byte {byte} of the line)")]
    NotUtf8 {
        /// The first bad byte, from 1.
        byte: usize,
    },
    #[error("not a rotescope trace (no \"schema\": \"{SCHEMA}\")")]
    NotATrace,
    #[error("made by a newer rotescope (schema {0}, this one reads {SCHEMA}): update rotescope")]
    Newer(String),
    /// A field is missing or of another type.
    #[error("not a trace: {field}: {source}")]
    Field {
        field: String,
        source: serde_json::Error,
    },
    #[error("not a trace: {0}")]
    Invalid(#[from] Invalid),
    #[error("unreadable: {0}")]
    Io(#[from] std::io::Error),
}

/// A record, and the line that it was read from, where it has one.
#[derive(Debug, Clone)]
pub struct Entry {
    pub record: Record,
    /// A line of JSON in this crate's format: fields in it that `record` does not know are kept when the entry is written again.
    pub text: Option<String>,
}

impl From<Record> for Entry {
    fn from(record: Record) -> Self {
        Entry { record, text: None }
    }
}

/// Records with the numbers of their lines, from 1 (or of the items, where a format has no lines).
pub type Entries = Box<dyn Iterator<Item = (usize, Result<Entry, LineError>)>>;

/// A format that records are read from.
pub trait RecordReader: Sync {
    /// What users call the format.
    fn name(&self) -> &'static str;

    /// Whether a file that begins with these bytes (some thousand, of a pipe perhaps fewer) is of this format.
    fn recognizes(&self, head: &[u8]) -> bool;

    /// All records of a file, from its beginning, in constant memory.
    fn read(&self, from: Box<dyn BufRead>) -> Entries;
}

/// A format that records are written in, one after another.
pub trait RecordWriter: Sync {
    /// What users call the format.
    fn name(&self) -> &'static str;

    /// Ends of file names that mean this format, without the dot.
    fn endings(&self) -> &'static [&'static str];

    /// Writes one record, and flushes it.
    ///
    /// # Errors
    /// Those of `out`.
    fn write(&self, out: &mut dyn Write, entry: &Entry) -> std::io::Result<()>;
}
