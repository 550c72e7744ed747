//! What stands over the completions: the verdict, both answers, both questions.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::columns::{Columns, MARKS};
use super::shown::ShownWord;
use super::view::View;
use crate::tui::style::Paint;
use rotescope_report::theme::Role;
use rotescope_study::compare::Side;
use rotescope_text::sanitize;

/// Fragility, verdict and notes, wrapped.
pub fn verdict<'a>(view: &View, width: u16, paint: Paint) -> Vec<Line<'a>> {
    let c = &view.comparison;
    let fragility = format!("fragility {:.2}", c.fragility);
    let mut words = Vec::new();
    let mut add = |text: &str, style: Style| {
        let text = sanitize::line(text).into_owned();
        words.extend(text.split_inclusive(' ').map(|w| Styled {
            text: w.to_string(),
            style,
            breaks: false,
        }));
    };
    let lost = c.a.answer.right == Some(true) && c.b.answer.right == Some(false);
    let role = if lost { Role::Error } else { Role::Text };
    add(&format!("{fragility} · "), paint.role(Role::Title));
    add(&c.verdict, paint.role(role));
    for note in &c.notes {
        add(&format!(" · {note}"), paint.role(Role::Dim));
    }
    let mut lines = wrap(words, usize::from(width.saturating_sub(2)));
    for line in &mut lines {
        line.spans.insert(0, Span::raw(" "));
    }
    lines
}

/// Which side is which, and its answer.
pub fn heading(frame: &mut Frame, view: &View, columns: &Columns, rest: &mut Rect, paint: Paint) {
    if rest.height == 0 {
        return;
    }
    let c = &view.comparison;
    for (side, (name, of)) in [("A", &c.a), ("B", &c.b)].into_iter().enumerate() {
        let (x, width) = columns.sides[side];
        let line = answer(name, of, columns.wide, paint);
        let x = x.saturating_sub(MARKS);
        let at = Rect::new(x, rest.y, width + MARKS, 1).intersection(*rest);
        frame.render_widget(line, at);
    }
    rest.y += 1;
    rest.height -= 1;
}

fn answer<'a>(name: &'static str, side: &Side, wide: bool, paint: Paint) -> Line<'a> {
    let a = &side.answer;
    let (mark, role) = match a.right {
        Some(true) => (" ✓", Role::Ok),
        Some(false) => (" ✗", Role::Error),
        None => ("", Role::Answer),
    };
    let given = a.extracted.as_deref().unwrap_or("none");
    let label = if wide { "answer " } else { "" };
    let mut text = format!("{label}{}{mark}", sanitize::line(given));
    if let Some(e) = a.expected.as_ref().filter(|_| a.right == Some(false)) {
        let label = if wide { " expected" } else { "" };
        text += &format!(" ({}{label})", sanitize::line(e));
    }
    Line::from(vec![
        Span::styled(format!("{name}  "), paint.role(Role::Accent)),
        Span::styled(text, paint.role(role)),
        Span::styled(
            format!(" · {}", sanitize::line(&side.id)),
            paint.role(Role::Dim),
        ),
    ])
}

/// Both questions, changed words marked. Where they do not fit, from the first row with a changed word on.
pub fn questions(
    frame: &mut Frame,
    view: &View,
    columns: &Columns,
    rest: &mut Rect,
    most: u16,
    paint: Paint,
) {
    let changed = paint.role(Role::Text).patch(paint.role(Role::Match));
    let changed = changed.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
    let styled = |w: &ShownWord| Styled {
        text: w.text.clone(),
        style: if w.changed {
            changed
        } else {
            paint.role(Role::Dim)
        },
        breaks: w.breaks,
    };
    let both = [0, 1].map(|side| {
        let words = view.questions[side].iter().map(styled).collect();
        wrap(words, usize::from(columns.sides[side].1))
    });
    let height = both.iter().map(Vec::len).max().unwrap_or(0);
    let height = height.min(usize::from(most.min(rest.height)));
    for (side, lines) in both.into_iter().enumerate() {
        let hidden = lines.len().saturating_sub(height);
        let marked = |l: &Line| l.spans.iter().any(|s| s.style == changed);
        let from = lines.iter().position(marked).unwrap_or(0).min(hidden);
        let shown: Vec<Line> = lines.into_iter().skip(from).take(height).collect();
        let (x, width) = columns.sides[side];
        let area = Rect::new(x, rest.y, width, height as u16).intersection(*rest);
        frame.render_widget(Paragraph::new(shown), area);
        if hidden > 0 && !area.is_empty() {
            let more = format!(" +{hidden} z");
            let x = area.right().saturating_sub(more.width() as u16).max(area.x);
            let room = usize::from(area.right() - x);
            let (buffer, style) = (frame.buffer_mut(), paint.role(Role::Accent));
            buffer.set_stringn(x, area.bottom() - 1, more, room, style);
        }
    }
    rest.y += height as u16;
    rest.height -= height as u16;
}

/// A word, how it looks, and whether a line ends behind it.
struct Styled {
    text: String,
    style: Style,
    breaks: bool,
}

/// Words as lines of a width.
fn wrap<'a>(words: Vec<Styled>, width: usize) -> Vec<Line<'a>> {
    let mut lines = vec![Line::default()];
    let mut used = 0;
    for word in words {
        let core = word.text.trim_end();
        if used > 0 && used + core.width() > width {
            lines.push(Line::default());
            used = 0;
        }
        used += word.text.width();
        // The blank behind a marked word is not part of it.
        let blank = word.text[core.len()..].to_string();
        if let Some(line) = lines.last_mut() {
            line.push_span(Span::styled(core.to_string(), word.style));
            line.push_span(Span::raw(blank));
        }
        if word.breaks {
            lines.push(Line::default());
            used = 0;
        }
    }
    lines
}
