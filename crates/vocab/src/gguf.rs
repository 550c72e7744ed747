//! A reader of GGUF headers that trusts nothing in the file.
//!
//! It reads the metadata and the tensor table, never the weights, and works on files whose
//! weights are cut off or absent. Every length is held against what is left of the file before
//! anything is read or allocated for it. GGUF versions 2 and 3, little endian, as specified in
//! ggml's `docs/gguf.md`.

mod read;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ggml::{self, TensorType};

/// Why a file could not be read as GGUF. Every message names the file and the way out.
#[derive(Debug, thiserror::Error)]
pub enum GgufError {
    #[error("cannot read {}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{} is a folder, not a GGUF file; name the .gguf file inside it", path.display())]
    NotAFile { path: PathBuf },
    #[error("{} is not a GGUF file: it starts with {found}, not \"GGUF\"; convert the model with llama.cpp's convert_hf_to_gguf.py or download a .gguf", path.display())]
    NotGguf { path: PathBuf, found: String },
    #[error("{} is a big-endian GGUF file; only little-endian ones are read: convert it with gguf-py's gguf_convert_endian.py", path.display())]
    BigEndian { path: PathBuf },
    #[error("{} is GGUF version {version}; versions 2 and 3 are read: convert the model anew with a current llama.cpp", path.display())]
    Version { path: PathBuf, version: u32 },
    #[error("{} ends in the middle of its header ({what}, at byte {at} of {len}); it is cut off: download or copy it again", path.display())]
    HeaderCutOff {
        path: PathBuf,
        what: String,
        at: u64,
        len: u64,
    },
    #[error("{} is corrupt: {what} (near byte {at}); download or copy it again", path.display())]
    Corrupt {
        path: PathBuf,
        what: String,
        at: u64,
    },
    #[error("{} is cut off: its tensors need {expected} bytes, the file has {found} ({} missing); download or copy it again", path.display(), expected - found)]
    DataCutOff {
        path: PathBuf,
        expected: u64,
        found: u64,
    },
    #[error("{} holds a vocabulary but no weights; it can encode text, not generate: give a complete model", path.display())]
    VocabularyOnly { path: PathBuf },
}

/// The element type of a numeric array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    U64,
    I64,
    F64,
}

impl Element {
    fn from_id(id: u32) -> Option<Element> {
        use Element::*;
        Some(match id {
            0 => U8,
            1 => I8,
            2 => U16,
            3 => I16,
            4 => U32,
            5 => I32,
            6 => F32,
            7 => Bool,
            10 => U64,
            11 => I64,
            12 => F64,
            _ => return None,
        })
    }

    fn size(self) -> u64 {
        use Element::*;
        match self {
            U8 | I8 | Bool => 1,
            U16 | I16 => 2,
            U32 | I32 | F32 => 4,
            U64 | I64 | F64 => 8,
        }
    }
}

/// Many byte strings in one allocation. GGUF strings are meant to be UTF-8, but need not be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Strings {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Strings {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn get(&self, i: usize) -> Option<&[u8]> {
        let end = *self.ends.get(i)?;
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        Some(&self.bytes[start..end])
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.len()).map(|i| self.get(i).unwrap_or_default())
    }
}

/// One metadata value. Integers and floats are widened; arrays of numbers keep their bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Uint(u64),
    Int(i64),
    Float(f64),
    Bool(bool),
    String(Vec<u8>),
    Strings(Strings),
    /// Little-endian elements, one after the other.
    Numbers(Element, Vec<u8>),
}

/// One row of the tensor table.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    pub name: String,
    /// Elements along each dimension, the fastest-running first; 0 to 4 dimensions.
    pub shape: Vec<u64>,
    pub kind: TensorType,
    /// Bytes from the start of the tensor data, not of the file.
    pub offset: u64,
    /// Size in bytes.
    pub size: u64,
}

/// The header of a GGUF file.
#[derive(Debug, Clone)]
pub struct Gguf {
    path: PathBuf,
    version: u32,
    metadata: BTreeMap<String, Value>,
    tensors: Vec<Tensor>,
    data_start: u64,
    file_len: u64,
}

