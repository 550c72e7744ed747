//! Styled cells as an SVG picture: of a completion, or of a screen of the app.

use std::fmt::Write;

use super::StyledCell;
use super::text::{cells, escape};
use crate::theme::{Rgb, Role, Style, Theme};

/// Width and height of a cell, and the border, in pixels.
const WIDE: f64 = 8.4;
const HIGH: f64 = 19.0;
const BORDER: f64 = 12.0;

/// A grid of cells as a picture, as wide as its widest line. The text stays text; each run is stretched to its cells, so that lines of glyphs stay
/// under their tokens whatever font a viewer has.
pub fn screen(lines: &[Vec<StyledCell>], theme: &Theme, title: &str) -> String {
    let width = lines
        .iter()
        .map(|l| l.iter().map(|c| cells(&c.text)).sum::<usize>())
        .max();
    let w = width.unwrap_or(0) as f64 * WIDE + 2.0 * BORDER;
    let h = lines.len() as f64 * HIGH + 2.0 * BORDER;
    let text = theme.style(Role::Text).fg.unwrap_or_default();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w:.1} {h:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" \
         font-family=\"'DejaVu Sans Mono',Menlo,Consolas,monospace\" font-size=\"14\" fill=\"{}\">\n<title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\"/>\n",
        hex(text),
        escape(title),
        hex(theme.background())
    );
    for (row, line) in lines.iter().enumerate() {
        let mut column = 0;
        for cell in line {
            let n = cells(&cell.text);
            run(&mut out, cell, row, column, theme);
            column += n;
        }
    }
    out.push_str("</svg>\n");
    out
}

/// One run of text with its background.
fn run(out: &mut String, cell: &StyledCell, row: usize, column: usize, theme: &Theme) {
    let (fg, bg) = colors(cell.style, theme);
    let top = BORDER + row as f64 * HIGH;
    // Blanks at the ends are left out: viewers differ in what they make of them.
    let lead = cell.text.len() - cell.text.trim_start_matches(' ').len();
    let text = cell.text.trim_matches(' ');
    if let Some(bg) = bg {
        let (x, w) = (x(column), cells(&cell.text) as f64 * WIDE);
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{w:.1}\" height=\"{HIGH}\" fill=\"{}\"/>",
            hex(bg)
        );
    }
    if text.is_empty() {
        return;
    }
    let mut look = String::new();
    if let Some(fg) = fg {
        let _ = write!(look, " fill=\"{}\"", hex(fg));
    }
    for (on, attribute) in [
        (cell.style.bold, " font-weight=\"bold\""),
        (cell.style.italic, " font-style=\"italic\""),
        (cell.style.underline, " text-decoration=\"underline\""),
        (cell.style.dim, " opacity=\"0.7\""),
    ] {
        if on {
            look.push_str(attribute);
        }
    }
    let _ = writeln!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\"{look}>{}</text>",
        x(column + lead),
        top + 14.0,
        cells(text) as f64 * WIDE,
        escape(text)
    );
}

fn x(column: usize) -> f64 {
    BORDER + column as f64 * WIDE
}

/// Text and background of a style, reversed where it says so.
pub(super) fn colors(style: Style, theme: &Theme) -> (Option<Rgb>, Option<Rgb>) {
    if !style.reverse {
        return (style.fg, style.bg);
    }
    let fg = style.fg.or(theme.style(Role::Text).fg);
    (Some(style.bg.unwrap_or(theme.background())), fg)
}

/// `#rrggbb`.
pub(super) fn hex(c: Rgb) -> String {
    format!("#{:02x}{:02x}{:02x}", c.0, c.1, c.2)
}
