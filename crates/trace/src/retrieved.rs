//! What the corpus alone would have said of a token, beside what the model said.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who knows a token. From which probability on something is known, `rotescope_retro::Bars` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Known {
    Both,
    /// The model knows what the corpus does not have behind this context.
    Weights,
    /// The model does not know what stands in the corpus: retrieval would mend it.
    Corpus,
    #[default]
    Neither,
}

impl Known {
    pub const ALL: [Known; 4] = [Known::Both, Known::Weights, Known::Corpus, Known::Neither];

    /// Whether the model knows it, and whether the corpus does.
    pub fn of(known: (bool, bool)) -> Known {
        match known {
            (true, true) => Known::Both,
            (true, false) => Known::Weights,
            (false, true) => Known::Corpus,
            (false, false) => Known::Neither,
        }
    }

    /// In records.
    pub fn name(self) -> &'static str {
        match self {
            Known::Both => "both",
            Known::Weights => "weights",
            Known::Corpus => "corpus",
            Known::Neither => "neither",
        }
    }

    /// For people.
    pub fn about(self) -> &'static str {
        match self {
            Known::Both => "both",
            Known::Weights => "the weights alone",
            Known::Corpus => "the corpus alone",
            Known::Neither => "neither",
        }
    }
}

/// What stands in the corpus behind the longest suffix of a token's context (prompt and output) that it has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Retrieved {
    /// The share of this token there; 0 where it never stands there.
    pub p: f32,
    /// Tokens of the suffix.
    pub n: usize,
    /// Places that have it, with something behind it.
    pub count: u64,
    /// Whether one and the same token stands behind it everywhere.
    pub sparse: bool,
    /// The decoupling gap: natural logarithm of the model's probability, less that of the share; null where there is no share, and no bound.
    pub gap: Option<f32>,
    pub known: Known,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_records() {
        for known in Known::ALL {
            let written = serde_json::to_string(&known).unwrap();
            assert_eq!(written, format!("{:?}", known.name()));
        }
        let all = [(true, true), (true, false), (false, true), (false, false)];
        assert_eq!(all.map(Known::of), Known::ALL);
    }
}
