//! Which prompts are listed, in which order, and what a click chooses.

use super::columns::Column;
use super::entry::{ListedTrace, PromptEntry};
use super::state::{App, Pane};
use crate::tui::filter::{Filter, Row, Value, sort};
use crate::tui::session::Session;
use rotescope_trace::{Flag, Step};

/// How many steps are flagged or judged wrong.
pub fn flags(steps: &[Step]) -> usize {
    let bad = |s: &&Step| {
        s.flag.as_ref().is_some_and(Flag::is_raised) || s.verdict.as_ref().is_some_and(|v| !v.right)
    };
    steps.iter().filter(bad).count()
}

/// A line of the list, for filters.
struct Line<'a> {
    app: &'a App,
    entry: &'a PromptEntry,
}

impl Row for Line<'_> {
    fn value(&self, column: &str) -> Option<Value<'_>> {
        self.app.value(self.entry, Column::named(column)?)
    }

    /// A state, or a part of id, task, split or question.
    fn holds(&self, word: &str) -> bool {
        let (app, e) = (self.app, self.entry);
        match word {
            "right" => app.right(e) == Some(true),
            "wrong" => app.right(e) == Some(false),
            "run" => app.has_run(e),
            "flagged" => app.flags(e) > 0,
            "noted" => app.notes.count(&e.prompt.id) > 0,
            text => {
                let p = &e.prompt;
                let known = [
                    Some(&p.id),
                    p.task.as_ref(),
                    p.split.as_ref(),
                    Some(&p.question),
                ];
                let mut known = known.into_iter().flatten();
                known.any(|t| t.to_lowercase().contains(text))
            }
        }
    }
}

impl App {
    /// Lists the entries that the filter lets through, in their order.
    pub fn list(&mut self) {
        if let Some(records) = &mut self.records {
            return records.relist(&self.filter);
        }
        let filter = Filter::parse(&self.filter, |name| Column::named(name).is_some());
        let line = |i: &usize| Line {
            app: self,
            entry: &self.entries[*i],
        };
        let mut listed: Vec<usize> = (0..self.entries.len())
            .filter(|i| filter.lets_through(&line(i)))
            .collect();
        match self.order.column {
            Column::File if self.order.falls() => listed.reverse(),
            Column::File => {}
            column => sort(&mut listed, self.order.falls(), |i| {
                self.value(&self.entries[i], column)
            }),
        }
        // The prompt that was selected stays so, if it is still there.
        let was = self.listed.get(self.selected);
        let there = was.and_then(|was| listed.iter().position(|i| i == was));
        self.selected = there.unwrap_or(0);
        self.listed = listed;
    }

    /// What a column says of an entry.
    pub(super) fn value<'a>(&'a self, e: &'a PromptEntry, column: Column) -> Option<Value<'a>> {
        let (run, saved) = (self.last_run(e), e.saved.as_deref());
        let text = |t: &'a Option<String>| t.as_deref().map(Value::Text);
        // Of what has been run or is listed by its file.
        let count = |run_has: fn(&Session) -> usize, saved_has: fn(&ListedTrace) -> usize| {
            let n = run.map(run_has).or(saved.map(saved_has))?;
            Some(Value::Number(n as f64))
        };
        match column {
            Column::File => None,
            Column::Id => Some(Value::Text(&e.prompt.id)),
            Column::Task => text(&e.prompt.task),
            Column::Split => text(&e.prompt.split),
            Column::Question => Some(Value::Text(&e.prompt.question)),
            Column::Answer => match run {
                Some(s) => text(&s.trace.as_ref()?.answer.extracted),
                None => text(&saved?.answer),
            },
            Column::Right => Some(Value::Number(f64::from(u8::from(self.right(e)?)))),
            Column::Flags => count(|s| flags(&s.steps), |s| s.flags),
            Column::Steps => count(|s| s.steps.len(), |s| s.steps),
            Column::Tokens => count(|s| s.tokens().len(), |s| s.tokens),
            Column::Notes => match self.notes.count(&e.prompt.id) {
                0 => None,
                n => Some(Value::Number(n as f64)),
            },
        }
    }

    /// Whether an entry has a completion.
    pub(super) fn has_run(&self, e: &PromptEntry) -> bool {
        e.saved.is_some() || self.last_run(e).is_some()
    }

    /// The run of a prompt that is shown, where it is in memory.
    fn last_run(&self, e: &PromptEntry) -> Option<&Session> {
        let session = self.sessions.get(*e.sessions.get(e.shown)?)?;
        (!session.unread).then_some(session)
    }

    /// Whether the answer of an entry is right, where that is known.
    pub fn right(&self, e: &PromptEntry) -> Option<bool> {
        match self.last_run(e) {
            Some(s) => s.trace.as_ref()?.answer.right,
            None => e.saved.as_ref()?.right,
        }
    }

    /// How many steps of an entry are flagged or judged wrong.
    pub fn flags(&self, e: &PromptEntry) -> usize {
        match self.last_run(e) {
            Some(s) => flags(&s.steps),
            None => e.saved.as_ref().map_or(0, |s| s.flags),
        }
    }

    /// First entry listed on a screen of so many rows.
    pub fn first_listed(&self, height: usize) -> usize {
        let from = (self.selected + 1).saturating_sub(height.max(1) * 3 / 4);
        from.min(self.listed.len().saturating_sub(height))
    }

    /// First run of the tree on a screen of so many rows.
    pub fn first_branch(&self, height: usize) -> usize {
        let at = self.entry().and_then(|e| {
            let tree = self.branches(e);
            tree.iter().position(|b| b.place == e.shown)
        });
        (at.unwrap_or(0) + 1).saturating_sub(height)
    }

    /// First verbatim span listed on a screen of so many rows.
    pub fn first_span(&self, height: usize) -> usize {
        let at = self.session().and_then(|s| s.span).unwrap_or(0);
        (at + 1).saturating_sub(height)
    }

    /// Selects the prompt on a row of the list.
    pub fn click_prompt(&mut self, row: usize, height: usize) {
        let place = self.first_listed(height) + row;
        if place < self.listed.len() {
            self.selected = place;
        }
    }

    /// Selects the document on a row; whether it was selected already.
    pub fn click_document(&mut self, row: usize, height: usize) -> bool {
        let place = (self.hit + 1).saturating_sub(height) + row;
        let again = place == self.hit;
        self.hit = place.min(self.found.hits.len().saturating_sub(1));
        again
    }

    /// Shows the run on a row of the tree.
    pub fn click_branch(&mut self, row: usize, height: usize) {
        let place = self.first_branch(height) + row;
        let branch = self
            .entry()
            .and_then(|e| self.branches(e).get(place).copied());
        if let Some(branch) = branch {
            self.show_branch(branch.place);
        }
    }

    /// Goes to the verbatim span on a row of their list.
    pub fn click_span(&mut self, row: usize, height: usize) {
        self.show_span(self.first_span(height) + row);
    }

    /// Puts the cursor on the token that was clicked.
    pub fn click_completion(&mut self, row: usize, x: u16) {
        self.pane = Pane::Completion;
        if let Some(s) = self.session_mut()
            && let Some(token) = s.layout.token_at(s.scroll + row, x)
        {
            s.span = None;
            s.go(token);
        }
    }
}
