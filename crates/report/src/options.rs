//! How a report looks.

use crate::measure::Measure;
use crate::theme::{Depth, Theme};

/// How a report looks.
#[derive(Debug, Clone)]
pub struct ReportOptions {
    pub measure: Measure,
    pub theme: Theme,
    /// HTML only: the theme for readers that prefer a dark page, where `theme` is for the others.
    pub dark: Option<Theme>,
    /// ANSI text only.
    pub depth: Depth,
    /// ANSI text and SVG only, in cells.
    pub width: usize,
}
