//! The GGUF reader on sound, cut-off and damaged files.

use std::path::Path;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_vocab::{Encode, Gguf, GgufError, Vocabulary};

use rotescope_testing::gguf::vocabulary;

/// Opens damaged bytes and, where that goes well, uses the vocabulary too.
pub fn survive(path: &Path, bytes: &[u8]) -> bool {
    std::fs::write(path, bytes).unwrap();
    match Gguf::open(path) {
        Err(e) => {
            assert!(e.to_string().contains(path.to_str().unwrap()), "{e}");
            false
        }
        Ok(g) => {
            let _ = (
                g.check_weights(),
                g.parameter_count(),
                g.quantization(),
                g.expected_len(),
            );
            match Vocabulary::from_gguf(&g) {
                Ok(v) => {
                    let ids = v.encode("abc ab, 12 <|end|>").unwrap_or_default();
                    assert!(ids.iter().all(|&id| (id as usize) < v.size()));
                    v.decode(&ids);
                }
                Err(e) => assert!(e.to_string().contains(path.to_str().unwrap()), "{e}"),
            }
            true
        }
    }
}

/// Peak of the address space of this process in bytes, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmPeak:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

#[test]
fn every_truncation_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.gguf");
    let whole = vocabulary();
    assert!(survive(&path, &whole));
    for n in 0..whole.len() {
        assert!(!survive(&path, &whole[..n]), "{n} of {}", whole.len());
    }
}

#[test]
fn damage_never_panics_nor_allocates_wildly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.gguf");
    let whole = vocabulary();
    let before = peak();
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    for round in 0..2500 {
        let mut bytes = whole.clone();
        for _ in 0..rng.random_range(1..4) {
            let at = rng.random_range(0..bytes.len());
            if round % 3 == 0 && at + 8 <= bytes.len() {
                // An absurd length or count.
                let n = u64::MAX >> rng.random_range(0..40);
                bytes[at..at + 8].copy_from_slice(&n.to_le_bytes());
            } else {
                bytes[at] = rng.next_u32() as u8;
            }
        }
        survive(&path, &bytes);
    }
    if let (Some(before), Some(after)) = (before, peak()) {
        eprintln!("peak grew by {} kB", (after - before) / 1024);
        assert!(after - before < 600 << 20, "{}", after - before);
    }
}

#[test]
fn errors_say_what_the_file_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.gguf");
    let open = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        Gguf::open(&path)
    };
    assert!(matches!(open(b""), Err(GgufError::NotGguf { .. })));
    assert!(matches!(
        open(b"PK\x03\x04zip"),
        Err(GgufError::NotGguf { .. })
    ));
    assert!(matches!(
        open(b"GGUF\0\0\0\x03"),
        Err(GgufError::BigEndian { .. })
    ));
    assert!(matches!(
        open(b"GGUF\x01\0\0\0"),
        Err(GgufError::Version { version: 1, .. })
    ));
    assert!(matches!(
        open(b"GGUF\x03\0\0\0\0"),
        Err(GgufError::HeaderCutOff { .. })
    ));
    assert!(matches!(
        Gguf::open(folder.path()),
        Err(GgufError::NotAFile { .. })
    ));
    let missing = Gguf::open(&folder.path().join("none.gguf")).unwrap_err();
    assert!(matches!(missing, GgufError::Io { .. }) && missing.to_string().contains("none.gguf"));
    let g = open(&vocabulary()).unwrap();
    assert!(matches!(
        g.check_weights(),
        Err(GgufError::VocabularyOnly { .. })
    ));
    assert_eq!(g.context_length(), Some(256));
}
