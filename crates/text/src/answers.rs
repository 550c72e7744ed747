//! The final answer of a completion.

use super::ByteRange;
use super::markup::{braces, strip};
use super::number::number_len;
use super::same::number_of;
use super::steps::{SplitBy, split_steps};

/// Which rule found an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerRule {
    /// `\boxed{X}`.
    Boxed,
    /// `#### X`, as in GSM8K.
    Hashes,
    /// `So the answer is X.`
    AnswerIs,
    /// `Answer: X`.
    AnswerColon,
    /// No marker: the last number of the text.
    LastNumber,
}

/// An answer found in a completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAnswer<'t> {
    /// Its text, without final dot, quotes and emphasis.
    pub text: &'t str,
    /// Where it is.
    pub span: ByteRange,
    /// What found it.
    pub rule: AnswerRule,
}

/// The final answer of a completion.
///
/// Of all explicit answers the last one counts, the inner one where they nest (`The answer is
/// \boxed{5}.`). Without any, it is the last number. What follows an explicit answer and begins a
/// new exercise (a line that starts with `Question:` or `Q:`) is not looked at, as base models run on.
///
/// ```
/// use rotescope_text::{AnswerRule, final_answer};
/// let a = final_answer("5 * 4 = 20. So the answer is 1,020.50.").unwrap();
/// assert_eq!((a.text, a.rule), ("1,020.50", AnswerRule::AnswerIs));
/// ```
pub fn final_answer(text: &str) -> Option<FoundAnswer<'_>> {
    let mut found = explicit(text);
    let first = found.iter().map(|a| a.span.end).min();
    if let Some(cut) = first.and_then(|f| next_exercise(text, f)) {
        found.retain(|a| a.span.end <= cut);
    }
    found
        .into_iter()
        .max_by_key(|a| a.span.start)
        .or_else(|| last_number(text))
}

fn next_exercise(text: &str, after: usize) -> Option<usize> {
    let starts = text[after..]
        .match_indices('\n')
        .map(|(i, _)| after + i + 1);
    starts.into_iter().find(|s| {
        let line = text[*s..].trim_start();
        line.starts_with("Question:") || line.starts_with("Q:")
    })
}

fn explicit(text: &str) -> Vec<FoundAnswer<'_>> {
    let mut found = Vec::new();
    for command in ["\\boxed{", "\\fbox{"] {
        for (i, _) in text.match_indices(command) {
            let start = i + command.len();
            if let Some(len) = braces(&text[start..]) {
                found.extend(trimmed(text, start..start + len, AnswerRule::Boxed));
            }
        }
    }
    for (i, _) in text.match_indices("####") {
        let line_start = text[..i].rfind('\n').map_or(0, |j| j + 1);
        let value = i + 4;
        let end = value + text[value..].find('\n').unwrap_or(text.len() - value);
        // "#### Step 1" is a heading: a word counts only on the last line.
        let is_value = is_number_like(&text[value..end]) || text[end..].trim().is_empty();
        if text[line_start..i].trim().is_empty() && !text[value..end].starts_with('#') && is_value {
            found.extend(trimmed(text, value..end, AnswerRule::Hashes));
        }
    }
    // ASCII case only, so that offsets stay the same.
    let lower = text.to_ascii_lowercase();
    for (i, _) in lower.match_indices("answer") {
        let word_start = !lower[..i].ends_with(|c: char| c.is_alphanumeric());
        if let Some((len, rule)) = introduction(&lower[i..]).filter(|_| word_start) {
            found.extend(trimmed(text, value_span(text, i + len), rule));
        }
    }
    found.retain(|a| {
        let first = a.text.split(' ').next().unwrap_or("");
        !first.eq_ignore_ascii_case("not")
    });
    found
}

/// `text` begins with "answer": the length up to the value if this introduces one.
fn introduction(text: &str) -> Option<(usize, AnswerRule)> {
    let mut rest = text["answer".len()..].trim_start_matches('s');
    let marks = |c: char| c == '*' || c == '_' || c == ' ';
    rest = rest.trim_start_matches(marks);
    // "the answer to the question is", "the answer (in dollars) is": a few words, no stop.
    let head = rest
        .find([':', '.', '\n', ',', '?', '='])
        .map_or(rest, |i| &rest[..i]);
    let is = head
        .find("is ")
        .filter(|i| *i == 0 || head[..*i].ends_with(' '))
        .filter(|i| head[..*i].split_whitespace().count() <= 6);
    let are = rest.strip_prefix("are ").map(|r| (r, AnswerRule::AnswerIs));
    let (rest, rule) = if let Some(i) = is {
        (rest[i + 3..].trim_start_matches(':'), AnswerRule::AnswerIs)
    } else if let Some(r) = rest
        .strip_prefix("is:")
        .or_else(|| rest.strip_prefix("is\n"))
    {
        (r, AnswerRule::AnswerIs)
    } else if let Some(r) = rest.strip_prefix(':').or_else(|| rest.strip_prefix('=')) {
        (r, AnswerRule::AnswerColon)
    } else {
        are?
    };
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '*' || c == '_');
    Some((text.len() - rest.len(), rule))
}

/// From the start of a value to the end of its sentence or line. Question and exclamation marks may
/// belong to a title and do not end it.
fn value_span(text: &str, start: usize) -> ByteRange {
    let line = &text[start..start + text[start..].find('\n').unwrap_or(text.len() - start)];
    let mut end = 0;
    for step in split_steps(line, SplitBy::Sentence) {
        end = step.end;
        if line[step]
            .trim_end()
            .trim_end_matches(['"', '\'', ')', '*', '”', '’', '$'])
            .ends_with('.')
        {
            break;
        }
    }
    start..start + end
}

/// Takes white space, one final dot, and matching quotes, emphasis and formula marks off a span.
fn trimmed(text: &str, span: ByteRange, rule: AnswerRule) -> Option<FoundAnswer<'_>> {
    let value = strip(&text[span]);
    let start = value.as_ptr() as usize - text.as_ptr() as usize;
    (!value.is_empty()).then(|| FoundAnswer {
        text: value,
        span: start..start + value.len(),
        rule,
    })
}

fn is_number_like(text: &str) -> bool {
    number_of(strip(text)).is_some()
}

/// The last number: digits with separators, a sign in front that is no subtraction, a fraction, a
/// percent sign.
fn last_number(text: &str) -> Option<FoundAnswer<'_>> {
    let b = text.as_bytes();
    let (mut i, mut last) = (0, None);
    while i < b.len() {
        let len = if b[i].is_ascii_digit()
            || (b[i] == b'.' && (i == 0 || !b[i - 1].is_ascii_alphanumeric()))
        {
            number_len(&text[i..])
        } else {
            0
        };
        if len == 0 {
            i += 1;
            continue;
        }
        let mut end = i + len;
        if b.get(end) == Some(&b'/') {
            let below = number_len(&text[end + 1..]);
            end += if below > 0 { 1 + below } else { 0 };
        }
        end += usize::from(b.get(end) == Some(&b'%'));
        let mut start = i;
        if let Some(before) = text[..i]
            .strip_suffix('-')
            .or_else(|| text[..i].strip_suffix('\u{2212}'))
            && (!before
                .trim_end()
                .ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | '-'))
                || before.ends_with(' ') && before.trim_end().ends_with('='))
        {
            start = before.len();
        }
        last = Some(start..end);
        i = end;
    }
    let span = last?;
    Some(FoundAnswer {
        text: &text[span.clone()],
        span,
        rule: AnswerRule::LastNumber,
    })
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
