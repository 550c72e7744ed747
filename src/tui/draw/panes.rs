//! All panes where there is room for them, else the one that has the focus: the view below all others.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};

use super::branches::Branches;
use super::{completion, inspector, side};
use crate::tui::action::{Action, TABLE};
use crate::tui::app::{App, Pane, steps};
use crate::tui::component::{Component, Handled, ViewEvent, ViewPlace};
use crate::tui::session::Session;
use crate::tui::style::Paint;
use crate::tui::views::line::LineView;

/// Where the panes are, for the mouse.
#[derive(Debug, Clone, Copy, Default)]
pub struct Areas {
    pub prompts: Rect,
    pub completion: Rect,
    /// The completion's rows of tokens, without prompt and margins.
    pub rows: Rect,
    /// The runs of the prompt.
    pub branches: Rect,
    pub token: Rect,
    pub documents: Rect,
    /// The verbatim spans.
    pub spans: Rect,
}

/// From this width on all panes are side by side.
const WIDE: u16 = 120;
/// From this width on the list of verbatim spans has a place beside the documents.
const SPLIT: u16 = 100;

/// The panes.
#[derive(Debug, Default)]
pub struct Panes {
    /// Where they were drawn.
    pub areas: Areas,
    branches: Branches,
}

impl Component for Panes {
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled {
        let passed = match event {
            ViewEvent::Action(action) => choose(*action, app),
            ViewEvent::Mouse(mouse) => return self.pointed(*mouse, event, app),
            _ => Handled::Passed,
        };
        match passed {
            Handled::Passed => self.branches.handle(event, app),
            handled => handled,
        }
    }

    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, app: &mut App, paint: Paint) {
        let areas = split(place.body, app.pane);
        self.areas = areas;
        if !areas.prompts.is_empty() {
            side::prompts(frame, app, areas.prompts, paint);
        }
        if !areas.completion.is_empty() {
            let body = completion::frame(frame, app, areas.completion, paint);
            let tree = Branches::place(app, body);
            let place = ViewPlace {
                body: tree,
                ..place
            };
            self.branches.draw(frame, place, app, paint);
            let rest = Rect {
                y: body.y + tree.height,
                height: body.height - tree.height,
                ..body
            };
            self.areas.branches = tree;
            self.areas.rows = completion::rows(frame, app, rest, paint);
        }
        if !areas.token.is_empty() {
            inspector::draw(frame, app, areas.token, paint);
        }
        if !areas.spans.is_empty() {
            side::spans(frame, app, areas.spans, paint);
        }
        if !areas.documents.is_empty() {
            side::documents(frame, app, areas.documents, paint);
        }
    }

    fn help(&self) -> Vec<(Action, &'static str)> {
        let named = TABLE.iter().filter(|b| !b.bar.is_empty());
        named.map(|b| (b.action, b.bar)).collect()
    }
}

/// Where the panes are on a screen; those that have no place are empty.
fn split(body: Rect, pane: Pane) -> Areas {
    let mut areas = Areas::default();
    if body.width >= WIDE {
        let [top, bottom] = Layout::vertical([
            Constraint::Fill(3),
            Constraint::Length((body.height / 4).clamp(4, 14)),
        ])
        .areas(body);
        let [left, middle, right] = Layout::horizontal([
            Constraint::Length((body.width / 6).clamp(22, 34)),
            Constraint::Fill(1),
            Constraint::Length((body.width / 3).clamp(42, 60)),
        ])
        .areas(top);
        (areas.prompts, areas.completion, areas.token) = (left, middle, right);
        areas.documents = bottom;
    } else {
        match pane {
            Pane::Prompts => areas.prompts = body,
            Pane::Documents => areas.documents = body,
            // The token is explained under the completion where there is room for both.
            Pane::Completion | Pane::Token if body.height >= 18 => {
                let [top, bottom] = Layout::vertical([
                    Constraint::Fill(1),
                    Constraint::Length(body.height / 2 - 1),
                ])
                .areas(body);
                (areas.completion, areas.token) = (top, bottom);
            }
            Pane::Completion => areas.completion = body,
            Pane::Token => areas.token = body,
        }
    }
    if areas.documents.width >= SPLIT {
        [areas.documents, areas.spans] = Layout::horizontal([
            Constraint::Fill(1),
            Constraint::Length((body.width / 4).clamp(30, 60)),
        ])
        .areas(areas.documents);
    }
    areas
}

