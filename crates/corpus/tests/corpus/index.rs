//! Whole indexes: built from files, opened, asked about words and documents, damaged.

use std::collections::BTreeMap;
use std::fs;

use crate::support::{Numbers, numbers, options, scan};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::check::{CheckOptions, check};
use rotescope_corpus::{BuildOptions, Cooccur, Corpus, CorpusError, LocalIndex, build, words};
use rotescope_vocab::{Encode, VocabError};

/// Words of a small language, a word a token: enough for words and tokens to be compared.
struct Words;

const LANGUAGE: [&str; 8] = ["tea", "Tea", "don't", "5", "55", "+", "é", "sea"];

impl Encode for Words {
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
        let id = |w: &str| LANGUAGE.iter().position(|&l| l == w).expect("a word") as u32;
        let encode = |text: &&str| words::split(text).into_iter().map(|(_, w)| id(w)).collect();
        Ok(texts.iter().map(encode).collect())
    }

    fn token_bytes(&self, id: u32) -> Vec<u8> {
        LANGUAGE[id as usize].as_bytes().to_vec()
    }

    fn size(&self) -> usize {
        LANGUAGE.len()
    }

    fn fingerprint(&self) -> &str {
        "words"
    }
}

#[test]
fn words_equal_brute_force() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let documents: Vec<Vec<u32>> = (0..700)
        .map(|_| {
            let len = if rng.random_bool(0.1) {
                rng.random_range(0..300)
            } else {
                rng.random_range(0..12)
            };
            let rare = rng.random_bool(0.02);
            // "sea" is much rarer than the others, which is answered in another way.
            (0..len)
                .map(|_| rng.random_range(0..if rare { 8 } else { 7 }))
                .collect()
        })
        .collect();
    let dir = tempfile::tempdir().unwrap();
    let corpus = dir.path().join("corpus.jsonl");
    let lines = documents.iter().map(|d| {
        let text: Vec<_> = d.iter().map(|&id| LANGUAGE[id as usize]).collect();
        serde_json::json!({ "text": text.join(" . ") }).to_string() + "\n"
    });
    fs::write(&corpus, lines.collect::<String>()).unwrap();
    let out = dir.path().join("index");
    let built = build(&options(&corpus, &out), &Words, &mut ()).unwrap();
    let index = LocalIndex::open(&out).unwrap();
    let total = documents.iter().map(Vec::len).sum::<usize>() as u64;
    assert_eq!(built.manifest.words, total);
    assert_eq!(index.info().tokens, total);

    let places = |w: usize| scan(&documents, &[w as u32]);
    let mut pairs = Vec::new();
    for (w, word) in LANGUAGE.iter().enumerate() {
        let count = index.word_count(word).unwrap();
        let mut documents: Vec<_> = places(w).iter().map(|p| p.0).collect();
        assert_eq!(count.places, documents.len() as u64, "{word}");
        documents.dedup();
        assert_eq!(count.documents, documents.len() as u64, "{word}");
        for other in LANGUAGE {
            pairs.push((word.to_string(), other.to_string()));
        }
    }
    pairs.push(("tea".into(), "absent".into()));
    pairs.push(("absent".into(), "absent".into()));
    for how in [
        Cooccur::Document,
        Cooccur::Window(1),
        Cooccur::Window(10),
        Cooccur::Window(1000),
    ] {
        let together = index.cooccurs(&pairs, how).unwrap();
        for ((a, b), &count) in pairs.iter().zip(&together) {
            let position = |w: &str| LANGUAGE.iter().position(|&l| l == w);
            let want = match (position(a), position(b)) {
                (Some(x), Some(y)) => {
                    let mut by_document: BTreeMap<u64, u64> = BTreeMap::new();
                    for (i, &(d, p)) in places(x).iter().enumerate() {
                        for (j, &(e, q)) in places(y).iter().enumerate() {
                            let near = match how {
                                Cooccur::Document => true,
                                Cooccur::Window(n) => p.abs_diff(q) <= n,
                            };
                            if d == e && near && (x != y || i < j) {
                                *by_document.entry(d).or_default() += 1;
                            }
                        }
                    }
                    match how {
                        Cooccur::Document => by_document.len() as u64,
                        Cooccur::Window(_) => by_document.values().sum(),
                    }
                }
                _ => 0,
            };
            assert_eq!(count, want, "{a} {b} {how}");
            // A word is a token here, so the other way of counting has to agree.
            if let (Some(x), Some(y)) = (position(a), position(b)) {
                assert_eq!(
                    index.cooccur_tokens(&[x as u32], &[y as u32], how).unwrap(),
                    want
                );
            }
        }
    }
}

