//! Which number colors a token.

use std::fmt;

use rotescope_trace::{Source, Token};

/// The number that a token's color shows; its source is the one with the largest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Measure {
    /// The published scores: `STIM_max` and the dominant source.
    #[default]
    Stim,
    /// The source named as the cause, and how strongly.
    Cause,
    /// One of [`Token::measures`], by name.
    Named(String),
}

impl Measure {
    /// `stim`, `cause`, or the name of another measure.
    pub fn parse(name: &str) -> Measure {
        match name {
            "stim" => Measure::Stim,
            "cause" => Measure::Cause,
            other => Measure::Named(other.into()),
        }
    }

    /// The source and the number of a token, where there is one.
    pub fn of(&self, token: &Token) -> Option<(Source, f64)> {
        match self {
            Measure::Stim => token.stim_max(),
            Measure::Cause => token.cause.map(|c| (c.source, c.strength)),
            Measure::Named(name) => token.measures.get(name)?.max(),
        }
    }

    /// What the number is, in a line.
    pub fn meaning(&self) -> String {
        match self {
            Measure::Stim => {
                "rank correlation of the candidates' probabilities with their counts in the corpus"
                    .into()
            }
            Measure::Cause => "how strongly the source is the cause of the token".into(),
            Measure::Named(name) => format!("measure {name}"),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Measure::Stim => "stim",
            Measure::Cause => "cause",
            Measure::Named(name) => name,
        })
    }
}
