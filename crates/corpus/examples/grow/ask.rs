//! Seconds of questions to an index whose files are in the page cache: each kind by the median and the 95th percentile of single calls, in
//! microseconds, and the sum of all answers, so that two versions of the program can be held against each other.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::{
    Cooccur, Documents, LocalIndex, LocalQuestion, NgramCounts, WordCounts, values,
};

/// N-grams of each length.
const NGRAMS: usize = 4_000;
/// Tokens whose candidates are counted with salient words.
const TOKENS: usize = 15;
/// Salient words and candidates of a token, as STIM has them.
const SALIENT: usize = 5;
const CANDIDATES: usize = 21;

struct Asker<'a> {
    index: &'a LocalIndex,
    rng: ChaCha8Rng,
}

/// Measures, and prints a line for each kind of question.
pub fn ask(index: &LocalIndex, words: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut asker = Asker {
        index,
        rng: ChaCha8Rng::seed_from_u64(1),
    };
    let warm = Instant::now();
    warm_up(index)?;
    println!("{:?}: all files read once", warm.elapsed());
    for n in [1, 2, 4, 8] {
        let present = asker.ngrams(n)?;
        let mut absent = present.clone();
        for ngram in &mut absent {
            ngram[n - 1] = asker
                .rng
                .random_range(0..index.manifest().tokenizer.size as u32);
        }
        for (name, ngrams) in [("present", present), ("last token changed", absent)] {
            spread(&format!("count, {n} tokens, {name}"), ngrams.len(), |i| {
                Ok(index.count(&ngrams[i])?.value)
            })?;
        }
    }
    let contexts = asker.ngrams(3)?;
    spread("what follows 3 tokens", contexts.len(), |i| {
        Ok(index.next(&contexts[i])?.value.tokens.len() as u64)
    })?;
    let texts = asker.ngrams(33)?;
    let candidates: Vec<Vec<u32>> = asker
        .ngrams(1)?
        .chunks(CANDIDATES)
        .map(<[_]>::concat)
        .collect();
    spread(
        "local counts of a token and 21 candidates",
        texts.len(),
        |i| {
            let question = LocalQuestion {
                context: &texts[i][..32],
                token: texts[i][32],
                candidates: &candidates[i % candidates.len()],
            };
            let found = values(index.local_counts(&[question])?).remove(0);
            Ok(found.candidates.iter().sum())
        },
    )?;
    asker.words_together()?;
    asker.tokens_together()?;
    if let [a, b] = words {
        let pair = vec![(a.to_string(), b.to_string())];
        for how in [Cooccur::Document, Cooccur::Window(1000)] {
            let name = format!("{a:?} with {b:?}, {how}");
            pairs_of_words(&name, index.folder(), std::slice::from_ref(&pair), how)?;
        }
    }
    let frequent = asker.most_frequent()?;
    for offset in [0, 100_000] {
        spread(
            &format!("20 places of token {frequent}, from the {offset}th on"),
            5,
            |_| {
                let found = index.occurrences_of(&[frequent], 20, offset)?.value;
                Ok(found.hits.iter().map(|h| h.document).sum())
            },
        )?;
    }
    Ok(())
}

