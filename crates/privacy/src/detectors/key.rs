//! Keys and passwords of programs: by the form that their makers give them, or behind a name that says so, by their entropy.

use std::ops::Range;

use regex::Regex;

use super::around::pattern;
use crate::detector::Detector;
use crate::kind::Kind;

pub struct Key {
    forms: Vec<Regex>,
    named: Regex,
}

/// Bits a character of a secret behind a name, at least: random text of 20 characters has some 3.9, words have less than 3.2.
const ENTROPY: f64 = 3.3;

impl Key {
    pub fn new() -> Self {
        let forms = [
            r"\b((?:AKIA|ASIA)[A-Z0-9]{16})\b",
            r"\b(gh[pousr]_[A-Za-z0-9]{36,60})\b",
            r"\b(github_pat_[A-Za-z0-9_]{50,90})\b",
            r"\b(sk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,120})",
            r"\b(xox[abprs]-[A-Za-z0-9-]{20,90})",
            r"\b(AIza[A-Za-z0-9_-]{35})",
            r"\b([sr]k_(?:live|test)_[A-Za-z0-9]{20,60})\b",
            r"\b(glpat-[A-Za-z0-9_-]{20,40})",
            r"\b(npm_[A-Za-z0-9]{36})\b",
            r"\b(hf_[A-Za-z0-9]{30,40})\b",
            r"\b(eyJ[A-Za-z0-9_-]{10,200}\.eyJ[A-Za-z0-9_-]{10,200}\.[A-Za-z0-9_-]{10,200})",
        ];
        Key {
            forms: forms.iter().map(|f| pattern(f)).collect(),
            named: pattern(
                r#"(?i)(?:api[_-]?key|secret(?:[_-]?(?:access[_-]?)?key)?|token|passw(?:or)?d|pwd|bearer|access[_-]?key)["']?\s{0,2}(?:[:=]\s{0,2}|\s)["']?([A-Za-z0-9+/_.!#$%^&*@-]{10,100}={0,2})"#,
            ),
        }
    }
}

impl Detector for Key {
    fn kind(&self) -> Kind {
        Kind::Key
    }

    fn find(&self, line: &str) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        for form in &self.forms {
            out.extend(
                form.captures_iter(line)
                    .filter_map(|c| Some(c.get(1)?.range())),
            );
        }
        for found in self.named.captures_iter(line) {
            if let Some(value) = found.get(1).filter(|v| is_random(v.as_str())) {
                out.push(value.range());
            }
        }
        out.sort_by_key(|r| (r.start, usize::MAX - r.end));
        out.dedup_by(|b, a| b.start < a.end);
        out
    }
}

/// Of several classes of characters, and without a pattern.
fn is_random(text: &str) -> bool {
    let has = |class: fn(&char) -> bool| text.chars().any(|c| class(&c));
    let digit = has(char::is_ascii_digit);
    let (lower, upper) = (has(char::is_ascii_lowercase), has(char::is_ascii_uppercase));
    let mixed = digit && lower && (upper || text.len() >= 24) && entropy(text) >= ENTROPY;
    // A digest in hexadecimal is none, nor is a variable or a call.
    let hex = text.chars().all(|c| c.is_ascii_hexdigit());
    mixed && !hex && !text.starts_with('$') && !text.contains("://")
}

/// Shannon entropy of the characters, in bits.
fn entropy(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    text.bytes().for_each(|b| counts[b as usize] += 1);
    let n = text.len() as f64;
    let of_one = |c: &u32| {
        let p = f64::from(*c) / n;
        -p * p.log2()
    };
    counts.iter().filter(|c| **c > 0).map(of_one).sum()
}
