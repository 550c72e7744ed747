//! When two words, or two n-grams, count as occurring together.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// When two words (or n-grams) count as occurring together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Cooccur {
    /// The number of documents that hold both. Of a word with itself: that hold it at least twice.
    Document,
    /// The number of pairs of occurrences, one of each, in one document and at most so many positions
    /// apart. Of a word with itself: unordered pairs of two different occurrences.
    Window(u32),
}

impl fmt::Display for Cooccur {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Cooccur::Document => write!(f, "document"),
            Cooccur::Window(n) => write!(f, "window:{n}"),
        }
    }
}

impl FromStr for Cooccur {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let window = s.strip_prefix("window:").and_then(|n| n.parse().ok());
        match (s, window) {
            ("document", _) => Ok(Cooccur::Document),
            (_, Some(n)) => Ok(Cooccur::Window(n)),
            _ => Err(format!("{s:?} is neither `document` nor `window:N`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cooccurrence_is_read_as_it_is_written() {
        for how in [Cooccur::Document, Cooccur::Window(0), Cooccur::Window(1000)] {
            assert_eq!(how.to_string().parse(), Ok(how));
        }
        for bad in [
            "",
            "window",
            "window:",
            "window:-1",
            "Document",
            "window:1.5",
        ] {
            assert!(bad.parse::<Cooccur>().is_err(), "{bad}");
        }
    }
}
