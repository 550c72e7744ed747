//! Which prompts are listed, in which order, and what a click chooses.

use super::{App, Effect, Entry, Pane, flags};
use crate::tui::action::Action;
use crate::tui::session::Session;

/// How the prompts are sorted; equal ones stay as in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    File,
    Id,
    Task,
    Split,
    /// Wrong answers, right ones, those without.
    Wrong,
    /// Most flagged steps first.
    Flags,
    /// Most tokens first.
    Length,
}

impl Order {
    const ALL: [Order; 7] = [
        Order::File,
        Order::Id,
        Order::Task,
        Order::Split,
        Order::Wrong,
        Order::Flags,
        Order::Length,
    ];

    pub fn next(self) -> Order {
        let at = Self::ALL.iter().position(|o| *o == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    /// For people: what the prompts are sorted by.
    pub fn name(self) -> &'static str {
        match self {
            Order::File => "their order in the file",
            Order::Id => "id",
            Order::Task => "task",
            Order::Split => "split",
            Order::Wrong => "wrong answers first",
            Order::Flags => "flags",
            Order::Length => "length",
        }
    }
}

impl App {
    /// Lists the entries that the filter lets through: all its words must be in id, task, split or question, or be a state.
    pub fn list(&mut self) {
        let words: Vec<String> = self
            .filter
            .to_lowercase()
            .split_whitespace()
            .map(String::from)
            .collect();
        let fits = |e: &Entry| {
            let (session, right) = (self.last_run(e), self.right(e));
            words.iter().all(|w| match w.as_str() {
                "right" => right == Some(true),
                "wrong" => right == Some(false),
                "run" => session.is_some(),
                "flagged" => session.is_some_and(|s| flags(s) > 0),
                w => {
                    let p = &e.prompt;
                    [
                        Some(&p.id),
                        p.task.as_ref(),
                        p.split.as_ref(),
                        Some(&p.question),
                    ]
                    .into_iter()
                    .flatten()
                    .any(|t| t.to_lowercase().contains(w))
                }
            })
        };
        let mut listed: Vec<usize> = (0..self.entries.len())
            .filter(|&i| fits(&self.entries[i]))
            .collect();
        match self.order {
            Order::File => {}
            Order::Id => listed.sort_by_key(|&i| &self.entries[i].prompt.id),
            Order::Task => listed.sort_by_key(|&i| &self.entries[i].prompt.task),
            Order::Split => listed.sort_by_key(|&i| &self.entries[i].prompt.split),
            Order::Wrong => listed.sort_by_key(|&i| match self.right(&self.entries[i]) {
                Some(false) => 0,
                Some(true) => 1,
                None => 2,
            }),
            Order::Flags => listed.sort_by_key(|&i| {
                std::cmp::Reverse(self.last_run(&self.entries[i]).map_or(0, flags))
            }),
            Order::Length => listed.sort_by_key(|&i| {
                let run = self.last_run(&self.entries[i]);
                std::cmp::Reverse(run.map_or(0, |s| s.tokens.len()))
            }),
        }
        // The prompt that was selected stays so, if it is still there.
        let was = self.listed.get(self.selected);
        let there = was.and_then(|was| listed.iter().position(|i| i == was));
        self.selected = there.unwrap_or(0);
        self.listed = listed;
    }

    /// The run of a prompt that is shown.
    fn last_run(&self, e: &Entry) -> Option<&Session> {
        self.sessions.get(*e.sessions.get(e.shown)?)
    }

    fn right(&self, e: &Entry) -> Option<bool> {
        self.last_run(e)?.trace.as_ref()?.answer.right
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

    /// First stretch listed on a screen of so many rows.
    pub fn first_span(&self, height: usize) -> usize {
        let at = self.session().and_then(|s| s.span).unwrap_or(0);
        (at + 1).saturating_sub(height)
    }

    /// Selects the prompt on a row of the list.
    pub fn click_prompt(&mut self, row: usize, height: usize) -> Vec<Effect> {
        let place = self.first_listed(height) + row;
        if place < self.listed.len() {
            self.selected = place;
        }
        self.look_up()
    }

    /// Selects the document on a row; opens it when it is selected already.
    pub fn click_document(&mut self, row: usize, height: usize) -> Vec<Effect> {
        let place = (self.hit + 1).saturating_sub(height) + row;
        if place == self.hit {
            return self.step(Action::Open);
        }
        self.hit = place.min(self.found.hits.len().saturating_sub(1));
        Vec::new()
    }

    /// Shows the run on a row of the tree.
    pub fn click_branch(&mut self, row: usize, height: usize) -> Vec<Effect> {
        let place = self.first_branch(height) + row;
        let branch = self
            .entry()
            .and_then(|e| self.branches(e).get(place).copied());
        if let Some(branch) = branch {
            self.show_branch(branch.place);
        }
        self.look_up()
    }

    /// Goes to the stretch on a row of their list.
    pub fn click_span(&mut self, row: usize, height: usize) -> Vec<Effect> {
        self.show_span(self.first_span(height) + row);
        self.look_up()
    }

    /// Puts the cursor on the token that was clicked.
    pub fn click_chain(&mut self, row: usize, x: u16) -> Vec<Effect> {
        self.pane = Pane::Chain;
        if let Some(s) = self.session_mut()
            && let Some(token) = s.layout.token_at(s.scroll + row, x)
        {
            s.span = None;
            s.go(token);
        }
        self.look_up()
    }
}
