//! What an output is made of.

use std::borrow::Cow;
use std::ops::Range;

/// An output in its parts: byte ranges, in order, without marks, without empty or blank ranges, and trimmed of white space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutputParts {
    pub reasoning: Vec<Range<usize>>,
    pub answer: Vec<Range<usize>>,
    /// Marks that belong to neither; turns of others and ends of messages are not among them.
    pub marks: Vec<Range<usize>>,
    /// Reasoning was opened and never closed: the output ended within it.
    pub open: bool,
}

impl OutputParts {
    /// The text with the same byte offsets, blank where reasoning and marks stand.
    pub fn without_reasoning<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.reasoning.is_empty() && self.marks.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut bytes = text.as_bytes().to_vec();
        for range in self.reasoning.iter().chain(&self.marks) {
            bytes[range.clone()].fill(b' ');
            // What stands on both sides is not one line.
            bytes[range.start] = b'\n';
        }
        // Whole characters were replaced.
        Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Adds a range without the white space at its ends, unless nothing is left.
pub(super) fn push(ranges: &mut Vec<Range<usize>>, text: &str, range: Range<usize>) {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    let end = range.end - (part.len() - part.trim_end().len());
    if start < end {
        ranges.push(start..end);
    }
}
