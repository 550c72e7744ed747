//! Where each number of a step comes from: the question, an earlier step, an equation here, or nowhere.

use std::collections::{HashMap, HashSet};

use super::arithmetic::equations;
use rotescope_text::number::{Rational, number_len};
use rotescope_text::{ByteRange, is_stop_word};

/// Where a number comes from; the first that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// An equation of this step that is right comes to it.
    Computed,
    /// The question holds it, or its percentage as a share.
    Question,
    /// It stands earlier in the completion.
    Earlier,
    /// A number that needs no reason: 2, 100, 12 months.
    Constant,
    /// One operation on two numbers known before comes to it, though no equation says so.
    Derived,
    Nowhere,
}

/// A number of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// In bytes of the step.
    pub span: ByteRange,
    pub value: Rational,
    pub from: Provenance,
    /// It comes from nowhere, and the word behind it was counted before, with other values only.
    pub contradicts: bool,
}

/// Of numbers known before, so many of the latest are tried as operands.
const OPERANDS: usize = 64;

const CONSTANTS: [i64; 13] = [0, 1, 2, 7, 10, 12, 24, 30, 52, 60, 100, 365, 1000];

/// Words of a question that hold a number.
#[rustfmt::skip]
const WORDS: [(&str, i128, i128); 37] = [
    ("one", 1, 1), ("two", 2, 1), ("three", 3, 1), ("four", 4, 1), ("five", 5, 1), ("six", 6, 1), ("seven", 7, 1), ("eight", 8, 1),
    ("nine", 9, 1), ("ten", 10, 1), ("eleven", 11, 1), ("twelve", 12, 1), ("fifteen", 15, 1), ("twenty", 20, 1), ("thirty", 30, 1),
    ("forty", 40, 1), ("fifty", 50, 1), ("sixty", 60, 1), ("seventy", 70, 1), ("eighty", 80, 1), ("ninety", 90, 1),
    ("hundred", 100, 1), ("thousand", 1000, 1), ("dozen", 12, 1), ("half", 2, 1), ("half", 1, 2), ("third", 3, 1), ("third", 1, 3),
    ("quarter", 4, 1), ("quarter", 1, 4), ("twice", 2, 1), ("double", 2, 1), ("thrice", 3, 1), ("triple", 3, 1), ("fourth", 4, 1),
    ("fifth", 5, 1), ("tenth", 10, 1),
];

/// What was said so far.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    /// Of the question: those written in digits, and whether a step used them.
    asked: HashMap<Rational, bool>,
    /// Of the question in any form.
    given: HashSet<Rational>,
    earlier: HashSet<Rational>,
    /// Those of both, in order of appearance.
    known: Vec<Rational>,
    /// What was counted, with its values.
    counted: HashMap<String, HashSet<Rational>>,
}

impl Numbers {
    pub fn of_question(question: &str) -> Numbers {
        let mut all = Numbers::default();
        for (span, value) in written(question) {
            all.asked.insert(value, false);
            all.give(value);
            let behind = question[span.end..].trim_start();
            if behind.starts_with(['%', '\\']) || behind.starts_with("percent") {
                all.give_percent(value);
            }
            all.count(question, &span, value);
        }
        for word in rotescope_text::words(question) {
            let lower = word.text.to_lowercase();
            let one = lower.strip_suffix('s').unwrap_or(&lower);
            for (_, n, d) in WORDS.iter().filter(|(w, ..)| *w == lower || *w == one) {
                Rational::new(*n, *d).into_iter().for_each(|v| all.give(v));
            }
        }
        all
    }

    fn give(&mut self, value: Rational) {
        if self.given.insert(value) {
            self.known.push(value);
        }
    }

    /// Thirty percent is .3, and leaves .7, and brings what there was to 1.3 of it.
    fn give_percent(&mut self, value: Rational) {
        let whole = Rational::whole(1);
        let share = value.checked_div(Rational::whole(100));
        let others = share.map(|s| [Some(s), whole.checked_sub(s), whole.checked_add(s)]);
        for v in others.into_iter().flatten().flatten() {
            self.given.insert(v);
            let hundredfold = v.checked_mul(Rational::whole(100));
            self.given.extend(hundredfold);
        }
    }

    fn count(&mut self, text: &str, span: &ByteRange, value: Rational) {
        if let Some(noun) = noun(&text[span.end..]) {
            self.counted.entry(noun).or_default().insert(value);
        }
    }

    /// The numbers of the next step, in order. From then on they are known.
    pub fn step(&mut self, step: &str) -> Vec<Stated> {
        let right: Vec<ByteRange> = equations(step, 10)
            .into_iter()
            .filter(|e| e.first_wrong.is_none())
            .map(|e| e.claimed)
            .collect();
        let mut out = Vec::new();
        let mut at = 0;
        for (span, value) in written(step) {
            while right.get(at).is_some_and(|r| r.end <= span.start) {
                at += 1;
            }
            let computed = right
                .get(at)
                .is_some_and(|r| r.start <= span.start && span.end <= r.end);
            let from = match () {
                () if computed => Provenance::Computed,
                () if self.given.contains(&value) => Provenance::Question,
                () if self.earlier.contains(&value) => Provenance::Earlier,
                () if is_constant(value) => Provenance::Constant,
                () if self.derives(value) => Provenance::Derived,
                () => Provenance::Nowhere,
            };
            let counted = || noun(&step[span.end..]).and_then(|n| self.counted.get(&n));
            out.push(Stated {
                contradicts: from == Provenance::Nowhere
                    && counted().is_some_and(|values| !values.contains(&value)),
                span: span.clone(),
                value,
                from,
            });
            if let Some(used) = self.asked.get_mut(&value) {
                *used = true;
            }
            if self.earlier.insert(value) && !self.given.contains(&value) {
                self.known.push(value);
            }
            self.count(step, &span, value);
        }
        out
    }

