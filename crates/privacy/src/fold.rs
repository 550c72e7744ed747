//! Full-width characters as ASCII.

use std::borrow::Cow;

/// The text with full-width forms (U+FF01 to U+FF5E, U+3000) as ASCII; where there are some, the byte of the text for each byte of the result, and its end.
pub fn half_width(text: &str) -> (Cow<'_, str>, Option<Vec<usize>>) {
    if text.is_ascii() || !text.chars().any(|c| narrow(c).is_some()) {
        return (Cow::Borrowed(text), None);
    }
    let mut folded = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() + 1);
    for (at, c) in text.char_indices() {
        let before = folded.len();
        folded.push(narrow(c).unwrap_or(c));
        places.extend((before..folded.len()).map(|_| at));
    }
    places.push(text.len());
    (Cow::Owned(folded), Some(places))
}

fn narrow(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{3000}' => Some(' '),
        _ => None,
    }
}
