//! What a verifier says.

use rotescope_text::ByteRange;

/// What a verifier says about a step or a completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// Everything that could be checked is right.
    Right,
    /// Something is false.
    Wrong {
        /// The false value, in bytes of the checked text.
        span: ByteRange,
        /// The first byte at which the text goes wrong: inside `span`, or `span.end` if the value
        /// stops too early. The wrong token is the one that holds this byte (after the last byte of
        /// the text: the one that should have followed).
        at: usize,
        /// What should stand there.
        expected: String,
        /// The reason in a sentence.
        why: String,
    },
    /// There is nothing in the text that this verifier can judge.
    NotApplicable,
}

impl Judgement {
    /// Shifts all offsets, for a step that begins at `by` in its completion.
    #[must_use]
    pub fn shifted(self, by: usize) -> Self {
        match self {
            Self::Wrong {
                span,
                at,
                expected,
                why,
            } => Self::Wrong {
                span: span.start + by..span.end + by,
                at: at + by,
                expected,
                why,
            },
            other => other,
        }
    }
}

/// The first byte of `found` (which begins at `start` of its text) that differs from `expected`;
/// the end of `found` if it is the beginning of `expected`.
pub(crate) fn first_difference(found: &str, expected: &str, start: usize) -> usize {
    let mut want = expected.chars();
    for (i, c) in found.char_indices() {
        if want.next() != Some(c) {
            return start + i;
        }
    }
    start + found.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_point_to_the_first_wrong_byte() {
        assert_eq!(first_difference("21", "20", 5), 6);
        assert_eq!(first_difference("2", "20", 5), 6);
        assert_eq!(first_difference("200", "20", 5), 7);
        assert_eq!(first_difference("éa", "éb", 0), 2);
    }

    #[test]
    fn verdicts_move_with_their_step() {
        let wrong = |a: usize| Judgement::Wrong {
            span: a..a + 2,
            at: a,
            expected: "x".into(),
            why: "y".into(),
        };
        assert_eq!(wrong(3).shifted(10), wrong(13));
        assert_eq!(Judgement::Right.shifted(10), Judgement::Right);
    }
}
