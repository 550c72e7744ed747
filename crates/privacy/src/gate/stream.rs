//! The gate as it follows a completion: what may be said next.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};

use super::normal::fold;
use super::protected::{GateError, Protected};
use super::screen::Screen;

/// Listed values as an automaton, and the pieces of a vocabulary in its alphabet.
///
/// To ask about a token takes a few steps of the automaton: pieces are folded once, when the gate is made.
#[derive(Debug)]
pub struct Gate {
    automaton: NFA,
    start: StateID,
    screen: Screen,
    /// Normal forms of all pieces, one after the other, and where each ends.
    folded: Vec<u8>,
    ends: Vec<u32>,
    /// Of each state, by its number.
    pending: Vec<Pending>,
    /// Bytes of a piece that completes a pattern of which the screen has seen nothing yet, at least.
    unseen: u32,
    /// Pieces that are no UTF-8 of their own: parts of characters. Sorted by id.
    parts: Vec<(u32, Vec<u8>)>,
}

/// What a state of the automaton says.
#[derive(Debug, Clone, Copy)]
struct Pending {
    /// Bytes of a pattern that were said.
    said: u16,
    /// Bytes that are missing to the nearest pattern that could end, at most. Shorter pieces complete nothing.
    missing: u16,
}

/// Where a completion is.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    /// `None` while no pattern begins with as many bytes as the screen looks at.
    state: Option<StateID>,
    /// The last bytes in normal form, the last one lowest.
    last: u64,
    /// The beginning of a character, of so many bytes.
    begun: [u8; 3],
    bytes: u8,
}

impl Gate {
    /// `pieces`: the bytes of every token, by id.
    ///
    /// # Errors
    /// Nothing to protect, or too much for an automaton.
    pub fn new<P: AsRef<[u8]>>(
        protected: &Protected,
        pieces: impl IntoIterator<Item = P>,
    ) -> Result<Gate, GateError> {
        if protected.patterns.is_empty() {
            return Err(GateError::Nothing(protected.left_out));
        }
        let automaton = NFA::builder()
            .match_kind(MatchKind::Standard)
            .build(&protected.patterns)
            .map_err(|e| GateError::TooMany(e.to_string()))?;
        let start = automaton
            .start_state(Anchored::No)
            .map_err(|e| GateError::TooMany(e.to_string()))?;
        let screen = Screen::new(&protected.patterns);
        let shortest = protected.patterns.iter().map(String::len).min();
        let mut gate = Gate {
            pending: pending(&automaton, start, &protected.patterns),
            unseen: (shortest.unwrap_or(0) + 1 - screen.width()) as u32,
            automaton,
            start,
            screen,
            folded: Vec::new(),
            ends: Vec::new(),
            parts: Vec::new(),
        };
        for (id, piece) in pieces.into_iter().enumerate() {
            let piece = piece.as_ref();
            match std::str::from_utf8(piece) {
                Ok(text) => {
                    let mut form = String::new();
                    text.chars().for_each(|c| fold(c, &mut form));
                    gate.folded.extend(form.as_bytes());
                }
                Err(_) => gate.parts.push((id as u32, piece.to_vec())),
            }
            gate.ends.push(gate.folded.len() as u32);
        }
        Ok(gate)
    }

    /// Before anything is said.
    pub fn stream(&self) -> Stream {
        Stream {
            state: None,
            last: 0,
            begun: [0; 3],
            bytes: 0,
        }
    }

    /// Whether a listed value, or as much of it as is refused, would end in this token.
    pub fn refuses(&self, stream: &Stream, token: u32) -> bool {
        let at = token as usize;
        let Some(&end) = self.ends.get(at) else {
            return false;
        };
        let begin = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        // Parts of characters have no normal form of their own, and are followed in any case.
        let missing = match stream.state {
            Some(state) => u32::from(self.pending[state.as_usize()].missing),
            None => self.unseen,
        };
        if end > begin && end - begin < missing {
            return false;
        }
        let mut stream = *stream;
        self.push(&mut stream, token)
    }

    /// Goes on by a token; whether a listed value ends in it.
    pub fn push(&self, stream: &mut Stream, token: u32) -> bool {
        let at = token as usize;
        let Some(&end) = self.ends.get(at) else {
            return false;
        };
        let begin = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        // Parts have no form of their own: to look for them only then spares reading what the processor has no longer at hand after each run of the model.
        if begin == end {
            let part = self.parts.binary_search_by_key(&token, |(id, _)| *id);
            if let Ok(part) = part {
                return self.push_bytes(stream, &self.parts[part].1);
            }
        }
        // What was begun is no character any more.
        stream.bytes = 0;
        self.step(stream, &self.folded[begin as usize..end as usize])
    }

