//! The JSON objects of a file: one a line, in an array, or the rows of a table.

use std::io::{self, BufRead};

use rotescope_trace::jsonl;
use serde_json::{Map, Value};

/// How a file holds its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One object a line.
    Lines,
    /// One JSON value: an array of objects, or an object that has one.
    Whole,
    /// Comma- or tab-separated values with a line of names.
    Table(u8),
    /// Anything else.
    Text,
}

impl Shape {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Lines => "JSON lines",
            Shape::Whole => "JSON",
            Shape::Table(b'\t') => "tab-separated values",
            Shape::Table(_) => "comma-separated values",
            Shape::Text => "plain text",
        }
    }
}

/// The shape of a file: by its name's ending, else by how it begins. `columns`: names of which a table has at least one.
pub fn shape(ending: Option<&str>, head: &[u8], columns: &[&str]) -> Shape {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let begin = head.trim_ascii_start();
    match ending {
        Some("csv") => return Shape::Table(separator(begin)),
        Some("tsv" | "tab") => return Shape::Table(b'\t'),
        _ => {}
    }
    match begin.first() {
        Some(b'[') if ending == Some("json") || array(begin) => Shape::Whole,
        Some(b'{') => {
            let line = begin.split(|b| *b == b'\n').next().unwrap_or_default();
            // An object over several lines.
            let cut =
                serde_json::from_slice::<serde::de::IgnoredAny>(line).is_err_and(|e| e.is_eof());
            let more = begin.len() > line.len();
            if cut && more && line.trim_ascii_end().len() < 200 || ending == Some("json") {
                Shape::Whole
            } else {
                Shape::Lines
            }
        }
        _ => {
            let line = begin.split(|b| *b == b'\n').next().unwrap_or_default();
            let line = String::from_utf8_lossy(line).to_lowercase();
            let names = |by: char| {
                let cells = line.trim_end().split(by);
                let cells: Vec<&str> = cells.map(|c| c.trim().trim_matches('"')).collect();
                cells.len() > 1
                    && cells.iter().any(|c| columns.contains(c))
                    && cells.iter().all(|c| !c.contains(' '))
            };
            match () {
                () if names('\t') => Shape::Table(b'\t'),
                () if names(',') => Shape::Table(b','),
                () if names(';') => Shape::Table(b';'),
                () => Shape::Text,
            }
        }
    }
}

/// Whether `[` begins an array of objects and not a text in brackets.
fn array(begin: &[u8]) -> bool {
    matches!(
        begin[1..].trim_ascii_start().first(),
        Some(b'{' | b']') | None
    )
}

fn separator(begin: &[u8]) -> u8 {
    let line = begin.split(|b| *b == b'\n').next().unwrap_or_default();
    let count = |by: u8| line.iter().filter(|b| **b == by).count();
    [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|by| count(*by))
        .unwrap_or(b',')
}

/// An object and the line that it begins in, from 1 (of an array: its place), or why there is none.
pub type LocatedObject = (usize, Result<Map<String, Value>, String>);

/// The objects of a file of a shape that has some. Blank lines are passed over; nothing comes after an error of the reader.
pub fn read(shape: Shape, from: Box<dyn BufRead>) -> Box<dyn Iterator<Item = LocatedObject>> {
    match shape {
        Shape::Lines | Shape::Text => Box::new(lines(from)),
        Shape::Whole => Box::new(whole(from).into_iter()),
        Shape::Table(by) => Box::new(table(by, from)),
    }
}

fn object(value: Value) -> Result<Map<String, Value>, String> {
    match value {
        Value::Object(object) => Ok(object),
        other => Err(format!(
            "not an object, but {}",
            super::fields::kind(&other)
        )),
    }
}

fn lines(from: Box<dyn BufRead>) -> impl Iterator<Item = LocatedObject> {
    jsonl::lines(from).map(|line| match line {
        Err((number, e)) => (number, Err(format!("unreadable: {e}"))),
        Ok(line) => {
            let text = line.text().map_err(|e| e.to_string());
            let text = text.map(|t| t.trim_start_matches('\u{feff}').to_string());
            let value =
                text.and_then(|t| serde_json::from_str(&t).map_err(|e| format!("not JSON: {e}")));
            (line.number, value.and_then(object))
        }
    })
}

/// Names of the array in an object that is a whole file.
const ARRAYS: &[&str] = &[
    "data",
    "examples",
    "instances",
    "questions",
    "prompts",
    "problems",
    "results",
    "samples",
    "outputs",
    "items",
    "rows",
];

fn whole(mut from: Box<dyn BufRead>) -> Vec<LocatedObject> {
    let mut bytes = Vec::new();
    if let Err(e) = from.read_to_end(&mut bytes) {
        return vec![(1, Err(format!("unreadable: {e}")))];
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(e) => return vec![(e.line().max(1), Err(format!("not JSON: {e}")))],
    };
    let items = match value {
        Value::Array(items) => items,
        Value::Object(mut all) => {
            let array = ARRAYS.iter().find(|n| all.get(**n).is_some_and(objects));
            match array.and_then(|n| all.remove(*n)) {
                Some(Value::Array(items)) => items,
                _ => vec![Value::Object(all)],
            }
        }
        other => vec![other],
    };
    let items = items.into_iter().enumerate();
    items.map(|(i, value)| (i + 1, object(value))).collect()
}

fn objects(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|a| !a.is_empty() && a.iter().all(Value::is_object))
}

fn table(by: u8, from: Box<dyn BufRead>) -> impl Iterator<Item = LocatedObject> {
    let mut builder = csv::ReaderBuilder::new();
    let reader = builder
        .delimiter(by)
        .flexible(false)
        .from_reader(NoMark::new(from));
    let mut reader = reader;
    let names = reader.headers().cloned();
    let mut failed = names.as_ref().err().map(|e| (1, Err(said(e))));
    let names = names.unwrap_or_default();
    let mut rows = reader.into_records();
    std::iter::from_fn(move || {
        if let Some(failed) = failed.take() {
            return Some(failed);
        }
        if names.is_empty() {
            return None;
        }
        let row = rows.next()?;
        let line = match &row {
            Ok(row) => row.position().map_or(0, csv::Position::line),
            Err(e) => e.position().map_or(0, csv::Position::line),
        };
        let line = usize::try_from(line).unwrap_or(0);
        let object = row.map_err(|e| said(&e)).map(|row| {
            let cells = names.iter().zip(row.iter());
            // An empty cell says nothing.
            let cells = cells.filter(|(_, cell)| !cell.is_empty());
            cells
                .map(|(name, cell)| (name.trim().to_string(), Value::from(cell)))
                .collect()
        });
        Some((line, object))
    })
}

fn said(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!(
                "{len} cells under {expected_len} names; quote cells that hold separators or line breaks"
            )
        }
        csv::ErrorKind::Utf8 { err, .. } => format!("not UTF-8 (cell {})", err.field() + 1),
        _ => error.to_string(),
    }
}

/// A reader without the byte-order mark.
struct NoMark<R> {
    from: R,
    first: bool,
}

impl<R> NoMark<R> {
    fn new(from: R) -> NoMark<R> {
        NoMark { from, first: true }
    }
}

impl<R: BufRead> io::Read for NoMark<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.first) && self.from.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            self.from.consume(3);
        }
        self.from.read(to)
    }
}
