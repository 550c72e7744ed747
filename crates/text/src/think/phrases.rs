//! Reasoning that sentences announce instead of marks, as Granite 3 writes it.

use super::parts::{OutputParts, push};

/// They stand behind "Here is my", "Here's my" or "My".
const THOUGHT: [&str; 2] = ["thought process:", "thinking process:"];
const RESPONSE: [&str; 2] = ["response:", "final response:"];
/// Longer than any of them, in bytes.
const LONGEST: usize = 40;

/// The parts of an output that begins so; `None` if it does not.
pub(super) fn split(text: &str) -> Option<OutputParts> {
    let start = text.len() - text.trim_start().len();
    let body = start + phrase(&text[start..], &THOUGHT)?;
    let lines = text[body..].match_indices('\n').map(|(i, _)| body + i + 1);
    let found = lines
        .into_iter()
        .find_map(|line| Some((line, line + phrase(&text[line..], &RESPONSE)?)));
    let mut parts = OutputParts {
        open: found.is_none(),
        ..OutputParts::default()
    };
    parts.marks.push(start..body);
    let (end, rest) = found.unwrap_or((text.len(), text.len()));
    push(&mut parts.reasoning, text, body..end);
    if end < rest {
        parts.marks.push(end..rest);
    }
    push(&mut parts.answer, text, rest..text.len());
    Some(parts)
}

/// The length of a phrase that the text begins with.
fn phrase(text: &str, ends: &[&str]) -> Option<usize> {
    let mut to = LONGEST.min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    let head = text[..to].to_ascii_lowercase();
    let opener = ["here is my ", "here's my ", "here’s my ", "my "];
    let rest = opener.iter().find_map(|o| head.strip_prefix(o))?;
    let end = ends.iter().find(|e| rest.starts_with(*e))?;
    Some(head.len() - rest.len() + end.len())
}
