//! Traces as JSON lines: read one at a time in constant memory, appended and flushed one at a time.

use std::io::{BufRead, Write};

use serde::de::DeserializeOwned;
use serde_json::Value;

pub use super::record::{Failed, LineError, Record};

use super::record::{Entries, Entry, RecordReader, RecordWriter};
use super::trace::{SCHEMA, Trace};
use super::unknown;

/// The format of this crate.
#[derive(Debug, Clone, Copy)]
pub struct JsonLines;

impl RecordReader for JsonLines {
    fn name(&self) -> &'static str {
        "JSON lines"
    }

    fn recognizes(&self, head: &[u8]) -> bool {
        begins_with_schema(head, "rotescope.trace/")
    }

    fn read(&self, from: Box<dyn BufRead>) -> Entries {
        Box::new(lines(from).map(|line| match line {
            Ok(line) => (line.number, line.entry()),
            Err((number, e)) => (number, Err(e.into())),
        }))
    }
}

impl RecordWriter for JsonLines {
    fn name(&self) -> &'static str {
        "JSON lines"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["jsonl"]
    }

    fn write(&self, mut out: &mut dyn Write, entry: &Entry) -> std::io::Result<()> {
        let text = entry.text.as_deref();
        // A line that can no longer be read has nothing that would be known to be lost.
        let before = text.and_then(|text| Some((text, parse(text).ok()?)));
        let kept = match before {
            Some((text, before)) => unknown::carried(text, &before, &entry.record)?,
            None => None,
        };
        match kept {
            Some(line) => write_line(out, line),
            None => append(&mut out, &entry.record),
        }
    }
}

/// Whether bytes are the beginning of a JSON object whose first member is a `schema` that begins like this.
pub fn begins_with_schema(head: &[u8], schema: &str) -> bool {
    let dense: Vec<u8> = head
        .iter()
        .copied()
        .filter(|b| !b.is_ascii_whitespace())
        .take(256)
        .collect();
    dense.starts_with(format!("{{\"schema\":\"{schema}").as_bytes())
}

/// A line of a file, as it stands there.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// From 1.
    pub number: usize,
    /// Where it begins in what was read, in bytes.
    pub offset: u64,
    /// With its line break, if it has one: the last line of a file that is being written may lack it.
    pub bytes: Vec<u8>,
}

impl Line {
    /// # Errors
    /// [`LineError::NotUtf8`].
    pub fn text(&self) -> Result<&str, LineError> {
        std::str::from_utf8(&self.bytes).map_err(|e| LineError::NotUtf8 {
            byte: e.valid_up_to() + 1,
        })
    }

    /// The record that it is.
    pub fn record(&self) -> Result<Record, LineError> {
        parse(self.text()?)
    }

    fn entry(self) -> Result<Entry, LineError> {
        let record = self.record()?;
        let text = self.text()?.trim_end().to_string();
        Ok(Entry {
            record,
            text: Some(text),
        })
    }
}

/// Bytes of the longest line that is read, more than a trace of a million tokens has. What is longer has no lines, and would fill the memory.
const LONGEST_LINE: u64 = 1 << 30;

/// The lines of a reader that are not blank, or the number of a line that could not be read, after which no more come.
pub fn lines(reader: impl BufRead) -> impl Iterator<Item = Result<Line, (usize, std::io::Error)>> {
    let mut lines = Lines::new(reader);
    std::iter::from_fn(move || lines.next().map(|read| read.map(|()| lines.take())))
}

/// Lines that are read one at a time into the same place.
pub(crate) struct Lines<R> {
    reader: R,
    longest: u64,
    /// A line that begins here or later is not read.
    end: u64,
    line: Line,
    over: bool,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self::between(reader, 0, u64::MAX)
    }

    /// Those of a reader that stands at `begin` in what it reads. The last one is the one before that which begins at `end` or later.
    pub(crate) fn between(reader: R, begin: u64, end: u64) -> Self {
        Lines {
            reader,
            longest: LONGEST_LINE,
            end,
            line: Line {
                offset: begin,
                ..Line::default()
            },
            over: false,
        }
    }

    /// The line that was read last.
    pub(crate) fn line(&self) -> &Line {
        &self.line
    }

    /// How many lines were read, blank ones too.
    pub(crate) fn all(&self) -> usize {
        self.line.number
    }

    /// The line that was read last, no longer held here.
    fn take(&mut self) -> Line {
        /// Bytes that a line is given before it is read, at most.
        const MOST_ROOM: usize = 1 << 20;
        let length = self.line.bytes.len();
        // The next one begins behind it, and is about as long: what grows is copied each time.
        let next = Line {
            number: self.line.number,
            offset: self.line.offset + length as u64,
            bytes: Vec::with_capacity((length + length / 4).min(MOST_ROOM)),
        };
        std::mem::replace(&mut self.line, next)
    }

    /// Reads the next line that is not blank. `None` where there is none.
    ///
    /// # Errors
    /// Those of the reader, and of a line that is too long, with its number; no line comes after one.
    pub(crate) fn next(&mut self) -> Option<Result<(), (usize, std::io::Error)>> {
        while !self.over {
            let Line {
                number,
                offset,
                bytes,
            } = &mut self.line;
            *offset += bytes.len() as u64;
            bytes.clear();
            if *offset >= self.end {
                self.over = true;
                break;
            }
            let read = read_line(&mut self.reader, self.longest, bytes);
            *number += usize::from(read.is_err() || !bytes.is_empty());
            match read {
                Ok(()) if bytes.is_empty() => self.over = true,
                Ok(()) if bytes.iter().all(u8::is_ascii_whitespace) => {}
                Ok(()) => return Some(Ok(())),
                Err(e) => {
                    self.over = true;
                    return Some(Err((*number, e)));
                }
            }
        }
        None
    }
}

