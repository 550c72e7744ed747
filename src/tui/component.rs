//! Views of the app, in layers: what an event does to the one on top, and what it passes on to those below.
//!
//! # How to add a view
//!
//! 1. Write it in a file of its own in `views/` (see [`super::views::help`] for a small one): a type that holds what only the view knows, such
//!    as the line that is chosen, and its [`Component`].
//! 2. Name the file in `views/mod.rs`, and say in [`super::views::open`] which action opens the view.
//! 3. If that is a new action, add it to the enumeration and to the table of `action.rs`. The help, the palette, the configuration and
//!    `docs/keys.md` are made from the table (`rotescope keys > docs/keys.md`).
//!
//! That is all: [`super::ui::Ui`] brings events to the view, draws it over what lies below, takes its keys into the bottom line, and closes it
//! by the key that stops. What other parts of the app need to know or change, such as the row of the open document that a search goes to, is
//! not the view's but the state's, [`App`].

use std::any::Any;

use crossterm::event::{KeyEvent, MouseEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::action::Action;
use super::app::{App, Effect};
use super::editor::Editor;
use super::style::Paint;

/// What comes to a view.
#[derive(Debug, Clone)]
pub enum ViewEvent {
    Action(Action),
    /// A key, to a view that is typed into.
    Key(KeyEvent),
    Paste(String),
    Mouse(MouseEvent),
}

/// What a view does with an event.
pub enum Handled {
    /// It is not the view's: those below get it, and then the app.
    Passed,
    /// The view has used it.
    Done(Vec<Effect>),
    /// And it is not needed any more.
    Close(Vec<Effect>),
    /// Another view takes its place.
    Instead(Box<dyn Component>),
    /// It closes, if it lies over others, and this is done.
    Step(Action),
}

/// Where a view may draw.
#[derive(Debug, Clone, Copy)]
pub struct ViewPlace {
    /// Between the lines at the top and at the bottom.
    pub body: Rect,
    /// The bottom line.
    pub foot: Rect,
}

/// A view.
pub trait Component: Any {
    /// What an event does. An action to stop that is passed closes a view that lies over others.
    fn handle(&mut self, event: &ViewEvent, app: &mut App) -> Handled;

    /// Draws the view; it may keep where things are, for the mouse.
    fn draw(&mut self, frame: &mut Frame, place: ViewPlace, app: &mut App, paint: Paint);

    /// The line or text that is typed. Such a view gets keys, not actions.
    fn editor(&mut self) -> Option<&mut Editor> {
        None
    }

    /// Its help: what the bottom line says while no other view with help lies over it.
    fn help(&self) -> Vec<(Action, &'static str)> {
        Vec::new()
    }
}
