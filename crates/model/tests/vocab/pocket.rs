//! The bundled model's vocabulary against llama.cpp and the `tokenizers` crate.

use std::path::PathBuf;

use rotescope_testing::{pocket, repository};
use rotescope_vocab::{Encode, VocabError, Vocabulary, load};

use crate::support::{compare, ours, strings};

fn tokenizer_json() -> PathBuf {
    repository("models/pocket/tokenizer.json")
}

#[test]
fn pocket_gguf_json_and_llama_cpp_agree() {
    let (gguf, json) = (pocket(), tokenizer_json());
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
    let json = tokenizer_json();
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
