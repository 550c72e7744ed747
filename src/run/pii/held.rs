//! Tokens that are held back until no value can come of them; placeholders stand for those that hold one.
//!
//! No detector looks beyond a line, and what it finds in a line that still grows may grow with it. So a line is given when it has ended, and nothing of it before.

use std::collections::VecDeque;
use std::ops::Range;

use crate::run::error::RunError;
use crate::run::source::{End, Next, TokenSource, plain_token};
use rotescope_privacy::{Detectors, Found};
use rotescope_trace::{Token, Trace};

/// The ids by which a tokenizer writes a text, where it can; and what a token spells.
pub type Spell<'a> = &'a dyn Fn(&str) -> Option<Vec<u32>>;
pub type Bytes<'a> = &'a dyn Fn(u32) -> Vec<u8>;

/// A source whose values are replaced.
pub struct Held<'a, S> {
    source: S,
    detectors: &'a Detectors,
    spell: Spell<'a>,
    bytes: Bytes<'a>,
    /// The last line of what is there already: of the prompt, and of what the output begins with.
    kept: Vec<u8>,
    /// Tokens of lines that have not ended.
    line: Vec<Token>,
    /// Bytes of the output before them.
    start: usize,
    /// What was replaced, in bytes of the output as it was, and by how many.
    replaced: Vec<(Range<usize>, usize)>,
    ready: VecDeque<Next>,
}

impl<'a, S: TokenSource> Held<'a, S> {
    pub fn new(source: S, detectors: &'a Detectors, spell: Spell<'a>, bytes: Bytes<'a>) -> Self {
        Held {
            source,
            detectors,
            spell,
            bytes,
            kept: Vec::new(),
            line: Vec::new(),
            start: 0,
            replaced: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// Gives the tokens of lines that have ended; at the end, all.
    fn release(&mut self, all: bool) {
        let mut raw = self.kept.clone();
        // Where each token ends.
        let mut ends = Vec::with_capacity(self.line.len());
        for token in &self.line {
            raw.extend_from_slice(&token.raw());
            ends.push(raw.len());
        }
        let text = readable(&raw);
        let found = self.detectors.find(&text);
        let begins = |i: usize| i.checked_sub(1).map_or(self.kept.len(), |b| ends[b]);
        let touches = |f: &Found, i: usize| f.span.start < ends[i] && f.span.end > begins(i);
        let ended = match all {
            true => raw.len(),
            false => raw.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1),
        };
        let mut count = ends.iter().take_while(|e| **e <= ended).count();
        // A token may reach into the next line: a value that reaches into it waits for that.
        let joined = |i: usize| found.iter().any(|f| touches(f, i) && touches(f, i - 1));
        while count > 0 && count < ends.len() && joined(count) {
            count -= 1;
        }
        let mut i = 0;
        while i < count {
            if !found.iter().any(|f| touches(f, i)) {
                let token = std::mem::take(&mut self.line[i]);
                self.ready.push_back(Next::Token(Box::new(token)));
                i += 1;
                continue;
            }
            let mut to = i + 1;
            while to < count && joined(to) {
                to += 1;
            }
            let (from, until) = (begins(i), ends[to - 1]);
            let values: Vec<&Found> = found
                .iter()
                .filter(|f| f.span.start < until && f.span.end > from)
                .collect();
            let mut written = Vec::new();
            let mut at = from;
            for value in values {
                written.extend_from_slice(&raw[at..value.span.start.max(at)]);
                written.extend_from_slice(value.kind.placeholder().as_bytes());
                at = value.span.end.min(until);
            }
            written.extend_from_slice(&raw[at..until]);
            let here = self.start + from - self.kept.len();
            self.replaced
                .push((here..here + until - from, written.len()));
            let tokens = self.tokens(&written);
            self.ready.extend(tokens);
            i = to;
        }
        if count > 0 {
            let given = &raw[..ends[count - 1]];
            self.start += given.len() - self.kept.len();
            self.kept = given
                .rsplit(|b| *b == b'\n')
                .next()
                .unwrap_or_default()
                .to_vec();
            self.line.drain(..count);
        }
    }

    /// Tokens of a text that no model wrote: without probabilities.
    fn tokens(&self, text: &[u8]) -> Vec<Next> {
        // A token beside a value may end within a character: its bytes stay.
        let ids = std::str::from_utf8(text).ok().and_then(|t| (self.spell)(t));
        let tokens = match ids {
            Some(ids) => ids
                .into_iter()
                .map(|id| plain_token(id, (self.bytes)(id)))
                .collect(),
            None => vec![plain_token(Token::NO_ID, text.to_vec())],
        };
        let next = |token: Token| Next::Token(Box::new(token));
        tokens.into_iter().map(next).collect()
    }

    /// Where a place of the output is now; the end of what replaces it, where something does.
    fn place(&self, was: usize) -> usize {
        let mut now = was as isize;
        for (range, length) in &self.replaced {
            if range.end <= was {
                now += *length as isize - range.len() as isize;
            } else if range.start < was {
                now += *length as isize - (was - range.start) as isize;
            }
        }
        now.max(0) as usize
    }

    fn end(&self, end: End) -> End {
        End {
            length: end.length.map(|was| self.place(was)),
            ..end
        }
    }
}

impl<S: TokenSource> TokenSource for Held<'_, S> {
    fn start(&mut self) -> Trace {
        let trace = self.source.start();
        let output: Vec<u8> = trace.tokens.iter().flat_map(Token::raw).collect();
        self.start = output.len();
        // What a number is, the end of the prompt may say.
        let all = [trace.prompt.text.as_bytes(), &output].concat();
        let line = all.rsplit(|b| *b == b'\n').next().unwrap_or_default();
        self.kept = line.to_vec();
        trace
    }