    /// Is it sum, difference, product or quotient of two that are known?
    fn derives(&self, value: Rational) -> bool {
        let is_known = |v: Rational| self.given.contains(&v) || self.earlier.contains(&v);
        self.known.iter().rev().take(OPERANDS).any(|a| {
            let others = [
                value.checked_sub(*a),
                a.checked_sub(value),
                value.checked_div(*a),
                a.checked_div(value),
            ];
            others.into_iter().flatten().any(is_known)
        })
    }

    /// How many of the question's numbers no step has used, and how many there are. Words do not count.
    pub fn unused(&self) -> (usize, usize) {
        let unused = self.asked.values().filter(|used| !**used).count();
        (unused, self.asked.len())
    }
}

fn is_constant(value: Rational) -> bool {
    CONSTANTS.iter().any(|c| Rational::whole(*c) == value)
}

/// Numbers in digits, without marks of lists and numbers of steps. No part of a word is one.
fn written(text: &str) -> Vec<(ByteRange, Rational)> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let len = match bytes[at] {
            b'0'..=b'9' | b'.' => number_len(&text[at..]),
            _ => 0,
        };
        if len == 0 {
            at += 1;
            continue;
        }
        let span = at..at + len;
        at += len;
        let before = text[..span.start].chars().next_back();
        let in_word = before.is_some_and(char::is_alphanumeric);
        if in_word || is_mark(text, &span) {
            continue;
        }
        let digits = text[span.clone()].replace(',', "");
        out.extend(Rational::from_digits(&digits, 10).map(|v| (span, v)));
    }
    out
}

/// `1.` and `2)` at the beginning of a line, `Step 3`.
fn is_mark(text: &str, span: &ByteRange) -> bool {
    let mut from = span.start.saturating_sub(16);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = text[from..span.start].trim_end_matches([' ', '*', '#', '\t', '(']);
    let begins = before.ends_with('\n') || (from == 0 && before.is_empty());
    let behind = text[span.end..].trim_start_matches('*');
    let listed = begins && behind.starts_with(['.', ')', ':']);
    let lower = before.as_bytes();
    let step = lower.len() >= 4 && lower[lower.len() - 4..].eq_ignore_ascii_case(b"step");
    listed || step
}

/// The word behind a number, in the singular; none where a sign stands between.
fn noun(behind: &str) -> Option<String> {
    let behind = behind.strip_prefix(' ')?;
    let letters = behind.chars().take_while(|c| c.is_alphabetic()).take(24);
    let word = letters.collect::<String>().to_lowercase();
    let named = word.len() > 2 && !is_stop_word(&word);
    named.then(|| word.strip_suffix('s').unwrap_or(&word).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Provenance::{Computed, Constant, Derived, Earlier, Nowhere, Question};

    fn from(numbers: &mut Numbers, step: &str) -> Vec<Provenance> {
        numbers.step(step).iter().map(|s| s.from).collect()
    }

    #[test]
    fn numbers_by_where_they_come_from() {
        let mut n =
            Numbers::of_question("Ann has 17 pens and three boxes of 8 pens. She sells 25 %.");
        assert_eq!(n.unused(), (3, 3));
        let first = from(&mut n, "The boxes hold 3 * 8 = 24 pens.");
        assert_eq!(first, [Question, Question, Computed]);
        assert_eq!(n.unused(), (2, 3));
        // 17 + 24 is not written out; 1 - 25 % = .75.
        let second = from(&mut n, "So 41 pens, of which 0.75 stay, and 24 are new.");
        assert_eq!(second, [Derived, Question, Earlier]);
        let third = from(&mut n, "In 12 months she has 93 of 1,234.5.");
        assert_eq!(third, [Constant, Nowhere, Nowhere]);
        assert_eq!(n.unused(), (2, 3));
        // What is false is not computed: 8 + 17 is 25 of the question, and 26 comes from nowhere.
        assert_eq!(from(&mut n, "8 + 17 = 26"), [Question, Question, Nowhere]);
        // From then on it is known.
        assert_eq!(from(&mut n, "26"), [Earlier]);
    }

    #[test]
    fn a_contradiction_is_another_count_of_the_same() {
        let mut n = Numbers::of_question("There are 18 flamingos.");
        let stated = n.step("Of the 31 flamingos and 31 swans, 18 flamingos stay.");
        let says: Vec<bool> = stated.iter().map(|s| s.contradicts).collect();
        // The second 31 is known by then.
        assert_eq!(says, [true, false, false]);
        assert!(!n.step("So 77 ducks.")[0].contradicts);
    }

    #[test]
    fn marks_and_names_are_no_numbers() {
        let values = |text: &str| -> Vec<String> {
            written(text).iter().map(|(_, v)| v.written(10)).collect()
        };
        assert_eq!(
            values("1. Add 5 to x2\n2) Step 3: **4.** B12, 1,000.5"),
            ["5", "4", "1000.5"]
        );
        assert_eq!(values("**1.** 7"), ["7"]);
        assert_eq!(values("é3 ½ ... 5."), ["5"]);
        assert!(written(&"9".repeat(100_000)).is_empty());
    }
}
