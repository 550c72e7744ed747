//! One document as rows of tokens, and a cursor over them.

use crate::tui::action::Action;
use crate::tui::layout::Layout;
use rotescope_report::heat::HeatDocument;
use rotescope_text::sanitize;
use rotescope_trace::audit::extract::ExtractWindow;

/// A document, and where someone looks in it.
#[derive(Debug)]
pub struct Map {
    /// As it is shown.
    pub name: String,
    pub document: HeatDocument,
    /// What is shown, piece by piece: a token, which ends behind each of its line breaks, or a word of a prefix that nobody asked about.
    shown: Vec<String>,
    /// The token of the document that each piece is of.
    tokens: Vec<usize>,
    pub layout: Layout,
    /// The piece at the cursor.
    pub cursor: usize,
    /// First row shown.
    pub scroll: usize,
    /// Rows that are shown.
    pub page: usize,
}

impl Map {
    /// `name`: as it is shown.
    pub fn new(document: HeatDocument, name: &str) -> Map {
        let (mut shown, mut tokens) = (Vec::new(), Vec::new());
        for (i, token) in document.tokens.iter().enumerate() {
            let pieces = match token.p {
                Some(_) => token.text.split_inclusive('\n').collect(),
                None => words(&token.text),
            };
            for piece in pieces {
                shown.push(sanitize::line(piece).into_owned());
                tokens.push(i);
            }
        }
        let mut map = Map {
            name: sanitize::line(name).into_owned(),
            document,
            shown,
            tokens,
            layout: Layout::default(),
            cursor: 0,
            scroll: 0,
            page: 10,
        };
        // What is worth a look: the first run, else the first token that was asked about.
        let first = map.document.runs.first().map(|r| r[0]);
        let asked = || map.document.tokens.iter().position(|t| t.p.is_some());
        map.cursor = map.piece(first.or_else(asked).unwrap_or(0));
        map
    }

    /// The first piece of a token.
    fn piece(&self, token: usize) -> usize {
        let last = self.tokens.len().saturating_sub(1);
        self.tokens.partition_point(|t| *t < token).min(last)
    }

    /// The token of a piece.
    pub fn token_of(&self, piece: usize) -> Option<usize> {
        self.tokens.get(piece).copied()
    }

    /// The run that holds a token, by its place among the runs.
    pub fn run_of(&self, token: usize) -> Option<usize> {
        let runs = &self.document.runs;
        let next = runs.partition_point(|r| r[1] <= token);
        runs.get(next).filter(|r| r[0] <= token).map(|_| next)
    }

    /// The run at the cursor, or the last before it.
    pub fn run_here(&self) -> Option<usize> {
        let token = self.token_of(self.cursor)?;
        let begun = self.document.runs.partition_point(|r| r[0] <= token);
        begun.checked_sub(1)
    }

    /// The window that says most of the token at the cursor.
    pub fn window(&self) -> Option<&ExtractWindow> {
        let token = self.document.tokens.get(self.token_of(self.cursor)?)?;
        self.document.windows.get(token.window?)
    }

    /// Brings the rows up to date for a width.
    pub fn lay_out(&mut self, width: u16) {
        let shown = &self.shown;
        self.layout
            .update(width, &[0], shown.len(), Vec::new(), |i| shown[i].as_str());
    }

    /// Scrolls so far that the cursor is seen, in the middle where it has jumped.
    pub fn scroll_to(&mut self, height: usize) {
        self.page = height;
        let row = self.layout.row_of(self.cursor);
        if row < self.scroll || row >= self.scroll + height {
            let jumped = row + 1 != self.scroll && row != self.scroll + height;
            self.scroll = match jumped {
                true => row.saturating_sub(height / 2),
                false if row < self.scroll => row,
                false => (row + 1).saturating_sub(height),
            };
        }
        let last = self.layout.rows().len().saturating_sub(height);
        self.scroll = self.scroll.min(last);
    }

    /// Goes where an action says; whether it is a move, and why it leads nowhere.
    pub fn go(&mut self, action: Action) -> Result<bool, &'static str> {
        use Action::*;
        let page = self.page.max(2) as isize - 1;
        let last = self.shown.len().saturating_sub(1);
        self.cursor = match action {
            NextToken => (self.cursor + 1).min(last),
            PreviousToken => self.cursor.saturating_sub(1),
            NextWord => self.word(true),
            PreviousWord => self.word(false),
            First => 0,
            Last => last,
            RowDown => self.rows(1),
            RowUp => self.rows(-1),
            PageDown => self.rows(page),
            PageUp => self.rows(-page),
            NextFlag | NextSpan | NextMatch | NextStep => self.run(true)?,
            PreviousFlag | PreviousMatch | PreviousStep => self.run(false)?,
            _ => return Ok(false),
        };
        Ok(true)
    }

    fn rows(&self, by: isize) -> usize {
        self.layout.vertical(self.cursor, by).unwrap_or(self.cursor)
    }

    fn word(&self, forward: bool) -> usize {
        let begins = |i: &usize| self.shown[*i].starts_with([' ', '␊', '␉']);
        let found = match forward {
            true => (self.cursor + 1..self.shown.len()).find(begins),
            false => (0..self.cursor).rev().find(begins),
        };
        found.unwrap_or(self.cursor)
    }

    /// The beginning of the next run, or of the one before.
    fn run(&self, forward: bool) -> Result<usize, &'static str> {
        let runs = &self.document.runs;
        if runs.is_empty() {
            return Err("no run of this document can be extracted");
        }
        let token = self.token_of(self.cursor).unwrap_or(0);
        let found = match forward {
            true => runs.iter().find(|r| r[0] > token),
            false => runs.iter().rev().find(|r| r[0] < token),
        };
        let found = found.ok_or(match forward {
            true => "that was the last run of this document",
            false => "that was the first run of this document",
        })?;
        Ok(self.piece(found[0]))
    }
}

