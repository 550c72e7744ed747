//! Whole indexes: built from files, opened, asked about words and documents, damaged.

use std::fs;

use crate::support::{Numbers, numbers, options};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::check::{CheckOptions, check};
use rotescope_corpus::{
    About, Answered, BuildOptions, Continuations, Cooccur, Corpus, CorpusError, CorpusInfo,
    Documents, LocalIndex, LocalQuestion, MemoryCorpus, NgramCounts, WordCounts, build, open,
    words,
};
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
fn the_documents_that_fit_best_are_those_by_the_formula() {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let mut text = || {
        let words = (0..rng.random_range(1..30)).map(|_| LANGUAGE[rng.random_range(0..8)]);
        words.collect::<Vec<_>>().join(" . ")
    };
    let texts: Vec<String> = (0..300).map(|_| text()).collect();
    let dir = tempfile::tempdir().unwrap();
    let (corpus, out) = (dir.path().join("corpus.jsonl"), dir.path().join("index"));
    let lines = texts
        .iter()
        .map(|t| serde_json::json!({ "text": t }).to_string() + "\n");
    fs::write(&corpus, lines.collect::<String>()).unwrap();
    build(&options(&corpus, &out), &Words, &mut ()).unwrap();
    let index = LocalIndex::open(&out).unwrap();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let memory = MemoryCorpus::of_texts("memory", &texts, &Words).unwrap();
    for words in [
        &["sea"][..],
        &["tea", "é", "tea"],
        &["coffee", "55"],
        &["coffee"],
        &["", "5"],
        &[],
    ] {
        let words: Vec<String> = words.iter().map(|w| (*w).to_string()).collect();
        let (found, want) = (
            index.best_documents(&words, 20).unwrap(),
            memory.best_documents(&words, 300).unwrap(),
        );
        assert_eq!(found.len(), want.len().min(20), "{words:?}");
        for (got, best) in found.iter().zip(&want) {
            assert!((got.1 - best.1).abs() < 1e-4, "{words:?}: {got:?} {best:?}");
            let own = want.iter().find(|w| w.0 == got.0).unwrap();
            assert!((got.1 - own.1).abs() < 1e-4, "{words:?}: {got:?} {own:?}");
        }
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
    let of_words = |d: &Vec<u32>| {
        let words: Vec<_> = d.iter().map(|&id| LANGUAGE[id as usize]).collect();
        words.join(" . ")
    };
    let texts: Vec<String> = documents.iter().map(of_words).collect();
    let lines = texts
        .iter()
        .map(|t| serde_json::json!({ "text": t }).to_string() + "\n");
    fs::write(&corpus, lines.collect::<String>()).unwrap();
    let out = dir.path().join("index");
    let built = build(&options(&corpus, &out), &Words, &mut ()).unwrap();
    let index = LocalIndex::open(&out).unwrap();
    let total = documents.iter().map(Vec::len).sum::<usize>() as u64;
    assert_eq!(built.manifest.words, total);
    assert_eq!(index.info().tokens, total);

    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let memory = MemoryCorpus::of_texts("memory", &texts, &Words).unwrap();
    assert_eq!(index.info().fingerprint, memory.info().fingerprint);
    assert_eq!(index.info().bytes, memory.info().bytes);
    let mut asked = LANGUAGE.map(String::from).to_vec();
    asked.push("absent".into());
    same_words(&index, &memory, &asked);
    // A word is a token here, so the other way of counting has to agree.
    for (a, word) in LANGUAGE.iter().enumerate() {
        for (b, other) in LANGUAGE.iter().enumerate() {
            for how in TOGETHER {
                let tokens = index.cooccurs_tokens(&[(&[a as u32], &[b as u32])], how);
                let words = index.cooccur(word, other, how);
                assert_eq!(tokens.unwrap()[0], words.unwrap(), "{word} {other} {how}");
            }
        }
    }
}

const TOGETHER: [Cooccur; 4] = [
    Cooccur::Document,
    Cooccur::Window(1),
    Cooccur::Window(10),
    Cooccur::Window(1000),
];

/// Both corpora say the same of some words, on the same basis.
fn same_words(a: &dyn Corpus, b: &dyn Corpus, words: &[String]) {
    assert_eq!(a.word_counts(words).unwrap(), b.word_counts(words).unwrap());
    let counts = [a, b].map(|c| c.word_document_counts(words).unwrap());
    assert_eq!(counts[0], counts[1]);
    let with: Vec<(String, String)> = words
        .iter()
        .flat_map(|a| words.iter().map(|b| (a.clone(), b.clone())))
        .collect();
    for how in TOGETHER {
        let (ours, theirs) = (
            a.cooccurs(&with, how).unwrap(),
            b.cooccurs(&with, how).unwrap(),
        );
        for ((pair, ours), theirs) in with.iter().zip(ours).zip(theirs) {
            assert_eq!(ours, theirs, "{pair:?} {how}");
        }
    }
    let ngrams: [&[u32]; 5] = [&[], &[0], &[1, 2], &[0, 0, 3], &[7, 7]];
    let counts = [a, b].map(|c| c.documents_with(words, &ngrams).unwrap());
    assert_eq!(counts[0], counts[1]);
}

/// An index and the same documents in memory answer alike, through the one trait for all.
#[test]
fn an_index_answers_as_a_corpus_in_memory() {
    let (_dir, path, out) = numbers(60);
    let index = open(&out).unwrap();
    let lines = fs::read_to_string(path).unwrap();
    let texts: Vec<String> = lines
        .lines()
        .map(|l| {
            serde_json::from_str::<serde_json::Value>(l).unwrap()["text"]
                .as_str()
                .unwrap()
                .to_string()
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let memory = MemoryCorpus::of_texts("memory", &texts, &Numbers(20)).unwrap();
    let memory: &dyn Corpus = &memory;
    let index = index.as_ref();
    assert_eq!(index.info().tokens, memory.info().tokens);
    assert_eq!(index.info().words, memory.info().words);
    assert_eq!(index.info().tokenizer, memory.info().tokenizer);

    let ngrams: [&[u32]; 6] = [&[], &[3], &[4, 5], &[5, 4], &[19, 0, 1], &[99]];
    let counts = |c: &dyn Corpus| {
        (
            c.counts(&ngrams).unwrap(),
            c.document_counts(&ngrams).unwrap(),
        )
    };
    assert_eq!(counts(index), counts(memory));
    assert_eq!(
        index.continuations(&ngrams).unwrap(),
        memory.continuations(&ngrams).unwrap()
    );
    assert_eq!(
        index.longest_suffixes(&ngrams).unwrap(),
        memory.longest_suffixes(&ngrams).unwrap()
    );
    let questions = ngrams.map(|context| LocalQuestion {
        context,
        token: 6,
        candidates: &[5, 6, 99],
    });
    assert_eq!(
        index.local_counts(&questions).unwrap(),
        memory.local_counts(&questions).unwrap()
    );
    let pairs = ngrams.map(|n| (n, &[5][..]));
    for how in TOGETHER {
        let [ours, theirs] = [index, memory].map(|c| c.cooccurs_tokens(&pairs, how).unwrap());
        assert_eq!(ours, theirs, "{how}");
    }
    assert_eq!(
        index.cnf_counts(&pairs, 3).unwrap(),
        memory.cnf_counts(&pairs, 3).unwrap()
    );
    assert_eq!(
        index.occurrences(&ngrams, 5, 2).unwrap(),
        memory.occurrences(&ngrams, 5, 2).unwrap()
    );
    same_words(index, memory, &["3", "5", "absent"].map(String::from));
    for ordinal in 0..60 {
        let (ours, theirs) = (
            index.document(ordinal).unwrap(),
            memory.document(ordinal).unwrap(),
        );
        assert_eq!((ours.text, ours.tokens), (theirs.text, theirs.tokens));
    }
    for corpus in [index, memory] {
        let error = corpus.document_tokens(&[3, 60]).unwrap_err();
        assert!(
            matches!(
                error,
                CorpusError::NoDocument {
                    ordinal: 60,
                    documents: 60
                }
            ),
            "{error}"
        );
    }
}

/// Answers nothing but what it is.
struct Silent;

impl About for Silent {
    fn info(&self) -> CorpusInfo {
        let name = MemoryCorpus::of_tokens("memory", Vec::new()).info();
        CorpusInfo {
            place: "silent:x".into(),
            ..name
        }
    }
}

impl NgramCounts for Silent {
    /// One answer, whatever is asked.
    fn continuations(&self, _: &[&[u32]]) -> Result<Vec<Answered<Continuations>>, CorpusError> {
        let none = Continuations {
            tokens: Vec::new(),
            ends: 0,
        };
        Ok(vec![
            Answered::occurrences(none.clone()),
            Answered::occurrences(none),
        ])
    }
}

impl WordCounts for Silent {}
impl Documents for Silent {}

#[test]
fn what_a_corpus_cannot_answer_is_an_error_that_names_it() {
    let silent: &dyn Corpus = &Silent;
    let word = || "tea".to_string();
    let question = LocalQuestion {
        context: &[1],
        token: 2,
        candidates: &[2],
    };
    let errors = [
        silent.count(&[1]).err(),
        silent.document_counts(&[&[1]]).err(),
        silent.candidate_counts(&[(&[1], &[2])]).err(),
        silent.longest_suffixes(&[&[1]]).err(),
        silent.local_counts(&[question]).err(),
        silent
            .cooccurs_tokens(&[(&[1], &[2])], Cooccur::Document)
            .err(),
        silent.cnf_counts(&[(&[1], &[2])], 9).err(),
        silent.word_count("tea").err(),
        silent.word_document_counts(&[word()]).err(),
        silent.cooccur("tea", "sea", Cooccur::Document).err(),
        silent.documents_with(&[word()], &[&[1]]).err(),
        silent.occurrences_of(&[1], 1, 0).err(),
        silent.document(0).err(),
        silent.document_tokens(&[0]).err(),
    ];
    for (n, error) in errors.into_iter().enumerate() {
        let error = error.unwrap_or_else(|| panic!("question {n} was answered"));
        assert!(matches!(error, CorpusError::Unsupported { .. }), "{error}");
        assert!(
            error
                .to_string()
                .starts_with("silent:x: this corpus cannot tell "),
            "{error}"
        );
    }
    let error = silent.next(&[1]).unwrap_err().to_string();
    assert_eq!(error, "silent:x: answered 2 of 1 questions");
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
    let found = index.occurrences_of(&[1, 2], 10, 0).unwrap().value;
    assert_eq!((found.count, found.documents), (2, Some(2)));
    let hits: Vec<_> = found
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
    // Nine tenths of 68 MiB, without the buckets of all ids, and 8.2 bytes a position; less what the program has by then.
    let first = cut.shards[0].positions;
    assert!((204_700..=204_815).contains(&first), "{first}");
    assert_eq!(whole.stream_sha256, cut.stream_sha256);
    let whole = LocalIndex::open(dir.path().join("whole")).unwrap();
    let cut = LocalIndex::open(dir.path().join("cut")).unwrap();
    for id in 0..950 {
        assert_eq!(whole.count(&[id]).unwrap(), cut.count(&[id]).unwrap());
        assert_eq!(whole.next(&[id]).unwrap(), cut.next(&[id]).unwrap());
    }
    let all: Vec<u64> = (0..whole.manifest().documents).collect();
    assert_eq!(
        whole.document_tokens(&all).unwrap(),
        cut.document_tokens(&all).unwrap()
    );
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
