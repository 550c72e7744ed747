//! Full-width characters and the digits of all scripts as ASCII.

use std::borrow::Cow;

use rotescope_text::ascii_digit;

/// The text with full-width forms (U+FF01 to U+FF5E, U+3000) and decimal digits of any script as ASCII; where there are some, the byte of the text for each byte of the
/// result, and its end.
pub fn ascii_forms(text: &str) -> (Cow<'_, str>, Option<Vec<usize>>) {
    if text.is_ascii() || !text.chars().any(|c| ascii(c).is_some()) {
        return (Cow::Borrowed(text), None);
    }
    let mut folded = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() + 1);
    for (at, c) in text.char_indices() {
        let before = folded.len();
        folded.push(ascii(c).unwrap_or(c));
        places.extend((before..folded.len()).map(|_| at));
    }
    places.push(text.len());
    (Cow::Owned(folded), Some(places))
}

fn ascii(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{3000}' => Some(' '),
        _ if c.is_ascii() => None,
        _ => ascii_digit(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_digits_that_a_pattern_knows_have_their_value() {
        let digit = regex::Regex::new(r"^\d$").unwrap();
        for c in '\u{80}'..=char::MAX {
            if digit.is_match(c.encode_utf8(&mut [0; 4])) {
                assert!(ascii(c).is_some(), "U+{:X}", u32::from(c));
            } else {
                assert!(
                    !ascii(c).is_some_and(|a| a.is_ascii_digit()),
                    "U+{:X}",
                    u32::from(c)
                );
            }
        }
        assert_eq!(ascii_forms("٠١٢٣٤٥٦٧٨٩").0, "0123456789");
        assert_eq!(ascii_forms("۹０९𝟗𝟘").0, "90990");
    }
}
