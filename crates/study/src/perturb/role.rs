//! What digits in a text stand for: a quantity, or something that is no quantity, such as a date or a part of a name.
//!
//! Operators that change numbers change quantities. "May 5", "6:30", "in 2019", "Route 66" and the "2." of a list keep their digits: with others
//! they would be something else, and what they count is nothing.

use std::ops::Range;

use rotescope_text::is_stop_word;

use super::texts::{beginning, ending};

/// What a number of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberRole {
    Quantity,
    /// One side of `3/4`.
    Fraction,
    Date,
    Time,
    Year,
    /// A part of a name: `Route 66`, `iPhone 12`, `#5`.
    Name,
    /// The number of an item in a list.
    Item,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_CUT: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// Whether a word is the name of a month or a day of the week.
pub fn is_calendar(word: &str) -> bool {
    MONTHS.contains(&word) || WEEKDAYS.contains(&word.trim_end_matches('s'))
}

/// Words that a number follows as a name, whatever comes after it, with or without a capital.
const LABELS: &str = "route highway interstate grade room chapter page flight apartment apt suite gate lane platform channel exit number no \
section unit question problem exercise figure table step phase level size version model pier lot area psalm";
/// The same, only with a capital.
const CAPITAL_LABELS: &str = "day week year round game team bus train group class station part lesson book type series stage episode season district \
ward zone building floor hall street avenue";

/// Words before years.
const BEFORE_YEARS: &str = "in since by until till from of year during before after around circa through to and spring summer fall autumn winter \
late early mid class between";

/// Verbs with somebody between them and what is given: in "gave Tom 5 apples" the 5 is no part of a name.
const GIVING: &str = "give gives gave giving given sell sells sold pay pays paid paying send sends sent hand hands handed buy buys bought buying lend \
lends lent loan loans loaned owe owes owed owing cost costs costing take takes took bring brings brought offer offers offered feed feeds fed make \
makes made tell tells told charge charges charged tip tips tipped leave leaves left earn earns earned get gets got getting show shows showed teach \
teaches taught save saves saved ask asks asked award awards awarded win won wins lets let";

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|w| w == word)
}

/// A number that was seen before, and what it is.
type Before<'a> = Option<(&'a Range<usize>, NumberRole)>;

/// The role of the digits at `span`. `before`: the number in front of it, if there is one: in "May 5 and 6" the 6 is what the 5 is.
pub fn role(text: &str, span: &Range<usize>, before: Before) -> NumberRole {
    let here = Around::of(text, span);
    if here.is_date() {
        NumberRole::Date
    } else if here.is_time() {
        NumberRole::Time
    } else if here.is_fraction() {
        NumberRole::Fraction
    } else if here.is_year() {
        NumberRole::Year
    } else if let Some(role) = here.carried_on(before) {
        role
    } else if here.is_item() {
        NumberRole::Item
    } else if here.is_name() {
        NumberRole::Name
    } else {
        NumberRole::Quantity
    }
}

/// A number and what stands around it.
struct Around<'a> {
    text: &'a str,
    number: &'a str,
    start: usize,
    before: &'a str,
    after: &'a str,
}

/// So many bytes around a number are looked at.
const REACH: usize = 80;

impl<'a> Around<'a> {
    fn of(text: &'a str, span: &Range<usize>) -> Around<'a> {
        Around {
            text,
            number: &text[span.clone()],
            start: span.start,
            before: ending(&text[..span.start], REACH),
            after: beginning(&text[span.end..], REACH),
        }
    }

    fn whole(&self) -> Option<u32> {
        self.number.parse().ok()
    }

    /// The word right before, with one blank between.
    fn word_before(&self) -> &'a str {
        self.before.strip_suffix(' ').map_or("", last_word)
    }

