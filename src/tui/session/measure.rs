//! What colors the completion.

use rotescope_trace::{Source, Token};

/// What colors the completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShownMeasure {
    /// The published scores: the dominant source, as strong as its score.
    #[default]
    Stim,
    /// The source that the default measure names as the cause.
    Cause,
    /// One published score.
    Only(Source),
    /// What of each step a document of the corpus has: its template, its numbers and names.
    Regions,
    /// Who knows each token: the weights, the corpus, both, neither.
    Known,
}

impl ShownMeasure {
    pub fn next(self) -> ShownMeasure {
        match self {
            ShownMeasure::Stim => ShownMeasure::Cause,
            ShownMeasure::Cause => ShownMeasure::Only(Source::ALL[0]),
            ShownMeasure::Regions => ShownMeasure::Known,
            ShownMeasure::Known => ShownMeasure::Stim,
            ShownMeasure::Only(s) => {
                let next = Source::ALL.get(s as usize + 1);
                next.map_or(ShownMeasure::Regions, |&s| ShownMeasure::Only(s))
            }
        }
    }

    /// The name that reports know it by; they do not color by one source alone, by regions, or by who knows a token.
    pub fn key(self) -> &'static str {
        match self {
            ShownMeasure::Cause => "cause",
            _ => "stim",
        }
    }

    /// The name for people.
    pub fn name(self) -> String {
        match self {
            ShownMeasure::Stim => "STIM, dominant source".into(),
            ShownMeasure::Cause => "cause".into(),
            ShownMeasure::Only(s) => format!("{s} only"),
            ShownMeasure::Regions => "regions".into(),
            ShownMeasure::Known => "who knows".into(),
        }
    }

    /// Source and score of a token, where there is one above zero.
    pub fn of(self, token: &Token) -> Option<(Source, f64)> {
        let scored = match self {
            ShownMeasure::Stim => token.stim_max(),
            ShownMeasure::Cause => token.cause.map(|c| (c.source, c.strength)),
            ShownMeasure::Only(s) => token.score(s).map(|v| (s, v)),
            // Regions are of steps, not of tokens; who knows a token is no score.
            ShownMeasure::Regions | ShownMeasure::Known => None,
        };
        scored.filter(|(_, v)| *v > 0.0)
    }
}
