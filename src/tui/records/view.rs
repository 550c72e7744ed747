//! The records of some files, which of them are listed, and which is looked at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ratatui::layout::Rect;
use serde_json::Value;

use super::outline::{OutlineLine, outline};
use crate::tui::filter::{self, Filter, Row};
use crate::tui::search::contains;
use rotescope_text::sanitize;
use rotescope_trace::jsonl;
use rotescope_trace::packed::unpack;

/// What a record may be called by, the first that it has: fields, those of objects within after a point.
const NAMES: [&str; 9] = [
    "id", "a.id", "name", "document", "doc", "file", "ngram", "text", "kind",
];
/// Records whose fields are looked at to know what there is to sort by.
const LOOKED_AT: usize = 500;

/// A record.
#[derive(Debug)]
pub struct Record {
    /// Index of its file.
    file: usize,
    /// From 1.
    pub line: usize,
    /// Why it cannot be read.
    pub content: Result<Value, String>,
    text: String,
}

impl Record {
    /// What it says at a path of names with points between, where that is a text, a number or a truth.
    fn field(&self, path: &str) -> Option<filter::Value<'_>> {
        let record = self.content.as_ref().ok()?;
        let value = path.split('.').try_fold(record, |v, name| v.get(name))?;
        Some(match value {
            Value::String(text) => filter::Value::Text(text),
            Value::Number(n) => filter::Value::Number(n.as_f64()?),
            Value::Bool(truth) => filter::Value::Number(f64::from(u8::from(*truth))),
            _ => return None,
        })
    }

    /// What it is called in the list.
    pub fn name(&self) -> String {
        let named = NAMES.iter().find_map(|name| self.field(name));
        match named {
            Some(filter::Value::Text(text)) if !text.trim().is_empty() => {
                let text: String = text.chars().take(200).collect();
                sanitize::line(&text).into_owned()
            }
            Some(filter::Value::Number(n)) => n.to_string(),
            _ => format!("line {}", self.line),
        }
    }
}

impl Row for Record {
    fn value(&self, column: &str) -> Option<filter::Value<'_>> {
        self.field(column)
    }

    fn holds(&self, word: &str) -> bool {
        self.text.to_lowercase().contains(word)
    }
}

/// Records on the screen.
#[derive(Debug)]
pub struct Records {
    files: Vec<PathBuf>,
    all: Vec<Record>,
    /// Names of fields that can be sorted and filtered by, and how many records have each, of those looked at.
    fields: BTreeMap<String, usize>,
    listed: Vec<usize>,
    /// Place in `listed`.
    at: usize,
    /// The field that they are sorted by, and whether the largest come first.
    pub order: Option<(String, bool)>,
    /// First line of the record that is shown.
    pub scroll: usize,
    lines: Outline,
    /// Where list and record were drawn, for the mouse.
    pub list: Rect,
    pub rows: Rect,
}

/// The record at the cursor as it is shown.
#[derive(Debug, Default)]
struct Outline {
    /// Of which record, how wide.
    of: Option<(usize, u16)>,
    lines: Vec<OutlineLine>,
}

/// Why records cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {why}", path.display())]
    None { path: PathBuf, why: String },
}

impl Records {
    /// Reads files of JSON lines, or of one JSON document each. A line that cannot be read is listed with the reason.
    ///
    /// # Errors
    /// A file that cannot be read, or that holds no JSON at all.
    pub fn open(paths: &[PathBuf]) -> Result<Records, RecordsError> {
        let mut all = Vec::new();
        for (file, path) in paths.iter().enumerate() {
            let read = read(file, path)?;
            if !read.iter().any(|r| r.content.is_ok()) {
                let why = read.into_iter().find_map(|r| r.content.err());
                let why = why.unwrap_or_else(|| "it is empty".into());
                let path = path.clone();
                return Err(RecordsError::None { path, why });
            }
            all.extend(read);
        }
        let mut fields = BTreeMap::new();
        for record in all.iter().take(LOOKED_AT) {
            if let Ok(value) = &record.content {
                scalars(value, "", &mut fields);
            }
        }
        Ok(Records {
            files: paths.to_vec(),
            listed: (0..all.len()).collect(),
            all,
            fields,
            at: 0,
            order: None,
            scroll: 0,
            lines: Outline::default(),
            list: Rect::ZERO,
            rows: Rect::ZERO,
        })
    }