impl Gguf {
    /// Reads the header of `path`. Missing or cut-off tensor data is no error here: see
    /// [`Gguf::check_weights`].
    pub fn open(path: &Path) -> Result<Gguf, GgufError> {
        read::header(path)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Version of the container: 2 or 3.
    pub fn version(&self) -> u32 {
        self.version
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.metadata.get(key)
    }

    /// All metadata, by key.
    pub fn metadata(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.metadata.iter().map(|(k, v)| (k.as_str(), v))
    }

    /// A text value that is valid UTF-8.
    pub fn str(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::String(s) => std::str::from_utf8(s).ok(),
            _ => None,
        }
    }

    /// A whole number that is not negative.
    pub fn uint(&self, key: &str) -> Option<u64> {
        match *self.get(key)? {
            Value::Uint(n) => Some(n),
            Value::Int(n) => u64::try_from(n).ok(),
            _ => None,
        }
    }

    pub fn bool(&self, key: &str) -> Option<bool> {
        match *self.get(key)? {
            Value::Bool(b) => Some(b),
            _ => None,
        }
    }

    pub fn strings(&self, key: &str) -> Option<&Strings> {
        match self.get(key)? {
            Value::Strings(s) => Some(s),
            _ => None,
        }
    }

    /// An array of 32-bit integers.
    pub fn i32s(&self, key: &str) -> Option<Vec<i32>> {
        match self.get(key)? {
            Value::Numbers(Element::I32, b) => Some(words(b).map(i32::from_le_bytes).collect()),
            _ => None,
        }
    }

    /// An array of 32-bit floats; 32-bit integers are converted, as llama.cpp does for scores.
    pub fn f32s(&self, key: &str) -> Option<Vec<f32>> {
        match self.get(key)? {
            Value::Numbers(Element::F32, b) => Some(words(b).map(f32::from_le_bytes).collect()),
            Value::Numbers(Element::I32, b) => {
                Some(words(b).map(|w| i32::from_le_bytes(w) as f32).collect())
            }
            _ => None,
        }
    }

    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// Model architecture, such as `llama` or `qwen2`.
    pub fn architecture(&self) -> Option<&str> {
        self.str("general.architecture")
    }

    /// Name that the model's makers gave it.
    pub fn name(&self) -> Option<&str> {
        self.str("general.name")
    }

    /// Longest context, in tokens, that the model was trained for.
    pub fn context_length(&self) -> Option<u64> {
        self.uint(&format!("{}.context_length", self.architecture()?))
    }

    /// The model's own chat template (Jinja).
    pub fn chat_template(&self) -> Option<&str> {
        self.str("tokenizer.chat_template")
    }

    /// Quantization, such as `Q8_0` or `Q4_K_M`: the file's own statement, or else the type of
    /// most of its weights. `None` without weights and without a statement.
    pub fn quantization(&self) -> Option<&'static str> {
        if let Some(name) = self.uint("general.file_type").and_then(ggml::file_type) {
            return Some(name);
        }
        let mut sizes: BTreeMap<&'static str, u64> = BTreeMap::new();
        for t in &self.tensors {
            *sizes.entry(t.kind.name).or_default() += t.size;
        }
        sizes.into_iter().max_by_key(|&(_, n)| n).map(|(k, _)| k)
    }

    /// Number of weights in this file, summed over its tensors.
    pub fn parameter_count(&self) -> u64 {
        self.tensors
            .iter()
            .map(|t| t.shape.iter().product::<u64>())
            .fold(0, u64::saturating_add)
    }

    /// Number of files that the model is split into; 1 if it is whole.
    pub fn split_count(&self) -> u64 {
        self.uint("split.count").unwrap_or(1).max(1)
    }

    /// Bytes that the file must have to hold all of its tensors.
    pub fn expected_len(&self) -> u64 {
        self.tensors
            .iter()
            .map(|t| t.offset.saturating_add(t.size))
            .max()
            .map_or(0, |end| self.data_start.saturating_add(end))
    }

    /// Fails if the file has no weights, or is shorter than its tensor table says.
    pub fn check_weights(&self) -> Result<(), GgufError> {
        if self.tensors.is_empty() {
            return Err(GgufError::VocabularyOnly {
                path: self.path.clone(),
            });
        }
        if self.expected_len() > self.file_len {
            return Err(GgufError::DataCutOff {
                path: self.path.clone(),
                expected: self.expected_len(),
                found: self.file_len,
            });
        }
        Ok(())
    }
}

/// Complete groups of four bytes.
fn words(bytes: &[u8]) -> impl Iterator<Item = [u8; 4]> {
    bytes.chunks_exact(4).map(|w| [w[0], w[1], w[2], w[3]])
}
