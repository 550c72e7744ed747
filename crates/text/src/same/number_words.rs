//! Number words: "twenty-three", "two hundred and five", "three quarters", "2 million".

use crate::number::Rational;

#[rustfmt::skip]
const SMALL: [&str; 20] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
];
#[rustfmt::skip]
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// Words that multiply the number before them.
#[rustfmt::skip]
const SCALES: [(&str, i64); 15] = [
    ("hundred", 100), ("thousand", 1000), ("million", 1_000_000), ("billion", 1_000_000_000),
    ("trillion", 1_000_000_000_000), ("lakh", 100_000), ("crore", 10_000_000),
    ("millions", 1_000_000), ("billions", 1_000_000_000), ("mn", 1_000_000), ("bn", 1_000_000_000),
    ("万", 10_000), ("萬", 10_000), ("億", 100_000_000), ("亿", 100_000_000),
];

/// Parts named by a word behind a count: two thirds.
#[rustfmt::skip]
const PARTS: [(&str, i64); 14] = [
    ("half", 2), ("halves", 2), ("third", 3), ("thirds", 3), ("quarter", 4), ("quarters", 4), ("fourth", 4),
    ("fourths", 4), ("fifth", 5), ("fifths", 5), ("sixths", 6), ("eighth", 8), ("eighths", 8), ("tenths", 10),
];

/// The factor of a word such as `million`, and its length, if the text begins with one.
pub(super) fn scale(text: &str) -> Option<(i64, usize)> {
    let len = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    let word = text[..len].to_lowercase();
    let ascii = SCALES
        .iter()
        .find(|(w, _)| *w == word)
        .map(|(_, n)| (*n, len));
    // Nothing parts these from the word behind.
    ascii.or_else(|| {
        let first = text.chars().next().filter(|c| !c.is_ascii())?;
        let (_, n) = SCALES.iter().find(|(w, _)| w.starts_with(first))?;
        Some((*n, first.len_utf8()))
    })
}

fn small(word: &str) -> Option<i64> {
    if let Some(n) = SMALL.iter().position(|w| *w == word) {
        return i64::try_from(n).ok();
    }
    let n = TENS.iter().position(|w| *w == word)?;
    Some(20 + 10 * i64::try_from(n).ok()?)
}

/// The text with its number words as digits; `None` if it has none.
///
/// Titles keep theirs: in "Seven Wise Men", where another word has a capital letter too, nothing is a number.
pub(super) fn in_digits(text: &str) -> Option<String> {
    let words = words(text);
    let lower: Vec<String> = words
        .iter()
        .map(|w| text[w.clone()].to_lowercase())
        .collect();
    if !lower.iter().any(|w| starts_number(w)) {
        return None;
    }
    let capitals = words
        .iter()
        .filter(|w| {
            let mut chars = text[(*w).clone()].chars();
            chars.next().is_some_and(char::is_uppercase)
                && chars.next().is_some_and(char::is_lowercase)
        })
        .count();
    if capitals > 1 {
        return None;
    }
    let (mut out, mut copied, mut i) = (String::new(), 0, 0);
    let mut any = false;
    while i < words.len() {
        match number(&lower[i..]) {
            Some((value, used)) => {
                out.push_str(&text[copied..words[i].start]);
                out.push_str(&written(value));
                i += used;
                copied = words[i - 1].end;
                any = true;
            }
            None => i += 1,
        }
    }
    out.push_str(&text[copied..]);
    any.then_some(out)
}

fn starts_number(word: &str) -> bool {
    small(word).is_some()
        || matches!(
            word,
            "half" | "hundred" | "thousand" | "million" | "quarter" | "third" | "dozen"
        )
}

fn written(value: Rational) -> String {
    if value.is_whole() {
        value.numerator().to_string()
    } else {
        format!("{}/{}", value.numerator(), value.denominator())
    }
}