#[test]
fn documents_come_back_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("corpus");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.jsonl"), "{\"id\":\"x-1\",\"text\":\"1 2\",\"task\":\"sum\",\"deep\":{\"n\":[1]}}\n\n{\"text\":\"\"}\n").unwrap();
    fs::write(folder.join("b.txt"), "3 4\n\n5 1 2").unwrap();
    let mut options = options(&folder, &dir.path().join("index"));
    options.read.paragraphs = true;
    let built = build(&options, &Numbers(20), &mut ()).unwrap();
    assert_eq!(built.manifest.sources.len(), 2);
    assert_eq!(built.manifest.sources[0].documents, 2);
    let index = LocalIndex::open(&options.out).unwrap();
    let document = index.document(0).unwrap();
    assert_eq!(document.id.as_deref(), Some("x-1"));
    assert_eq!(document.text, "1 2");
    assert_eq!(
        serde_json::Value::Object(document.meta).to_string(),
        r#"{"task":"sum","deep":{"n":[1]}}"#
    );
    assert!(document.source.ends_with("a.jsonl"), "{}", document.source);
    assert_eq!(
        (document.line, document.byte, document.tokens),
        (1, 0, vec![1, 2])
    );
    let empty = index.document(1).unwrap();
    assert_eq!(
        (empty.text.as_str(), empty.line, empty.tokens.len()),
        ("", 3, 0)
    );
    let last = index.document(3).unwrap();
    assert_eq!((last.text.as_str(), last.line, last.byte), ("5 1 2", 3, 5));
    let places = Corpus::documents(&index, &[1, 2], 10, 0).unwrap();
    let hits: Vec<_> = places
        .hits
        .iter()
        .map(|h| (h.document, h.position))
        .collect();
    assert_eq!(hits, [(0, 0), (3, 1)]);
    let error = index.document(4).unwrap_err();
    assert!(
        matches!(
            error,
            CorpusError::NoDocument {
                ordinal: 4,
                documents: 4
            }
        ),
        "{error}"
    );
}

/// Asking an index never writes to its folder, which may be read-only.
#[test]
fn asking_changes_no_file() {
    let (_dir, _, out) = numbers(50);
    let list = |folder: &str| -> Vec<_> {
        let entries = fs::read_dir(out.join(folder)).unwrap();
        let mut all: Vec<_> = entries
            .map(|e| e.unwrap())
            .map(|e| (e.file_name(), e.metadata().unwrap().modified().unwrap()))
            .collect();
        all.sort();
        all
    };
    let folders = ["", "documents", "ngrams"];
    let before = folders.map(list);
    let index = LocalIndex::open(&out).unwrap();
    index.document(3).unwrap();
    index.cooccur("1", "2", Cooccur::Window(3)).unwrap();
    check(&index, CheckOptions::default(), |_| ()).unwrap();
    assert_eq!(folders.map(list), before);
}

#[test]
fn memory_decides_the_shards_but_no_answer() {
    let dir = tempfile::tempdir().unwrap();
    let corpus = dir.path().join("corpus.txt");
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    // Wide ids of a vocabulary so large that little memory is left for sorting.
    let documents: Vec<String> = (0..9000)
        .map(|_| {
            (0..rng.random_range(0..90))
                .map(|_| rng.random_range(0..900_000u32).isqrt().to_string())
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    fs::write(&corpus, documents.join("\n\n")).unwrap();
    let mut options = options(&corpus, &dir.path().join("whole"));
    options.read.paragraphs = true;
    let encoder = Numbers(900_000);
    let whole = build(&options, &encoder, &mut ()).unwrap().manifest;
    options.out = dir.path().join("cut");
    options.memory = BuildOptions::LEAST_MEMORY + (4 << 20);
    let cut = build(&options, &encoder, &mut ()).unwrap().manifest;
    assert_eq!(whole.shards.len(), 1);
    assert!(cut.shards.len() > 1, "{:?}", cut.shards);
    assert_eq!(whole.stream_sha256, cut.stream_sha256);
    let whole = LocalIndex::open(dir.path().join("whole")).unwrap();
    let cut = LocalIndex::open(dir.path().join("cut")).unwrap();
    for id in 0..950 {
        assert_eq!(whole.count(&[id]).unwrap(), cut.count(&[id]).unwrap());
        assert_eq!(whole.next(&[id]).unwrap(), cut.next(&[id]).unwrap());
    }
    for ordinal in 0..whole.info().documents {
        assert_eq!(
            whole.document_tokens(ordinal).unwrap(),
            cut.document_tokens(ordinal).unwrap()
        );
    }
    for index in [&whole, &cut] {
        let findings = check(
            index,
            CheckOptions {
                full: true,
                ..CheckOptions::default()
            },
            |_| (),
        )
        .unwrap();
        assert!(findings.iter().all(|f| f.faults.is_empty()), "{findings:?}");
    }
    options.memory = 1 << 20;
    let error = build(&options, &encoder, &mut ()).unwrap_err();
    assert!(error.to_string().contains("--memory 64M"), "{error}");
}
