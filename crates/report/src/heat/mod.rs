//! Heat maps of documents, from the records of `audit extract`: each token by the probability of reciting it, runs that can be extracted, and what is
//! held against them.
//!
//! | file | what is in it |
//! |---|---|
//! | [`document`] | windows put together to a text |
//! | [`evidence`](mod@evidence) | what is known of a window, in lines |
//! | [`page`] | documents as one HTML page |
//! | [`lines`] | a document as lines of styled cells, for terminals and SVG |

mod document;
mod evidence;
mod lines;
mod page;

use std::io::Write;

use rotescope_trace::audit::AuditRun;
use rotescope_trace::audit::extract::ExtractLine;

use super::{Format, ReportError, ReportOptions, ansi, svg};
pub use document::{HeatBuilder, HeatDocument, HeatToken, STEPS, heat};
pub use evidence::evidence;
pub use lines::about;

/// Writes heat maps, document by document: the memory of one is needed.
pub struct HeatReport<W: Write> {
    out: W,
    format: Format,
    options: ReportOptions,
    builder: HeatBuilder,
    written: usize,
    windows: usize,
}

impl<W: Write> HeatReport<W> {
    /// # Errors
    /// Formats that hold no heat map.
    pub fn begin(out: W, format: Format, options: ReportOptions) -> Result<Self, ReportError> {
        match format {
            Format::Html | Format::Svg | Format::Ansi => Ok(HeatReport {
                out,
                format,
                options,
                builder: HeatBuilder::default(),
                written: 0,
                windows: 0,
            }),
            _ => Err(ReportError::NoHeatMap),
        }
    }

    /// Adds what a line holds.
    ///
    /// # Errors
    /// When it cannot be written, or a second document would go into an SVG.
    pub fn add(&mut self, line: ExtractLine) -> Result<(), ReportError> {
        if let (Some(run), Format::Html) = (&line.run, self.format) {
            self.head(run)?;
        }
        if let Some(window) = line.window {
            self.windows += 1;
            if let Some(whole) = self.builder.add(window) {
                self.write(&whole)?;
            }
        }
        Ok(())
    }

    fn head(&mut self, run: &AuditRun) -> Result<(), ReportError> {
        if self.windows == 0 && self.written == 0 {
            page::head(&mut self.out, run, &self.options)?;
        }
        Ok(())
    }

    fn write(&mut self, document: &HeatDocument) -> Result<(), ReportError> {
        self.written += 1;
        match self.format {
            Format::Html => page::document(&mut self.out, document, self.written == 1)?,
            Format::Svg if self.written > 1 => return Err(ReportError::SeveralInSvg),
            Format::Svg => {
                let lines = lines::lines(document, &self.options);
                let picture = svg::screen(&lines, &self.options.theme, &document.name);
                self.out.write_all(picture.as_bytes())?;
            }
            _ => {
                let lines = lines::lines(document, &self.options);
                writeln!(self.out, "{}", ansi::text(&lines, self.options.depth))?;
            }
        }
        Ok(())
    }

    /// Writes what is left; returns documents and windows.
    ///
    /// # Errors
    /// When it cannot be written, or an SVG would be empty.
    pub fn finish(mut self) -> Result<(usize, usize), ReportError> {
        if let Some(whole) = self.builder.finish() {
            self.write(&whole)?;
        }
        match self.format {
            Format::Html => page::tail(&mut self.out, self.written, self.windows)?,
            Format::Svg if self.written == 0 => return Err(ReportError::NoneInSvg),
            _ => {}
        }
        self.out.flush()?;
        Ok((self.written, self.windows))
    }
}

#[cfg(test)]
mod tests;
