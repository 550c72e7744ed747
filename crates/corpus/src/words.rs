//! Words for co-occurrence: [`rotescope_text::words()`] as a tokenizer of tantivy.

use std::ops::Range;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use rotescope_text::words::next_word;

/// Words longer than this many bytes are not indexed (a limit of tantivy) and count 0. In the index the empty word stands for them, so that documents
/// are as long as they are.
pub const MAX_WORD_BYTES: usize = 65_530;

/// The words of a text with their byte ranges, in order.
pub fn split(text: &str) -> Vec<(Range<usize>, &str)> {
    let words = rotescope_text::words(text).into_iter();
    words.map(|w| (w.span, w.text)).collect()
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
        if range.len() <= MAX_WORD_BYTES {
            self.token.text.push_str(&self.text[range.clone()]);
        }
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

    #[test]
    fn a_word_that_is_too_long_for_the_index_keeps_its_place() {
        let longest = "a".repeat(MAX_WORD_BYTES);
        let text = format!("x {longest} {longest}b y");
        let mut tokenizer = WordTokenizer::default();
        for _ in 0..2 {
            let mut stream = tokenizer.token_stream(&text);
            let mut seen = Vec::new();
            while stream.advance() {
                let token = stream.token_mut();
                assert_eq!(
                    token.offset_to - token.offset_from,
                    split(&text)[token.position].1.len()
                );
                seen.push((token.position, std::mem::take(&mut token.text)));
            }
            let words = ["x", &longest, "", "y"].map(String::from);
            assert_eq!(seen, words.into_iter().enumerate().collect::<Vec<_>>());
        }
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
