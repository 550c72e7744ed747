//! A text as words, numbers and signs, of which some are foreground.

use std::ops::Range;

/// A word, a number or a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// In lower case.
    pub text: String,
    /// Of the text.
    pub bytes: Range<usize>,
    /// Number, name, operator or rare word.
    pub foreground: bool,
}

/// Signs that calculate or compare.
const OPERATORS: &str = "+-*/=<>^%×÷−≤≥≠±";

/// The units of a text. `is_rare`: says of a word in lower case whether it is foreground for being rare.
///
/// A name is a word that begins with a capital and does not begin a sentence, or that has one further in; one that begins a sentence is a name where it
/// stands as one elsewhere in the text.
pub fn units(text: &str, is_rare: &dyn Fn(&str) -> bool) -> Vec<Unit> {
    let raw = split(text);
    let begins = beginnings(text, &raw);
    let capital = |r: &Range<usize>| {
        text[r.clone()]
            .chars()
            .next()
            .is_some_and(char::is_uppercase)
    };
    let named: std::collections::BTreeSet<&str> = (0..raw.len())
        .filter(|&i| capital(&raw[i]) && !begins[i])
        .map(|i| &text[raw[i].clone()])
        .collect();
    raw.into_iter()
        .map(|bytes| {
            let said = &text[bytes.clone()];
            let lower = said.to_lowercase();
            let digit = said.chars().any(|c| c.is_ascii_digit());
            let operator = said.chars().all(|c| OPERATORS.contains(c));
            let word = said.chars().next().is_some_and(char::is_alphabetic);
            let inner = said.chars().skip(1).any(char::is_uppercase);
            Unit {
                foreground: digit
                    || operator
                    || (word && (named.contains(said) || inner || is_rare(&lower))),
                text: lower,
                bytes,
            }
        })
        .collect()
}

/// Whether each unit begins a sentence: nothing but opening signs stands between it and an end or a line break.
fn beginnings(text: &str, raw: &[Range<usize>]) -> Vec<bool> {
    let (mut ended, mut end) = (true, 0);
    let mut out = Vec::with_capacity(raw.len());
    for r in raw {
        ended |= text[end..r.start].contains('\n');
        out.push(ended);
        end = r.end;
        ended = match &text[r.clone()] {
            "." | "!" | "?" | ":" | "…" => true,
            "\"" | "'" | "(" | "[" | "“" | "«" => ended,
            _ => false,
        };
    }
    out
}

/// Runs of letters, numerals with their point and comma, and every other sign by itself.
fn split(text: &str) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        let mut end = at + c.len_utf8();
        if c.is_alphanumeric() {
            let number = c.is_ascii_digit();
            while let Some(&(i, next)) = chars.peek() {
                let goes_on = next.is_alphanumeric()
                    || (matches!(next, '.' | ',')
                        && number
                        && text[i + 1..].starts_with(|c: char| c.is_ascii_digit()))
                    || (matches!(next, '\'' | '’')
                        && !number
                        && text[i + next.len_utf8()..].starts_with(char::is_alphabetic));
                if !goes_on {
                    break;
                }
                end = i + next.len_utf8();
                chars.next();
            }
        }
        out.push(at..end);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreground(text: &str) -> Vec<String> {
        let all = units(text, &|w| w == "zeppelin");
        all.into_iter()
            .filter(|u| u.foreground)
            .map(|u| u.text)
            .collect()
    }

    #[test]
    fn numbers_names_operators_and_rare_words_are_foreground() {
        assert_eq!(
            foreground(
                "At first Tom has 1,250.5 apples. After it, Tom sold 3 + 4 = 7. The zeppelin flew."
            ),
            ["tom", "1,250.5", "tom", "3", "+", "4", "=", "7", "zeppelin"]
        );
        // A name at the beginning is one where it stands as one elsewhere.
        assert_eq!(foreground("Ann runs. We saw Ann."), ["ann", "ann"]);
        assert_eq!(foreground("Then we ran.\nThen we slept."), [""; 0]);
        assert_eq!(
            foreground("He said: \"We use LaTeX and x2.\""),
            ["latex", "x2"]
        );
        assert_eq!(foreground(""), [""; 0]);
    }

    #[test]
    fn units_are_the_text_and_hostile_text_takes_linear_time() {
        let text = "don't é ÄÖ 3.14. (a)\u{301} 日本 1.";
        for u in units(text, &|_| false) {
            assert_eq!(text[u.bytes.clone()].to_lowercase(), u.text);
        }
        let quotes = "\"".repeat(1 << 16) + "Tom";
        assert_eq!(units(&quotes, &|_| false).len(), (1 << 16) + 1);
        let digits = "1,".repeat(1 << 18);
        assert!(!units(&digits, &|_| false).is_empty());
    }
}