/// Adds what there is up to the next line break, and the break.
///
/// # Errors
/// Those of the reader; these are more bytes than `longest`.
fn read_line(reader: &mut impl BufRead, longest: u64, line: &mut Vec<u8>) -> std::io::Result<()> {
    loop {
        let there = match reader.fill_buf() {
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            there => there?,
        };
        // Not `read_until`, which looks for the break several times as long.
        let end = memchr::memchr(b'\n', there).map(|at| at + 1);
        let read = end.unwrap_or(there.len());
        line.extend_from_slice(&there[..read]);
        reader.consume(read);
        if line.len() as u64 > longest {
            let what = format!("the line has more than {longest} bytes: this is no file of lines");
            return Err(std::io::Error::other(what));
        }
        if end.is_some() || read == 0 {
            return Ok(());
        }
    }
}

/// Reads one line. What comes out is valid: see [`Trace::validate`].
///
/// # Errors
/// What is no record, in words that name the field.
pub fn parse(line: &str) -> Result<Record, LineError> {
    if let Some(trace) = trace(line) {
        trace.validate()?;
        return Ok(Record::Trace(trace));
    }
    let value: Value = serde_json::from_str(line).map_err(LineError::Json)?;
    let schema = value
        .get("schema")
        .and_then(Value::as_str)
        .ok_or(LineError::NotATrace)?;
    if schema != SCHEMA {
        let newer = schema
            .strip_prefix("rotescope.trace/")
            .and_then(|v| v.parse::<u32>().ok())
            .is_some();
        return Err(if newer {
            LineError::Newer(schema.into())
        } else {
            LineError::NotATrace
        });
    }
    if value.get("error").is_some() {
        return Ok(Record::Failed(from(value)?));
    }
    let trace: Box<Trace> = Box::new(from(value)?);
    trace.validate()?;
    Ok(Record::Trace(trace))
}

/// The trace that a line is, if it is one, without a tree of JSON between, which takes more than twice as long. What is wrong with a line is said by way of that.
fn trace(line: &str) -> Option<Box<Trace>> {
    let trace: Box<Trace> = serde_json::from_str(line).ok()?;
    (trace.schema == SCHEMA && !trace.extra.contains_key("error")).then_some(trace)
}

fn from<T: DeserializeOwned>(value: Value) -> Result<T, LineError> {
    serde_path_to_error::deserialize(value).map_err(|e| LineError::Field {
        field: e.path().to_string(),
        source: e.into_inner(),
    })
}

/// All records of a reader with their line numbers, from 1; empty lines are passed over.
pub fn read(reader: impl BufRead) -> impl Iterator<Item = (usize, Result<Record, LineError>)> {
    lines(reader).map(|line| match line {
        Ok(line) => (line.number, line.record()),
        Err((number, e)) => (number, Err(e.into())),
    })
}

/// Writes one record as one line with a single write, and flushes it: a killed process loses at most the line it is writing.
///
/// # Errors
/// Those of the writer.
pub fn append(writer: &mut impl Write, record: &Record) -> std::io::Result<()> {
    let line = match record {
        Record::Trace(t) => serde_json::to_vec(t)?,
        Record::Failed(f) => serde_json::to_vec(f)?,
    };
    write_line(writer, line)
}

fn write_line(writer: &mut (impl Write + ?Sized), mut line: Vec<u8>) -> std::io::Result<()> {
    line.push(b'\n');
    writer.write_all(&line)?;
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Token;

    #[test]
    fn a_trace_is_the_same_with_and_without_a_tree_between() {
        let token = |i: usize| Token {
            text: "é".into(),
            span: [2 * i, 2 * i + 2],
            p: 1.0 / (i as f32 + 3.0),
            entropy: (i as f32).exp(),
            ..Token::default()
        };
        let mut trace = Trace {
            schema: SCHEMA.into(),
            output: "é".repeat(50),
            tokens: (0..50).map(token).collect(),
            ..Trace::default()
        };
        trace
            .extra
            .insert("later".into(), serde_json::json!({"a": [1.5, null]}));
        let line = serde_json::to_string(&trace).unwrap();
        let value: Value = serde_json::from_str(&line).unwrap();
        let by_tree: Trace = from(value).unwrap();
        let ours = super::trace(&line).expect("a trace");
        assert_eq!(serde_json::to_string(&ours).unwrap(), line);
        assert_eq!(serde_json::to_string(&by_tree).unwrap(), line);
        // What has an error failed, whatever else it has.
        trace.extra.insert("error".into(), "too long".into());
        let failed = serde_json::to_string(&trace).unwrap();
        assert!(super::trace(&failed).is_none());
    }

    #[test]
    fn a_line_without_an_end_is_read_up_to_a_limit() {
        let content = "four\nfive5\nsix456\n";
        // However it comes.
        for room in 1..20 {
            let reader = std::io::BufReader::with_capacity(room, content.as_bytes());
            let mut lines = Lines::new(reader);
            lines.longest = 6;
            for (at, wanted) in [(0, "four\n"), (5, "five5\n")] {
                lines.next().unwrap().unwrap();
                let line = lines.line();
                assert_eq!((line.offset, line.text().unwrap()), (at, wanted));
            }
            let (line, error) = lines.next().unwrap().unwrap_err();
            assert!(error.to_string().contains("more than 6 bytes"), "{error}");
            assert_eq!(line, 3);
            assert!(lines.next().is_none());
        }
    }
}
