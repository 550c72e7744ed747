//! Traces as JSON lines: read one at a time in constant memory, appended and flushed one at a time.

use std::io::{BufRead, Read, Write};

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
#[derive(Debug, Clone)]
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
    lines_up_to(LONGEST_LINE, reader)
}

fn lines_up_to(
    longest: u64,
    mut reader: impl BufRead,
) -> impl Iterator<Item = Result<Line, (usize, std::io::Error)>> {
    /// Bytes that a line is given before it is read, at most.
    const MOST_ROOM: usize = 1 << 20;
    let (mut number, mut next, mut over) = (0, 0, false);
    // Lines are about as long as the ones before, and what grows is copied each time.
    let mut room = 0usize;
    std::iter::from_fn(move || {
        while !over {
            let (offset, mut bytes) = (next, Vec::with_capacity(room));
            number += 1;
            match reader
                .by_ref()
                .take(longest + 1)
                .read_until(b'\n', &mut bytes)
            {
                Ok(0) => over = true,
                Ok(n) if n as u64 > longest => {
                    over = true;
                    let what =
                        format!("the line has more than {longest} bytes: this is no file of lines");
                    return Some(Err((number, std::io::Error::other(what))));
                }
                Ok(n) => {
                    next += n as u64;
                    room = (n + n / 4).min(MOST_ROOM);
                    if !bytes.iter().all(u8::is_ascii_whitespace) {
                        return Some(Ok(Line {
                            number,
                            offset,
                            bytes,
                        }));
                    }
                }
                Err(e) => {
                    over = true;
                    return Some(Err((number, e)));
                }
            }
        }
        None
    })
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
        let found: Vec<_> = lines_up_to(6, content.as_bytes()).collect();
        assert_eq!(found[0].as_ref().unwrap().bytes, b"four\n");
        assert_eq!(found[1].as_ref().unwrap().bytes, b"five5\n");
        let (line, error) = found[2].as_ref().unwrap_err();
        assert_eq!((*line, found.len()), (3, 3));
        assert!(error.to_string().contains("more than 6 bytes"), "{error}");
    }
}
