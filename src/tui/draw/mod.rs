//! What is on the screen: reads the app's state, changes nothing but caches (rows, scroll).
//!
//! | file | what it draws |
//! |---|---|
//! | [`chain`] | prompt and chain |
//! | [`branches`] | the runs of a prompt as a tree |
//! | [`inspector`] | the token at the cursor |
//! | [`side`] | the list of prompts, the documents, the stretches that stand in the corpus word for word |
//! | [`overlay`] | help, palette, editor, a document |

mod branches;
mod chain;
mod inspector;
mod overlay;
mod side;

pub(super) use chain::token_style;
pub(super) use inspector::p_text;
pub(super) use overlay::middle;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Paragraph};
use unicode_width::UnicodeWidthStr;

use super::action::TABLE;
use super::app::{App, Mode, Pane};
use super::compare;
use super::style::Paint;
use rotescope_report::theme::{self, Depth, Role};
use rotescope_trace::Source;

/// Where the panes are, for the mouse.
#[derive(Debug, Clone, Copy, Default)]
pub struct Areas {
    pub prompts: Rect,
    pub chain: Rect,
    /// The chain's rows of tokens, without prompt and margins.
    pub rows: Rect,
    /// The runs of the prompt.
    pub branches: Rect,
    pub token: Rect,
    pub documents: Rect,
    /// The stretches of the chain that stand in the corpus word for word.
    pub spans: Rect,
}

/// From this width on all panes are side by side.
const WIDE: u16 = 120;
/// From this width on the list of stretches has a place beside the documents.
const SPLIT: u16 = 100;

/// Draws everything; returns where the panes are.
pub fn draw(frame: &mut Frame, app: &mut App, depth: Depth) -> Areas {
    let theme = app.theme.clone();
    let paint = Paint {
        theme: &theme,
        depth,
    };
    let area = frame.area();
    app.width = area.width;
    frame.buffer_mut().set_style(area, paint.base());
    let [head, body, legend, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    header(frame, app, head, paint);
    let mut areas = Areas::default();
    if app.compare.view.is_some() {
        compare::draw::view(frame, app, body, paint);
    } else if area.width >= WIDE {
        let [top, bottom] = Layout::vertical([
            Constraint::Fill(3),
            Constraint::Length((body.height / 4).clamp(4, 14)),
        ])
        .areas(body);
        let [left, middle, right] = Layout::horizontal([
            Constraint::Length((area.width / 6).clamp(22, 34)),
            Constraint::Fill(1),
            Constraint::Length((area.width / 3).clamp(42, 60)),
        ])
        .areas(top);
        (areas.prompts, areas.chain, areas.token, areas.documents) = (left, middle, right, bottom);
    } else {
        match app.pane {
            Pane::Prompts => areas.prompts = body,
            Pane::Documents => areas.documents = body,
            // The token is explained under the chain where there is room for both.
            Pane::Chain | Pane::Token if body.height >= 18 => {
                let [top, bottom] = Layout::vertical([
                    Constraint::Fill(1),
                    Constraint::Length(body.height / 2 - 1),
                ])
                .areas(body);
                (areas.chain, areas.token) = (top, bottom);
            }
            Pane::Chain => areas.chain = body,
            Pane::Token => areas.token = body,
        }
    }
    if !areas.prompts.is_empty() {
        side::prompts(frame, app, areas.prompts, paint);
    }
    if !areas.chain.is_empty() {
        (areas.branches, areas.rows) = chain::draw(frame, app, areas.chain, paint);
    }
    if !areas.token.is_empty() {
        inspector::draw(frame, app, areas.token, paint);
    }
    if !areas.documents.is_empty() {
        if areas.documents.width >= SPLIT {
            let [documents, spans] = Layout::horizontal([
                Constraint::Fill(1),
                Constraint::Length((area.width / 4).clamp(30, 60)),
            ])
            .areas(areas.documents);
            (areas.documents, areas.spans) = (documents, spans);
            side::spans(frame, app, spans, paint);
        }
        side::documents(frame, app, areas.documents, paint);
    }
    legend_line(frame, app, legend, paint);
    footer(frame, app, foot, paint);
    overlay::draw(frame, app, body, paint);
    compare::draw::choices(frame, app, body, paint);
    areas
}

/// A frame with a title; the focus is a heavier line, not only another color.
pub(super) fn pane<'a>(title: impl Into<Line<'a>>, focus: bool, paint: Paint) -> Block<'a> {
    let (role, lines) = if focus {
        (Role::Focus, BorderType::Thick)
    } else {
        (Role::Border, BorderType::Plain)
    };
    Block::new()
        .borders(Borders::ALL)
        .border_type(lines)
        .border_style(paint.role(role))
        .title(title)
        .title_style(paint.role(Role::Title))
}

