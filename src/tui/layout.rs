//! Tokens as wrapped rows: made once for a width, grown at the tail, and asked which token lies where.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A piece of a token on one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Index of the token.
    pub token: usize,
    /// First column.
    pub x: u16,
    /// In columns.
    pub width: u16,
    pub text: String,
}

/// One row of a completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Index of the step.
    pub step: usize,
    /// Whether the step begins on this row.
    pub first: bool,
    /// Whether it stands for folded tokens, the first of which is that of its piece.
    pub fold: bool,
    pub pieces: Vec<Piece>,
}

/// Tokens that are shown as one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// More than none.
    pub tokens: Range<usize>,
    /// What is shown for them.
    pub text: String,
}

/// A completion as rows of one width.
///
/// A row begins with each step. Words are kept whole where they fit: a word is a token that begins with white space and those that follow
/// it without. What is wider than a row is broken between graphemes. Nothing is laid out twice while tokens are only added; when steps
/// move, all from the first row that changes.
#[derive(Debug, Default)]
pub struct Layout {
    width: u16,
    rows: Vec<Row>,
    /// Tokens laid out.
    tokens: usize,
    /// First tokens of the steps, as laid out.
    steps: Vec<usize>,
    /// In order and apart.
    folds: Vec<Fold>,
}

