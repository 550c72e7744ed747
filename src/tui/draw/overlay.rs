//! What lies over the panes: help, palette, the editor, a whole document.

use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Clear, Paragraph, Wrap};

use super::super::action::TABLE;
use super::super::app::{App, Mode, palette};
use super::super::editor::Editor;
use super::super::style::Paint;
use super::pane;
use crate::text::sanitize;
use crate::theme::Role;

pub fn draw(frame: &mut Frame, app: &App, body: Rect, paint: Paint) {
    match &app.mode {
        Mode::Help(from) => help(frame, app, *from, body, paint),
        Mode::Palette(editor, line) => commands(frame, app, editor, *line, body, paint),
        Mode::Edit(editor) => edit(frame, editor, body, paint),
        Mode::Document(from) => document(frame, app, *from, body, paint),
        _ => {}
    }
}

/// A box in the middle, cleared.
fn middle(frame: &mut Frame, body: Rect, width: u16, height: u16, paint: Paint) -> Rect {
    let [row] = Layout::vertical([Constraint::Length(height.min(body.height))])
        .flex(Flex::Center)
        .areas(body);
    let [area] = Layout::horizontal([Constraint::Length(width.min(body.width))])
        .flex(Flex::Center)
        .areas(row);
    frame.render_widget(Clear, area);
    frame.buffer_mut().set_style(area, paint.base());
    area
}

fn help(frame: &mut Frame, app: &App, from: usize, body: Rect, paint: Paint) {
    let area = middle(frame, body, 92, TABLE.len() as u16 + 2, paint);
    let block = pane(" keys · j k scroll, Esc closes ", true, paint);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let height = usize::from(inner.height);
    let from = from.min(TABLE.len().saturating_sub(height));
    let lines: Vec<Line> = TABLE
        .iter()
        .skip(from)
        .take(height)
        .map(|b| {
            let keys = app.keymap.keys(b.action).join(" ");
            Line::from(vec![
                Span::styled(format!("{keys:>16}  "), paint.role(Role::Accent)),
                Span::styled(b.says, paint.role(Role::Text)),
            ])
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

fn commands(frame: &mut Frame, app: &App, e: &Editor, line: usize, body: Rect, paint: Paint) {
    let area = middle(frame, body, 76, 18, paint);
    let (before, after) = e.parts();
    let block = pane(format!(" : {before}▏{after} "), true, paint);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let height = usize::from(inner.height);
    let from = (line + 1).saturating_sub(height);
    let lines: Vec<Line> = palette(e.text())
        .into_iter()
        .enumerate()
        .skip(from)
        .take(height)
        .filter_map(|(i, a)| {
            let b = TABLE.iter().find(|b| b.action == a)?;
            let keys = app.keymap.keys(a).join(" ");
            let mut style = paint.role(Role::Text);
            if i == line {
                style = style
                    .patch(paint.role(Role::Selection))
                    .add_modifier(Modifier::BOLD);
            }
            Some(Line::from(vec![
                Span::styled(if i == line { "▸ " } else { "  " }, style),
                Span::styled(format!("{:<18}", b.name), style),
                Span::styled(format!("{keys:<12}"), paint.role(Role::Accent)),
                Span::styled(b.says, paint.role(Role::Dim)),
            ]))
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

fn edit(frame: &mut Frame, e: &Editor, body: Rect, paint: Paint) {
    let area = middle(frame, body, 90, 12, paint);
    let block = pane(
        " prompt · Enter runs it, Alt-Enter breaks the line, ↑ ↓ earlier ones, Esc ",
        true,
        paint,
    );
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let (before, after) = e.parts();
    let text = format!("{}▏{}", sanitize::block(before), sanitize::block(after));
    frame.render_widget(
        Paragraph::new(text)
            .wrap(Wrap { trim: false })
            .style(paint.role(Role::Text)),
        inner,
    );
}

fn document(frame: &mut Frame, app: &App, from: usize, body: Rect, paint: Paint) {
    let Some(h) = app.found.hits.get(app.hit) else {
        return;
    };
    let area = middle(frame, body, 110, body.height.saturating_sub(2), paint);
    let title = format!(
        " {} · {} ",
        sanitize::line(&h.id),
        sanitize::line(&h.source)
    );
    let block = pane(title, true, paint);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let part = |from: usize, to: usize| sanitize::block(&h.text[from..to]).into_owned();
    let mut text = Text::default();
    for (piece, role) in [
        (part(0, h.matched[0]), Role::Text),
        (part(h.matched[0], h.matched[1]), Role::Match),
        (part(h.matched[1], h.text.len()), Role::Text),
    ] {
        for (i, line) in piece.split('\n').enumerate() {
            if i > 0 || text.lines.is_empty() {
                text.push_line(Line::default());
            }
            text.push_span(Span::styled(line.to_string(), paint.role(role)));
        }
    }
    let offset = u16::try_from(from).unwrap_or(u16::MAX);
    frame.render_widget(
        Paragraph::new(text)
            .wrap(Wrap { trim: false })
            .scroll((offset, 0)),
        inner,
    );
}
