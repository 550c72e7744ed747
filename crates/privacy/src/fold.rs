//! Full-width characters and the digits of all scripts as ASCII.

use std::borrow::Cow;

/// The zeros of Unicode's decimal digits (general category Nd), ascending; each is followed by its one to nine.
const ZEROS: [u32; 75] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0,
    0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50,
    0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8,
    0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

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
    let code = u32::from(c);
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(code - 0xfee0),
        '\u{3000}' => Some(' '),
        '\u{660}'.. => {
            let zero = ZEROS[..]
                .partition_point(|zero| *zero <= code)
                .checked_sub(1)?;
            char::from_digit(code - ZEROS[zero], 10)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_digits_that_a_pattern_knows_have_their_value() {
        let digit = regex::Regex::new(r"^\d$").unwrap();
        assert!(ZEROS.is_sorted());
        let mut digits = 0;
        for c in '\u{80}'..=char::MAX {
            if digit.is_match(c.encode_utf8(&mut [0; 4])) {
                digits += 1;
                assert!(ascii(c).is_some(), "U+{:X}", u32::from(c));
            } else {
                assert!(
                    !ascii(c).is_some_and(|a| a.is_ascii_digit()),
                    "U+{:X}",
                    u32::from(c)
                );
            }
        }
        assert_eq!(digits, 10 * ZEROS.len());
        assert_eq!(ascii_forms("٠١٢٣٤٥٦٧٨٩").0, "0123456789");
        assert_eq!(ascii_forms("۹０९𝟗𝟘").0, "90990");
    }
}
