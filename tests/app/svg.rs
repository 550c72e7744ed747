//! A screen as a picture, for the docs.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

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
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w:.0} {h:.0}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" fill=\"#101418\"/>\n"
    );
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let first = &buffer[(x, y)];
            let from = x;
            let mut text = String::new();
            while x < area.width && same(first, &buffer[(x, y)]) {
                let symbol = buffer[(x, y)].symbol();
                text += symbol;
                x += symbol.width().max(1) as u16;
            }
            run(&mut out, first, &text, from, x.min(area.width), y);
        }
    }
    out + "</svg>\n"
}

fn same(a: &Cell, b: &Cell) -> bool {
    (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier)
}

fn run(out: &mut String, cell: &Cell, text: &str, from: u16, to: u16, y: u16) {
    let (mut fg, mut bg) = (hex(cell.fg, "#d8dee4"), hex(cell.bg, "#101418"));
    if cell.modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut fg, &mut bg);
    }
    let (x, top) = (f32::from(from) * WIDTH, f32::from(y) * HEIGHT);
    let wide = f32::from(to - from) * WIDTH;
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
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
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
