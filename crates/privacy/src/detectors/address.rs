//! Postal addresses: a street with its number as several countries write it, a P.O. box, and the town that follows.

use std::ops::Range;

use regex::Regex;

use super::around::pattern;
use crate::detector::{Detector, REACH};
use crate::kind::Kind;

pub struct Address {
    forms: Vec<Regex>,
}

impl Address {
    pub fn new() -> Self {
        let name = r"\p{Lu}[\p{L}'’.]+";
        let kind = r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct|Place|Pl|Terrace|Square|Sq|Way|Parkway|Pkwy|Loop|Circle|Highway|Hwy|Crescent|Close)\b\.?";
        // What follows on the line: rooms, towns, codes, each behind a comma.
        let part = r"(?:\s\p{Lu}{1,2})?(?:,?\s(?:Suite|Floor|Apt\.?|Unit)\s\w{1,6})?(?:,\s(?:[\p{Lu}0-9][\p{L}0-9'’.-]*)(?:\s[\p{Lu}0-9][\p{L}0-9'’.-]*){0,3}){0,4}";
        let forms = [
            format!(r"\b\d{{1,5}}[A-Za-z]?\s(?:{name}\s){{1,3}}{kind}{part}"),
            format!(
                r"\b\d{{1,4}},?\s(?:rue|avenue|boulevard|Rue|Avenue|Boulevard|place|allée|chemin|quai)\s(?:d[eu]s?\s|de\sla\s|d['’])?(?:la\s)?{name}(?:[-\s]{name}){{0,2}}{part}"
            ),
            format!(
                r"\b(?:\p{{Lu}}[\p{{L}}-]+)?(?:[Ss]traße|[Ss]trasse|[Ss]tr\.|[Ww]eg|[Pp]latz|[Aa]llee|[Gg]asse|gracht|straat|laan)\s\d{{1,4}}\s?[a-z]?\b{part}"
            ),
            format!(
                r"\b(?:Calle|Avenida|Avda\.|Plaza|Via|Viale|Piazza|Corso|Rua|Praça)\s(?:d[eoia]l?\s|della\s|do\s)?{name}(?:\s{name}){{0,2}},?\s\d{{1,4}}\b{part}"
            ),
            format!(r"\bP\.?\s?O\.?\s?Box\s\d{{1,6}}\b{part}"),
        ];
        Address {
            forms: forms.iter().map(|f| pattern(f)).collect(),
        }
    }
}

impl Detector for Address {
    fn kind(&self) -> Kind {
        Kind::Address
    }

    fn find(&self, line: &str) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        for form in &self.forms {
            let found = form.find_iter(line).filter(|m| m.len() < REACH);
            out.extend(found.filter(|m| !is_year(m.as_str())).map(|m| m.range()));
        }
        out.sort_by_key(|r| (r.start, usize::MAX - r.end));
        out.dedup_by(|b, a| b.start < a.end);
        out
    }
}

/// A year and a name, as lines of copyright have them: "2016 Ann Lane". Streets have towns behind them where their number is as large.
fn is_year(text: &str) -> bool {
    let number = text.split(|c: char| !c.is_ascii_digit()).next();
    let number: u32 = number.and_then(|n| n.parse().ok()).unwrap_or(0);
    (1950..2050).contains(&number) && !text.contains(',')
}
