//! Words of a text with their byte spans, and which tokens make up which word.

use super::Span;
use std::ops::Range;

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'t> {
    /// Where it is.
    pub span: Span,
    /// Its text, `&source[span]`.
    pub text: &'t str,
}

/// The words of a text, in order and without overlap.
///
/// A word is a maximal run of letters, digits and combining marks, with apostrophes (`'` or `’`)
/// inside it; or one of the single symbols `+ - * / = %`, which stand for themselves wherever they
/// are. A run of digits is one word, so `1,000` and `3.5` are two words each.
///
/// ```
/// let found: Vec<&str> = rotescope::text::words("Don't add 12 + 3.5!").iter().map(|w| w.text).collect();
/// assert_eq!(found, ["Don't", "add", "12", "+", "3", "5"]);
/// ```
pub fn words(text: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut start = None;
    let mut chars = text.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let next_is_inner = || chars.clone().next().is_some_and(|(_, n)| is_word_char(n));
        let belongs = is_word_char(c)
            || (matches!(c, '\'' | '\u{2019}') && start.is_some() && next_is_inner());
        if belongs {
            // A combining mark alone does not begin a word.
            if start.is_none() && !is_mark(c) {
                start = Some(i);
            }
            continue;
        }
        if let Some(s) = start.take() {
            found.push(Word {
                span: s..i,
                text: &text[s..i],
            });
        }
        if matches!(c, '+' | '-' | '*' | '/' | '=' | '%') {
            found.push(Word {
                span: i..i + 1,
                text: &text[i..=i],
            });
        }
    }
    if let Some(s) = start {
        found.push(Word {
            span: s..text.len(),
            text: &text[s..],
        });
    }
    found
}

/// A letter, digit or combining mark.
fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

/// Combining marks that `char::is_alphanumeric` leaves out: diacritics, and the viramas, nuktas and
/// tone marks of scripts that write them as separate characters; with the joiners, which shape a
/// word from inside.
fn is_mark(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    let c = u32::from(c);
    matches!(c,
        0x300..=0x36F | 0x483..=0x489 | 0x591..=0x5C7 | 0x610..=0x61A | 0x64B..=0x65F | 0x670 | 0x6D6..=0x6ED
        | 0x711 | 0x730..=0x74A | 0x7EB..=0x7F3 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x200C..=0x200D
        | 0x20D0..=0x20F0 | 0x302A..=0x302F | 0x3099..=0x309A | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F)
        // Indic scripts share a layout of 128 code points each: nukta at 3C, virama at 4D.
        || ((0x900..=0xDFF).contains(&c) && matches!(c & 0x7F, 0x3C | 0x4D | 0x51..=0x54))
        || matches!(c, 0xDCA | 0xE38..=0xE3A | 0xE47..=0xE4E | 0xEBA | 0xEC8..=0xECE | 0xF39 | 0x1037 | 0x1039..=0x103A)
}

/// For each token, the words that it overlaps (a range of indices into `words`, empty if none).
///
/// `tokens` are byte spans in the same text, ascending and without overlap; a token without bytes
/// overlaps nothing.
pub fn words_of_tokens(words: &[Word<'_>], tokens: &[Span]) -> Vec<Range<usize>> {
    let spans: Vec<&Span> = words.iter().map(|w| &w.span).collect();
    overlaps(tokens.iter(), &spans)
}

/// For each word, the tokens that it is made of (a range of indices into `tokens`).
pub fn tokens_of_words(words: &[Word<'_>], tokens: &[Span]) -> Vec<Range<usize>> {
    let spans: Vec<&Span> = tokens.iter().collect();
    overlaps(words.iter().map(|w| &w.span), &spans)
}

fn overlaps<'a>(each: impl Iterator<Item = &'a Span>, others: &[&Span]) -> Vec<Range<usize>> {
    each.map(|s| {
        let first = others.partition_point(|o| o.end <= s.start);
        let end = others.partition_point(|o| o.start < s.end).max(first);
        if s.is_empty() {
            first..first
        } else {
            first..end
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<&str> {
        words(text).into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn letters_digits_marks_and_inner_apostrophes() {
        assert_eq!(
            texts("'It isn't Tom's', rock 'n' roll"),
            ["It", "isn't", "Tom's", "rock", "n", "roll"]
        );
        assert_eq!(texts("the dogs' bowls"), ["the", "dogs", "bowls"]);
        assert_eq!(
            texts("cafe\u{301} naïve Ωmega 3rd"),
            ["cafe\u{301}", "naïve", "Ωmega", "3rd"]
        );
        assert_eq!(texts("हिन्दी शब्द"), ["हिन्दी", "शब्द"]);
        assert_eq!(texts("l\u{2019}eau"), ["l\u{2019}eau"]);
        assert_eq!(texts("日本語 テスト"), ["日本語", "テスト"]);
        assert_eq!(texts(""), [""; 0]);
        assert_eq!(texts("\u{301}"), [""; 0]);
    }

    #[test]
    fn digits_and_symbols() {
        assert_eq!(texts("5*4 = 20%"), ["5", "*", "4", "=", "20", "%"]);
        assert_eq!(texts("1,000 and 3.5"), ["1", "000", "and", "3", "5"]);
        assert_eq!(texts("well-known"), ["well", "-", "known"]);
        assert_eq!(texts("(a)_b"), ["a", "b"]);
    }

    #[test]
    fn tokens_and_words_both_ways() {
        let text = "8 * lychees.";
        let w = words(text);
        let tokens = [0..1, 1..3, 3..6, 6..11, 11..12, 12..12];
        assert_eq!(
            words_of_tokens(&w, &tokens),
            [0..1, 1..2, 2..3, 2..3, 3..3, 3..3]
        );
        assert_eq!(tokens_of_words(&w, &tokens), [0..1, 1..2, 2..4]);
        // A token over several words.
        assert_eq!(words_of_tokens(&w, &[0..8]), [0..3]);
    }

    proptest! {
        #[test]
        fn spans_are_ordered_and_hold_their_text(text in "\\PC{0,40}") {
            let mut last = 0;
            for w in words(&text) {
                prop_assert!(w.span.start >= last && !w.span.is_empty());
                prop_assert_eq!(&text[w.span.clone()], w.text);
                last = w.span.end;
            }
        }

        #[test]
        fn every_letter_and_digit_is_in_a_word(text in "[a-c1-2' .+é]{0,30}") {
            let w = words(&text);
            for (i, c) in text.char_indices() {
                let inside = w.iter().any(|w| w.span.contains(&i));
                prop_assert!(inside || !c.is_alphanumeric());
            }
        }
    }
}
