//! `/`: what is searched is what has the focus.

use super::{App, Mode, Pane};

/// What a search looks through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Within {
    Prompts,
    #[default]
    Chain,
    /// The list of documents.
    Documents,
    /// The document that is open.
    Document,
}

impl Within {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Within::Prompts => "prompts",
            Within::Chain => "chain",
            Within::Documents => "documents",
            Within::Document => "document",
        }
    }
}

impl App {
    /// What a search that begins now looks through.
    pub(super) fn within(&self) -> Within {
        match (&self.mode, self.pane) {
            (Mode::Document(_), _) => Within::Document,
            (_, Pane::Prompts) => Within::Prompts,
            (_, Pane::Documents) => Within::Documents,
            _ => Within::Chain,
        }
    }

    /// To the next match, or the one before; past the end from the beginning.
    pub(super) fn find(&mut self, forward: bool) {
        let text = self.search.clone();
        let found = match self.searched {
            Within::Chain => self.session_mut().and_then(|s| {
                let token = s.find(&text, forward)?;
                s.go(token);
                Some(())
            }),
            Within::Prompts => self.find_prompt(&text, forward),
            Within::Documents => self.find_document(&text, forward),
            Within::Document => self.find_line(&text, forward),
        };
        if found.is_none() && !text.is_empty() {
            self.say(format!("not in the {}: {text}", self.searched.name()));
        }
    }

    fn find_prompt(&mut self, text: &str, forward: bool) -> Option<()> {
        let holds = |place: usize| {
            let p = &self.entries[self.listed[place]].prompt;
            contains(&p.id, text) || contains(&p.question, text)
        };
        self.selected = next(self.listed.len(), self.selected, forward, holds)?;
        Some(())
    }

    fn find_document(&mut self, text: &str, forward: bool) -> Option<()> {
        let hits = &self.found.hits;
        let holds = |i: usize| contains(&hits[i].id, text) || contains(&hits[i].text, text);
        self.hit = next(hits.len(), self.hit, forward, holds)?;
        Some(())
    }

    fn find_line(&mut self, text: &str, forward: bool) -> Option<()> {
        let page = self.document()?;
        let holds = |row: usize| contains(&page.text[page.rows[row].clone()], text);
        let Mode::Document(line) = self.mode else {
            return None;
        };
        let row = next(page.rows.len(), line, forward, holds)?;
        self.mode = Mode::Document(row);
        Some(())
    }

    /// Opens the chosen document where the match is in sight.
    pub(super) fn read_document(&mut self) {
        let Some(page) = self.document() else {
            return;
        };
        let row = page.rows.partition_point(|r| r.end < page.matched.start);
        self.mode = Mode::Document(row.saturating_sub(3));
    }
}

/// Whether a text holds another; capitals count only where the one searched has some.
pub fn contains(text: &str, wanted: &str) -> bool {
    let smart = wanted.chars().any(char::is_uppercase);
    !wanted.is_empty()
        && if smart {
            text.contains(wanted)
        } else {
            text.to_lowercase().contains(&wanted.to_lowercase())
        }
}

/// The next place, round the end, that is as wanted; `at` itself comes last.
fn next(count: usize, at: usize, forward: bool, wanted: impl Fn(usize) -> bool) -> Option<usize> {
    let place = |i: usize| {
        if forward {
            (at + i) % count
        } else {
            (at + count - i % count) % count
        }
    };
    (1..=count).map(place).find(|&i| wanted(i))
}