impl Asker<'_> {
    /// N-grams from random places: so frequent ones are asked for most.
    fn ngrams(&mut self, n: usize) -> Result<Vec<Vec<u32>>, Box<dyn Error>> {
        let mut ngrams = Vec::with_capacity(NGRAMS);
        let mut tries = 0;
        while ngrams.len() < NGRAMS && tries < 100 * NGRAMS {
            tries += 1;
            let document = self.rng.random_range(0..self.index.manifest().documents);
            let document = self.index.document_tokens(&[document])?.remove(0);
            if document.len() >= n {
                let at = self.rng.random_range(0..=document.len() - n);
                ngrams.push(document[at..at + n].to_vec());
            }
        }
        Ok(ngrams)
    }

    /// Words of a document and words of others, from random places.
    fn words(&mut self, count: usize, documents: usize) -> Result<Vec<String>, Box<dyn Error>> {
        let mut words: Vec<String> = Vec::new();
        for _ in 0..10_000 {
            let ordinals: Vec<u64> = (0..documents)
                .map(|_| self.rng.random_range(0..self.index.manifest().documents))
                .collect();
            for document in self.index.documents(&ordinals)? {
                let all = rotescope_corpus::words::split(&document.text);
                for _ in 0..if documents == 1 { count } else { 1 } {
                    let word = all
                        .get(self.rng.random_range(0..all.len().max(1)))
                        .map(|(_, w)| w.to_string());
                    if let Some(word) = word.filter(|w| !words.contains(w) && words.len() < count) {
                        words.push(word);
                    }
                }
            }
            if words.len() == count {
                break;
            }
        }
        Ok(words)
    }

    fn words_together(&mut self) -> Result<(), Box<dyn Error>> {
        let mut asked = Vec::new();
        for _ in 0..TOKENS {
            let (salient, candidates) =
                (self.words(SALIENT, 1)?, self.words(CANDIDATES, CANDIDATES)?);
            let pairs = candidates
                .iter()
                .flat_map(|c| salient.iter().map(|s| (s.clone(), c.clone())));
            asked.push(pairs.collect::<Vec<_>>());
        }
        for how in [
            Cooccur::Document,
            Cooccur::Window(1000),
            Cooccur::Window(50),
        ] {
            let name = format!("5 words x 21 words, {how}");
            pairs_of_words(&name, self.index.folder(), &asked, how)?;
        }
        Ok(())
    }

    fn tokens_together(&mut self) -> Result<(), Box<dyn Error>> {
        let tokens: Vec<Vec<u32>> = self.ngrams(1)?;
        for how in [Cooccur::Document, Cooccur::Window(1000)] {
            let ask = |index: &LocalIndex, i: usize, how| -> Result<u64, Box<dyn Error>> {
                let (salient, candidates) = tokens[i * 26..(i + 1) * 26].split_at(SALIENT);
                let pairs = candidates
                    .iter()
                    .flat_map(|c| salient.iter().map(|s| (s.as_slice(), c.as_slice())));
                Ok(
                    values(index.cooccurs_tokens(&pairs.collect::<Vec<_>>(), how)?)
                        .iter()
                        .sum(),
                )
            };
            let warm = |index: &LocalIndex, i| ask(index, i, Cooccur::Window(999));
            let name = format!("5 tokens x 21 tokens, {how}");
            first_and_again(&name, self.index.folder(), 3, warm, |index, i| {
                ask(index, i, how)
            })?;
        }
        Ok(())
    }

    fn most_frequent(&mut self) -> Result<u32, Box<dyn Error>> {
        let found = self.index.next(&[])?.value.tokens;
        Ok(found.first().map_or(0, |&(id, _)| id))
    }
}

/// Reads every file, so that its pages are in memory and verified.
fn warm_up(index: &LocalIndex) -> Result<(), Box<dyn Error>> {
    for file in &index.manifest().files {
        std::io::copy(
            &mut std::fs::File::open(index.folder().join(&file.path))?,
            &mut std::io::sink(),
        )?;
    }
    Ok(())
}

fn pairs_of_words(
    name: &str,
    folder: &Path,
    asked: &[Vec<(String, String)>],
    how: Cooccur,
) -> Result<(), Box<dyn Error>> {
    let ask = |index: &LocalIndex, i: usize, how| -> Result<u64, Box<dyn Error>> {
        Ok(values(index.cooccurs(&asked[i], how)?).iter().sum())
    };
    // What is held is held for words where documents are counted, and for a window where its pairs are.
    let warm = |index: &LocalIndex, i: usize| match how {
        Cooccur::Document => {
            let words = asked[i].iter().flat_map(|(a, b)| [a.clone(), b.clone()]);
            Ok(values(index.word_counts(&words.collect::<Vec<_>>())?)
                .iter()
                .sum())
        }
        Cooccur::Window(n) => ask(index, i, Cooccur::Window(n - 1)),
    };
    first_and_again(name, folder, asked.len(), warm, |index, i| {
        ask(index, i, how)
    })
}

/// Asks an index that holds no answers yet, after `warm` has read the same pages for other questions; and asks again.
fn first_and_again(
    name: &str,
    folder: &Path,
    calls: usize,
    warm: impl Fn(&LocalIndex, usize) -> Result<u64, Box<dyn Error>>,
    call: impl Fn(&LocalIndex, usize) -> Result<u64, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let index = LocalIndex::open(folder)?;
    for i in 0..calls {
        warm(&index, i)?;
    }
    for when in ["first", "again"] {
        let (mut times, mut sum) = (Vec::new(), 0u64);
        for i in 0..calls {
            let began = Instant::now();
            let answer = call(&index, i)?;
            times.push(began.elapsed().as_secs_f64());
            sum = sum.wrapping_add(answer);
        }
        told(&format!("{name}, {when}"), &mut times, sum);
    }
    Ok(())
}

/// Each question once, and all of them again: then the processor's caches hold much of what they look at.
fn spread(
    name: &str,
    calls: usize,
    mut call: impl FnMut(usize) -> Result<u64, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    for when in ["first", "again"] {
        let (mut times, mut sum) = (Vec::new(), 0u64);
        for i in 0..calls {
            let began = Instant::now();
            let answer = call(i)?;
            times.push(began.elapsed().as_secs_f64());
            sum = sum.wrapping_add(answer);
        }
        told(&format!("{name}, {when}"), &mut times, sum);
    }
    Ok(())
}

fn told(name: &str, times: &mut [f64], sum: u64) {
    times.sort_by(f64::total_cmp);
    println!(
        "{name}: median {:.1} us, 95 % {:.1} us (answers add up to {sum})",
        times[times.len() / 2] * 1e6,
        times[times.len() * 95 / 100] * 1e6,
    );
}