/// Words that only blanks or hyphens part from each other; others begin anew, marked by an empty word between.
fn words(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    let mut start = None;
    for (i, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_alphabetic(), start) {
            (true, None) => start = Some(i),
            (false, Some(s)) => {
                let joined = found.last().is_none_or(|w: &std::ops::Range<usize>| {
                    text[w.end..s].chars().all(|c| c == ' ' || c == '-')
                });
                if !joined {
                    found.push(s..s);
                }
                found.push(s..i);
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// The number that a row of lower-case words begins with, and how many of them it takes.
fn number(words: &[String]) -> Option<(Rational, usize)> {
    let word = |i: usize| words.get(i).map_or("", |w| &**w);
    // "a hundred", "a dozen", "half a dozen", "a quarter".
    let article = matches!(word(0), "a" | "an");
    if word(0) == "half" {
        return match (word(1), word(2)) {
            ("a", "dozen") => Some((Rational::whole(6), 3)),
            ("a", "million") => Some((Rational::whole(500_000), 3)),
            _ => Some((Rational::new(1, 2)?, 1)),
        };
    }
    let scale_of = |w: &str| SCALES.iter().find(|(s, _)| *s == w).map(|(_, n)| *n);
    let mut at = usize::from(article);
    if article {
        if let Some((_, below)) = PARTS.iter().find(|(p, _)| *p == word(1) && *p != "second") {
            return Some((Rational::new(1, i128::from(*below))?, 2));
        }
        if word(1) == "dozen" {
            return Some((Rational::whole(12), 2));
        }
        scale_of(word(1))?;
    } else {
        small(word(0))?;
    }
    // Groups such as "two hundred and five", each with its scale.
    let (mut total, mut group) = (0_i64, i64::from(article));
    let mut last = 0;
    while at < words.len() {
        let w = word(at);
        if let Some(n) = small(w) {
            // Twenty three, but not three four.
            if last != 0 && !(last >= 20 && n < last && n > 0) {
                break;
            }
            group = group.checked_add(n)?;
            last = if n == 0 { 1 } else { n };
        } else if let Some(n) = scale_of(w) {
            if n == 100 {
                group = group.checked_mul(n)?;
            } else {
                total = total.checked_add(group.checked_mul(n)?)?;
                group = 0;
            }
            last = n;
        } else if w == "and" && last >= 100 && small(word(at + 1)).is_some() {
        } else {
            break;
        }
        at += 1;
    }
    let value = Rational::whole(total.checked_add(group)?);
    let part = |i: usize| {
        PARTS
            .iter()
            .find(|(p, _)| *p == word(i))
            .map(|(_, n)| i128::from(*n))
    };
    // "three and a half", "two thirds".
    if word(at) == "and" && word(at + 1) == "a" {
        if let Some(below) = part(at + 2) {
            return Some((value.checked_add(Rational::new(1, below)?)?, at + 3));
        }
    } else if let Some(below) = part(at) {
        return Some((value.checked_div(Rational::new(below, 1)?)?, at + 1));
    }
    Some((value, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_digits() {
        for (text, want) in [
            ("twenty-three", "23"),
            ("Eighteen dollars", "18 dollars"),
            ("two hundred and five", "205"),
            ("one thousand two hundred thirty four km", "1234 km"),
            ("three million", "3000000"),
            ("three quarters", "3/4"),
            ("three and a half hours", "7/2 hours"),
            ("half", "1/2"),
            ("a dozen", "12"),
            ("two dozen", "2 dozen"),
            ("a hundred", "100"),
            ("nine, ten", "9, 10"),
            ("six and seven", "6 and 7"),
            ("zero", "0"),
            ("ninety nine", "99"),
        ] {
            assert_eq!(in_digits(text).as_deref(), Some(want), "{text}");
        }
        for text in [
            "Seven Wise Men",
            "someone",
            "a book",
            "x + 1",
            "the ones",
            "",
        ] {
            assert_eq!(in_digits(text), None, "{text}");
        }
    }

    #[test]
    fn factors() {
        assert_eq!(scale("million people"), Some((1_000_000, 7)));
        assert_eq!(scale("万人"), Some((10_000, 3)));
        assert_eq!(scale("apples"), None);
    }
}
