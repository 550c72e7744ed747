//! Inputs made of others.

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What files of the formats have in them, and what breaks readers.
const WORDS: &[&str] = &[
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "-0.0",
    "NaN",
    "18446744073709551616",
    "9223372036854775807",
    "4294967295",
    "\u{1b}[31m",
    "\u{1b}]0;t\u{7}",
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "\u{301}",
    "😀",
    "她",
    "é",
    "<script>alert(1)</script>",
    "</style>",
    "javascript:",
    "=1+1",
    "@a",
    "\\u0000",
    "\\ud800",
    "<think>",
    "</think>",
    "\\boxed{",
    "}}",
    "{{",
    "{%",
    "%}",
    "####",
    "Step 1:",
    "= ",
    "1/0",
    "^",
    "%",
    "1,000",
    "(((((((((((((((((",
    "-----",
    "id",
    "question",
    "answer",
    "tokens",
    "span",
    "steps",
    "text",
    "p",
];

/// Makes inputs, the same for the same seed.
pub struct Mutator(ChaCha8Rng);

impl Mutator {
    pub fn new(seed: u64) -> Mutator {
        Mutator(ChaCha8Rng::seed_from_u64(seed))
    }

    /// One of the seeds, changed in one to eight places.
    pub fn next(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds.choose(&mut self.0).cloned().unwrap_or_default();
        for _ in 0..=self.0.random_range(0..8) {
            self.change(&mut input, seeds);
        }
        input
    }

    fn place(&mut self, input: &[u8]) -> usize {
        self.0.random_range(0..=input.len())
    }

    fn stretch(&mut self, input: &[u8]) -> std::ops::Range<usize> {
        let from = self.place(input);
        let most = (input.len() - from).min(1 << self.0.random_range(0..10));
        from..from + self.0.random_range(0..=most)
    }

    fn change(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        match self.0.random_range(0..9) {
            0 if !input.is_empty() => {
                let at = self.0.random_range(0..input.len());
                input[at] ^= 1 << self.0.random_range(0..8);
            }
            1 if !input.is_empty() => {
                let at = self.0.random_range(0..input.len());
                input[at] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'\n'][self.0.random_range(0..7)];
            }
            2 => {
                let stretch = self.stretch(input);
                input.drain(stretch);
            }
            3 => {
                let (stretch, at) = (self.stretch(input), self.place(input));
                let copy = input[stretch].to_vec();
                input.splice(at..at, copy);
            }
            4 => {
                let end = self.place(input);
                input.truncate(end);
            }
            5 => {
                let other = seeds.choose(&mut self.0).cloned().unwrap_or_default();
                let (part, at) = (self.stretch(&other), self.stretch(input));
                input.splice(at, other[part].iter().copied());
            }
            6 => self.number(input),
            _ => {
                let word = WORDS.choose(&mut self.0).copied().unwrap_or_default();
                let at = self.place(input);
                let end = if self.0.random() {
                    at
                } else {
                    (at + word.len()).min(input.len())
                };
                input.splice(at..end, word.bytes());
            }
        }
    }

    /// Another number in the place of one.
    fn number(&mut self, input: &mut Vec<u8>) {
        let at = self.place(input);
        let Some(from) = input[at..]
            .iter()
            .position(u8::is_ascii_digit)
            .map(|i| at + i)
        else {
            return;
        };
        let digits = input[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        let numbers = [
            "0",
            "1",
            "2",
            "-1",
            "255",
            "65536",
            "4294967296",
            "18446744073709551615",
            "1e308",
            "0.5",
        ];
        let new = numbers.choose(&mut self.0).copied().unwrap_or_default();
        input.splice(from..from + digits, new.bytes());
    }
}
