//! The list of what a chain can be compared with.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::choose::Choice;
use super::draw::fitted;
use crate::tui::draw::{middle, pane};
use crate::tui::style::Paint;
use rotescope_report::theme::Role;
use rotescope_text::sanitize;

pub fn draw(frame: &mut Frame, choices: &[Choice], chosen: usize, body: Rect, paint: Paint) {
    let height = u16::try_from(choices.len() + 2).unwrap_or(u16::MAX);
    let area = middle(frame, body, 100, height.clamp(5, 26), paint);
    let title = format!(
        " compare with · {} of {} · Enter compares, ▸ is run first, Esc ",
        chosen + 1,
        choices.len()
    );
    let block = pane(title, true, paint);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let (width, height) = (usize::from(inner.width), usize::from(inner.height));
    let names = choices.iter().map(|c| c.name.width()).max().unwrap_or(0);
    let room = names.min(width.saturating_sub(12) * 2 / 3);
    let from = (chosen + 1).saturating_sub(height);
    let line = |(i, c): (usize, &Choice)| {
        let mut style = paint.role(Role::Text);
        let here = i == chosen;
        if here {
            style = style
                .patch(paint.role(Role::Selection))
                .add_modifier(Modifier::BOLD | Modifier::REVERSED);
        }
        let runs = if c.runs() { "▸" } else { " " };
        let name = fitted(&sanitize::line(&c.name), room);
        let pad = room - name.width();
        // The kind is said once for its stretch.
        let kind = match i.checked_sub(1).and_then(|j| choices.get(j)) {
            Some(before) if before.kind == c.kind && i != from => "",
            _ => c.kind,
        };
        Line::from(vec![
            Span::styled(format!("{kind:<7} "), paint.role(Role::Title)),
            Span::styled(format!("{runs} "), paint.role(Role::Accent)),
            Span::styled(format!("{name}{:pad$}", ""), style),
            Span::styled(
                format!("  {}", sanitize::line(&c.says)),
                paint.role(Role::Dim),
            ),
        ])
    };
    let lines: Vec<Line> = choices
        .iter()
        .enumerate()
        .skip(from)
        .take(height)
        .map(line)
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}
