//! Rows as comma-separated values (RFC 4180).

use std::io::{self, Write};

use serde_json::json;

use super::columns::{self, columns};
use super::{Kind, Table, Value};
use crate::Measure;
use rotescope_text::csv::{label, quote};
use rotescope_trace::record::Record;

/// The row of names.
pub fn names(table: Table) -> String {
    let names: Vec<String> = columns(table).into_iter().map(|c| c.name).collect();
    names.join(",")
}

/// Writes the row of names.
///
/// # Errors
/// Those of `out`.
pub fn head(out: &mut impl Write, table: Table) -> io::Result<()> {
    write!(out, "{}\r\n", names(table))
}

/// Writes the rows of a record.
///
/// # Errors
/// Those of `out`.
pub fn rows(
    out: &mut impl Write,
    table: Table,
    record: &Record,
    measure: &Measure,
) -> io::Result<()> {
    let kinds: Vec<Kind> = columns(table).into_iter().map(|c| c.kind).collect();
    columns::rows(table, record, measure, &mut |row| {
        let cells: Vec<String> = kinds.iter().zip(&row).map(|(k, v)| cell(*k, v)).collect();
        write!(out, "{}\r\n", cells.join(","))
    })
}

fn cell(kind: Kind, value: &Value) -> String {
    match value {
        Value::None => String::new(),
        Value::Bool(b) => b.to_string(),
        Value::Count(n) => n.to_string(),
        Value::Single(x) => x.to_string(),
        Value::Number(x) => x.to_string(),
        Value::Text(text) if kind == Kind::Text => quote(&json!(text).to_string()),
        Value::Text(text) => label(text),
        Value::Texts(all) => quote(&json!(all).to_string()),
    }
}