    fn is_cancelled(&self) -> bool {
        self.source.is_cancelled()
    }

    fn next(&mut self) -> Result<Next, RunError> {
        loop {
            if let Some(next) = self.ready.pop_front() {
                return Ok(next);
            }
            match self.source.next()? {
                Next::Prompt { done, total } => return Ok(Next::Prompt { done, total }),
                Next::Token(token) => {
                    let ends = token.raw().contains(&b'\n');
                    self.line.push(*token);
                    if ends {
                        self.release(false);
                    }
                }
                Next::End(end) => {
                    self.release(true);
                    let end = self.end(end);
                    self.ready.push_back(Next::End(end));
                }
            }
        }
    }
}

/// Bytes as a text of the same length: what is no UTF-8 is question marks.
fn readable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rotescope_privacy::Kind;

    /// Pieces of a text as tokens.
    struct Pieces(VecDeque<Next>, Trace);

    impl TokenSource for Pieces {
        fn start(&mut self) -> Trace {
            std::mem::take(&mut self.1)
        }

        fn next(&mut self) -> Result<Next, RunError> {
            Ok(self.0.pop_front().unwrap())
        }
    }

    fn pieces(text: &str, cuts: &[usize], kept: &str, length: Option<usize>) -> Pieces {
        let mut rest = text.as_bytes();
        let mut all = VecDeque::new();
        for cut in cuts.iter().copied().chain([usize::MAX]) {
            let (piece, more) = rest.split_at(cut.min(rest.len()));
            if !piece.is_empty() {
                let token = plain_token(7, piece.to_vec());
                all.push_back(Next::Token(Box::new(Token { rank: 1, ..token })));
            }
            rest = more;
        }
        all.push_back(Next::End(End {
            length,
            ..End::default()
        }));
        let mut trace = Trace::default();
        trace.tokens.push(plain_token(1, kept.into()));
        Pieces(all, trace)
    }

    /// What comes out, token by token: its bytes, and whether the model wrote it; and the length.
    fn out(source: Pieces, seen: &mut dyn FnMut(&[u8])) -> (Vec<(Vec<u8>, bool)>, Option<usize>) {
        let detectors = Detectors::new(&[Kind::Email, Kind::Phone], &[]);
        let spell = |_: &str| None;
        let bytes = |_| Vec::new();
        let mut held = Held::new(source, &detectors, &spell, &bytes);
        held.start();
        let mut all = Vec::new();
        loop {
            match held.next().unwrap() {
                Next::Token(t) => {
                    seen(&t.raw());
                    all.push((t.raw(), t.rank == 1));
                }
                Next::End(end) => return (all, end.length),
                Next::Prompt { .. } => {}
            }
        }
    }

    fn text(all: &[(Vec<u8>, bool)]) -> String {
        let bytes: Vec<u8> = all.iter().flat_map(|(b, _)| b.clone()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    const TEXT: &str =
        "Write to jane.doe@example.org, or call\n+1 212 555 0142.\nélan\n\nbob@example.net and x";
    const HIDDEN: &str = "Write to [EMAIL], or call\n[PHONE].\nélan\n\n[EMAIL] and x";

    proptest! {
        /// However a text is cut into tokens: values are gone, all else stays, and nothing of a value was given before.
        #[test]
        fn values_are_gone_wherever_the_cuts_are(cuts in prop::collection::vec(1usize..14, 0..60)) {
            let mut given = Vec::new();
            let (all, length) = out(pieces(TEXT, &cuts, "", Some(TEXT.len())), &mut |b| {
                given.extend_from_slice(b);
                let so_far = String::from_utf8_lossy(&given);
                assert!(!so_far.contains("jane") && !so_far.contains("212") && !so_far.contains("bob@"));
            });
            prop_assert_eq!(text(&all), HIDDEN);
            prop_assert_eq!(length, Some(HIDDEN.len()));
        }
    }

    #[test]
    fn tokens_that_hold_no_value_stay_as_they_are() {
        let (all, _) = out(pieces("no value\nhere", &[2, 3, 6], "", None), &mut |_| ());
        assert_eq!(text(&all), "no value\nhere");
        assert!(all.iter().all(|(_, own)| *own));
    }

    #[test]
    fn what_stands_there_already_counts_and_stays() {
        let from = pieces(
            "@example.org.\nyes",
            &[8, 4],
            "old\nMail jane.doe",
            Some(17 + 15),
        );
        let (all, length) = out(from, &mut |_| ());
        assert_eq!(text(&all), "[EMAIL].\nyes");
        // 17 bytes were there, of 17 more two are beyond the end.
        assert_eq!(length, Some(17 + "[EMAIL].\ny".len()));
    }

    #[test]
    fn the_end_of_the_prompt_tells_what_comes() {
        let mut from = pieces("oe@example.org", &[2], "", Some(14));
        from.1.prompt.text = "To jane.d".into();
        from.1.tokens.clear();
        let (all, length) = out(from, &mut |_| ());
        assert_eq!((text(&all).as_str(), length), ("[EMAIL]", Some(7)));
    }

    #[test]
    fn a_stop_string_within_a_value_ends_behind_the_placeholder() {
        let from = pieces("jane@example.org is", &[4, 8, 4], "", Some(6));
        let (all, length) = out(from, &mut |_| ());
        assert_eq!((text(&all).as_str(), length), ("[EMAIL] is", Some(7)));
    }
}
