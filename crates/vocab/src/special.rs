//! Special tokens that stand literally in a text.

use rustc_hash::FxHashMap;

/// One special token, with what it swallows of the white space around it.
#[derive(Debug, Clone)]
pub(super) struct Special {
    pub id: u32,
    pub text: Box<str>,
    /// Whether ASCII white space before it is dropped.
    pub lstrip: bool,
    /// Whether ASCII white space behind it is dropped.
    pub rstrip: bool,
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'t> {
    Text(&'t str),
    Token(u32),
}

/// All special tokens of a vocabulary, in the order in which they are looked for.
///
/// llama.cpp looks for one after the other, the longest (in bytes) first, each in what the
/// others have left; so a long token wins over one that begins before it. Tokens of equal
/// length come in no defined order there, which is why [`Specials::new`] reports such tokens
/// if they can overlap.
#[derive(Default)]
pub(super) struct Specials {
    tokens: Vec<Special>,
    by_text: FxHashMap<Box<str>, usize>,
    /// How long tokens with each first byte can be, in bytes.
    lengths: Vec<Vec<usize>>,
}

impl Specials {
    /// `Err` holds two tokens whose order would matter.
    pub(super) fn new(mut tokens: Vec<Special>) -> Result<Specials, (Box<str>, Box<str>)> {
        tokens.sort_by_key(|t| std::cmp::Reverse(t.text.len()));
        for same in tokens.chunk_by(|a, b| a.text.len() == b.text.len()) {
            // Of each beginning: a token that has it, and another one if there is one.
            let mut starts: FxHashMap<&[u8], (usize, usize)> = FxHashMap::default();
            for (i, t) in same.iter().enumerate() {
                for n in 1..t.text.len() {
                    starts.entry(&t.text.as_bytes()[..n]).or_insert((i, i)).1 = i;
                }
            }
            for (i, t) in same.iter().enumerate() {
                for n in 1..t.text.len() {
                    let Some(&(j, k)) = starts.get(&t.text.as_bytes()[n..]) else {
                        continue;
                    };
                    if let Some(other) = [j, k].into_iter().find(|&o| o != i) {
                        return Err((t.text.clone(), same[other].text.clone()));
                    }
                }
            }
        }
        let mut lengths = vec![Vec::new(); 256];
        for t in &tokens {
            if let Some(&b) = t.text.as_bytes().first() {
                let lengths = &mut lengths[b as usize];
                if lengths.last() != Some(&t.text.len()) {
                    lengths.push(t.text.len());
                }
            }
        }
        let by_text = tokens.iter().map(|t| t.text.clone()).zip(0..).collect();
        Ok(Specials {
            tokens,
            by_text,
            lengths,
        })
    }

    /// The parts of `text`, in order; no part is empty.
    pub(super) fn split<'t>(&self, text: &'t str, parts: &mut Vec<Part<'t>>) {
        parts.clear();
        if text.is_empty() {
            return;
        }
        parts.push(Part::Text(text));
        let mut present: Vec<usize> = Vec::new();
        for (i, &b) in text.as_bytes().iter().enumerate() {
            for &n in &self.lengths[b as usize] {
                let Some(k) = text.get(i..i + n).and_then(|t| self.by_text.get(t)) else {
                    continue;
                };
                if !present.contains(k) {
                    present.push(*k);
                }
            }
        }
        present.sort_unstable();
        for k in present {
            let token = &self.tokens[k];
            let mut next = Vec::with_capacity(parts.len() + 2);
            for part in parts.drain(..) {
                match part {
                    Part::Text(t) => token.cut(t, &mut next),
                    Part::Token(_) => next.push(part),
                }
            }
            *parts = next;
        }
    }
}

impl Special {
    fn cut<'t>(&self, mut text: &'t str, parts: &mut Vec<Part<'t>>) {
        // The white space of C's isspace().
        let blank = |c: char| matches!(c, ' ' | '\t'..='\r');
        while let Some(at) = text.find(&*self.text) {
            let mut left = &text[..at];
            if self.lstrip {
                left = left.trim_end_matches(blank);
            }
            if !left.is_empty() {
                parts.push(Part::Text(left));
            }
            parts.push(Part::Token(self.id));
            text = &text[at + self.text.len()..];
            if self.rstrip {
                text = text.trim_start_matches(blank);
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn special(id: u32, text: &str) -> Special {
        Special {
            id,
            text: text.into(),
            lstrip: false,
            rstrip: false,
        }
    }

    #[test]
    fn longest_first_wherever_it_stands() {
        let s = Specials::new(vec![special(1, "ab"), special(2, "bcd"), special(3, "<x>")]);
        let s = s.unwrap();
        let mut parts = Vec::new();
        s.split("abcd<x>ab", &mut parts);
        let want = [
            Part::Text("a"),
            Part::Token(2),
            Part::Token(3),
            Part::Token(1),
        ];
        assert_eq!(parts, want);
        s.split("", &mut parts);
        assert!(parts.is_empty());
    }

    #[test]
    fn strips_white_space() {
        let mut token = special(1, "<m>");
        (token.lstrip, token.rstrip) = (true, true);
        let s = Specials::new(vec![token]).unwrap();
        let mut parts = Vec::new();
        s.split("a \t<m>\n \u{a0}b <m> ", &mut parts);
        let want = [
            Part::Text("a"),
            Part::Token(1),
            Part::Text("\u{a0}b"),
            Part::Token(1),
        ];
        assert_eq!(parts, want);
    }

    #[test]
    fn undefined_order_is_reported() {
        assert!(Specials::new(vec![special(1, "xyy"), special(2, "yyz")]).is_err());
        assert!(Specials::new(vec![special(1, "aaa"), special(2, "bbb")]).is_ok());
    }
}