impl Layout {
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Layout::default();
    }

    /// The tokens from this one on are laid out anew: their texts have changed.
    pub fn forget_from(&mut self, token: usize) {
        self.tokens = self.tokens.min(token);
    }

    /// Brings the rows up to date. `steps`: the first token of each step, ascending from 0; `text`: a token as it is shown, on one line.
    pub fn update<'a>(
        &mut self,
        width: u16,
        steps: &[usize],
        tokens: usize,
        folds: Vec<Fold>,
        text: impl Fn(usize) -> &'a str,
    ) {
        let width = width.max(1);
        if width != self.width || tokens < self.tokens || folds != self.folds {
            self.clear();
            self.width = width;
            self.folds = folds;
        }
        // The first token whose step is no longer what it was.
        let same = self
            .steps
            .iter()
            .zip(steps)
            .take_while(|(a, b)| a == b)
            .count();
        let changed = [self.steps.get(same), steps.get(same)]
            .into_iter()
            .flatten()
            .min();
        let from = changed.copied().unwrap_or(tokens).min(self.tokens);
        if from == self.tokens && tokens == self.tokens {
            return;
        }
        let mut at = self.keep_before(from);
        self.steps = steps.to_vec();
        while at < tokens {
            let step = steps.partition_point(|&s| s <= at).max(1) - 1;
            let first = steps.get(step) == Some(&at);
            let mut end = steps.get(step + 1).copied().unwrap_or(tokens).min(tokens);
            if let Some(fold) = self.fold_from(at) {
                if fold.tokens.contains(&at) {
                    at = self.folded(step, first, fold.clone());
                    continue;
                }
                end = end.min(fold.tokens.start);
            }
            at = self.word(step, first, at..end, &text);
        }
        self.tokens = tokens;
    }

    /// Drops the row that holds token `from` or what comes before it in the same row, and all behind; returns the token to go on with.
    fn keep_before(&mut self, mut from: usize) -> usize {
        if let Some(fold) = self.fold_from(from)
            && fold.tokens.contains(&from)
        {
            from = fold.tokens.start;
        }
        // The last word of the last row may go on, so that row is laid out again.
        let keep = self
            .rows
            .partition_point(|r| r.pieces.last().is_some_and(|p| p.token + 1 < from));
        let mut keep = keep.min(self.rows.len());
        // A token that is broken over rows is laid out from its first piece.
        while keep > 0 && keep < self.rows.len() {
            let first = self.rows[keep].pieces.first().map(|p| p.token);
            let last = self.rows[keep - 1].pieces.last().map(|p| p.token);
            if first.is_some() && first == last {
                keep -= 1;
            } else {
                break;
            }
        }
        let at = self
            .rows
            .get(keep)
            .and_then(|r| r.pieces.first())
            .map_or(from, |p| p.token);
        self.rows.truncate(keep);
        at.min(from)
    }

    /// The fold that holds a token, or the next one.
    fn fold_from(&self, token: usize) -> Option<&Fold> {
        let before = self.folds.partition_point(|f| f.tokens.end <= token);
        self.folds.get(before)
    }

    /// Lays out the row that stands for folded tokens; returns the token behind them.
    fn folded(&mut self, step: usize, first: bool, fold: Fold) -> usize {
        let mut text = fold.text;
        while text.width() > usize::from(self.width) && text.pop().is_some() {}
        let piece = Piece {
            token: fold.tokens.start,
            x: 0,
            width: text.width() as u16,
            text,
        };
        self.rows.push(Row {
            step,
            first,
            fold: true,
            pieces: vec![piece],
        });
        fold.tokens.end
    }

    /// Lays out the word at the beginning of `tokens`; returns the token behind it.
    fn word<'a>(
        &mut self,
        step: usize,
        first: bool,
        tokens: Range<usize>,
        text: &impl Fn(usize) -> &'a str,
    ) -> usize {
        let begins = |t: &str| t.starts_with([' ', '␊', '␉']);
        let mut end = tokens.start + 1;
        while end < tokens.end && !begins(text(end)) && !text(end - 1).ends_with('␊') {
            end += 1;
        }
        let wide = (tokens.start..end).map(|i| text(i).width()).sum::<usize>();
        let used = self.rows.last().map_or(0, |r| {
            r.pieces.last().map_or(0, |p| usize::from(p.x + p.width))
        });
        let leads = text(tokens.start).starts_with(' ');
        let fits = used + wide <= usize::from(self.width);
        let after_break = self
            .rows
            .last()
            .is_some_and(|r| r.fold || r.pieces.last().is_some_and(|p| p.text.ends_with('␊')));
        if first || self.rows.is_empty() || !fits && used > 0 || after_break {
            self.rows.push(Row {
                step,
                first,
                fold: false,
                pieces: Vec::new(),
            });
        }
        for i in tokens.start..end {
            let shown = text(i);
            // A space that would begin a row is not shown; its token keeps its place.
            let at_start = self.rows.last().is_some_and(|r| r.pieces.is_empty());
            let shown = if i == tokens.start && leads && at_start {
                shown.strip_prefix(' ').unwrap_or(shown)
            } else {
                shown
            };
            self.place(step, i, shown);
        }
        end
    }

    /// Puts one token at the end of the rows, broken between graphemes where it must be.
    fn place(&mut self, step: usize, token: usize, mut text: &str) {
        loop {
            let row = self.rows.last_mut().expect("a row is open");
            let x = row.pieces.last().map_or(0, |p| p.x + p.width);
            let room = usize::from(self.width.saturating_sub(x));
            let (mut cut, mut width) = (0, 0);
            for g in text.graphemes(true) {
                let w = g.width();
                // A grapheme wider than the whole row still needs a place.
                if width + w > room && !(x == 0 && cut == 0) {
                    break;
                }
                (cut, width) = (cut + g.len(), width + w);
            }
            if cut > 0 || text.is_empty() {
                row.pieces.push(Piece {
                    token,
                    x,
                    width: width as u16,
                    text: text[..cut].into(),
                });
            }
            text = &text[cut..];
            if text.is_empty() {
                return;
            }
            self.rows.push(Row {
                step,
                first: false,
                fold: false,
                pieces: Vec::new(),
            });
        }
    }

    /// The row on which a token begins.
    pub fn row_of(&self, token: usize) -> usize {
        let row = self
            .rows
            .partition_point(|r| r.pieces.last().is_some_and(|p| p.token < token));
        row.min(self.rows.len().saturating_sub(1))
    }

    /// The token at a column of a row, or the nearest one on it.
    pub fn token_at(&self, row: usize, x: u16) -> Option<usize> {
        let pieces = &self.rows.get(row)?.pieces;
        let hit = pieces
            .iter()
            .find(|p| x < p.x + p.width)
            .or(pieces.last())?;
        Some(hit.token)
    }

    /// The token above or below another, at about the same column.
    pub fn vertical(&self, token: usize, rows: isize) -> Option<usize> {
        let row = self.row_of(token);
        let x = self
            .rows
            .get(row)?
            .pieces
            .iter()
            .find(|p| p.token == token)
            .map_or(0, |p| p.x);
        let to = row
            .saturating_add_signed(rows)
            .min(self.rows.len().saturating_sub(1));
        self.token_at(to, x)
    }
}