    /// Goes on by bytes of a text, which may end within a character; whether a listed value ends in them.
    pub fn push_bytes(&self, stream: &mut Stream, bytes: &[u8]) -> bool {
        let mut all = stream.begun[..usize::from(stream.bytes)].to_vec();
        all.extend(bytes);
        stream.bytes = 0;
        let mut form = String::new();
        for chunk in all.utf8_chunks() {
            chunk.valid().chars().for_each(|c| fold(c, &mut form));
            let invalid = chunk.invalid();
            if all.ends_with(invalid) && is_begun(invalid) {
                stream.begun[..invalid.len()].copy_from_slice(invalid);
                stream.bytes = invalid.len() as u8;
            } else {
                stream.bytes = 0;
            }
        }
        self.step(stream, form.as_bytes())
    }

    /// Places of a text at which something listed ends.
    pub fn hits(&self, text: &str) -> usize {
        let mut stream = self.stream();
        let mut buffer = [0; 4];
        let hit = |c: &char| self.push_bytes(&mut stream, c.encode_utf8(&mut buffer).as_bytes());
        text.chars().filter(hit).count()
    }

    fn step(&self, stream: &mut Stream, form: &[u8]) -> bool {
        let mut hit = false;
        let mut next = |state, byte| {
            let next = self.automaton.next_state(Anchored::No, state, byte);
            hit |= self.automaton.is_match(next);
            next
        };
        for &byte in form {
            stream.last = stream.last << 8 | u64::from(byte);
            let state = match stream.state {
                Some(state) => next(state, byte),
                None if self.screen.passes(stream.last) => {
                    // What was said before could not begin a pattern, so that these bytes alone say where the automaton is.
                    let seen = stream.last.to_be_bytes();
                    let seen = seen[seen.len() - self.screen.width()..].iter();
                    seen.fold(self.start, |state, byte| next(state, *byte))
                }
                None => continue,
            };
            let said = usize::from(self.pending[state.as_usize()].said);
            stream.state = (said >= self.screen.width()).then_some(state);
        }
        hit
    }
}

/// What is said of a pattern in each state, by its number, and what is missing: of the patterns that begin as the state says, or of those that begin within it.
///
/// A state stands for the longest end of what was said that a pattern begins with. What would complete a pattern begins in such an end, which is the state's or that of
/// a shorter one, its failure's, and so on to the start.
fn pending(automaton: &NFA, start: StateID, patterns: &[String]) -> Vec<Pending> {
    let next = |state, byte| automaton.next_state(Anchored::No, state, byte);
    let small = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let mut out: Vec<Pending> = Vec::new();
    let mut note = |state: StateID, missing: u16, said: u16| {
        let at = state.as_usize();
        if at >= out.len() {
            let none = Pending {
                said: 0,
                missing: u16::MAX,
            };
            out.resize(at + 1, none);
        }
        out[at].missing = out[at].missing.min(missing);
        out[at].said = out[at].said.max(said);
        out[at].missing
    };
    for pattern in patterns {
        let mut state = start;
        note(state, small(pattern.len()), 0);
        for (i, &byte) in pattern.as_bytes().iter().enumerate() {
            state = next(state, byte);
            note(state, small(pattern.len() - i - 1), small(i + 1));
        }
    }
    // Level by level, for a failure is shorter than its state: it is where one comes who leaves out the first byte.
    let mut level: Vec<(&[u8], StateID, StateID)> = patterns
        .iter()
        .map(|p| (p.as_bytes(), start, start))
        .collect();
    let mut depth = 0;
    while !level.is_empty() {
        level.retain(|(pattern, ..)| pattern.len() > depth);
        for (pattern, state, failure) in &mut level {
            *state = next(*state, pattern[depth]);
            if depth > 0 {
                *failure = next(*failure, pattern[depth]);
            }
            let of_failure = note(*failure, u16::MAX, 0);
            note(*state, of_failure, 0);
        }
        depth += 1;
    }
    out
}

