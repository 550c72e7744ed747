//! The list of prompts, the documents behind a token, and the verbatim spans of the completion.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use crate::run::live::{Hit, Passage};
use crate::tui::app::{App, Order, Pane};
use crate::tui::markup::{cut, fitted, pane, wrapped};
use crate::tui::page;
use crate::tui::style::Paint;
use rotescope_report::theme::Role;
use rotescope_text::number::grouped;
use rotescope_text::sanitize;

pub fn prompts(frame: &mut Frame, app: &App, area: Rect, paint: Paint) {
    let mut title = if app.filter.is_empty() {
        format!(" prompts {} ", app.listed.len())
    } else {
        format!(
            " prompts {} of {} · {} ",
            app.listed.len(),
            app.entries.len(),
            sanitize::line(&app.filter)
        )
    };
    if app.order != Order::default() {
        title += &format!("▾ {} ", app.order.name());
    }
    let block = pane(title, app.pane == Pane::Prompts, paint);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let height = usize::from(inner.height);
    let from = app.first_listed(height);
    let mut lines = Vec::new();
    for (place, &i) in app.listed.iter().enumerate().skip(from).take(height) {
        let e = &app.entries[i];
        let session = e.sessions.get(e.shown).map(|&s| &app.sessions[s]);
        let broken = session.is_some_and(|s| s.error.is_some())
            || e.saved.as_ref().is_some_and(|s| s.bad.is_some());
        let known = session.is_some() || e.saved.is_some();
        let (state, role) = match (session, app.right(e)) {
            (Some(s), _) if s.running => ("●", Role::Accent),
            _ if broken => ("!", Role::Error),
            (_, Some(true)) => ("✓", Role::Ok),
            (_, Some(false)) => ("✗", Role::Error),
            _ if known => ("·", Role::Dim),
            _ if app.queue.contains(&i) => ("…", Role::Dim),
            _ => (" ", Role::Dim),
        };
        let mut flagged = match app.flags(e) {
            0 => String::new(),
            n => format!("⚑{n}"),
        };
        if app.notes.count(&e.prompt.id) > 0 {
            flagged.insert(0, '✎');
        }
        let room = usize::from(inner.width).saturating_sub(4 + flagged.width());
        let mut name = sanitize::line(&e.prompt.id).into_owned();
        while name.width() > room && name.pop().is_some() {}
        let pad = room.saturating_sub(name.width());
        let here = place == app.selected;
        let mut style = paint.role(Role::Text);
        if here {
            style = style
                .patch(paint.role(Role::Selection))
                .add_modifier(Modifier::BOLD);
        }
        lines.push(Line::from(vec![
            Span::styled(if here { "▸ " } else { "  " }, style),
            Span::styled(format!("{name}{:pad$}", ""), style),
            Span::styled(flagged, paint.role(Role::Flag)),
            Span::styled(format!(" {state}"), paint.role(role)),
        ]));
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

pub fn documents(frame: &mut Frame, app: &App, area: Rect, paint: Paint) {
    if app.looking_up() {
        let block = pane(
            " documents · looking up ",
            app.pane == Pane::Documents,
            paint,
        );
        return frame.render_widget(block, area);
    }
    let f = &app.found;
    let what = match &f.asked {
        Passage::Text(text) => sanitize::line(text).into_owned(),
        Passage::Tokens(ids) => app.session().map_or(String::new(), |s| {
            let at = s.verbatim().map_or(s.cursor + 1, |v| v.tokens[1]);
            let n = ids.len().min(at);
            (at - n..at).map(|i| s.text(i)).collect()
        }),
    };
    let asked = f.asked != Passage::default();
    let mut title = if asked {
        format!(" documents with {what:?} ")
    } else {
        " documents ".to_string()
    };
    let about = app.about_documents().filter(|_| asked);
    let sampled = f.sampled.map_or(String::new(), |from| {
        format!(", an even sample of {}", grouped(from))
    });
    let total = format!(
        " {} documents, {} occurrences{sampled} ",
        f.documents.map_or("?".into(), grouped),
        grouped(f.occurrences)
    );
    let room = usize::from(area.width).saturating_sub(total.width() + 6);
    if title.width() > room {
        while title.width() + 2 > room && title.pop().is_some() {}
        title.push_str("… ");
    }
    let mut block = pane(title, app.pane == Pane::Documents, paint);
    if asked {
        block = block.title_top(Line::from(total).right_aligned());
    }
    if let Some(about) = about {
        let about = format!(" {} ", fitted(&sanitize::line(&about), room));
        let about = Line::styled(about, paint.role(Role::Flag));
        block = block.title_bottom(about);
    }
    let inner = block.inner(area);
    frame.render_widget(block, area);
    if let Some(error) = &f.error {
        let text = sanitize::block(error).into_owned();
        return frame.render_widget(wrapped(text, paint.role(Role::Error)), inner);
    }
    let height = usize::from(inner.height);
    let from = (app.hit + 1).saturating_sub(height);
    let lines: Vec<Line> = f
        .hits
        .iter()
        .enumerate()
        .skip(from)
        .take(height)
        .map(|(i, h)| snippet(h, i == app.hit, inner.width, paint))
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

/// The verbatim spans of the completion, and how often each occurs.
pub fn spans(frame: &mut Frame, app: &App, area: Rect, paint: Paint) {
    let spans = app.session().and_then(|s| s.spans.as_deref());
    let found = spans.unwrap_or_default();
    let title = format!(" verbatim spans {} · v next ", found.len());
    let block = pane(title, false, paint);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let Some(s) = app.session() else {
        return;
    };
    if app.other_tokens(s) {
        let text = "not available: this completion has another tokenizer than the index";
        return frame.render_widget(wrapped(text.into(), paint.role(Role::Dim)), inner);
    }
    let height = usize::from(inner.height);
    let lines: Vec<Line> = found
        .iter()
        .enumerate()
        .skip(app.first_span(height))
        .take(height)
        .map(|(i, v)| {
            let here = s.span == Some(i);
            let lead = format!(
                "{}{:>4} tokens ×{:<5} ",
                if here { "▸" } else { " " },
                v.tokens[1] - v.tokens[0],
                grouped(v.occurrences)
            );
            let text: String = (v.tokens[0]..v.tokens[1]).map(|t| s.text(t)).collect();
            let room = usize::from(inner.width).saturating_sub(lead.width());
            let mut style = paint.role(Role::Text);
            if here {
                style = style
                    .patch(paint.role(Role::Selection))
                    .add_modifier(Modifier::BOLD);
            }
            Line::from(vec![
                Span::styled(lead, if here { style } else { paint.role(Role::Dim) }),
                Span::styled(cut(text.trim_start(), room, false), style),
            ])
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

/// One document on one row, the match in the middle.
fn snippet<'a>(h: &Hit, here: bool, width: u16, paint: Paint) -> Line<'a> {
    let copies = if h.copies > 1 {
        format!("×{}", h.copies)
    } else {
        String::new()
    };
    let name: String = sanitize::line(&h.id).chars().take(22).collect();
    let lead = format!("{}{name:<22} {copies:>5}  ", if here { "▸ " } else { "  " });
    let room = usize::from(width).saturating_sub(lead.width());
    // No character takes more bytes than this for a column.
    let (before, matched, after) = page::parts(h, room * 8);
    let matched = cut(&sanitize::line(matched), room, false);
    let each = room.saturating_sub(matched.width()) / 2;
    let before = cut(&sanitize::line(before), each, true);
    let pad = each.saturating_sub(before.width());
    let rest = room.saturating_sub(each + matched.width());
    let after = cut(&sanitize::line(after), rest, false);
    let dim = paint.role(Role::Dim);
    let text = paint.role(Role::Text);
    Line::from(vec![
        Span::styled(
            lead,
            if here {
                text.add_modifier(Modifier::BOLD)
            } else {
                dim
            },
        ),
        Span::styled(format!("{:pad$}{before}", ""), dim),
        Span::styled(matched, paint.role(Role::Match)),
        Span::styled(after, dim),
    ])
}
