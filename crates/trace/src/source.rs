//! Where memorization is looked for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a preference of the model comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The text right before the token.
    Local,
    /// Earlier parts of the model's own output.
    Mid,
    /// The question.
    Long,
}

impl Source {
    /// All, in the order in which ties are broken.
    pub const ALL: [Source; 3] = [Source::Local, Source::Mid, Source::Long];

    pub fn name(self) -> &'static str {
        match self {
            Source::Local => "local",
            Source::Mid => "mid",
            Source::Long => "long",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}
