//! Candidates that are pieces of words, carried on by the model to the word's end.
//!
//! A candidate is one token, and on real vocabularies a token is often a piece: of "blueberries" the candidates are " blu", " b", " bl". The word that the
//! model would make of a candidate is found by reading it behind the context and going on greedily, until a token begins that is no part of the word any more.
//! What stands before the candidate belongs to the word as well, where no word ends there ("4" before the candidate "8").
//!
//! One round reads one token for each candidate that is not at its end yet; the context is read once for all tokens of a call, for the passes share it.

use super::error::StimError;
use super::passes::Passes;
use rotescope_model::{Want, Window};
use rotescope_text::words;

/// Rounds, each a token of the word: of " blu" three more cover nearly all words, of a number each digit is one. A word that is longer counts as far as it got.
const ROUNDS: usize = 6;
/// Bytes before a candidate in which its word may begin.
const BEFORE: usize = 64;
/// Passes in one call: those of some fifty tokens, so that they share the context.
const PORTION: usize = 1024;

/// A token to be explained: where it stands, and its candidates.
pub(super) struct Asked<'a> {
    /// All tokens before it, of prompt and output.
    pub(super) context: Vec<u32>,
    /// The bytes of the output before it.
    pub(super) before: &'a [u8],
    pub(super) candidates: &'a [u32],
}