/// A text cut before blanks and behind line breaks.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        let mut from = 0;
        for (at, _) in line.match_indices(' ').filter(|(at, _)| *at > 0) {
            if !line[..at].ends_with(' ') {
                out.push(&line[from..at]);
                from = at;
            }
        }
        out.push(&line[from..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_report::heat::HeatToken;

    /// Three tokens of prefix, then one token for each letter; `runs`: of those.
    fn map(letters: &str, runs: &[[usize; 2]]) -> Map {
        let token = |text: String, p| HeatToken {
            text,
            p,
            window: Some(0),
        };
        let prefix = token("\n…\nthe own prefix".into(), None);
        let letters = letters.chars().map(|c| token(format!(" {c}"), Some(0.5)));
        let document = HeatDocument {
            tokens: std::iter::once(prefix).chain(letters).collect(),
            windows: vec![ExtractWindow::default()],
            runs: runs.to_vec(),
            ..HeatDocument::default()
        };
        let mut map = Map::new(document, "");
        map.lay_out(10);
        map
    }

    #[test]
    fn a_prefix_is_cut_into_words_and_stays_one_token() {
        assert_eq!(
            words("\n…\nthe  own\nx "),
            ["\n", "…\n", "the", "  own\n", "x", " "]
        );
        assert_eq!(words(""), [""; 0]);
        let map = map("ab", &[]);
        assert_eq!(map.shown, ["␊", "…␊", "the", " own", " prefix", " a", " b"]);
        assert_eq!(map.tokens, [0, 0, 0, 0, 0, 1, 2]);
        // The first token that was asked about.
        assert_eq!(map.cursor, 5);
    }

    #[test]
    fn a_line_break_within_a_token_ends_a_row() {
        let token = |text: &str| HeatToken {
            text: text.into(),
            p: Some(0.5),
            window: None,
        };
        let tokens = ["a", ".\n\n    ", "b"].map(token).to_vec();
        let document = HeatDocument {
            tokens,
            ..HeatDocument::default()
        };
        let mut map = Map::new(document, "x");
        map.lay_out(20);
        let row = |r: &crate::tui::layout::Row| {
            let pieces = r.pieces.iter().map(|p| p.text.as_str());
            pieces.collect::<String>()
        };
        let rows: Vec<String> = map.layout.rows().iter().map(row).collect();
        assert_eq!(rows, ["a.␊", "␊", "   b"]);
        assert_eq!(map.tokens, [0, 1, 1, 1, 2]);
    }

    #[test]
    fn jumps_go_from_run_to_run_and_say_where_they_end() {
        let mut map = map("abcdefghijklmnop", &[[3, 5], [9, 12]]);
        let at = |m: &Map| m.token_of(m.cursor).unwrap();
        assert_eq!((at(&map), map.run_here()), (3, Some(0)));
        assert_eq!(map.go(Action::NextFlag), Ok(true));
        assert_eq!((at(&map), map.run_here()), (9, Some(1)));
        assert!(map.go(Action::NextFlag).unwrap_err().contains("last"));
        map.go(Action::Last).unwrap();
        assert_eq!((at(&map), map.run_of(at(&map))), (16, None));
        map.go(Action::PreviousFlag).unwrap();
        assert_eq!(at(&map), 9);
        map.go(Action::PreviousFlag).unwrap();
        assert_eq!(at(&map), 3);
        assert!(map.go(Action::PreviousFlag).is_err());
        assert_eq!(map.go(Action::RunPrompt), Ok(false));
        let mut none = super::tests::map("abc", &[]);
        assert!(none.go(Action::NextFlag).unwrap_err().contains("no run"));
    }

    #[test]
    fn the_cursor_stays_in_sight_and_at_the_ends() {
        let mut map = map(&"abcdefghij".repeat(50), &[]);
        for action in [
            Action::First,
            Action::PreviousToken,
            Action::PageDown,
            Action::RowDown,
            Action::Last,
            Action::NextToken,
            Action::NextWord,
            Action::RowUp,
            Action::PageUp,
        ] {
            map.go(action).unwrap();
            map.scroll_to(7);
            let row = map.layout.row_of(map.cursor);
            assert!((map.scroll..map.scroll + 7).contains(&row), "{action:?}");
        }
        let mut empty = Map::new(HeatDocument::default(), "");
        empty.lay_out(10);
        empty.scroll_to(5);
        assert_eq!(empty.go(Action::NextToken), Ok(true));
        assert!(empty.window().is_none() && empty.token_of(0).is_none());
    }
}
