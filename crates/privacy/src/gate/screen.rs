//! What tells most texts apart from listed values at once, so that the automaton is seldom asked.

use std::collections::BTreeSet;

/// Bytes of a pattern's beginning that are looked at.
const WIDTH: usize = 6;
/// Bits for each beginning: one other text in sixteen or more passes.
const BITS: usize = 16;

/// Beginnings of patterns as bits of their hashes. It may say yes of other texts, and never no of a beginning.
///
/// The automaton of ten thousand addresses is many megabytes, of which a model's weights leave nothing in the processor's caches between two tokens; this is some kilobytes.
#[derive(Debug)]
pub(super) struct Screen {
    width: usize,
    bits: Vec<u64>,
    shift: u32,
}

impl Screen {
    /// `patterns` without empty ones.
    pub(super) fn new(patterns: &[String]) -> Screen {
        let width = patterns.iter().map(String::len).fold(WIDTH, usize::min);
        let begin = |p: &String| {
            p.as_bytes()[..width]
                .iter()
                .fold(0, |all, b| all << 8 | u64::from(*b))
        };
        let all: BTreeSet<u64> = patterns.iter().map(begin).collect();
        let bits = (all.len() * BITS).next_power_of_two().max(64);
        let mut screen = Screen {
            width,
            bits: vec![0; bits / 64],
            shift: 64 - bits.trailing_zeros(),
        };
        for begin in all {
            let at = screen.place(begin);
            screen.bits[at / 64] |= 1 << (at % 64);
        }
        screen
    }

    /// Bytes that are looked at.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Whether a pattern may begin with the last bytes of a text, given as a number whose lowest byte is the last one.
    pub(super) fn passes(&self, last: u64) -> bool {
        let at = self.place(last & (u64::MAX >> (64 - 8 * self.width)));
        self.bits[at / 64] >> (at % 64) & 1 == 1
    }

    fn place(&self, begin: u64) -> usize {
        // Fibonacci hashing: the highest bits of a product with 2^64 divided by the golden ratio.
        (begin.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(text: &str) -> u64 {
        text.bytes().fold(0, |all, b| all << 8 | u64::from(b))
    }

    #[test]
    fn every_beginning_passes_and_few_others_do() {
        let patterns: Vec<String> = (0..5000).map(|i| format!("{:05}name", i * 7)).collect();
        let screen = Screen::new(&patterns);
        assert_eq!(screen.width(), 6);
        assert!((0..5000).all(|i| screen.passes(last(&format!("x{:05}n", i * 7)))));
        let others = (0..5000).filter(|i| screen.passes(last(&format!("{:05}m", i * 7))));
        assert!(others.count() < 5000 / 10);
        // A short pattern is looked at whole.
        let screen = Screen::new(&["abcd".into(), "xyxyxyxyxy".into()]);
        assert_eq!(screen.width(), 4);
        assert!(screen.passes(last("zzzabcd")) && screen.passes(last("xyxy")));
    }
}
