//! Encoders and data for the tests of the corpus. Each test file uses a part of it.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rotescope_corpus::{BuildOptions, BuildProgress, Phase, Status, build};
use rotescope_vocab::{Encode, VocabError};

/// Texts are token ids in decimal: `5 17 5`.
pub struct Numbers(pub usize);

impl Encode for Numbers {
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
        let id = |id: &str| id.parse().expect("a number");
        let ids = |text: &&str| text.split_whitespace().map(id).collect();
        Ok(texts.iter().map(ids).collect())
    }

    fn token_bytes(&self, id: u32) -> Vec<u8> {
        format!("{id} ").into_bytes()
    }

    fn size(&self) -> usize {
        self.0
    }

    fn fingerprint(&self) -> &str {
        "numbers"
    }
}

pub fn options(input: &Path, out: &Path) -> BuildOptions {
    BuildOptions::new(vec![input.to_path_buf()], out.to_path_buf(), "test".into())
}

/// A folder with a corpus of `documents` documents `1 2 3 ...` and their index.
pub fn numbers(documents: usize) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let corpus = dir.path().join("corpus.jsonl");
    let lines: Vec<_> = (0..documents)
        .map(|d| {
            let ids: Vec<_> = (0..d % 9).map(|i| ((d * 7 + i) % 20).to_string()).collect();
            serde_json::json!({"id": d, "text": ids.join(" "), "kind": d % 3}).to_string()
        })
        .collect();
    std::fs::write(&corpus, lines.join("\n")).unwrap();
    let out = dir.path().join("index");
    build(&options(&corpus, &out), &Numbers(20), &mut ()).unwrap();
    (dir, corpus, out)
}

/// Names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Stops, or dies, in a phase of the build.
pub struct Until(pub Phase, pub bool);

impl BuildProgress for Until {
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

pub const PHASES: [Phase; 3] = [Phase::Reading, Phase::Sorting, Phase::Hashing];
