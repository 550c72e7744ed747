//! National numbers of persons, each with its country's form and check.

use std::ops::Range;

use regex::Regex;

use super::around::{before, has_word, pattern};
use super::numbers::luhn;
use crate::detector::{Country, Detector};
use crate::kind::Kind;

pub struct Id {
    numbers: Vec<Number>,
}

/// A country's number.
struct Number {
    form: Regex,
    /// What its letters and digits must be.
    check: fn(&str) -> bool,
    /// Words of which one must stand before it; none where the form and check are enough.
    words: &'static [&'static str],
}

impl Id {
    pub fn new(countries: &[Country]) -> Self {
        Id {
            numbers: countries.iter().flat_map(|c| of_country(*c)).collect(),
        }
    }
}

impl Detector for Id {
    fn kind(&self) -> Kind {
        Kind::Id
    }

    fn find(&self, line: &str) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        for number in &self.numbers {
            for found in number.form.find_iter(line) {
                let signs: String = found
                    .as_str()
                    .chars()
                    .filter(char::is_ascii_alphanumeric)
                    .collect();
                let named = || has_word(&before(line, found.start()), number.words, 44);
                if whole(line, &found.range())
                    && (number.check)(&signs)
                    && (number.words.is_empty() || named())
                {
                    out.push(found.range());
                }
            }
        }
        out.sort_by_key(|r| r.start);
        out.dedup_by(|b, a| b.start < a.end);
        out
    }
}

/// No part of something longer.
fn whole(line: &str, at: &Range<usize>) -> bool {
    let border =
        |c: Option<char>| c.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '/')));
    let mut right = line[at.end..].chars();
    let next = right.next();
    border(line[..at.start].chars().next_back())
        && border(next)
        && !(next == Some('.') && right.next().is_some_and(|c| c.is_ascii_digit()))
}

fn of_country(country: Country) -> Vec<Number> {
    let number = |form: &str, check: fn(&str) -> bool, words: &'static [&'static str]| Number {
        // Checks count in ASCII: `\d` alone takes digits of every script, `(?i)` the long s and Kelvin's sign.
        form: pattern(&format!("(?-u){form}")),
        check,
        words,
    };
    match country {
        Country::Us => vec![
            number(
                r"\d{3}-\d{2}-\d{4}",
                american,
                &["ssn", "social", "soc.", "security", "my"],
            ),
            number(
                r"\d{3}-\d{2}-\d{4}",
                |s| american(s) && !s.starts_with("123"),
                &[],
            ),
            number(
                r"\d{3}[ ]?\d{2}[ ]?\d{4}",
                american,
                &["ssn", "social security"],
            ),
        ],
        Country::Gb => vec![number(
            r"(?i)[A-CEGHJ-PQR-TW-Z][A-CEGHJ-NPQR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]",
            |_| true,
            &["nino", "national insurance", "insurance", "ni"],
        )],
        Country::Es => vec![
            number(r"\d{8}-?[A-Z]", dni, &[]),
            number(r"[XYZ]-?\d{7}-?[A-Z]", dni, &[]),
        ],
        Country::It => vec![number(
            r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]",
            codice_fiscale,
            &[],
        )],
        Country::Nl => vec![number(
            r"\d{9}",
            bsn,
            &["bsn", "burgerservicenummer", "sofinummer"],
        )],
        Country::Pl => vec![number(r"\d{11}", pesel, &["pesel"])],
        Country::Br => vec![
            number(r"\d{3}\.\d{3}\.\d{3}-\d{2}", cpf, &[]),
            number(r"\d{11}", cpf, &["cpf"]),
        ],
        Country::Ca => vec![number(
            r"\d{3}[ -]\d{3}[ -]\d{3}",
            luhn,
            &["sin", "social insurance"],
        )],
        Country::Se => vec![number(
            r"(?:19|20)?\d{6}[-+]\d{4}",
            |s| luhn(&s[s.len() - 10..]) && calendar(&s[s.len() - 8..s.len() - 4]),
            &[],
        )],
        Country::Fr => vec![number(
            r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d{2} ?\d{3} ?\d{3} ?\d{2}",
            nir,
            &[],
        )],
        Country::De => vec![number(
            r"[1-9]\d ?\d{3} ?\d{3} ?\d{3}",
            steuer_id,
            &[
                "steuer-id",
                "steueridentifikationsnummer",
                "steuer-identifikationsnummer",
                "idnr",
                "idnr.",
                "tin",
            ],
        )],
    }
}

fn digits(signs: &str) -> Vec<u32> {
    signs.chars().filter_map(|c| c.to_digit(10)).collect()
}

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum()
}

/// The Social Security Administration gives no area 000, 666, 9xx, no group 00, no serial 0000.
fn american(s: &str) -> bool {
    !(s.starts_with("000")
        || s.starts_with("666")
        || s.starts_with('9')
        || &s[3..5] == "00"
        || s.ends_with("0000"))
}

fn dni(s: &str) -> bool {
    const LETTERS: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let (head, letter) = s.split_at(s.len() - 1);
    let number = head.replace('X', "0").replace('Y', "1").replace('Z', "2");
    let number: usize = number.parse().unwrap_or(0);
    letter.as_bytes()[0] == LETTERS[number % 23]
}

fn codice_fiscale(s: &str) -> bool {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let value = |c: u8| {
        u32::from(if c.is_ascii_digit() {
            c - b'0'
        } else {
            c - b'A'
        })
    };
    let of_one = |(i, c): (usize, u8)| match i % 2 {
        0 => ODD[value(c) as usize],
        _ => value(c),
    };
    let sum: u32 = s.bytes().take(15).enumerate().map(of_one).sum();
    value(s.as_bytes()[15]) == sum % 26
}

/// The "elfproef".
fn bsn(s: &str) -> bool {
    let d = digits(s);
    weighted(&d, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == d[8] && d.iter().any(|x| *x > 0)
}

fn pesel(s: &str) -> bool {
    let d = digits(s);
    (10 - weighted(&d, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10 == d[10]
}

fn cpf(s: &str) -> bool {
    let d = digits(s);
    let check = |n: usize| {
        let sum: u32 = d[..n]
            .iter()
            .zip((2..=n as u32 + 1).rev())
            .map(|(d, w)| d * w)
            .sum();
        sum * 10 % 11 % 10 == d[n]
    };
    check(9) && check(10) && d.iter().any(|x| *x != d[0])
}

/// Month and day.
fn calendar(s: &str) -> bool {
    let part = |from: usize| s[from..from + 2].parse::<u32>().unwrap_or(0);
    (1..=12).contains(&part(0)) && (1..=31).contains(&part(2))
}

fn nir(s: &str) -> bool {
    let number: u64 = s[..13].parse().unwrap_or(0);
    let key: u64 = s[13..].parse().unwrap_or(0);
    97 - number % 97 == key
}

/// ISO 7064 MOD 11, 10.
fn steuer_id(s: &str) -> bool {
    let d = digits(s);
    let mut product = 10;
    for digit in &d[..10] {
        let sum = (digit + product) % 10;
        product = if sum == 0 { 10 } else { sum } * 2 % 11;
    }
    (11 - product) % 10 == d[10]
}
