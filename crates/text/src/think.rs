//! Where the reasoning lies in a model's output, and where its final text.

use std::ops::Range;

/// Marks around reasoning, as reasoning models write them.
const TAGS: [(&str, &str); 8] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
];

/// Marks around the final text; they belong to neither part.
const SOLUTION: [&str; 4] = [
    "<|begin_of_solution|>",
    "<|end_of_solution|>",
    "<|START_RESPONSE|>",
    "<|END_RESPONSE|>",
];

/// The harmony format of gpt-oss: `<|channel|>NAME<|message|>TEXT`, ended by one of `ENDS`.
const CHANNEL: &str = "<|channel|>";
const MESSAGE: &str = "<|message|>";
const ENDS: [&str; 4] = ["<|end|>", "<|return|>", "<|call|>", "<|start|>"];

/// An output in its parts: byte ranges, in order, without tags, without empty or blank ranges, and trimmed of
/// white space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutputParts {
    pub reasoning: Vec<Range<usize>>,
    pub answer: Vec<Range<usize>>,
    /// Reasoning was opened and never closed: the output ended within it.
    pub open: bool,
}

/// The open tag at the end of a rendered prompt, when the chat template has already begun the reasoning.
pub fn opened_by(prompt: &str) -> Option<&'static str> {
    let prompt = prompt.trim_end();
    let open = TAGS
        .iter()
        .map(|(open, _)| *open)
        .find(|open| prompt.ends_with(open));
    open.or_else(|| {
        let (_, header) = prompt.rsplit_once(CHANNEL)?;
        let name = header.strip_suffix(MESSAGE)?;
        (is_name(name.as_bytes()) && !is_final(name.as_bytes())).then_some(CHANNEL)
    })
}

/// Splits an output. `prompt` is what the model was given: if it ends in an open tag, the output begins with reasoning.
///
/// A close tag without an open one before it also ends reasoning that began with the output. An open tag counts at
/// the start of the output, of a line, or after another block; elsewhere the text only mentions it. An output without
/// any tag is all answer.
pub fn split(prompt: &str, output: &[u8]) -> OutputParts {
    let opened = opened_by(prompt);
    if opened == Some(CHANNEL) || find(output, CHANNEL, 0).is_some() {
        return split_channels(output, opened == Some(CHANNEL));
    }
    let mut parts = OutputParts::default();
    let mut at = 0;
    // Reasoning that runs from the start: opened by the prompt, or closed by a tag that nothing opens.
    let close = match opened {
        Some(open) => Some(close_of(open)),
        None => unopened_close(output),
    };
    if let Some(close) = close {
        at = take_reasoning(output, 0, close, &mut parts);
    }
    while let Some((start, open, close)) = next_open(output, at) {
        push_answer(&mut parts, output, at..start);
        at = take_reasoning(output, start + open.len(), close, &mut parts);
    }
    push_answer(&mut parts, output, at..output.len());
    parts
}

/// Reasoning from `from` to its close tag; returns where the rest begins.
fn take_reasoning(output: &[u8], from: usize, close: &str, parts: &mut OutputParts) -> usize {
    let end = find(output, close, from);
    parts.open = end.is_none();
    push(
        &mut parts.reasoning,
        output,
        from..end.unwrap_or(output.len()),
    );
    end.map_or(output.len(), |end| end + close.len())
}

fn close_of(open: &str) -> &'static str {
    TAGS.iter()
        .find(|(o, _)| *o == open)
        .map_or("</think>", |(_, close)| close)
}

/// The close tag that comes first, if no open tag precedes it.
fn unopened_close(output: &[u8]) -> Option<&'static str> {
    let (at, close) = TAGS
        .iter()
        .filter_map(|(_, close)| Some((find(output, close, 0)?, *close)))
        .min()?;
    match next_open(output, 0) {
        Some((open, ..)) if open < at => None,
        _ => Some(close),
    }
}

/// The next open tag at a place where one counts: its start, itself, its close tag.
fn next_open(output: &[u8], from: usize) -> Option<(usize, &'static str, &'static str)> {
    TAGS.iter()
        .filter_map(|&(open, close)| {
            let mut at = from;
            loop {
                let start = find(output, open, at)?;
                let before = output[from..start]
                    .iter()
                    .rposition(|b| !b.is_ascii_whitespace());
                let first = before.is_none();
                let line = output[..start]
                    .iter()
                    .rev()
                    .find(|b| !matches!(b, b' ' | b'\t'))
                    == Some(&b'\n');
                if first || line {
                    return Some((start, open, close));
                }
                at = start + open.len();
            }
        })
        .min()
}

/// Harmony: every channel but `final` is reasoning.
fn split_channels(output: &[u8], opened: bool) -> OutputParts {
    let mut parts = OutputParts::default();
    let mut at = 0;
    if opened {
        let (end, next) = message_end(output, 0);
        parts.open = end == next;
        push(&mut parts.reasoning, output, 0..end);
        at = next;
    }
    while let Some(channel) = find(output, CHANNEL, at) {
        let name_at = channel + CHANNEL.len();
        let Some(message) = find(output, MESSAGE, name_at) else {
            // The header itself is unfinished.
            return parts;
        };
        let body = message + MESSAGE.len();
        let (end, next) = message_end(output, body);
        if is_final(&output[name_at..message]) {
            parts.open = false;
            push(&mut parts.answer, output, body..end);
        } else {
            parts.open = end == next;
            push(&mut parts.reasoning, output, body..end);
        }
        at = next;
    }
    parts
}

