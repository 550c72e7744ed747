//! Tests that need data that is no part of the repository: `make test-data DATA=DIR`.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_testing::data;
use rotescope_vocab::{Encode, Gguf, GgufError, Vocabulary};

use crate::gguf::survive;

#[test]
#[ignore = "needs foreign data: make test-data"]
fn prototype_header_and_missing_weights() {
    let model = data("recipe/prototype-q8_0.gguf");
    let g = Gguf::open(&model).unwrap();
    g.check_weights().unwrap();
    assert_eq!(g.architecture(), Some("llama"));
    assert_eq!(g.quantization(), Some("Q8_0"));
    assert_eq!(g.context_length(), Some(256));
    let parameters = g.parameter_count();
    assert!((5_300_000..5_400_000).contains(&parameters), "{parameters}");
    assert_eq!(g.tensors().len(), 56);
    let bytes = std::fs::read(&model).unwrap();
    assert_eq!(g.expected_len(), bytes.len() as u64);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.gguf");
    for n in [bytes.len() - 1, bytes.len() / 2] {
        std::fs::write(&path, &bytes[..n]).unwrap();
        let g = Gguf::open(&path).unwrap();
        match g.check_weights() {
            Err(GgufError::DataCutOff {
                expected, found, ..
            }) => {
                assert_eq!((expected, found), (bytes.len() as u64, n as u64));
            }
            other => panic!("{other:?}"),
        }
        // The vocabulary is whole.
        assert_eq!(Vocabulary::from_gguf(&g).unwrap().size(), 2048);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    for _ in 0..60 {
        let n = rng.random_range(0..bytes.len());
        survive(&path, &bytes[..n]);
    }
}