    /// Lists those that a filter lets through, in their order; the one at the cursor stays so, if it is still there.
    pub fn relist(&mut self, text: &str) {
        let was = self.listed.get(self.at).copied();
        let filter = Filter::parse(text, |name| self.fields.contains_key(name));
        let fits = |&i: &usize| filter.lets_through(&self.all[i]);
        let mut listed: Vec<usize> = (0..self.all.len()).filter(fits).collect();
        if let Some((field, falls)) = &self.order {
            filter::sort(&mut listed, *falls, |i| self.all[i].field(field));
        }
        let there = was.and_then(|was| listed.iter().position(|i| *i == was));
        self.listed = listed;
        self.go_to(there.unwrap_or(0));
    }

    /// Sorts by a field; the other way round where they are sorted by it already.
    pub fn sort_by(&mut self, field: &str, filter: &str) {
        let falls = matches!(&self.order, Some((now, false)) if now == field);
        self.order = Some((field.into(), falls));
        self.relist(filter);
    }

    /// Fields that can be sorted by, those that most records have first.
    pub fn fields(&self) -> Vec<&str> {
        let mut fields: Vec<(&String, &usize)> = self.fields.iter().collect();
        fields.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        fields.into_iter().map(|(name, _)| name.as_str()).collect()
    }

    pub fn listed(&self) -> &[usize] {
        &self.listed
    }

    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// The place of the record that is looked at.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The record at a place of the list.
    pub fn record(&self, place: usize) -> Option<&Record> {
        self.all.get(*self.listed.get(place)?)
    }

    /// The file of a record.
    pub fn file(&self, record: &Record) -> &Path {
        &self.files[record.file]
    }

    /// To a place of the list.
    pub fn go_to(&mut self, place: usize) {
        let place = place.min(self.listed.len().saturating_sub(1));
        if place != self.at || self.scroll > 0 {
            self.scroll = 0;
        }
        self.at = place;
    }

    pub fn go_by(&mut self, by: isize) {
        self.go_to(self.at.saturating_add_signed(by));
    }

    /// The lines of the record at the cursor, for a width.
    pub fn lines(&mut self, width: u16) -> &[OutlineLine] {
        let record = self.listed.get(self.at).copied();
        let of = record.map(|r| (r, width));
        if self.lines.of != of {
            let lines = match record.map(|r| &self.all[r].content) {
                Some(Ok(value)) => outline(value, usize::from(width)),
                Some(Err(why)) => outline(&Value::from(why.as_str()), usize::from(width)),
                None => Vec::new(),
            };
            self.lines = Outline { of, lines };
        }
        &self.lines.lines
    }

    /// To the next line of the record that holds a text, or the one before, round its end; whether there is one.
    pub fn find(&mut self, text: &str, forward: bool) -> bool {
        let lines = &self.lines.lines;
        let holds = |i: &usize| {
            let line = &lines[*i];
            contains(&line.name, text) || contains(&line.text, text)
        };
        let (count, from) = (lines.len(), self.scroll);
        let place = |step: usize| match forward {
            true => (from + step) % count,
            false => (from + count - step) % count,
        };
        match (1..=count).map(place).find(holds) {
            Some(line) => {
                self.scroll = line;
                true
            }
            None => false,
        }
    }
}

/// Names of the fields that hold one value each, those of objects within after a point.
fn scalars(value: &Value, before: &str, into: &mut BTreeMap<String, usize>) {
    let Value::Object(fields) = value else {
        return;
    };
    for (name, value) in fields {
        let name = format!("{before}{name}");
        match value {
            Value::Object(_) if before.matches('.').count() < 2 => {
                scalars(value, &format!("{name}."), into);
            }
            Value::Object(_) | Value::Array(_) | Value::Null => {}
            _ => *into.entry(name).or_default() += 1,
        }
    }
}

