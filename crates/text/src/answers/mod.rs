//! The final answer of a completion.
//!
//! An answer is announced ([`introductions`]): `\boxed{X}`, `#### X` anywhere on a line, `The answer is X`, `Answer: X` and the like in ten
//! languages, `A: X` at the start of a line. What is announced is a sentence; of this the value is taken ([`clauses`]), without reasons ("18, since each
//! of the 9 eggs sells for $2"), or the number that the sentence comes to ("that Tom has 18 apples"). A text ends where someone else speaks or another
//! exercise begins ([`turns`]). Without any announcement the last number counts, with all that belongs to it ([`last_value`]).

mod clauses;
mod found;
mod introductions;
mod last_value;
mod turns;

use super::ByteRange;
use super::same::is_value;
use super::steps::{SplitBy, split_steps};
use clauses::{Stated, stated};
pub use found::{AnswerRule, FoundAnswer};
use introductions::{Announced, announcements};
use last_value::{floor, last_value};
use turns::{Borders, chat_mark};

/// A value is no longer than this, in bytes.
const LONGEST: usize = 600;
/// Announcements that are looked at, from either end of a text.
const MOST: usize = 40;

/// The final answer of a completion.
///
/// Of all announced answers the last value counts, the inner one where they nest (`The answer is \boxed{5}.`); words count only where no
/// value is announced, and remarks ("the answer is correct") never. Without any, it is the last number, or the fraction, point or
/// formula that this is part of. A turn of someone else (`Human:`, marks of a chat template) or another exercise (a line that starts with
/// `Question:`, `Q:`, `Problem:`) ends the text, as base models run on.
///
/// Takes time linear in the text.
///
/// ```
/// use rotescope_text::{AnswerRule, final_answer};
/// let a = final_answer("5 * 4 = 20. So the answer is 1,020.50.").unwrap();
/// assert_eq!((a.text, a.rule), ("1,020.50", AnswerRule::AnswerIs));
/// let a = final_answer("So the lines meet at $(7, 6)$.").unwrap();
/// assert_eq!((a.text, a.rule), ("(7, 6)", AnswerRule::LastNumber));
/// ```
pub fn final_answer(text: &str) -> Option<FoundAnswer<'_>> {
    let borders = Borders::of(text);
    let text = &text[..borders.turn.unwrap_or(text.len())];
    let all = announcements(text);
    let first = all.iter().take(MOST).find_map(|a| read(text, a));
    let first_end = first.map(|(a, _)| a.span.end);
    let number_before = |cut: usize| text[..cut].contains(|c: char| c.is_ascii_digit());
    // An exercise that follows an answer, or the last number where no answer is announced before it.
    let mut cuts = borders
        .exercises
        .iter()
        .copied()
        .filter(|c| *c < text.len());
    let cut = match first_end {
        Some(end) if cuts.clone().next().is_none_or(|c| c > end) => cuts.find(|c| *c >= end),
        Some(end) => cuts
            .clone()
            .find(|c| *c < end && is_new_exercise(text, *c) && number_before(*c))
            .or_else(|| cuts.find(|c| *c >= end)),
        None => cuts.find(|c| is_new_exercise(text, *c) && number_before(*c)),
    };
    let text = &text[..cut.unwrap_or(text.len())];
    let mut words = None;
    for announced in all
        .iter()
        .rev()
        .filter(|a| a.value.end <= text.len())
        .take(MOST)
    {
        match read(text, announced) {
            Some((answer, true)) => return Some(answer),
            Some((answer, false)) => words = words.or(Some(answer)),
            None => {}
        }
    }
    words.or_else(|| {
        let span = last_value(text)?;
        Some(FoundAnswer {
            text: &text[span.clone()],
            span,
            rule: AnswerRule::LastNumber,
        })
    })
}

