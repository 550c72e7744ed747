//! Where the cursor goes.
//!
//! Folded tokens are passed over like one, which is the first of them; what jumps to one of the others unfolds them.

use std::ops::Range;

use super::{Session, ShownMeasure, flagged};

impl Session {
    /// Index of the step that holds a token.
    pub fn step_of(&self, token: usize) -> usize {
        let after = self.steps.partition_point(|s| s.tokens[0] <= token);
        after.saturating_sub(1)
    }

    pub fn go(&mut self, token: usize) {
        self.follow = false;
        self.cursor = token.min(self.tokens().len().saturating_sub(1));
        if self.hides(self.cursor) {
            self.folded = false;
        }
    }

    /// Whether a token is folded away.
    pub(super) fn hides(&self, token: usize) -> bool {
        self.folded && self.block(token).is_some_and(|r| r.start != token)
    }

    /// The block of reasoning that holds a token.
    fn block(&self, token: usize) -> Option<&Range<usize>> {
        self.reasoning.iter().find(|r| r.contains(&token))
    }

    /// The nearest token that is shown, in the direction of the move.
    fn shown(&self, token: usize, forward: bool) -> usize {
        match self.block(token) {
            Some(r) if self.hides(token) && forward => r.end,
            Some(r) if self.hides(token) => r.start,
            _ => token,
        }
    }

    pub fn go_by(&mut self, by: isize) {
        let to = self.cursor.saturating_add_signed(by);
        self.go(self.shown(to, by > 0));
    }

    /// Folds the reasoning, or shows it; whether there is any.
    pub fn fold_reasoning(&mut self) -> bool {
        if self.reasoning.is_empty() {
            return false;
        }
        self.folded = !self.folded;
        if let Some(r) = self.block(self.cursor).cloned().filter(|_| self.folded) {
            self.cursor = r.start;
        }
        true
    }

    pub fn go_word(&mut self, forward: bool) {
        let begins = |i: usize| {
            let t = self.text(i);
            i == 0 || t.starts_with(' ') && t.len() > 1 || self.text(i - 1) == " "
        };
        let found = if forward {
            (self.cursor + 1..self.tokens().len()).find(|&i| begins(i) && !self.hides(i))
        } else {
            (0..self.cursor)
                .rev()
                .find(|&i| begins(i) && !self.hides(i))
        };
        self.go(found.unwrap_or(if forward { usize::MAX } else { 0 }));
    }

    pub fn go_step(&mut self, forward: bool) {
        let step = self.step_of(self.cursor);
        let at_start = self
            .steps
            .get(step)
            .is_some_and(|s| s.tokens[0] == self.cursor);
        let to = if forward {
            step + 1
        } else if at_start {
            step.saturating_sub(1)
        } else {
            step
        };
        if let Some(s) = self.steps.get(to) {
            self.go(self.shown(s.tokens[0], forward));
        }
    }

    /// To the next step that is flagged or judged wrong, at the token that speaks loudest; without flags, to the next token of full strength.
    pub fn go_flag(&mut self, forward: bool, measure: ShownMeasure) {
        let mut flags = self.steps.iter().filter_map(flagged).peekable();
        let found = if flags.peek().is_some() {
            match forward {
                true => flags.filter(|&i| i > self.cursor).min(),
                false => flags.filter(|&i| i < self.cursor).max(),
            }
        } else {
            let strong = |&i: &usize| {
                let scored = measure.of(&self.tokens()[i]);
                scored.is_some_and(|(_, v)| rotescope_report::theme::strength(v) == 5)
            };
            // Of a long completion no more is looked at than what lies between.
            match forward {
                true => (self.cursor + 1..self.tokens().len()).find(strong),
                false => (0..self.cursor).rev().find(strong),
            }
        };
        if let Some(i) = found {
            self.go(i);
        }
    }
}
