//! Byte-level byte-pair encoding, as llama.cpp does it for `tokenizer.ggml.model = gpt2`.
//!
//! A piece of text is a sequence of bytes, each written as one printable character (GPT-2's
//! alphabet). The neighbouring pair whose merge ranks first, the leftmost of equals, is merged
//! until no pair has a merge. What is left and is no token falls apart into its UTF-8 bytes, and
//! those that are no tokens are dropped, as in llama.cpp.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::spec::Merge;
use rustc_hash::FxHashMap;

/// Pieces up to this many bytes are merged by repeated search, longer ones with a heap.
const SHORT: usize = 40;
const NONE: u32 = u32::MAX;

/// The character that stands for `byte` in GPT-2's alphabet: itself if it is printable in
/// Latin-1, else one of those from U+0100 on, in order.
pub(super) fn byte_char(byte: u8) -> char {
    let printable = |b: u8| matches!(b, 0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF);
    if printable(byte) {
        return byte as char;
    }
    let nth = (0..byte).filter(|&b| !printable(b)).count() as u32;
    char::from_u32(0x100 + nth).unwrap_or_default()
}

/// The bytes that a token's text stands for; `None` if it holds a character outside the alphabet.
pub(super) fn text_bytes(text: &[u8]) -> Option<Vec<u8>> {
    let byte_of = |c: char| (0..=255u8).find(|&b| c == byte_char_table()[b as usize]);
    std::str::from_utf8(text)
        .ok()?
        .chars()
        .map(|c| match c {
            '!'..='~' => Some(c as u8),
            _ => byte_of(c),
        })
        .collect()
}

fn byte_char_table() -> &'static [char; 256] {
    static TABLE: std::sync::LazyLock<[char; 256]> =
        std::sync::LazyLock::new(|| std::array::from_fn(|b| byte_char(b as u8)));
    &TABLE
}

/// Merges to come, the first of least rank and then leftmost: rank, left place, left symbol, right symbol, what they become.
type Queue = BinaryHeap<Reverse<(u32, u32, u32, u32, u32)>>;

/// Buffers for merging one piece.
#[derive(Default)]
pub(super) struct Buffers {
    symbols: Vec<u32>,
    /// Of each symbol with the next: rank and merged symbol.
    pairs: Vec<(u32, u32)>,
    next: Vec<u32>,
    prev: Vec<u32>,
    queue: Queue,
}

/// The merges, over symbols: every string that is a byte, or a side or a result of a merge.
pub(super) struct Bpe {
    bytes: [u32; 256],
    merges: FxHashMap<u64, (u32, u32)>,
    /// Where the token ids of each symbol end in `ids`.
    ends: Vec<u32>,
    ids: Vec<u32>,
    /// Pieces that are tokens as a whole, where those go before merges.
    whole: FxHashMap<Box<[u8]>, u32>,
}

impl Bpe {
    pub(super) fn new(
        merges: &[Merge],
        token: impl Fn(&[u8]) -> Option<u32>,
        whole: FxHashMap<Box<[u8]>, u32>,
    ) -> Bpe {
        let mut symbols: FxHashMap<Vec<u8>, u32> = FxHashMap::default();
        let mut ends = Vec::new();
        let mut ids = Vec::new();
        let mut symbol = |text: &[u8]| {
            if let Some(&s) = symbols.get(text) {
                return s;
            }
            match token(text) {
                Some(id) => ids.push(id),
                None => ids.extend(text.iter().filter_map(|&b| token(&[b]))),
            }
            ends.push(ids.len() as u32);
            let s = symbols.len() as u32;
            symbols.insert(text.to_vec(), s);
            s
        };
        let bytes = byte_char_table().map(|c| symbol(c.encode_utf8(&mut [0; 4]).as_bytes()));
        let mut table = FxHashMap::default();
        for (rank, (left, right)) in merges.iter().enumerate() {
            let merged = symbol(&[&left[..], right].concat());
            table
                .entry(key(symbol(left), symbol(right)))
                .or_insert((rank as u32, merged));
        }
        Bpe {
            bytes,
            merges: table,
            ends,
            ids,
            whole,
        }
    }

    /// Appends the token ids of one piece of text to `out`.
    pub(super) fn encode(&self, piece: &[u8], b: &mut Buffers, out: &mut Vec<u32>) {
        if let Some(&id) = self.whole.get(piece) {
            return out.push(id);
        }
        b.symbols.clear();
        b.symbols
            .extend(piece.iter().map(|&x| self.bytes[x as usize]));
        if piece.len() <= SHORT {
            self.merge_short(b);
        } else {
            self.merge_long(b);
        }
        for &s in b.symbols.iter().filter(|&&s| s != NONE) {
            let s = s as usize;
            let start = if s == 0 { 0 } else { self.ends[s - 1] };
            out.extend_from_slice(&self.ids[start as usize..self.ends[s] as usize]);
        }
    }

