//! Traces as JSON lines: read one at a time in constant memory, appended and flushed one at a time.

use std::io::{BufRead, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{SCHEMA, Trace};

/// A line of a trace file: a trace, or a prompt that failed.
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
pub struct Failed {
    pub schema: String,
    pub id: String,
    pub error: String,
}

impl Failed {
    pub fn new(id: &str, error: String) -> Self {
        Failed {
            schema: SCHEMA.into(),
            id: id.into(),
            error,
        }
    }
}

/// Why a line is no trace. The caller adds the file's name and the line's number.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("not a rotescope trace (no \"schema\": \"{SCHEMA}\")")]
    NotATrace,
    #[error("made by a newer rotescope (schema {0}, this one reads {SCHEMA}): update rotescope")]
    Newer(String),
    #[error("unreadable: {0}")]
    Io(#[from] std::io::Error),
}

/// Reads one line.
pub fn parse(line: &str) -> Result<Record, LineError> {
    let value: Value = serde_json::from_str(line)?;
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
    Ok(Record::Trace(Box::new(from(value)?)))
}

fn from<T: DeserializeOwned>(value: Value) -> Result<T, LineError> {
    Ok(serde_json::from_value(value)?)
}

/// All records of a reader with their line numbers, from 1; empty lines are passed over.
pub fn read(reader: impl BufRead) -> impl Iterator<Item = (usize, Result<Record, LineError>)> {
    reader
        .lines()
        .enumerate()
        .filter_map(|(i, line)| match line {
            Ok(l) if l.trim().is_empty() => None,
            Ok(l) => Some((i + 1, parse(&l))),
            Err(e) => Some((i + 1, Err(e.into()))),
        })
}

/// Writes one record as one line with a single write, and flushes it: a killed process loses at most the line it is writing.
pub fn append(writer: &mut impl Write, record: &Record) -> std::io::Result<()> {
    let mut line = match record {
        Record::Trace(t) => serde_json::to_vec(t)?,
        Record::Failed(f) => serde_json::to_vec(f)?,
    };
    line.push(b'\n');
    writer.write_all(&line)?;
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_and_foreign_lines_are_told_apart() {
        assert!(matches!(
            parse(r#"{"schema":"rotescope.trace/2"}"#),
            Err(LineError::Newer(_))
        ));
        assert!(matches!(parse(r#"{"a":1}"#), Err(LineError::NotATrace)));
        assert!(matches!(
            parse(r#"{"schema":"rotescope.tr"#),
            Err(LineError::Json(_))
        ));
    }

    /// Traces of before the mask was recorded are read, and go on in the same file.
    #[test]
    fn a_mask_that_is_not_said_agrees_with_any() {
        use crate::AttributionOptions;
        let options = |mask: &str| -> AttributionOptions {
            let distant = r#""sources":["mid"],"scope":"chain","saliency":"leave_one_out","cooccurrence":"document","words":5"#;
            let line =
                format!(r#"{{"candidates":20,"steps":"sen","distant":{{{distant}{mask}}}}}"#);
            serde_json::from_str(&line).unwrap()
        };
        let (old, new, other) = (
            options(""),
            options(r#","mask":"_""#),
            options(r#","mask":" ""#),
        );
        assert!(old.agrees(&new) && new.agrees(&old) && new.agrees(&new));
        assert!(!new.agrees(&other) && !other.agrees(&new));
        let local = AttributionOptions {
            distant: None,
            ..old.clone()
        };
        assert!(!local.agrees(&new) && !new.agrees(&local));
        assert!(!serde_json::to_string(&old).unwrap().contains("mask"));
    }

    #[test]
    fn failed_prompts_round_trip() {
        let mut out = Vec::new();
        append(
            &mut out,
            &Record::Failed(Failed::new("a", "too long".into())),
        )
        .unwrap();
        let records: Vec<_> = read(&out[..]).collect();
        assert_eq!(records.len(), 1);
        match &records[0].1 {
            Ok(Record::Failed(f)) => {
                assert_eq!((f.id.as_str(), f.error.as_str()), ("a", "too long"))
            }
            other => panic!("{other:?}"),
        }
    }
}
