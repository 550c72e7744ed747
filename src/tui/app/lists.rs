//! Which prompts are listed, and what a click chooses.

use super::{App, Effect, Entry, Pane, flags};
use crate::tui::action::Action;

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
            let session = e.sessions.get(e.shown).and_then(|&i| self.sessions.get(i));
            let right = session
                .and_then(|s| s.trace.as_ref())
                .and_then(|t| t.answer.right);
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
        self.listed = (0..self.entries.len())
            .filter(|&i| fits(&self.entries[i]))
            .collect();
        self.selected = self.selected.min(self.listed.len().saturating_sub(1));
    }

    /// First entry listed on a screen of so many rows.
    pub fn first_listed(&self, height: usize) -> usize {
        let from = (self.selected + 1).saturating_sub(height.max(1) * 3 / 4);
        from.min(self.listed.len().saturating_sub(height))
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
