//! Vocabularies made so that every difference shows, against llama.cpp.

use std::path::Path;

use llama_cpp_2::model::LlamaModel;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_vocab::{Encode, Gguf, VocabError, Vocabulary, pre_tokenizers};

use crate::support::llama;
use rotescope_testing::gguf::{Kv, gguf_bytes};

fn ids(model: &LlamaModel, text: &str) -> Vec<u32> {
    let tokens = model.vocab().tokenize(text.as_bytes(), false, true);
    tokens.into_iter().map(|t| t.0 as u32).collect()
}

fn ours(path: &Path) -> Result<Vocabulary, VocabError> {
    Vocabulary::from_gguf(&Gguf::open(path).unwrap())
}

/// GPT-2's alphabet, by byte.
fn alphabet() -> Vec<char> {
    let printable = |b: &u8| matches!(b, 0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF);
    let mut others = (0x100..).map(|n| char::from_u32(n).unwrap());
    (0..=255u8)
        .map(|b| {
            if printable(&b) {
                b as char
            } else {
                others.next().unwrap()
            }
        })
        .collect()
}

/// A vocabulary in which any two ASCII bytes merge, and any two of a multi-byte character, in an order drawn from `seed`, and some words are
/// tokens that no merge makes. A piece that is cut elsewhere gets other ids.
fn every_pair(pre: &str, seed: u64) -> Vec<(&'static str, Kv)> {
    let letters = alphabet();
    let mut pairs: Vec<(char, char)> = letters
        .iter()
        .enumerate()
        .flat_map(|(i, &a)| letters.iter().enumerate().map(move |(j, &b)| (i, j, a, b)))
        // The control bytes from 0 to 7 and the rarer lead bytes are left out for speed.
        .filter(|(i, j, ..)| {
            [i, j]
                .iter()
                .all(|b| matches!(**b, 9..=126 | 0xA0..=0xB0 | 0xC2..=0xF0))
        })
        .map(|(.., a, b)| (a, b))
        .collect();
    pairs.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let mut tokens: Vec<String> = vec!["<|endoftext|>".into(), "<|x|>".into()];
    let types = [3, 4]
        .into_iter()
        .chain(std::iter::repeat_n(1, pairs.len() + 256 + 4));
    tokens.extend(letters.iter().map(std::string::ToString::to_string));
    tokens.extend(["Ġfox", "123", "ĠĠĠ", "don"].map(String::from));
    tokens.extend(pairs.iter().map(|(a, b)| format!("{a}{b}")));
    let merges = pairs.iter().map(|(a, b)| format!("{a} {b}").into_bytes());
    vec![
        ("general.architecture", Kv::Str("llama".into())),
        ("tokenizer.ggml.model", Kv::Str("gpt2".into())),
        ("tokenizer.ggml.pre", Kv::Str(pre.into())),
        ("tokenizer.ggml.token_type", Kv::I32s(types.collect())),
        ("tokenizer.ggml.merges", Kv::Strs(merges.collect())),
        (
            "tokenizer.ggml.tokens",
            Kv::Strs(tokens.into_iter().map(String::into_bytes).collect()),
        ),
        ("tokenizer.ggml.bos_token_id", Kv::U32(0)),
        ("tokenizer.ggml.eos_token_id", Kv::U32(0)),
    ]
}

/// Texts that make pre-tokenizers disagree.
fn texts(n: usize, seed: u64) -> Vec<String> {
    const BITS: &[&str] = &[
        "a",
        "b",
        "Z",
        "fox",
        "The",
        "don't",
        "I'VE",
        "'s",
        "'Re",
        "'ll",
        "'",
        "ß",
        "naïve",
        "ǅ",
        "ʰ",
        "e\u{301}",
        "\u{301}",
        "語",
        "漢字",
        "ひらがな",
        "カタカナ",
        "한국어",
        "ㄱ",
        "ㄅ",
        "Ж",
        "λόγος",
        "ไทย",
        "ខ្មែរ",
        "ก็",
        "１２３",
        "½",
        "Ⅷ",
        "٣",
        "1",
        "12",
        "123",
        "1234",
        "1234567",
        "3.14",
        "1,000",
        "0",
        "9",
        " ",
        " ",
        " ",
        "  ",
        "   ",
        "\t",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "\u{b}",
        "\u{a0}",
        "\u{3000}",
        "\u{2003}",
        "\u{85}",
        ".",
        ",",
        "!",
        "?",
        "...",
        "…",
        "。",
        "，",
        "、",
        "।",
        "۔",
        "،",
        "-",
        "--",
        "/",
        "//",
        "\\",
        "(",
        ")",
        "[x]",
        "{",
        "}",
        "<",
        ">",
        "=",
        "==",
        "+",
        "$",
        "€",
        "^",
        "~",
        "|",
        "`",
        "#",
        "%",
        "&",
        "*",
        "@",
        "_",
        "\"",
        "“",
        "”",
        "：",
        "～",
        "‘",
        "\0",
        "\u{7f}",
        "\u{200b}",
        "\u{ad}",
        "😀",
        "👩\u{200d}🚀",
        "\u{e000}",
        "\u{2ebf0}",
        "\u{1c89}",
        "\u{378}",
        "<|endoftext|>",
        "<|x|>",
        "<sentinel:12>",
        "IMGIMGABZ",
        "IMGIMGABCDEZ",
    ];
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..n)
        .map(|_| {
            let count = rng.random_range(1..14);
            (0..count)
                .map(|_| BITS[rng.random_range(0..BITS.len())])
                .collect()
        })
        .collect()
}

