//! The vocabulary room against llama.cpp, whose ids are the truth.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_vocab::{Encode, Gguf, VocabError, Vocabulary, load};

/// The shared data, or a word that the test was skipped.
/// A file of the pocket model.
fn pocket(file: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .join("models/pocket")
        .join(file)
}

fn shared(what: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ROTESCOPE_SHARED").map_or_else(
        || Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("../shared"),
        PathBuf::from,
    );
    let path = root.join(what);
    if !path.exists() {
        eprintln!("SKIPPED: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn backend() -> &'static LlamaBackend {
    static BACKEND: OnceLock<LlamaBackend> = OnceLock::new();
    BACKEND.get_or_init(|| {
        let mut backend = LlamaBackend::init().unwrap();
        backend.void_logs();
        backend
    })
}

fn llama(path: &Path) -> LlamaModel {
    let params = LlamaModelParams::default().with_vocab_only(true);
    LlamaModel::load_from_file(backend(), path, &params).unwrap()
}

fn llama_ids(model: &LlamaModel, text: &str) -> Vec<u32> {
    let tokens = model.vocab().tokenize(text.as_bytes(), false, true);
    tokens.into_iter().map(|t| t.0 as u32).collect()
}

fn ours(path: &Path) -> Vocabulary {
    Vocabulary::from_gguf(&Gguf::open(path).unwrap()).unwrap()
}

fn vocabularies() -> Vec<PathBuf> {
    let Some(folder) = shared("vocabs") else {
        return Vec::new();
    };
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path());
    let mut files: Vec<PathBuf> = files
        .filter(|p| p.extension().is_some_and(|e| e == "gguf"))
        .collect();
    files.sort();
    assert!(files.len() >= 5);
    files
}

