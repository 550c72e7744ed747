//! A step against the same step of the true completion.
//!
//! Prompts whose completions are written by template carry the true one. Phrases may vary, so what is compared are the numbers and
//! operators of a step, the unit behind its last number, and, where the wording itself is the task, its words.

use super::capitalization::TITLE;
use super::verdict::{Judgement, first_difference};
use super::verifier::{Completion, Findings, Parameter, Verifier, is_text};
use rotescope_text::{ByteRange, Rational, number::number_len, split_steps, words};

const CHAIN: Parameter = Parameter {
    key: "chain",
    what: "the true completion",
    holds: is_text,
};
/// Optional: `numbers` or `words`.
const COMPARE: Parameter = Parameter {
    key: "compare",
    what: "what is compared",
    holds: is_text,
};

/// The prompt's own completion as a yardstick: numbers, operators and units step by step, or all words. It reads `meta.compare` too: `numbers` or
/// `words`; without it words are compared where the prompt gives a title, for there the wording is the task.
#[derive(Debug, Clone, Copy)]
pub struct Truth;

impl Verifier for Truth {
    fn name(&self) -> &'static str {
        "truth"
    }

    fn needs(&self) -> &'static [Parameter] {
        &[CHAIN]
    }

    fn findings(&self, c: &Completion<'_>) -> Findings {
        let Some(chain) = c.text_of(&CHAIN) else {
            return Findings::nothing();
        };
        let literal = match c.text_of(&COMPARE) {
            Some(what) => what == "words",
            None => TITLE.is_in(&c.prompt.meta),
        };
        if literal {
            return Findings::Whole(wording(c.text, chain));
        }
        let steps = split_steps(chain, c.split);
        Findings::steps(c, |i, step| {
            let same_place = if c.answers(i) {
                steps.last()
            } else {
                steps.get(i)
            };
            same_place.map_or(Judgement::NotApplicable, |t| {
                against(step, &chain[t.clone()], c.answer.right == Some(true))
            })
        })
    }
}

/// Numbers and operators of a step, and where they agree its unit.
fn against(step: &str, truth: &str, answered: bool) -> Judgement {
    match numbers(step, truth) {
        // Another order of the same steps is another way to the right answer.
        Judgement::Wrong { .. } if answered => Judgement::NotApplicable,
        Judgement::Right => match unit(step, truth) {
            Judgement::NotApplicable => Judgement::Right,
            unit => unit,
        },
        numbers => numbers,
    }
}

/// Numbers and operators, in order.
fn items(text: &str) -> Vec<ByteRange> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let digits = number_len(&text[at..]);
        let len = if c.is_ascii_digit() && digits > 0 {
            // A dot that ends the sentence is no part of the number.
            text[at..at + digits].trim_end_matches(['.', ',']).len()
        } else {
            c.len_utf8()
        };
        if c.is_ascii_digit() || "+-*/=()".contains(c) {
            found.push(at..at + len);
        }
        at += len;
    }
    found
}

fn is_number(item: &str) -> bool {
    item.starts_with(|c: char| c.is_ascii_digit())
}

fn same(a: &str, b: &str) -> bool {
    let value = |s: &str| Rational::from_digits(s, 10);
    a == b || (is_number(a) && is_number(b) && value(a).is_some() && value(a) == value(b))
}

fn wrong(span: ByteRange, at: usize, expected: &str, why: String) -> Judgement {
    Judgement::Wrong {
        span,
        at,
        expected: expected.to_owned(),
        why,
    }
}

/// The first number or operator in which a step differs from the true one. Not applicable if neither has any.
fn numbers(step: &str, truth: &str) -> Judgement {
    let (found, want) = (items(step), items(truth));
    for (i, item) in found.iter().enumerate() {
        let text = &step[item.clone()];
        let Some(expected) = want.get(i).map(|w| &truth[w.clone()]) else {
            return wrong(
                item.clone(),
                item.start,
                "",
                format!("the true step has no {text} here"),
            );
        };
        if !same(text, expected) {
            let at = if is_number(text) && is_number(expected) {
                first_difference(text, expected, item.start)
            } else {
                item.start
            };
            let why = format!("the true step has {expected} here, not {text}");
            return wrong(item.clone(), at, expected, why);
        }
    }
    match want.get(found.len()) {
        Some(next) => {
            let expected = &truth[next.clone()];
            let span = found
                .last()
                .cloned()
                .unwrap_or(0..step.trim_end_matches(['.', ' ', '\n']).len());
            let at = span.end;
            wrong(
                span,
                at,
                expected,
                format!("the true step goes on with {expected}"),
            )
        }
        None if found.is_empty() => Judgement::NotApplicable,
        None => Judgement::Right,
    }
}

