//! Times of day, ratios, quantities in several units, choices, yes and no.

use super::form::Form;
use super::measures::{Measure, measure};
use super::numeral::{Marks, numeral};
use super::units::Unit;
use super::value::{Half, Quantity, Value};
use crate::number::Rational;

/// `6:30`, `6 pm`, `18:00:30`, `6 o'clock`.
pub(super) fn time(text: &str) -> Option<Value> {
    let lower = text.to_ascii_lowercase();
    let lower = match &*lower {
        "noon" | "12 noon" => "12:00 pm",
        "midnight" | "12 midnight" => "12:00 am",
        _ => &lower,
    };
    let digits = lower
        .find(|c: char| !(c.is_ascii_digit() || c == ':'))
        .unwrap_or(lower.len());
    let (clock, rest) = lower.split_at(digits);
    let rest: String = rest.chars().filter(|c| !matches!(c, ' ' | '.')).collect();
    let half = match &*rest {
        "" => None,
        "am" | "inthemorning" => Some(Half::Am),
        "pm" | "intheafternoon" | "intheevening" => Some(Half::Pm),
        "o'clock" => None,
        _ => return None,
    };
    let parts: Vec<&str> = clock.split(':').collect();
    if parts.len() == 1 && rest.is_empty() || parts.len() > 3 || parts[0].len() > 2 {
        return None;
    }
    let mut seconds = 0;
    for (i, part) in parts.iter().enumerate() {
        let n: u32 = part.parse().ok()?;
        let fits = if i == 0 {
            n <= 24
        } else {
            n < 60 && part.len() == 2
        };
        fits.then_some(())?;
        seconds += n * [3600, 60, 1][i];
    }
    Some(Value::Time { seconds, half })
}

/// `3:2`, `3 to 2`, `1:2:3`.
pub(super) fn ratio(text: &str) -> Option<Value> {
    let parts: Vec<&str> = if text.contains(':') {
        text.split(':').collect()
    } else {
        text.split(" to ").collect()
    };
    (2..=6).contains(&parts.len()).then_some(())?;
    let number = |p: &&str| {
        let (value, len) = numeral(p.trim(), Marks::LIST)?;
        (len == p.trim().len()).then_some(value)
    };
    let numbers: Vec<Rational> = parts.iter().map(number).collect::<Option<_>>()?;
    Some(Value::Ratio {
        parts: numbers,
        clock: time(text).is_some(),
    })
}

/// `2 hours 30 minutes`, `5 feet and 3 inches`, `18 dollars and 50 cents`, in the first unit.
pub(super) fn compound(text: &str, marks: Marks) -> Option<Quantity> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let words: Vec<&str> = text
        .split([' ', ','])
        .filter(|w| !w.is_empty() && *w != "and")
        .take(9)
        .collect();
    if words.len() < 4 || !words.len().is_multiple_of(2) {
        return None;
    }
    let mut total = Rational::ZERO;
    let mut before = None;
    let mut first = None;
    for pair in words.chunks(2) {
        let (value, len) = numeral(pair[0], marks)?;
        let unit = measure(pair[1])?;
        // From large to small, all of one kind.
        let smaller =
            before.is_none_or(|b: Measure| b.comparable(unit) && unit.factor() < b.factor());
        (len == pair[0].len() && smaller).then_some(())?;
        total = total.checked_add(unit.scale(value)?)?;
        before = Some(unit);
        first = first.or(Some((pair[1], unit)));
    }
    let (name, unit) = first?;
    let form = Form::number(total.checked_div(unit.factor())?);
    Some(Quantity {
        unit: Unit::of_measure(name),
        ..Quantity::of(form)
    })
}

/// "Yes", "no", "True", "false", with what follows after a stop.
pub(super) fn word(text: &str) -> Option<&'static str> {
    let len = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    let rest = &text[len..];
    let ends = rest.is_empty()
        || rest.starts_with([',', '.', ';', ':', '!', '\''])
        || rest.starts_with(" -")
        || rest.starts_with(" because");
    let known = ["yes", "no", "true", "false"];
    known
        .into_iter()
        .find(|w| ends && text[..len].eq_ignore_ascii_case(w))
}

/// The letter of a choice, in upper case, and what stands behind it: `C`, `(C)`, `c)`, `C. seven`, `Option C`.
pub(super) fn choice(text: &str) -> Option<(char, &str)> {
    let mut text = text.trim();
    for word in ["option ", "choice ", "answer ", "letter "] {
        if text
            .get(..word.len())
            .is_some_and(|t| t.eq_ignore_ascii_case(word))
        {
            text = text[word.len()..].trim_start();
        }
    }
    let inside = text.strip_prefix(['(', '[', '{']).unwrap_or(text);
    let bracket = inside.len() < text.len();
    let letter = inside.chars().next().filter(char::is_ascii_alphabetic)?;
    let rest = &inside[1..];
    let (rest, closed) = match rest.trim_start().strip_prefix([')', ']', '}']) {
        Some(r) => (r, true),
        None => (rest, false),
    };
    let behind = rest.trim_start().trim_start_matches(['.', ':', ')']).trim();
    let among_first = ('a'..='j').contains(&letter.to_ascii_lowercase());
    let stop = rest.starts_with(['.', ':']) || closed;
    // A letter in lower case is a variable unless brackets say otherwise; a word may follow only a stop.
    let dressed = letter.is_uppercase() || closed && among_first;
    let apart = behind.is_empty() || stop && among_first && rest.starts_with([' ', '.', ':']);
    (dressed && apart && bracket <= closed).then(|| (letter.to_ascii_uppercase(), behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices() {
        for (text, letter, behind) in [
            ("C", 'C', ""),
            ("(C)", 'C', ""),
            ("(c)", 'C', ""),
            ("C. seven", 'C', "seven"),
            ("C) 7", 'C', "7"),
            ("Option B", 'B', ""),
            ("(B) two", 'B', "two"),
            ("D:", 'D', ""),
        ] {
            assert_eq!(choice(text), Some((letter, behind)), "{text}");
        }
        for text in ["c", "Cat", "(7)", "(C", "A cat", "C(5)", "x) y", ""] {
            assert_eq!(choice(text), None, "{text}");
        }
    }
}
