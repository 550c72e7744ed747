//! Moving in what has the focus.

use super::{App, Mode, Pane};
use crate::themes::THEMES;
use crate::tui::action::{Action, TABLE};
use crate::tui::session::Session;

impl App {
    pub(super) fn next_span(&mut self) {
        let Some(s) = self.session() else {
            return;
        };
        if s.spans.is_empty() {
            return self
                .say("no stretch of four tokens or more stands in the corpus word for word");
        }
        let next = s.span.map_or(0, |i| (i + 1) % s.spans.len());
        self.show_span(next);
    }

    /// Goes to a stretch of the chain that stands in the corpus word for word.
    pub fn show_span(&mut self, place: usize) {
        let Some(s) = self.session_mut() else {
            return;
        };
        let Some(v) = s.spans.get(place).cloned() else {
            return;
        };
        let count = s.spans.len();
        s.go(v.tokens[0]);
        s.span = Some(place);
        self.say(format!(
            "word for word in the corpus: stretch {} of {count}, {} tokens, {} times",
            place + 1,
            v.tokens[1] - v.tokens[0],
            v.occurrences
        ));
    }

    /// Moves in whatever has the focus.
    pub(super) fn go(&mut self, action: Action) {
        use Action::*;
        let page = self.page.max(2) as isize - 1;
        let by = match action {
            RowDown | NextToken => 1,
            RowUp | PreviousToken => -1,
            PageDown => page,
            PageUp => -page,
            First => isize::MIN / 2,
            Last => isize::MAX / 2,
            _ => 0,
        };
        let moved = |at: usize, last: usize| at.saturating_add_signed(by).min(last);
        let candidates = self
            .session()
            .and_then(Session::token)
            .map_or(0, |t| t.candidates.ids.len());
        let rows = match self.mode {
            Mode::Document(_) => self.document().map_or(0, |d| d.rows.len()),
            _ => 0,
        };
        match &mut self.mode {
            Mode::Candidate(i) => return *i = moved(*i, candidates.saturating_sub(1)),
            Mode::Help(line) => return *line = moved(*line, TABLE.len()),
            Mode::Document(line) => return *line = moved(*line, rows.saturating_sub(1)),
            Mode::Themes(line, _) => {
                let names = THEMES.names();
                *line = moved(*line, names.len().saturating_sub(1));
                let theme = names.get(*line).and_then(|n| THEMES.builtin(n));
                self.theme = theme.unwrap_or_else(|| self.theme.clone());
                return;
            }
            _ => {}
        }
        let (pane, measure) = (self.pane, self.measure);
        match pane {
            Pane::Prompts if by != 0 => {
                self.selected = moved(self.selected, self.listed.len().saturating_sub(1));
                return;
            }
            Pane::Documents if by != 0 => {
                self.hit = moved(self.hit, self.found.hits.len().saturating_sub(1));
                return;
            }
            _ => {}
        }
        let Some(s) = self.session_mut() else {
            return;
        };
        s.span = None;
        match action {
            NextToken | PreviousToken => s.go_by(by),
            RowDown | RowUp | PageDown | PageUp => {
                if let Some(t) = s.layout.vertical(s.cursor, by) {
                    s.go(t);
                }
            }
            First => s.go(0),
            Last => {
                s.go(usize::MAX);
                s.follow = s.running;
            }
            NextWord | PreviousWord => s.go_word(action == NextWord),
            NextStep | PreviousStep => s.go_step(action == NextStep),
            NextFlag | PreviousFlag => s.go_flag(action == NextFlag, measure),
            _ => {}
        }
    }
}
