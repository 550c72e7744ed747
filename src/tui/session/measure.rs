//! What colors the completion.

use rotescope_trace::{Source, Token};

/// What colors the completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Measure {
    /// The published scores: the dominant source, as strong as its score.
    #[default]
    Stim,
    /// The source that the default measure names as the cause.
    Cause,
    /// One published score.
    Only(Source),
}

impl Measure {
    pub fn next(self) -> Measure {
        match self {
            Measure::Stim => Measure::Cause,
            Measure::Cause => Measure::Only(Source::ALL[0]),
            Measure::Only(s) => {
                let next = Source::ALL.get(s as usize + 1);
                next.map_or(Measure::Stim, |&s| Measure::Only(s))
            }
        }
    }

    /// The name that reports know it by; they do not color by one source alone.
    pub fn key(self) -> &'static str {
        match self {
            Measure::Stim | Measure::Only(_) => "stim",
            Measure::Cause => "cause",
        }
    }

    /// The name for people.
    pub fn name(self) -> String {
        match self {
            Measure::Stim => "STIM, dominant source".into(),
            Measure::Cause => "cause".into(),
            Measure::Only(s) => format!("{s} only"),
        }
    }

    /// Source and score of a token, where there is one above zero.
    pub fn of(self, token: &Token) -> Option<(Source, f64)> {
        let scored = match self {
            Measure::Stim => token.stim_max(),
            Measure::Cause => token.cause.map(|c| (c.source, c.strength)),
            Measure::Only(s) => token.score(s).map(|v| (s, v)),
        };
        scored.filter(|(_, v)| *v > 0.0)
    }
}
