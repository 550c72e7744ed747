//! The same corpus and the same questions for other programs: what `scripts/bench-peers.py` reads.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::{
    Cooccur, CorpusError, Documents, LocalIndex, LocalQuestion, NgramCounts, values,
};
use serde_json::json;

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
/// from random places and the same with the last token replaced, each with its count here and the seconds that counting took, and what follows those
/// from the corpus; tokens of random places with what stands before them, and how often each of 21 candidates follows the longest context that occurs
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
    let mut asked: BTreeMap<(usize, &str), Vec<Vec<u32>>> = BTreeMap::new();
    for n in [1, 2, 3, 4, 8] {
        while asked.get(&(n, "changed")).is_none_or(|a| a.len() < NGRAMS) {
            let tokens = index
                .document_tokens(&[rng.random_range(0..documents)])?
                .remove(0);
            if tokens.len() < n {
                continue;
            }
            let start = rng.random_range(0..=tokens.len() - n);
            let mut ngram = tokens[start..start + n].to_vec();
            let present = asked.entry((n, "present")).or_default();
            present.push(ngram.clone());
            ngram[n - 1] = rng.random_range(0..size as u32);
            asked.entry((n, "changed")).or_default().push(ngram);
        }
    }
    let mut out = create("queries.jsonl")?;
    let mut line = |line: &serde_json::Value| writeln!(out, "{line}");
    for ((n, kind), ngrams) in asked {
        let counts = timed(&ngrams, |ngram| Ok(index.count(ngram)?.value))?;
        for (ngram, (count, seconds)) in ngrams.iter().zip(counts) {
            line(
                &json!({ "n": n, "kind": kind, "ids": ngram, "count": count, "seconds": seconds }),
            )?;
        }
        if kind == "present" {
            let nexts = timed(&ngrams, |ngram| Ok(index.next(ngram)?.value))?;
            for (ngram, (next, seconds)) in ngrams.iter().zip(nexts) {
                line(
                    &json!({ "n": n, "kind": "next", "ids": ngram, "count": next.total(), "next": next.tokens, "seconds": seconds }),
                )?;
            }
        }
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
    let mut locals = Vec::new();
    for _ in 0..LOCALS {
        let context = stretch(CONTEXT + 1)?;
        let candidates = (0..CANDIDATES).map(|_| Ok(stretch(1)?[0]));
        locals.push((
            context,
            candidates.collect::<Result<Vec<_>, Box<dyn Error>>>()?,
        ));
    }
    let counts = timed(&locals, |(context, candidates)| {
        let question = LocalQuestion {
            context: &context[..CONTEXT],
            token: context[CONTEXT],
            candidates,
        };
        Ok(values(index.local_counts(&[question])?).remove(0))
    })?;
    for ((context, candidates), (found, seconds)) in locals.iter().zip(counts) {
        line(
            &json!({ "kind": "local", "ids": context, "candidates": candidates, "counts": found.candidates, "seconds": seconds }),
        )?;
    }
    let pairs = (0..PAIRS).map(|_| Ok([stretch(1)?, stretch(1)?]));
    let pairs = pairs.collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    // Not through the index, which holds answers.
    let exact = timed(&pairs, |[a, b]| {
        index.ngrams().cooccur(a, b, Cooccur::Window(APART))
    })?;
    for ([a, b], (exact, seconds)) in pairs.iter().zip(exact) {
        let count = index.ngrams().cnf_count(a, b, APART.into())?;
        line(
            &json!({ "kind": "pair", "ids": [a[0], b[0]], "count": count, "exact": exact, "seconds": seconds }),
        )?;
    }
    Ok(out.flush()?)
}

/// Prints how often an n-gram occurs, and the seconds that opening the index and counting took.
pub fn count(index: &Path, ids: &[&str]) -> Result<(), Box<dyn Error>> {
    let ngram = ids.iter().map(|id| id.parse());
    let ngram = ngram.collect::<Result<Vec<u32>, _>>()?;
    let began = Instant::now();
    let count = LocalIndex::open(index)?.count(&ngram)?.value;
    let seconds = began.elapsed().as_secs_f64();
    println!("{}", json!({ "count": count, "seconds": seconds }));
    Ok(())
}

/// The answer to each question and the seconds that it took, as the peers are asked: each once before.
fn timed<Q, A>(
    questions: &[Q],
    ask: impl Fn(&Q) -> Result<A, CorpusError>,
) -> Result<Vec<(A, f64)>, CorpusError> {
    for question in questions {
        ask(question)?;
    }
    let timed = |question| {
        let began = Instant::now();
        let answer = ask(question)?;
        Ok((answer, began.elapsed().as_secs_f64()))
    };
    questions.iter().map(timed).collect()
}
