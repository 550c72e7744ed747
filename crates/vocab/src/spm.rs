//! SentencePiece's BPE as llama.cpp does it for `tokenizer.ggml.model = llama`.
//!
//! The characters of the text are merged pairwise: of all neighbours that together are a token,
//! the pair with the highest score, the leftmost of equals, is merged first. A character that is
//! no token becomes the tokens of its bytes.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashSet};

use super::VocabError;
use super::words::Desk;
use rustc_hash::FxHashMap;

/// What stands for a space in tokens.
pub(super) const SPACE: char = '\u{2581}';

pub(super) struct Spm {
    ids: FxHashMap<Box<[u8]>, u32>,
    scores: Vec<f32>,
    bytes: [Option<u32>; 256],
    add_space_prefix: bool,
    /// Characters that come right before a space in some token.
    before_space: HashSet<char>,
}

struct Candidate {
    score: f32,
    left: usize,
    right: usize,
    len: usize,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_score = self.score.partial_cmp(&other.score);
        by_score
            .unwrap_or(Ordering::Equal)
            .then(other.left.cmp(&self.left))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

/// A stretch of text; `len` 0 once it is merged into its left neighbour.
struct Symbol {
    start: usize,
    len: usize,
    prev: usize,
    next: usize,
}

const NONE: usize = usize::MAX;

impl Spm {
    /// `ids` maps token texts to ids; `scores` must hold no NaN.
    pub(super) fn new(
        ids: FxHashMap<Box<[u8]>, u32>,
        scores: Vec<f32>,
        add_space_prefix: bool,
    ) -> Spm {
        let byte = |b: u8| {
            let by_name = ids.get(format!("<0x{b:02X}>").as_bytes());
            by_name.or_else(|| ids.get(&[b][..])).copied()
        };
        let bytes = std::array::from_fn(|b| byte(b as u8));
        let mut before_space = HashSet::new();
        for text in ids.keys().filter_map(|t| std::str::from_utf8(t).ok()) {
            let pairs = text.chars().zip(text.chars().skip(1));
            before_space.extend(pairs.filter(|p| p.1 == SPACE).map(|p| p.0));
        }
        Spm {
            ids,
            scores,
            bytes,
            add_space_prefix,
            before_space,
        }
    }

    /// Appends the ids of a text without special tokens to `out`. `first` says that it is the
    /// beginning of the text, or follows a special token.
    pub(super) fn encode(
        &self,
        text: &str,
        first: bool,
        desk: &mut Desk,
        out: &mut Vec<u32>,
    ) -> Result<(), VocabError> {
        let escaped = &mut desk.text;
        escaped.clear();
        if first && self.add_space_prefix {
            escaped.push(SPACE);
        }
        for c in text.chars() {
            escaped.push(if c == ' ' { SPACE } else { c });
        }
        // No token holds the two characters around a cut next to each other, so no merge could
        // ever cross it: the parts can be merged one by one, and known parts looked up.
        let (mut start, mut last) = (0, None);
        for (i, c) in escaped.char_indices() {
            if c == SPACE && last.is_some_and(|l| !self.before_space.contains(&l)) {
                let part = &escaped[start..i];
                desk.words
                    .encode(part.as_bytes(), out, |out| self.merge(part, out))?;
                start = i;
            }
            last = Some(c);
        }
        let part = &escaped[start..];
        desk.words
            .encode(part.as_bytes(), out, |out| self.merge(part, out))
    }

    fn merge(&self, text: &str, out: &mut Vec<u32>) -> Result<(), VocabError> {
        let mut symbols: Vec<Symbol> = Vec::with_capacity(text.len());
        for (i, (start, c)) in text.char_indices().enumerate() {
            symbols.push(Symbol {
                start,
                len: c.len_utf8(),
                prev: i.wrapping_sub(1),
                next: i + 1,
            });
        }
        if let Some(last) = symbols.last_mut() {
            last.next = NONE;
        }
        let mut queue = BinaryHeap::new();
        for i in 1..symbols.len() {
            self.offer(text, &symbols, i - 1, i, &mut queue);
        }
        while let Some(c) = queue.pop() {
            let (left, right) = (c.left, c.right);
            if symbols[left].len == 0
                || symbols[right].len == 0
                || symbols[left].len + symbols[right].len != c.len
            {
                continue;
            }
            symbols[left].len = c.len;
            symbols[right].len = 0;
            let next = symbols[right].next;
            symbols[left].next = next;
            if next != NONE {
                symbols[next].prev = left;
                self.offer(text, &symbols, left, next, &mut queue);
            }
            let prev = symbols[left].prev;
            if prev != NONE {
                self.offer(text, &symbols, prev, left, &mut queue);
            }
        }
        for s in symbols.iter().filter(|s| s.len > 0) {
            let bytes = &text.as_bytes()[s.start..s.start + s.len];
            if let Some(&id) = self.ids.get(bytes) {
                out.push(id);
                continue;
            }
            for &b in bytes {
                let id = self.bytes[b as usize].ok_or_else(|| VocabError::Encode {
                    what: format!(
                        "the vocabulary has neither the character {:?} nor the byte <0x{b:02X}>",
                        String::from_utf8_lossy(bytes)
                    ),
                })?;
                out.push(id);
            }
        }
        Ok(())
    }

    fn offer(
        &self,
        text: &str,
        symbols: &[Symbol],
        left: usize,
        right: usize,
        queue: &mut BinaryHeap<Candidate>,
    ) {
        let start = symbols[left].start;
        let len = symbols[left].len + symbols[right].len;
        if let Some(&id) = self.ids.get(&text.as_bytes()[start..start + len]) {
            queue.push(Candidate {
                score: self.scores[id as usize],
                left,
                right,
                len,
            });
        }
    }
}
