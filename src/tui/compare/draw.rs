//! The comparison on the whole screen: verdict, questions, both chains in columns, and the pair at the cursor.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::chains::Chains;
use super::{View, head, inspect, list};
use crate::tui::action::Action;
use crate::tui::app::{App, Mode};
use crate::tui::style::Paint;
use rotescope_report::theme::Role;

/// From this width on, relations and sources are spelled out.
const WIDE: u16 = 110;
/// Columns before the tokens of each side: verdict and flag.
pub const MARKS: u16 = 3;

/// Draws the view; nothing where there is none.
pub fn view(frame: &mut Frame, app: &mut App, area: Rect, paint: Paint) {
    let (measure, folded) = (app.measure, app.folded);
    let Some(view) = &mut app.compare.view else {
        return;
    };
    let columns = Columns::of(area);
    let mut rest = area;
    let most = if area.height < 30 { 2 } else { 4 };
    top(
        frame,
        &mut rest,
        most,
        head::verdict(view, area.width, paint),
    );
    head::heading(frame, view, &columns, &mut rest, paint);
    let most = if folded {
        (area.height / 8).clamp(1, 6)
    } else {
        (area.height / 2).max(1)
    };
    head::questions(frame, view, &columns, &mut rest, most, paint);
    let below = match rest.height {
        0..10 => 0,
        10..24 => inspect::LEAST,
        n => (n / 3).min(14),
    };
    let place = place(view);
    rule(
        frame,
        &mut rest,
        "‹explained› «diverges» · change from A to B: p, strongest score",
        paint,
    );
    let height = rest
        .height
        .saturating_sub(if below > 0 { below + 1 } else { 0 });
    let body = Rect { height, ..rest };
    view.lay_out(columns.sides[0].1);
    view.scroll_to(usize::from(height));
    view.columns = columns.sides.map(|(x, width)| Rect { x, width, ..body });
    let chains = Chains {
        view,
        columns: &columns,
        body,
        measure,
        paint,
    };
    chains.draw(frame.buffer_mut());
    rest.y += height;
    rest.height -= height;
    if below > 0 {
        rule(frame, &mut rest, &place, paint);
        inspect::draw(frame, view, &columns, rest, paint);
    }
}

/// Draws the list of what to compare with, where it is open.
pub fn choices(frame: &mut Frame, app: &App, area: Rect, paint: Paint) {
    if let Mode::CompareWith(choices, chosen) = &app.mode {
        list::draw(frame, choices, *chosen, area, paint);
    }
}

/// The keys of the view for the bottom line.
pub fn keys<'a>(app: &App, paint: Paint) -> Line<'a> {
    let all = [
        (Action::Stop, "close"),
        (Action::OnlyDifferences, "fold alike"),
        (Action::NextFlag, "next «»"),
        (Action::FirstDivergence, "first"),
        (Action::TopChange, "top change"),
        (Action::FoldPrompt, "questions"),
        (Action::Help, "help"),
        (Action::Export, "export"),
    ];
    let mut spans = Vec::new();
    for (action, says) in all {
        let key = app.keymap.keys(action).into_iter().next();
        spans.push(Span::styled(
            format!(" {}", key.unwrap_or_default()),
            paint.role(Role::Accent),
        ));
        spans.push(Span::styled(format!(" {says} "), paint.role(Role::Dim)));
    }
    Line::from(spans)
}

/// Where things stand from left to right: first column and width.
pub struct Columns {
    /// Number and relation of the step.
    pub margin: (u16, u16),
    /// Tokens of each side.
    pub sides: [(u16, u16); 2],
    pub change: (u16, u16),
    pub wide: bool,
}

impl Columns {
    fn of(area: Rect) -> Columns {
        let wide = area.width >= WIDE;
        let (margin, change) = if wide { (14, 24) } else { (6, 13) };
        let rest = area.width.saturating_sub(margin + change + 2 * MARKS + 1);
        let (left, right) = (rest - rest / 2, rest / 2);
        // Both columns wrap alike.
        let width = left.min(right);
        let x = area.x + margin + MARKS;
        let second = x + width + 1 + MARKS;
        Columns {
            margin: (area.x, margin),
            sides: [(x, width), (second, width)],
            change: (second + width + 1, change - 1),
            wide,
        }
    }

    /// The line between the sides.
    pub fn between(&self) -> u16 {
        self.sides[1].0.saturating_sub(MARKS + 1)
    }
}

/// Puts lines on top of an area and takes their rows off it.
fn top(frame: &mut Frame, rest: &mut Rect, most: u16, mut lines: Vec<Line>) {
    lines.truncate(usize::from(most.min(rest.height)));
    let height = lines.len() as u16;
    frame.render_widget(Paragraph::new(lines), Rect { height, ..*rest });
    rest.y += height;
    rest.height -= height;
}

fn rule(frame: &mut Frame, rest: &mut Rect, title: &str, paint: Paint) {
    let title = fitted(title, usize::from(rest.width).saturating_sub(4));
    let line = usize::from(rest.width).saturating_sub(title.width() + 4);
    let line = Line::from(vec![
        Span::styled("─ ", paint.role(Role::Border)),
        Span::styled(title, paint.role(Role::Title)),
        Span::styled(
            format!(" {}", "─".repeat(line + 1)),
            paint.role(Role::Border),
        ),
    ]);
    top(frame, rest, 1, vec![line]);
}

/// Where the cursor is, and what the pair there is.
fn place(view: &View) -> String {
    let c = &view.comparison;
    let Some(t) = c.tokens.get(view.cursor) else {
        return "no tokens".into();
    };
    let step = view.step().map_or(0, |s| s + 1);
    let mut text = format!(
        "pair {} of {} · step {step} of {} · {}",
        view.cursor + 1,
        c.tokens.len(),
        c.steps.len(),
        inspect::relation(t)
    );
    if c.first_divergence == Some(view.cursor) {
        text += " · first divergence";
    }
    if c.top_change == Some(view.cursor) {
        text += " · top change";
    }
    text
}

/// A change as arrow and figure.
pub fn change<'a>(by: f64, paint: Paint) -> Span<'a> {
    let figure = format!("{:.2}", by.abs());
    let figure = figure.strip_prefix('0').unwrap_or(&figure);
    let (arrow, role) = match by {
        _ if figure == ".00" => ("·", Role::Dim),
        b if b > 0.0 => ("▲", Role::Added),
        _ => ("▼", Role::Removed),
    };
    Span::styled(format!("{arrow}{figure}"), paint.role(role))
}

/// As much of a text as fits, with … where it is cut.
pub fn fitted(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_string();
    }
    let (mut out, mut used) = (String::new(), 1);
    for g in text.graphemes(true) {
        used += g.width();
        if used > width {
            break;
        }
        out += g;
    }
    if width > 0 {
        out.push('…');
    }
    out
}
