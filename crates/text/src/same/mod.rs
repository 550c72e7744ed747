//! Are two answers the same, whatever way they are written?
//!
//! Each answer is put into plain characters ([`plain`]) and read in every way that it allows ([`reading`]); two answers are
//! the same if they have a reading in common ([`value`]), or the same text. What is read, from the top down:
//!
//! | reading | written as | the same as |
//! |---|---|---|
//! | union | `(1,2) \cup (3,4)`, `x < 1 or x > 2` | the parts in any order |
//! | list, set | `1, 2`, `1 and 2`, `x = 1 or x = 2`, `\pm 2`, `\{1, 2\}`, `\emptyset` | the items in any order; a list also a point with its items in order; words only in order |
//! | point, vector, interval | `(1, 2)`, `\left[0, 1\right)`, `\langle 1, 2 \rangle`, `2 < x \le 3`, `x \in [2, 3]` | the items in order; of two items the brackets count |
//! | matrix | `\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}` | rows in order; a column also a point |
//! | relation | `y = 2x + 3`, `x + y > 5` | the same up to sides, order and factor; `x = 5` also 5, `9 * 2 = 18` also 18 |
//! | several units | `2 hours 30 minutes`, `18 dollars and 50 cents` | the sum in one unit |
//! | time | `6:30`, `6 pm`, `18:00` | one without am or pm is either |
//! | ratio | `3:2`, `3 to 2` | multiples, and the fraction |
//! | quantity | an expression, with a currency in front or behind, a scale (`2 million`), a percent sign, a unit | see below |
//! | choice | `C`, `(C)`, `c)`, `C. text`, `\text{C}`, `Option C` | the letter, or the text behind it |
//! | yes, no, true, false | in any case, with a clause behind a comma | |
//! | text | anything else | the same characters but for blanks, quotes, emphasis and final stops; case matters |
//!
//! **Expressions** are sums, products, quotients, powers, roots, factorials, functions of numbers and names, in LaTeX or plain:
//! `\frac12`, `1 1/2`, `2\sqrt3`, `1.5e3`, `3 \times 10^4`, `\frac{\pi}{2}`, `2x + 1`. They are compared exactly, in a normal form ([`form`]):
//! 1/3 is not 0.333 and π is not 3.14. Closed values that are not worked out (`\sin 30^\circ`) are compared to 12 digits.
//!
//! **Numbers** may have marks between thousands (`,`, a blank of any width, `\,`, `{,}`, `,\!`, `'`, `_`, Indian groups, points where there are
//! several or a decimal comma follows), decimals, exponents, digits of any script, or be words ("twenty-three"). See [`Locale`] for commas and points.
//!
//! **Units and currencies** are ignored where one side has none. Where both have one, they must be convertible (60 minutes are an hour) or have the same name.
//! A **percentage** also equals its hundredth and the bare number in front of the sign, as answers are often given so: 50% = 0.5 = 50. A **dozen** is twelve, or the
//! unit that was asked for: 3 dozen = 36 = 3. The name in `x = 5` is ignored where the other side has none.

mod currency;
mod expression;
mod form;
mod functions;
mod measures;
mod number_words;
mod numeral;
mod plain;
mod polynomial;
mod reader;
mod reading;
mod relation;
mod split;
mod times;
mod units;
mod value;

use super::markup::strip;
pub use numeral::Locale;
use numeral::{Marks, numeral};
use plain::plain;
use reading::{LONGEST, readings};
use value::{Value, same_value};

/// Are two answers the same?
///
/// Numbers, fractions, percentages, quantities with units, points, intervals, sets, roots, simple algebra, choices and yes or no are
/// compared by what they say, everything else as text; the module's page has the whole grammar. Nothing is the same as an empty answer.
///
/// ```
/// use rotescope_text::same_answer;
/// assert!(same_answer("$1,000", "1e3") && same_answer("\\frac12", "50%") && same_answer("\\left(1, 2\\right)", "(1,2)"));
/// assert!(!same_answer("(1, 2)", "(2, 1)") && !same_answer("\\frac{10}{9}", "9") && !same_answer("1/3", "0.333"));
/// ```
pub fn same_answer(a: &str, b: &str) -> bool {
    same_answer_in(a, b, Locale::default())
}

