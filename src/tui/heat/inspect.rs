//! What is known of the token at the cursor, and of its document.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::map::Map;
use super::text::style;
use crate::tui::markup::{p_text, pane};
use crate::tui::style::Paint;
use crate::tui::wrap;
use rotescope_report::heat::{about, evidence};
use rotescope_report::theme::Role;
use rotescope_text::sanitize;

pub fn draw(frame: &mut Frame, map: &Map, area: Rect, paint: Paint) {
    let block = pane(" token ", false, paint);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let (text, dim) = (paint.role(Role::Text), paint.role(Role::Dim));
    let mut lines = Vec::new();
    let token = map.token_of(map.cursor).map(|t| &map.document.tokens[t]);
    if let Some(token) = token {
        let bold = text.add_modifier(Modifier::BOLD);
        let said = format!("{:?}", sanitize::line(&token.text));
        lines.push(match token.p {
            Some(p) => Line::from(vec![
                Span::styled(said, bold),
                Span::styled("  p of reciting ", dim),
                Span::styled(p_text(p as f32), style(token, paint)),
            ]),
            None => Line::styled("prefix: nobody asked for it", dim),
        });
    }
    if let Some(window) = map.window() {
        let said = evidence(window);
        lines.extend(broken(&said.join("\n"), inner.width, text));
    }
    lines.push(Line::default());
    lines.extend(broken(&about(&map.document), inner.width, dim));
    frame.render_widget(Paragraph::new(lines), inner);
}

/// A text over as many rows as it needs.
fn broken<'a>(text: &str, width: u16, style: Style) -> Vec<Line<'a>> {
    let text = sanitize::block(text);
    let rows = wrap::rows(&text, width).into_iter();
    rows.map(|r| Line::styled(text[r].trim_end().to_string(), style))
        .collect()
}
