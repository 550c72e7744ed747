//! A text as tokens, and where words and sentences end in it.

use std::ops::Range;

/// Tokens of a text and the bytes behind each.
#[derive(Debug, Clone)]
pub struct Pieces {
    pub ids: Vec<u32>,
    /// Where each token ends, in bytes of the text.
    ends: Vec<usize>,
    text: String,
}

impl Pieces {
    /// `bytes`: of each token; together they are the text, in which what is no UTF-8 is replaced.
    pub fn new(ids: Vec<u32>, bytes: &[Vec<u8>]) -> Pieces {
        let whole = bytes.concat();
        let mut ends: Vec<usize> = Vec::with_capacity(ids.len());
        let mut end = 0;
        match String::from_utf8(whole) {
            Ok(text) => {
                for b in bytes {
                    end += b.len();
                    ends.push(end);
                }
                Pieces { ids, ends, text }
            }
            Err(_) => {
                // Token by token, so that places stay places.
                let mut text = String::new();
                for b in bytes {
                    text += &String::from_utf8_lossy(b);
                    ends.push(text.len());
                }
                Pieces { ids, ends, text }
            }
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Bytes of a stretch of tokens, whole characters of it.
    pub fn bytes(&self, tokens: [usize; 2]) -> Range<usize> {
        let place = |token: usize| match token {
            0 => 0,
            n => (0..=self.ends[n - 1])
                .rev()
                .find(|&at| self.text.is_char_boundary(at))
                .unwrap_or(0),
        };
        place(tokens[0])..place(tokens[1])
    }

    /// Whether no word goes on over the border before a token.
    pub fn is_border(&self, token: usize) -> bool {
        let at = match token {
            0 => return true,
            n => self.ends[n - 1],
        };
        if !self.text.is_char_boundary(at) {
            return false;
        }
        let (before, behind) = self.text.split_at(at);
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !(is_word(before.chars().next_back()) && is_word(behind.chars().next()))
    }

    /// Stretches of tokens that end at a sentence's or a line's end, as OLMoTrace has it: with the token that holds a `.` or a line break.
    pub fn segments(&self) -> Vec<[usize; 2]> {
        let mut out = Vec::new();
        let mut from = 0;
        for token in 0..self.ids.len() {
            let bytes = self.bytes([token, token + 1]);
            if self.text[bytes].contains(['.', '\n']) {
                out.push([from, token + 1]);
                from = token + 1;
            }
        }
        if from < self.ids.len() {
            out.push([from, self.ids.len()]);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(parts: &[&[u8]]) -> Pieces {
        let bytes: Vec<Vec<u8>> = parts.iter().map(|p| p.to_vec()).collect();
        Pieces::new((0..parts.len() as u32).collect(), &bytes)
    }

    #[test]
    fn words_and_sentences_have_borders() {
        let p = pieces(&[b"The", b" qu", b"ick", b" fox", b".", b" It", b" ran"]);
        let borders: Vec<usize> = (0..=7).filter(|&i| p.is_border(i)).collect();
        assert_eq!(borders, [0, 1, 3, 4, 5, 6, 7]);
        assert_eq!(p.segments(), [[0, 5], [5, 7]]);
        assert_eq!(&p.text()[p.bytes([1, 3])], " quick");
    }

    #[test]
    fn characters_cut_by_tokens_are_no_border() {
        let e = "é".as_bytes();
        let p = pieces(&[b"caf", &e[..1], &e[1..], b" x"]);
        assert!(!p.is_border(1) && !p.is_border(2) && p.is_border(3));
        assert_eq!(&p.text()[p.bytes([0, 2])], "caf");
        let broken = pieces(&[b"a", b"\xff", b" b"]);
        assert_eq!(broken.text(), "a\u{fffd} b");
        assert_eq!(&broken.text()[broken.bytes([2, 3])], " b");
    }
}