/// The word right behind the last number: what is counted. Not applicable where either step has none.
fn unit(step: &str, truth: &str) -> Judgement {
    let behind = |text: &str| -> Option<ByteRange> {
        let last = items(text).pop()?;
        let rest = &text[last.end..];
        let start = last.end + rest.len() - rest.trim_start_matches(' ').len();
        let word = words(&text[start..]).into_iter().next()?;
        (word.span.start == 0 && start > last.end && word.text.starts_with(char::is_alphabetic))
            .then(|| start..start + word.span.end)
    };
    match (behind(step), behind(truth)) {
        (Some(found), Some(want)) if step[found.clone()] != truth[want.clone()] => {
            let expected = &truth[want];
            let why = format!("it is about {expected}, not about {}", &step[found.clone()]);
            // Another word: wrong from its first letter on.
            wrong(found.clone(), found.start, expected, why)
        }
        (Some(_), Some(_)) => Judgement::Right,
        _ => Judgement::NotApplicable,
    }
}

/// The first word in which a step differs from the true one.
fn wording(step: &str, truth: &str) -> Judgement {
    let (found, want) = (words(step), words(truth));
    for (i, word) in found.iter().enumerate() {
        let expected = want.get(i).map_or("", |w| w.text);
        if word.text != expected {
            let at = first_difference(word.text, expected, word.span.start);
            let at = if expected.is_empty() {
                word.span.start
            } else {
                at.min(word.span.end.saturating_sub(1))
            };
            let why = format!("the true step has '{expected}' here, not '{}'", word.text);
            return wrong(word.span.clone(), at, expected, why);
        }
    }
    match (found.last(), want.get(found.len())) {
        (Some(last), Some(next)) => wrong(
            last.span.clone(),
            last.span.end,
            next.text,
            format!("the true step goes on with '{}'", next.text),
        ),
        (Some(_), None) => Judgement::Right,
        (None, _) => Judgement::NotApplicable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(v: Judgement) -> Option<(usize, String)> {
        match v {
            Judgement::Wrong { at, expected, .. } => Some((at, expected)),
            _ => None,
        }
    }

    #[test]
    fn numbers_and_operators_are_compared_by_value() {
        let truth = "Tom has 82 - 6 = 76.0 pens.";
        assert_eq!(
            numbers("There are 82 - 6 = 76 pens.", truth),
            Judgement::Right
        );
        assert_eq!(
            at(numbers("Tom has 82 - 6 = 79 pens.", truth)),
            Some((18, "76.0".into()))
        );
        assert_eq!(
            at(numbers("Tom has 82 + 6 = 88 pens.", truth)),
            Some((11, "-".into()))
        );
        assert_eq!(
            at(numbers("Tom has 82 pens.", truth)),
            Some((10, "-".into()))
        );
        assert_eq!(
            at(numbers("So the answer is 47 + 1.", "So the answer is 47.")),
            Some((20, String::new()))
        );
        assert_eq!(numbers("Hm.", "Well."), Judgement::NotApplicable);
    }

    #[test]
    fn another_unit_is_wrong_and_a_missing_one_is_not() {
        let truth = "There are 35 - 4 = 31 pens.";
        assert_eq!(
            at(unit("There are 35 - 4 = 31 shells.", truth)),
            Some((22, "pens".into()))
        );
        assert_eq!(unit("Tom has 35 - 4 = 31 pens.", truth), Judgement::Right);
        assert_eq!(unit("It is 31.", truth), Judgement::NotApplicable);
    }

    #[test]
    fn wording_points_into_the_word() {
        let truth = "The words are the, red, river.";
        assert_eq!(
            wording("The words are the, red, river.", truth),
            Judgement::Right
        );
        assert_eq!(
            at(wording("The words are the, rad, river.", truth)),
            Some((20, "red".into()))
        );
        assert_eq!(
            at(wording("The words are the, red.", truth)),
            Some((22, "river".into()))
        );
    }
}
