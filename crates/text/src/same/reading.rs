//! Reads an answer: which values can it stand for?

use super::currency::SIGNS;
use super::expression::Letters;
use super::measures::{Measure, measure};
use super::number_words::in_digits;
use super::numeral::{Locale, Marks};
use super::plain::plain;
use super::reader::Reader;
use super::split::collapsed;
use super::times::{choice, word};
use super::value::Value;

/// Longer answers, in bytes, are texts.
pub(super) const LONGEST: usize = 1000;
/// All readings of an answer, the likeliest first; the last one is its text.
pub(super) fn readings(answer: &str, locale: Locale) -> Vec<Value> {
    let mut found = Vec::new();
    if answer.len() > LONGEST {
        return vec![Value::Text(collapsed(answer))];
    }
    let text = plain(answer);
    let text = undressed(&text);
    let mut add = |text: &str| {
        for marks in marks_of(text, locale) {
            for letters in [Letters::Units, Letters::Variables] {
                if letters == Letters::Variables && !is_algebraic(text) {
                    continue;
                }
                let reader = Reader { marks, letters };
                found.extend(reader.value(text, 0).filter(Value::is_firm));
                found.extend(reader.equation(text));
            }
        }
    };
    add(text);
    let digits = in_digits(text);
    let numbers = digits.as_deref().unwrap_or(text);
    if digits.is_some() {
        add(numbers);
    }
    for word in ["minus ", "negative "] {
        if let Some(size) = numbers.strip_prefix(word) {
            add(&format!("-{size}"));
        }
    }
    // 5! may be 120, or 5 said with force.
    if let Some(n) = answer.trim_end_matches(['$', ' ', '.']).strip_suffix('!') {
        add(&format!("1*{}!*1", undressed(&plain(n))));
    }
    // Three dozen are 36, or 3 where dozens are asked for.
    if numbers.contains(" dozen") {
        add(&numbers
            .replace("dozens", "dozen")
            .replacen(" dozen", " * 12", 1));
    }
    found.extend(word(text).map(Value::Word));
    if let Some((letter, behind)) = choice(text) {
        let text = collapsed(behind);
        found.push(Value::Choice { letter, text });
    }
    found.extend(
        Reader {
            marks: Marks::LIST,
            letters: Letters::Units,
        }
        .list(text, 0),
    );
    found.push(Value::Text(collapsed(text)));
    found
}

/// Takes off what says nothing about the value: stops, "about", "exactly".
fn undressed(text: &str) -> &str {
    let mut text = text.trim_matches([' ', '"', '`']);
    loop {
        let before = text;
        text = text
            .trim_start_matches(['≈', ':', ' '])
            .trim_end_matches([' ', '.', ',', ';', ':', '!', '?']);
        for word in [
            "approximately ",
            "approx. ",
            "about ",
            "exactly ",
            "roughly ",
            "around ",
            "only ",
            "just ",
            "a total of ",
            "equal to ",
            "Approximately ",
            "About ",
            "Exactly ",
        ] {
            text = text.strip_prefix(word).unwrap_or(text);
        }
        if text == before {
            return text;
        }
    }
}

/// The ways in which commas and points between digits can be meant.
fn marks_of(text: &str, locale: Locale) -> Vec<Marks> {
    let between = |mark: u8| {
        let b = text.as_bytes();
        b.windows(3)
            .any(|w| w[1] == mark && w[0].is_ascii_digit() && w[2].is_ascii_digit())
    };
    let price = || {
        text.contains(|c| SIGNS.contains(c))
            || text
                .split_whitespace()
                .any(|w| measure(w).is_some_and(Measure::is_money))
    };
    let mut found = match locale {
        Locale::Point => vec![Marks {
            comma_groups: true,
            comma_decimals: false,
            point_groups: false,
        }],
        Locale::Comma => vec![Marks {
            comma_groups: false,
            comma_decimals: true,
            point_groups: true,
        }],
    };
    if between(b',') {
        if locale == Locale::Point {
            found.push(Marks {
                comma_decimals: true,
                ..found[0]
            });
        }
        found.push(Marks {
            point_groups: found[0].point_groups,
            ..Marks::LIST
        });
    }
    // No price has three places: 1.500 € are a thousand and a half.
    if locale == Locale::Point && between(b'.') && price() {
        found.push(Marks {
            point_groups: true,
            ..found[0]
        });
    }
    found
}

/// May its letters be variables? Words are none.
fn is_algebraic(text: &str) -> bool {
    let letters = text.contains(|c: char| c.is_ascii_alphabetic());
    letters && text.contains(|c: char| c.is_ascii_digit() || "+*/=^\\<>≤≥|-".contains(c))
        || text.chars().count() == 1
}
