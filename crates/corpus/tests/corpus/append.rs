//! Indexes that documents were added to, and indexes merged, held against one that was built of all files at once.

use std::fs;
use std::path::{Path, PathBuf};

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::{
    AppendOptions, BuildOptions, BuildReport, CorpusError, LocalIndex, MergeOptions, NgramCounts,
    append, build, merge,
};
use rotescope_testing::repository;
use rotescope_vocab::{Encode, Vocabulary};

use crate::same::{of_files, same};
use crate::support::Numbers;

pub fn of_append(files: &[PathBuf], index: &Path) -> AppendOptions {
    AppendOptions {
        build: of_files(files, index),
        again: false,
        compact: false,
    }
}

fn pocket() -> Vocabulary {
    Vocabulary::from_json(&repository("models/pocket/tokenizer.json")).unwrap()
}

/// Lines of the bundled corpus, some of them again, some without a text or with parts of others.
fn pocket_lines(documents: usize, rng: &mut ChaCha8Rng) -> Vec<String> {
    let corpus = fs::File::open(repository("indexes/pocket/corpus.jsonl.zst")).unwrap();
    let all = String::from_utf8(zstd::decode_all(corpus).unwrap()).unwrap();
    let mut lines: Vec<String> = all.lines().map(String::from).collect();
    lines.shuffle(rng);
    lines.truncate(documents);
    for n in 0..documents / 8 {
        let line = lines[rng.random_range(0..lines.len())].clone();
        lines.push(line);
        let mut document: serde_json::Value = serde_json::from_str(&lines[n]).unwrap();
        let text = document["text"].as_str().unwrap();
        let half: String = text.chars().take(text.chars().count() / 2).collect();
        document["text"] = [half.as_str(), ""][n % 2].into();
        document["meta"] = serde_json::json!({"n": n, "x": 0.1, "deep": [1e300, null]});
        lines.push(document.to_string());
    }
    lines.shuffle(rng);
    lines
}

/// Cuts lines at random into so many files.
fn cut(folder: &Path, lines: &[String], files: usize, rng: &mut ChaCha8Rng) -> Vec<PathBuf> {
    let mut at: Vec<usize> = (1..files)
        .map(|_| rng.random_range(1..lines.len()))
        .collect();
    at.extend([0, lines.len()]);
    at.sort_unstable();
    let parts = at.windows(2).enumerate();
    parts
        .map(|(n, w)| {
            let path = folder.join(format!("f{n}.jsonl"));
            fs::write(&path, lines[w[0]..w[1]].join("\n")).unwrap();
            path
        })
        // A file of which two cuts are at one place has no documents.
        .filter(|path| fs::metadata(path).unwrap().len() > 0)
        .collect()
}

fn appended(options: &AppendOptions, encoder: &dyn Encode) -> BuildReport {
    append(options, encoder, &mut ()).unwrap()
}

#[test]
fn an_index_that_was_added_to_answers_as_one_that_was_built_at_once() {
    let encoder = pocket();
    for seed in 0..4 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let dir = tempfile::tempdir().unwrap();
        let lines = pocket_lines(600, &mut rng);
        let files = cut(dir.path(), &lines, 6, &mut rng);
        let [whole, grown] = ["whole", "grown"].map(|n| dir.path().join(n));
        build(&of_files(&files, &whole), &encoder, &mut ()).unwrap();
        build(&of_files(&files[..1], &grown), &encoder, &mut ()).unwrap();
        for file in &files[1..] {
            let options = of_append(std::slice::from_ref(file), &grown);
            let manifest = appended(&options, &encoder).manifest;
            assert_eq!(manifest.shards.len(), manifest.parts.len());
        }
        same(&whole, &grown, seed);
        let manifest = LocalIndex::open(&grown).unwrap().manifest().clone();
        let of_parts = manifest
            .parts
            .iter()
            .map(|p| (p.documents, p.tokens, p.bytes));
        let sums = of_parts.fold((0, 0, 0), |s, p| (s.0 + p.0, s.1 + p.1, s.2 + p.2));
        assert_eq!(sums, (manifest.documents, manifest.tokens, manifest.bytes));
        assert!(manifest.parts.iter().all(|p| p.sources == 1));

        // Put together, with nothing added.
        let mut compact = MergeOptions::new(vec![grown.clone()], grown.clone());
        compact.compact = true;
        let put = merge(&compact, &mut ()).unwrap().manifest;
        assert_eq!((put.shards.len(), put.parts), (1, manifest.parts));
        let is_store = |f: &&rotescope_corpus::manifest::IndexFile| f.path.ends_with(".store");
        assert_eq!(put.files.iter().filter(is_store).count(), 1);
        same(&whole, &grown, seed);
    }
}

