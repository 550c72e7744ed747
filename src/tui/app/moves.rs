//! Moving in what has the focus.

use super::state::{App, Pane};
use crate::tui::action::Action;

impl App {
    pub(super) fn next_span(&mut self) {
        let Some(s) = self.session() else {
            return;
        };
        let indexed = self.ready.as_ref().is_some_and(|r| r.index.is_some());
        let text = match &s.spans {
            Some(spans) if !spans.is_empty() => {
                let next = s.span.map_or(0, |i| (i + 1) % spans.len());
                return self.show_span(next);
            }
            Some(_) => "no verbatim span of four tokens or more: nothing stands so in the corpus",
            None if self.other_tokens(s) => {
                "verbatim spans are not available: this completion has another tokenizer than the index"
            }
            None if s.trace.is_none() => {
                "verbatim spans are looked up when the completion is there"
            }
            None if !indexed => "verbatim spans are not available without an index",
            None => "the verbatim spans are being looked up",
        };
        self.say(text);
    }

    /// Goes to a verbatim span.
    pub fn show_span(&mut self, place: usize) {
        let Some(s) = self.session_mut() else {
            return;
        };
        let spans = s.spans.as_deref().unwrap_or_default();
        let Some(v) = spans.get(place).cloned() else {
            return;
        };
        let count = spans.len();
        s.go(v.tokens[0]);
        s.span = Some(place);
        self.say(format!(
            "verbatim span {} of {count}: {} tokens, {} occurrences",
            place + 1,
            v.tokens[1] - v.tokens[0],
            v.occurrences
        ));
    }

    /// Moves in whatever has the focus.
    pub(in crate::tui) fn go(&mut self, action: Action) {
        use Action::*;
        let by = steps(action, self.page).unwrap_or(0);
        let moved = |at: usize, last: usize| at.saturating_add_signed(by).min(last);
        let (pane, measure, columns) = (self.pane, self.measure, self.columns);
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
                // Keys may come faster than they are drawn.
                s.lay_out(columns);
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

/// How many lines an action moves in a list, or rows in a text, on a page of so many; nothing where it is no move. Moves that mean something
/// in a completion alone are by none.
pub fn steps(action: Action, page: usize) -> Option<isize> {
    use Action::*;
    let page = page.max(2) as isize - 1;
    Some(match action {
        RowDown | NextToken => 1,
        RowUp | PreviousToken => -1,
        PageDown => page,
        PageUp => -page,
        First => isize::MIN / 2,
        Last => isize::MAX / 2,
        NextWord | PreviousWord | NextStep | PreviousStep | NextFlag | PreviousFlag => 0,
        _ => return None,
    })
}
