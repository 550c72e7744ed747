//! A document as it is read: what of it is shown, wrapped.

use std::ops::Range;

use super::wrap;
use crate::run::live::Hit;
use rotescope_text::sanitize;

/// Bytes shown before and behind the match; a document can be a whole book.
const AROUND: usize = 64 << 10;

/// A document, or as much of it as is shown, safe for the terminal.
#[derive(Debug)]
pub struct Page {
    pub text: String,
    /// What matched, in bytes of `text`.
    pub matched: Range<usize>,
    /// Rows of `text`.
    pub rows: Vec<Range<usize>>,
}

impl Page {
    pub fn new(hit: &Hit, width: u16) -> Page {
        let (before, matched, after) = parts(hit, AROUND);
        let mut text = sanitize::block(before).into_owned();
        let from = text.len();
        text += &sanitize::block(matched);
        let to = text.len();
        text += &sanitize::block(after);
        let rows = wrap::rows(&text, width);
        Page {
            text,
            matched: from..to,
            rows,
        }
    }
}

/// A document before, at and behind its match, at most so many bytes on each side.
pub fn parts(hit: &Hit, around: usize) -> (&str, &str, &str) {
    let [from, to] = hit.matched;
    let mut first = from.saturating_sub(around);
    while !hit.text.is_char_boundary(first) {
        first += 1;
    }
    let mut last = (to + around).min(hit.text.len());
    while !hit.text.is_char_boundary(last) {
        last -= 1;
    }
    (
        &hit.text[first..from],
        &hit.text[from..to],
        &hit.text[to..last],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_document_is_shown_around_its_match() {
        let text = format!("{}needle{}", "é".repeat(1 << 20), "\u{1b}x".repeat(1 << 20));
        let from = 2 << 20;
        let hit = Hit {
            id: String::new(),
            source: String::new(),
            text,
            matched: [from, from + 6],
            aligned: true,
            copies: 1,
        };
        let page = Page::new(&hit, 80);
        assert_eq!(&page.text[page.matched.clone()], "needle");
        assert!(page.text.len() < 8 * AROUND && !page.text.contains('\u{1b}'));
        let shown: usize = page.rows.iter().map(Range::len).sum();
        assert_eq!(shown, page.text.len());
        assert_eq!(parts(&hit, 3).0, "é");
    }
}
