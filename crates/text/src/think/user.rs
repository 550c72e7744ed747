//! Marks that a user adds.

use serde::{Deserialize, Serialize};

/// A pair of marks around reasoning, as it stands in outputs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReasoningMark {
    pub open: String,
    pub close: String,
}

/// Pairs beside those that [the grammar](super) knows. They count wherever they stand, but in quotes and in code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<ReasoningMark>")]
pub struct ReasoningMarks(Vec<ReasoningMark>);

impl TryFrom<Vec<ReasoningMark>> for ReasoningMarks {
    type Error = MarkError;

    fn try_from(pairs: Vec<ReasoningMark>) -> Result<Self, MarkError> {
        ReasoningMarks::new(pairs)
    }
}

/// Why a pair cannot serve.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarkError {
    #[error("{which} is empty; give the mark as it stands in outputs")]
    Blank { which: &'static str },
    #[error(
        "{which} {mark:?} is a letter or a digit alone, which stands everywhere; give more of the mark"
    )]
    TooShort { which: &'static str, mark: String },
    #[error(
        "open and close are both {mark:?}; reasoning that begins and ends alike cannot be told from the answer"
    )]
    Alike { mark: String },
    #[error("{mark:?} is given twice")]
    Twice { mark: String },
}

impl ReasoningMarks {
    /// # Errors
    /// A mark that is blank or a single letter or digit, a pair that opens and closes alike, a mark that is there twice.
    pub fn new(pairs: Vec<ReasoningMark>) -> Result<ReasoningMarks, MarkError> {
        for (i, pair) in pairs.iter().enumerate() {
            for (which, mark) in [("open", &pair.open), ("close", &pair.close)] {
                if mark.trim().is_empty() {
                    return Err(MarkError::Blank { which });
                }
                let mark = mark.clone();
                if mark.trim().len() == 1 && mark.trim().bytes().all(|b| b.is_ascii_alphanumeric())
                {
                    return Err(MarkError::TooShort { which, mark });
                }
            }
            if pair.open == pair.close {
                return Err(MarkError::Alike {
                    mark: pair.open.clone(),
                });
            }
            if pairs[..i].iter().any(|p| p.open == pair.open) {
                return Err(MarkError::Twice {
                    mark: pair.open.clone(),
                });
            }
        }
        Ok(ReasoningMarks(pairs))
    }

    pub fn pairs(&self) -> &[ReasoningMark] {
        &self.0
    }

    /// By which bytes a mark can begin.
    pub(super) fn firsts(&self) -> [bool; 256] {
        let mut firsts = [false; 256];
        let marks = self.0.iter().flat_map(|p| [&p.open, &p.close]);
        for byte in marks.filter_map(|m| m.bytes().next()) {
            firsts[usize::from(byte)] = true;
        }
        firsts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_serve_is_refused() {
        let of = |pairs: &[(&str, &str)]| {
            let pair = |(open, close): &(&str, &str)| ReasoningMark {
                open: (*open).into(),
                close: (*close).into(),
            };
            ReasoningMarks::new(pairs.iter().map(pair).collect()).map_err(|e| e.to_string())
        };
        assert_eq!(
            of(&[("{{#", "#}}"), ("<<<", "#}}")]).unwrap().pairs().len(),
            2
        );
        for (pairs, says) in [
            (&[("", "x>")][..], "open is empty"),
            (&[("<x", " ")], "close is empty"),
            (&[("a", "</a>")], "stands everywhere"),
            (&[("%%", "%%")], "cannot be told"),
            (&[("<x", "x>"), ("<x", "y>")], "given twice"),
        ] {
            let error = of(pairs).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
