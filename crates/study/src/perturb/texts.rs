//! Words and sentences put into a text.

use rotescope_text::{SplitBy, split_steps};

/// `text` with every whole word `from` replaced by `to`. A word ends where no letter or digit follows.
pub fn replace_word(text: &str, from: &str, to: &str) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    if from.is_empty() {
        return text.to_string();
    }
    for (i, _) in text.match_indices(from) {
        let before = text[..i].chars().next_back();
        let after = text[i + from.len()..].chars().next();
        let inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if i >= at && !inner(before) && !inner(after) {
            out.push_str(&text[at..i]);
            out.push_str(to);
            at = i + from.len();
        }
    }
    out.push_str(&text[at..]);
    out
}

/// `text` with a sentence before its last one.
pub fn before_last(text: &str, sentence: &str) -> String {
    let last = split_steps(text, SplitBy::Sentence)
        .pop()
        .map_or(0, |s| s.start);
    let lead = text[last..].len() - text[last..].trim_start().len();
    let (before, after) = text.split_at(last + lead);
    let gap = if before.is_empty() || before.ends_with(char::is_whitespace) {
        ""
    } else {
        " "
    };
    format!("{before}{gap}{sentence} {after}")
}

/// At most so many bytes at the beginning of a text.
pub fn beginning(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// At most so many bytes at the end of a text.
pub fn ending(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// The first letter as a capital.
pub fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
