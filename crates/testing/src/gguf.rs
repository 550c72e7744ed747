//! Writing small GGUF files without tensors, for tests.

/// A metadata value to write.
#[derive(Clone)]
pub enum Kv {
    U32(u32),
    Bool(bool),
    Str(String),
    Strs(Vec<Vec<u8>>),
    I32s(Vec<i32>),
    F32s(Vec<f32>),
}

fn put_str(out: &mut Vec<u8>, s: &[u8]) {
    out.extend((s.len() as u64).to_le_bytes());
    out.extend(s);
}

/// The bytes of a version 3 file with this metadata.
pub fn gguf_bytes(metadata: &[(&str, Kv)]) -> Vec<u8> {
    let mut out = b"GGUF".to_vec();
    out.extend(3u32.to_le_bytes());
    out.extend(0u64.to_le_bytes());
    out.extend((metadata.len() as u64).to_le_bytes());
    for (key, value) in metadata {
        put_str(&mut out, key.as_bytes());
        let array = |out: &mut Vec<u8>, element: u32, n: usize| {
            out.extend(9u32.to_le_bytes());
            out.extend(element.to_le_bytes());
            out.extend((n as u64).to_le_bytes());
        };
        match value {
            Kv::U32(n) => {
                out.extend(4u32.to_le_bytes());
                out.extend(n.to_le_bytes());
            }
            Kv::Bool(b) => {
                out.extend(7u32.to_le_bytes());
                out.push(u8::from(*b));
            }
            Kv::Str(s) => {
                out.extend(8u32.to_le_bytes());
                put_str(&mut out, s.as_bytes());
            }
            Kv::Strs(all) => {
                array(&mut out, 8, all.len());
                all.iter().for_each(|s| put_str(&mut out, s));
            }
            Kv::I32s(all) => {
                array(&mut out, 5, all.len());
                all.iter().for_each(|n| out.extend(n.to_le_bytes()));
            }
            Kv::F32s(all) => {
                array(&mut out, 6, all.len());
                all.iter().for_each(|n| out.extend(n.to_le_bytes()));
            }
        }
    }
    out
}

/// A small file without tensors that has every kind of thing that a vocabulary has.
pub fn vocabulary() -> Vec<u8> {
    let mut tokens: Vec<Vec<u8>> = (b'!'..=b'~').map(|b| vec![b]).collect();
    tokens.extend(["ab", "abc", "<|end|>"].map(|s| s.as_bytes().to_vec()));
    let n = tokens.len();
    gguf_bytes(&[
        ("general.architecture", Kv::Str("llama".into())),
        ("llama.context_length", Kv::U32(256)),
        ("tokenizer.ggml.model", Kv::Str("gpt2".into())),
        ("tokenizer.ggml.pre", Kv::Str("qwen2".into())),
        ("tokenizer.ggml.tokens", Kv::Strs(tokens)),
        ("tokenizer.ggml.token_type", Kv::I32s(vec![1; n])),
        ("tokenizer.ggml.scores", Kv::F32s(vec![0.5; n])),
        (
            "tokenizer.ggml.merges",
            Kv::Strs(vec![b"a b".to_vec(), b"ab c".to_vec()]),
        ),
        ("tokenizer.ggml.add_bos_token", Kv::Bool(false)),
    ])
}
