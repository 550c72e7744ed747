//! The list of what a completion can be compared with: branches, the other one of its pair, the prompt changed by an operator, any other
//! completion.

use crossterm::event::MouseEventKind;
use ratatui::Frame;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::choice::{Choice, With};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::markup::{fitted, middle, pane};
use crate::tui::style::Paint;
use crate::tui::views::line::LineView;
use rotescope_report::theme::Role;
use rotescope_text::sanitize;

/// What the completion on screen can be compared with, and the chosen line.
#[derive(Debug)]
pub struct Choose {
    pub choices: Vec<Choice>,
    pub chosen: usize,
    /// Columns of the longest name.
    names: usize,
}

impl Choose {
    /// All that there is to choose from; nothing where there is nothing to compare.
    pub fn new(app: &mut App) -> Option<Choose> {
        let Some((entry, session)) = app.finished() else {
            app.say("run the prompt first: a finished completion is compared");
            return None;
        };
        let choices = app.choices(entry, session);
        let names = choices.iter().map(|c| c.name.width()).max().unwrap_or(0);
        Some(Choose {
            choices,
            chosen: 0,
            names,
        })
    }
}

impl Component for Choose {
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled {
        let (last, at) = (self.choices.len().saturating_sub(1), self.chosen);
        let action = match event {
            ViewEvent::Action(action) => action,
            // What lies below is not clicked through it.
            ViewEvent::Mouse(mouse) if mouse.kind != MouseEventKind::Moved => {
                return Handled::Done(Vec::new());
            }
            _ => return Handled::Passed,
        };
        let to = match action {
            Action::RowDown | Action::NextToken => at + 1,
            Action::RowUp | Action::PreviousToken => at.saturating_sub(1),
            Action::PageDown => at + 10,
            Action::PageUp => at.saturating_sub(10),
            Action::First => 0,
            Action::Last => last,
            Action::Open => {
                let with = self.choices.get(at).map(|c| c.with.clone());
                return match with {
                    Some(With::Typed) => Handled::Instead(Box::new(LineView::operators())),
                    Some(with) => Handled::Close(app.compare_with(with)),
                    None => Handled::Close(Vec::new()),
                };
            }
            // What is over everything, and leaving.
            Action::Stop | Action::Quit | Action::Suspend | Action::Theme => {
                return Handled::Passed;
            }
            _ => at,
        };
        self.chosen = to.min(last);
        Handled::Done(Vec::new())
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, _: &mut App, paint: Paint) {
        let (choices, chosen) = (&self.choices, self.chosen);
        let height = u16::try_from(choices.len() + 2).unwrap_or(u16::MAX);
        let area = middle(frame, place.body, 100, height.clamp(5, 26), paint);
        let title = format!(
            " compare with · {} of {} · Enter compares, ▸ is run first, Esc ",
            chosen + 1,
            choices.len()
        );
        let block = pane(title, true, paint);
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let (width, height) = (usize::from(inner.width), usize::from(inner.height));
        let room = self.names.min(width.saturating_sub(12) * 2 / 3);
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
}
