//! Numbers that a story cannot have otherwise, and how large others may be.

use std::collections::HashSet;
use std::ops::Range;

use rotescope_text::{Rational, is_stop_word, words};

use crate::perturb::role::is_calendar;
use crate::perturb::texts::capitalized;

/// What is counted, as far as it matters for values made of the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedThing {
    Plain,
    Percent,
    Cents,
    Age,
}

/// Whether a number with this text behind it is what it is in any story: a fact, money of a kind, the number of what is named.
pub fn stays(after: &str, unit: &str, currency: bool) -> bool {
    PARTS.split(' ').any(|p| p == unit)
        || is_coin(after, currency)
        || is_fact(after)
        || lists_them(after)
}

/// Things that have so many of a part, whatever the story.
const PARTS: &str = "legs wheels sides eyes ears arms wings tires";

/// Units of measure, in the singular.
const MEASURES: &str = "ounce pound gallon quart pint cup tablespoon teaspoon inch foot feet yard mile meter centimeter millimeter kilometer gram kilogram \
liter milliliter second minute hour day week month year mb gb cent dollar ton oz lb cm mm km kg ml dozen";

/// "There are 128 ounces in a gallon": a fact.
fn is_fact(after: &str) -> bool {
    let next: Vec<String> = words(after)
        .into_iter()
        .filter(|w| w.text != "-")
        .map(|w| w.text.to_lowercase())
        .take(4)
        .collect();
    let measure = |w: &str| {
        let single = w.strip_suffix("es").filter(|s| s.ends_with("ch"));
        let single = single.or(w.strip_suffix('s')).unwrap_or(w);
        MEASURES.split_whitespace().any(|m| m == single)
    };
    let month = |w: &str| is_calendar(&capitalized(w));
    match &next[..] {
        [days, between, of, ..] if days.starts_with("day") && between == "in" && month(of) => true,
        [one, between, count, other] => {
            let between = matches!(
                between.as_str(),
                "in" | "to" | "per" | "make" | "makes" | "equal" | "equals" | "="
            );
            let count = matches!(
                count.as_str(),
                "a" | "an" | "one" | "1" | "each" | "every" | "the"
            );
            between && count && measure(one) && measure(other)
        }
        _ => false,
    }
}

/// "$20 bill", "25-cent coins": there is no such money with another number.
fn is_coin(after: &str, currency: bool) -> bool {
    let mut next = words(after).into_iter().filter(|w| w.text != "-");
    let mut next = || next.next().map_or("", |w| w.text);
    let unit = next();
    let kind = if currency {
        unit
    } else if matches!(unit, "dollar" | "cent" | "dollars" | "cents" | "pound") {
        next()
    } else {
        return false;
    };
    matches!(
        kind,
        "bill" | "bills" | "note" | "notes" | "banknote" | "banknotes" | "coin" | "coins"
    )
}

/// "3 friends, Amy, Bo and Cy", "two kinds: ...": those counted are named, so that there are as many as are named.
fn lists_them(after: &str) -> bool {
    let Some(end) = after.find([',', ':', '.', '?', '!', ';']) else {
        return false;
    };
    let between = after[..end].split_whitespace().count();
    let rest = after[end + 1..].trim_start();
    match after.as_bytes()[end] {
        b':' => (1..=8).contains(&between),
        b',' => {
            let listed = rest.split([',', '.', '?']).next().unwrap_or_default();
            let listed: Vec<&str> = listed.split_whitespace().take(8).collect();
            let first = listed.first().copied().unwrap_or_default();
            let short = matches!(listed.get(1), None | Some(&"and"));
            let name = first.starts_with(char::is_uppercase) && short;
            // "two types, koi fish and goldfish".
            let joined = listed.iter().skip(1).any(|w| *w == "and") && listed.len() < 8;
            let things = first.starts_with(char::is_alphabetic) && !is_stop_word(first);
            (1..=3).contains(&between) && (name || joined && things)
        }
        _ => false,
    }
}

/// The largest number that fits the unit: hours of a day, days of a week, percent.
pub fn limit(
    question: &str,
    span: &Range<usize>,
    unit: &str,
    measure: CountedThing,
    value: Rational,
    words: &HashSet<String>,
) -> Option<i64> {
    let before = question[..span.start].trim_end();
    let before = before
        .strip_suffix(" and")
        .unwrap_or(before)
        .trim_end_matches(',');
    let after = |units: &[&str]| units.iter().any(|u| before.ends_with(u));
    let has = |list: &[&str]| list.iter().any(|w| words.contains(*w));
    let day = has(&[
        "day",
        "daily",
        "days",
        "night",
        "morning",
        "evening",
        "afternoon",
        "today",
        "yesterday",
    ]);
    let week = has(&[
        "week", "weekly", "weeks", "monday", "friday", "saturday", "sunday",
    ]);
    let month = has(&[
        "month",
        "months",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]);
    let year = has(&["year", "years", "yearly", "annual", "annually"]);
    let candidates: &[i64] = match measure {
        CountedThing::Percent => &[100],
        CountedThing::Age => &[95],
        _ => match unit {
            "hour" | "hours" | "hrs" if day => &[24, 168],
            "hour" | "hours" | "hrs" if week => &[168],
            "day" | "days" if week => &[7],
            "day" | "days" if month => &[28],
            "day" | "days" if year => &[365],
            "week" | "weeks" if month => &[4, 52],
            "week" | "weeks" if year => &[52],
            "month" | "months" if after(&["year", "years"]) => &[11],
            "month" | "months" if year => &[12],
            "inch" | "inches" if after(&["foot", "feet"]) => &[11],
            "minute" | "minutes" if after(&["hour", "hours"]) => &[59],
            "minute" | "minutes" if day => &[1440],
            "second" | "seconds" if after(&["minute", "minutes"]) => &[59],
            "cents" | "cent" if after(&["dollar", "dollars"]) => &[99],
            _ => &[],
        },
    };
    candidates
        .iter()
        .copied()
        .find(|l| value <= Rational::whole(*l))
}
