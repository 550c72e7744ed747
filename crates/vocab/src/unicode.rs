//! What kind of character a code point is, in the version of Unicode that llama.cpp knows.
//!
//! Rust's own tables follow newer versions of Unicode, where some thousand more code points are
//! letters; a tokenizer that used them would disagree with the model on those.

use std::sync::LazyLock;

use super::unicode_table::RUNS;

/// `\p{L}`
pub(super) const LETTER: u8 = 1;
/// `\p{N}`
pub(super) const NUMBER: u8 = 1 << 1;
/// `\p{P}`
pub(super) const PUNCTUATION: u8 = 1 << 2;
/// `\p{S}`
pub(super) const SYMBOL: u8 = 1 << 3;
/// `\p{M}`
pub(super) const MARK: u8 = 1 << 4;
/// `\s`
pub(super) const SPACE: u8 = 1 << 5;
/// Set for every code point, so that 0 can stand for "beyond the end of the text".
const ANY: u8 = 1 << 7;

static FLAGS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let categories = [0, LETTER, NUMBER, PUNCTUATION, SYMBOL, MARK];
    let mut flags = vec![ANY; 0x11_0000];
    for (i, run) in RUNS.iter().enumerate() {
        let end = RUNS.get(i + 1).map_or(flags.len(), |r| (r >> 3) as usize);
        flags[(run >> 3) as usize..end].fill(ANY | categories[(run & 7) as usize]);
    }
    // White_Space has not changed since Unicode 6.3.
    for (cp, flag) in flags.iter_mut().enumerate().take(0x3001) {
        if char::from_u32(cp as u32).is_some_and(char::is_whitespace) {
            *flag |= SPACE;
        }
    }
    flags
});

/// Is it a letter, `\p{L}`? Marks, which stand on letters, are none.
pub fn is_letter(c: char) -> bool {
    FLAGS[c as usize] & LETTER != 0
}

/// Is it a number, `\p{N}`?
pub fn is_number(c: char) -> bool {
    FLAGS[c as usize] & NUMBER != 0
}

/// The flags of all code points; index by code point.
pub(super) fn flags() -> &'static [u8] {
    &FLAGS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_of_known_characters() {
        let f = flags();
        let of = |c: char| f[c as usize] & !ANY;
        assert_eq!(of('a'), LETTER);
        assert_eq!(of('語'), LETTER);
        assert_eq!(of('7'), NUMBER);
        assert_eq!(of('½'), NUMBER);
        assert_eq!(of('_'), PUNCTUATION);
        assert_eq!(of('+'), SYMBOL);
        assert_eq!(of('\u{301}'), MARK);
        assert_eq!(of(' '), SPACE);
        assert_eq!(of('\u{85}'), SPACE);
        assert_eq!(of('\u{1c}'), 0);
        assert_eq!(of('\u{10ffff}'), 0);
        // Letters of Unicode 15.1 and of 16.
        assert_eq!(of('\u{2ebf0}'), LETTER);
        assert_eq!(of('\u{1c89}'), 0);
    }
}
