//! Parts of an expression.

use crate::unicode::{LETTER, MARK, NUMBER, PUNCTUATION, SYMBOL};

/// A set of units: a bitmap for those below 256, sorted ranges for the others.
#[derive(Debug, Clone, Default)]
pub(super) struct Set {
    pub(super) low: [u64; 4],
    pub(super) high: Vec<(u32, u32)>,
}

impl Set {
    pub(super) fn insert(&mut self, from: u32, to: u32) {
        for u in from..=to.min(255) {
            self.low[(u >> 6) as usize] |= 1 << (u & 63);
        }
        if to > 255 {
            self.high.push((from.max(256), to));
        }
    }

    pub(super) fn extend(&mut self, other: &Set) {
        for (a, b) in self.low.iter_mut().zip(other.low) {
            *a |= b;
        }
        self.high.extend_from_slice(&other.high);
    }

    pub(super) fn inverted(mut self) -> Set {
        self.high.sort_unstable();
        let mut out = Set {
            low: self.low.map(|w| !w),
            high: Vec::new(),
        };
        let mut next = 256;
        for (from, to) in self.high {
            if from > next {
                out.high.push((next, from - 1));
            }
            next = next.max(to + 1);
        }
        out.high.push((next, u32::MAX - 1));
        out
    }

    pub(super) fn has(&self, u: u32) -> bool {
        if u < 256 {
            self.low[(u >> 6) as usize] >> (u & 63) & 1 != 0
        } else {
            self.high.iter().any(|&(a, b)| (a..=b).contains(&u))
        }
    }
}

/// An expression as parsed.
#[derive(Debug)]
pub(super) enum Node {
    Set(Set),
    Seq(Vec<Node>),
    Alt(Vec<Node>),
    Repeat(Box<Node>, u32, u32),
    Ahead(Box<Node>, bool),
    End,
}

/// General categories: name, flag, the unit that stands for it, and the ASCII characters in it as ends of ranges.
pub(super) const CATEGORIES: [(&str, u8, u32, &str); 10] = [
    ("N", NUMBER, 0xD1, "09"),
    ("L", LETTER, 0xD2, "AZaz"),
    ("P", PUNCTUATION, 0xD3, "!#%*,/:;?@[]__{{}}"),
    ("M", MARK, 0xD4, ""),
    ("S", SYMBOL, 0xD5, "$$++<>^^``||~~"),
    // llama.cpp does not tell kinds of letters apart.
    ("Lu", LETTER, 0xD2, "AZaz"),
    ("Ll", LETTER, 0xD2, "AZaz"),
    ("Lt", LETTER, 0xD2, "AZaz"),
    ("Lm", LETTER, 0xD2, "AZaz"),
    ("Lo", LETTER, 0xD2, "AZaz"),
];
