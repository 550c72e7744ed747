//! `rotescope report` of what `audit extract` wrote: heat maps of documents.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::outputs::head;
use crate::run::audit::lines::each_line;
use rotescope_report::heat::HeatReport;
use rotescope_report::{Format, ReportOptions};
use rotescope_trace::audit::extract::ExtractLine;
use rotescope_trace::jsonl::begins_with_schema;

/// Whether a file holds windows of `audit extract`.
pub fn is_extract(path: &Path) -> bool {
    path.is_file() && head(path).is_ok_and(|h| begins_with_schema(&h, "rotescope.extract/"))
}

/// Refuses a file of an audit that has no picture.
///
/// # Errors
/// What wrote it, and what to do with it.
pub fn expect_picture(path: &Path) -> Result<()> {
    const OTHERS: [&str; 4] = ["spans", "redundancy", "regions", "students"];
    let Some(head) = path.is_file().then(|| head(path).ok()).flatten() else {
        return Ok(());
    };
    let wrote = |name: &&str| begins_with_schema(&head, &format!("rotescope.{name}/"));
    match OTHERS.into_iter().find(wrote) {
        Some(name) => bail!(
            "{}: `rotescope audit {name}` wrote it, and prints its tables again when it is started again; `rotescope show` lists its records, and of audits, the windows of `audit extract` have a picture",
            path.display()
        ),
        None => Ok(()),
    }
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
        each_line(path, &mut |line: ExtractLine| -> Result<()> {
            if let (Some(w), false) = (&line.window, names.is_empty()) {
                missing.retain(|n| **n != w.document);
                if !names.contains(&w.document) {
                    return Ok(());
                }
            }
            Ok(report.add(line)?)
        })?;
    }
    if let Some(name) = missing.first() {
        bail!("no document has the name {name:?}");
    }
    Ok(report.finish()?)
}
