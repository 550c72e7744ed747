//! The numbers of a text, and the whole value that its last number is part of.

use crate::ByteRange;
use crate::digits::ascii_digit;
use crate::markup::unwrapped;
use crate::same::{is_value, numeral_len};

/// How far around the last number its value is looked for, in bytes.
const AROUND: usize = 300;

/// The value that the last number of a text belongs to.
pub(super) fn last_value(text: &str) -> Option<ByteRange> {
    let (last, _) = text
        .char_indices()
        .rev()
        .find(|(_, c)| ascii_digit(*c).is_some())?;
    let from = floor(text, last.saturating_sub(AROUND));
    let to = floor(text, (last + AROUND).min(text.len()));
    // Only the line, and no number cut in two.
    let from = text[from..last].rfind('\n').map_or(from, |i| from + i + 1);
    let from = if from == 0 || text[..from].ends_with('\n') {
        from
    } else {
        text[from..last].find(' ').map_or(from, |i| from + i)
    };
    let to = text[last..to].find('\n').map_or(to, |i| last + i);
    let number = numbers(&text[from..to]).pop()?;
    let number = from + number.start..from + number.end;
    Some(formula(text, from..to, &number).unwrap_or(number))
}

/// The next smaller border of a character.
pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0)
}

/// All numbers of a short text: digits with their marks, a sign in front that is no subtraction, fractions, mixed numbers,
/// times, ratios, powers of ten, words such as "million", percent signs.
pub(super) fn numbers(text: &str) -> Vec<ByteRange> {
    let (ascii, places) = in_ascii(text);
    let b = ascii.as_bytes();
    let (mut i, mut found) = (0, Vec::new());
    while i < b.len() {
        let begins = b[i].is_ascii_digit()
            || (b[i] == b'.' && (i == 0 || !b[i - 1].is_ascii_alphanumeric()));
        let len = if begins { numeral_len(&ascii[i..]) } else { 0 };
        if len == 0 {
            i += if b[i].is_ascii_digit() {
                ascii[i..].bytes().take_while(u8::is_ascii_digit).count()
            } else {
                1
            };
            continue;
        }
        let end = i + len + behind(&ascii[i + len..], len);
        found.push(places[signed(&ascii, i)]..places[end]);
        i = end;
    }
    found
}

/// The text with ASCII digits and marks, each other character as one byte, and where each byte stood.
fn in_ascii(text: &str) -> (String, Vec<usize>) {
    let mut ascii = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() + 1);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let latex = ["\\,\\!", ",\\!", "{,}", "\\,"]
            .iter()
            .find(|m| rest.starts_with(**m));
        let (mark, len) = match latex {
            Some(m) => (if m.contains("\\,") { ' ' } else { ',' }, m.len()),
            None => (
                ascii_digit(c).unwrap_or(match c {
                    '，' | '٬' => ',',
                    '．' | '٫' => '.',
                    '：' => ':',
                    '／' | '⁄' => '/',
                    '％' | '٪' => '%',
                    '’' => '\'',
                    '\u{2212}' => '-',
                    '×' => '*',
                    '\u{a0}' | '\u{2009}' | '\u{202f}' => ' ',
                    c if c.is_ascii() => c,
                    c if c.is_alphabetic() => 'x',
                    _ => '\u{1}',
                }),
                c.len_utf8(),
            ),
        };
        places.push(text.len() - rest.len());
        ascii.push(mark);
        rest = &rest[len..];
    }
    places.push(text.len());
    (ascii, places)
}

/// The start of a number with its sign, which is no subtraction: `= -3`, "is -3", but not `5 -3` or `x-3`.
fn signed(text: &str, start: usize) -> usize {
    let Some(before) = text[..start].strip_suffix('-') else {
        return start;
    };
    let bare = before.trim_end();
    let letters = bare
        .bytes()
        .rev()
        .take_while(u8::is_ascii_alphabetic)
        .count();
    let behind_word = letters > 1 && before.ends_with(' ');
    let subtracted = bare.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | '}' | '-'));
    if !subtracted || behind_word {
        before.len()
    } else {
        start
    }
}

