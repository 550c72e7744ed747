//! What a text says on how its numbers are meant: bases other than ten, and moduli.

use super::expression::evaluate;
use super::lexer::lex;
use rotescope_text::number::Rational;

/// So many bases and moduli of a text are looked at.
const MOST: usize = 8;

/// How numbers are meant.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    /// In which equations are read: 10 or 2.
    pub base: u32,
    /// In which they may be meant as well.
    bases: Vec<u32>,
    moduli: Vec<u32>,
}

impl Setting {
    /// As a question says it.
    pub(super) fn of(question: &str, base: u32) -> Self {
        Self {
            base,
            bases: bases(question),
            moduli: moduli(question),
        }
    }

    /// With what a step says of its own.
    pub(super) fn and(&self, step: &str) -> Self {
        let own = Self::of(step, self.base);
        Self {
            base: self.base,
            bases: [&self.bases[..], &own.bases].concat(),
            moduli: [&self.moduli[..], &own.moduli].concat(),
        }
    }

    /// May two sides that differ be equal in one of the bases, or leave the same remainder?
    pub(super) fn allows(&self, sides: [&str; 2]) -> bool {
        if self.bases.is_empty() && self.moduli.is_empty() {
            return false;
        }
        let [left, right] = sides.map(|side| {
            let value = |base: &u32| value(side, *base);
            let bases = [&[self.base][..], &self.bases].concat();
            bases.iter().filter_map(value).collect::<Vec<Rational>>()
        });
        let congruent = |a: &Rational, b: &Rational| {
            let off = a.checked_sub(*b).filter(|off| off.is_whole());
            let by =
                |m: &u32| *m == 0 || off.is_some_and(|off| off.numerator() % i128::from(*m) == 0);
            self.moduli.iter().any(by)
        };
        left.iter().any(|a| {
            right
                .iter()
                .any(|b| (!self.bases.is_empty() && a == b) || congruent(a, b))
        })
    }
}

/// What an expression comes to.
fn value(text: &str, base: u32) -> Option<Rational> {
    let lexemes = lex(text, base);
    evaluate(&lexemes, 0..lexemes.len())?.full.exact
}

/// Bases from 2 to 36, other than ten, in which a text says that it computes.
pub(super) fn bases(text: &str) -> Vec<u32> {
    let mut found: Vec<u32> = [("hexadecimal", 16), ("octal", 8), ("binary", 2)]
        .into_iter()
        .filter(|(word, _)| places(text, word).next().is_some())
        .map(|(_, base)| base)
        .collect();
    found.extend(places(text, "base").filter_map(|i| base_at(text, i)));
    found.sort_unstable();
    found.dedup();
    found.truncate(MOST);
    found
}

/// The base that the word "base" at byte `at` names.
fn base_at(text: &str, at: usize) -> Option<u32> {
    const SPOKEN: [(&str, u32); 10] = [
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("seven", 7),
        ("eight", 8),
        ("nine", 9),
        ("twelve", 12),
        ("sixteen", 16),
    ];
    // base 8, base-8, base $8$
    let behind = text[at + 4..].trim_start_matches([' ', '-', '$', '{', '_', '~']);
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = behind.split_at(digits);
    let spoken = SPOKEN.iter().find(|(word, _)| rest.starts_with(word));
    let base = number.parse().ok().or(spoken.map(|s| s.1))?;
    // The base of a triangle is another one.
    let before = text[..at].trim_end_matches([' ', '(']);
    let ends_with = |w: &&str| {
        let at = before.len().checked_sub(w.len());
        at.and_then(|at| before.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(w))
    };
    let led = ["in", "to", "from", "into", " a", "and"];
    let named = [
        "number",
        "numeral",
        "expansion",
        "representation",
        "digit",
        "notation",
        "equivalent",
        "addition",
        "arithmetic",
        "system",
    ];
    let rest = rest.trim_start_matches(['$', '}', ' ', '-']);
    let meant = text[at + 4..].starts_with('-')
        || led.iter().any(ends_with)
        || named.iter().any(|w| rest.starts_with(w));
    (meant && (2..=36).contains(&base) && base != 10).then_some(base)
}

/// The moduli by which a text takes remainders; 0 for one that is not given as a number.
pub(super) fn moduli(text: &str) -> Vec<u32> {
    let words = ["mod", "≡", "\\equiv", "congruent"];
    let mut found: Vec<u32> = words
        .into_iter()
        .flat_map(|word| places(text, word).map(move |i| (word, i)))
        // No "model" and no "modern".
        .filter(|(word, i)| {
            let behind = &text[i + word.len()..];
            *word != "mod" || behind.starts_with("ul") || !behind.starts_with(char::is_alphabetic)
        })
        .map(|(word, i)| {
            let behind = text[i + word.len()..]
                .trim_start_matches(|c: char| c.is_alphabetic() || " ${(\\~".contains(c));
            let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
            if word == "mod" {
                behind[..digits].parse().unwrap_or(0)
            } else {
                0
            }
        })
        .collect();
    // "17 ≡ 2 (mod 5)" names it once.
    if found.iter().any(|m| *m > 0) {
        found.retain(|m| *m > 0);
    }
    found.sort_unstable();
    found.dedup();
    found.truncate(MOST);
    found
}

/// Where a word of ASCII letters stands, in either case.
fn places<'t>(text: &'t str, lower: &'t str) -> impl Iterator<Item = usize> + 't {
    let windows = text.as_bytes().windows(lower.len()).enumerate();
    windows
        .filter(move |(_, w)| w.eq_ignore_ascii_case(lower.as_bytes()))
        .map(|(i, _)| i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_of_numbers_and_not_of_triangles() {
        for (text, found) in [
            ("Add them in base 8.", vec![8]),
            ("Convert 12 from base $5$ to base-7.", vec![5, 7]),
            ("the base 3 representation", vec![3]),
            ("Its binary form", vec![2]),
            ("in Base six", vec![6]),
            ("A triangle with base 6 and height 4", vec![]),
            ("in base 10", vec![]),
            ("The database 3", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(bases(text), found, "{text}");
        }
    }

    #[test]
    fn moduli_by_number_and_by_word() {
        for (text, found) in [
            ("17 \\equiv 2 \\pmod{5}", vec![5]),
            ("215 (mod 11)", vec![11]),
            ("modulo 20, it is", vec![20]),
            ("a mod b", vec![0]),
            ("they are congruent", vec![0]),
            ("a modern model", vec![]),
        ] {
            assert_eq!(moduli(text), found, "{text}");
        }
    }
}
