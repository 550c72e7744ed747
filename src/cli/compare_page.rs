//! Comparisons as a page.

use std::io::Write;

use anyhow::Result;

use super::page_parts::PageParts;
use super::report::page_options;
use crate::run::paired::pair;
use rotescope_report::ReportOptions;
use rotescope_report::html::Page;
use rotescope_study::compare::Comparison;
use rotescope_trace::Trace;

/// A page while pairs are compared.
pub struct ComparisonPage {
    page: Page,
    options: ReportOptions,
}

impl ComparisonPage {
    pub fn new() -> Result<ComparisonPage> {
        Ok(ComparisonPage {
            page: Page::new()?,
            options: page_options(None, "stim")?,
        })
    }

    pub fn add(&mut self, a: &Trace, b: &Trace, c: &Comparison) -> Result<()> {
        Ok(self.page.pair(&pair(a, b, c), &self.options)?)
    }

    pub fn finish(self, out: &mut impl Write, parts: &PageParts) -> Result<()> {
        parts.write(self.page, out, &[], &self.options)?.place()
    }
}
