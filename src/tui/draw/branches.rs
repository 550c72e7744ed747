//! The runs of a prompt as a tree: where each branches, what it answers, what is flagged.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crossterm::event::{MouseButton, MouseEventKind};

use crate::tui::action::Action;
use crate::tui::app::{App, flags};
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::session::Session;
use crate::tui::style::Paint;
use rotescope_report::theme::Role;
use rotescope_text::sanitize;

/// Most rows of the tree.
const MOST: u16 = 6;

/// The tree, where it was drawn.
#[derive(Debug, Default)]
pub struct Branches {
    area: Rect,
}

impl Branches {
    /// Where the tree is above a completion: nowhere where there is one run, and never on more than a third of the room.
    pub fn place(app: &App, room: Rect) -> Rect {
        let height = match app.entry().map_or(0, |e| e.sessions.len()) {
            0 | 1 => 0,
            n => (n as u16).min(MOST).min(room.height / 3),
        };
        Rect { height, ..room }
    }
}

impl Component for Branches {
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled {
        match event {
            ViewEvent::Action(a @ (Action::NextBranch | Action::PreviousBranch)) => {
                app.turn_branch(*a == Action::NextBranch);
            }
            ViewEvent::Mouse(mouse) if mouse.kind == MouseEventKind::Down(MouseButton::Left) => {
                let row = usize::from(mouse.row.saturating_sub(self.area.y));
                app.click_branch(row, usize::from(self.area.height));
            }
            _ => return Handled::Passed,
        }
        Handled::Done(Vec::new())
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, app: &mut App, paint: Paint) {
        self.area = place.body;
        let (Some(e), height) = (app.entry(), usize::from(self.area.height)) else {
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
                    Span::styled(format!("  {} tokens", s.tokens().len()), dim),
                ];
                spans.extend(answer(s, paint));
                let n = flags(&s.steps);
                if n > 0 {
                    spans.push(Span::styled(format!("  ⚑{n}"), paint.role(Role::Flag)));
                }
                Line::from(spans)
            })
            .collect();
        frame.render_widget(Paragraph::new(lines), self.area);
    }

    fn help(&self) -> Vec<(Action, &'static str)> {
        vec![
            (Action::PreviousBranch, "branch before"),
            (Action::NextBranch, "next branch"),
        ]
    }
}

/// What was taken instead of what; of a first run, that it is, and whose where another model wrote it.
fn label(app: &App, s: &Session) -> String {
    let Some((job, at)) = s.parent else {
        return match app.other_model(s) {
            Some(model) => format!("by {}", sanitize::line(&model.shown())),
            None => "first run".into(),
        };
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
