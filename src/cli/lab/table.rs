//! Tables in Markdown.

use std::fmt::Write;

pub use crate::run::lab::figure::share;
use rotescope_lab::Mean;

/// A table: names of columns, with `|` between them, and rows.
pub fn table(columns: &str, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let count = columns.split('|').count();
    let mut out = format!("| {columns} |\n|{}\n", "--:|".repeat(count));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out
}

/// The interval of a mean, or a dash where there is none.
pub fn interval(mean: &Mean) -> String {
    match mean.interval {
        Some([low, high]) => format!("[{}, {}]", share(low), share(high)),
        None => "–".into(),
    }
}
