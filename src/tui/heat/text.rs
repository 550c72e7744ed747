//! The rows of a document: tokens in the color of their probability, runs that can be extracted numbered in the margin.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::map::Map;
use crate::tui::layout::Row;
use crate::tui::style::Paint;
use rotescope_report::heat::{HeatToken, heat};
use rotescope_report::theme::Role;
use rotescope_trace::Source;

/// Columns left of the text: the number of a run, and a line beside it.
pub const MARGIN: u16 = 6;

/// Draws the rows that are in view; `rows`: without the margin.
pub fn draw(buffer: &mut Buffer, map: &Map, rows: Rect, paint: Paint) {
    let here = map.run_of(map.token_of(map.cursor).unwrap_or(0));
    let shown = map.layout.rows().iter().skip(map.scroll);
    for (y, row) in (rows.y..rows.bottom()).zip(shown) {
        margin(buffer, map, row, rows.x.saturating_sub(MARGIN), y, paint);
        for piece in &row.pieces {
            let Some(token) = map.token_of(piece.token) else {
                continue;
            };
            let run = map.run_of(token);
            let heated = &map.document.tokens[token];
            let mut style = match heated.p.filter(|_| run.is_some()) {
                Some(p) => paint.selected(Source::Local, heat(p)),
                None => style(heated, paint),
            };
            if run.is_some() && run == here {
                style = style.add_modifier(Modifier::BOLD);
            }
            if piece.token == map.cursor {
                let cursor = paint.role(Role::Cursor);
                style = style.patch(cursor).add_modifier(Modifier::REVERSED);
            }
            // A line between words is not part of any.
            let blanks = piece.text.len() - piece.text.trim_start_matches(' ').len();
            let (lead, word) = piece.text.split_at(blanks);
            let x = rows.x + piece.x;
            buffer.set_string(x, y, lead, style.remove_modifier(Modifier::UNDERLINED));
            let room = usize::from(rows.width.saturating_sub(piece.x)).saturating_sub(blanks);
            buffer.set_stringn(x + blanks as u16, y, word, room, style);
        }
    }
}

/// A token by the probability of reciting it; dim where nobody asked.
pub fn style(token: &HeatToken, paint: Paint) -> Style {
    match token.p {
        Some(p) => paint.source(Source::Local, heat(p)),
        None => paint.role(Role::Dim),
    }
}

/// A line beside rows that have a part of a run, its number where it begins.
fn margin(buffer: &mut Buffer, map: &Map, row: &Row, x: u16, y: u16, paint: Paint) {
    let tokens = || row.pieces.iter().filter_map(|p| map.token_of(p.token));
    let Some(run) = tokens().find_map(|t| map.run_of(t)) else {
        return;
    };
    let begins = |t: &usize| map.run_of(*t).filter(|r| map.document.runs[*r][0] == *t);
    let first = tokens().find_map(|t| begins(&t));
    let number = first.map_or(String::new(), |n| (n + 1).to_string());
    buffer.set_string(x, y, format!("{number:>4}"), paint.role(Role::Dim));
    let role = match map.run_here() == Some(run) {
        true => Role::Accent,
        false => Role::Border,
    };
    buffer.set_string(x + 4, y, "┃", paint.role(role));
}
