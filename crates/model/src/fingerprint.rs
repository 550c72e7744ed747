//! What in a GGUF file decides the token ids, hashed.

use sha2::{Digest, Sha256};

use rotescope_vocab::gguf::{Gguf, Value};
use rotescope_vocab::hash::hex;

/// Metadata that decides how llama.cpp turns text into ids. BOS, EOS and the chat template do not.
const DECIDING: [&str; 12] = [
    "general.architecture",
    "tokenizer.ggml.model",
    "tokenizer.ggml.pre",
    "tokenizer.ggml.tokens",
    "tokenizer.ggml.token_type",
    "tokenizer.ggml.scores",
    "tokenizer.ggml.merges",
    "tokenizer.ggml.unknown_token_id",
    "tokenizer.ggml.add_space_prefix",
    "tokenizer.ggml.remove_extra_whitespaces",
    "tokenizer.ggml.escape_whitespaces",
    "tokenizer.ggml.precompiled_charsmap",
];

/// Hex SHA-256 over the deciding metadata of a file, in the order of [`DECIDING`].
pub(super) fn fingerprint(gguf: &Gguf) -> String {
    let mut hash = Sha256::new();
    hash.update(b"llama.cpp tokenizer/1\n");
    for key in DECIDING {
        if let Some(value) = gguf.get(key) {
            hash.update(key.as_bytes());
            update(&mut hash, value);
        }
    }
    // llama.cpp treats spaces after special tokens otherwise for models of this name.
    let name = gguf.name().unwrap_or_default().to_lowercase();
    if name.contains("phi-3") || name.contains("phi3") {
        hash.update(b"phi-3");
    }
    hex(&hash.finalize())
}

/// Adds a value with its kind and its lengths, so that no two values look alike.
fn update(hash: &mut Sha256, value: &Value) {
    let mut part = |kind: u8, bytes: &[u8]| {
        hash.update([kind]);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    match value {
        Value::Uint(n) => part(0, &n.to_le_bytes()),
        Value::Int(n) => part(1, &n.to_le_bytes()),
        Value::Float(x) => part(2, &x.to_le_bytes()),
        Value::Bool(b) => part(3, &[u8::from(*b)]),
        Value::String(s) => part(4, s),
        Value::Strings(all) => {
            part(5, &(all.len() as u64).to_le_bytes());
            all.iter().for_each(|s| part(4, s));
        }
        Value::Numbers(_, bytes) => part(6, bytes),
    }
}
