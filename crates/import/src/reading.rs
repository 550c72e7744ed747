//! What is read from an output: steps, reasoning, answer.

use std::ops::Range;

use rotescope_judge::locale;
use rotescope_text::growing::{OutputStep, pieces};
use rotescope_text::think::{self, ReasoningMarks};
use rotescope_text::{Locale, SplitBy, expected_answer, final_answer, same_answer_in, sanitize};
use rotescope_trace::{Answer, Prompt, Span, Step, Token, Trace};

/// A piece of an output as a step of a trace, not yet judged.
pub fn step(piece: &OutputStep) -> Step {
    Step {
        span: span(&piece.span),
        tokens: span(&piece.tokens),
        flag: None,
        verdict: None,
        region: None,
    }
}

/// The steps of an output. The tokens may reach beyond it, where a stop string ended it.
pub fn steps(output: &[u8], tokens: &[Token], by: SplitBy) -> Vec<Step> {
    let within = |at: usize| at.min(output.len());
    let spans: Vec<_> = tokens
        .iter()
        .map(|t| within(t.span[0])..within(t.span[1]))
        .collect();
    pieces(output, &spans, by).iter().map(step).collect()
}

/// Steps that are already cut, in bytes of the output, with their tokens.
pub fn steps_at(spans: &[Range<usize>], tokens: &[Token]) -> Vec<Step> {
    let of = |step: &Range<usize>| {
        // A token that reaches over the end of a step belongs to both.
        let first = tokens.partition_point(|t| t.span[1] <= step.start);
        let end = tokens.partition_point(|t| t.span[0] < step.end);
        OutputStep {
            span: step.clone(),
            tokens: first..end.max(first),
        }
    };
    spans.iter().map(|s| step(&of(s))).collect()
}

/// Fills output, steps, reasoning and answer of a trace that has its prompt and tokens. The answer that the prompt expects moves to
/// [`Trace::answer`].
///
/// `marks`: what stands around reasoning, beside what is known.
pub fn read(trace: &mut Trace, output: &[u8], marks: &ReasoningMarks) {
    let by = trace.attribution.steps.parse().unwrap_or_default();
    trace.steps = steps(output, &trace.tokens, by);
    trace.output = String::from_utf8_lossy(output).into_owned();
    let text = sanitize::same_offsets(output);
    let parts = think::split(&trace.prompt.text, output, marks);
    let mut blocks = parts.reasoning.iter().map(span);
    trace.reasoning = blocks.next();
    trace.further_reasoning = blocks.collect();
    // The answer stands outside of the reasoning; where the output ended within it before there was one, in it.
    let outside = parts.without_reasoning(&text);
    let inside = || final_answer(&text).filter(|_| parts.open);
    let found = final_answer(&outside).or_else(inside);
    let expected = trace.prompt.answer.take();
    let extracted = found.as_ref().map(|a| a.text);
    trace.answer = Answer {
        right: is_right(&trace.prompt, &text, extracted, expected.as_deref()),
        extracted: extracted.map(str::to_string),
        span: found.as_ref().map(|a| span(&a.span)),
        expected,
    };
}

/// Reads the numbers of a trace's answer as this locale writes them, unless its prompt names one. Says whether it had none.
pub fn set_locale(trace: &mut Trace, locale: Locale) -> bool {
    if trace.prompt.locale.is_some() {
        return false;
    }
    trace.prompt.locale = Some(locale.name().into());
    let answer = &trace.answer;
    trace.answer.right = is_right(
        &trace.prompt,
        &trace.output,
        answer.extracted.as_deref(),
        answer.expected.as_deref(),
    );
    true
}

/// A raw prompt is a text to be continued: its answer is how it goes on. Any other wants the final answer.
fn is_right(
    prompt: &Prompt,
    output: &str,
    extracted: Option<&str>,
    expected: Option<&str>,
) -> Option<bool> {
    let expected = expected?;
    let same = |e| same_answer_in(e, expected_answer(expected), locale::of(prompt));
    Some(match prompt.raw {
        true => continues(output, expected),
        false => extracted.is_some_and(same),
    })
}

/// Whether a text goes on as expected: blanks before either do not count, and a word or number does not end in the middle.
fn continues(text: &str, expected: &str) -> bool {
    let expected = expected.trim();
    let Some(rest) = text.trim_start().strip_prefix(expected) else {
        return false;
    };
    let inside = |c: char| c.is_alphanumeric();
    let cut = expected.ends_with(inside) && rest.starts_with(inside);
    let digits = expected.ends_with(|c: char| c.is_ascii_digit());
    // 18 is not the beginning of 18.5.
    let decimal = digits
        && rest.starts_with(['.', ','])
        && rest[1..].starts_with(|c: char| c.is_ascii_digit());
    !expected.is_empty() && !cut && !decimal
}

fn span(r: &Range<usize>) -> Span {
    [r.start, r.end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_of_a_prompt_says_what_its_numbers_are() {
        let right = |locale: Option<&str>, asked: Option<Locale>, said: &str, expected: &str| {
            let mut trace = Trace::default();
            trace.prompt.answer = Some(expected.into());
            trace.prompt.locale = locale.map(str::to_string);
            let said = format!("The answer is {said}");
            read(&mut trace, said.as_bytes(), &ReasoningMarks::default());
            if let Some(asked) = asked {
                assert_eq!(set_locale(&mut trace, asked), locale.is_none());
            }
            trace.answer.right.unwrap()
        };
        for (said, expected, comma) in [
            ("1.500", "1500", true),
            ("1.500", "1.5", false),
            ("1,500", "1.5", true),
            ("1.234,5", "1234.5", true),
            ("2.000 €", "2000", true),
            ("-1.500", "-1500", true),
        ] {
            assert_eq!(right(Some("comma"), None, said, expected), comma, "{said}");
            // Asked for, where the prompt does not say; a prompt's own counts.
            let (asked, other) = (Some(Locale::Comma), Some(Locale::Point));
            assert_eq!(right(None, asked, said, expected), comma, "{said}");
            assert_eq!(right(Some("comma"), other, said, expected), comma, "{said}");
        }
        assert!(!right(None, None, "1.500", "1500"));
        assert!(!right(Some("point"), None, "1.500", "1500"));
        assert!(right(None, None, "1,500", "1500"));
    }

    #[test]
    fn a_raw_prompt_is_continued_by_whole_words() {
        for (text, expected, want) in [
            (" 18 apples", "18", true),
            ("18", " 18", true),
            ("18 apples", "1", false),
            ("18.5 apples", "18", false),
            ("18. Then", "18", true),
            ("pens", "pen", false),
            ("pen, paper", "pen", true),
            ("anything", "", false),
        ] {
            assert_eq!(continues(text, expected), want, "{text:?} {expected:?}");
        }
    }
}
