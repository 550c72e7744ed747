//! llama.cpp's tokenizers, and strings that show differences.

use std::path::Path;
use std::sync::OnceLock;

use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_testing::repository;
use rotescope_vocab::{Encode, Gguf, Vocabulary};

fn backend() -> &'static LlamaBackend {
    static BACKEND: OnceLock<LlamaBackend> = OnceLock::new();
    BACKEND.get_or_init(|| {
        let mut backend = LlamaBackend::init().unwrap();
        backend.void_logs();
        backend
    })
}

pub fn llama(path: &Path) -> LlamaModel {
    let params = LlamaModelParams::default().with_vocab_only(true);
    LlamaModel::load_from_file(backend(), path, &params).unwrap()
}

pub fn llama_ids(model: &LlamaModel, text: &str) -> Vec<u32> {
    let tokens = model.vocab().tokenize(text.as_bytes(), false, true);
    tokens.into_iter().map(|t| t.0 as u32).collect()
}

pub fn ours(path: &Path) -> Vocabulary {
    Vocabulary::from_gguf(&Gguf::open(path).unwrap()).unwrap()
}

/// Varied strings: prose and sums, all planes of Unicode, runs of white space, digits, control
/// characters, contractions, and special tokens standing literally in between.
pub fn strings(n: usize, seed: u64, specials: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let prompts = repository("prompts");
    let mut files: Vec<_> = std::fs::read_dir(prompts)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        for line in std::fs::read_to_string(file).unwrap().lines().step_by(4) {
            let v: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
            lines.push(text(&v["question"]) + "\nAnswer: " + &text(&v["meta"]["chain"]));
        }
    }
    lines.push("The quick brown fox doesn't jump over 12,345.678 lazy dogs; they've WON'T!".into());
    let ranges: &[(u32, u32)] = &[
        (0x20, 0x7E),
        (0x00, 0x20),
        (0x7F, 0xFF),
        (0x100, 0x24F),
        (0x250, 0x36F),
        (0x370, 0x52F),
        (0x590, 0x6FF),
        (0x900, 0xDFF),
        (0xE00, 0x11FF),
        (0x1E00, 0x20CF),
        (0x2100, 0x2BFF),
        (0x2E80, 0x30FF),
        (0x3400, 0x9FFF),
        (0xA000, 0xD7FF),
        (0xE000, 0xFFFF),
        (0x10000, 0x1FFFF),
        (0x20000, 0x323AF),
        (0xE0000, 0x10FFFF),
    ];
    let blanks = [
        " ", "  ", "\t", "\n", "\r\n", "\u{a0}", "\u{3000}", "\u{2028}", "\u{85}", "\u{b}",
    ];
    let bits = [
        "'s", "'RE", "'ll", "'d", "n't", "''", "+=", "...", "?!", "#", "$1", "½", "e\u{301}", "▁",
        "Ġ", "<0x0A>", "/", "\\",
    ];
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut out = vec![
        String::new(),
        " ".into(),
        "  ".into(),
        "\n".into(),
        "a".into(),
    ];
    while out.len() < n {
        let mut s = String::new();
        if rng.random_range(0..4) == 0 {
            s.push_str(&lines[rng.random_range(0..lines.len())]);
        }
        for _ in 0..rng.random_range(0..12) {
            match rng.random_range(0..9) {
                0 => {
                    let line = &lines[rng.random_range(0..lines.len())];
                    let words: Vec<&str> = line.split(' ').collect();
                    let from = rng.random_range(0..words.len());
                    let to = (from + rng.random_range(1..9)).min(words.len());
                    s.push_str(&words[from..to].join(" "));
                }
                1 => {
                    let b = blanks[rng.random_range(0..blanks.len())];
                    s.push_str(&b.repeat(rng.random_range(1..6)));
                }
                2 => {
                    let most = 10u64.pow(rng.random_range(1..15));
                    s.push_str(&rng.random_range(0..most).to_string());
                }
                3 => s.push_str(bits[rng.random_range(0..bits.len())]),
                4 if !specials.is_empty() => {
                    s.push_str(specials[rng.random_range(0..specials.len())]);
                }
                5 => {
                    let c = char::from(rng.random_range(b'!'..=b'~'));
                    s.extend(std::iter::repeat_n(c, rng.random_range(1..70)));
                }
                _ => {
                    let (a, b) = ranges[rng.random_range(0..ranges.len())];
                    for _ in 0..rng.random_range(1..8) {
                        s.extend(char::from_u32(rng.random_range(a..=b)));
                    }
                }
            }
        }
        out.push(s);
    }
    out
}

/// Ids equal llama.cpp's on every string; returns how many decode back to the string.
pub fn compare(path: &Path, v: &Vocabulary, strings: &[String]) -> usize {
    let model = llama(path);
    assert_eq!(v.size(), model.n_vocab() as usize, "{}", path.display());
    let texts: Vec<&str> = strings.iter().map(String::as_str).collect();
    let batch = v.encode_batch(&texts).unwrap();
    let mut back = 0;
    for (text, ids) in texts.iter().zip(batch) {
        assert_eq!(ids, llama_ids(&model, text), "{}: {text:?}", path.display());
        assert_eq!(ids, v.encode(text).unwrap());
        back += usize::from(v.decode(&ids) == text.as_bytes());
    }
    back
}
