//! What stands around a value.

use regex::Regex;

use crate::detector::LEFT;

/// A pattern of this crate.
#[expect(
    clippy::expect_used,
    reason = "patterns are constants, and a test builds them all"
)]
pub fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of this crate is right")
}

/// The last bytes of the line before a place, in lower case.
pub fn before(line: &str, at: usize) -> String {
    let mut from = at.saturating_sub(LEFT);
    while !line.is_char_boundary(from) {
        from += 1;
    }
    line[from..at].to_lowercase()
}

/// Whether one of some words stands among the last `within` bytes, as a whole word; a word that begins or ends with no letter needs no border there.
pub fn has_word(text: &str, words: &[&str], within: usize) -> bool {
    let mut from = text.len().saturating_sub(within);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    words.iter().any(|word| {
        text[from..].match_indices(word).any(|(at, _)| {
            let (start, end) = (from + at, from + at + word.len());
            let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let border =
                |inner: Option<char>, outer: Option<char>| !(letter(inner) && letter(outer));
            border(word.chars().next(), text[..start].chars().next_back())
                && border(word.chars().next_back(), text[end..].chars().next())
        })
    })
}
