//! The numbers that a question states: what can change, and what is as it is.

use std::collections::HashSet;
use std::ops::Range;

use rotescope_text::number::number_len;
use rotescope_text::{Rational, Word, words};

use super::expression::Literal;
use super::fixed::{CountedThing, limit, stays};
use super::form::NumberForm;
use crate::perturb::numbers;
use crate::perturb::role::NumberRole;
use crate::perturb::spelling;
use crate::perturb::texts::beginning;

/// How a number of the question is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    Digits(NumberForm),
    Words { capital: bool },
}

/// A number of the question that other numbers can stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention {
    pub span: Range<usize>,
    pub value: Rational,
    pub writing: Writing,
    pub measure: CountedThing,
    /// The word behind it, in lower case.
    pub unit: String,
    /// No larger number fits: hours of a day, days of a week.
    pub limit: Option<i64>,
    pub currency: bool,
}

/// The numbers of a question.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stated {
    pub mentions: Vec<Mention>,
    /// Values that it states otherwise, and that stay: fractions, dates, ordinals, "twice".
    pub fixed: Vec<Rational>,
    /// Numerators and denominators of its fractions.
    pub fractions: Vec<(Rational, Rational)>,
    /// All of its words, in lower case.
    pub words: HashSet<String>,
}

impl Stated {
    /// Whether a literal is above or below the line of one of the fractions.
    pub fn is_in_fraction(&self, literals: &[Literal], i: usize) -> bool {
        let pair = |a: usize| {
            let (above, below) = (literals.get(a), literals.get(a + 1));
            above
                .zip(below)
                .is_some_and(|(a, b)| self.fractions.contains(&(a.value, b.value)))
        };
        pair(i) || i > 0 && pair(i - 1)
    }
}

const ORDINALS: [&str; 11] = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "twelfth",
];

/// Reads the numbers of a question.
pub fn stated(question: &str) -> Stated {
    let mut all = words(question);
    all.retain(|w| w.text != "-");
    let mut out = Stated {
        words: all.iter().map(|w| w.text.to_lowercase()).collect(),
        ..Default::default()
    };
    digits(question, &mut out);
    in_words(question, &all, &mut out);
    out.mentions.sort_by_key(|m| m.span.start);
    out
}

fn digits(question: &str, out: &mut Stated) {
    let found = numbers::find(question);
    for (i, n) in found.iter().enumerate() {
        let after = &question[n.span.end..];
        if n.role == NumberRole::Fraction {
            let below = found.get(i + 1).filter(|b| {
                b.role == NumberRole::Fraction && question[n.span.end..b.span.start] == *"/"
            });
            if let Some(below) = below {
                out.fractions.push((n.value, below.value));
                out.fixed.extend(n.value.checked_div(below.value));
            }
            continue;
        }
        // "2 1/2" is one number, and stays.
        let mixed = found.get(i + 1).is_some_and(|b| {
            b.role == NumberRole::Fraction
                && matches!(&question[n.span.end..b.span.start], " " | "-")
        });
        if n.role != NumberRole::Quantity || mixed {
            out.fixed.push(n.value);
            continue;
        }
        let scale = after.trim_start_matches([' ', '-']).split(' ').next();
        if let Some(scale) = scale.and_then(scale_of) {
            out.fixed.push(n.value);
            out.fixed.extend(n.value.checked_mul(scale));
            continue;
        }
        mention(
            question,
            n.span.clone(),
            n.value,
            Writing::Digits(NumberForm::of(&n.text)),
            out,
        );
    }
    // 5th and 30MB are no numbers to `find`; their values are known all the same.
    let mut at = 0;
    while let Some(start) = question[at..].find(|c: char| c.is_ascii_digit()) {
        let start = at + start;
        let len = number_len(&question[start..]).max(1);
        at = start + len;
        let known = found.iter().any(|n| n.span.contains(&start));
        let digits = question[start..at].replace(',', "");
        if !known && let Some(value) = Rational::from_digits(&digits, 10) {
            out.fixed.push(value);
        }
    }
}

fn scale_of(word: &str) -> Option<Rational> {
    let word = word.trim_matches(|c: char| !c.is_alphabetic());
    let scale = match word {
        "hundred" => 100,
        "thousand" => 1000,
        "million" => 1_000_000,
        "billion" => 1_000_000_000,
        _ => return None,
    };
    Some(Rational::whole(scale))
}

