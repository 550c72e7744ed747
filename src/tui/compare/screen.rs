//! The comparison on the whole screen: verdict, questions, both completions in columns, and the pair at the cursor.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::columns::Columns;
use super::completions::Completions;
use super::moves::MoveOutcome;
use super::view::View;
use super::{head, inspect};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::markup::fitted;
use crate::tui::style::Paint;
use rotescope_report::theme::Role;

/// The comparison that the state holds, if it holds one.
#[derive(Debug, Default)]
pub struct ComparisonScreen;

impl Component for ComparisonScreen {
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled {
        match event {
            ViewEvent::Action(action) => act(*action, app),
            ViewEvent::Mouse(mouse) => pointed(*mouse, app),
            _ => Handled::Passed,
        }
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, app: &mut App, paint: Paint) {
        let area = place.body;
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
        let at = at(view);
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
        let completions = Completions {
            view,
            columns: &columns,
            body,
            measure,
            paint,
        };
        completions.draw(frame.buffer_mut());
        rest.y += height;
        rest.height -= height;
        if below > 0 {
            rule(frame, &mut rest, &at, paint);
            inspect::draw(frame, view, &columns, rest, paint);
        }
    }

    fn help(&self) -> Vec<(Action, &'static str)> {
        vec![
            (Action::Stop, "close"),
            (Action::OnlyDifferences, "fold alike"),
            (Action::NextFlag, "next «»"),
            (Action::FirstDivergence, "first"),
            (Action::TopChange, "top change"),
            (Action::FoldPrompt, "questions"),
            (Action::Help, "help"),
            (Action::Export, "export"),
        ]
    }
}

fn act(action: Action, app: &mut App) -> Handled {
    use Action::*;
    match action {
        Stop => {
            close(app);
            return Handled::Done(Vec::new());
        }
        Export | Quit | Suspend | Help | Palette | Theme | Mouse | Measure | FoldPrompt | Edit
        | Screenshot | Tour => {
            return Handled::Passed;
        }
        _ => {}
    }
    match app.compare.view.as_mut().map(|v| v.act(action)) {
        Some(MoveOutcome::Said(text)) => app.say(text),
        Some(MoveOutcome::Passed) => {
            let close = app.keymap.keys(Stop).into_iter().next();
            let close = close.unwrap_or_default();
            app.say(format!("not in a comparison; {close} closes it"));
        }
        _ => {}
    }
    Handled::Done(Vec::new())
}

/// Closes the view and goes back to the completion that it was opened from.
fn close(app: &mut App) {
    let Some(view) = app.compare.view.take() else {
        return;
    };
    // A newer one that is being made would open it again.
    app.compare.making = None;
    let mut entries = app.entries.iter();
    if let Some(entry) = entries.position(|e| e.sessions.contains(&view.from)) {
        app.select(entry);
    }
}

fn pointed(mouse: MouseEvent, app: &mut App) -> Handled {
    match mouse.kind {
        MouseEventKind::ScrollDown => return Handled::Step(Action::RowDown),
        MouseEventKind::ScrollUp => return Handled::Step(Action::RowUp),
        MouseEventKind::Down(MouseButton::Left) => {}
        _ => return Handled::Done(Vec::new()),
    }
    if let Some(view) = &mut app.compare.view {
        let at = Position::new(mouse.column, mouse.row);
        if let Some(side) = view.columns.iter().position(|c| c.contains(at)) {
            let area = view.columns[side];
            view.click(usize::from(at.y - area.y), side, at.x - area.x);
        }
    }
    Handled::Done(Vec::new())
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
fn at(view: &View) -> String {
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
