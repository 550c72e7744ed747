//! An answer that was found, and how.

use crate::ByteRange;

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
    /// `Answer: X`, and `A: X` at the start of a line.
    AnswerColon,
    /// No marker: the last number of the text, whole, with the fraction, point or formula that it is part of.
    LastNumber,
}

/// An answer found in a completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAnswer<'t> {
    /// Its text, without final dot, quotes and emphasis, and without a clause that follows.
    pub text: &'t str,
    /// Where it is.
    pub span: ByteRange,
    /// What found it.
    pub rule: AnswerRule,
}