fn compare(what: &str, v: &Vocabulary, model: &LlamaModel, texts: &[String]) {
    for text in texts {
        assert_eq!(
            v.encode(text).unwrap(),
            ids(model, text),
            "{what}: {text:?}"
        );
    }
}

#[test]
fn every_pre_tokenizer_and_llama_cpp_agree() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.gguf");
    let texts = texts(150, 7);
    let mut fingerprints = std::collections::BTreeMap::<String, Vec<&str>>::new();
    let mut count = 0;
    for pre in pre_tokenizers() {
        std::fs::write(&path, gguf_bytes(&every_pair(pre, 3))).unwrap();
        let v = ours(&path).unwrap();
        let model = llama(&path);
        compare(pre, &v, &model, &texts);
        assert_eq!(v.add_bos(), model.vocab().should_add_bos(), "{pre}");
        for text in &texts {
            assert_eq!(v.decode(&v.encode(text).unwrap()), text.as_bytes());
        }
        fingerprints
            .entry(v.fingerprint().to_owned())
            .or_default()
            .push(pre);
        count += 1;
    }
    assert!(count > 60);
    eprintln!(
        "{count} names, {} ways: {:?}",
        fingerprints.len(),
        fingerprints.values()
    );

    // What is not reproduced is refused by its name.
    for pre in ["gemma4", "mmbert", "no-such-pre-tokenizer"] {
        std::fs::write(&path, gguf_bytes(&every_pair(pre, 3))).unwrap();
        let error = ours(&path).err().unwrap();
        assert!(matches!(error, VocabError::Unsupported { .. }));
        assert!(
            error.to_string().contains(pre) && error.to_string().contains("v.gguf"),
            "{error}"
        );
    }
}

/// The kind of every code point decides how `a?a`, `1?1`, `!?!` and ` ?` are cut.
#[test]
fn every_code_point() {
    let folder = tempfile::tempdir().unwrap();
    let path = &folder.path().join("v.gguf");
    for (pre, end) in [
        ("qwen35", 0x11_0000),
        ("deepseek-v3", 0x2_0000),
        ("gpt-2", 0x11_0000),
    ] {
        std::fs::write(path, gguf_bytes(&every_pair(pre, 4))).unwrap();
        let (v, model) = (ours(path).unwrap(), llama(path));
        let all: Vec<char> = (0..end).filter_map(char::from_u32).collect();
        let texts: Vec<String> = all
            .chunks(100)
            // Of the long stretches of one kind a tenth is enough.
            .filter(|c| {
                let long = matches!(c[0] as u32, 0x3500..0x9F00 | 0xAD00..0xD700 | 0x1_7100..0x1_8700 | 0x2_0100..);
                !long || (c[0] as u32 / 100).is_multiple_of(10)
            })
            .map(|c| {
                c.iter()
                    .map(|c| format!("a{c}a1{c}1!{c}! {c}{c} \n"))
                    .collect()
            })
            .collect();
        compare(pre, &v, &model, &texts);
    }
}

