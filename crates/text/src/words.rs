//! Words of a text with their byte spans, and which tokens make up which word.

use super::ByteRange;
use std::ops::Range;

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'t> {
    /// Where it is.
    pub span: ByteRange,
    /// Its text, `&source[span]`.
    pub text: &'t str,
}

/// The words of a text, in order and without overlap: one definition for salient words, for the index of co-occurrence and for asking it.
///
/// | text | words |
/// |---|---|
/// | a maximal run of letters and marks; apostrophes (`'`, `’`) inside it belong to it | `don't`, `naïve`, `O’Hara` |
/// | a maximal run of digits | `48`, `007`; `3.14` is `3`, `14`; `B2` is `B`, `2` |
/// | one of `+ - * / = %` | itself |
///
/// Everything else separates words. Case is kept: `May` and `may` are two words. Letters, marks and digits are those of Unicode as
/// `char::is_alphabetic` and `char::is_numeric` see them; combining marks that follow a letter count as letters.
///
/// ```
/// let found: Vec<&str> = rotescope_text::words("Don't add 12 + 3.5!").iter().map(|w| w.text).collect();
/// assert_eq!(found, ["Don't", "add", "12", "+", "3", "5"]);
/// ```
pub fn words(text: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(span) = next_word(text, at) {
        at = span.end;
        found.push(Word {
            text: &text[span.clone()],
            span,
        });
    }
    found
}

/// The first word that starts at or after byte `from` (a character boundary).
pub fn next_word(text: &str, from: usize) -> Option<Range<usize>> {
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

/// Whether a character can stand within a word or number.
pub fn is_part(c: char) -> bool {
    in_word(c) || kind(c) == Kind::Digit
}

/// Whether a word or number runs over byte `at` (a character boundary); `don't` runs over its apostrophe, and `3.14` is one number here.
pub fn runs_over(text: &str, at: usize) -> bool {
    let mut before = text[..at].chars().rev();
    let mut behind = text[at..].chars();
    let (Some(a), Some(b)) = (before.next(), behind.next()) else {
        return false;
    };
    let (before, behind) = (before.next(), behind.next());
    let digit = |c: char| kind(c) == Kind::Digit;
    let point = |c: char| matches!(c, '.' | ',');
    let number = (digit(a) && digit(b))
        || (digit(a) && point(b) && behind.is_some_and(digit))
        || (before.is_some_and(digit) && point(a) && digit(b));
    let word = (in_word(a) && in_word(b))
        || (in_word(a) && is_apostrophe(b) && behind.is_some_and(in_word))
        || (before.is_some_and(in_word) && is_apostrophe(a) && in_word(b));
    number || word
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

/// For each token, the words that it overlaps (a range of indices into `words`, empty if none).
///
/// `tokens` are byte spans in the same text, ascending and without overlap; a token without bytes
/// overlaps nothing.
pub fn words_of_tokens(words: &[Word<'_>], tokens: &[ByteRange]) -> Vec<Range<usize>> {
    let spans: Vec<&ByteRange> = words.iter().map(|w| &w.span).collect();
    overlaps(tokens.iter(), &spans)
}

/// For each word, the tokens that it is made of (a range of indices into `tokens`).
pub fn tokens_of_words(words: &[Word<'_>], tokens: &[ByteRange]) -> Vec<Range<usize>> {
    let spans: Vec<&ByteRange> = tokens.iter().collect();
    overlaps(words.iter().map(|w| &w.span), &spans)
}

fn overlaps<'a>(
    each: impl Iterator<Item = &'a ByteRange>,
    others: &[&ByteRange],
) -> Vec<Range<usize>> {
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
// One-step lists are what is meant here, not ranges of values.
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<&str> {
        words(text).into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn words_and_numbers_run_over_what_is_within_them() {
        let over =
            |before: &str, behind: &str| runs_over(&format!("{before}{behind}"), before.len());
        for (a, b) in [
            ("6", "3"),
            ("blu", "e"),
            ("3", ".14"),
            ("3.", "14"),
            ("1", ",000"),
            ("don", "'t"),
            ("don'", "t"),
            ("nai", "\u{308}ve"),
            ("O’", "Hara"),
        ] {
            assert!(over(a, b), "{a:?} {b:?}");
        }
        for (a, b) in [
            ("7**", "63"),
            ("63", " - 16"),
            ("has ", "63"),
            ("", "x"),
            ("x", ""),
            ("end", "."),
            ("3", ". Then"),
            ("B", "2"),
            ("dogs", "' "),
            ("=", "5"),
        ] {
            assert!(!over(a, b), "{a:?} {b:?}");
        }
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
            ["cafe\u{301}", "naïve", "Ωmega", "3", "rd"]
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
