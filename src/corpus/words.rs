//! What a word is, for co-occurrence: one definition for indexing and for asking.
//!
//! | text | words |
//! |---|---|
//! | a maximal run of letters and marks; apostrophes (`'`, `’`) inside it belong to it | `don't`, `naïve`, `O’Hara` |
//! | a maximal run of digits | `48`, `007`; `3.14` is `3`, `14`; `B2` is `B`, `2` |
//! | one of `+ - * / = %` | itself |
//!
//! Everything else separates words. Case is kept: `May` and `may` are two words. Letters, marks
//! and digits are those of Unicode as `char::is_alphabetic` and `char::is_numeric` see them;
//! combining marks that follow a letter count as letters.

use std::ops::Range;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Words longer than this many bytes are not indexed (a limit of tantivy) and count 0.
pub const MAX_WORD_BYTES: usize = 65_530;

/// The words of a text with their byte ranges, in order.
pub fn split(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(range) = next_word(text, at) {
        at = range.end;
        words.push((range.clone(), &text[range]));
    }
    words
}

/// The first word that starts at or after byte `from` (a character boundary).
fn next_word(text: &str, from: usize) -> Option<Range<usize>> {
    let mut chars = text[from..].char_indices().map(|(i, c)| (from + i, c));
    let (start, first) = chars.by_ref().find(|&(_, c)| kind(c) != Kind::Gap)?;
    let first_end = start + first.len_utf8();
    let end = match kind(first) {
        Kind::Symbol | Kind::Gap => first_end,
        Kind::Digit => run(text, first_end, |c| kind(c) == Kind::Digit),
        Kind::Letter => {
            let mut end = run(text, first_end, in_word);
            // An apostrophe belongs to the word when a letter stands on both sides of it.
            while let Some(c) = text[end..].chars().next().filter(|&c| is_apostrophe(c)) {
                let after = end + c.len_utf8();
                let next = run(text, after, in_word);
                let starts_with_letter = text[after..]
                    .chars()
                    .next()
                    .is_some_and(|c| kind(c) == Kind::Letter);
                if !starts_with_letter {
                    break;
                }
                end = next;
            }
            end
        }
    };
    Some(start..end)
}

/// End of the run of characters from byte `from` that `belongs`.
fn run(text: &str, from: usize, belongs: impl Fn(char) -> bool) -> usize {
    text[from..]
        .char_indices()
        .find(|&(_, c)| !belongs(c))
        .map_or(text.len(), |(i, _)| from + i)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Digit,
    Symbol,
    Gap,
}

fn kind(c: char) -> Kind {
    match c {
        '0'..='9' => Kind::Digit,
        'a'..='z' | 'A'..='Z' => Kind::Letter,
        '+' | '-' | '*' | '/' | '=' | '%' => Kind::Symbol,
        c if c.is_ascii() => Kind::Gap,
        c if c.is_numeric() => Kind::Digit,
        c if c.is_alphabetic() => Kind::Letter,
        _ => Kind::Gap,
    }
}

fn in_word(c: char) -> bool {
    kind(c) == Kind::Letter || is_mark(c)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

/// Combining marks that `char::is_alphabetic` leaves out (accents, viramas, variation selectors).
/// They are found by block: the standard library has no general categories.
fn is_mark(c: char) -> bool {
    matches!(c as u32,
        0x0300..=0x036F | 0x0483..=0x0489 | 0x0591..=0x05C7 | 0x0610..=0x061A | 0x064B..=0x065F
        | 0x06D6..=0x06ED | 0x093C | 0x094D | 0x09BC | 0x09CD | 0x0A3C | 0x0A4D | 0x0ABC | 0x0ACD
        | 0x0B3C | 0x0B4D | 0x0BCD | 0x0C4D | 0x0CBC | 0x0CCD | 0x0D4D | 0x0DCA | 0x0E38..=0x0E3A
        | 0x0E47..=0x0E4E | 0x0EB8..=0x0EBC | 0x0EC8..=0x0ECE | 0x0F39 | 0x1037..=0x103A
        | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x200C..=0x200D | 0x20D0..=0x20FF | 0x302A..=0x302F
        | 0x3099..=0x309A | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F)
}

/// The name under which the tokenizer is registered with tantivy. It carries a version: an index
/// made with another definition of words cannot be opened with this one by mistake.
pub(crate) const TOKENIZER_NAME: &str = "rotescope_words_1";

/// [`split`] as a tantivy tokenizer.
#[derive(Clone, Default)]
pub struct WordTokenizer {
    token: Token,
}

pub struct WordStream<'a> {
    text: &'a str,
    at: usize,
    token: &'a mut Token,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        WordStream {
            text,
            at: 0,
            token: &mut self.token,
        }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(range) = next_word(self.text, self.at) else {
            return false;
        };
        self.at = range.end;
        self.token.text.clear();
        self.token.text.push_str(&self.text[range.clone()]);
        self.token.offset_from = range.start;
        self.token.offset_to = range.end;
        // A fresh token has position usize::MAX, so the first word gets position 0.
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|(_, w)| w).collect()
    }

    #[test]
    fn words_digits_and_symbols() {
        assert_eq!(
            words("Don't pay $3.14, it's 5*4=20 (50%)!"),
            [
                "Don't", "pay", "3", "14", "it's", "5", "*", "4", "=", "20", "50", "%"
            ]
        );
        assert_eq!(
            words("B2B x-ray <<48/2=24>>"),
            ["B", "2", "B", "x", "-", "ray", "48", "/", "2", "=", "24"]
        );
        assert_eq!(
            words("'quoted' dogs' rock'n'roll"),
            ["quoted", "dogs", "rock'n'roll"]
        );
        assert_eq!(words("O’Hara’s"), ["O’Hara’s"]);
        assert!(words(" .,;:!?\n\t").is_empty());
    }

    #[test]
    fn marks_belong_to_their_letters() {
        assert_eq!(
            words("nai\u{0308}ve cafe\u{0301}s"),
            ["nai\u{0308}ve", "cafe\u{0301}s"]
        );
        assert_eq!(words("हिन्दी भाषा"), ["हिन्दी", "भाषा"]);
        assert_eq!(words("May may"), ["May", "may"]);
    }

    proptest! {
        #[test]
        fn tokenizer_says_what_split_says(text in "[a-c'’0-9é\u{301} +=.\n]{0,40}") {
            let mut tokenizer = WordTokenizer::default();
            let mut stream = tokenizer.token_stream(&text);
            let mut seen = Vec::new();
            while stream.advance() {
                let t = stream.token();
                prop_assert_eq!(t.position, seen.len());
                seen.push((t.offset_from..t.offset_to, t.text.clone()));
            }
            let want: Vec<_> = split(&text).into_iter().map(|(r, w)| (r, w.to_string())).collect();
            prop_assert_eq!(seen, want);
        }

        #[test]
        fn words_cover_every_letter_digit_and_symbol(text in "\\PC{0,60}") {
            let mut covered = vec![false; text.len()];
            for (range, word) in split(&text) {
                prop_assert_eq!(&text[range.clone()], word);
                for b in range { prop_assert!(!covered[b]); covered[b] = true; }
            }
            for (i, c) in text.char_indices() {
                if c.is_alphanumeric() || "+-*/=%".contains(c) { prop_assert!(covered[i], "{c:?} in no word"); }
            }
        }
    }
}
