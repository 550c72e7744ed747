//! Whole indexes: built from files, opened, asked about words and documents, damaged.

mod corpus_support;

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use corpus_support::{Numbers, scan};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope::corpus::check::{CheckOptions, check};
use rotescope::corpus::{
    BuildOptions, Cooccur, Corpus, CorpusError, LocalIndex, Phase, Progress, Status, build, words,
};
use rotescope::vocab::{Encode, VocabError};

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

fn options(input: &Path, out: &Path) -> BuildOptions {
    BuildOptions::new(vec![input.to_path_buf()], out.to_path_buf(), "test".into())
}

/// A folder with a corpus of `documents` documents `1 2 3 ...` and their index.
fn numbers(documents: usize) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let corpus = dir.path().join("corpus.jsonl");
    let lines: Vec<_> = (0..documents)
        .map(|d| {
            let ids: Vec<_> = (0..d % 9).map(|i| ((d * 7 + i) % 20).to_string()).collect();
            serde_json::json!({"id": d, "text": ids.join(" "), "kind": d % 3}).to_string()
        })
        .collect();
    fs::write(&corpus, lines.join("\n")).unwrap();
    let out = dir.path().join("index");
    build(&options(&corpus, &out), &Numbers(20), &mut ()).unwrap();
    (dir, corpus, out)
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

#[test]
fn an_index_is_replaced_only_when_told() {
    let (dir, corpus, out) = numbers(10);
    let again = options(&corpus, &out);
    let error = build(&again, &Numbers(20), &mut ()).unwrap_err();
    assert!(matches!(error, CorpusError::Exists { .. }), "{error}");
    fs::write(&corpus, "{\"text\": \"7 7 7\"}").unwrap();
    let open_before = LocalIndex::open(&out).unwrap();
    build(
        &BuildOptions {
            force: true,
            ..again.clone()
        },
        &Numbers(20),
        &mut (),
    )
    .unwrap();
    assert_eq!(LocalIndex::open(&out).unwrap().count(&[7, 7]).unwrap(), 2);
    // Who has the old one open goes on with it.
    assert_eq!(open_before.info().documents, 10);
    assert_eq!(open_before.count(&[7, 7]).unwrap(), 0);
    assert_eq!(names(dir.path()), ["corpus.jsonl", "index"]);

    let precious = dir.path().join("precious");
    fs::create_dir(&precious).unwrap();
    fs::write(precious.join("thesis.txt"), "years").unwrap();
    let mistaken = BuildOptions {
        force: true,
        out: precious.clone(),
        ..again
    };
    let error = build(&mistaken, &Numbers(20), &mut ()).unwrap_err();
    assert!(matches!(error, CorpusError::NotOurs { .. }), "{error}");
    assert!(precious.join("thesis.txt").exists());
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Stops, or dies, in a phase of the build.
struct Until(Phase, bool);

impl Progress for Until {
    fn report(&mut self, status: &Status) -> ControlFlow<()> {
        if status.phase != self.0 {
            return ControlFlow::Continue(());
        }
        if self.1 {
            std::process::abort();
        }
        ControlFlow::Break(())
    }
}

const PHASES: [Phase; 3] = [Phase::Reading, Phase::Sorting, Phase::Hashing];

#[test]
fn a_stopped_build_leaves_nothing() {
    let (dir, corpus, _) = numbers(10);
    let out = dir.path().join("stopped");
    for phase in PHASES {
        let error = build(
            &options(&corpus, &out),
            &Numbers(20),
            &mut Until(phase, false),
        )
        .unwrap_err();
        assert!(matches!(error, CorpusError::Stopped), "{error}");
        assert_eq!(names(dir.path()), ["corpus.jsonl", "index"]);
    }
    fs::write(&corpus, "{\"text\": \"1\"}\n{\"text\": 1}\n").unwrap();
    build(&options(&corpus, &out), &Numbers(20), &mut ()).unwrap_err();
    assert_eq!(names(dir.path()), ["corpus.jsonl", "index"]);
}

/// Not a test of its own: the build that `a_killed_build_never_looks_finished` kills.
#[test]
fn build_that_dies() {
    let Ok(spec) = std::env::var("ROTESCOPE_TEST_DIES") else {
        return;
    };
    let (phase, folder) = spec.split_once(':').unwrap();
    let folder = Path::new(folder);
    let phase = PHASES[phase.parse::<usize>().unwrap()];
    let _ = build(
        &options(&folder.join("corpus.jsonl"), &folder.join("killed")),
        &Numbers(20),
        &mut Until(phase, true),
    );
}

#[test]
fn a_killed_build_never_looks_finished() {
    let (dir, corpus, _) = numbers(10);
    let out = dir.path().join("killed");
    for phase in 0..PHASES.len() {
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "build_that_dies"])
            .env(
                "ROTESCOPE_TEST_DIES",
                format!("{phase}:{}", dir.path().display()),
            )
            .output()
            .unwrap()
            .status;
        assert!(!status.success());
        assert!(
            names(dir.path())
                .iter()
                .any(|n| n.starts_with("killed.partial-")),
            "{:?}",
            names(dir.path())
        );
        assert!(!out.exists());
        for name in names(dir.path())
            .iter()
            .filter(|n| n.starts_with("killed.partial-"))
        {
            let error = LocalIndex::open(dir.path().join(name)).err().unwrap();
            assert!(matches!(error, CorpusError::NotAnIndex { .. }), "{error}");
        }
    }
    build(&options(&corpus, &out), &Numbers(20), &mut ()).unwrap();
    assert_eq!(names(dir.path()), ["corpus.jsonl", "index", "killed"]);

    // Killed between the two renames of a replacement.
    fs::rename(&out, dir.path().join("killed.old-1")).unwrap();
    let error = build(&options(&corpus, &out), &Numbers(20), &mut ()).unwrap_err();
    assert!(matches!(error, CorpusError::Exists { .. }), "{error}");
    LocalIndex::open(&out).unwrap();
}

