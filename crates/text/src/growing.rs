//! Steps of an output that grows token by token.

use std::ops::Range;

use super::{ByteRange, SplitBy, sanitize, split_steps, token_spans};

/// A step of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputStep {
    /// In bytes of the output.
    pub span: Range<usize>,
    /// In tokens.
    pub tokens: Range<usize>,
}

/// The steps of an output, of which every token has its place in `tokens`.
pub fn pieces(output: &[u8], tokens: &[ByteRange], by: SplitBy) -> Vec<OutputStep> {
    let steps = split_steps(&sanitize::same_offsets(output), by);
    let tokens = token_spans(output, &steps, tokens);
    let both = steps.into_iter().zip(tokens);
    both.map(|(span, tokens)| OutputStep { span, tokens })
        .collect()
}

/// An output so far, cut into steps.
///
/// Only the last two steps can still change when a token comes, so only their text is read again: taking in a token costs what two
/// steps cost, however long the output is.
#[derive(Debug, Clone, Default)]
pub struct Growing {
    output: Vec<u8>,
    /// Bytes of each token.
    tokens: Vec<Range<usize>>,
    steps: Vec<OutputStep>,
    by: SplitBy,
}

impl Growing {
    pub fn new(by: SplitBy) -> Growing {
        Growing {
            by,
            ..Growing::default()
        }
    }

    /// The steps. The last one may not be over, and the one before it may still be joined to it.
    pub fn steps(&self) -> &[OutputStep] {
        &self.steps
    }

    pub fn output(&self) -> &[u8] {
        &self.output
    }

    /// Takes in the bytes of the next token; returns the index of the first step that may be another than before.
    pub fn push(&mut self, token: &[u8]) -> usize {
        let from = self.output.len();
        self.output.extend_from_slice(token);
        self.tokens.push(from..self.output.len());
        self.steps.truncate(self.steps.len().saturating_sub(2));
        let kept = self.steps.len();
        let (bytes, first) = self
            .steps
            .last()
            .map_or((0, 0), |s| (s.span.end, s.tokens.end));
        let spans: Vec<_> = self.tokens[first..]
            .iter()
            .map(|t| t.start.max(bytes) - bytes..t.end.max(bytes) - bytes)
            .collect();
        let new = pieces(&self.output[bytes..], &spans, self.by);
        self.steps.extend(new.into_iter().map(|p| OutputStep {
            span: bytes + p.span.start..bytes + p.span.end,
            tokens: first + p.tokens.start..first + p.tokens.end,
        }));
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growing_ends_where_splitting_at_once_does() {
        let text = "First, 3.5 + 2 = 5.5 apples. Dr. Lee has 4 more. So 5.5 + 4 = 9.5.\n\nSo the answer is 9.5.";
        for size in [1, 2, 3, 5, 9] {
            let mut growing = Growing::new(SplitBy::Sentence);
            for piece in text.as_bytes().chunks(size) {
                let before = growing.steps().to_vec();
                let kept = growing.push(piece);
                assert_eq!(
                    growing.steps()[..kept],
                    before[..kept],
                    "what stays is said"
                );
            }
            let spans: Vec<_> = growing.steps().iter().map(|s| s.span.clone()).collect();
            assert_eq!(
                spans,
                split_steps(text, SplitBy::Sentence),
                "pieces of {size}"
            );
            assert_eq!(growing.output(), text.as_bytes());
            let ends = growing.steps().iter().map(|s| s.tokens.end);
            assert_eq!(ends.max(), Some(text.len().div_ceil(size)));
        }
    }
}
