//! What a build tells of itself: how far it is, what it left out, where it failed; and what is left of it where the process ends.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use rotescope_corpus::build::{abandon, abandon_now};
use rotescope_corpus::{
    BuildOptions, BuildProgress, CorpusError, LocalIndex, MergeOptions, Phase, Status, build, merge,
};
use rotescope_vocab::{Encode, VocabError};

use crate::support::{Numbers, names, numbers, options};

#[derive(Default)]
struct Told(Vec<Status>);

impl BuildProgress for Told {
    fn report(&mut self, status: &Status) -> ControlFlow<()> {
        self.0.push(*status);
        ControlFlow::Continue(())
    }
}

impl Told {
    /// What is done of each report in a phase; it never falls, and ends with all, which is `total`.
    fn done(&self, phase: Phase, total: u64) -> Vec<u64> {
        let of_phase = self.0.iter().filter(|s| s.phase == phase);
        let done: Vec<u64> = of_phase
            .inspect(|s| assert_eq!(s.total, total, "{s:?}"))
            .map(|s| s.done)
            .collect();
        assert!(done.is_sorted() && done.last() == Some(&total), "{done:?}");
        done
    }

    fn documents(&self, phase: Phase) -> Vec<u64> {
        let of_phase = self.0.iter().filter(|s| s.phase == phase);
        of_phase.map(|s| s.documents).collect()
    }
}

/// So many lines of one document each.
fn write(path: &Path, documents: usize, text: &str) {
    let line = serde_json::json!({ "text": text }).to_string() + "\n";
    fs::write(path, line.repeat(documents)).unwrap();
}

#[test]
fn each_phase_is_told_from_nothing_to_all() {
    let dir = tempfile::tempdir().unwrap();
    let (corpus, out) = (dir.path().join("c.jsonl"), dir.path().join("out"));
    write(&corpus, 10_000, "1 2 3");
    let mut told = Told::default();
    let built = build(&options(&corpus, &out), &Numbers(20), &mut told).unwrap();
    let manifest = &built.manifest;
    let sizes = (manifest.documents, manifest.tokens, manifest.bytes);
    assert_eq!(sizes, (10_000, 30_000, 50_000));
    // Documents come in batches of 4,096.
    assert_eq!(told.documents(Phase::Reading), [4096, 8192, 10_000]);
    told.done(Phase::Reading, fs::metadata(&corpus).unwrap().len());
    assert_eq!(told.done(Phase::Sorting, 40_000), [0, 40_000]);
    let files = manifest.files.iter().map(|f| f.bytes);
    let sums: Vec<u64> = files
        .scan(0, |sum, bytes| {
            *sum += bytes;
            Some(*sum)
        })
        .collect();
    assert_eq!(told.done(Phase::Hashing, sums[sums.len() - 1]), sums);
    let last = told.0.last().unwrap();
    assert_eq!((last.documents, last.tokens, last.bytes), sizes);
    assert!(built.elapsed >= last.elapsed && last.elapsed > std::time::Duration::ZERO);
    let index = LocalIndex::open(&out).unwrap();
    assert_eq!(index.bytes_on_disk(), sums[sums.len() - 1]);
    assert_eq!(index.made_by(), env!("CARGO_PKG_VERSION"));

    // Batches get smaller with the memory: 64 KiB of text.
    let few = BuildOptions {
        force: true,
        memory: BuildOptions::LEAST_MEMORY,
        ..options(&corpus, &out)
    };
    write(&corpus, 150, &"1 ".repeat(512));
    let mut told = Told::default();
    build(&few, &Numbers(20), &mut told).unwrap();
    assert_eq!(told.documents(Phase::Reading), [64, 128, 150]);
}

#[test]
fn of_indexes_that_are_merged_the_documents_of_the_others_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let index = |name: &str, documents| {
        let (corpus, out) = (
            dir.path().join(format!("{name}.jsonl")),
            dir.path().join(name),
        );
        write(&corpus, documents, "1 2");
        build(&options(&corpus, &out), &Numbers(20), &mut ()).unwrap();
        out
    };
    let indexes = vec![index("a", 900), index("b", 600)];
    let mut told = Told::default();
    let all = MergeOptions::new(indexes, dir.path().join("all"));
    let merged = merge(&all, &mut told).unwrap().manifest;
    assert_eq!(told.documents(Phase::Reading), [256, 512]);
    let bytes: Vec<_> = told.0.iter().map(|s| (s.done, s.total)).collect();
    assert_eq!(bytes[..2], [(256 * 3, 600 * 3), (512 * 3, 600 * 3)]);
    // Nothing is sorted again.
    assert_eq!(told.done(Phase::Sorting, 0), [0]);
    assert_eq!(
        (merged.documents, merged.tokens, merged.bytes),
        (1500, 3000, 4500)
    );
}

