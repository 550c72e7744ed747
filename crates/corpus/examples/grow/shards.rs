//! What a question costs by the number of shards: the same token ids in 1, 5 and 20, each question 4,096 times, by the median and the 95th percentile
//! of single calls in microseconds, all pages read before.

use std::error::Error;
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::ngrams::{NgramIndex, NgramWriter};
use rotescope_corpus::{Documents, LocalIndex};

const QUESTIONS: usize = 4096;

pub fn ask(index: &LocalIndex) -> Result<(), Box<dyn Error>> {
    let manifest = index.manifest();
    let size = manifest.tokenizer.size;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut contexts: Vec<Vec<u32>> = Vec::new();
    while contexts.len() < QUESTIONS {
        let ordinal = rng.random_range(0..manifest.documents);
        let tokens = index.document_tokens(&[ordinal])?.remove(0);
        if tokens.len() > 20 {
            let start = rng.random_range(0..tokens.len() - 20);
            contexts.push(tokens[start..start + 20].to_vec());
        }
    }
    for shards in [1, 5, 20] {
        let folder = tempfile::tempdir()?;
        let length = (manifest.tokens + manifest.documents).div_ceil(shards) + 2000;
        let mut writer = NgramWriter::with_shard_length(folder.path(), size, length);
        for ordinal in 0..manifest.documents {
            writer.push(&index.document_tokens(&[ordinal])?.remove(0))?;
        }
        let written = writer.finish(|_, _| Ok(()))?;
        let made = NgramIndex::open(folder.path(), &written.shards, written.width, size)?;
        let count = |n: usize| time(&contexts, |c| made.count(&c[..n]));
        let (two, eight) = (count(2)?, count(8)?);
        let next = time(&contexts, |c| Ok(made.next(&c[..3])?.ends))?;
        let longest = time(&contexts, |c| {
            Ok(made.longest_context_of(&c[..19], c[19])?.len as u64)
        })?;
        println!(
            "{} shards: count of 2 tokens {two}, of 8 {eight}, what follows 3 {next}, longest context {longest}",
            written.shards.len()
        );
    }
    Ok(())
}

/// Median and 95th percentile of single calls, and the sum of all answers.
fn time(
    contexts: &[Vec<u32>],
    ask: impl Fn(&[u32]) -> Result<u64, rotescope_corpus::CorpusError>,
) -> Result<String, Box<dyn Error>> {
    let (mut times, mut sum) = (Vec::with_capacity(contexts.len()), 0);
    // Once to warm up.
    for round in 0..2 {
        for context in contexts {
            let began = Instant::now();
            let answer = ask(context)?;
            if round == 1 {
                times.push(began.elapsed().as_secs_f64() * 1e6);
                sum += answer;
            }
        }
    }
    times.sort_by(f64::total_cmp);
    let (median, most) = (times[times.len() / 2], times[times.len() * 95 / 100]);
    Ok(format!("{median:.1} ({most:.1}; sum {sum})"))
}
