//! An answer of a corpus, and what it rests on.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// A value, and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Answered<T> {
    pub value: T,
    pub basis: Basis,
}

impl<T> Answered<T> {
    /// Occurrences, all of them counted.
    pub fn occurrences(value: T) -> Self {
        let basis = Basis::default();
        Self { value, basis }
    }

    /// Documents, all of them counted.
    pub fn documents(value: T) -> Self {
        let basis = Basis {
            counted: Counted::Documents,
            ..Basis::default()
        };
        Self { value, basis }
    }

    /// Another value on the same basis.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Answered<U> {
        Answered {
            value: f(self.value),
            basis: self.basis,
        }
    }
}

/// Answers that are one answer together: see [`Basis::and`].
impl<T> FromIterator<Answered<T>> for Answered<Vec<T>> {
    fn from_iter<I: IntoIterator<Item = Answered<T>>>(answers: I) -> Self {
        // The usual basis is the best, so it gives way to any other.
        let mut basis = Basis::default();
        let keep = |a: Answered<T>| {
            basis = basis.and(a.basis);
            a.value
        };
        let value = answers.into_iter().map(keep).collect();
        Answered { value, basis }
    }
}

/// The values alone, for callers that say elsewhere what they rest on.
pub fn values<T>(answers: Vec<Answered<T>>) -> Vec<T> {
    answers.into_iter().map(|a| a.value).collect()
}

/// What an answer rests on: exact counts of occurrences, if not said otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Basis {
    pub quality: Quality,
    pub counted: Counted,
    /// Whether the corpus was cut into tokens by another tokenizer than the one whose ids were asked about: their text was cut anew.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retokenized: bool,
}

impl Basis {
    /// What two answers rest on when they are taken together: as good as the worse of them, and of documents if either is.
    pub fn and(self, other: Basis) -> Basis {
        Basis {
            quality: self.quality.worse(other.quality),
            counted: self.counted.max(other.counted),
            retokenized: self.retokenized || other.retokenized,
        }
    }

    /// Whether it is the usual one, which goes without saying.
    pub fn is_exact_occurrences(&self) -> bool {
        *self == Basis::default()
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let retokenized = if self.retokenized {
            ", retokenized"
        } else {
            ""
        };
        write!(f, "{}, {}{retokenized}", self.counted, self.quality)
    }
}

/// How good an answer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// The whole corpus was looked at.
    #[default]
    Exact,
    /// So many of the corpus' shards, or so many samples, stand for the whole.
    Approximate { from: u64, of: AnswerPart },
}

impl Quality {
    /// The worse of two; of two approximate ones, that from the smaller number.
    pub fn worse(self, other: Quality) -> Quality {
        let rank = |q: &Quality| match q {
            Quality::Exact => u64::MAX,
            Quality::Approximate { from, .. } => *from,
        };
        std::cmp::min_by_key(self, other, rank)
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Quality::Exact => write!(f, "exact"),
            Quality::Approximate { from, of } => {
                let of = match of {
                    AnswerPart::Shards => "shard",
                    AnswerPart::Samples => "sample",
                };
                let s = if *from == 1 { "" } else { "s" };
                write!(f, "approximate, from {from} {of}{s}")
            }
        }
    }
}

/// What an approximate answer is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerPart {
    Shards,
    Samples,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Every occurrence, also several in one document. Of pairs: every pair of occurrences.
    #[default]
    Occurrences,
    /// Documents that hold what was asked for at least once.
    Documents,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Counted::Occurrences => "occurrences",
            Counted::Documents => "documents",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLED: Basis = Basis {
        quality: Quality::Approximate {
            from: 1000,
            of: AnswerPart::Samples,
        },
        counted: Counted::Occurrences,
        retokenized: false,
    };

    #[test]
    fn answers_together_are_as_good_as_the_worst() {
        let one_shard = Quality::Approximate {
            from: 1,
            of: AnswerPart::Shards,
        };
        assert_eq!(Quality::Exact.worse(one_shard), one_shard);
        assert_eq!(SAMPLED.quality.worse(one_shard), one_shard);
        let answers = [
            Answered::occurrences(1),
            Answered {
                value: 2,
                basis: SAMPLED,
            },
            Answered::documents(3),
        ];
        let together: Answered<Vec<i32>> = answers.into_iter().collect();
        assert_eq!(together.value, [1, 2, 3]);
        assert_eq!(
            together.basis.to_string(),
            "documents, approximate, from 1000 samples"
        );
        // Alone, each keeps its own.
        let documents: Answered<Vec<i32>> = [Answered::documents(3)].into_iter().collect();
        assert_eq!(documents.basis.to_string(), "documents, exact");
    }

    #[test]
    fn only_exact_occurrences_go_without_saying() {
        assert!(Answered::occurrences(()).basis.is_exact_occurrences());
        assert!(!Answered::documents(()).basis.is_exact_occurrences());
        assert!(!SAMPLED.is_exact_occurrences());
    }
}
