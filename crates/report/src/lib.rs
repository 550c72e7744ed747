//! Traces as documents: HTML to read and share, SVG for papers, text for terminals, CSV for tables, JSON lines as they are.
//!
//! | file | what is in it |
//! |---|---|
//! | [`picture`] | a trace laid out as lines of styled cells |
//! | [`evidence`] | what stands behind the highest scores, in lines |
//! | [`ansi`] | cells as text for a terminal |
//! | [`svg`] | cells as a picture; also makes pictures of screens |
//! | [`chart`] | lines and points as a picture |
//! | [`html`] | traces as one page that needs nothing else |
//! | [`table`] | tokens, steps and traces as tables: CSV, Parquet |
//! | [`heat`] | heat maps of documents, from the records of `audit extract` |
//! | [`theme`] | colors by meaning, and what they become on poorer terminals |
//! | [`measure`] | which number colors a token |
//!
//! All take one trace at a time, and HTML keeps its rows in a temporary file, so that a file of any number of traces needs the memory of one. What a model, a corpus or a prompt file says is
//! untrusted: it is made safe by [`rotescope_text::sanitize`] and escaped for the format that it goes into.

pub mod ansi;
mod cell;
pub mod chart;
pub mod evidence;
pub mod heat;
pub mod html;
pub mod measure;
pub mod openai;
mod options;
pub mod picture;
pub mod svg;
pub mod table;
#[cfg(test)]
mod tests;
mod text;
pub mod theme;
mod tokens;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use rotescope_trace::jsonl::{JsonLines, Record};
use rotescope_trace::packed::ending;
use rotescope_trace::record::{Entry, RecordReader, RecordWriter};

pub use cell::StyledCell;
pub use measure::Measure;
pub use options::ReportOptions;
use table::{Table, csv};
use text::safe;
pub use tokens::token_texts;

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Html,
    Svg,
    Csv(Table),
    /// Three tables, each in a file of its own: see [`table::parquet`].
    Parquet,
    Ansi,
    Jsonl,
    /// One answer of an OpenAI-like server a line; see [`openai`].
    OpenAi,
}

impl Format {
    /// By the end of a file's name, beneath that of its compression: `html`, `htm`, `svg`, `csv`, `parquet`, `ansi`, `txt`, `jsonl`.
    pub fn of(path: &Path) -> Option<Format> {
        Some(match ending(path)?.as_str() {
            "html" | "htm" => Format::Html,
            "svg" => Format::Svg,
            "csv" => Format::Csv(Table::Tokens),
            "parquet" => Format::Parquet,
            "ansi" | "txt" => Format::Ansi,
            "jsonl" => Format::Jsonl,
            _ => return None,
        })
    }

    /// Whether a file that begins like this is a document of this kind, made here.
    pub fn begins(self, head: &[u8]) -> bool {
        match self {
            Format::Html => head.starts_with(html::DOCTYPE.as_bytes()),
            Format::Svg => head.starts_with(b"<svg "),
            Format::Csv(_) => Table::ALL
                .into_iter()
                .any(|t| head.starts_with(csv::names(t).as_bytes())),
            Format::Parquet => head.starts_with(table::parquet::MAGIC),
            Format::Jsonl => JsonLines.recognizes(head),
            Format::OpenAi => head.starts_with(openai::BEGINNING.as_bytes()),
            Format::Ansi => {
                let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
                let line = String::from_utf8_lossy(line);
                line.contains(picture::SPEED) || line.contains(FAILED)
            }
        }
    }
}

/// What stands in text between a failed prompt's id and why.
const FAILED: &str = "  failed: ";

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("an SVG holds one trace and there are more: choose one with --id ID")]
    SeveralInSvg,
    #[error("an SVG needs a trace and there is none")]
    NoneInSvg,
    #[error(
        "a heat map is written as HTML, SVG or text: end the name in .html, .svg, .ansi or .txt"
    )]
    NoHeatMap,
    #[error("Parquet is several files: tables of saved traces, in a file each")]
    NoParquet,
}

/// A page that is to be written, whole or in parts.
pub struct Unwritten {
    pub page: html::Page,
    pub figures: Vec<html::Figure>,
    pub traces: usize,
    pub failed: usize,
}