#[test]
fn what_is_left_out_is_counted_by_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("in");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.jsonl"), "{\"text\": \"1\"}\n[]\n{}\n").unwrap();
    fs::write(folder.join("b.jsonl"), "{\"text\": \"2 3\"}\n{\"text\"\n").unwrap();
    fs::write(folder.join("c.csv"), "4").unwrap();
    let mut options = options(&folder, &dir.path().join("out"));
    options.read.skip_bad = true;
    let built = build(&options, &Numbers(20), &mut ()).unwrap();
    assert_eq!(built.skipped, [folder.join("c.csv")]);
    assert_eq!(built.bad.count, 3);
    let first = built.bad.first.unwrap().to_string();
    assert!(first.contains("a.jsonl: line 2: "), "{first}");
    let sources = built.manifest.sources.iter();
    let counts: Vec<_> = sources.map(|s| (s.documents, s.skipped)).collect();
    assert_eq!(counts, [(1, 2), (1, 1)]);
    // All of it is an error, and no empty index.
    fs::write(folder.join("a.jsonl"), "[]\n").unwrap();
    fs::remove_file(folder.join("b.jsonl")).unwrap();
    options.force = true;
    let said = build(&options, &Numbers(20), &mut ()).unwrap_err();
    assert!(
        matches!(said, CorpusError::BadJson { line: 1, .. }),
        "{said}"
    );
}

/// Cannot encode a text with a 9.
struct NoNines;

impl Encode for NoNines {
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
        match texts.iter().any(|t| t.contains('9')) {
            true => Err(VocabError::Encode {
                what: "a nine".into(),
            }),
            false => Numbers(20).encode_batch(texts),
        }
    }

    fn token_bytes(&self, id: u32) -> Vec<u8> {
        Numbers(20).token_bytes(id)
    }

    fn size(&self) -> usize {
        20
    }

    fn fingerprint(&self) -> &str {
        "no nines"
    }
}

#[test]
fn a_batch_that_cannot_be_encoded_is_named_by_its_first_line() {
    let dir = tempfile::tempdir().unwrap();
    let corpus = dir.path().join("c.jsonl");
    let lines = |n: usize| format!("\n{{\"text\": \"{n}\"}}\n").repeat(4096);
    fs::write(&corpus, lines(1) + &lines(9)).unwrap();
    let out = dir.path().join("out");
    let error = build(&options(&corpus, &out), &NoNines, &mut ()).unwrap_err();
    match &error {
        CorpusError::Encode { path, line, .. } => assert_eq!((path, *line), (&corpus, 8194)),
        other => panic!("{other}"),
    }
    assert_eq!(names(dir.path()), ["c.jsonl"]);
}

/// Set in the process that is to end: how, and the folder.
const ENDS: &str = "ROTESCOPE_TEST_ENDS";

/// Ends the process in the midst of a build, which cannot clean up by itself.
struct Ending(fn());

impl BuildProgress for Ending {
    fn report(&mut self, status: &Status) -> ControlFlow<()> {
        if status.phase == Phase::Hashing {
            (self.0)();
            std::process::exit(7);
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn a_process_that_ends_leaves_nothing_of_its_builds() {
    if let Ok(spec) = std::env::var(ENDS) {
        let (how, folder) = spec.split_once(':').unwrap();
        let folder = Path::new(folder);
        let how: fn() = match how {
            "wait" => || assert!(matches!(abandon(), CorpusError::Stopped)),
            "now" => abandon_now,
            _ => || (),
        };
        let options = options(&folder.join("corpus.jsonl"), &folder.join("ended"));
        let built = build(&options, &Numbers(20), &mut Ending(how));
        panic!("the process goes on: {:?}", built.err());
    }
    for (how, left) in [("wait", 2), ("now", 2), ("not", 3)] {
        let (dir, ..) = numbers(10);
        let ended = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "progress::a_process_that_ends_leaves_nothing_of_its_builds",
            ])
            .env(ENDS, format!("{how}:{}", dir.path().display()))
            .output()
            .unwrap();
        assert_eq!(ended.status.code(), Some(7), "{how}");
        assert_eq!(
            names(dir.path()).len(),
            left,
            "{how}: {:?}",
            names(dir.path())
        );
    }
}