/// The length of what belongs to a number of `digits` bytes in front of this text.
fn behind(text: &str, digits: usize) -> usize {
    let mut len = 0;
    let number = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
    let mixed = text.strip_prefix(' ').map_or(0, |t| {
        let above = number(t);
        let below = t[above..].strip_prefix('/').map_or(0, number);
        if above > 0 && above <= 2 && below > 0 {
            1 + above + 1 + below
        } else {
            0
        }
    });
    if mixed > 0 {
        len += mixed;
    } else if let Some(below) = text.strip_prefix('/') {
        let n = numeral_len(below);
        len += if n > 0 { 1 + n } else { 0 };
    } else if digits <= 2 {
        // 6:30, 3:2.
        while let Some(n) = text[len..]
            .strip_prefix(':')
            .map(number)
            .filter(|n| (1..=2).contains(n))
        {
            len += 1 + n;
        }
    }
    // 3 × 10^4.
    let rest = text[len..].trim_start_matches(' ');
    for times in ["*", "x ", "x", "\\times", "\\cdot"] {
        if let Some(power) = rest
            .strip_prefix(times)
            .map(str::trim_start)
            .filter(|p| p.starts_with("10^"))
        {
            let exponent = power[3..].trim_start_matches(['{', '-', '+']);
            let after = exponent[number(exponent)..]
                .strip_prefix('}')
                .unwrap_or(&exponent[number(exponent)..]);
            return text.len() - after.len();
        }
    }
    if text[len..].starts_with('%') {
        return len + 1;
    }
    if text[len..].starts_with("\\%") {
        return len + 2;
    }
    for word in [
        " million",
        " billion",
        " trillion",
        " thousand",
        " dozen",
        " am",
        " pm",
        " a.m",
        " p.m",
        " AM",
        " PM",
        "am",
        "pm",
    ] {
        let after = text[len..].strip_prefix(word);
        if after.is_some_and(|a| !a.starts_with(|c: char| c.is_ascii_alphanumeric())) {
            return len + word.len();
        }
    }
    len
}

/// The formula that a number of a line is part of: `\frac{10}{9}`, `(7, 6)`, `2√3`. `None` where the number stands for itself.
fn formula(text: &str, line: ByteRange, number: &ByteRange) -> Option<ByteRange> {
    let mut start = number.start;
    let mut end = number.end;
    // Words end it, on both sides.
    while start > line.start {
        let token = text[line.start..start].trim_end();
        let word = token.rsplit(char::is_whitespace).next().unwrap_or(token);
        let from = line.start + token.len() - word.len();
        if has_word(&text[from..line.start + token.len()]) {
            break;
        }
        start = from;
    }
    while end < line.end {
        let rest = text[end..line.end].trim_start();
        let from = line.end - rest.len();
        let to = rest
            .find(char::is_whitespace)
            .map_or(line.end, |i| from + i);
        if has_word(&text[from..to]) {
            break;
        }
        end = to.max(end + 1);
    }
    let whole = &text[start..end];
    let equal_to = after_equality(whole, number.start - start);
    let value = unwrapped(equal_to.trim_end_matches(['!', '?', '"']));
    // 106r: a letter that touches a number; or any variable between the signs of a formula.
    let letter = |c: char| c.is_ascii_alphabetic();
    let delimited =
        ["$", "\\(", "\\["].iter().any(|d| whole.starts_with(d)) && value.contains(letter);
    let touched = delimited
        || text[..number.start].ends_with(letter)
        || text[number.end..].starts_with(letter);
    let bracketed = value.starts_with(['(', '[']) && value.contains(',');
    let marked = value.contains(['\\', '√', 'π', '∞']) || bracketed || touched;
    let at = value.as_ptr() as usize - text.as_ptr() as usize;
    let holds = at <= number.start && number.end <= at + value.len();
    let broken = value.contains("\\frac") || value.contains("\\sqrt");
    (marked && holds && (is_value(value) || broken)).then(|| at..at + value.len())
}

/// Two letters in a row that are no command?
fn has_word(token: &str) -> bool {
    let mut letters = 0;
    let mut command = false;
    for c in token.chars() {
        if c.is_alphabetic() {
            letters += 1;
            if letters > 1 && !command {
                return true;
            }
        } else {
            letters = 0;
            command = c == '\\';
        }
    }
    false
}

/// What stands behind the last sign of equality before the number.
fn after_equality(text: &str, number: usize) -> &str {
    let last = text[..number].rfind(['=', '≈']).map_or(0, |i| {
        i + text[i..].chars().next().map_or(1, char::len_utf8)
    });
    &text[last..]
}