/// The word of each candidate; none where it is no word, or more than one.
pub(super) fn complete(
    passes: &mut Passes,
    asked: &[Asked],
    on_progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Vec<Option<String>>>, StimError> {
    let mut open: Vec<Open> = Vec::new();
    for (token, a) in asked.iter().enumerate() {
        for (candidate, &id) in a.candidates.iter().enumerate() {
            let piece = Piece::new(a.before, &passes.engine.token_bytes(id));
            open.push(Open {
                token,
                candidate,
                tokens: vec![id],
                piece,
            });
        }
    }
    let mut found: Vec<Vec<Option<String>>> = asked
        .iter()
        .map(|a| vec![None; a.candidates.len()])
        .collect();
    for _ in 0..ROUNDS {
        let (going, ended): (Vec<Open>, Vec<Open>) =
            open.into_iter().partition(|o| o.piece.goes_on());
        for o in ended {
            found[o.token][o.candidate] = o.piece.word();
        }
        open = going;
        if open.is_empty() {
            break;
        }
        let window = |o: &Open| {
            let context = &asked[o.token].context;
            Window {
                tokens: context.iter().chain(&o.tokens).copied().collect(),
                positions: vec![context.len() + o.tokens.len() - 1],
                want: Want::default(),
            }
        };
        let windows = open.iter().map(window).collect();
        let scores = passes.run_in(PORTION, windows, on_progress)?;
        for (o, score) in open.iter_mut().zip(scores) {
            let next = score.positions.first().map(|p| p.greedy);
            if let Some(id) = next {
                o.tokens.push(id);
                o.piece.push(&passes.engine.token_bytes(id));
            }
        }
    }
    for o in open {
        found[o.token][o.candidate] = o.piece.word();
    }
    Ok(found)
}

/// A candidate whose word is not at its end.
struct Open {
    token: usize,
    candidate: usize,
    /// The candidate, and what the model goes on with.
    tokens: Vec<u32>,
    piece: Piece,
}

/// The text around a candidate.
#[derive(Debug)]
struct Piece {
    bytes: Vec<u8>,
    /// Where the candidate begins, and where it ends.
    from: usize,
    to: usize,
    /// Whether the last token was no part of the word.
    ended: bool,
}

impl Piece {
    fn new(before: &[u8], candidate: &[u8]) -> Piece {
        let tail = &before[before.len().saturating_sub(BEFORE)..];
        let bytes = [tail, candidate].concat();
        Piece {
            from: tail.len(),
            to: bytes.len(),
            bytes,
            ended: candidate.is_empty(),
        }
    }

    /// Adds a token, if it is a part of the word.
    fn push(&mut self, token: &[u8]) {
        let length = self.bytes.len();
        self.bytes.extend_from_slice(token);
        let end = self.span().map_or(length, |(_, end)| end);
        // Bytes of a character that is not whole yet belong to the word until it is.
        if token.is_empty() || (end <= length && !self.is_cut()) {
            self.bytes.truncate(length);
            self.ended = true;
        } else if end > length && end < self.bytes.len() {
            self.ended = true;
        }
    }

    /// Whether a further token could be a part of the word.
    fn goes_on(&self) -> bool {
        let at_end = self.span().is_some_and(|(word, end)| {
            let letter = word.chars().last().is_some_and(char::is_alphanumeric);
            end == self.bytes.len() && letter
        });
        !self.ended && (at_end || self.is_cut())
    }

    /// Whether the bytes end within a character.
    fn is_cut(&self) -> bool {
        let tail = &self.bytes[self.bytes.len().saturating_sub(4)..];
        (0..tail.len()).any(|i| {
            std::str::from_utf8(&tail[i..])
                .is_err_and(|e| e.valid_up_to() == 0 && e.error_len().is_none())
        })
    }

    /// The word that the candidate is part of, and where it ends; none if it is part of several.
    fn span(&self) -> Option<(String, usize)> {
        let text = rotescope_text::sanitize::same_offsets(&self.bytes);
        let words = words(&text);
        let mut own = words
            .iter()
            .filter(|w| w.span.end > self.from && w.span.start < self.to);
        let word = own.next()?;
        own.next()
            .is_none()
            .then(|| (word.text.to_string(), word.span.end))
    }

    fn word(&self) -> Option<String> {
        self.span().map(|(word, _)| word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word of a candidate behind a text, with what the model goes on with.
    fn made(before: &str, candidate: &[u8], next: &[&[u8]]) -> (Option<String>, usize) {
        let mut piece = Piece::new(before.as_bytes(), candidate);
        let mut taken = 0;
        for token in next {
            if !piece.goes_on() {
                break;
            }
            piece.push(token);
            taken += 1;
        }
        (piece.word(), taken)
    }

    fn word(before: &str, candidate: &str, next: &[&str]) -> (Option<String>, usize) {
        let next: Vec<&[u8]> = next.iter().map(|n| n.as_bytes()).collect();
        made(before, candidate.as_bytes(), &next)
    }

    #[test]
    fn a_piece_is_carried_on_to_its_words_end() {
        let is = |found: (Option<String>, usize), want: &str, read: usize| {
            assert_eq!(found, (Some(want.to_string()), read));
        };
        is(
            word("has", " blu", &["e", "berries", " and"]),
            "blueberries",
            3,
        );
        is(word("has", " blue", &[" pens"]), "blue", 1);
        is(word("has", " blu", &["e.", "x"]), "blue", 1);
        is(word("has blu", "e", &[" pens"]), "blue", 1);
        is(word("5 + 7 = 1", "2", &["0", "."]), "120", 2);
        is(word("5 + 7 = ", "1", &["2", "\n"]), "12", 2);
        is(word("5", " +", &["7"]), "+", 0);
        is(word("don", "'t", &[" go"]), "don't", 1);
        is(word("Tom", "'s", &[" pen"]), "Tom's", 1);
        is(word("3.", "5", &["0", " m"]), "50", 2);
        is(word("(", "x", &["2"]), "x", 1);
    }

    #[test]
    fn what_holds_no_word_or_two_has_none() {
        for none in [".", ",", "\n", " ", "", "…", "B2", " a b"] {
            assert_eq!(word("has", none, &["x"]).0, None, "{none:?}");
        }
    }

    #[test]
    fn characters_in_pieces_become_whole() {
        let (word, read) = made("", &[0xd0], &[&[0xb4], "а".as_bytes(), b" "]);
        assert_eq!((word.as_deref(), read), (Some("да"), 3));
        // What never becomes a character is no word.
        assert_eq!(made("", &[0xff], &[b"a"]).0, None);
        // An end token has no bytes.
        assert_eq!(made("", b"a", &[b"", b"b"]), (Some("a".into()), 1));
    }
}
