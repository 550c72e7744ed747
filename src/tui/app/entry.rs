//! A line of the list of prompts.

use std::path::Path;
use std::sync::Arc;

use rotescope_trace::Prompt;
use rotescope_trace::offsets::LinePlace;

/// A prompt of the list.
#[derive(Debug, Clone, Default)]
pub struct PromptEntry {
    pub prompt: Arc<Prompt>,
    /// Its sessions: the first run and the branches from it.
    pub sessions: Vec<usize>,
    /// The session shown.
    pub shown: usize,
    /// The file of traces that it was listed from.
    pub file: Option<Arc<Path>>,
    /// The trace of a file that the entry stands for.
    pub saved: Option<Box<ListedTrace>>,
}

/// A trace of a file, as its list shows it.
#[derive(Debug, Clone)]
pub struct ListedTrace {
    pub path: Arc<Path>,
    pub place: LinePlace,
    pub right: Option<bool>,
    /// Steps that are flagged or judged wrong.
    pub flags: usize,
    pub steps: usize,
    pub tokens: usize,
    /// The answer that was found in the output.
    pub answer: Option<String>,
    /// Why its line cannot be read.
    pub bad: Option<String>,
    /// Whether the entry's prompt is all of it: it is when the trace has been read once.
    pub whole: bool,
}

impl ListedTrace {
    /// A line of a file of which nothing is known.
    pub fn new(path: Arc<Path>, place: LinePlace) -> ListedTrace {
        ListedTrace {
            path,
            place,
            right: None,
            flags: 0,
            steps: 0,
            tokens: 0,
            answer: None,
            bad: None,
            whole: false,
        }
    }
}

impl PromptEntry {
    pub fn of(prompt: Prompt) -> PromptEntry {
        PromptEntry {
            prompt: Arc::new(prompt),
            ..PromptEntry::default()
        }
    }
}
