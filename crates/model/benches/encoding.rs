//! How fast text is encoded: by the tokenizer rebuilt in `rotescope-vocab`, and by llama.cpp's own.
//!
//! **Measured**: wall-clock of one pass over all texts on one thread, the best of five, the two in turn. **Text**: the questions and worked answers of the bundled
//! prompts. **Vocabularies**: the bundled model's, and those of the GGUF files that are given: `cargo bench -p rotescope-model --bench encoding -- FILE.gguf ...`.
//! Both must give the same ids.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use rotescope_testing::{pocket, repository};
use rotescope_vocab::{Encode, Gguf, Vocabulary};

const ROUNDS: usize = 5;

fn texts() -> Vec<String> {
    let files = std::fs::read_dir(repository("prompts")).expect("the prompts");
    let mut files: Vec<PathBuf> = files.map(|e| e.expect("a file").path()).collect();
    files.sort();
    let mut texts = Vec::new();
    for file in files {
        for line in std::fs::read_to_string(file).expect("text").lines() {
            let v: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
            texts.push(text(&v["question"]) + "\nAnswer: " + &text(&v["meta"]["chain"]));
        }
    }
    texts
}

fn measure(backend: &LlamaBackend, path: &Path, texts: &[&str]) {
    let gguf = Gguf::open(path).expect("a GGUF file");
    let ours = Vocabulary::from_gguf(&gguf).expect("a vocabulary");
    let params = LlamaModelParams::default().with_vocab_only(true);
    let theirs = LlamaModel::load_from_file(backend, path, &params).expect("a vocabulary");
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let one = one.expect("a thread");
    let mut best = [Duration::MAX; 2];
    let mut tokens = 0;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let a = one.install(|| ours.encode_batch(texts)).expect("ids");
        best[0] = best[0].min(began.elapsed());
        let began = Instant::now();
        let tokenize = |t: &&str| theirs.vocab().tokenize(t.as_bytes(), false, true);
        let b: Vec<_> = texts.iter().map(tokenize).collect();
        best[1] = best[1].min(began.elapsed());
        let same = |(a, b): (&Vec<u32>, &Vec<llama_cpp_2::token::LlamaToken>)| {
            a.iter()
                .map(|&id| i64::from(id))
                .eq(b.iter().map(|t| i64::from(t.0)))
        };
        assert!(a.iter().zip(&b).all(same), "{}: other ids", path.display());
        tokens = a.iter().map(Vec::len).sum();
    }
    let [ours, theirs] = best.map(|d| tokens as f64 / d.as_secs_f64() / 1e6);
    println!(
        "{}: {} texts, {tokens} tokens; {ours:.2} million tokens a second, llama.cpp {theirs:.2}: {:.1} times as fast",
        path.file_name().unwrap_or_default().display(),
        texts.len(),
        ours / theirs
    );
}

fn main() {
    let mut backend = LlamaBackend::init().expect("llama.cpp");
    backend.void_logs();
    let texts = texts();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let given = std::env::args().skip(1).filter(|a| !a.starts_with("--"));
    for path in std::iter::once(pocket()).chain(given.map(PathBuf::from)) {
        measure(&backend, &path, &texts);
    }
}
