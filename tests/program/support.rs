//! What tests share that run the program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use rotescope_trace::Trace;
use rotescope_trace::jsonl::{self, Record};
use tempfile::TempDir;

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the program in the repository, with its bundle.
pub fn rotescope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rotescope"))
        .args(args)
        .env("ROTESCOPE_HOME", root())
        // What the user calibrated must not speak here.
        .env("XDG_DATA_HOME", env!("CARGO_TARGET_TMPDIR"))
        .current_dir(root())
        .output()
        .unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The traces of the first `limit` prompts of a bundled file, generated greedily without an index, at most `tokens` tokens each.
pub fn generated(name: &str, limit: usize, tokens: usize) -> Vec<Trace> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("traces.jsonl");
    let run = rotescope(&[
        "score",
        &format!("prompts/{name}.jsonl"),
        "--no-index",
        "-q",
        "--limit",
        &limit.to_string(),
        "--max-tokens",
        &tokens.to_string(),
        "-o",
        out.to_str().unwrap(),
    ]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    traces(&out)
}

/// The traces of a file in which no prompt failed.
pub fn traces(file: &Path) -> Vec<Trace> {
    let content = std::fs::read(file).unwrap();
    let trace = |record| match record {
        Record::Trace(trace) => *trace,
        Record::Failed(failed) => panic!("{failed:?}"),
    };
    jsonl::read(&content[..])
        .map(|(_, r)| trace(r.unwrap()))
        .collect()
}

/// A small index of a part of the bundled corpus, made once with the bundled model's tokenizer.
pub fn small_index() -> &'static str {
    static INDEX: OnceLock<(TempDir, String)> = OnceLock::new();
    let make = || {
        let folder = tempfile::tempdir().unwrap();
        let index = built(folder.path());
        (folder, index)
    };
    &INDEX.get_or_init(make).1
}

fn built(folder: &Path) -> String {
    let corpus = zstd::decode_all(
        std::fs::File::open(root().join("indexes/pocket/corpus.jsonl.zst")).unwrap(),
    )
    .unwrap();
    let end = corpus
        .iter()
        .enumerate()
        .filter(|(_, b)| **b == b'\n')
        .nth(3000)
        .unwrap()
        .0;
    let part = folder.join("part.jsonl");
    std::fs::write(&part, &corpus[..=end]).unwrap();
    let out = folder.join("index").to_str().unwrap().to_string();
    let built = rotescope(&[
        "index",
        "build",
        part.to_str().unwrap(),
        "--model",
        "models/pocket/pocket-q8_0.gguf",
        "--out",
        &out,
    ]);
    assert!(built.status.success(), "{}", text(&built.stderr));
    out
}

/// Most memory that a run of the program held, in KiB, read while it runs.
#[cfg(target_os = "linux")]
pub fn peak(args: &[&str]) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rotescope"))
        .args(args)
        .env("ROTESCOPE_HOME", root())
        .current_dir(root())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let path = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&path).unwrap_or_default();
        let line = status.lines().find(|l| l.starts_with("VmHWM"));
        let held = line.and_then(|l| l.split_whitespace().nth(1)?.parse().ok());
        most = most.max(held.unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success());
    most
}
