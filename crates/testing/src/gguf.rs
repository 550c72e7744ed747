//! Writing small GGUF files without tensors, splitting files into parts, and changing their metadata, for tests.

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

/// A version 3 file cut into `parts`, as llama.cpp's gguf-split does: all metadata in the first, the tensors one after another, each part with
/// `split.no`, `split.count` and `split.tensors.count`.
///
/// # Panics
/// If it is no such file, or has fewer tensors than parts.
pub fn split(file: &[u8], parts: usize) -> Vec<Vec<u8>> {
    let mut read = Reader { file, at: 8 };
    let (tensors, keys) = (read.u64() as usize, read.u64());
    assert!(file.starts_with(b"GGUF\x03") && tensors >= parts);
    let from = read.at;
    for _ in 0..keys {
        read.text();
        let kind = read.u32();
        read.value(kind);
    }
    let metadata = &file[from..read.at];
    // Each with everything of its table row but the offset, and the offset.
    let rows: Vec<(&[u8], usize)> = (0..tensors)
        .map(|_| {
            let from = read.at;
            read.text();
            let dimensions = read.u32() as usize;
            read.at += 8 * dimensions + 4;
            let row = &file[from..read.at];
            (row, read.u64() as usize)
        })
        .collect();
    let data = &file[read.at.next_multiple_of(ALIGNMENT)..];
    let mut ends: Vec<usize> = rows
        .iter()
        .map(|(_, offset)| *offset)
        .chain([data.len()])
        .collect();
    ends.sort_unstable();
    let each = tensors.div_ceil(parts);
    let of_part = |part: usize| {
        let own = &rows[(part * each).min(tensors)..((part + 1) * each).min(tensors)];
        let mut out = b"GGUF\x03\0\0\0".to_vec();
        out.extend((own.len() as u64).to_le_bytes());
        out.extend((3 + if part == 0 { keys } else { 0 }).to_le_bytes());
        if part == 0 {
            out.extend(metadata);
        }
        for (key, kind, bytes) in [
            ("split.no", 2u32, (part as u16).to_le_bytes().to_vec()),
            ("split.count", 2, (parts as u16).to_le_bytes().to_vec()),
            (
                "split.tensors.count",
                5,
                (tensors as i32).to_le_bytes().to_vec(),
            ),
        ] {
            put_str(&mut out, key.as_bytes());
            out.extend(kind.to_le_bytes());
            out.extend(bytes);
        }
        let mut weights: Vec<u8> = Vec::new();
        for (row, offset) in own {
            out.extend(*row);
            out.extend((weights.len() as u64).to_le_bytes());
            let end = ends[ends.partition_point(|e| e <= offset)];
            weights.extend(&data[*offset..end]);
            weights.resize(weights.len().next_multiple_of(ALIGNMENT), 0);
        }
        out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
        out.extend(weights);
        out
    };
    (0..parts).map(of_part).collect()
}

/// A version 3 file with a text as metadata, in place of what it has under that key.
///
/// # Panics
/// If it is no such file.
pub fn with_text(file: &[u8], key: &str, text: &str) -> Vec<u8> {
    let mut read = Reader { file, at: 8 };
    let (tensors, keys) = (read.u64(), read.u64());
    let mut kept: Vec<&[u8]> = Vec::new();
    for _ in 0..keys {
        let from = read.at;
        read.text();
        let same = &file[from + 8..read.at] == key.as_bytes();
        let kind = read.u32();
        read.value(kind);
        if !same {
            kept.push(&file[from..read.at]);
        }
    }
    let from = read.at;
    for _ in 0..tensors {
        read.text();
        let dimensions = read.u32() as usize;
        read.at += 8 * dimensions + 12;
    }
    let (table, data) = (&file[from..read.at], read.at.next_multiple_of(ALIGNMENT));
    let mut out = b"GGUF\x03\0\0\0".to_vec();
    out.extend(tensors.to_le_bytes());
    out.extend((kept.len() as u64 + 1).to_le_bytes());
    kept.iter().for_each(|pair| out.extend(*pair));
    put_str(&mut out, key.as_bytes());
    out.extend(8u32.to_le_bytes());
    put_str(&mut out, text.as_bytes());
    out.extend(table);
    out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
    out.extend(&file[data..]);
    out
}

/// Of tensor data, where a file says nothing else.
const ALIGNMENT: usize = 32;

struct Reader<'a> {
    file: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn u32(&mut self) -> u32 {
        self.at += 4;
        u32::from_le_bytes(self.file[self.at - 4..self.at].try_into().unwrap())
    }

    fn u64(&mut self) -> u64 {
        self.at += 8;
        u64::from_le_bytes(self.file[self.at - 8..self.at].try_into().unwrap())
    }

    fn text(&mut self) {
        self.at += self.u64() as usize;
    }

    /// Passes over a value of a kind.
    fn value(&mut self, kind: u32) {
        match kind {
            0 | 1 | 7 => self.at += 1,
            2 | 3 => self.at += 2,
            4..=6 => self.at += 4,
            8 => self.text(),
            9 => {
                let (kind, count) = (self.u32(), self.u64());
                (0..count).for_each(|_| self.value(kind));
            }
            _ => self.at += 8,
        }
    }
}
