//! One thing that a completion can be compared with.

use rotescope_study::perturb::Plan;
use rotescope_trace::Prompt;

/// One line of the list.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What it is, in a word.
    pub kind: &'static str,
    pub name: String,
    /// What choosing it does, or what it says.
    pub says: String,
    pub with: With,
}

/// Where the other completion comes from.
#[derive(Debug, Clone)]
pub enum With {
    /// A completion that is there.
    Session(usize),
    /// A trace of a file that is to be read first.
    Saved(usize),
    /// A prompt that is to be run first.
    Entry(usize),
    /// The prompt changed by an operator.
    Changed(Box<Prompt>),
    /// The same by an operator that asks the corpus, which takes a moment.
    Asked(Plan),
    /// The same by operators that are to be typed.
    Typed,
}

impl Choice {
    /// Whether something has to be run first.
    pub fn runs(&self) -> bool {
        !matches!(self.with, With::Session(_) | With::Saved(_))
    }
}