fn header(frame: &mut Frame, app: &App, area: Rect, paint: Paint) {
    let mut left = vec![Span::styled(" rotescope ", paint.role(Role::Accent))];
    if let Some(r) = &app.ready {
        let index = r.index.as_ref().map_or("no index".into(), |i| {
            format!("{} {:.1} M tokens", i.id, i.tokens as f64 / 1e6)
        });
        left.push(Span::styled(
            format!(" {} · {index}", r.model.file),
            paint.role(Role::Dim),
        ));
    }
    let mut right = String::new();
    if !app.loading.is_empty() {
        right = format!("◌ {} ", app.loading);
    } else if let Some(r) = app.running {
        let s = &app.sessions[r];
        right = match s.attributed {
            _ if s.trace.is_none() => {
                format!(
                    "● {:.0} tok/s · {} tokens · local live ",
                    app.tokens_per_second(),
                    s.tokens.len()
                )
            }
            (_, 0) => "● mid and long: windows ".into(),
            (done, total) => format!("● mid/long {} % ", done * 100 / total),
        };
        if !app.queue.is_empty() {
            right += &format!("· {} wait ", app.queue.len());
        }
    } else if let Some(t) = app.session().and_then(|s| s.trace.as_ref()) {
        right = format!("○ {:.0} tok/s ", t.timing.tokens_per_second);
    }
    let [l, r] = Layout::horizontal([
        Constraint::Fill(1),
        Constraint::Length(right.width() as u16),
    ])
    .areas(area);
    frame.render_widget(Line::from(left), l);
    frame.render_widget(Line::styled(right, paint.role(Role::Text)), r);
}

/// What the colors and marks mean; in fewer words where there is little room.
fn legend_line(frame: &mut Frame, app: &App, area: Rect, paint: Paint) {
    let name = app.measure.name();
    let (name, likely, computed, unsure) = if area.width < 100 {
        let name = name.split(',').next().unwrap_or(&name).to_string();
        (name, " ⚑ likely ", " ✗ computed wrong ", " ? p<.5")
    } else {
        (
            name,
            "  ⚑ likely wrong ",
            "  ✗ computed wrong ",
            "  ? p < .5",
        )
    };
    let mut spans = vec![Span::styled(format!(" {name} "), paint.role(Role::Title))];
    for source in Source::ALL {
        spans.push(Span::styled(format!(" {source} "), paint.role(Role::Dim)));
        for strength in 1..=5 {
            spans.push(Span::styled(
                theme::mark(source).to_string(),
                paint.source(source, strength),
            ));
        }
    }
    spans.push(Span::styled(likely, paint.role(Role::Flag)));
    spans.push(Span::styled(computed, paint.role(Role::Error)));
    spans.push(Span::styled(unsure, paint.role(Role::Unsure)));
    frame.render_widget(Line::from(spans), area);
}

/// A message, a line that is typed, or the keys that matter most.
fn footer(frame: &mut Frame, app: &App, area: Rect, paint: Paint) {
    let typed = match &app.mode {
        Mode::Search(e, within) => Some((format!("/ in the {}: ", within.name()), e)),
        Mode::Instead(e) => Some(("go on from here with: ".into(), e)),
        Mode::Change(e) => Some(("change by (such as rarer:100 noop): ".into(), e)),
        Mode::Filter(e) => Some(("filter: ".into(), e)),
        Mode::Export(e) if app.compare.view.is_some() => Some(("write to (.json): ".into(), e)),
        Mode::Export(e) => Some(("write to (.html .svg .csv .ansi .txt .jsonl): ".into(), e)),
        _ => None,
    };
    if let Some((lead, e)) = typed {
        let (before, after) = e.parts();
        let line = Line::from(vec![
            Span::styled(format!(" {lead}"), paint.role(Role::Dim)),
            Span::styled(before.to_string(), paint.role(Role::Accent)),
            Span::styled("▏", paint.role(Role::Accent)),
            Span::styled(after.to_string(), paint.role(Role::Accent)),
            // Why what was typed before could not be used.
            Span::styled(complaint(app), paint.role(Role::Error)),
        ]);
        return frame.render_widget(line, area);
    }
    if let Some((text, _)) = &app.message {
        let text = rotescope_text::sanitize::line(text).into_owned();
        return frame.render_widget(
            Line::styled(format!(" {text}"), paint.role(Role::Accent)),
            area,
        );
    }
    if app.compare.view.is_some() {
        return frame.render_widget(compare::draw::keys(app, paint), area);
    }
    let mut spans = Vec::new();
    for b in TABLE.iter().filter(|b| !b.bar.is_empty()) {
        let keys = app.keymap.keys(b.action);
        spans.push(Span::styled(
            format!(" {}", keys.first().map_or("", String::as_str)),
            paint.role(Role::Accent),
        ));
        spans.push(Span::styled(format!(" {} ", b.bar), paint.role(Role::Dim)));
    }
    frame.render_widget(Line::from(spans), area);
}

/// The message, while operators are typed.
fn complaint(app: &App) -> String {
    match (&app.mode, &app.message) {
        (Mode::Change(_), Some((text, _))) => format!("  {}", rotescope_text::sanitize::line(text)),
        _ => String::new(),
    }
}

/// Text in a paragraph that wraps.
fn wrapped(text: String, style: Style) -> Paragraph<'static> {
    Paragraph::new(text)
        .style(style)
        .wrap(ratatui::widgets::Wrap { trim: false })
}

/// `1204` as `1 204`.
fn grouped(n: u64) -> String {
    rotescope_text::number::grouped(n)
}