    fn pair(&self, left: u32, right: u32) -> (u32, u32) {
        let found = self.merges.get(&key(left, right));
        found.copied().unwrap_or((NONE, NONE))
    }

    fn merge_short(&self, b: &mut Buffers) {
        let (s, p) = (&mut b.symbols, &mut b.pairs);
        p.clear();
        p.extend(s.windows(2).map(|w| self.pair(w[0], w[1])));
        while let Some(i) = (0..p.len()).min_by_key(|&i| p[i].0) {
            if p[i].0 == NONE {
                break;
            }
            s[i] = p[i].1;
            s.remove(i + 1);
            p.remove(i);
            if i > 0 {
                p[i - 1] = self.pair(s[i - 1], s[i]);
            }
            if i < p.len() {
                p[i] = self.pair(s[i], s[i + 1]);
            }
        }
    }

    fn merge_long(&self, b: &mut Buffers) {
        let n = b.symbols.len() as u32;
        b.next.clear();
        b.next.extend(1..=n);
        b.prev.clear();
        b.prev.extend((0..n).map(|i| i.wrapping_sub(1)));
        b.queue.clear();
        let s = &mut b.symbols;
        for i in 0..n - 1 {
            self.offer(s, i, i + 1, &mut b.queue);
        }
        while let Some(Reverse((_, left, a, c, merged))) = b.queue.pop() {
            let right = b.next[left as usize];
            // Outdated unless both sides are still what they were; a symbol that was merged
            // away is NONE, and one that has grown is another symbol.
            if s[left as usize] != a || right == n || s[right as usize] != c {
                continue;
            }
            s[left as usize] = merged;
            s[right as usize] = NONE;
            let after = b.next[right as usize];
            b.next[left as usize] = after;
            if after < n {
                b.prev[after as usize] = left;
                self.offer(s, left, after, &mut b.queue);
            }
            let before = b.prev[left as usize];
            if before < n {
                self.offer(s, before, left, &mut b.queue);
            }
        }
    }

    fn offer(&self, s: &[u32], left: u32, right: u32, queue: &mut Queue) {
        let (a, c) = (s[left as usize], s[right as usize]);
        let (rank, merged) = self.pair(a, c);
        if rank != NONE {
            queue.push(Reverse((rank, left, a, c, merged)));
        }
    }
}

fn key(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphabet_is_the_known_one() {
        assert_eq!(byte_char(b' '), 'Ġ');
        assert_eq!(byte_char(b'\n'), 'Ċ');
        assert_eq!(byte_char(b'a'), 'a');
        assert_eq!(byte_char(0xAD), 'Ń');
        let all: std::collections::BTreeSet<char> = (0..=255).map(byte_char).collect();
        assert_eq!(all.len(), 256);
        let text: String = (0..=255).map(byte_char).collect();
        assert_eq!(text_bytes(text.as_bytes()), Some((0..=255).collect()));
        assert_eq!(text_bytes("あ".as_bytes()), None);
    }

    /// The heap and the search must agree: merging is defined once.
    #[test]
    fn short_and_long_merging_agree() {
        let letters = ["a", "b", "ab", "aa", "ba", "aab", "abb", "bab"];
        let merges: Vec<Merge> = [(0, 1), (0, 0), (3, 1), (2, 1), (1, 2), (1, 0)]
            .iter()
            .map(|&(l, r): &(usize, usize)| {
                (letters[l].as_bytes().into(), letters[r].as_bytes().into())
            })
            .collect();
        let token = |t: &[u8]| {
            letters
                .iter()
                .position(|l| l.as_bytes() == t)
                .map(|i| i as u32)
        };
        let bpe = Bpe::new(&merges, token, FxHashMap::default());
        let mut b = Buffers::default();
        for n in 1..=20u32 {
            for bits in (0..1u32 << n).step_by(1 + (1 << n) / 500) {
                let word: Vec<u8> = (0..n).map(|i| b"ab"[(bits >> i & 1) as usize]).collect();
                let start: Vec<u32> = word.iter().map(|&x| bpe.bytes[x as usize]).collect();
                b.symbols = start.clone();
                bpe.merge_short(&mut b);
                let short = b.symbols.clone();
                b.symbols = start;
                bpe.merge_long(&mut b);
                b.symbols.retain(|&s| s != NONE);
                assert_eq!(short, b.symbols, "{}", word.escape_ascii());
            }
        }
    }
}
