//! What a corpus says of a context: the tokens before a token.

use serde::Serialize;

/// What follows a context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Continuations {
    /// Token and count, most frequent first; equally frequent ones by ascending id.
    pub tokens: Vec<(u32, u64)>,
    /// How many occurrences of the context end a document.
    pub ends: u64,
}

impl Continuations {
    /// Number of occurrences of the context.
    pub fn total(&self) -> u64 {
        self.ends + self.tokens.iter().map(|&(_, count)| count).sum::<u64>()
    }
}

/// The longest suffix of a context that occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SuffixMatch {
    /// In tokens.
    pub len: usize,
    pub count: u64,
}

/// The longest suffix `w` of a context such that `w` followed by a token `x` occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LongestContext {
    /// Length of `w` in tokens, perhaps 0.
    pub len: usize,
    /// How often `w` occurs.
    pub context_count: u64,
    /// How often `w` followed by `x` occurs; 0 only if `x` occurs nowhere.
    pub joint_count: u64,
}

/// One token to be explained: see [`crate::NgramCounts::local_counts`].
#[derive(Debug, Clone, Copy)]
pub struct LocalQuestion<'a> {
    /// All tokens before it.
    pub context: &'a [u32],
    pub token: u32,
    pub candidates: &'a [u32],
}

/// The answer to a [`LocalQuestion`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocalCounts {
    pub longest: LongestContext,
    /// How often each candidate follows the longest context, in the order of the candidates.
    pub candidates: Vec<u64>,
}
