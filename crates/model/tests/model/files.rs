//! Loading: bad files, progress, and llama.cpp's tokenizer.

use std::ops::ControlFlow;
use std::path::Path;

use rotescope_model::{Engine, LlamaEncoder, ModelError, ModelOptions};
use rotescope_testing::gguf::vocabulary;
use rotescope_testing::pocket;
use rotescope_vocab::Encode;

use crate::{PROMPT, load};

#[test]
fn files_that_are_no_model_give_errors() {
    let path = pocket();
    let dir = tempfile::tempdir().unwrap();
    let fails = |path: &Path| {
        let error = Engine::load(ModelOptions::new(path), |_| ControlFlow::Continue(()))
            .err()
            .expect("no model");
        assert!(
            error.to_string().contains(&path.display().to_string()),
            "{error}"
        );
        eprintln!("{error}");
        error
    };
    assert!(matches!(
        fails(&dir.path().join("none.gguf")),
        ModelError::Missing { .. }
    ));
    assert!(matches!(
        fails(dir.path()),
        ModelError::NotAFile { what: "folder", .. }
    ));
    #[cfg(unix)]
    assert!(matches!(
        fails(Path::new("/dev/null")),
        ModelError::NotAFile { .. }
    ));
    let whole = std::fs::read(&path).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let file = dir.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    assert!(matches!(
        fails(&write("empty.gguf", b"")),
        ModelError::Empty { .. }
    ));
    assert!(matches!(
        fails(&write("text.gguf", b"Once upon a time")),
        ModelError::NotGguf { .. }
    ));
    for size in [
        4,
        8,
        15,
        16,
        24,
        100,
        1_000,
        20_000,
        60_000,
        100_000,
        whole.len() / 2,
        whole.len() - 1,
    ] {
        let error = fails(&write("cut.gguf", &whole[..size]));
        assert!(
            matches!(error, ModelError::Truncated { .. }),
            "{size}: {error:?}"
        );
    }
    // An architecture of the same length that nobody has.
    let key = b"general.architecture";
    let at = whole.windows(key.len()).position(|w| w == key).unwrap() + key.len() + 12;
    let mut renamed = whole.clone();
    renamed[at..at + 5].copy_from_slice(b"lyama");
    let error = fails(&write("renamed.gguf", &renamed));
    assert!(
        matches!(&error, ModelError::UnsupportedArchitecture { architecture, .. } if architecture == "lyama"),
        "{error:?}"
    );
    assert!(matches!(
        fails(&write("vocabulary.gguf", &vocabulary())),
        ModelError::VocabularyOnly { .. }
    ));
}

#[test]
fn loading_reports_progress_and_can_be_stopped() {
    let path = pocket();
    let (sender, shares) = std::sync::mpsc::channel();
    let engine = Engine::load(ModelOptions::new(&path), move |share| {
        let _ = sender.send(share);
        ControlFlow::Continue(())
    });
    assert!(engine.is_ok());
    let shares: Vec<f32> = shares.iter().collect();
    assert!(
        shares.windows(2).all(|w| w[0] <= w[1]) && shares.last() == Some(&1.0),
        "{shares:?}"
    );
    let stopped = Engine::load(ModelOptions::new(&path), |_| ControlFlow::Break(()));
    assert_eq!(stopped.err(), Some(ModelError::LoadStopped));
}

#[test]
fn the_tokenizer_of_llama_cpp_serves_with_and_without_weights() {
    let path = pocket();
    let engine = load(ModelOptions::new(&path));
    let encoder = LlamaEncoder::load(&path).unwrap();
    let texts = [PROMPT, "", " é 漢字 🦀\t\r\n", "a<|endoftext|>b", "\u{0}"];
    for (text, ids) in texts.iter().zip(encoder.encode_batch(&texts).unwrap()) {
        assert_eq!(ids, engine.tokenize(text, false, true), "{text:?}");
        assert!(ids.iter().all(|&id| (id as usize) < encoder.size()));
        let bytes: Vec<u8> = ids.iter().flat_map(|&id| encoder.token_bytes(id)).collect();
        assert_eq!(bytes, text.as_bytes());
    }
    assert_eq!(encoder.size(), engine.info().vocabulary);
    assert_eq!(encoder.token_bytes(u32::MAX), b"");
    assert_eq!(engine.token_bytes(encoder.size() as u32), b"");
    assert_eq!(
        encoder.fingerprint(),
        LlamaEncoder::load(&path).unwrap().fingerprint()
    );
}
