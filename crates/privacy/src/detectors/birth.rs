//! Dates of birth: dates behind words that say so.

use std::ops::Range;

use regex::Regex;

use super::around::pattern;
use crate::detector::Detector;
use crate::kind::Kind;

pub struct Birth {
    form: Regex,
}

const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen"],
    &["feb", "fév"],
    &["mar", "mär"],
    &["apr", "avr", "abr"],
    &["may", "mai", "mag"],
    &["jun", "juin", "giu"],
    &["jul", "juil", "lug"],
    &["aug", "aoû", "ago"],
    &["sep", "set"],
    &["oct", "okt", "ott", "out"],
    &["nov"],
    &["dec", "dez", "déc", "dic"],
];

impl Birth {
    pub fn new() -> Self {
        let word = r"\b(?:date\s+of\s+birth|birth\s?date|birthday|birth|d\.?o\.?b\.?|born|geboren|geburtsdatum|geb\.|n[ée]e?\s+le|né\(e\)\s+le|nacid[oa]|nat[oa]\s+il|nasc\.|nascid[oa]|fecha\s+de\s+nacimiento)|\(b\.|生年月日|出生日期";
        let between = r#"["']?(?:\s{0,3}[:=]\s{0,3}["']?|\s{1,3}(?:on|am|el|em|le|in\s+\p{L}+(?:\s\p{L}+)?,?(?:\s+on)?)\s{1,2}|\s{0,3})"#;
        let month = r"\p{L}+\.?";
        let dates = [
            r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}".to_string(),
            r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}".to_string(),
            r"(?:19|20)\d{6}".to_string(),
            r"\d{4}年\d{1,2}月\d{1,2}日".to_string(),
            format!(r"\d{{1,2}}(?:st|nd|rd|th|\.)?\s(?:de\s)?{month}\s(?:de\s)?\d{{4}}"),
            format!(r"{month}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}"),
        ];
        Birth {
            form: pattern(&format!("(?i)(?:{word}){between}({})", dates.join("|"))),
        }
    }
}

impl Detector for Birth {
    fn kind(&self) -> Kind {
        Kind::Birth
    }

    fn find(&self, line: &str) -> Vec<Range<usize>> {
        let found = self.form.captures_iter(line).filter_map(|c| c.get(1));
        let goes_on = |end: usize| line[end..].starts_with(|c: char| c.is_ascii_digit());
        found
            .filter(|m| m.len() < 40 && is_date(m.as_str()) && !goes_on(m.end()))
            .map(|m| m.range())
            .collect()
    }
}

/// Whether the calendar has it, in some order.
fn is_date(text: &str) -> bool {
    let parts = text.split(|c: char| !c.is_ascii_digit());
    let numbers: Vec<(usize, u32)> = parts
        .filter(|p| !p.is_empty())
        .filter_map(|p| Some((p.len(), p.parse().ok()?)))
        .collect();
    let lower = text.to_lowercase();
    let named = MONTHS
        .iter()
        .position(|names| names.iter().any(|n| has_month(&lower, n)));
    let day_in = |year: u32, month: u32, day: u32| {
        (1850..2100).contains(&year) && day >= 1 && day <= days(year, month)
    };
    match (&numbers[..], named) {
        ([(8, n)], _) => day_in(n / 10_000, n / 100 % 100, n % 100),
        ([(4, y), (_, m), (_, d)], _) => day_in(*y, *m, *d),
        ([(_, a), (_, b), (4, y)], _) => day_in(*y, *a, *b) || day_in(*y, *b, *a),
        ([(_, d), (4, y)], Some(m)) => day_in(*y, m as u32 + 1, *d),
        _ => false,
    }
}

/// A word that begins with the name.
fn has_month(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic())
        .any(|w| w.starts_with(name))
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}
