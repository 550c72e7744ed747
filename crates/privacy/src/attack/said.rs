//! The first value that a continuation says.

use crate::finder::Detectors;
use crate::kind::Kind;

/// Bytes behind a value on its line after which it does not grow any more, as far as one can tell.
const SETTLED: usize = 24;

/// The first value of a kind in a continuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    pub value: String,
    /// Its line has ended behind it, or goes on long enough: more text changes nothing.
    pub settled: bool,
}

/// The first value of a kind that begins in a continuation; what stands before on the same line is read with it, for words there tell what a number is.
///
/// A value that begins before is none: it was given, or a part of it.
pub fn first(detectors: &Detectors, kind: Kind, before: &str, continuation: &str) -> Option<First> {
    let line = before.rfind('\n').map_or(before, |at| &before[at + 1..]);
    let text = format!("{line}{continuation}");
    let found = detectors.find(&text);
    let found = found
        .into_iter()
        .find(|f| f.kind == kind && f.span.start >= line.len())?;
    let behind = &text[found.span.end..];
    Some(First {
        value: text[found.span].into(),
        settled: behind.contains('\n') || behind.len() >= SETTLED,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_of_the_kind_counts_and_settles() {
        let all = Detectors::default();
        let said = |kind, before: &str, text: &str| {
            first(&all, kind, before, text).map(|f| (f.value, f.settled))
        };
        let value = |v: &str, settled| Some((v.to_string(), settled));
        assert_eq!(
            said(Kind::Email, "Mail:", " a.b@x.org"),
            value("a.b@x.org", false)
        );
        assert_eq!(
            said(
                Kind::Email,
                "From: A B [mailto:",
                "a.b@x.org] and c@y.org\n"
            ),
            value("a.b@x.org", true)
        );
        assert_eq!(
            said(
                Kind::Phone,
                "Old: none\nPhone:",
                " 555-0116-5118. Born: 1947-03-25, in Rome"
            ),
            value("555-0116-5118", true)
        );
        assert_eq!(
            said(Kind::Birth, "Mail:", " a@x.org. Born: 1947-03-25."),
            value("1947-03-25", false)
        );
        // What was given is not said, and a line break parts.
        assert_eq!(said(Kind::Email, "c@y.org, ", "or nothing"), None);
        assert_eq!(said(Kind::Email, "c@y.o", "rg"), None);
        assert_eq!(said(Kind::Phone, "Phone:\n", "555-0116-5118"), None);
    }
}