/// The answer that a data set gives for a prompt: an answer as it stands, or a worked solution that ends in one.
///
/// Announcements are read as in [`final_answer`]: `#### 18`, `\boxed{18}`, `A: 18`, `The answer is 18`. Text of several
/// lines without any is a solution whose last line is the answer, if that line is a value; else it is taken whole.
///
/// ```
/// use rotescope_text::expected_answer;
/// assert_eq!(expected_answer("9 * 2 = <<9*2=18>>18 a day.\n#### 18"), "18");
/// assert_eq!(expected_answer(" Seven apples "), "Seven apples");
/// ```
pub fn expected_answer(text: &str) -> &str {
    let text = text.trim();
    if let Some(found) = final_answer(text).filter(|a| a.rule != AnswerRule::LastNumber) {
        return found.text;
    }
    match text.rsplit_once('\n') {
        Some((_, last)) if is_value(last) => last.trim(),
        _ => text,
    }
}

/// A line such as `Q:` after a blank line, or in the short form of prompts with examples.
fn is_new_exercise(text: &str, line: usize) -> bool {
    text[..line]
        .trim_end_matches([' ', '\t', '\r'])
        .ends_with("\n\n")
        || text[line..].starts_with("Q:")
}

/// The answer that is announced, and whether it is a value rather than words.
fn read<'t>(text: &'t str, announced: &Announced) -> Option<(FoundAnswer<'t>, bool)> {
    let start = announced.value.start;
    let span = if announced.rule == AnswerRule::Boxed {
        announced.value.clone()
    } else {
        start..value_end(text, start)
    };
    if span.len() > LONGEST || announced.heading && is_heading(&text[span.clone()]) {
        return None;
    }
    let (part, is_value) = match stated(&text[span.clone()])? {
        Stated::Value(part) => (part, true),
        Stated::Text(part) => (part, false),
    };
    // What stands between braces is the answer, words or not; a heading's words are one only at the end.
    let is_value = is_value || announced.rule == AnswerRule::Boxed;
    if announced.rule == AnswerRule::Hashes
        && !is_value
        && !(announced.heading && text[span.end..].trim().is_empty())
    {
        return None;
    }
    let part = if announced.rule == AnswerRule::Boxed {
        whole(&text[span.clone()])
    } else {
        part
    };
    let span = span.start + part.start..span.start + part.end;
    Some((
        FoundAnswer {
            text: &text[span.clone()],
            span,
            rule: announced.rule,
        },
        is_value,
    ))
}

/// All that stands between braces, bare of marks around it.
fn whole(text: &str) -> ByteRange {
    let value = super::markup::strip(text);
    let start = value.as_ptr() as usize - text.as_ptr() as usize;
    start..start + value.len()
}

/// `3. Add them`, `2) Add them`: the title of a section.
fn is_heading(value: &str) -> bool {
    let rest = value.trim_start_matches(|c: char| c.is_ascii_digit());
    let listed = rest.len() < value.len()
        && rest
            .strip_prefix(['.', ')', ':'])
            .is_some_and(|r| r.starts_with(' ') && r.contains(char::is_alphabetic));
    listed || value.starts_with("Step ")
}

/// The end of the sentence or line that a value begins. Question and exclamation marks may belong to a title and do not end it.
fn value_end(text: &str, start: usize) -> usize {
    let window = &text[start..floor(text, start + LONGEST)];
    let line = &window[..window.find('\n').unwrap_or(window.len())];
    let line = &line[..chat_mark(line).unwrap_or(line.len())];
    // The brace of a command around all: \text{Answer: 5}.
    let mut depth = 0_usize;
    let outer = line.char_indices().find(|(i, c)| {
        let escaped = line[..*i].ends_with('\\');
        match c {
            '{' if !escaped => depth += 1,
            '}' if !escaped && depth == 0 => return true,
            '}' if !escaped => depth -= 1,
            _ => {}
        }
        false
    });
    let line = &line[..outer.map_or(line.len(), |(i, _)| i)];
    let mut end = 0;
    for step in split_steps(line, SplitBy::Sentence) {
        end = step.end;
        let bare = line[step]
            .trim_end()
            .trim_end_matches(['"', '\'', ')', '*', '”', '’', '$']);
        if bare.ends_with(['.', '。']) {
            break;
        }
    }
    start + end
}
#[cfg(test)]
mod tests {
    use super::super::same_answer;
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> (&str, AnswerRule) {
        let a = final_answer(text).expect("an answer");
        assert_eq!(&text[a.span.clone()], a.text);
        (a.text, a.rule)
    }

