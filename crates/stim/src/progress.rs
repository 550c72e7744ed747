//! What happens while a completion is attributed, and what it takes.

use rotescope_trace::Token;

/// What happens while a completion is attributed, in order.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// The model reads: how much of the part at work is done (passes; for [`AttributionPart::Mid`] starts of windows, of those a step needs).
    Passes {
        part: AttributionPart,
        done: usize,
        total: usize,
    },
    /// A token is done: mid, long, measures and cause are in it. `done` of `total` tokens are.
    Token {
        index: usize,
        token: &'a Token,
        done: usize,
        total: usize,
    },
}

/// What the model is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributionPart {
    /// The shortest eliciting windows.
    Windows,
    /// Which words of the question matter.
    Long,
    /// Which words of the output matter.
    Mid,
    /// Which words the model makes of its candidates.
    Candidates,
}

/// Progress of passes, as the caller of the completion sees it.
pub(super) fn part<'p>(
    part: AttributionPart,
    on_progress: &'p mut dyn FnMut(Progress),
) -> impl FnMut(usize, usize) + use<'p> {
    move |done, total| on_progress(Progress::Passes { part, done, total })
}

/// What the attribution of a completion took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Tokens that were scored.
    pub tokens: usize,
    /// All that the model read.
    pub whole: Reading,
    /// By what it was read for, in the order of [`AttributionPart`].
    pub parts: [Reading; 4],
    /// Wall-clock seconds of all.
    pub seconds: f64,
}

/// What the model read.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Reading {
    /// Sequences.
    pub passes: usize,
    /// Tokens that were evaluated; fewer than the sequences hold, since prefixes are shared.
    pub evaluated: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
}
