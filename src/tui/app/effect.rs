//! What is to be done outside of the app's state.

use std::path::PathBuf;

use crate::run::live::{Job, Passage};
use crate::tui::desk::Task;
use rotescope_study::perturb::Plan;
use rotescope_trace::{Prompt, Span};

/// What is to be done outside of the app's state.
#[derive(Debug)]
pub enum Effect {
    Run(Box<Job>),
    Cancel,
    /// The token of the running completion that is looked at.
    LookAt(usize),
    Documents(Passage),
    Verbatim(u64, Vec<u32>),
    /// What of the steps of a job's output a document has.
    Regions(u64, String, Vec<Span>),
    /// Change a prompt by operators that ask the corpus.
    Change(Box<Prompt>, Plan),
    Copy(String),
    /// Write what is on the screen to this file.
    Picture(PathBuf),
    /// What takes long: it is done beside the screen.
    Work(Box<Task>),
    Mouse(bool),
    /// Ring the bell, and say this where the terminal shows what is said.
    Ring(String),
    Suspend,
    Quit,
}
