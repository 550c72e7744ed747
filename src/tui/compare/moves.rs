//! Where actions take the cursor.

use super::view::View;
use crate::tui::action::Action;

/// What became of an action.
#[derive(Debug, PartialEq, Eq)]
pub enum MoveOutcome {
    Moved,
    /// Nothing to go to, in words.
    Said(&'static str),
    /// The action is none of the view's.
    Passed,
}

impl View {
    /// Does what an action says, where it is one of the view's.
    pub fn act(&mut self, action: Action) -> MoveOutcome {
        use Action::*;
        let page = self.page.max(2) as isize - 1;
        match action {
            NextToken => self.go(self.after(self.cursor)),
            PreviousToken => self.go(self.before(self.cursor)),
            First => self.go((0..=self.last()).find(|&i| self.visible(i))),
            Last => self.go((0..=self.last()).rev().find(|&i| self.visible(i))),
            NextWord => self.go(self.word(true)),
            PreviousWord => self.go(self.word(false)),
            NextStep => self.go(self.next_step()),
            PreviousStep => self.go(self.previous_step()),
            RowDown => self.go(self.vertical(1)),
            RowUp => self.go(self.vertical(-1)),
            PageDown => self.go(self.vertical(page)),
            PageUp => self.go(self.vertical(-page)),
            NextFlag | PreviousFlag => {
                let Some(to) = self.divergence(action == NextFlag) else {
                    return MoveOutcome::Said("the completions do not diverge");
                };
                self.go(Some(to));
            }
            FirstDivergence => match self.comparison.first_divergence {
                Some(to) => self.go(Some(to)),
                None => return MoveOutcome::Said("the completions do not diverge"),
            },
            TopChange => match self.comparison.top_change {
                Some(to) => self.show(to),
                None => return MoveOutcome::Said("no probability and no score differs"),
            },
            OnlyDifferences => {
                self.only_differences = !self.only_differences;
                let near = self.after(self.cursor).or_else(|| self.before(self.cursor));
                if !self.visible(self.cursor) {
                    self.go(near);
                }
            }
            _ => return MoveOutcome::Passed,
        }
        MoveOutcome::Moved
    }

    fn go(&mut self, pair: Option<usize>) {
        if let Some(pair) = pair {
            self.cursor = pair.min(self.last());
        }
    }

    /// Goes to a pair, unfolding where it is folded away.
    fn show(&mut self, pair: usize) {
        self.only_differences &= self.visible(pair);
        self.go(Some(pair));
    }

    fn after(&self, pair: usize) -> Option<usize> {
        (pair + 1..self.comparison.tokens.len()).find(|&i| self.visible(i))
    }

    fn before(&self, pair: usize) -> Option<usize> {
        (0..pair).rev().find(|&i| self.visible(i))
    }

    /// The next pair, or the one before, at which a word begins on either side.
    fn word(&self, forward: bool) -> Option<usize> {
        let begins = |i: &usize| {
            let t = &self.comparison.tokens[*i];
            let leads = |text: &str| text.starts_with(' ') && text.len() > 1;
            self.visible(*i) && (*i == 0 || leads(&t.text_a) || leads(&t.text_b))
        };
        if forward {
            (self.cursor + 1..self.comparison.tokens.len()).find(begins)
        } else {
            (0..self.cursor).rev().find(begins)
        }
    }

    /// The first pair of the next step that is shown.
    fn next_step(&self) -> Option<usize> {
        let here = self.step()?;
        (self.cursor..self.homes.len()).find(|&i| self.visible(i) && self.home(i) != Some(here))
    }

    /// The first pair of this step, or of the step before where the cursor is there already.
    fn previous_step(&self) -> Option<usize> {
        let start = |from: usize| {
            let step = self.home(from);
            (0..from)
                .rev()
                .take_while(|&i| self.home(i) == step)
                .last()
                .unwrap_or(from)
        };
        self.step()?;
        let here = start(self.cursor);
        if here < self.cursor {
            return Some(here);
        }
        self.before(here).map(start)
    }

    /// The next stretch that diverges, or the one before; around the end.
    fn divergence(&self, forward: bool) -> Option<usize> {
        let all = &self.divergences;
        let next = all.partition_point(|&i| i <= self.cursor);
        let before = all.partition_point(|&i| i < self.cursor);
        let to = if forward {
            all.get(next).or(all.first())
        } else {
            before
                .checked_sub(1)
                .and_then(|i| all.get(i))
                .or(all.last())
        };
        to.copied()
    }

    /// The pair so many lines away, at about the same column.
    fn vertical(&self, by: isize) -> Option<usize> {
        let (side, token) = self.side(self.cursor)?;
        let from = self.rows.line_of(side, token)?;
        let last = self.rows.lines().len().checked_sub(1)?;
        let to = from.saturating_add_signed(by).min(last);
        let x = self.rows.column_of(side, token);
        let at = |line: usize| {
            let found = [side, 1 - side]
                .into_iter()
                .find_map(|s| Some((s, self.rows.token_at(line, s, x)?)));
            found.map(|(s, token)| self.pair_of[s][token])
        };
        // A line that says what is folded is passed over.
        if by > 0 {
            (to..=last)
                .find_map(at)
                .or((from + 1..to).rev().find_map(at))
        } else {
            (0..=to).rev().find_map(at).or((to..from).find_map(at))
        }
    }

    /// Puts the cursor on the token at a column of a line of a side.
    pub fn click(&mut self, line: usize, side: usize, x: u16) {
        let token = self.rows.token_at(self.scroll + line, side, x);
        self.go(token.map(|t| self.pair_of[side][t]));
    }
}
