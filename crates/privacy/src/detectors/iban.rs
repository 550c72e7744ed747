//! International bank account numbers (ISO 13616): the country's form, and 1 modulo 97.

use std::ops::Range;

use regex::Regex;

use super::around::pattern;
use crate::detector::Detector;
use crate::kind::Kind;

pub struct Iban {
    form: Regex,
}

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

/// Letters and digits of an account number at most.
const LONGEST: usize = 34;

/// The part of a match that is an account number, and does not go on.
fn exact(line: &str, within: Range<usize>) -> Option<Range<usize>> {
    let text = &line[within.clone()];
    let signs = text
        .char_indices()
        .filter(|(_, c)| c.is_ascii_alphanumeric());
    let mut account = String::new();
    for (i, c) in signs.take(LONGEST) {
        account.push(c.to_ascii_uppercase());
        let end = within.start + i + 1;
        let goes_on = line[end..].starts_with(|c: char| c.is_alphanumeric());
        if !goes_on && account.parse::<iban::Iban>().is_ok() {
            return Some(within.start..end);
        }
    }
    None
}
