//! Documents from files: JSONL, plain text, both perhaps compressed, and folders of them.

mod files;
mod skipped;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::atomic::AtomicU64;

use serde_json::{Map, Value};

pub use files::{Compression, FileRead, Format, InputFile, Inputs, list, list_but, names};
use files::{Fingerprint, open};
pub use skipped::Skipped;

use crate::error::CorpusError;

/// How files become documents.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The JSON fields that hold the text; the texts of several are joined by a line break.
    pub text_fields: Vec<String>,
    /// Of text files: each run of lines that are not blank is a document; otherwise each file.
    pub paragraphs: bool,
    /// Replace invalid UTF-8 by U+FFFD instead of refusing it.
    pub lossy: bool,
    /// Leave out what cannot be read (a line, a paragraph, a file, the rest of a damaged compressed
    /// file) and count it, instead of ending there.
    pub skip_bad: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            text_fields: vec!["text".to_string()],
            paragraphs: false,
            lossy: false,
            skip_bad: false,
        }
    }
}

/// A document as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct RawDocument {
    pub text: String,
    /// Field `id` of a JSON line; what is no string is kept as its JSON.
    pub id: Option<String>,
    /// All other fields of a JSON line.
    pub meta: Map<String, Value>,
    /// Where it begins: line from 1, byte from 0, in the decompressed file.
    pub line: u64,
    pub byte: u64,
}

#[cfg(test)]
impl RawDocument {
    /// A text, and nothing else.
    pub(crate) fn of(text: &str) -> Self {
        RawDocument {
            text: text.into(),
            id: None,
            meta: Map::new(),
            line: 1,
            byte: 0,
        }
    }
}

/// Hands each document of `file` to `each`, whose error ends the reading. `consumed` is raised by
/// the bytes read from the disk.
pub fn read(
    file: &InputFile,
    options: &ReadOptions,
    consumed: &AtomicU64,
    each: &mut dyn FnMut(RawDocument) -> Result<(), CorpusError>,
) -> Result<FileRead, CorpusError> {
    let fingerprint = Fingerprint::default();
    let path = file.path.as_path();
    let reader = open(file, &fingerprint, consumed)?;
    let mut lines = Lines {
        reader: BufReader::with_capacity(1 << 18, reader),
        path,
        lossy: options.lossy,
        compressed: file.compression != Compression::None,
        ended: false,
        line: 0,
        byte: 0,
        next_byte: 0,
        bytes: Vec::new(),
        text: String::new(),
    };
    let mut skipped = Skipped::default();
    match (file.format, options.paragraphs) {
        (Format::Jsonl, _) => json_lines(&mut lines, options, &mut skipped, each)?,
        (_, true) => paragraphs(&mut lines, options, &mut skipped, each)?,
        (_, false) => match whole(&mut lines) {
            Ok(document) => each(document)?,
            Err(error) => skipped.take(error, options.skip_bad)?,
        },
    }
    drop(lines);
    let mut read = fingerprint.finish(file, consumed)?;
    read.skipped = skipped;
    Ok(read)
}

fn json_lines<R: Read>(
    lines: &mut Lines<R>,
    options: &ReadOptions,
    skipped: &mut Skipped,
    each: &mut dyn FnMut(RawDocument) -> Result<(), CorpusError>,
) -> Result<(), CorpusError> {
    loop {
        let document = match lines.advance() {
            Ok(false) => return Ok(()),
            Ok(true) if lines.text.trim().is_empty() => continue,
            Ok(true) => lines.json(options),
            Err(error) => Err(error),
        };
        match document {
            Ok(document) => each(document)?,
            Err(error) => skipped.take(error, options.skip_bad)?,
        }
    }
}

fn paragraphs<R: Read>(
    lines: &mut Lines<R>,
    options: &ReadOptions,
    skipped: &mut Skipped,
    each: &mut dyn FnMut(RawDocument) -> Result<(), CorpusError>,
) -> Result<(), CorpusError> {
    let mut open: Option<RawDocument> = None;
    // What is wrong with the paragraph that is read.
    let mut wrong = None;
    loop {
        match lines.advance() {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                if !options.skip_bad {
                    return Err(error);
                }
                wrong.get_or_insert(error);
                continue;
            }
        }
        if lines.text.trim().is_empty() {
            match (wrong.take(), open.take()) {
                (Some(error), _) => skipped.take(error, options.skip_bad)?,
                (None, Some(document)) => each(document)?,
                (None, None) => {}
            }
            continue;
        }
        match &mut open {
            Some(document) => {
                document.text.push('\n');
                document.text.push_str(&lines.text);
            }
            None => {
                open = Some(RawDocument {
                    text: lines.text.clone(),
                    id: None,
                    meta: Map::new(),
                    line: lines.line,
                    byte: lines.byte,
                });
            }
        }
    }
    match (wrong, open) {
        (Some(error), _) => skipped.take(error, options.skip_bad),
        (None, Some(document)) => each(document),
        (None, None) => Ok(()),
    }
}

