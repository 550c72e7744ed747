//! What if: another token at the cursor, and the branches that come of it.

use super::effect::Effect;
use super::entry::PromptEntry;
use super::state::{App, Pane};
use crate::run::pipeline::Prefix;
use crate::tui::session::Session;
use rotescope_trace::{Candidates, Token};

/// A run of a prompt in the tree of its runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    /// Place in [`PromptEntry::sessions`].
    pub place: usize,
    /// Branchings between it and the first run.
    pub depth: usize,
}

impl App {
    /// The runs of an entry as a tree, written from the root down: each run is followed by those that branch from it, oldest first.
    pub fn branches(&self, entry: &PromptEntry) -> Vec<Branch> {
        let parent = |place: usize| {
            let (job, _) = self.sessions[entry.sessions[place]].parent?;
            let is = |s: &usize| self.sessions[*s].job == job;
            entry.sessions.iter().position(is)
        };
        let parents: Vec<Option<usize>> = (0..entry.sessions.len()).map(parent).collect();
        let mut tree = Vec::new();
        let mut open: Vec<Branch> = roots(&parents, None, 0);
        while let Some(branch) = open.pop() {
            tree.push(branch);
            open.extend(roots(&parents, Some(branch.place), branch.depth + 1));
        }
        tree
    }

    pub(in crate::tui) fn turn_branch(&mut self, forward: bool) {
        let Some(e) = self.entry() else {
            return;
        };
        let tree = self.branches(e);
        let n = tree.len();
        if n < 2 {
            return self.say("no branches; x takes another candidate at the cursor");
        }
        let at = tree.iter().position(|b| b.place == e.shown).unwrap_or(0);
        let next = (at + if forward { 1 } else { n - 1 }) % n;
        self.show_branch(tree[next].place);
    }

    /// Shows a run of the selected prompt.
    pub fn show_branch(&mut self, place: usize) {
        if let Some(&i) = self.listed.get(self.selected) {
            let e = &mut self.entries[i];
            e.shown = place.min(e.sessions.len().saturating_sub(1));
        }
    }

    /// Takes another candidate for the token at the cursor and continues from there.
    pub(in crate::tui) fn branch(&mut self, candidate: usize) -> Vec<Effect> {
        let Some(token) = self.session().and_then(Session::token) else {
            return Vec::new();
        };
        let order = self.candidate_order(token);
        let Some(other) = order.get(candidate).map(|&i| candidate_of(token, i)) else {
            return Vec::new();
        };
        if other.text.contains('\u{FFFD}') {
            self.say("this candidate is a piece of a character; it cannot be taken alone");
            return Vec::new();
        }
        self.continue_with(Some(other), String::new())
    }

    /// Continues from the cursor with a text that was typed.
    pub(in crate::tui) fn instead(&mut self, text: &str) -> Vec<Effect> {
        if text.is_empty() {
            return Vec::new();
        }
        self.continue_with(None, text.into())
    }

    /// Branches at the cursor: what is before it, then `other` or what was `typed`.
    fn continue_with(&mut self, other: Option<Token>, typed: String) -> Vec<Effect> {
        let entry = self.listed.get(self.selected).copied();
        let Some((entry, s)) = entry.zip(self.session()) else {
            return Vec::new();
        };
        if let Some(why) = self.cannot_continue(s) {
            self.say(why);
            return Vec::new();
        }
        let parent = (s.job, s.cursor);
        let mut kept = s.tokens()[..s.cursor].to_vec();
        kept.extend(other);
        self.pane = Pane::Completion;
        self.start(entry, Prefix { kept, typed }, Some(parent))
    }
}

/// Those with this parent, the oldest last.
fn roots(parents: &[Option<usize>], of: Option<usize>, depth: usize) -> Vec<Branch> {
    let places = (0..parents.len()).rev().filter(|&i| parents[i] == of);
    places.map(|place| Branch { place, depth }).collect()
}

/// A candidate as the token that is taken, not yet scored.
fn candidate_of(token: &Token, i: usize) -> Token {
    let c = &token.candidates;
    let text = c.text[i].clone();
    Token {
        id: c.ids[i],
        skipped: rotescope_text::scored(&text)
            .err()
            .map(|s| s.name().to_string()),
        bytes: None,
        p: c.p[i],
        rank: 1 + c.p.iter().filter(|p| **p > c.p[i]).count() as u32,
        candidates: Candidates {
            local: Vec::new(),
            mid: Vec::new(),
            long: Vec::new(),
            ..c.clone()
        },
        local: None,
        mid: None,
        long: None,
        measures: Default::default(),
        cause: None,
        text,
        ..token.clone()
    }
}
