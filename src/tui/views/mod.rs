//! The views that lie over the panes, and which action opens each; [`super::component`] says how to add one.
//!
//! | file | what it is |
//! |---|---|
//! | [`help`] | all keys |
//! | [`finder`] | one line of many, by letters of it: commands, prompts, notes, columns to sort by |
//! | [`tour`] | five screens for who opens the app for the first time |
//! | [`themes`] | the themes, each seen before it is taken |
//! | [`write`](mod@write) | a prompt that is written |
//! | [`document`] | a document that is read |
//! | [`labs`] | worlds in which it is known when memorizing takes over, and their pictures |
//! | [`line`](mod@line) | one line that is typed: a search, a filter, a note, a file's name |

pub mod document;
pub mod finder;
pub mod help;
pub mod labs;
pub mod line;
pub mod themes;
pub mod tour;
pub mod write;

use self::document::DocumentView;
use self::finder::Finder;
use self::help::Help;
use self::labs::LabView;
use self::line::LineView;
use self::themes::ThemeList;
use self::tour::Tour;
use self::write::Write;
use super::action::Action;
use super::app::{App, Pane};
use super::compare::choose::Choose;
use super::component::Component;

/// The view that an action opens, if it opens one now.
pub fn open(action: Action, app: &mut App) -> Option<Box<dyn Component>> {
    Some(match action {
        Action::Help => Box::new(Help::default()),
        Action::Palette => Box::new(Finder::commands(app)),
        Action::Find => Box::new(Finder::prompts(app)),
        Action::Notes => Box::new(Finder::notes(app)?),
        Action::SortPrompts => Box::new(Finder::columns(app)),
        Action::Note => Box::new(LineView::note(app)?),
        Action::Screenshot => Box::new(LineView::screenshot(app)),
        Action::Tour => Box::new(Tour::default()),
        Action::Labs => Box::new(LabView::new(app)),
        Action::Theme => Box::new(ThemeList::new(app)),
        Action::Edit => Box::new(Write::default()),
        Action::Search => Box::new(LineView::search(app)),
        Action::Filter => Box::new(LineView::filter(app)),
        Action::Export => Box::new(LineView::export(app)?),
        Action::Compare => Box::new(Choose::new(app)?),
        Action::Open if app.pane == Pane::Documents && app.read_document() => {
            Box::new(DocumentView)
        }
        _ => return None,
    })
}
