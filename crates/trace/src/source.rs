//! The registry of sources: where memorization is looked for, and all that others must know of a source.
//!
//! # Adding a source
//! 1. Here: a variant, its place in [`Source::ALL`], and its row in [`Source::about`].
//! 2. In `trace.rs`: the fields that keep it in [`Token`](super::Token) and [`Candidates`](super::Candidates), and their arms in
//!    [`Token::evidence`](super::Token::evidence) and [`Candidates::counts`](super::Candidates::counts). From there on it is validated, reported,
//!    drawn, put into tables and offered to flags by its name.
//! 3. In `rotescope-stim`: a file that computes it, called from `completion.rs`.
//!
//! Themes may give it colors under its name; until they do it has the theme's accent.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a preference of the model comes from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The text right before the token.
    Local,
    /// Earlier parts of the model's own output.
    Mid,
    /// The question.
    Long,
}

/// What a source's evidence is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// The run of tokens right before: no words.
    Before,
    /// Salient words of a window of the output; their spans are bytes of the output.
    Output,
    /// Salient words of the question; their spans are bytes of the prompt's text.
    Question,
}

/// What is known of a source.
#[derive(Debug, Clone, Copy)]
pub struct SourceInfo {
    /// In records, options, tables and themes.
    pub name: &'static str,
    /// Under a token, where colors do not tell.
    pub mark: char,
    pub reads: Reads,
}

impl Source {
    /// All, in the order in which ties are broken.
    pub const ALL: [Source; 3] = [Source::Local, Source::Mid, Source::Long];

    /// How many there are.
    pub const COUNT: usize = Source::ALL.len();

    pub const fn about(self) -> SourceInfo {
        let (name, mark, reads) = match self {
            Source::Local => ("local", 'l', Reads::Before),
            Source::Mid => ("mid", 'm', Reads::Output),
            Source::Long => ("long", 'q', Reads::Question),
        };
        SourceInfo { name, mark, reads }
    }

    pub const fn name(self) -> &'static str {
        self.about().name
    }

    /// The source with this name.
    pub fn named(name: &str) -> Option<Source> {
        Source::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Whether its evidence is salient words, from farther away than the tokens right before.
    pub const fn is_non_local(self) -> bool {
        !matches!(self.about().reads, Reads::Before)
    }

    /// Those of [`Source::ALL`] whose evidence is salient words.
    pub fn non_local() -> impl Iterator<Item = Source> {
        Source::ALL.into_iter().filter(|s| s.is_non_local())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_records_are_those_of_the_table_and_marks_differ() {
        for (i, source) in Source::ALL.into_iter().enumerate() {
            assert_eq!(source as usize, i);
            let name = format!("{:?}", source.name());
            assert_eq!(serde_json::to_string(&source).unwrap(), name);
            assert_eq!(Source::named(source.name()), Some(source));
            let others = Source::ALL[..i].iter().map(|s| s.about().mark);
            assert!(others.into_iter().all(|m| m != source.about().mark));
        }
        assert_eq!(Source::named("else"), None);
    }
}