    /// The word right after, with one blank between.
    fn word_after(&self) -> &'a str {
        self.after.strip_prefix(' ').map_or("", first_word)
    }

    /// Whether a mark stands within some lines of it.
    fn near(&self, mark: &str) -> bool {
        let (before, after) = self.text.split_at(self.start);
        let from = self.start - ending(before, 2000).len();
        let to = self.start + beginning(after, 2000).len();
        self.text[from..to].contains(mark)
    }

    /// Digits follow the mark, or stand in front of it.
    fn joined(&self, mark: char) -> bool {
        let digit = |c: char| c.is_ascii_digit();
        self.after
            .strip_prefix(mark)
            .is_some_and(|r| r.starts_with(digit))
            || self
                .before
                .strip_suffix(mark)
                .is_some_and(|r| r.ends_with(digit))
    }

    fn is_date(&self) -> bool {
        // 2020-05-17, 5/17/2020.
        let run = |text: &str, mark: char| {
            text.chars()
                .take_while(|c| c.is_ascii_digit() || *c == mark)
                .filter(|c| *c == mark)
                .count()
        };
        for mark in ['-', '/'] {
            let backwards: String = self.before.chars().rev().take(12).collect();
            if self.joined(mark) && run(&backwards, mark) + run(self.after, mark) == 2 {
                return true;
            }
        }
        let Some(1..=31) = self.whole() else {
            return false;
        };
        let before = self.word_before();
        let cut = self
            .before
            .strip_suffix(". ")
            .map_or(before, |b| last_word(b));
        let next = self.after.strip_prefix(" of").unwrap_or(self.after);
        let next = next.strip_prefix(' ').map_or("", first_word);
        // "In May 5 people came": a noun follows.
        (MONTHS.contains(&before) || MONTHS_CUT.contains(&cut)) && !self.counts_things()
            || MONTHS.contains(&next)
    }

    fn is_time(&self) -> bool {
        let two = |t: &str| {
            t.len() >= 2
                && t.bytes().take(2).all(|b| b.is_ascii_digit())
                && !t[2..].starts_with(|c: char| c.is_ascii_digit())
        };
        if self.after.strip_prefix(':').is_some_and(two)
            || self.number.len() == 2 && self.joined(':') && self.before.ends_with(':')
        {
            return true;
        }
        let next = self.after.trim_start().to_lowercase();
        let half = ["am", "pm", "a.m", "p.m", "o'clock", "o’clock"];
        let word = |h: &&str| {
            next.strip_prefix(*h)
                .is_some_and(|r| !r.starts_with(char::is_alphabetic))
        };
        if half.iter().any(word) {
            return true;
        }
        // "from 8 to 10 pm", "8-10 am".
        for between in [" to ", " and ", "-", "–", " until ", " till "] {
            let other = next_number(self.after.strip_prefix(between).unwrap_or_default());
            let later = other.trim_start().to_lowercase();
            if !other.is_empty()
                && half.iter().any(|h| {
                    later
                        .strip_prefix(h)
                        .is_some_and(|r| !r.starts_with(char::is_alphabetic))
                })
            {
                return true;
            }
        }
        let at = matches!(self.word_before(), "at" | "At" | "until" | "till");
        at && self.whole().is_some_and(|n| n <= 24)
            && [
                " in the morning",
                " in the afternoon",
                " in the evening",
                " at night",
                ".",
                "?",
            ]
            .iter()
            .any(|p| self.after.starts_with(p))
    }

    fn is_fraction(&self) -> bool {
        self.joined('/')
    }

    fn is_year(&self) -> bool {
        let Some(year) = self.whole().filter(|_| self.number.len() == 4) else {
            return false;
        };
        if self.before.ends_with(['$', '€', '£']) || !(1000..=2099).contains(&year) {
            return false;
        }
        let word = self.word_before();
        let said = listed(BEFORE_YEARS, &word.to_lowercase())
            || MONTHS.contains(&word)
            || self.before.ends_with('(') && self.after.starts_with(')')
            || self
                .before
                .strip_suffix(", ")
                .is_some_and(|b| b.ends_with(|c: char| c.is_ascii_digit()));
        let next = self.word_after();
        let ends = next.is_empty() || is_stop_word(next) || next.starts_with(char::is_uppercase);
        // "In 2019 a farmer ..." and "in 1445 a weaver", not "in 1500 boxes".
        said && ends && !self.after.starts_with('%')
            || self.after.starts_with("'s") && (1900..=2099).contains(&year)
    }

    /// What the number before is, where both are said together: "May 5 and 6", "Rooms 4 to 7".
    fn carried_on(&self, before: Before) -> Option<NumberRole> {
        let (span, role) = before?;
        let between = self.text.get(span.end..self.start)?;
        let together = [
            " and ",
            " to ",
            "-",
            "–",
            " - ",
            " through ",
            ", ",
            " or ",
            " until ",
            " till ",
            ", and ",
        ];
        let kept = matches!(
            role,
            NumberRole::Date | NumberRole::Time | NumberRole::Year | NumberRole::Name
        );
        let alike = role != NumberRole::Year || self.number.len() == 4;
        let year = role == NumberRole::Date && self.number.len() == 4;
        let small = self.number.len() <= 3 || role == NumberRole::Year || year;
        (kept && alike && small && together.contains(&between) && !self.counts_things())
            .then_some(if year { NumberRole::Year } else { role })
    }

    /// A plural follows, so that it is how many they are.
    fn counts_things(&self) -> bool {
        let next = self.word_after();
        // "gives June 9 more books".
        if matches!(
            next,
            "more" | "fewer" | "less" | "other" | "people" | "men" | "women" | "children"
        ) {
            return true;
        }
        next.starts_with(char::is_lowercase) && next.ends_with('s') && !is_stop_word(next)
    }

    fn is_item(&self) -> bool {
        let line_start = {
            let line = self.before.rsplit('\n').next().unwrap_or_default();
            let whole_line = line.len() < self.before.len() || self.before.len() == self.start;
            whole_line && line.trim().is_empty()
        };
        let small = self.whole().is_some_and(|n| n <= 99);
        let point = |mark: char| {
            self.after
                .strip_prefix(mark)
                .is_some_and(|r| r.starts_with(char::is_whitespace))
        };
        let brackets = || {
            self.before.ends_with('(')
                && self.after.starts_with(')')
                && self.near("(1)")
                && self.near("(2)")
        };
        small && (line_start && (point('.') || point(')')) || brackets())
    }

    fn is_name(&self) -> bool {
        if self.before.ends_with('#') || self.before.ends_with("No. ") {
            return true;
        }
        // F-16, and 7-Eleven.
        if let Some(b) = self.before.strip_suffix('-')
            && last_word(b).starts_with(char::is_uppercase)
        {
            return true;
        }
        if self
            .after
            .strip_prefix('-')
            .is_some_and(|a| a.starts_with(char::is_uppercase))
        {
            return true;
        }
        let word = self.word_before();
        if word.is_empty() {
            return false;
        }
        let lower = word.to_lowercase();
        let lead = self.before[..self.before.len() - 1 - word.len()].trim_end();
        let one_before = last_word(lead).to_lowercase();
        let capital = word.starts_with(char::is_uppercase);
        let label = |list| listed(list, &lower) || listed(list, lower.trim_end_matches('s'));
        let singled = matches!(
            one_before.as_str(),
            "each" | "every" | "a" | "an" | "per" | "the" | "one"
        );
        if label(LABELS) && (capital || !singled) && !self.counts_things() {
            return true;
        }
        if capital && label(CAPITAL_LABELS) && !self.counts_things() {
            return true;
        }
        // iPhone 12, PlayStation 5.
        if word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase) {
            return true;
        }
        if !capital || is_calendar(word) || is_stop_word(&lower) {
            return false;
        }
        let start = lead.is_empty() || lead.ends_with(['.', '?', '!', ':', '\n', '"']);
        if matches!(one_before.as_str(), "a" | "an" | "his" | "her" | "my") && !start {
            return true;
        }
        let given = listed(GIVING, &one_before) || matches!(one_before.as_str(), "and" | "or");
        let goes_on = self.word_after().starts_with(char::is_lowercase);
        !start && !given && !goes_on
    }
}

fn last_word(text: &str) -> &str {
    let start = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphanumeric())
        .last();
    start.map_or("", |(i, _)| &text[i..])
}

fn first_word(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(text.len());
    &text[..end]
}

/// What follows the number that the text begins with; empty if it begins with none.
fn next_number(text: &str) -> &str {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
    if rest.len() == text.len() { "" } else { rest }
}
