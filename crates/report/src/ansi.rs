//! Styled cells as text for a terminal.

use std::fmt::Write;

use super::StyledCell;
use super::text::safe;
use crate::theme::{Color, Depth, Rgb, Style};

/// Lines of cells, each ended by a line feed. At [`Depth::None`] there is no escape sequence at all.
pub fn text(lines: &[Vec<StyledCell>], depth: Depth) -> String {
    let mut out = String::new();
    for line in lines {
        for cell in line {
            let codes = codes(cell.style, depth);
            let text = safe(&cell.text);
            if codes.is_empty() {
                out.push_str(&text);
            } else {
                let _ = write!(out, "\x1b[{codes}m{text}\x1b[0m");
            }
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
    out
}

/// Parameters of "select graphic rendition" (ECMA-48, 8.3.117).
fn codes(style: Style, depth: Depth) -> String {
    if depth == Depth::None {
        return String::new();
    }
    let mut codes = Vec::new();
    for (on, code) in [
        (style.bold, "1"),
        (style.dim, "2"),
        (style.italic, "3"),
        (style.underline, "4"),
        (style.reverse, "7"),
    ] {
        if on {
            codes.push(code.to_string());
        }
    }
    let color = |c: Rgb, back: u8| {
        depth.color(c).map(|c| match c {
            Color::Rgb(Rgb(r, g, b)) => format!("{};2;{r};{g};{b}", 38 + back),
            Color::Indexed(i) => format!("{};5;{i}", 38 + back),
            Color::Ansi(i) if i < 8 => format!("{}", 30 + back + i),
            Color::Ansi(i) => format!("{}", 82 + back + i),
        })
    };
    codes.extend(style.fg.and_then(|c| color(c, 0)));
    codes.extend(style.bg.and_then(|c| color(c, 10)));
    codes.join(";")
}
