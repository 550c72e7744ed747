//! A text without its values.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::detector::Found;
use crate::finder::Detectors;
use crate::kind::Kind;

/// A value that is to be hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub kind: Kind,
    pub text: String,
}

/// Values that are hidden wherever they stand, detected there or not.
pub struct Hidden {
    /// `None` without values.
    automaton: Option<AhoCorasick>,
    kinds: Vec<Kind>,
}

impl Hidden {
    /// Values of fewer than four bytes are hidden only where they are detected: they are parts of everything.
    pub fn new(values: impl IntoIterator<Item = Listed>) -> Hidden {
        let (mut kinds, mut texts) = (Vec::new(), Vec::new());
        for value in values.into_iter().filter(|v| v.text.len() >= 4) {
            kinds.push(value.kind);
            texts.push(value.text);
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(&texts);
        Hidden {
            // The automaton has room for 2^31 states: more than there is memory for.
            automaton: automaton.ok().filter(|_| !texts.is_empty()),
            kinds,
        }
    }

    /// The text with placeholders for what was found in it, and for every listed value that stands elsewhere in it.
    pub fn masked(&self, text: &str, found: &[Found]) -> String {
        let text = masked(text, found);
        let Some(automaton) = &self.automaton else {
            return text;
        };
        let listed = automaton.find_iter(&text).map(|m| Found {
            kind: self.kinds[m.pattern().as_usize()],
            span: m.range(),
        });
        masked(&text, &listed.collect::<Vec<_>>())
    }
}

/// The text with a placeholder for each value of `found`, ascending.
pub fn masked(text: &str, found: &[Found]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for value in found {
        if value.span.start < at || value.span.end > text.len() {
            continue;
        }
        out += &text[at..value.span.start];
        out += value.kind.placeholder();
        at = value.span.end;
    }
    out + &text[at..]
}

/// A text with a placeholder for each value that the detectors see in it behind what stands before it, and how many; what lies in both is replaced in the text.
pub fn masked_behind(before: &str, text: &str, detectors: &Detectors) -> (String, usize) {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let found = detectors.find(&format!("{line}{text}")).into_iter();
    let within: Vec<Found> = found
        .filter(|f| f.span.end > line.len())
        .map(|f| Found {
            span: f.span.start.saturating_sub(line.len())..f.span.end - line.len(),
            ..f
        })
        .collect();
    (masked(text, &within), within.len())
}

/// The place itself, or the end of the value in whose middle it is: a context that began there would show a part of it.
pub fn shown_before(found: &[Found], place: usize) -> usize {
    let cut = found
        .iter()
        .find(|f| f.span.start < place && place < f.span.end);
    cut.map_or(place, |f| f.span.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Detectors;

    #[test]
    fn values_are_gone_and_the_rest_stays() {
        let text = "Mail a.b@example.org, or call +1 212 555 0142.\nNo value";
        let found = Detectors::default().find(text);
        assert_eq!(
            masked(text, &found),
            "Mail [EMAIL], or call [PHONE].\nNo value"
        );
        assert_eq!(masked("plain", &[]), "plain");
        assert_eq!(shown_before(&found, 7), found[0].span.end);
        assert_eq!(shown_before(&found, 5), 5);
    }

    #[test]
    fn what_stands_before_a_text_tells_what_it_is() {
        let behind = |before: &str, text: &str| masked_behind(before, text, &Detectors::default());
        assert_eq!(behind("Born:", " 1974-04-01. x"), (" [BIRTH]. x".into(), 1));
        assert_eq!(
            behind("Born:\n", " 1974-04-01."),
            (" 1974-04-01.".into(), 0)
        );
        assert_eq!(
            behind("a.b@example.org, jane.d", "oe@example.org."),
            ("[EMAIL].".into(), 1)
        );
        assert_eq!(behind("a.b@example.org", "."), (".".into(), 0));
    }

    #[test]
    fn listed_values_are_gone_where_no_detector_sees_them() {
        let value = |kind, text: &str| Listed {
            kind,
            text: text.into(),
        };
        let hidden = Hidden::new([
            value(Kind::Phone, "5550142"),
            value(Kind::Url, "jdoe"),
            value(Kind::Url, "ab"),
        ]);
        let text = "serial 5550142 of JDoe, and cab";
        assert_eq!(
            hidden.masked(text, &[]),
            "serial [PHONE] of [HANDLE], and cab"
        );
    }
}
