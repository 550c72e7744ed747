//! `rotescope report` of what `audit extract` wrote: heat maps of documents.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::outputs::head;
use rotescope_report::heat::HeatReport;
use rotescope_report::{Format, ReportOptions};
use rotescope_trace::audit::extract::{ExtractLine, SCHEMA};
use rotescope_trace::jsonl::{begins_with_schema, lines};

/// Whether a file holds windows of `audit extract`.
pub fn is_extract(path: &Path) -> bool {
    path.is_file() && head(path).is_ok_and(|h| begins_with_schema(&h, "rotescope.extract/"))
}

/// Writes the heat maps of some files, of all documents or of those with these names; returns documents and windows.
///
/// # Errors
/// A file with another kind of lines, a name that no document has, a format that holds no heat map.
pub fn write(
    out: impl Write,
    format: Format,
    options: ReportOptions,
    files: &[PathBuf],
    names: &[String],
) -> Result<(usize, usize)> {
    let mut report = HeatReport::begin(BufWriter::new(out), format, options)?;
    let mut missing: Vec<&String> = names.iter().collect();
    for path in files {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        for line in lines(BufReader::new(file)) {
            let line = line
                .map_err(|(_, e)| e)
                .with_context(|| path.display().to_string())?;
            let place = || format!("{}, line {}", path.display(), line.number);
            let read: ExtractLine = match serde_json::from_slice(&line.bytes) {
                Ok(read) => read,
                // A run that is at work, or was killed.
                Err(_) if !line.bytes.ends_with(b"\n") => continue,
                Err(e) => return Err(e).with_context(place),
            };
            if read.schema != SCHEMA {
                bail!("{}: its schema is {:?}, not {SCHEMA}", place(), read.schema);
            }
            if let (Some(w), false) = (&read.window, names.is_empty()) {
                missing.retain(|n| **n != w.document);
                if !names.contains(&w.document) {
                    continue;
                }
            }
            report.add(read)?;
        }
    }
    if let Some(name) = missing.first() {
        bail!("no document has the name {name:?}");
    }
    Ok(report.finish()?)
}
