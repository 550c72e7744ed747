//! What lies over the panes: help, palette, the editor, a whole document, the themes.

use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph, Wrap};

use super::super::action::TABLE;
use super::super::app::{App, Mode, Within, contains, palette};
use super::super::editor::Editor;
use super::super::style::Paint;
use super::pane;
use crate::themes::THEMES;
use rotescope_report::theme::Role;
use rotescope_text::sanitize;

pub fn draw(frame: &mut Frame, app: &App, body: Rect, paint: Paint) {
    match &app.mode {
        Mode::Help(from) => help(frame, app, *from, body, paint),
        Mode::Palette(editor, line) => commands(frame, app, editor, *line, body, paint),
        Mode::Edit(editor) => edit(frame, editor, body, paint),
        Mode::Document(from) => document(frame, app, *from, body, paint),
        Mode::Themes(line, _) => themes(frame, *line, body, paint),
        _ => {}
    }
}

/// A box in the middle, cleared.
pub(in crate::tui) fn middle(
    frame: &mut Frame,
    body: Rect,
    width: u16,
    height: u16,
    paint: Paint,
) -> Rect {
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
    let Some((h, page)) = app.found.hits.get(app.hit).zip(app.document()) else {
        return;
    };
    let height = body.height.saturating_sub(2);
    let area = middle(frame, body, App::READING, height, paint);
    let title = format!(
        " {} · {} ",
        sanitize::line(&h.id),
        sanitize::line(&h.source)
    );
    let place = format!(" row {} of {} ", from + 1, page.rows.len());
    let block = pane(title, true, paint).title_bottom(Line::from(place).right_aligned());
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let (plain, matched) = (paint.role(Role::Text), paint.role(Role::Match));
    let searched = app.searched == Within::Document;
    let rows = page.rows.iter().skip(from).take(usize::from(inner.height));
    let lines: Vec<Line> = rows
        .map(|row| {
            let at = |i: usize| i.clamp(row.start, row.end);
            let (a, b) = (at(page.matched.start), at(page.matched.end));
            let mut spans = vec![
                Span::styled(&page.text[row.start..a], plain),
                Span::styled(&page.text[a..b], matched),
                Span::styled(&page.text[b..row.end], plain),
            ];
            if searched && contains(&page.text[row.clone()], &app.search) {
                spans.push(Span::styled(" ◂", paint.role(Role::Accent)));
            }
            Line::from(spans)
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

fn themes(frame: &mut Frame, line: usize, body: Rect, paint: Paint) {
    let names = THEMES.names();
    let height = (names.len() as u16 + 2).min(body.height);
    let width = 40.min(body.width);
    // In a corner, so that the chain is seen in the new colors.
    let area = Rect {
        x: body.right() - width,
        y: body.bottom() - height,
        width,
        height,
    };
    frame.render_widget(Clear, area);
    frame.buffer_mut().set_style(area, paint.base());
    let block = pane(" theme · j k look, Enter takes it, Esc ", true, paint);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let from = (line + 1).saturating_sub(usize::from(inner.height));
    let lines: Vec<Line> = names
        .iter()
        .enumerate()
        .skip(from)
        .map(|(i, name)| {
            let lead = if i == line { "▸ " } else { "  " };
            let mut style = paint.role(Role::Text);
            if i == line {
                style = style.patch(paint.role(Role::Selection));
            }
            Line::styled(format!("{lead}{name}"), style)
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}