/// The token that shows the character of another: one before it where tokens cut a character.
/// `shown`: the tokens as they are shown.
pub fn shown_by(shown: &[String], token: usize) -> usize {
    let empty = |t: &usize| shown.get(*t).is_none_or(String::is_empty);
    (0..=token).rev().find(|t| !empty(t)).unwrap_or(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lay(width: u16, steps: &[usize], tokens: &[&str]) -> Layout {
        let mut l = Layout::default();
        l.update(width, steps, tokens.len(), Vec::new(), |i| tokens[i]);
        l
    }

    fn lines(l: &Layout) -> Vec<String> {
        l.rows()
            .iter()
            .map(|r| r.pieces.iter().map(|p| p.text.as_str()).collect())
            .collect()
    }

    #[test]
    fn words_stay_whole_and_steps_begin_rows() {
        let tokens = ["Tom", " has", " ", "1", "2", " apples", ".", " So", " 1"];
        let l = lay(11, &[0, 7], &tokens);
        assert_eq!(lines(&l), ["Tom has 12", "apples.", "So 1"]);
        assert_eq!((l.rows()[1].step, l.rows()[2].step), (0, 1));
        assert!(l.rows()[2].first && !l.rows()[1].first);
        assert_eq!(l.token_at(0, 8), Some(3));
        assert_eq!(l.token_at(1, 50), Some(6));
        assert_eq!(l.vertical(5, -1), Some(0));
        assert_eq!(l.row_of(8), 2);
    }

    #[test]
    fn wide_characters_and_long_words_are_broken_between_graphemes() {
        let l = lay(5, &[0], &["日本語日本", "e\u{301}e\u{301}", "👨‍👩‍👧x"]);
        for row in l.rows() {
            let width: usize = row.pieces.iter().map(|p| p.text.width()).sum();
            assert!(width <= 5, "{row:?}");
        }
        assert_eq!(lines(&l).concat(), "日本語日本e\u{301}e\u{301}👨‍👩‍👧x");
        assert_eq!(lines(&lay(1, &[0], &["日a"])), ["日", "a"]);
    }

    #[test]
    fn folded_tokens_are_one_row() {
        let tokens = ["A", " b", " think", " c", " d", "e", " f"];
        let fold = || {
            vec![Fold {
                tokens: 2..5,
                text: "folded".into(),
            }]
        };
        let mut l = Layout::default();
        l.update(9, &[0, 3], 6, fold(), |i| tokens[i]);
        assert_eq!(lines(&l), ["A b", "folded", "e"]);
        assert_eq!(l.row_of(2), 1);
        assert_eq!((l.token_at(1, 0), l.vertical(5, -1)), (Some(2), Some(2)));
        l.update(9, &[0, 3], 7, fold(), |i| tokens[i]);
        assert_eq!(lines(&l), ["A b", "folded", "e f"]);
        l.update(9, &[0, 3], 7, Vec::new(), |i| tokens[i]);
        assert_eq!(lines(&l), ["A b think", "c de f"]);
        let two = [(1..3, "one"), (4..6, "two")].map(|(tokens, text)| Fold {
            tokens,
            text: text.into(),
        });
        l.update(9, &[0, 3], 7, two.to_vec(), |i| tokens[i]);
        assert_eq!(lines(&l), ["A", "one", "c", "two", "f"]);
    }

    #[test]
    fn a_line_break_ends_a_row() {
        assert_eq!(lines(&lay(20, &[0], &["a", "␊", "b"])), ["a␊", "b"]);
    }

    proptest! {
        #[test]
        fn growing_gives_what_laying_out_at_once_gives(
            tokens in prop::collection::vec("( )?[a-c日é.]{0,4}|␊", 0..40),
            breaks in prop::collection::vec(1usize..8, 0..10), width in 1u16..12,
        ) {
            let texts: Vec<&str> = tokens.iter().map(String::as_str).collect();
            let mut steps = vec![0];
            for b in breaks { steps.push(steps[steps.len() - 1] + b); }
            let mut grown = Layout::default();
            for n in 0..=texts.len() {
                let known: Vec<usize> = steps.iter().copied().filter(|&s| s < n.max(1)).collect();
                // The last step is known late, as it is while a sentence streams.
                let late = &known[..known.len() - usize::from(known.len() > 1 && n % 2 == 1)];
                grown.update(width, late, n, Vec::new(), |i| texts[i]);
            }
            let known: Vec<usize> = steps.iter().copied().filter(|&s| s < texts.len().max(1)).collect();
            grown.update(width, &known, texts.len(), Vec::new(), |i| texts[i]);
            let once = lay(width, &known, &texts);
            prop_assert_eq!(grown.rows(), once.rows());
            let mut seen: Vec<usize> = once.rows().iter().flat_map(|r| r.pieces.iter().map(|p| p.token)).collect();
            seen.dedup();
            prop_assert_eq!(seen, (0..texts.len()).collect::<Vec<_>>());
        }
    }
}
