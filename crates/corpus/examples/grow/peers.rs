//! The same corpus and the same questions for other programs: what `scripts/bench-peers.py` reads.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::{Cooccur, Documents, LocalIndex, LocalQuestion, NgramCounts, values};

/// N-grams of each length and kind.
const NGRAMS: usize = 500;
/// Tokens whose candidates are counted, and candidates of each.
const LOCALS: usize = 200;
const CANDIDATES: usize = 21;
/// Tokens before one that are looked at.
const CONTEXT: usize = 32;
/// Pairs of tokens that are asked for together, and how far apart they are at most.
const PAIRS: usize = 100;
const APART: u32 = 1000;

/// Writes into a folder: `tokenized.0` and `offset.0`, token ids as infini-gram has them (u16, 0xFFFF before each document); and `queries.jsonl`: n-grams
/// from random places and the same with the last token replaced, each with its count here and the seconds that counting took; of every fourth also
/// what follows it; tokens of random places with what stands before them, and how often each of 21 candidates follows the longest context that occurs
/// with the token; and pairs of tokens, with infini-gram's count of both and the exact one of pairs of occurrences.
pub fn write(index: &LocalIndex, folder: &Path) -> Result<(), Box<dyn Error>> {
    let documents = index.manifest().documents;
    let size = index.manifest().tokenizer.size;
    if size >= usize::from(u16::MAX) {
        return Err("the peers are given ids of 16 bits, and this vocabulary is larger".into());
    }
    std::fs::create_dir_all(folder)?;
    let create =
        |name| File::create(folder.join(name)).map(|f| BufWriter::with_capacity(1 << 20, f));
    let (mut ids, mut offsets) = (create("tokenized.0")?, create("offset.0")?);
    let mut at = 0u64;
    for ordinal in 0..documents {
        let tokens = index.document_tokens(&[ordinal])?.remove(0);
        offsets.write_all(&at.to_le_bytes())?;
        ids.write_all(&u16::MAX.to_le_bytes())?;
        for &id in &tokens {
            ids.write_all(&(id as u16).to_le_bytes())?;
        }
        at += 2 * (tokens.len() as u64 + 1);
    }
    ids.flush()?;
    offsets.flush()?;

    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut asked: Vec<(usize, &str, Vec<u32>)> = Vec::new();
    for n in [1, 2, 3, 4, 8] {
        let mut found = 0;
        while found < NGRAMS {
            let tokens = index
                .document_tokens(&[rng.random_range(0..documents)])?
                .remove(0);
            if tokens.len() < n {
                continue;
            }
            let start = rng.random_range(0..=tokens.len() - n);
            let mut ngram = tokens[start..start + n].to_vec();
            asked.push((n, "present", ngram.clone()));
            ngram[n - 1] = rng.random_range(0..size as u32);
            asked.push((n, "changed", ngram));
            found += 1;
        }
    }
    // Once to warm up.
    for (.., ngram) in &asked {
        index.count(ngram)?;
    }
    let mut out = create("queries.jsonl")?;
    for (i, (n, kind, ngram)) in asked.iter().enumerate() {
        let began = Instant::now();
        let count = index.count(ngram)?.value;
        let seconds = began.elapsed().as_secs_f64();
        let mut line = serde_json::json!({ "n": n, "kind": kind, "ids": ngram, "count": count, "seconds": seconds });
        if i % 4 == 0 {
            index.next(ngram)?;
            let began = Instant::now();
            let next = index.next(ngram)?.value;
            line["next_seconds"] = began.elapsed().as_secs_f64().into();
            line["next"] = serde_json::to_value(next.tokens)?;
        }
        writeln!(out, "{line}")?;
    }
    let mut stretch = |n: usize| -> Result<Vec<u32>, Box<dyn Error>> {
        loop {
            let document = [rng.random_range(0..documents)];
            let tokens = index.document_tokens(&document)?.remove(0);
            if tokens.len() >= n {
                let start = rng.random_range(0..=tokens.len() - n);
                return Ok(tokens[start..start + n].to_vec());
            }
        }
    };
    for _ in 0..LOCALS {
        let context = stretch(CONTEXT + 1)?;
        let candidates = (0..CANDIDATES).map(|_| Ok(stretch(1)?[0]));
        let candidates = candidates.collect::<Result<Vec<_>, Box<dyn Error>>>()?;
        let question = LocalQuestion {
            context: &context[..CONTEXT],
            token: context[CONTEXT],
            candidates: &candidates,
        };
        index.local_counts(&[question])?;
        let began = Instant::now();
        let found = values(index.local_counts(&[question])?).remove(0);
        let seconds = began.elapsed().as_secs_f64();
        let line = serde_json::json!({ "kind": "local", "ids": context, "candidates": candidates, "counts": found.candidates, "seconds": seconds });
        writeln!(out, "{line}")?;
    }
    for _ in 0..PAIRS {
        let (a, b) = (stretch(1)?, stretch(1)?);
        let pair: [(&[u32], &[u32]); 1] = [(&a, &b)];
        let count = values(index.cnf_counts(&pair, APART.into())?)[0];
        let began = Instant::now();
        // Not through the index, which holds answers.
        let exact = index.ngrams().cooccur(&a, &b, Cooccur::Window(APART))?;
        let seconds = began.elapsed().as_secs_f64();
        let line = serde_json::json!({ "kind": "pair", "ids": [a[0], b[0]], "count": count, "exact": exact, "seconds": seconds });
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}