#[test]
fn indexes_that_were_merged_answer_as_one_that_was_built_at_once() {
    let encoder = pocket();
    for seed in 10..13 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let dir = tempfile::tempdir().unwrap();
        let lines = pocket_lines(500, &mut rng);
        let files = cut(dir.path(), &lines, 5, &mut rng);
        let path = |name: &str| dir.path().join(name);
        build(&of_files(&files, &path("whole")), &encoder, &mut ()).unwrap();
        // The second is of two files, one of them added.
        build(&of_files(&files[..1], &path("a")), &encoder, &mut ()).unwrap();
        build(&of_files(&files[1..2], &path("b")), &encoder, &mut ()).unwrap();
        appended(&of_append(&files[2..3], &path("b")), &encoder);
        build(&of_files(&files[3..], &path("c")), &encoder, &mut ()).unwrap();
        let three = ["a", "b", "c"].map(path).to_vec();
        for compact in [false, true] {
            let mut options = MergeOptions::new(three.clone(), path("all"));
            (options.force, options.compact) = (compact, compact);
            let manifest = merge(&options, &mut ()).unwrap().manifest;
            assert_eq!(manifest.shards.len(), if compact { 1 } else { 4 });
            assert_eq!(manifest.parts.len(), 4);
            same(&path("whole"), &path("all"), seed);
        }
        // Added to again, and what it was made of is as it was.
        let more = path("more.jsonl");
        fs::write(&more, lines[..9].join("\n")).unwrap();
        appended(
            &of_append(std::slice::from_ref(&more), &path("all")),
            &encoder,
        );
        let with_more = [&files[..], &[more]].concat();
        build(&of_files(&with_more, &path("wider")), &encoder, &mut ()).unwrap();
        same(&path("wider"), &path("all"), seed);
        build(&of_files(&files[3..], &path("d")), &encoder, &mut ()).unwrap();
        same(&path("c"), &path("d"), seed);
    }
}

#[test]
fn wide_ids_and_shards_that_memory_cut_are_added_to_too() {
    let encoder = Numbers(900_000);
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let dir = tempfile::tempdir().unwrap();
    let line = |rng: &mut ChaCha8Rng| {
        let ids = (0..rng.random_range(0..90)).map(|_| rng.random_range(0..900_000u32).isqrt());
        let text: Vec<String> = ids.map(|id| id.to_string()).collect();
        serde_json::json!({ "text": text.join(" ") }).to_string()
    };
    let lines: Vec<String> = (0..9000).map(|_| line(&mut rng)).collect();
    let files = cut(dir.path(), &lines, 3, &mut rng);
    let [whole, grown] = ["whole", "grown"].map(|n| dir.path().join(n));
    build(&of_files(&files, &whole), &encoder, &mut ()).unwrap();
    let little = BuildOptions::LEAST_MEMORY + (4 << 20);
    let mut options = of_files(&files[..1], &grown);
    options.memory = little;
    build(&options, &encoder, &mut ()).unwrap();
    for file in &files[1..] {
        let mut options = of_append(std::slice::from_ref(file), &grown);
        options.build.memory = little;
        appended(&options, &encoder);
    }
    let shards = LocalIndex::open(&grown).unwrap().manifest().shards.len();
    assert!(shards > 3, "{shards}");
    same(&whole, &grown, 3);
    let mut options = MergeOptions::new(vec![grown.clone()], grown.clone());
    options.compact = true;
    assert_eq!(merge(&options, &mut ()).unwrap().manifest.shards.len(), 1);
    same(&whole, &grown, 4);
}

#[test]
fn many_small_files_leave_few_shards_and_segments() {
    let encoder = pocket();
    let mut rng = ChaCha8Rng::seed_from_u64(21);
    let dir = tempfile::tempdir().unwrap();
    let lines = pocket_lines(400, &mut rng);
    let files = cut(dir.path(), &lines, 40, &mut rng);
    assert!(files.len() > 30);
    let [whole, grown] = ["whole", "grown"].map(|n| dir.path().join(n));
    build(&of_files(&files, &whole), &encoder, &mut ()).unwrap();
    build(&of_files(&files[..1], &grown), &encoder, &mut ()).unwrap();
    let (mut shards, mut segments) = (0, 0);
    for file in &files[1..] {
        let options = of_append(std::slice::from_ref(file), &grown);
        let manifest = appended(&options, &encoder).manifest;
        let stores = manifest.files.iter().filter(|f| f.path.ends_with(".store"));
        shards = shards.max(manifest.shards.len());
        segments = segments.max(stores.count());
    }
    assert!(
        shards <= 10 && segments <= 20,
        "{shards} shards, {segments} segments"
    );
    let manifest = LocalIndex::open(&grown).unwrap().manifest().clone();
    assert_eq!(manifest.parts.len(), files.len());
    same(&whole, &grown, 21);
}

