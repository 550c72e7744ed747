//! Tests that need data that is no part of the repository: `make test-data DATA=DIR`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rotescope_testing::data;
use rotescope_vocab::{Encode, Gguf};

use crate::support::{compare, llama, ours, strings};

fn vocabularies() -> Vec<PathBuf> {
    let files = std::fs::read_dir(data("vocabs"))
        .unwrap()
        .map(|e| e.unwrap().path());
    let mut files: Vec<PathBuf> = files
        .filter(|p| p.extension().is_some_and(|e| e == "gguf"))
        .collect();
    files.sort();
    assert!(files.len() >= 5);
    files
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

#[test]
#[ignore = "needs foreign data: make test-data"]
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
#[ignore = "needs foreign data: make test-data"]
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
#[ignore = "needs foreign data: make test-data"]
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