    #[test]
    fn markers() {
        for (text, want, rule) in [
            (
                " 8 * 7 = 56. So the answer is 56.",
                "56",
                AnswerRule::AnswerIs,
            ),
            ("The answer is 3.5.", "3.5", AnswerRule::AnswerIs),
            (
                "the final answer is: $1,200.",
                "$1,200",
                AnswerRule::AnswerIs,
            ),
            ("The answer is **42**.", "42", AnswerRule::AnswerIs),
            ("So the answer is -7", "-7", AnswerRule::AnswerIs),
            (
                "The answer to the question is 12 apples.",
                "12 apples",
                AnswerRule::AnswerIs,
            ),
            (
                "So the answer is the giant and the Marvind.",
                "the giant and the Marvind",
                AnswerRule::AnswerIs,
            ),
            (
                "So the answer is \"Who Moved My Cheese? A Story\".",
                "Who Moved My Cheese? A Story",
                AnswerRule::AnswerIs,
            ),
            (
                "So the answer is St. Mary And The Dr. Who.",
                "St. Mary And The Dr. Who",
                AnswerRule::AnswerIs,
            ),
            ("a = 2\n#### 1,024", "1,024", AnswerRule::Hashes),
            ("#### Step 1\nfoo\n#### 18\n", "18", AnswerRule::Hashes),
            (
                "Thus \\boxed{\\frac{1}{2}}.",
                "\\frac{1}{2}",
                AnswerRule::Boxed,
            ),
            ("The answer is $\\boxed{57}$.", "57", AnswerRule::Boxed),
            ("Answer: 12", "12", AnswerRule::AnswerColon),
            (
                "**Answer:** 12 dollars\n",
                "12 dollars",
                AnswerRule::AnswerColon,
            ),
            ("**Final Answer**: 12.", "12", AnswerRule::AnswerColon),
            ("**Answer: 5**", "5", AnswerRule::AnswerColon),
            ("The answer is\n5", "5", AnswerRule::AnswerIs),
        ] {
            assert_eq!(found(text), (want, rule), "{text:?}");
        }
    }

    #[test]
    fn the_last_one_counts_but_not_in_the_next_exercise() {
        assert_eq!(
            found("So the answer is 5. Wait, no. So the answer is 6."),
            ("6", AnswerRule::AnswerIs)
        );
        assert_eq!(
            found("So the answer is 5.\n\nQuestion: What is 2 + 2?\nAnswer: So the answer is 4."),
            ("5", AnswerRule::AnswerIs)
        );
        assert_eq!(
            found("The answer is not 5. The answer is 6."),
            ("6", AnswerRule::AnswerIs)
        );
    }

    #[test]
    fn last_numbers() {
        for (text, want) in [
            ("He has 5 and then 1,250.75 dollars.", "1,250.75"),
            ("It is 3/4 of it", "3/4"),
            ("up by 12%.", "12%"),
            ("12 - 15 = -3.", "-3"),
            ("that leaves 12 -3", "3"),
            ("the 5-3", "3"),
            ("about .5 l", ".5"),
        ] {
            assert_eq!(found(text), (want, AnswerRule::LastNumber), "{text:?}");
        }
        assert_eq!(final_answer("no number here."), None);
        assert_eq!(final_answer(""), None);
        assert_eq!(final_answer("The answer is ."), None);
    }

    proptest! {
        #[test]
        fn never_panics_and_spans_hold(text in "(answer| is |: |[0-9.,$%#\\\\{}\\n]|boxed\\{|é|\\PC){0,30}") {
            if let Some(a) = final_answer(&text) {
                prop_assert_eq!(&text[a.span.clone()], a.text);
                prop_assert!(same_answer(a.text, a.text));
            }
        }

        #[test]
        fn a_stated_number_is_found(n in -100_000_i64..100_000, places in 0_usize..3) {
            let value = if places == 0 { n.to_string() } else { format!("{n}.{:0places$}", 7) };
            let text = format!("We add 3 + 4. So the answer is {value}.");
            prop_assert_eq!(final_answer(&text).unwrap().text, value.as_str());
            let bare = format!("We get 3 + 4 = {value}.");
            prop_assert_eq!(final_answer(&bare).unwrap().text, value.as_str());
        }
    }
}