fn whole<R: Read>(lines: &mut Lines<R>) -> Result<RawDocument, CorpusError> {
    let mut bytes = Vec::new();
    lines
        .reader
        .read_to_end(&mut bytes)
        .map_err(|e| lines.failed(e))?;
    let text = strip_mark(&bytes);
    let text = match decode(text, lines.lossy) {
        Ok(text) => text,
        Err(at) => {
            let at = at + bytes.len() - text.len();
            let line = bytes[..at].iter().filter(|&&b| b == b'\n').count();
            return Err(CorpusError::InvalidUtf8 {
                path: lines.path.to_path_buf(),
                line: line as u64 + 1,
                byte: at as u64,
            });
        }
    };
    Ok(RawDocument {
        text,
        id: None,
        meta: Map::new(),
        line: 1,
        byte: 0,
    })
}

/// Without the byte order mark that some editors put before UTF-8.
fn strip_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// The text, or the byte at which it stops being UTF-8.
fn decode(bytes: &[u8], lossy: bool) -> Result<String, usize> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_string()),
        Err(_) if lossy => Ok(String::from_utf8_lossy(bytes).into_owned()),
        Err(e) => Err(e.valid_up_to()),
    }
}

/// Lines of any length, with their places.
struct Lines<'a, R: Read> {
    reader: BufReader<R>,
    path: &'a Path,
    lossy: bool,
    compressed: bool,
    /// Nothing more can be read.
    ended: bool,
    /// The current line's number from 1, its first byte, and the next line's.
    line: u64,
    byte: u64,
    next_byte: u64,
    bytes: Vec<u8>,
    /// The current line without its end.
    text: String,
}

impl<R: Read> Lines<'_, R> {
    /// What it means that reading failed behind the current line.
    fn failed(&self, error: std::io::Error) -> CorpusError {
        if !self.compressed || error.raw_os_error().is_some() {
            return CorpusError::io(self.path, "read the file", error);
        }
        CorpusError::CutShort {
            path: self.path.to_path_buf(),
            line: self.line + 1,
            error,
        }
    }

    /// Goes to the next line; `false` at the end, and behind what cannot be decompressed.
    fn advance(&mut self) -> Result<bool, CorpusError> {
        self.bytes.clear();
        if self.ended {
            return Ok(false);
        }
        let read = match self.reader.read_until(b'\n', &mut self.bytes) {
            Ok(read) => read,
            Err(e) => {
                self.ended = true;
                return Err(self.failed(e));
            }
        };
        if read == 0 {
            return Ok(false);
        }
        self.byte = self.next_byte;
        self.next_byte += read as u64;
        self.line += 1;
        let mut line = self.bytes.as_slice();
        line = line.strip_suffix(b"\n").unwrap_or(line);
        line = line.strip_suffix(b"\r").unwrap_or(line);
        let skipped = if self.line == 1 {
            let without = strip_mark(line);
            let skipped = line.len() - without.len();
            line = without;
            skipped
        } else {
            0
        };
        self.text = decode(line, self.lossy).map_err(|at| CorpusError::InvalidUtf8 {
            path: self.path.to_path_buf(),
            line: self.line,
            byte: self.byte + (skipped + at) as u64,
        })?;
        Ok(true)
    }

    /// The current line as a JSON document.
    fn json(&self, options: &ReadOptions) -> Result<RawDocument, CorpusError> {
        let mut fields: Map<String, Value> =
            serde_json::from_str(&self.text).map_err(|e| CorpusError::BadJson {
                path: self.path.to_path_buf(),
                line: self.line,
                // Its own line number is always 1, which would mislead.
                reason: format!("{e}").replace(" at line 1 column", " at column"),
            })?;
        let mut texts = Vec::with_capacity(options.text_fields.len());
        for field in &options.text_fields {
            match fields.get_mut(field) {
                Some(Value::String(text)) => texts.push(std::mem::take(text)),
                other => {
                    let wrong = other.is_some();
                    let found: Vec<_> = fields.keys().map(String::as_str).collect();
                    return Err(CorpusError::NoText {
                        path: self.path.to_path_buf(),
                        line: self.line,
                        field: field.clone(),
                        found: match (wrong, found.is_empty()) {
                            (true, _) => format!("{}; it is no string", found.join(", ")),
                            (false, true) => "none".to_string(),
                            (false, false) => found.join(", "),
                        },
                    });
                }
            }
        }
        for field in &options.text_fields {
            fields.shift_remove(field);
        }
        let id = fields.shift_remove("id").and_then(|id| match id {
            Value::Null => None,
            Value::String(id) => Some(id),
            other => Some(other.to_string()),
        });
        Ok(RawDocument {
            text: match texts.len() {
                1 => texts.remove(0),
                _ => texts.join("\n"),
            },
            id,
            meta: fields,
            line: self.line,
            byte: self.byte,
        })
    }
}

#[cfg(test)]
mod tests;
