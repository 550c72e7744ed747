//! International bank account numbers (ISO 13616): the country's length, and 1 modulo 97.

use std::ops::Range;

use regex::Regex;

use super::around::pattern;
use crate::detector::Detector;
use crate::kind::Kind;

pub struct Iban {
    form: Regex,
}

/// Countries and lengths, of the registry of SWIFT.
const LENGTHS: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NL", 18),
    ("NO", 15),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
];

impl Iban {
    pub fn new() -> Self {
        Iban {
            form: pattern(r"(?i)\b[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,30}"),
        }
    }
}

impl Detector for Iban {
    fn kind(&self) -> Kind {
        Kind::Iban
    }

    fn find(&self, line: &str) -> Vec<Range<usize>> {
        let found = self.form.find_iter(line);
        found.filter_map(|m| exact(line, m.range())).collect()
    }
}

/// The part of a match that has the country's length and sum.
fn exact(line: &str, within: Range<usize>) -> Option<Range<usize>> {
    let country = line[within.start..within.start + 2].to_ascii_uppercase();
    let length = LENGTHS.iter().find(|(c, _)| *c == country)?.1;
    let mut signs = String::new();
    let mut end = within.start;
    for (i, c) in line[within.clone()].char_indices() {
        if c.is_ascii_alphanumeric() {
            signs.push(c.to_ascii_uppercase());
            end = within.start + i + 1;
        }
        if signs.len() == length {
            break;
        }
    }
    let goes_on = line[end..].starts_with(|c: char| c.is_alphanumeric());
    (signs.len() == length && !goes_on && remainder(&signs) == 1).then_some(within.start..end)
}

/// Modulo 97, the first four signs last and letters as 10 to 35.
fn remainder(signs: &str) -> u32 {
    let moved = signs[4..].chars().chain(signs[..4].chars());
    moved
        .filter_map(|c| c.to_digit(36))
        .fold(0, |sum, d| match d {
            0..=9 => (sum * 10 + d) % 97,
            _ => (sum * 100 + d) % 97,
        })
}