/// Varied strings: prose and sums, all planes of Unicode, runs of white space, digits, control
/// characters, contractions, and special tokens standing literally in between.
fn strings(n: usize, seed: u64, specials: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let prompts = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("prompts");
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
                    s.push_str(specials[rng.random_range(0..specials.len())])
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

/// Special tokens of a file, as texts.
fn special_texts(path: &Path) -> Vec<String> {
    let g = Gguf::open(path).unwrap();
    let types = g.i32s("tokenizer.ggml.token_type").unwrap();
    let tokens = g.strings("tokenizer.ggml.tokens").unwrap();
    let special = types
        .iter()
        .zip(tokens.iter())
        .filter(|(t, _)| (2..=4).contains(*t));
    special
        .map(|(_, text)| String::from_utf8(text.to_vec()).unwrap())
        .collect()
}

/// Ids equal llama.cpp's on every string; returns how many decode back to the string.
fn compare(path: &Path, v: &Vocabulary, strings: &[String]) -> usize {
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

#[test]
fn published_ids_of_every_vocabulary() {
    for path in vocabularies() {
        let v = ours(&path);
        let read = |end: &str| {
            let mut name = path.clone().into_os_string();
            name.push(end);
            std::fs::read_to_string(name).unwrap()
        };
        let inputs = read(".inp");
        let inputs: Vec<&str> = inputs.split("\n__ggml_vocab_test__\n").collect();
        let outputs = read(".out");
        let outputs: Vec<Vec<u32>> = outputs
            .lines()
            .map(|l| l.split_whitespace().map(|n| n.parse().unwrap()).collect())
            .collect();
        // The last separator may be followed by nothing.
        assert!(outputs.len() > 40 && inputs.len() - outputs.len() <= 1);
        for (text, ids) in inputs.iter().zip(&outputs) {
            assert_eq!(
                &v.encode(text).unwrap(),
                ids,
                "{}: {text:?}",
                path.display()
            );
            assert_eq!(
                v.decode(ids),
                text.as_bytes(),
                "{}: {text:?}",
                path.display()
            );
        }
        eprintln!("{}: {} strings, both ways", path.display(), outputs.len());
    }
}

#[test]
fn llama_cpp_on_every_vocabulary() {
    for path in vocabularies() {
        let specials = special_texts(&path);
        let specials: Vec<&str> = specials.iter().map(String::as_str).collect();
        let strings = strings(2500, 1, &specials);
        let v = ours(&path);
        let back = compare(&path, &v, &strings);
        eprintln!(
            "{}: {} strings equal, {back} decode back",
            path.display(),
            strings.len()
        );
        // What cannot come back: bytes without a token (Falcon lacks some), and a literal U+2581
        // where it is written for a space.
        let single: HashSet<Vec<u8>> = (0..v.size() as u32)
            .map(|id| v.token_bytes(id))
            .filter(|b| b.len() == 1)
            .collect();
        let spaces = v.id_of("▁the").is_some();
        let whole = |s: &&String| {
            s.bytes().all(|b| single.contains(&vec![b])) && !(spaces && s.contains('▁'))
        };
        assert!(back >= strings.iter().filter(whole).count());
        assert!(back * 10 >= strings.len() * 8, "{back}");
        let model = llama(&path);
        let token = |t: llama_cpp_2::token::LlamaToken| u32::try_from(t.0).ok();
        assert_eq!(v.bos(), token(model.vocab().bos()));
        assert_eq!(v.eos(), token(model.vocab().eos()));
        assert_eq!(v.add_bos(), model.vocab().should_add_bos());
    }
}

#[test]
fn pieces_are_those_of_llama_cpp() {
    for path in vocabularies() {
        let (v, model) = (ours(&path), llama(&path));
        let mut other = 0;
        for (token, piece) in model.tokens(true) {
            if v.token_bytes(token.0 as u32) != piece {
                other += 1;
                // llama.cpp shows nothing for unused tokens, and a placeholder for texts that
                // are not in the byte alphabet.
                assert!(
                    piece.is_empty() || piece.starts_with(b"[UNK_BYTE_"),
                    "{token:?}"
                );
            }
        }
        eprintln!("{}: {other} pieces of unused tokens", path.display());
    }
}

#[test]
fn pocket_gguf_json_and_llama_cpp_agree() {
    let (gguf, json) = (pocket("pocket-q8_0.gguf"), pocket("tokenizer.json"));
    let strings = strings(2500, 2, &["<|endoftext|>"]);
    let v = ours(&gguf);
    assert_eq!(compare(&gguf, &v, &strings), strings.len());
    let j = Vocabulary::from_json(&json).unwrap();
    assert_eq!(j.fingerprint(), v.fingerprint());
    let reference = tokenizers::Tokenizer::from_file(&json).unwrap();
    let mut different = Vec::new();
    for s in &strings {
        let ids = v.encode(s).unwrap();
        assert_eq!(j.encode(s).unwrap(), ids);
        if reference.encode(s.as_str(), false).unwrap().get_ids() != ids {
            different.push(s);
        }
    }
    eprintln!(
        "the tokenizers crate differs on {} of {}: {:?}",
        different.len(),
        strings.len(),
        different.first()
    );
    assert!(different.len() <= strings.len() / 20);
    assert_eq!(v.id_of("<|endoftext|>"), v.eos());
    let boxed = load(Some(&gguf), Some(&json)).unwrap();
    assert_eq!(boxed.fingerprint(), v.fingerprint());
    assert_eq!(boxed.encode_batch(&[]).unwrap(), Vec::<Vec<u32>>::new());
    assert!(matches!(load(None, None), Err(VocabError::NothingGiven)));
}

/// A tokenizer.json that is not rebuilt here is left to the `tokenizers` crate.
#[test]
fn other_tokenizer_json() {
    let json = pocket("tokenizer.json");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokenizer.json");
    let text = std::fs::read_to_string(&json).unwrap();
    let known = Vocabulary::from_json(&json).unwrap();
    let mut changed: serde_json::Value = serde_json::from_str(&text).unwrap();
    changed["normalizer"] = serde_json::json!({"type": "NFC"});
    std::fs::write(&path, changed.to_string()).unwrap();
    let foreign = Vocabulary::from_json(&path).unwrap();
    assert_ne!(foreign.fingerprint(), known.fingerprint());
    assert_eq!(foreign.size(), known.size());
    for id in 0..known.size() as u32 {
        assert_eq!(foreign.token_bytes(id), known.token_bytes(id));
    }
    let text = "There are 12 e\u{301}clairs.<|endoftext|>\n";
    assert_eq!(
        foreign.encode(text).unwrap(),
        known.encode(&text.replace("e\u{301}", "é")).unwrap()
    );
    let normal = "It's 3 * 4 = 12.";
    assert_eq!(
        foreign.encode(normal).unwrap(),
        known.encode(normal).unwrap()
    );
    // Layout of the file does not matter.
    let before = foreign.fingerprint().to_owned();
    std::fs::write(&path, serde_json::to_string_pretty(&changed).unwrap()).unwrap();
    assert_eq!(Vocabulary::from_json(&path).unwrap().fingerprint(), before);

    for bad in ["", "{}", "[1]", "{\"model\": 3}", "GGUF"] {
        std::fs::write(&path, bad).unwrap();
        let error = Vocabulary::from_json(&path).err().unwrap();
        assert!(error.to_string().contains("tokenizer.json"), "{error}");
    }
}

/// Prints what encoding costs; the floor is far below, so that only a blunder fails.
#[test]
fn speed_on_grade_school_text() {
    let Some(path) = shared("data/gsm8k/train.jsonl") else {
        return;
    };
    let texts: Vec<String> = std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(|line| {
            let v: serde_json::Value = serde_json::from_str(line).unwrap();
            format!(
                "{}\n{}",
                v["question"].as_str().unwrap(),
                v["answer"].as_str().unwrap()
            )
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut models = vocabularies();
    models.push(pocket("pocket-q8_0.gguf"));
    for path in models {
        let load = Instant::now();
        let v = ours(&path);
        let load = load.elapsed();
        let one = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        let mut rates = Vec::new();
        for _ in 0..3 {
            let start = Instant::now();
            let ids = one.install(|| v.encode_batch(&texts)).unwrap();
            let tokens: usize = ids.iter().map(Vec::len).sum();
            rates.push(tokens as f64 / start.elapsed().as_secs_f64() / 1e6);
        }
        eprintln!(
            "{}: loaded in {load:.0?}; {rates:.2?} M tokens/s on one thread",
            path.file_name().unwrap().display()
        );
        assert!(rates.iter().any(|&r| r > 0.1), "{rates:?}");
    }
}
