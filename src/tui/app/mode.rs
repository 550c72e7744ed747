//! What takes the keys.

use super::Within;
use crate::tui::compare::choose::Choice;
use crate::tui::editor::Editor;
use rotescope_report::theme::Theme;

/// What lies over the panes, or takes the keys.
#[derive(Debug, Default)]
pub enum Mode {
    #[default]
    Normal,
    /// Choosing another candidate for the token at the cursor.
    Candidate(usize),
    /// Typing what to go on with instead of the token at the cursor.
    Instead(Editor),
    /// Writing a prompt.
    Edit(Editor),
    Search(Editor, Within),
    Filter(Editor),
    /// Typing the name of the file that takes the trace.
    Export(Editor),
    /// The palette, and the chosen line.
    Palette(Editor, usize),
    /// First line shown.
    Help(usize),
    /// A document, and the first row shown.
    Document(usize),
    /// Choosing a theme; the one to go back to.
    Themes(usize, Box<Theme>),
    /// What the chain can be compared with, and the chosen line.
    CompareWith(Vec<Choice>, usize),
    /// Typing operators that change the prompt for a comparison.
    Change(Editor),
}

impl Mode {
    /// The line or text that is typed.
    pub fn editor(&mut self) -> Option<&mut Editor> {
        match self {
            Mode::Edit(e)
            | Mode::Instead(e)
            | Mode::Search(e, _)
            | Mode::Filter(e)
            | Mode::Export(e)
            | Mode::Change(e)
            | Mode::Palette(e, _) => Some(e),
            _ => None,
        }
    }
}