fn in_words(question: &str, all: &[Word], out: &mut Stated) {
    let mut i = 0;
    while i < all.len() {
        let word = &all[i];
        let lower = word.text.to_lowercase();
        if let Some(n) = ordinal_of(&lower) {
            let before = i.checked_sub(1).map_or("", |b| all[b].text);
            let of = all.get(i + 1).is_some_and(|w| w.text == "of");
            if of || matches!(before, "a" | "A") {
                out.fractions.push((Rational::whole(1), Rational::whole(n)));
            } else {
                // "In the sixth round" of a game with five before it.
                out.fixed.extend([n, (n - 1).max(1)].map(Rational::whole));
            }
            out.fixed.extend(Rational::new(1, n.into()));
        }
        let Some((value, used)) = spelling::read(&all[i..], question) else {
            i += 1;
            continue;
        };
        let span = word.span.start..all[i + used - 1].span.end;
        let value = Rational::whole(value.into());
        let next = all.get(i + used).map(|w| w.text.to_lowercase());
        i += used;
        let part = next.as_deref().and_then(|n| {
            if n.starts_with("quarter") {
                Some(4)
            } else {
                ordinal_of(n)
            }
        });
        if let Some(below) = part {
            let below = Rational::whole(below);
            out.fractions.push((value, below));
            out.fixed.extend(value.checked_div(below));
        } else if let Some(half) = and_a_half(&all[i..], value) {
            out.fixed.extend([value, half]);
        } else if value == Rational::whole(1) || next.as_deref() == Some("million") {
            out.fixed.push(value);
        } else {
            let capital = word.text.starts_with(char::is_uppercase);
            mention(question, span, value, Writing::Words { capital }, out);
        }
    }
}

/// "two and a half".
fn and_a_half(after: &[Word], value: Rational) -> Option<Rational> {
    let says = after
        .iter()
        .zip(["and", "a", "half"])
        .filter(|(w, said)| w.text == *said)
        .count();
    let half = Rational::new(1, 2)?;
    (says == 3).then(|| value.checked_add(half))?
}

/// The number of an ordinal or of a part, `third` and `thirds`.
fn ordinal_of(word: &str) -> Option<i64> {
    let single = word.strip_suffix('s').unwrap_or(word);
    let place = ORDINALS.iter().position(|o| *o == single)?;
    Some(if place == 10 { 12 } else { place as i64 + 1 })
}

/// Puts a number down as one that can change, or as one that stays.
fn mention(
    question: &str,
    span: Range<usize>,
    value: Rational,
    writing: Writing,
    out: &mut Stated,
) {
    let after = &question[span.end..];
    let near = beginning(after, 120);
    let unit = words(near)
        .into_iter()
        .find(|w| w.text != "=" && w.text != "-")
        .filter(|w| near[..w.span.start].chars().all(|c| matches!(c, ' ' | '-')))
        .map(|w| w.text.to_lowercase())
        .unwrap_or_default();
    let percent = near.starts_with('%') || matches!(unit.as_str(), "percent" | "percentage");
    let aged = [
        "years old",
        "year old",
        "years-old",
        "year-old",
        "years of age",
        "years younger",
        "years older",
    ];
    let measure = if percent {
        CountedThing::Percent
    } else if near.starts_with('¢') || matches!(unit.as_str(), "cent" | "cents") {
        CountedThing::Cents
    } else if aged
        .iter()
        .any(|a| near.trim_start_matches([' ', '-']).starts_with(a))
        || unit.starts_with("year") && out.words.contains("age")
        || is_aged(question, &span) && unit.is_empty()
    {
        CountedThing::Age
    } else {
        CountedThing::Plain
    };
    let currency = question[..span.start].ends_with(['$', '€', '£']);
    let small = value == Rational::ZERO || value == Rational::whole(1);
    if small || stays(near, &unit, currency) {
        out.fixed.push(value);
        return;
    }
    let limit = limit(question, &span, &unit, measure, value, &out.words);
    out.mentions.push(Mention {
        currency,
        span,
        value,
        writing,
        measure,
        unit,
        limit,
    });
}

/// "Ann is 12": an age without a unit.
fn is_aged(question: &str, span: &Range<usize>) -> bool {
    let before = &question[..span.start];
    before.ends_with(" is ") || before.ends_with(" was ") || before.ends_with(" turned ")
}