/// Equal vocabularies have equal fingerprints whatever else is in the file; a change that
/// changes ids changes the fingerprint.
#[test]
fn fingerprints() {
    let folder = tempfile::tempdir().unwrap();
    let path = &folder.path().join("v.gguf");
    let of = |metadata: &[(&'static str, Kv)]| {
        std::fs::write(path, gguf_bytes(metadata)).unwrap();
        ours(path).unwrap().fingerprint().to_owned()
    };
    let base = every_pair("qwen2", 9);
    let fingerprint = of(&base);
    assert_eq!(fingerprint.len(), 64);
    let with = |key: &'static str, value: Kv| {
        let mut metadata = base.clone();
        metadata.retain(|(k, _)| *k != key);
        metadata.push((key, value));
        of(&metadata)
    };
    assert_eq!(with("general.file_type", Kv::U32(15)), fingerprint);
    assert_eq!(
        with("general.architecture", Kv::Str("qwen2".into())),
        fingerprint
    );
    assert_eq!(
        with("tokenizer.ggml.pre", Kv::Str("megrez".into())),
        fingerprint
    );
    assert_ne!(
        with("tokenizer.ggml.pre", Kv::Str("llama-bpe".into())),
        fingerprint
    );
    assert_ne!(of(&every_pair("qwen2", 10)), fingerprint);
    for (key, value) in &base {
        let changed = match value.clone() {
            Kv::Strs(mut all) => {
                let n = all.len();
                all.swap(n - 1, n - 2);
                Kv::Strs(all)
            }
            Kv::I32s(mut all) => {
                all[9] = 4;
                Kv::I32s(all)
            }
            _ => continue,
        };
        assert_ne!(with(key, changed), fingerprint, "{key}");
    }
}

/// Pieces that are merged with a heap.
#[test]
fn long_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let path = &folder.path().join("v.gguf");
    std::fs::write(path, gguf_bytes(&every_pair("qwen2", 5))).unwrap();
    let (v, model) = (ours(path).unwrap(), llama(path));
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let texts: Vec<String> = (0..200)
        .map(|i| {
            (0..i * 5)
                .map(|_| (b'a' + (rng.next_u32() % 3) as u8) as char)
                .collect()
        })
        .collect();
    compare("long", &v, &model, &texts);
}

/// Random scored vocabularies over few letters, with and without the space before texts.
#[test]
fn sentencepiece() {
    let folder = tempfile::tempdir().unwrap();
    let path = &folder.path().join("v.gguf");
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    for round in 0..12 {
        let mut tokens: Vec<String> = ["<unk>", "<s>", "</s>", "<|endoftext|>"]
            .map(String::from)
            .into();
        let mut types = vec![2, 3, 3, 3];
        for b in 0..=255u8 {
            tokens.push(format!("<0x{b:02X}>"));
            types.push(6);
        }
        let letters = ["a", "b", "c", "é", "語", "▁", "\n"];
        for text in ["<tag>", "\n\n", "▁▁▁"] {
            tokens.push(text.into());
            types.push(4);
        }
        for _ in 0..300 {
            let n = rng.random_range(1..7);
            let text: String = (0..n)
                .map(|_| letters[rng.random_range(0..letters.len())])
                .collect();
            if !tokens.contains(&text) {
                tokens.push(text);
                types.push(1);
            }
        }
        // Few different scores, so that ties happen.
        let scores = tokens
            .iter()
            .map(|_| rng.random_range(-9..0) as f32 / 4.0)
            .collect();
        let mut metadata = vec![
            ("general.architecture", Kv::Str("llama".into())),
            ("tokenizer.ggml.model", Kv::Str("llama".into())),
            ("tokenizer.ggml.token_type", Kv::I32s(types)),
            ("tokenizer.ggml.scores", Kv::F32s(scores)),
            (
                "tokenizer.ggml.tokens",
                Kv::Strs(tokens.into_iter().map(String::into_bytes).collect()),
            ),
        ];
        match round % 3 {
            0 => metadata.push(("tokenizer.ggml.add_space_prefix", Kv::Bool(false))),
            1 => metadata.push(("general.name", Kv::Str("My Phi-3 mini".into()))),
            _ => {}
        }
        std::fs::write(path, gguf_bytes(&metadata)).unwrap();
        let (v, model) = (ours(path).unwrap(), llama(path));
        let bits = [
            "a", "b", "c", "é", "語", " ", " ", "  ", "▁", "\n", "\t", "ü", "😀", "<tag>", "<s>",
            "<0x41>",
        ];
        let texts: Vec<String> = (0..400)
            .map(|_| {
                let n = rng.random_range(0..40);
                (0..n)
                    .map(|_| bits[rng.random_range(0..bits.len())])
                    .collect()
            })
            .collect();
        compare("sentencepiece", &v, &model, &texts);
    }
}
