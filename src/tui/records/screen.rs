//! Records on the whole screen: their list, and all that one says.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::outline::INDENT;
use super::view::Records;
use crate::tui::action::Action;
use crate::tui::app::{App, Effect, Pane, steps};
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::markup::{fitted, pane};
use crate::tui::style::Paint;
use rotescope_report::theme::Role;
use rotescope_text::number::grouped;
use rotescope_text::sanitize;

/// From this width on the list stands beside the record.
const WIDE: u16 = 80;

/// The records that the state holds, if it holds some.
#[derive(Debug, Default)]
pub struct RecordsScreen;

impl Component for RecordsScreen {
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled {
        match event {
            ViewEvent::Action(action) => act(*action, app),
            ViewEvent::Mouse(mouse) => pointed(*mouse, app),
            // Pasted text is no prompt here.
            ViewEvent::Paste(_) => Handled::Done(Vec::new()),
            ViewEvent::Key(_) => Handled::Passed,
        }
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, app: &mut App, paint: Paint) {
        let (focus, filter, searched) = (app.pane, &app.filter, &app.search);
        let Some(records) = &mut app.records else {
            return;
        };
        let [list, body] = split(place.body, records.count(), focus);
        (records.list, records.rows) = (list, body);
        if !list.is_empty() {
            names(frame, records, filter, focus == Pane::Prompts, paint);
        }
        if !body.is_empty() {
            record(frame, records, searched, focus != Pane::Prompts, paint);
            app.page = usize::from(body.height.saturating_sub(2));
        }
    }

    fn help(&self) -> Vec<(Action, &'static str)> {
        vec![
            (Action::NextPane, "pane"),
            (Action::Search, "search"),
            (Action::Filter, "filter"),
            (Action::SortPrompts, "sort"),
            (Action::CopyAnswer, "copy"),
            (Action::Theme, "theme"),
            (Action::Help, "help"),
            (Action::Palette, "command"),
            (Action::Quit, "quit"),
        ]
    }
}

/// Where list and record are; one that has no place is empty.
fn split(body: Rect, records: usize, focus: Pane) -> [Rect; 2] {
    if records == 1 {
        return [Rect::ZERO, body];
    }
    if body.width < WIDE {
        return match focus {
            Pane::Prompts => [body, Rect::ZERO],
            _ => [Rect::ZERO, body],
        };
    }
    let list = (body.width / 4).clamp(24, 48);
    Layout::horizontal([Constraint::Length(list), Constraint::Fill(1)]).areas(body)
}