/// What an action does while a candidate is chosen for the token at the cursor.
fn choose(action: Action, app: &mut App) -> Handled {
    let (Some(at), Some(session)) = (app.choosing, app.session()) else {
        return Handled::Passed;
    };
    let token = session.token();
    match action {
        Action::Stop => app.choosing = None,
        Action::Open => {
            app.choosing = None;
            return Handled::Done(app.branch(at));
        }
        Action::Edit => {
            let text = token.map_or(String::new(), |t| t.text.clone());
            app.choosing = None;
            return Handled::Instead(Box::new(LineView::instead(&text)));
        }
        _ => match steps(action, app.page) {
            None => return Handled::Passed,
            Some(by) => {
                let last = token
                    .map_or(0, |t| t.candidates.ids.len())
                    .saturating_sub(1);
                app.choosing = Some(at.saturating_add_signed(by).min(last));
            }
        },
    }
    Handled::Done(Vec::new())
}

impl Panes {
    fn pointed(&mut self, mouse: MouseEvent, event: &ViewEvent, app: &mut App) -> Handled {
        let areas = self.areas;
        let at = Position::new(mouse.column, mouse.row);
        let over = [
            (areas.prompts, Pane::Prompts),
            (areas.completion, Pane::Completion),
            (areas.token, Pane::Token),
            (areas.documents, Pane::Documents),
            (areas.spans, Pane::Documents),
        ];
        let Some((area, pane)) = over.into_iter().find(|(a, _)| a.contains(at)) else {
            return Handled::Passed;
        };
        // Row within a pane or a part of it that has a frame, and rows that it has.
        let row = |area: Rect| usize::from(mouse.row.saturating_sub(area.y + 1));
        let height = |area: Rect| usize::from(area.height.saturating_sub(2));
        match mouse.kind {
            MouseEventKind::Moved => {
                app.hover = under(
                    app.session().filter(|_| areas.rows.contains(at)),
                    areas.rows,
                    at,
                );
            }
            MouseEventKind::ScrollDown | MouseEventKind::ScrollUp => {
                app.pane = if pane == Pane::Token {
                    Pane::Completion
                } else {
                    pane
                };
                return Handled::Step(if mouse.kind == MouseEventKind::ScrollDown {
                    Action::RowDown
                } else {
                    Action::RowUp
                });
            }
            MouseEventKind::Down(MouseButton::Left) if areas.branches.contains(at) => {
                return self.branches.handle(event, app);
            }
            MouseEventKind::Down(MouseButton::Left) if areas.spans.contains(at) => {
                app.click_span(row(area), height(area));
            }
            MouseEventKind::Down(MouseButton::Left) if areas.rows.contains(at) => {
                app.click_completion(
                    usize::from(mouse.row - areas.rows.y),
                    mouse.column - areas.rows.x,
                );
            }
            MouseEventKind::Down(MouseButton::Left) => {
                app.pane = pane;
                match pane {
                    Pane::Prompts => app.click_prompt(row(area), height(area)),
                    Pane::Documents if app.click_document(row(area), height(area)) => {
                        return Handled::Step(Action::Open);
                    }
                    _ => {}
                }
            }
            _ => return Handled::Passed,
        }
        Handled::Done(Vec::new())
    }
}

/// The token of a session under the mouse.
fn under(session: Option<&Session>, rows: Rect, at: Position) -> Option<usize> {
    let session = session?;
    let row = session.scroll + usize::from(at.y - rows.y);
    session.layout.token_at(row, at.x - rows.x)
}
