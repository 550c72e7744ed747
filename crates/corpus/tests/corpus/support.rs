//! Encoders and data for the tests of the corpus. Each test file uses a part of it.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rotescope_corpus::{BuildOptions, BuildProgress, Phase, Status, build};
use rotescope_vocab::{Encode, VocabError};
use sha2::Digest;

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

/// Has the manifest say, as versions before checksums had it, that what the files hold now was written: that they were changed is not known.
pub fn vouch_for(index: &Path) {
    let path = index.join("manifest.json");
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    manifest.as_object_mut().unwrap().remove("checksums");
    for file in manifest["files"].as_array_mut().unwrap() {
        let bytes = fs::read(index.join(file["path"].as_str().unwrap())).unwrap();
        let hash = sha2::Sha256::digest(&bytes);
        let hex: String = hash.iter().map(|b| format!("{b:02x}")).collect();
        file["sha256"] = hex.into();
        file["bytes"] = bytes.len().into();
    }
    fs::write(&path, manifest.to_string()).unwrap();
    let _ = fs::remove_file(index.join("checksums"));
}

/// The numbers in a file of the first shard of an index.
pub fn table<N: bytemuck::Pod>(index: &Path, end: &str) -> Vec<N> {
    let bytes = fs::read(index.join(format!("ngrams/shard-000.{end}"))).unwrap();
    let numbers = bytes.chunks_exact(size_of::<N>());
    numbers.map(bytemuck::pod_read_unaligned).collect()
}

/// Changes the numbers in a file of the first shard of an index, so that only what they say can tell.
pub fn change<N: bytemuck::Pod>(index: &Path, end: &str, change: impl FnOnce(&mut [N])) {
    let mut numbers = table::<N>(index, end);
    change(&mut numbers);
    let path = index.join(format!("ngrams/shard-000.{end}"));
    // Put into its place, as an opened index maps the file.
    let new = path.with_extension("new");
    fs::write(&new, bytemuck::cast_slice::<N, u8>(&numbers)).unwrap();
    fs::rename(new, path).unwrap();
    vouch_for(index);
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
