//! Heat maps on the whole screen: the documents, the text of one, and what is known of the token at the cursor.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::view::HeatView;
use super::{inspect, text};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::markup::{fitted, pane};
use crate::tui::style::Paint;
use rotescope_report::theme::Role;

/// From this width on the token is explained beside the text.
const WIDE: u16 = 120;
/// From this height on it is explained under it.
const HIGH: u16 = 16;

/// The heat maps that the state holds, if it holds some.
#[derive(Debug, Default)]
pub struct HeatScreen;

impl Component for HeatScreen {
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
        let Some(view) = &mut app.heat else {
            return;
        };
        let [list, body, token] = split(place.body, view.documents().len());
        view.list = list;
        documents(frame, view, list, paint);
        let (at, all) = (view.at() + 1, view.documents().len());
        let map = view.map_mut();
        let name = &map.name;
        let title = match all {
            1 => format!(" {name} "),
            _ => format!(" {name} · {at} of {all} "),
        };
        let title = fitted(&title, usize::from(body.width.saturating_sub(4)));
        let block = pane(title, true, paint);
        let inner = block.inner(body);
        frame.render_widget(block, body);
        let rows = Rect {
            x: inner.x + text::MARGIN.min(inner.width),
            width: inner.width.saturating_sub(text::MARGIN),
            ..inner
        };
        if !rows.is_empty() {
            map.lay_out(rows.width);
            map.scroll_to(usize::from(rows.height));
            text::draw(frame.buffer_mut(), map, rows, paint);
        }
        if !token.is_empty() {
            inspect::draw(frame, map, token, paint);
        }
        view.rows = rows;
    }

    fn help(&self) -> Vec<(Action, &'static str)> {
        vec![
            (Action::NextFlag, "next run"),
            (Action::PreviousFlag, "run before"),
            (Action::NextPane, "next document"),
            (Action::PageDown, "page"),
            (Action::Theme, "theme"),
            (Action::Help, "help"),
            (Action::Palette, "command"),
            (Action::Quit, "quit"),
        ]
    }
}

/// Where documents, text and token are; those that have no place are empty.
fn split(body: Rect, documents: usize) -> [Rect; 3] {
    let none = Rect::ZERO;
    if body.width < WIDE {
        if body.height < HIGH {
            return [none, body, none];
        }
        let below = (body.height / 2 - 1).min(12);
        let rows = [Constraint::Fill(1), Constraint::Length(below)];
        let [top, bottom] = Layout::vertical(rows).areas(body);
        return [none, top, bottom];
    }
    let list = match documents {
        1 => 0,
        _ => (body.width / 6).clamp(22, 34),
    };
    Layout::horizontal([
        Constraint::Length(list),
        Constraint::Fill(1),
        Constraint::Length((body.width / 3).clamp(42, 60)),
    ])
    .areas(body)
}

/// The documents, each with the share of its tokens that can be extracted.
fn documents(frame: &mut Frame, view: &HeatView, area: Rect, paint: Paint) {
    if area.is_empty() {
        return;
    }
    let block = pane(
        format!(" documents {} ", view.documents().len()),
        false,
        paint,
    );
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let height = usize::from(inner.height);
    let maps = view.documents().iter().enumerate();
    let lines = maps.skip(view.first_listed(height)).take(height);
    let lines: Vec<Line> = lines
        .map(|(i, map)| {
            let document = &map.document;
            let within: usize = document.runs.iter().map(|r| r[1] - r[0]).sum();
            let asked = document.tokens.iter().filter(|t| t.p.is_some()).count();
            let share = format!(" {:>3} %", 100 * within / asked.max(1));
            let here = i == view.at();
            let mut style = paint.role(Role::Text);
            if here {
                let selected = paint.role(Role::Selection);
                style = style.patch(selected).add_modifier(Modifier::BOLD);
            }
            let room = usize::from(inner.width).saturating_sub(2 + share.width());
            let name = fitted(&map.name, room);
            let pad = room.saturating_sub(name.width());
            Line::from(vec![
                Span::styled(if here { "▸ " } else { "  " }, style),
                Span::styled(format!("{name}{:pad$}", ""), style),
                Span::styled(share, paint.role(Role::Dim)),
            ])
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

fn act(action: Action, app: &mut App) -> Handled {
    use Action::*;
    let Some(view) = &mut app.heat else {
        return Handled::Passed;
    };
    match action {
        Quit | Suspend | Help | Palette | Theme | Mouse | Screenshot | Tour => {
            return Handled::Passed;
        }
        NextPane | NextBranch => view.turn(true),
        PreviousPane | PreviousBranch => view.turn(false),
        Stop => {}
        Export => app.say("rotescope report FILE -o map.html (.svg, .txt) writes the heat map"),
        _ => match view.map_mut().go(action) {
            Ok(true) => {}
            Ok(false) => app.say("not in a heat map"),
            Err(why) => app.say(why),
        },
    }
    Handled::Done(Vec::new())
}

fn pointed(mouse: MouseEvent, app: &mut App) -> Handled {
    let Some(view) = &mut app.heat else {
        return Handled::Passed;
    };
    let at = Position::new(mouse.column, mouse.row);
    let (rows, list) = (view.rows, view.list);
    match mouse.kind {
        MouseEventKind::ScrollDown => return Handled::Step(Action::RowDown),
        MouseEventKind::ScrollUp => return Handled::Step(Action::RowUp),
        MouseEventKind::Down(MouseButton::Left) if rows.contains(at) => {
            let map = view.map_mut();
            let row = map.scroll + usize::from(at.y - rows.y);
            if let Some(piece) = map.layout.token_at(row, at.x - rows.x) {
                map.cursor = piece;
            }
        }
        MouseEventKind::Down(MouseButton::Left) if list.contains(at) => {
            let row = usize::from(at.y.saturating_sub(list.y + 1));
            let first = view.first_listed(usize::from(list.height.saturating_sub(2)));
            view.show(first + row);
        }
        _ => return Handled::Passed,
    }
    Handled::Done(Vec::new())
}