/// Whether bytes that are no character yet can become one.
fn is_begun(bytes: &[u8]) -> bool {
    let wanted = match bytes.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => return false,
    };
    bytes.len() < wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::normal::folded;
    use proptest::prelude::*;

    const VALUES: [&str; 4] = [
        "jane.doe@example.org",
        "+1 (212) 555-0142",
        "ёлка@пример.рф",
        "j@ex.org",
    ];

    fn gate(pieces: &[&[u8]]) -> Gate {
        Gate::new(&Protected::new(VALUES, 1.0), pieces).unwrap()
    }

    #[test]
    fn the_token_that_completes_a_value_is_refused_and_no_other() {
        let pieces: [&[u8]; 6] = [b" Jane", b".DOE", b" @ Exam", b"ple.or", b"g", b"k"];
        let gate = gate(&pieces);
        let mut stream = gate.stream();
        for id in 0..4 {
            assert!(!gate.push(&mut stream, id), "{id}");
        }
        assert!(gate.refuses(&stream, 4) && !gate.refuses(&stream, 5));
        // Asking changes nothing, an unknown id is nothing.
        assert!(gate.refuses(&stream, 4) && !gate.refuses(&stream, 99));
    }

    #[test]
    fn characters_that_are_cut_into_tokens_are_whole_again() {
        let whole = "ёлка@пример.рф".as_bytes();
        let pieces: Vec<&[u8]> = whole.chunks(1).collect();
        let gate = gate(&pieces);
        let mut stream = gate.stream();
        let hits: Vec<bool> = (0..pieces.len())
            .map(|id| gate.push(&mut stream, id as u32))
            .collect();
        assert_eq!(hits.iter().position(|h| *h), Some(pieces.len() - 1));
        // A character that another token breaks off is none.
        let broken: [&[u8]; 3] = [&[0xd1], b"j@ex", b".org"];
        let gate = super::tests::gate(&broken);
        let mut stream = gate.stream();
        assert!(!gate.push(&mut stream, 0) && !gate.push(&mut stream, 1));
        assert!(gate.refuses(&stream, 2));
    }

    #[test]
    fn nothing_to_protect_is_said() {
        let none = Gate::new(&Protected::new(["a"], 1.0), [b"a"]);
        assert!(none.unwrap_err().to_string().contains("1 are listed"));
    }

    proptest! {
        /// What is asked about is answered as if it were said, whatever stands before.
        #[test]
        fn to_ask_is_to_try(
            text in "[a-e0-9o.@+]{0,24}",
            values in prop::collection::vec("[a-c5o]{4,7}", 1..6),
            keep in 0usize..24,
        ) {
            let pieces: Vec<&[u8]> = vec![b"a", b"b", b"c", b"5", b"ab", b"bc5", b"ca", b"55", b"abc5o", b"-", b"", &[0xd1], &[0x91], b"aabbccoo55"];
            let mut all: Vec<&str> = VALUES.to_vec();
            all.extend(values.iter().map(String::as_str));
            let gate = Gate::new(&Protected::new(all, 0.8), &pieces).unwrap();
            let begun: String = values[0].chars().take(keep).collect();
            let mut stream = gate.stream();
            gate.push_bytes(&mut stream, format!("{text}{begun}").as_bytes());
            for id in 0..=pieces.len() as u32 {
                let mut tried = stream;
                prop_assert_eq!(gate.refuses(&stream, id), gate.push(&mut tried, id), "{}", id);
            }
        }

        /// However a text is cut, something is refused exactly where a value's normal form ends in that of the text.
        #[test]
        fn hits_are_those_of_the_whole_text(
            before in "[a-z0-9 .@+]{0,12}",
            which in 0usize..4,
            keep in 0usize..24,
            after in "[a-z0-9 .@+]{0,6}",
            cuts in prop::collection::vec(1usize..5, 0..60),
        ) {
            let value: String = VALUES[which].chars().take(keep).collect();
            let text = format!("{before}{value}{after}");
            let mut pieces: Vec<&[u8]> = Vec::new();
            let mut rest = text.as_bytes();
            for cut in cuts.into_iter().chain([usize::MAX]) {
                let (piece, more) = rest.split_at(cut.min(rest.len()));
                pieces.push(piece);
                rest = more;
            }
            let gate = gate(&pieces);
            let mut stream = gate.stream();
            let hit = (0..pieces.len() as u32).fold(false, |hit, id| gate.push(&mut stream, id) | hit);
            let form = folded(&text);
            let protected = Protected::new(VALUES, 1.0);
            let wanted = protected.patterns.iter().any(|p| form.contains(p.as_str()));
            prop_assert_eq!(hit, wanted);
            prop_assert_eq!(gate.hits(&text) > 0, wanted);
        }
    }
}