#[test]
fn truncated_and_missing_files_are_named() {
    let (_dir, _, out) = numbers(40);
    let index = LocalIndex::open(&out).unwrap();
    let files: Vec<_> = index
        .manifest()
        .files
        .iter()
        .map(|f| f.path.clone())
        .collect();
    drop(index);
    assert!(
        files.iter().any(|f| f.ends_with(".sa")) && files.iter().any(|f| f.ends_with(".store"))
    );
    for file in files {
        let path = out.join(&file);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        match LocalIndex::open(&out).err().unwrap() {
            CorpusError::WrongSize {
                path: p,
                expected,
                found,
            } => {
                assert_eq!(
                    (p, expected, found),
                    (path.clone(), bytes.len() as u64, bytes.len() as u64 - 1)
                );
            }
            other => panic!("{other}"),
        }
        fs::remove_file(&path).unwrap();
        let error = LocalIndex::open(&out).err().unwrap();
        assert!(
            matches!(&error, CorpusError::MissingFile { path: p } if *p == path),
            "{error}"
        );
        fs::write(&path, &bytes).unwrap();
    }
    LocalIndex::open(&out).unwrap();
    let manifest = fs::read_to_string(out.join("manifest.json")).unwrap();
    fs::write(out.join("manifest.json"), &manifest[..manifest.len() / 2]).unwrap();
    let error = LocalIndex::open(&out).err().unwrap();
    assert!(error.to_string().contains("manifest.json"), "{error}");
    let error = LocalIndex::open(out.join("nowhere")).err().unwrap();
    assert!(
        error.to_string().contains("there is no such folder"),
        "{error}"
    );
}