#[test]
fn text_of_all_kinds_is_added_as_it_is_built() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    fs::write(
        path("a.jsonl"),
        "{\"text\":\"1 2 3\",\"id\":7}\n{\"text\":\"\"}\n\n{\"text\":\"3 1 2\"}",
    )
    .unwrap();
    fs::write(path("b.txt"), "").unwrap();
    fs::write(path("c.txt"), b"4 5\r\n\r\n1 2\n\n").unwrap();
    fs::write(path("d.jsonl"), "\n").unwrap();
    let packed = zstd::encode_all(&b"{\"text\":\"19\"}\n{\"text\":\"2 3 19\"}\n"[..], 1).unwrap();
    fs::write(path("e.jsonl.zst"), packed).unwrap();
    let files = ["a.jsonl", "b.txt", "c.txt", "d.jsonl", "e.jsonl.zst"].map(path);
    let encoder = Numbers(20);
    let how = |options: &mut BuildOptions| options.read.paragraphs = true;
    let mut options = of_files(&files, &path("whole"));
    how(&mut options);
    build(&options, &encoder, &mut ()).unwrap();
    for files in [files.to_vec(), [&files[2..], &files[..2]].concat()] {
        let grown = path("grown");
        let mut options = of_files(&files[..1], &grown);
        how(&mut options);
        build(&options, &encoder, &mut ()).unwrap();
        // Files without documents go with others; alone they are refused, and nothing changes.
        for some in [&files[1..3], &files[3..]] {
            let mut options = of_append(some, &grown);
            how(&mut options.build);
            appended(&options, &encoder);
        }
        let mut options = of_append(&[path("d.jsonl")], &grown);
        options.again = true;
        let error = append(&options, &encoder, &mut ()).unwrap_err();
        assert!(matches!(error, CorpusError::NoDocuments { .. }), "{error}");
        let mut options = of_files(&files, &path("ordered"));
        options.force = true;
        how(&mut options);
        build(&options, &encoder, &mut ()).unwrap();
        same(&path("ordered"), &grown, 5);
        fs::remove_dir_all(&grown).unwrap();
    }
    // What is no UTF-8.
    fs::write(path("f.txt"), b"1 2 \xff 3").unwrap();
    let build_of = |files: &[PathBuf], out: &str| {
        let mut options = of_files(files, &path(out));
        (options.read.lossy, options.force) = (true, true);
        build(&options, &pocket(), &mut ()).unwrap();
    };
    let two = [path("a.jsonl"), path("f.txt")];
    build_of(&two, "whole");
    build_of(&two[..1], "grown");
    let mut options = of_append(&two[1..], &path("grown"));
    let error = append(&options, &pocket(), &mut ()).unwrap_err();
    assert!(matches!(error, CorpusError::InvalidUtf8 { .. }), "{error}");
    options.build.read.lossy = true;
    appended(&options, &pocket());
    same(&path("whole"), &path("grown"), 6);
}

/// No n-gram reaches from one document into the next, also not where shards meet or were put together.
#[test]
fn runs_end_at_the_border_of_shards() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let index = path("index");
    let line = |n: usize| format!("{{\"text\":\"{}\"}}", ["7"; 12][..n].join(" "));
    for n in 0..12 {
        let file = path(&format!("{n}.jsonl"));
        fs::write(&file, line(n + 1)).unwrap();
        match n {
            0 => drop(build(&of_files(&[file], &index), &Numbers(20), &mut ()).unwrap()),
            _ => drop(appended(&of_append(&[file], &index), &Numbers(20))),
        }
        let opened = LocalIndex::open(&index).unwrap();
        for len in 1..=14u64 {
            let want: u64 = (1..=n as u64 + 1)
                .map(|l| (l + 1).saturating_sub(len))
                .sum();
            let run = vec![7; len as usize];
            assert_eq!(opened.count(&run).unwrap().value, want, "{n} {len}");
        }
    }
}