/// Writes a report, record by record.
pub struct Report<W: Write> {
    out: W,
    format: Format,
    options: ReportOptions,
    traces: usize,
    failed: usize,
    /// Of HTML alone.
    page: Option<html::Page>,
    figures: Vec<html::Figure>,
}

impl<W: Write> Report<W> {
    /// Writes what stands before the first record.
    pub fn begin(mut out: W, format: Format, options: ReportOptions) -> Result<Self, ReportError> {
        match format {
            Format::Csv(table) => csv::head(&mut out, table)?,
            Format::Parquet => return Err(ReportError::NoParquet),
            _ => {}
        }
        let page = (format == Format::Html).then(html::Page::new).transpose()?;
        Ok(Report {
            out,
            format,
            options,
            traces: 0,
            failed: 0,
            page,
            figures: Vec::new(),
        })
    }

    /// What stands above the traces; of HTML alone.
    pub fn figures(&mut self, figures: Vec<html::Figure>) {
        self.figures = figures;
    }

    /// Adds a record; JSON lines pass on the line that it was read from as it is.
    pub fn add(&mut self, entry: &Entry) -> Result<(), ReportError> {
        self.add_with(entry, &BTreeMap::new())
    }

    /// As [`Report::add`], with the documents behind its tokens, by token; HTML alone shows them.
    pub fn add_with(
        &mut self,
        entry: &Entry,
        documents: &BTreeMap<usize, Vec<html::TokenDocument>>,
    ) -> Result<(), ReportError> {
        let out = &mut self.out;
        if self.format == Format::Jsonl {
            match &entry.text {
                Some(line) => writeln!(out, "{line}")?,
                None => JsonLines.write(out, entry)?,
            }
        }
        let t = match &entry.record {
            Record::Trace(t) => t,
            Record::Failed(f) => {
                self.failed += 1;
                if let Some(page) = &mut self.page {
                    page.failed(f)?;
                } else if self.format == Format::Ansi {
                    let (id, why) = (safe(&f.id), safe(&f.error));
                    writeln!(out, "{id}{FAILED}{why}\n")?;
                } else if let Format::Csv(table) = self.format {
                    csv::rows(out, table, &entry.record, &self.options.measure)?;
                }
                return Ok(());
            }
        };
        self.traces += 1;
        let o = &self.options;
        match self.format {
            Format::Html => {
                if let Some(page) = &mut self.page {
                    page.trace(t, documents, o)?;
                }
            }
            Format::Csv(table) => csv::rows(out, table, &entry.record, &o.measure)?,
            Format::Ansi => {
                let mut lines = picture::lines(t, o);
                lines.extend(evidence::lines(t, o));
                writeln!(out, "{}", ansi::text(&lines, o.depth))?;
            }
            Format::Svg if self.traces > 1 => return Err(ReportError::SeveralInSvg),
            Format::Svg => {
                let lines = picture::lines(t, o);
                out.write_all(svg::screen(&lines, &o.theme, &t.prompt.id).as_bytes())?;
            }
            Format::OpenAi => openai::line(out, t)?,
            Format::Jsonl | Format::Parquet => {}
        }
        Ok(())
    }

    /// Of HTML, what there is to be written.
    ///
    /// # Errors
    /// The report itself, where it is no HTML.
    #[expect(clippy::result_large_err, reason = "it is asked once a report")]
    pub fn into_page(self) -> Result<Unwritten, Self> {
        match self.page {
            Some(page) => Ok(Unwritten {
                page,
                figures: self.figures,
                traces: self.traces,
                failed: self.failed,
            }),
            None => Err(self),
        }
    }

    /// Writes what stands after the last record; returns how many traces and how many failed prompts there were.
    pub fn finish(mut self) -> Result<(usize, usize), ReportError> {
        if let Some(page) = self.page {
            page.finish(&mut self.out, &self.figures, &self.options)?;
        } else if self.format == Format::Svg && self.traces == 0 {
            return Err(ReportError::NoneInSvg);
        }
        self.out.flush()?;
        Ok((self.traces, self.failed))
    }
}
