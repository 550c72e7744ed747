//! What the app writes: traces kept, reports, comparisons.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use super::app::App;
use rotescope_report::theme::Depth;
use rotescope_trace::Trace;
use rotescope_trace::jsonl::{self, Record};

/// Columns of an exported picture or text.
const PAGE: usize = 100;

/// Writes a trace as a report; the end of the name says which. A file that exists is left alone.
pub(super) fn export(app: &App, path: &Path, trace: Box<Trace>) -> Result<(), String> {
    let format = rotescope_report::Format::of(path)
        .ok_or("the name must end in .html, .svg, .csv, .ansi, .txt or .jsonl")?;
    let plain = path.extension().is_some_and(|e| e == "txt");
    let options = rotescope_report::Options {
        measure: rotescope_report::Measure::parse(app.measure.key()),
        theme: app.theme.clone(),
        dark: None,
        depth: if plain { Depth::None } else { Depth::TrueColor },
        width: PAGE,
    };
    let text = |e: &dyn std::fmt::Display| e.to_string();
    let file = new_file(path)?;
    let mut made = rotescope_report::Report::begin(io::BufWriter::new(file), format, options)
        .map_err(|e| text(&e))?;
    made.add(&Record::Trace(trace).into())
        .and_then(|()| made.finish())
        .map_err(|e| text(&e))?;
    Ok(())
}

/// Writes a comparison as a line of JSON. A file that exists is left alone.
pub(super) fn export_comparison(
    path: &Path,
    comparison: &rotescope_study::compare::Comparison,
) -> Result<(), String> {
    let line = serde_json::to_string(comparison).map_err(|e| e.to_string())? + "\n";
    let mut file = new_file(path)?;
    io::Write::write_all(&mut file, line.as_bytes()).map_err(|e| e.to_string())
}

fn new_file(path: &Path) -> Result<std::fs::File, String> {
    std::fs::File::create_new(path).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => "exists already; choose another name".into(),
        _ => e.to_string(),
    })
}

pub(super) fn append(path: &Path, trace: Box<Trace>) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    jsonl::append(&mut file, &Record::Trace(trace))
}
