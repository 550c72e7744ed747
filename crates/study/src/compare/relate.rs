//! What a pair of aligned units is.
//!
//! A number that differs is explained when the prompt's change maps one to the other, when an earlier pair did, or when both are the right results
//! of the equations they stand behind. Any other difference is a divergence.

use std::collections::HashSet;
use std::ops::Range;

use super::align::{Key, Units, pairs};
use super::record::{Copied, Relation};
use crate::perturb::Change;
use crate::perturb::numbers::{self, IN_BASE2, Notation};
use rotescope_text::Rational;
use rotescope_trace::Trace;

/// Tokens of two units and what they are to each other; one range is empty where a unit has no counterpart.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    pub a: Range<usize>,
    pub b: Range<usize>,
    pub relation: Relation,
    pub number: bool,
}

/// How a prompt writes its numbers.
fn notation(trace: &Trace) -> Notation {
    if trace.prompt.question.starts_with(IN_BASE2.trim_end()) {
        Notation::Binary
    } else {
        Notation::Decimal
    }
}

/// Whether the number at `span` is the result of an equation, and then whether the equation is true.
fn result_is_right(
    text: &str,
    span: &Range<usize>,
    number: &str,
    notation: Notation,
) -> Option<bool> {
    let at = span.start + text.get(span.clone())?.find(number)?;
    let left = text[..at].trim_end().strip_suffix('=')?.trim_end();
    let part = |c: char| c.is_ascii_digit() || " .+-*/()".contains(c);
    let from = left.rfind(|c| !part(c)).map_or(0, |i| {
        i + left[i..].chars().next().map_or(1, char::len_utf8)
    });
    // What is behind the end of a sentence.
    let expression = left[from..].rsplit(". ").next()?.trim();
    let expression = expression.trim_start_matches(['.', ' ']);
    expression.contains(['+', '-', '*', '/']).then_some(())?;
    let value = numbers::evaluate(expression, notation)?;
    Some(notation.read(&number.replace(',', "")) == Some(value))
}

fn values(text: &str) -> HashSet<Rational> {
    numbers::find(text).into_iter().map(|n| n.value).collect()
}

/// Relates all units of two outputs.
pub fn relate(a: &Trace, b: &Trace, left: &Units, right: &Units, mapping: &[Change]) -> Vec<Pair> {
    let read = |t: &str| numbers::find(t).pop().map(|n| n.value);
    let mapped: HashSet<(Rational, Rational)> = mapping
        .iter()
        .filter(|c| Change::is_number(c))
        .filter_map(|c| Some((read(&c.from)?, read(&c.to)?)))
        .collect();
    let moved: HashSet<Rational> = mapped.iter().map(|(from, _)| *from).collect();
    let own = values(&b.prompt.question);
    let (notation_a, notation_b) = (notation(a), notation(b));
    let mut follows = HashSet::new();
    let mut out = Vec::new();
    for (x, y) in pairs(&left.keys, &right.keys) {
        let (Some(i), Some(j)) = (x, y) else {
            out.push(Pair {
                a: x.map_or(0..0, |i| left.units[i].tokens.clone()),
                b: y.map_or(0..0, |j| right.units[j].tokens.clone()),
                relation: if x.is_some() {
                    Relation::OnlyA
                } else {
                    Relation::OnlyB
                },
                number: false,
            });
            continue;
        };
        let (u, v) = (&left.units[i], &right.units[j]);
        let relation = match (&u.number, &v.number) {
            (Some((tu, nu)), Some((tv, nv))) => {
                let right_b = result_is_right(&right.text, &v.span, tv, notation_b);
                let right_a = result_is_right(&left.text, &u.span, tu, notation_a);
                if tu == tv || nu == nv {
                    let stale = moved.contains(nu) && !own.contains(nv) && right_b != Some(true);
                    if stale {
                        Relation::Copied
                    } else {
                        Relation::Equal
                    }
                } else if right_a.is_some() || right_b.is_some() {
                    // Behind an equation only the equation counts.
                    if right_a == Some(true) && right_b == Some(true) {
                        follows.insert((*nu, *nv));
                        Relation::Follows
                    } else {
                        Relation::Substituted
                    }
                } else if mapped.contains(&(*nu, *nv)) {
                    Relation::Mapped
                } else if follows.contains(&(*nu, *nv)) {
                    Relation::Follows
                } else {
                    Relation::Substituted
                }
            }
            _ if left.keys[i] != right.keys[j] => Relation::Substituted,
            _ if matches!(left.keys[i], Key::Replaced(_)) => Relation::Mapped,
            _ => Relation::Equal,
        };
        out.push(Pair {
            a: u.tokens.clone(),
            b: v.tokens.clone(),
            relation,
            number: u.number.is_some() && v.number.is_some(),
        });
    }
    out
}

/// Numbers of `b`'s output that its own question does not have, that are no right result, and that the original's question has.
pub fn copied(a: &Trace, b: &Trace, right: &Units) -> Vec<Copied> {
    let (theirs, own) = (values(&a.prompt.question), values(&b.prompt.question));
    let notation = notation(b);
    // What was computed rightly once may be said again.
    let mut computed = HashSet::new();
    let mut out = Vec::new();
    for unit in &right.units {
        let Some((text, value)) = &unit.number else {
            continue;
        };
        if result_is_right(&right.text, &unit.span, text, notation) == Some(true) {
            computed.insert(*value);
        }
        if theirs.contains(value) && !own.contains(value) && !computed.contains(value) {
            out.push(Copied {
                number: text.clone(),
                token: unit.tokens.start,
                span: [unit.span.start, unit.span.end],
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_equations() {
        let right = |text: &str, number: &str| {
            let at = text.rfind(number).unwrap();
            result_is_right(text, &(at..at + number.len()), number, Notation::Decimal)
        };
        assert_eq!(
            right("At first 3. there are 66 + 16 = 82", "82"),
            Some(true)
        );
        assert_eq!(right("there are 66 + 16 = 48", "48"), Some(false));
        assert_eq!(right("5 * 6 = 30. 30 + 2 = 32", "32"), Some(true));
        assert_eq!(right("(6 + 6) * 2 = 24", "24"), Some(true));
        assert_eq!(right("the answer is 48", "48"), None);
        assert_eq!(right("x = 48", "48"), None);
    }
}