/// [`same_answer`] where numbers are written as in this locale.
///
/// ```
/// use rotescope_text::{Locale, same_answer_in};
/// assert!(same_answer_in("1.500 Stück", "1500", Locale::Comma));
/// assert!(!same_answer_in("1.500 Stück", "1500", Locale::Point));
/// ```
pub fn same_answer_in(a: &str, b: &str, locale: Locale) -> bool {
    let (a, b) = (strip(a), strip(b));
    if a.is_empty() || b.is_empty() {
        return false;
    }
    if a.split_whitespace().eq(b.split_whitespace()) {
        return true;
    }
    if a.len() > LONGEST || b.len() > LONGEST {
        return false;
    }
    let (x, y) = (readings(a, locale), readings(b, locale));
    let any = |x: &[Value], y: &[Value]| x.iter().any(|v| y.iter().any(|w| same_value(v, w)));
    match (choice(&x), choice(&y)) {
        // Two letters are two choices, whatever stands behind them.
        (Some((l, _)), Some((m, _))) if l != m => return false,
        (Some((_, text)), None) if any(&readings(text, locale), &y) => return true,
        (None, Some((_, text))) if any(&x, &readings(text, locale)) => return true,
        _ => {}
    }
    any(&x, &y) || same_marks(a, b)
}

/// The letter of a choice and what stands behind it.
fn choice(readings: &[Value]) -> Option<(char, &str)> {
    readings.iter().find_map(|v| match v {
        Value::Choice { letter, text } => Some((*letter, &**text)),
        _ => None,
    })
}

/// The length of the number that a text begins with, whatever marks stand in it; 0 if it begins with none.
pub(super) fn numeral_len(text: &str) -> usize {
    let marks = Marks {
        comma_groups: true,
        comma_decimals: true,
        point_groups: false,
    };
    numeral(text, marks).map_or(0, |(_, len)| len)
}

/// Does an answer have another reading than its text: a number, a point, a choice, yes or no?
pub(super) fn is_value(answer: &str) -> bool {
    let answer = strip(answer);
    !answer.is_empty()
        && answer.len() <= LONGEST
        && readings(answer, Locale::default())
            .iter()
            .any(Value::is_firm)
}

/// Formulas that are not read are the same if only their blanks differ.
fn same_marks(a: &str, b: &str) -> bool {
    let marks = |t: &str| plain(t).replace(' ', "");
    let (a, b) = (marks(a), marks(b));
    a == b && a.contains(['\\', '^', '=', '+', '(', '['])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pieces of answers, put together at random.
    const PIECES: &str = r"(\\(frac|sqrt|text|left|right|pm|cup|begin\{pmatrix\}|log_|circ|overline)|[0-9]{1,3}|[(){}\[\],.;:=<>+*/^_!|%$ -]|[xyaiCe]|½|²|√|π|é|五| (and|or|dollars|million|half|to|dozen) |\PC){0,14}";

    proptest! {
        #[test]
        fn equality_never_panics_and_has_no_sides(a in PIECES, b in PIECES) {
            prop_assert_eq!(same_answer(&a, &b), same_answer(&b, &a));
            for locale in [Locale::Point, Locale::Comma] {
                prop_assert_eq!(same_answer_in(&a, &a, locale), !strip(&a).is_empty());
            }
        }

        #[test]
        fn numbers_are_the_same_in_any_dress(n in 0_i64..10_000_000, cents in 0_u32..100) {
            let digits = n.to_string();
            let grouped = |mark: &str| {
                let groups: Vec<String> = digits.as_bytes().rchunks(3).rev().map(|g| String::from_utf8_lossy(g).into_owned()).collect();
                groups.join(mark)
            };
            let plain = format!("{n}.{cents:02}");
            for mark in [",", "{,}", "\\,", " ", "\u{202f}", "'", ",\\!"] {
                let written = format!("{}.{cents:02}", grouped(mark));
                prop_assert!(same_answer(&written, &plain), "{written}");
                let dollars = format!("\\${written} \\text{{ dollars}}");
                prop_assert!(same_answer(&dollars, &plain), "{dollars}");
                let other = format!("{}.{cents:02}", n + 1);
                prop_assert!(!same_answer(&written, &other), "{written}");
            }
            let european = format!("{},{cents:02}", grouped("."));
            prop_assert!(same_answer_in(&european, &plain, Locale::Comma), "{european}");
        }
    }
}
