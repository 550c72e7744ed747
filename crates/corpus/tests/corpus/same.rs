//! Two indexes of the same documents, asked everything.

use std::path::{Path, PathBuf};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::check::{CheckOptions, check};
use rotescope_corpus::{
    About, BuildOptions, Cooccur, Document, Documents, LocalIndex, LocalQuestion, NgramCounts,
    WordCounts, verbatim_spans, words,
};

/// Opens two indexes and holds every kind of answer of one against the other's. Hits, documents and the fingerprint say that the order is the same too.
pub fn same(one: &Path, other: &Path, seed: u64) {
    let (a, b) = (
        LocalIndex::open(one).unwrap(),
        LocalIndex::open(other).unwrap(),
    );
    let about = |i: &LocalIndex| {
        let info = i.info();
        (
            (info.documents, info.tokens, info.words, info.bytes),
            (info.fingerprint, info.tokenizer, info.tokenizer_name),
            i.manifest().sources.clone(),
        )
    };
    assert_eq!(about(&a), about(&b));
    for index in [&a, &b] {
        let full = CheckOptions {
            full: true,
            ..CheckOptions::default()
        };
        let findings = check(index, full, |_| ()).unwrap();
        assert!(findings.iter().all(|f| f.faults.is_empty()), "{findings:?}");
    }
    let all: Vec<u64> = (0..a.info().documents.unwrap()).collect();
    let documents = a.documents(&all).unwrap();
    assert_eq!(documents, b.documents(&all).unwrap());
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let tokens: Vec<&[u32]> = documents.iter().map(|d| d.tokens.as_slice()).collect();
    same_ngrams(&a, &b, &tokens, &mut rng);
    same_words(&a, &b, &documents, &mut rng);
}

/// N-grams of the documents, some with another last token; some over the border of two documents, where none may be found.
fn ngrams(documents: &[&[u32]], rng: &mut ChaCha8Rng) -> Vec<Vec<u32>> {
    let mut found: Vec<Vec<u32>> = vec![Vec::new(), vec![u32::MAX], vec![u32::from(u16::MAX)]];
    for n in 0..400 {
        let number = rng.random_range(0..documents.len());
        let document = documents[number];
        let start = rng.random_range(0..=document.len());
        let len = rng.random_range(1..9).min(document.len() - start);
        let mut ngram = document[start..start + len].to_vec();
        if n % 5 == 0 && number + 1 < documents.len() {
            let next = documents[number + 1];
            ngram = document[document.len().saturating_sub(3)..].to_vec();
            ngram.extend(&next[..next.len().min(3)]);
        } else if n % 4 == 0
            && let Some(last) = ngram.last_mut()
        {
            *last = last.saturating_sub(1);
        }
        found.push(ngram);
    }
    found
}

fn same_ngrams(a: &LocalIndex, b: &LocalIndex, documents: &[&[u32]], rng: &mut ChaCha8Rng) {
    let ngrams = ngrams(documents, rng);
    let asked: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
    assert_eq!(a.counts(&asked).unwrap(), b.counts(&asked).unwrap());
    let [x, y] = [a, b].map(|i| i.document_counts(&asked).unwrap());
    assert_eq!(x, y);
    let [x, y] = [a, b].map(|i| i.continuations(&asked).unwrap());
    assert_eq!(x, y);
    let [x, y] = [a, b].map(|i| i.longest_suffixes(&asked).unwrap());
    assert_eq!(x, y);
    for (limit, offset) in [(3, 0), (20, 2), (1000, 0)] {
        let [x, y] = [a, b].map(|i| i.occurrences(&asked, limit, offset).unwrap());
        assert_eq!(x, y);
    }
    // A long context whose parts lie in several documents.
    let contexts: Vec<Vec<u32>> = asked.windows(3).map(<[_]>::concat).collect();
    let questions: Vec<_> = contexts
        .iter()
        .zip(&ngrams)
        .filter_map(|(context, ngram)| {
            let token = *ngram.first()?;
            Some(LocalQuestion {
                context,
                token,
                candidates: ngram,
            })
        })
        .collect();
    let [x, y] = [a, b].map(|i| i.local_counts(&questions).unwrap());
    assert_eq!(x, y);
    for context in contexts.iter().take(40) {
        let [x, y] = [a, b].map(|i| verbatim_spans(i, context, 2).unwrap());
        assert_eq!(x, y);
    }
    let pairs: Vec<(&[u32], &[u32])> = (0..60)
        .map(|_| {
            let mut one = || asked[rng.random_range(0..asked.len())];
            let a = one();
            (a.get(..1).unwrap_or_default(), one())
        })
        .chain([(asked[3], asked[3])])
        .collect();
    for how in TOGETHER {
        let [x, y] = [a, b].map(|i| i.cooccurs_tokens(&pairs, how).unwrap());
        assert_eq!(x, y, "{how}");
    }
    let [x, y] = [a, b].map(|i| i.cnf_counts(&pairs, 12).unwrap());
    assert_eq!(x, y);
}

const TOGETHER: [Cooccur; 3] = [Cooccur::Document, Cooccur::Window(4), Cooccur::Window(300)];

fn same_words(a: &LocalIndex, b: &LocalIndex, documents: &[Document], rng: &mut ChaCha8Rng) {
    let mut asked: Vec<String> = vec!["absent".into(), String::new()];
    for _ in 0..30 {
        let text = &documents[rng.random_range(0..documents.len())].text;
        let words = words::split(text);
        if !words.is_empty() {
            let (_, word) = &words[rng.random_range(0..words.len())];
            asked.push(word.to_string());
        }
    }
    let [x, y] = [a, b].map(|i| i.word_counts(&asked).unwrap());
    assert_eq!(x, y);
    let [x, y] = [a, b].map(|i| i.word_document_counts(&asked).unwrap());
    assert_eq!(x, y);
    let pairs: Vec<(String, String)> = (0..60)
        .map(|_| {
            let mut one = || asked[rng.random_range(0..asked.len())].clone();
            (one(), one())
        })
        .collect();
    for how in TOGETHER {
        let [x, y] = [a, b].map(|i| i.cooccurs(&pairs, how).unwrap());
        assert_eq!(x, y, "{how}");
    }
    let ngrams: Vec<&[u32]> = documents.iter().take(5).map(|d| &d.tokens[..]).collect();
    let [x, y] = [a, b].map(|i| i.documents_with(&asked, &ngrams).unwrap());
    assert_eq!(x, y);
    for some in asked.chunks(3) {
        // All of them: which of two that fit equally well comes last depends on segments.
        let [x, y] = [a, b].map(|i| i.best_documents(some, documents.len()).unwrap());
        assert_eq!(x.len(), y.len());
        let (mut x, mut y) = (x, y);
        x.sort_by_key(|d| d.0);
        y.sort_by_key(|d| d.0);
        for (x, y) in x.iter().zip(&y) {
            assert!(x.0 == y.0 && (x.1 - y.1).abs() < 1e-4, "{x:?} {y:?}");
        }
    }
}

/// Options for files that become an index.
pub fn of_files(files: &[PathBuf], out: &Path) -> BuildOptions {
    BuildOptions::new(files.to_vec(), out.to_path_buf(), "test".into())
}