/// Where a message ends, and where what follows begins: equal if it never ends.
fn message_end(output: &[u8], from: usize) -> (usize, usize) {
    let ends = ENDS.iter().chain([&CHANNEL]);
    match ends
        .filter_map(|e| Some((find(output, e, from)?, *e)))
        .min()
    {
        Some((end, mark)) if mark == CHANNEL => (end, end.max(from)),
        Some((end, mark)) => (end, end + mark.len()),
        None => (output.len(), output.len()),
    }
}

fn is_final(name: &[u8]) -> bool {
    name.trim_ascii().starts_with(b"final")
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty()
        && name
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b" _-".contains(b))
}

/// Adds an answer range, without the marks around solutions.
fn push_answer(parts: &mut OutputParts, output: &[u8], range: Range<usize>) {
    let mut at = range.start;
    loop {
        let next = SOLUTION
            .iter()
            .filter_map(|mark| Some((find(&output[..range.end], mark, at)?, mark.len())))
            .min();
        let Some((start, length)) = next else { break };
        push(&mut parts.answer, output, at..start);
        at = start + length;
    }
    push(&mut parts.answer, output, at..range.end);
}

/// Adds a range without the white space at its ends, unless nothing is left.
fn push(ranges: &mut Vec<Range<usize>>, output: &[u8], range: Range<usize>) {
    let text = &output[range.clone()];
    let start = range.start + (text.len() - text.trim_ascii_start().len());
    let end = range.end - (text.len() - text.trim_ascii_end().len());
    if start < end {
        ranges.push(start..end);
    }
}

fn find(text: &[u8], mark: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.windows(mark.len())
        .position(|w| w == mark.as_bytes())
        .map(|at| at + from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reasoning, answer, open: as text.
    fn parts(prompt: &str, output: &str) -> (String, String, bool) {
        let parts = split(prompt, output.as_bytes());
        let text = |ranges: &[Range<usize>]| {
            ranges
                .iter()
                .map(|r| &output[r.clone()])
                .collect::<Vec<_>>()
                .join("|")
        };
        (text(&parts.reasoning), text(&parts.answer), parts.open)
    }

    fn is(reasoning: &str, answer: &str, open: bool) -> (String, String, bool) {
        (reasoning.into(), answer.into(), open)
    }

    #[test]
    fn every_tag_closed_or_not() {
        for (open, close) in TAGS {
            assert_eq!(
                parts("Q", &format!("{open}\na b\n{close}\n\nc")),
                is("a b", "c", false)
            );
            assert_eq!(parts("Q", &format!(" {open}a b")), is("a b", "", true));
            // The template has opened it.
            assert_eq!(
                parts(&format!("Q{open}\n"), &format!("a{close}c")),
                is("a", "c", false)
            );
            assert_eq!(parts(&format!("Q{open}\n"), "a"), is("a", "", true));
            // Nobody has, yet it is closed.
            assert_eq!(parts("Q", &format!("a\n{close}c")), is("a", "c", false));
        }
    }

    #[test]
    fn without_tags_all_is_answer() {
        assert_eq!(parts("Q", " 5 + 5 = 10."), is("", "5 + 5 = 10.", false));
        assert_eq!(parts("", ""), is("", "", false));
        // An empty block, as hybrid models write it when thinking is off.
        assert_eq!(
            parts("Q", "<think>\n\n</think>\n\nyes"),
            is("", "yes", false)
        );
    }

    #[test]
    fn blocks_may_follow_each_other_and_mentions_do_not_count() {
        let output = "<think>a</think>b\n<think>c</think>d";
        assert_eq!(parts("Q", output), is("a|c", "b|d", false));
        let mention = "<think>a</think>The tag <think> opens it.";
        assert_eq!(
            parts("Q", mention),
            is("a", "The tag <think> opens it.", false)
        );
    }

    #[test]
    fn solutions_lose_their_marks() {
        let output =
            "<|begin_of_thought|>a<|end_of_thought|>\n<|begin_of_solution|>b<|end_of_solution|>";
        assert_eq!(parts("Q", output), is("a", "b", false));
    }

    #[test]
    fn channels_of_gpt_oss() {
        let output = "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b<|return|>";
        assert_eq!(parts("<|start|>assistant", output), is("a", "b", false));
        let open = "<|channel|>analysis<|message|>a b";
        assert_eq!(parts("<|start|>assistant", open), is("a b", "", true));
        let prompt = "<|start|>assistant<|channel|>analysis<|message|>";
        let rest = "a<|end|><|start|>assistant<|channel|>final<|message|>b";
        assert_eq!(parts(prompt, rest), is("a", "b", false));
        assert_eq!(parts("Q", "<|channel|>analysis"), is("", "", false));
    }

    proptest! {
        #[test]
        fn ranges_lie_within_the_output_in_order_and_apart(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "<think>", "</think>", "a ", "\n", "<|channel|>", "<|message|>", "final", "<|end|>", "é", "[THINK]", "[/THINK]",
                "<|begin_of_solution|>",
            ]), 0..14),
            prompt in prop::sample::select(vec!["Q", "Q<think>\n", "<|channel|>analysis<|message|>"]),
        ) {
            let output = pieces.concat();
            let p = split(prompt, output.as_bytes());
            let mut all: Vec<_> = p.reasoning.iter().chain(&p.answer).cloned().collect();
            all.sort_by_key(|r| r.start);
            for r in &all {
                prop_assert!(r.start < r.end && r.end <= output.len());
                prop_assert!(output.is_char_boundary(r.start) && output.is_char_boundary(r.end));
            }
            prop_assert!(all.windows(2).all(|w| w[0].end <= w[1].start));
        }
    }
}