fn names(frame: &mut Frame, records: &Records, filter: &str, focus: bool, paint: Paint) {
    let (listed, all) = (records.listed().len(), records.count());
    let mut title = match listed == all {
        true => format!(" records {} ", grouped(all as u64)),
        false => format!(" records {listed} of {all} · {} ", sanitize::line(filter)),
    };
    if let Some((field, falls)) = &records.order {
        title += &format!(
            "▾ {} {} ",
            sanitize::line(field),
            if *falls { "↓" } else { "↑" }
        );
    }
    let room = usize::from(records.list.width.saturating_sub(4));
    let block = pane(fitted(&title, room), focus, paint);
    let inner = block.inner(records.list);
    frame.render_widget(block, records.list);
    let height = usize::from(inner.height);
    let from = first(records, height);
    let lines: Vec<Line> = (from..listed)
        .take(height)
        .filter_map(|place| {
            let record = records.record(place)?;
            let here = place == records.at();
            let mut style = paint.role(match record.content {
                Ok(_) => Role::Text,
                Err(_) => Role::Error,
            });
            if here {
                style = style
                    .patch(paint.role(Role::Selection))
                    .add_modifier(Modifier::BOLD);
            }
            let lead = match (here, record.content.is_err()) {
                (true, _) => "▸ ",
                (false, true) => "! ",
                (false, false) => "  ",
            };
            let name = fitted(&record.name(), usize::from(inner.width).saturating_sub(2));
            Some(Line::styled(format!("{lead}{name}"), style))
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

/// First record listed on a screen of so many rows.
fn first(records: &Records, height: usize) -> usize {
    let from = (records.at() + 1).saturating_sub(height.max(1) * 3 / 4);
    from.min(records.listed().len().saturating_sub(height))
}

fn record(frame: &mut Frame, records: &mut Records, searched: &str, focus: bool, paint: Paint) {
    let area = records.rows;
    let inner = pane("", focus, paint).inner(area);
    let height = usize::from(inner.height);
    let count = records.lines(inner.width).len();
    let from = records.scroll.min(count.saturating_sub(height.min(3)));
    records.scroll = from;
    let title = match records.record(records.at()) {
        Some(r) => {
            let file = records.file(r).display().to_string();
            format!(" {}, line {} ", sanitize::line(&file), r.line)
        }
        None => " no record fits the filter ".into(),
    };
    let at = format!(
        " line {} of {} ",
        (from + 1).min(count),
        grouped(count as u64)
    );
    let room = usize::from(area.width.saturating_sub(4));
    let block = pane(fitted(&title, room), focus, paint);
    let block = block.title_bottom(Line::from(at).right_aligned());
    frame.render_widget(block, area);
    let (text, found) = (paint.role(Role::Text), paint.role(Role::Match));
    let holds = |t: &str| crate::tui::search::contains(t, searched);
    let lines = records.lines(inner.width).iter().skip(from).take(height);
    let lines: Vec<Line> = lines
        .map(|l| {
            let mut spans = vec![Span::raw(" ".repeat(l.indent * INDENT))];
            if !l.name.is_empty() {
                let style = if holds(&l.name) {
                    found
                } else {
                    paint.role(Role::Title)
                };
                spans.push(Span::styled(l.name.as_str(), style));
                spans.push(Span::styled(": ", paint.role(Role::Dim)));
            }
            let style = if holds(&l.text) { found } else { text };
            spans.push(Span::styled(l.text.as_str(), style));
            Line::from(spans)
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

/// Where the records come from.
pub fn header(frame: &mut Frame, records: &Records, area: Rect, paint: Paint) {
    let here = records.record(records.at());
    let schema = here
        .and_then(|r| r.content.as_ref().ok()?.get("schema")?.as_str())
        .unwrap_or("records");
    let schema = sanitize::line(schema);
    frame.render_widget(
        Line::from(vec![
            Span::styled(" rotescope ", paint.role(Role::Accent)),
            Span::styled(format!(" {schema}"), paint.role(Role::Dim)),
        ]),
        area,
    );
}

fn act(action: Action, app: &mut App) -> Handled {
    use Action::*;
    let (page, pane) = (app.page, app.pane);
    let Some(records) = &mut app.records else {
        return Handled::Passed;
    };
    match action {
        Quit | Suspend | Help | Palette | Theme | Mouse | Screenshot | Tour | Search | Filter
        | SortPrompts => return Handled::Passed,
        NextPane | PreviousPane | Open => {
            app.pane = match pane {
                Pane::Prompts => Pane::Completion,
                _ => Pane::Prompts,
            };
        }
        NextStep => records.go_by(1),
        PreviousStep => records.go_by(-1),
        NextMatch | PreviousMatch => return Handled::Done(app.find(action == NextMatch)),
        CopyAnswer => return Handled::Done(copy(app)),
        Stop => {}
        other => match steps(other, page) {
            None => app.say("not in a list of records"),
            Some(by) if pane == Pane::Prompts => records.go_by(by),
            // Its end is minded when it is drawn.
            Some(by) => records.scroll = records.scroll.saturating_add_signed(by),
        },
    }
    Handled::Done(Vec::new())
}

/// Copies the record at the cursor as JSON.
fn copy(app: &mut App) -> Vec<Effect> {
    let records = app.records.as_ref();
    let record = records.and_then(|r| r.record(r.at())?.content.as_ref().ok());
    match record.and_then(|r| serde_json::to_string_pretty(r).ok()) {
        Some(text) => app.copied(text),
        None => Vec::new(),
    }
}

fn pointed(mouse: MouseEvent, app: &mut App) -> Handled {
    let Some(records) = &mut app.records else {
        return Handled::Passed;
    };
    let at = Position::new(mouse.column, mouse.row);
    let over_list = records.list.contains(at);
    match mouse.kind {
        MouseEventKind::ScrollDown | MouseEventKind::ScrollUp => {
            app.pane = if over_list {
                Pane::Prompts
            } else {
                Pane::Completion
            };
            return Handled::Step(match mouse.kind {
                MouseEventKind::ScrollDown => Action::RowDown,
                _ => Action::RowUp,
            });
        }
        MouseEventKind::Down(MouseButton::Left) if over_list => {
            app.pane = Pane::Prompts;
            let row = usize::from(at.y.saturating_sub(records.list.y + 1));
            let height = usize::from(records.list.height.saturating_sub(2));
            records.go_to(first(records, height) + row);
        }
        MouseEventKind::Down(MouseButton::Left) => app.pane = Pane::Completion,
        _ => return Handled::Passed,
    }
    Handled::Done(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_record_has_all_the_room_and_a_narrow_screen_one_pane() {
        let body = Rect::new(0, 1, 100, 20);
        assert_eq!(split(body, 1, Pane::Prompts)[1], body);
        let [list, rows] = split(body, 2, Pane::Prompts);
        assert_eq!(list.width + rows.width, 100);
        let narrow = Rect::new(0, 1, 60, 20);
        assert_eq!(split(narrow, 2, Pane::Prompts), [narrow, Rect::ZERO]);
        assert_eq!(split(narrow, 2, Pane::Completion), [Rect::ZERO, narrow]);
    }
}