#[test]
fn check_finds_flipped_bits() {
    let (_dir, _, out) = numbers(200);
    let options = CheckOptions {
        full: true,
        ..CheckOptions::default()
    };
    let faults = |out: &Path| {
        let index = LocalIndex::open(out).unwrap();
        let findings = check(&index, options, |_| ()).unwrap();
        findings
            .into_iter()
            .filter(|f| !f.faults.is_empty())
            .map(|f| f.what)
            .collect::<Vec<_>>()
    };
    assert!(faults(&out).is_empty());
    for (extension, says) in [
        ("sa", "order"),
        ("ids", "tables"),
        ("heads", "tables"),
        ("docs", "tables"),
        ("blocks", "tables"),
    ] {
        let path = out.join(format!("ngrams/shard-000.{extension}"));
        let bytes = fs::read(&path).unwrap();
        let mut wrong = bytes.clone();
        // A small change, to a number that stays in range.
        let at = bytes.len() / 2 / 4 * 4;
        wrong[at] ^= 1;
        fs::write(&path, &wrong).unwrap();
        let found = faults(&out);
        assert!(
            found.iter().any(|f| f.starts_with("hashes")),
            "{extension}: {found:?}"
        );
        assert!(
            found.iter().any(|f| f.starts_with(says)),
            "{extension}: {found:?}"
        );
        fs::write(&path, &bytes).unwrap();
    }
    assert!(faults(&out).is_empty());
}

#[test]
fn another_tokenizer_and_a_newer_format_are_refused() {
    let (_dir, _, out) = numbers(5);
    let index = LocalIndex::open(&out).unwrap();
    index.expect_tokenizer(&Numbers(20), "same").unwrap();
    let message = index
        .expect_tokenizer(&Words, "words.json")
        .unwrap_err()
        .to_string();
    for part in ["numbers", "words", "words.json", "test"] {
        assert!(message.contains(part), "{message}");
    }
    drop(index);
    let path = out.join("manifest.json");
    let manifest = fs::read_to_string(&path).unwrap();
    // The newer one may look different in everything but its head.
    let newer = r#"{"format": "rotescope.index", "version": 2, "needs": "0.9.0", "made_by": "1.2.3", "news": []}"#;
    fs::write(&path, newer).unwrap();
    let message = LocalIndex::open(&out).err().unwrap().to_string();
    assert!(
        message.contains("made by a newer rotescope (1.2.3): needs rotescope >= 0.9.0"),
        "{message}"
    );
    fs::write(&path, manifest.replace("rotescope.index", "something.else")).unwrap();
    let message = LocalIndex::open(&out).err().unwrap().to_string();
    assert!(message.contains("not a rotescope index"), "{message}");
}

#[test]
fn inputs_without_documents_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let corpus = dir.path().join("empty.jsonl");
    fs::write(&corpus, "\n\n").unwrap();
    let error = build(
        &options(&corpus, &dir.path().join("out")),
        &Numbers(20),
        &mut (),
    )
    .unwrap_err();
    assert!(matches!(error, CorpusError::NoDocuments { .. }), "{error}");
    assert!(error.to_string().contains("empty.jsonl"), "{error}");
    assert_eq!(names(dir.path()), ["empty.jsonl"]);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, corpus, _) = numbers(5);
    let locked = dir.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    let error = if fs::write(locked.join("probe"), "").is_ok() {
        // Root may write anywhere but on file systems that are read-only as a whole.
        let out = Path::new("/sys/rotescope-test");
        if fs::create_dir(out).is_ok() {
            fs::remove_dir(out).unwrap();
            eprintln!("SKIPPED: there is no folder that this user may not write to");
            return;
        }
        build(&options(&corpus, out), &Numbers(20), &mut ()).unwrap_err()
    } else {
        build(
            &options(&corpus, &locked.join("out")),
            &Numbers(20),
            &mut (),
        )
        .unwrap_err()
    };
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(error, CorpusError::Denied { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("choose a place you may write to"),
        "{error}"
    );
}

/// `/dev/full` is a device without space: what is written to it fails as on a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_called_one() {
    use std::io::Write;
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .and_then(|mut f| f.write_all(b"x"));
    let error = CorpusError::io("index/shard-000.sa", "write the file", full.unwrap_err());
    assert!(matches!(error, CorpusError::NoSpace { .. }), "{error}");
    let inside = tantivy::TantivyError::from(std::io::Error::from_raw_os_error(28));
    let error = CorpusError::tantivy("index", inside);
    assert!(matches!(error, CorpusError::NoSpace { .. }), "{error}");
}
