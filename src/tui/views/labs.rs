//! The labs: worlds whose settings are turned, and their picture at once.

use std::mem::discriminant;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use crate::run::lab::turned::{Lab, Turned};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::draw::chart;
use crate::tui::markup::{fitted, pane, wrapped};
use crate::tui::style::Paint;
use rotescope_report::theme::Role;

/// From this width on the settings stand beside the picture.
const WIDE: u16 = 110;
/// Columns of the settings.
const SIDE: u16 = 34;
/// Data sets at most.
const SETS: u32 = 20;

/// The world that is looked at, and the setting that is turned.
#[derive(Debug)]
pub struct LabView {
    turned: Turned,
    line: usize,
    /// What was turned in the other labs.
    others: Vec<Lab>,
}

impl LabView {
    pub fn new(app: &mut App) -> LabView {
        let [first, others @ ..] = Lab::ALL;
        let view = LabView {
            turned: Turned {
                lab: first,
                sets: 1,
            },
            line: 0,
            others: others.into(),
        };
        view.look(app);
        view
    }

    /// The app asks for the picture of what is looked at.
    fn look(&self, app: &mut App) {
        app.lab.wanted = Some(self.turned);
    }

    fn show(&mut self, lab: Lab, app: &mut App) {
        self.turned = Turned { lab, sets: 1 };
        self.look(app);
    }

    fn turn(&mut self, up: bool, app: &mut App) {
        match self.turned.lab.turn(self.line, up) {
            Some(lab) => self.show(lab, app),
            None => app.say("no further"),
        }
    }
}

impl Component for LabView {
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled {
        let ViewEvent::Action(action) = event else {
            return match event {
                // Pasted text is no prompt here.
                ViewEvent::Paste(_) => Handled::Done(Vec::new()),
                _ => Handled::Passed,
            };
        };
        let last = self.turned.lab.settings().len() - 1;
        match action {
            Action::Labs => {}
            Action::RowDown => self.line = (self.line + 1).min(last),
            Action::RowUp => self.line = self.line.saturating_sub(1),
            Action::NextToken => self.turn(true, app),
            Action::PreviousToken => self.turn(false, app),
            Action::NextPane | Action::PreviousPane => {
                let lab = self.others.remove(0);
                self.others.push(self.turned.lab);
                self.line = 0;
                self.show(lab, app);
            }
            Action::Open if self.turned.sets == SETS => {
                app.say("enough of them: the command draws more");
            }
            Action::Open => {
                self.turned.sets += 1;
                self.look(app);
            }
            Action::CopyToken | Action::CopyStep | Action::CopyAnswer => {
                return Handled::Done(app.copied(self.turned.command()));
            }
            Action::Export => {
                app.say(format!(
                    "{} --figure x.svg writes it",
                    self.turned.command()
                ));
            }
            _ => return Handled::Passed,
        }
        Handled::Done(Vec::new())
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, app: &mut App, paint: Paint) {
        frame.render_widget(Clear, place.body);
        frame.buffer_mut().set_style(place.body, paint.base());
        let drawn = app.lab.drawn.as_ref();
        let here = drawn.filter(|(of, _)| discriminant(&of.lab) == discriminant(&self.turned.lab));
        let title = match here {
            Some((_, chart)) => format!(" {} ", chart.title),
            None => format!(" lab {} ", self.turned.lab.name()),
        };
        // Of a world that was turned meanwhile: said, not hidden.
        let state = match here {
            Some((of, _)) if *of == self.turned => " drawn ",
            _ => " is being drawn ",
        };
        let block = pane(title, true, paint).title_bottom(Line::from(state).right_aligned());
        let inner = block.inner(place.body);
        frame.render_widget(block, place.body);
        let settings = self.settings(paint);
        let (side, picture) = match inner.width < WIDE {
            true => {
                let rows = [
                    Constraint::Length(settings.len() as u16),
                    Constraint::Fill(1),
                ];
                let [side, picture] = Layout::vertical(rows).areas(inner);
                (side, picture)
            }
            false => {
                let columns = [Constraint::Length(SIDE), Constraint::Fill(1)];
                let [side, picture] = Layout::horizontal(columns).areas(inner);
                (side, picture)
            }
        };
        let under = Rect {
            y: side.y + settings.len() as u16 + 1,
            height: side.height.saturating_sub(settings.len() as u16 + 1),
            ..side
        };
        frame.render_widget(Paragraph::new(settings), side);
        if under.height > 0 && side.width < inner.width {
            let says = self.turned.lab.says().to_string();
            let text = Rect {
                width: side.width - 2,
                ..under
            };
            frame.render_widget(wrapped(says, paint.role(Role::Dim)), text);
        }
        if let Some((_, drawn)) = here {
            chart::draw(frame, drawn, picture, paint);
        }
        let command = fitted(
            &format!(" {} ", self.turned.command()),
            usize::from(place.body.width.saturating_sub(20)),
        );
        let foot = Rect {
            x: place.body.x + 2,
            y: place.body.bottom().saturating_sub(1),
            width: command.chars().count() as u16,
            height: 1.min(place.body.height),
        };
        frame.render_widget(
            Span::styled(command, paint.role(Role::Dim)),
            foot.intersection(place.body),
        );
    }

    fn help(&self) -> Vec<(Action, &'static str)> {
        vec![
            (Action::RowDown, "setting"),
            (Action::NextToken, "more"),
            (Action::PreviousToken, "less"),
            (Action::Open, "one more data set"),
            (Action::NextPane, "other lab"),
            (Action::CopyToken, "copy the command"),
            (Action::Stop, "close"),
        ]
    }
}

impl LabView {
    fn settings(&self, paint: Paint) -> Vec<Line<'static>> {
        let lines = self.turned.lab.settings().into_iter().enumerate();
        let lines = lines.map(|(i, s)| {
            let here = i == self.line;
            let mut style = paint.role(Role::Text);
            if here {
                style = style
                    .patch(paint.role(Role::Selection))
                    .add_modifier(Modifier::BOLD);
            }
            let value = match self.turned.lab.turn(i, false).is_some() {
                true => format!("◂ {}", s.value),
                false => format!("  {}", s.value),
            };
            let more = if self.turned.lab.turn(i, true).is_some() {
                " ▸"
            } else {
                ""
            };
            Line::styled(
                format!(
                    "{} {:<20}{value}{more}",
                    if here { "▸" } else { " " },
                    s.says
                ),
                style,
            )
        });
        let sets = format!("  {:<22}{}", "data sets", self.turned.sets);
        let sets = Line::styled(sets, paint.role(Role::Dim));
        lines.chain([sets]).collect()
    }
}
