//! On real text: 10,000 random n-grams, half of them absent, counted by the index and by a scan.

use std::collections::HashMap;
use std::path::Path;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::{BuildOptions, Documents, LocalIndex, NgramCounts, build};
use rotescope_testing::repository;
use rotescope_vocab::{Encode, Vocabulary};

const LONGEST: usize = 12;
const EACH: usize = 5_000;

/// Counts by looking at every position of every document: from there on, along the tree of all n-grams.
fn scan(documents: &[Vec<u32>], ngrams: &[Vec<u32>]) -> Vec<u64> {
    // What stands at (node, token); node 0 is the root.
    let mut tree: HashMap<(usize, u32), usize> = HashMap::new();
    let mut nodes = 1;
    let leaves = ngrams.iter().map(|ngram| {
        ngram.iter().fold(0, |node, &token| {
            *tree.entry((node, token)).or_insert_with(|| {
                nodes += 1;
                nodes - 1
            })
        })
    });
    let leaves: Vec<usize> = leaves.collect();
    let mut counts = vec![0; nodes];
    for document in documents {
        for start in 0..document.len() {
            let mut node = 0;
            for &token in &document[start..] {
                let Some(&next) = tree.get(&(node, token)) else {
                    break;
                };
                counts[next] += 1;
                node = next;
            }
        }
    }
    leaves.into_iter().map(|leaf| counts[leaf]).collect()
}

pub fn compare(corpus: &Path, text_fields: &[&str], seed: u64) {
    let encoder = Vocabulary::from_json(&repository("models/pocket/tokenizer.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut options = BuildOptions::new(
        vec![corpus.to_path_buf()],
        folder.path().join("index"),
        "pocket".into(),
    );
    options.read.text_fields = text_fields
        .iter()
        .map(std::string::ToString::to_string)
        .collect();
    let built = build(&options, &encoder, &mut ()).unwrap();
    let index = LocalIndex::open(&options.out).unwrap();

    let all: Vec<u64> = (0..built.manifest.documents).collect();
    let documents = index.document_tokens(&all).unwrap();
    // The ids that are counted are those of the stored texts.
    for ordinal in (0..built.manifest.documents).step_by(97) {
        let text = index.document(ordinal).unwrap().text;
        let ids = encoder.encode_batch(&[&text]).unwrap().remove(0);
        assert_eq!(ids, documents[ordinal as usize], "document {ordinal}");
    }

    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut ngrams = Vec::new();
    while ngrams.len() < 5 * EACH {
        let document = &documents[rng.random_range(0..documents.len())];
        let n = rng.random_range(1..=LONGEST);
        if document.len() < n {
            continue;
        }
        let start = rng.random_range(0..=document.len() - n);
        let mut ngram = document[start..start + n].to_vec();
        if ngrams.len() >= EACH {
            let at = rng.random_range(0..n);
            ngram[at] = rng.random_range(0..encoder.size() as u32);
        }
        ngrams.push(ngram);
    }
    let scanned = scan(&documents, &ngrams);
    let (mut present, mut absent) = (0, 0);
    for (ngram, &count) in ngrams.iter().zip(&scanned) {
        let kind = if count > 0 { &mut present } else { &mut absent };
        if *kind == EACH {
            continue;
        }
        *kind += 1;
        assert_eq!(index.count(ngram).unwrap().value, count, "{ngram:?}");
    }
    assert_eq!((present, absent), (EACH, EACH));
    println!(
        "{}: {} of {} counts equal a scan of {} tokens",
        corpus.display(),
        present + absent,
        2 * EACH,
        built.manifest.tokens
    );
}

#[test]
fn pocket_corpus() {
    let corpus = repository("indexes/pocket/corpus.jsonl.zst");
    compare(&corpus, &["text"], 2);
}
