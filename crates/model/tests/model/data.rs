//! Tests that need data that is no part of the repository: `make test-data DATA=DIR`.

use rotescope_model::{FinishReason, LlamaEncoder, ModelOptions};
use rotescope_testing::data;
use rotescope_vocab::Encode;

use crate::{generate, load, request, text};

#[test]
#[ignore = "needs foreign data: make test-data"]
fn the_prototype_answers_as_recorded() {
    let engine = load(ModelOptions::new(data("recipe/prototype-q8_0.gguf")));
    let answer = generate(&engine, request(&engine));
    assert_eq!(
        text(&answer),
        " 8 * 7 = 56, which leaves 56 + 1. 56 + 1 = 57. So the answer is 57."
    );
    assert_eq!(answer.outcome.finish, FinishReason::End);
    let info = engine.info();
    assert_eq!(answer.outcome.ending.as_ref().map(|t| t.id), info.eos);
    assert_eq!(
        (info.architecture.as_str(), info.quantization.as_deref()),
        ("llama", Some("Q8_0"))
    );
    assert_eq!(
        (info.context_train, info.context, info.vocabulary),
        (256, 256, 2048)
    );
    assert_eq!(info.file, "prototype-q8_0.gguf");
    assert!(
        info.parameters > 5_000_000 && info.parameters < 6_000_000,
        "{}",
        info.parameters
    );
}

#[test]
#[ignore = "needs foreign data: make test-data"]
fn vocabularies_of_other_models_encode_as_recorded() {
    let mut fingerprints = std::collections::BTreeSet::new();
    for name in ["gpt-2", "llama-spm", "falcon", "starcoder", "deepseek-llm"] {
        let file = data(&format!("vocabs/ggml-vocab-{name}.gguf"));
        let read = |end: &str| std::fs::read_to_string(format!("{}{end}", file.display())).unwrap();
        let (inputs, outputs) = (read(".inp"), read(".out"));
        let texts: Vec<&str> = inputs.split("\n__ggml_vocab_test__\n").collect();
        let encoder = LlamaEncoder::load(&file).unwrap();
        let ids = encoder.encode_batch(&texts).unwrap();
        let mut compared = 0;
        for ((text, ids), line) in texts.iter().zip(ids).zip(outputs.lines()) {
            let expected: Vec<u32> = line
                .split_whitespace()
                .map(|id| id.parse().unwrap())
                .collect();
            assert_eq!(ids, expected, "{name}: {text:?}");
            compared += 1;
        }
        assert!(compared > 30, "{name}: {compared}");
        assert_eq!(encoder.fingerprint().len(), 64);
        fingerprints.insert(encoder.fingerprint().to_owned());
    }
    assert_eq!(fingerprints.len(), 5, "each vocabulary has its own");
}