/// The records of a file.
fn read(file: usize, path: &Path) -> Result<Vec<Record>, RecordsError> {
    let io = |source: std::io::Error| RecordsError::Io {
        path: path.into(),
        source,
    };
    let opened = std::fs::File::open(path).map_err(io)?;
    let mut records = Vec::new();
    for line in jsonl::lines(unpack::content(opened)) {
        let line = line.map_err(|(_, e)| io(e))?;
        let text = line.text().map_err(|e| e.to_string());
        let content = text
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|text| serde_json::from_str(text).map_err(|e| format!("not JSON: {e}")));
        records.push(Record {
            file,
            line: line.number,
            content,
            text: text.map(str::to_string).unwrap_or_default(),
        });
    }
    // A document over several lines.
    let broken = records.len() > 1 && records[0].content.is_err();
    let whole: Vec<&str> = records.iter().map(|r| r.text.as_str()).collect();
    let whole = whole.join("\n");
    if broken && let Ok(value) = serde_json::from_str(&whole) {
        return Ok(vec![Record {
            file,
            line: 1,
            content: Ok(value),
            text: whole,
        }]);
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(text: &str) -> Result<Records, RecordsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        std::fs::write(&path, text).unwrap();
        Records::open(&[path])
    }

    const LINES: &str = concat!(
        "{\"a\":{\"id\":\"one\"},\"fragility\":0.5,\"wrong\":true}\n",
        "{\"a\":{\"id\":\"two\"},\"fragility\":0.25}\n",
        "{\"a\":{\"id\":\"three\n",
        "{\"a\":{\"id\":\"four\"},\"words\":[\"ten\"]}\n",
    );

    #[test]
    fn records_are_named_sorted_and_filtered_by_their_fields() {
        let mut records = opened(LINES).unwrap();
        let names = |r: &Records| -> Vec<String> {
            (0..r.listed().len())
                .map(|i| r.record(i).unwrap().name())
                .collect()
        };
        assert_eq!(names(&records), ["one", "two", "line 3", "four"]);
        assert_eq!(records.fields(), ["a.id", "fragility", "wrong"]);
        records.go_to(1);
        records.sort_by("fragility", "");
        assert_eq!(names(&records), ["two", "one", "line 3", "four"]);
        assert_eq!(records.at(), 0);
        records.sort_by("fragility", "");
        assert_eq!(names(&records), ["one", "two", "line 3", "four"]);
        records.relist("fragility<0.4");
        assert_eq!(names(&records), ["two"]);
        records.relist("!a.id:o");
        assert_eq!(names(&records), ["line 3"]);
        records.relist("ten");
        assert_eq!(names(&records), ["four"]);
        records.relist("nothing");
        assert!(records.record(0).is_none() && records.lines(40).is_empty());
    }

    #[test]
    fn a_line_of_a_record_is_found() {
        let mut records =
            opened("{\"one\":1,\"two\":\"words\",\"three\":\"more words\"}\n").unwrap();
        records.lines(60);
        assert!(records.find("words", true));
        assert_eq!(records.scroll, 1);
        assert!(records.find("words", true));
        assert_eq!(records.scroll, 2);
        assert!(records.find("words", true));
        assert_eq!(records.scroll, 1);
        assert!(records.find("one", false) && !records.find("none", true));
    }

    #[test]
    fn a_document_over_several_lines_is_one_record_and_no_json_is_refused() {
        let one = opened("{\n \"id\": \"x\",\n \"n\": 3\n}\n").unwrap();
        assert_eq!(
            (one.count(), one.record(0).unwrap().name()),
            (1, "x".into())
        );
        for (text, says) in [("", "it is empty"), ("# Readme\n", "not JSON")] {
            let error = opened(text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
