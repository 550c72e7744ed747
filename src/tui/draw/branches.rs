//! The runs of a prompt as a tree: where each branches, what it answers, what is flagged.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::super::app::{App, flags};
use super::super::session::Session;
use super::super::style::Paint;
use rotescope_report::theme::Role;
use rotescope_text::sanitize;

/// Most rows of the tree.
const MOST: u16 = 6;

/// Rows that the tree takes: none where there is one run, and never more than a third of the room.
pub fn height(app: &App, room: u16) -> u16 {
    match app.entry().map_or(0, |e| e.sessions.len()) {
        0 | 1 => 0,
        n => (n as u16).min(MOST).min(room / 3),
    }
}

pub fn draw(frame: &mut Frame, app: &App, area: Rect, paint: Paint) {
    let (Some(e), height) = (app.entry(), usize::from(area.height)) else {
        return;
    };
    let (dim, text) = (paint.role(Role::Dim), paint.role(Role::Text));
    let lines: Vec<Line> = app
        .branches(e)
        .into_iter()
        .skip(app.first_branch(height))
        .take(height)
        .map(|b| {
            let s = &app.sessions[e.sessions[b.place]];
            let here = b.place == e.shown;
            let lead = format!(
                "{}{}{}",
                if here { "▸ " } else { "  " },
                "  ".repeat(b.depth.saturating_sub(1)),
                if b.depth > 0 { "└ " } else { "" }
            );
            let mut style = text;
            if here {
                style = style.add_modifier(Modifier::BOLD);
            }
            let mut spans = vec![
                Span::styled(lead, style),
                Span::styled(label(app, s), style),
                Span::styled(format!("  {} tokens", s.tokens.len()), dim),
            ];
            spans.extend(answer(s, paint));
            let n = flags(s);
            if n > 0 {
                spans.push(Span::styled(format!("  ⚑{n}"), paint.role(Role::Flag)));
            }
            Line::from(spans)
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
}

/// What was taken instead of what; of the first run, that it is.
fn label(app: &App, s: &Session) -> String {
    let Some((job, at)) = s.parent else {
        return "first run".into();
    };
    let parent = app.sessions.iter().find(|s| s.job == job);
    let old = parent.map_or("", |p| p.text(at));
    format!("at {}: {old:?} → {:?}", at + 1, s.text(at))
}

fn answer<'a>(s: &Session, paint: Paint) -> Option<Span<'a>> {
    let trace = match (&s.trace, s.running) {
        (Some(t), _) => t,
        (None, true) => return Some(Span::styled("  ●", paint.role(Role::Accent))),
        (None, false) => return None,
    };
    let found = trace.answer.extracted.as_deref().unwrap_or("none");
    let found = sanitize::line(found);
    Some(match trace.answer.right {
        Some(true) => Span::styled(format!("  answer {found} ✓"), paint.role(Role::Ok)),
        Some(false) => Span::styled(format!("  answer {found} ✗"), paint.role(Role::Error)),
        None => Span::styled(format!("  answer {found}"), paint.role(Role::Answer)),
    })
}
