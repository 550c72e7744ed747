//! A completion as the searches for windows and salient words see it, and what they find.

use std::ops::Range;

use super::error::StimError;
use super::passes::Passes;
use super::progress::Progress;
use super::saliency::Estimate;
use rotescope_trace::Source;

/// A completion as tokens, and what of it can be masked.
pub(super) struct Chain {
    pub(super) prompt: Vec<u32>,
    pub(super) output: Vec<u32>,
    /// Tokens of the output in scope, ascending.
    pub(super) targets: Vec<usize>,
    /// Words of the question that can be salient, each as tokens of the prompt.
    pub(super) question: Vec<Vec<usize>>,
    /// Words of the output that can be salient, each as tokens of it.
    pub(super) own: Vec<Vec<usize>>,
    /// Sources that are asked for.
    pub(super) sources: Vec<Source>,
    /// Longest eliciting window that is tried, in tokens.
    pub(super) longest_window: usize,
    /// The beginning-of-text token, where the model wants one before any text.
    pub(super) bos: Option<u32>,
}

impl Chain {
    pub(super) fn wants(&self, source: Source) -> bool {
        self.sources.contains(&source)
    }

    /// Tokens before those of a window.
    pub(super) fn head(&self) -> usize {
        usize::from(self.bos.is_some())
    }

    /// Where a token in scope stands among the targets.
    pub(super) fn place(&self, t: usize) -> usize {
        self.targets.partition_point(|&x| x < t)
    }

    /// The output's tokens from `start` to before `end`, as a window.
    pub(super) fn window(&self, start: usize, end: usize) -> Vec<u32> {
        let own = self.output[start..end].iter().copied();
        self.bos.into_iter().chain(own).collect()
    }

    /// All tokens before one of the output.
    pub(super) fn before(&self, t: usize) -> Vec<u32> {
        let output = &self.output[..t];
        self.prompt.iter().chain(output).copied().collect()
    }
}

/// Tokens of words, each once and ascending.
pub(super) fn tokens_of(words: &[Vec<usize>]) -> Vec<usize> {
    let mut tokens: Vec<usize> = words.iter().flatten().copied().collect();
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// The window of one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eliciting {
    /// Tokens of the output, ending right before the token.
    pub window: Range<usize>,
    /// Whether the model, given only the window, produces the token greedily. If none does, the window is all of the output before the
    /// token, or its last part (see [`super::windows::eliciting_windows`]).
    pub elicited: bool,
}

/// Tokens, and how salient each is.
pub(super) type Salient = Vec<(usize, Estimate)>;

/// A search for eliciting windows and salient tokens.
pub(super) trait Search {
    /// Whatever a group of tokens needs that no earlier one needed.
    fn prepare(
        &mut self,
        passes: &mut Passes,
        group: &[usize],
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<(), StimError>;

    /// The window of a token of a prepared group.
    fn window(&self, t: usize) -> Option<&Eliciting>;

    /// Tokens of the output that matter for a token of a prepared group.
    fn mid(&self, t: usize) -> Salient;

    /// Tokens of the prompt that matter for it.
    fn long(&self, t: usize) -> Salient;
}
