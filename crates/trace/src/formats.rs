//! The formats that records are read from and written in. How to add one: see [`crate::record`].

use std::io::{self, BufRead, Read};
use std::path::Path;

use super::jsonl::JsonLines;
use super::packed::{self, unpack};
use super::record::{Entries, RecordReader, RecordWriter};

/// Formats that are read. The first that recognizes a file reads it.
pub const READERS: &[&dyn RecordReader] = &[&JsonLines];

/// Formats that are written.
pub const WRITERS: &[&dyn RecordWriter] = &[&JsonLines];

/// Whether a file that begins with these bytes is read as lines of JSON, each of which can be read alone.
pub fn is_json_lines(head: &[u8]) -> bool {
    let found = READERS.iter().find(|r| r.recognizes(head));
    found.is_none_or(|r| r.name() == RecordReader::name(&JsonLines))
}

/// The records of a file in whichever format it is, perhaps compressed. What no format recognizes is read as JSON lines, whose errors say what is wanted.
///
/// # Errors
/// A file that cannot be read.
pub fn read(file: impl Read + 'static) -> io::Result<Entries> {
    let mut from = unpack::content(file);
    let head = from.fill_buf()?;
    let found = READERS.iter().find(|r| r.recognizes(head));
    Ok(found.copied().unwrap_or(&JsonLines).read(Box::new(from)))
}

/// The format that the end of a file's name says; JSON lines without a file, or where it says none.
pub fn writer(path: Option<&Path>) -> &'static dyn RecordWriter {
    let ending = path.and_then(packed::ending);
    let says = |w: &&&dyn RecordWriter| ending.as_deref().is_some_and(|e| w.endings().contains(&e));
    WRITERS.iter().find(says).copied().unwrap_or(&JsonLines)
}
