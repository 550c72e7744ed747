//! Files that the app writes: a trace, a comparison, the screen, each in the format that the name ends in.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use ratatui::buffer::Buffer;

use super::picture::PictureFormat;
use rotescope_report::html::{Page, Pair};
use rotescope_report::{Format, Report, ReportOptions};
use rotescope_study::compare::Comparison;
use rotescope_trace::Trace;
use rotescope_trace::jsonl::{self, Record};
use rotescope_trace::packed::{Packer, Packing, ending};

/// Writes a trace as a report; the end of the name says which. A file that exists is left alone.
pub fn export(path: &Path, trace: &Trace, options: ReportOptions) -> Result<(), String> {
    let format =
        Format::of(path).ok_or("the name must end in .html, .svg, .csv, .ansi, .txt or .jsonl")?;
    let text = |e: &dyn std::fmt::Display| e.to_string();
    let mut file = new_file(path)?;
    let mut made = Report::begin(&mut file, format, options).map_err(|e| text(&e))?;
    made.add(&Record::Trace(Box::new(trace.clone())).into())
        .and_then(|()| made.finish())
        .map_err(|e| text(&e))?;
    closed(file)
}

/// Writes a comparison as a page, or as a line of JSON. A file that exists is left alone.
pub fn export_comparison(
    path: &Path,
    comparison: &Comparison,
    pair: &Pair,
    options: &ReportOptions,
) -> Result<(), String> {
    let text = |e: &dyn std::fmt::Display| e.to_string();
    match ending(path).as_deref() {
        Some("html") => {
            let mut page = Page::new().map_err(|e| text(&e))?;
            page.pair(pair, options).map_err(|e| text(&e))?;
            let mut file = new_file(path)?;
            page.finish(&mut file, &[], options).map_err(|e| text(&e))?;
            closed(file)
        }
        Some("json" | "jsonl") => {
            let line = serde_json::to_string(comparison).map_err(|e| text(&e))? + "\n";
            put(path, &line)
        }
        _ => Err("the name must end in .html, .json or .jsonl".into()),
    }
}

/// Writes what was on the screen. A file that exists is left alone.
pub fn picture(path: &Path, screen: &Buffer) -> Result<(), String> {
    let format = ending(path).and_then(|e| PictureFormat::of(&e));
    let format = format.ok_or("the name must end in .svg, .html or .txt")?;
    put(path, &format.write(screen))
}

/// Writes a text to a file that was not there.
fn put(path: &Path, text: &str) -> Result<(), String> {
    let mut file = new_file(path)?;
    let written = file.write_all(text.as_bytes());
    written.map_err(|e| e.to_string())?;
    closed(file)
}

fn closed(file: Packer<io::BufWriter<File>>) -> Result<(), String> {
    let written = file.finish().and_then(|mut f| f.flush());
    written.map_err(|e| e.to_string())
}

/// A file that was not there, compressed where its name says so.
fn new_file(path: &Path) -> Result<Packer<io::BufWriter<File>>, String> {
    let file = File::create_new(path).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => "exists already; choose another name".into(),
        _ => e.to_string(),
    })?;
    Packer::new(Packing::of_name(path), io::BufWriter::new(file)).map_err(|e| e.to_string())
}

/// Adds a trace to those of this run of the app.
pub fn append(path: &Path, trace: &Trace) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    jsonl::append(&mut file, &Record::Trace(Box::new(trace.clone())))
}
