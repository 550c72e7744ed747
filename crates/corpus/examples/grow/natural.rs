//! Text with the statistics of natural text: words by a Zipf-Mandelbrot law, words that prefer the same followers, sentences that stand everywhere,
//! near-duplicates of documents, and lengths from a line to a book's chapter.

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_vocab::{Encode, VocabError};

/// Begins each document, which so names its kind.
pub const MARK: &str = "natural";
/// Sentences that many documents share.
const COMMON: usize = 5_000;
/// Documents that a near-duplicate may be one of.
const KEPT: usize = 1_000;
/// The longest document, in words.
const LONGEST: f64 = 50_000.0;

/// Number of different words: what u16 or, with `WIDE=1`, u32 ids hold.
pub fn vocabulary() -> usize {
    if std::env::var_os("WIDE").is_some() {
        200_000
    } else {
        50_000
    }
}

/// The word of a rank: syllables, frequent words short.
fn word(mut rank: usize) -> String {
    let (heads, tails) = (
        b"bdfgklmnprstvz",
        ["a", "e", "i", "o", "u", "an", "er", "is"],
    );
    let mut word = String::new();
    loop {
        word.push(char::from(heads[rank % heads.len()]));
        rank /= heads.len();
        word.push_str(tails[rank % tails.len()]);
        rank /= tails.len();
        if rank == 0 {
            return word;
        }
        rank -= 1;
    }
}

struct Source {
    rng: ChaCha8Rng,
    /// Sums of the frequencies of the ranks up to each.
    sums: Vec<f64>,
    common: Vec<Vec<u32>>,
}

impl Source {
    fn new(seed: u64) -> Self {
        let mut sum = 0.0;
        let sums = (0..vocabulary()).map(|rank| {
            sum += 1.0 / (rank as f64 + 2.7);
            sum
        });
        let mut source = Source {
            rng: ChaCha8Rng::seed_from_u64(seed),
            sums: sums.collect(),
            common: Vec::new(),
        };
        source.common = (0..COMMON).map(|_| source.sentence()).collect();
        source
    }

    fn any_word(&mut self) -> u32 {
        let most = self.sums[self.sums.len() - 1];
        let at = self.rng.random_range(0.0..most);
        self.sums.partition_point(|&s| s < at) as u32
    }

    /// Half of the words are one of eight that their predecessor prefers.
    fn sentence(&mut self) -> Vec<u32> {
        let mut words = vec![self.any_word()];
        for _ in 1..self.rng.random_range(4..30) {
            let last = words[words.len() - 1];
            words.push(if self.rng.random_bool(0.5) {
                let which = self.rng.random_range(0..8u64);
                let mut own = ChaCha8Rng::seed_from_u64(u64::from(last) * 8 + which);
                std::mem::swap(&mut own, &mut self.rng);
                let word = self.any_word();
                std::mem::swap(&mut own, &mut self.rng);
                word
            } else {
                self.any_word()
            });
        }
        words
    }

    /// A document's sentences: half of them shorter than 150 words, one in a hundred longer than 2,400.
    fn document(&mut self) -> Vec<Vec<u32>> {
        // The sum of twelve even numbers is nearly normal.
        let normal: f64 = (0..12)
            .map(|_| self.rng.random_range(0.0..1.0))
            .sum::<f64>()
            - 6.0;
        let length = (150.0 * (1.2 * normal).exp()).clamp(3.0, LONGEST) as usize;
        let (mut sentences, mut words) = (Vec::new(), 0);
        while words < length {
            let sentence = if self.rng.random_bool(0.1) {
                // Of few nearly all, of many few.
                let at = (COMMON as f64).powf(self.rng.random_range(0.0..1.0)) as usize - 1;
                self.common[at].clone()
            } else {
                self.sentence()
            };
            words += sentence.len();
            sentences.push(sentence);
        }
        sentences
    }
}

/// Writes documents, one JSON object a line, until there are so many tokens: words and full stops.
pub fn write(tokens: f64, seed: u64, out: &Path) -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = (0..vocabulary()).map(word).collect();
    let mut source = Source::new(seed);
    let mut kept: Vec<Vec<Vec<u32>>> = Vec::new();
    let mut out = BufWriter::with_capacity(1 << 20, File::create(out)?);
    let (mut written, mut text) = (0, String::new());
    while (written as f64) < tokens {
        let document = if !kept.is_empty() && source.rng.random_bool(0.1) {
            // A copy of a kept one, with a 20th of its words changed.
            let mut copy = kept[source.rng.random_range(0..kept.len())].clone();
            for word in copy.iter_mut().flatten() {
                if source.rng.random_bool(0.05) {
                    *word = source.any_word();
                }
            }
            copy
        } else {
            source.document()
        };
        text.clear();
        text.push_str(MARK);
        for sentence in &document {
            for &word in sentence {
                text.push(' ');
                text.push_str(&words[word as usize]);
            }
            text.push('.');
            written += sentence.len() + 1;
        }
        writeln!(out, "{{\"text\":\"{text}\"}}")?;
        let at = source.rng.random_range(0..KEPT);
        if kept.len() < KEPT {
            kept.push(document);
        } else {
            kept[at] = document;
        }
    }
    Ok(out.flush()?)
}

/// A token for each word and for the full stop.
pub struct Words {
    ids: HashMap<String, u32>,
    words: Vec<String>,
    fingerprint: String,
}

impl Words {
    pub fn new(vocabulary: usize) -> Self {
        let marks = [".", MARK].map(String::from);
        let words: Vec<String> = marks.into_iter().chain((0..vocabulary).map(word)).collect();
        Words {
            ids: words.iter().cloned().zip(0..).collect(),
            fingerprint: format!("natural-{vocabulary}"),
            words,
        }
    }

    fn ids(&self, text: &str) -> Vec<u32> {
        let mut ids = Vec::with_capacity(text.len() / 5);
        for word in text.split(' ') {
            let (word, ends) = word.strip_suffix('.').map_or((word, false), |w| (w, true));
            ids.extend(self.ids.get(word));
            if ends {
                ids.push(0);
            }
        }
        ids
    }
}

impl Encode for Words {
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let part = texts.len().div_ceil(cores).max(1);
        let all = std::thread::scope(|scope| {
            let work = |part| {
                move || -> Vec<Vec<u32>> { <[&str]>::iter(part).map(|t| self.ids(t)).collect() }
            };
            let threads: Vec<_> = texts.chunks(part).map(|p| scope.spawn(work(p))).collect();
            let joined = threads.into_iter().map(|t| t.join().expect("words"));
            joined.flatten().collect()
        });
        Ok(all)
    }

    fn token_bytes(&self, id: u32) -> Vec<u8> {
        let word = self.words.get(id as usize);
        word.map(|w| w.clone().into_bytes()).unwrap_or_default()
    }

    fn size(&self) -> usize {
        self.words.len()
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}
