//! Stop strings, found in the bytes of the output wherever the token borders fall.

/// Watches an output that grows token by token.
pub(super) struct StopMatcher {
    stops: Vec<Vec<u8>>,
    output: Vec<u8>,
    longest: usize,
}

/// A stop string that was found.
#[derive(Debug, PartialEq)]
pub(super) struct Stopped {
    /// Index of the string in the list.
    pub(super) which: usize,
    /// Where it begins, in bytes of the output.
    pub(super) at: usize,
}

impl StopMatcher {
    /// Empty strings are ignored: they would stop before the first token.
    pub(super) fn new(stops: &[String]) -> Self {
        let stops: Vec<Vec<u8>> = stops.iter().map(|s| s.as_bytes().to_vec()).collect();
        Self {
            longest: stops.iter().map(Vec::len).max().unwrap_or(0),
            stops,
            output: Vec::new(),
        }
    }

    /// Bytes of the output so far.
    pub(super) fn len(&self) -> usize {
        self.output.len()
    }

    /// Appends the bytes of a token. The earliest match wins; at one place, the first string of the list.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Option<Stopped> {
        // A match that ends in the new bytes begins at most `longest - 1` bytes before them.
        let from = self
            .output
            .len()
            .saturating_sub(self.longest.saturating_sub(1));
        self.output.extend_from_slice(bytes);
        (from..self.output.len()).find_map(|at| {
            let rest = &self.output[at..];
            let which = self
                .stops
                .iter()
                .position(|s| !s.is_empty() && rest.starts_with(s))?;
            Some(Stopped { which, at })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn found_across_tokens_and_inside_one() {
        let mut m = StopMatcher::new(&["\n\nQ".into(), String::new()]);
        assert_eq!(m.push(b"so 5.\n"), None);
        assert_eq!(m.push(b"\n"), None);
        assert_eq!(m.push("Qué".as_bytes()), Some(Stopped { which: 0, at: 5 }));
        let mut m = StopMatcher::new(&["b".into(), "ab".into()]);
        assert_eq!(m.push(b"xab"), Some(Stopped { which: 1, at: 1 }));
        let mut m = StopMatcher::new(&[]);
        assert_eq!((m.push(b"anything"), m.len()), (None, 8));
    }

    proptest! {
        /// However the output is cut into tokens, the match is the first one of the whole.
        #[test]
        fn cuts_do_not_matter(text in "[ab]{0,40}", stop in "[ab]{1,4}", cuts in prop::collection::vec(1usize..6, 0..40)) {
            let mut matcher = StopMatcher::new(std::slice::from_ref(&stop));
            let mut rest = text.as_bytes();
            let mut found = None;
            for cut in cuts.into_iter().chain([40]) {
                let (token, tail) = rest.split_at(cut.min(rest.len()));
                found = matcher.push(token);
                rest = tail;
                if found.is_some() {
                    break;
                }
            }
            prop_assert_eq!(found.map(|s| s.at), text.find(&stop));
        }
    }
}
