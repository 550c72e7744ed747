//! The views that lie over the panes, and which action opens each; [`super::component`] says how to add one.
//!
//! | file | what it is |
//! |---|---|
//! | [`help`] | all keys |
//! | [`palette`] | commands by a part of their name |
//! | [`themes`] | the themes, each seen before it is taken |
//! | [`write`](mod@write) | a prompt that is written |
//! | [`document`] | a document that is read |
//! | [`labs`] | worlds in which it is known when memorizing takes over, and their pictures |
//! | [`line`](mod@line) | one line that is typed: a search, a filter, a file's name |

pub mod document;
pub mod help;
pub mod labs;
pub mod line;
pub mod palette;
pub mod themes;
pub mod write;

use self::document::DocumentView;
use self::help::Help;
use self::labs::LabView;
use self::line::LineView;
use self::palette::Palette;
use self::themes::ThemeList;
use self::write::Write;
use super::action::Action;
use super::app::{App, Pane};
use super::compare::choose::Choose;
use super::component::Component;

/// The view that an action opens, if it opens one now.
pub fn open(action: Action, app: &mut App) -> Option<Box<dyn Component>> {
    Some(match action {
        Action::Help => Box::new(Help::default()),
        Action::Palette => Box::new(Palette::default()),
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
