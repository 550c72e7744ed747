//! What is read from an output: steps, reasoning, answer.

use std::ops::Range;

use rotescope_text::growing::{OutputStep, pieces};
use rotescope_text::{SplitBy, final_answer, same_answer, sanitize, think};
use rotescope_trace::{Answer, Span, Step, Token, Trace};

/// A piece of an output as a step of a trace, not yet judged.
pub fn step(piece: &OutputStep) -> Step {
    Step {
        span: span(&piece.span),
        tokens: span(&piece.tokens),
        flag: None,
        verdict: None,
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

/// Fills output, steps, reasoning and answer of a trace that has its prompt and tokens. The answer that the prompt expects moves to
/// [`Trace::answer`].
pub fn read(trace: &mut Trace, output: &[u8]) {
    let by = trace.attribution.steps.parse().unwrap_or_default();
    trace.steps = steps(output, &trace.tokens, by);
    trace.output = String::from_utf8_lossy(output).into_owned();
    let text = sanitize::same_offsets(output);
    let parts = think::split(&trace.prompt.text, output);
    trace.reasoning = parts.reasoning.first().map(span);
    // The answer stands after the reasoning; where the output ended within it, nowhere else but in it.
    let after = parts
        .reasoning
        .last()
        .filter(|_| !parts.open)
        .map_or(0, |r| r.end);
    let found = final_answer(&text[after..]);
    let expected = trace.prompt.answer.take();
    // A raw prompt is a text to be continued: its answer is how it goes on. Any other wants the final answer.
    let is_right = |expected: &String| match &found {
        _ if trace.prompt.raw => text.starts_with(expected),
        Some(answer) => same_answer(answer.text, expected),
        None => false,
    };
    trace.answer = Answer {
        right: expected.as_ref().map(is_right),
        extracted: found.as_ref().map(|a| a.text.to_string()),
        span: found.map(|a| [after + a.span.start, after + a.span.end]),
        expected,
    };
}

fn span(r: &Range<usize>) -> Span {
    [r.start, r.end]
}
