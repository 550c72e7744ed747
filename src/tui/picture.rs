//! The screen as a picture, a page or text: what is seen, as it is seen.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// What a screen can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    Svg,
    Html,
    Text,
}

impl PictureFormat {
    /// By the end of a file's name.
    pub fn of(ending: &str) -> Option<PictureFormat> {
        Some(match ending {
            "svg" => PictureFormat::Svg,
            "html" => PictureFormat::Html,
            "txt" => PictureFormat::Text,
            _ => return None,
        })
    }

    pub fn write(self, buffer: &Buffer) -> String {
        match self {
            PictureFormat::Svg => svg(buffer),
            PictureFormat::Html => html(buffer),
            PictureFormat::Text => text(buffer),
        }
    }
}

/// Stand in for the terminal's own colors, which nobody knows.
const TEXT: &str = "#d8dee4";
const GROUND: &str = "#101418";

const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 18.0;

/// The screen as SVG: a rectangle for each run of one background, a text for each run of one style, stretched to the cells it fills.
pub fn svg(buffer: &Buffer) -> String {
    let area = buffer.area;
    let (w, h) = (
        f32::from(area.width) * WIDTH,
        f32::from(area.height) * HEIGHT,
    );
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w:.0} {h:.0}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" fill=\"{GROUND}\"/>\n"
    );
    for y in 0..area.height {
        for run in runs(buffer, y) {
            draw(&mut out, &run, y);
        }
    }
    out + "</svg>\n"
}

/// The screen as a page.
fn html(buffer: &Buffer) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>rotescope</title>\n\
         <body style=\"margin:0;background:{GROUND}\">\n<pre style=\"margin:0;padding:1em;width:max-content;color:{TEXT};\
         font:14px/18px 'DejaVu Sans Mono',Menlo,Consolas,monospace\">"
    );
    for y in 0..buffer.area.height {
        for run in runs(buffer, y) {
            let look = run.look();
            let mut style = format!("color:{};background:{}", look.fg, look.bg);
            for (modifier, says) in [
                (Modifier::BOLD, ";font-weight:bold"),
                (Modifier::ITALIC, ";font-style:italic"),
                (Modifier::UNDERLINED, ";text-decoration:underline"),
                (Modifier::DIM, ";opacity:.6"),
            ] {
                if run.cell.modifier.contains(modifier) {
                    style += says;
                }
            }
            let text = escaped(&run.text);
            let _ = write!(out, "<span style=\"{style}\">{text}</span>");
        }
        out.push('\n');
    }
    out + "</pre>\n"
}

/// The screen as plain text.
fn text(buffer: &Buffer) -> String {
    let row = |y| {
        let row: String = runs(buffer, y).map(|run| run.text).collect();
        row.trim_end().to_string() + "\n"
    };
    (0..buffer.area.height).map(row).collect()
}

/// Cells of a row that look alike.
struct Run<'a> {
    cell: &'a Cell,
    text: String,
    columns: std::ops::Range<u16>,
}

struct Look {
    fg: String,
    bg: String,
}

impl Run<'_> {
    fn look(&self) -> Look {
        let (mut fg, mut bg) = (hex(self.cell.fg, TEXT), hex(self.cell.bg, GROUND));
        if self.cell.modifier.contains(Modifier::REVERSED) {
            std::mem::swap(&mut fg, &mut bg);
        }
        Look { fg, bg }
    }
}

fn runs(buffer: &Buffer, y: u16) -> impl Iterator<Item = Run<'_>> {
    let width = buffer.area.width;
    let mut x = 0;
    std::iter::from_fn(move || {
        if x >= width {
            return None;
        }
        let (cell, from) = (&buffer[(x, y)], x);
        let mut text = String::new();
        while x < width && same(cell, &buffer[(x, y)]) {
            let symbol = buffer[(x, y)].symbol();
            text += symbol;
            x += symbol.width().max(1) as u16;
        }
        Some(Run {
            cell,
            text,
            columns: from..x.min(width),
        })
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn same(a: &Cell, b: &Cell) -> bool {
    (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier)
}

fn draw(out: &mut String, run: &Run, y: u16) {
    let (cell, text) = (run.cell, &run.text);
    let Look { fg, bg } = run.look();
    let (x, top) = (f32::from(run.columns.start) * WIDTH, f32::from(y) * HEIGHT);
    let wide = f32::from(run.columns.end - run.columns.start) * WIDTH;
    let _ = writeln!(
        out,
        "<rect x=\"{x:.1}\" y=\"{top:.0}\" width=\"{wide:.1}\" height=\"{HEIGHT:.0}\" fill=\"{bg}\"/>"
    );
    if text.trim().is_empty() && !cell.modifier.contains(Modifier::UNDERLINED) {
        return;
    }
    let mut style = String::new();
    for (modifier, says) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::DIM, " opacity=\"0.6\""),
    ] {
        if cell.modifier.contains(modifier) {
            style += says;
        }
    }
    let text = escaped(text);
    let base = top + 13.5;
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{base:.1}\" fill=\"{fg}\" textLength=\"{wide:.1}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\"{style}>{text}</text>"
    );
}

fn hex(color: Color, reset: &str) -> String {
    match color {
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        _ => reset.into(),
    }
}
