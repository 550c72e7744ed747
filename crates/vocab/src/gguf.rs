//! A reader of GGUF headers that trusts nothing in the file.
//!
//! It reads the metadata and the tensor table, never the weights, and works on files whose
//! weights are cut off or absent. Every length is held against what is left of the file before
//! anything is read or allocated for it. GGUF versions 2 and 3, little endian, as specified in
//! ggml's `docs/gguf.md`.

mod error;
mod header;
mod parts;
mod read;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ggml;

pub use error::GgufError;
use header::Header;
pub use header::{Element, Strings, Tensor, Value};
pub use parts::parts;

/// The header of a GGUF file.
#[derive(Debug, Clone)]
pub struct Gguf {
    path: PathBuf,
    header: Header,
}

impl Gguf {
    /// Reads the header of `path`; of a model in several files, whichever is named, that of the first, which has the metadata. Missing or cut-off
    /// tensor data is no error here: see [`Gguf::check_weights`].
    ///
    /// # Errors
    /// Those of [`parts`], and what is wrong with the header.
    pub fn open(path: &Path) -> Result<Gguf, GgufError> {
        let path = parts(path)?.swap_remove(0);
        let header = read::header(&path)?;
        parts::check_name(&path, &header)?;
        Ok(Gguf { path, header })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Version of the container: 2 or 3.
    pub fn version(&self) -> u32 {
        self.header.version
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.header.metadata.get(key)
    }

    /// All metadata, by key.
    pub fn metadata(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.header.metadata.iter().map(|(k, v)| (k.as_str(), v))
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
        &self.header.tensors
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
        for t in &self.header.tensors {
            *sizes.entry(t.kind.name).or_default() += t.size;
        }
        sizes.into_iter().max_by_key(|&(_, n)| n).map(|(k, _)| k)
    }

    /// Number of weights in this file, summed over its tensors.
    pub fn parameter_count(&self) -> u64 {
        self.header
            .tensors
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
        self.header
            .tensors
            .iter()
            .map(|t| t.offset.saturating_add(t.size))
            .max()
            .map_or(0, |end| self.header.data_start.saturating_add(end))
    }

    /// Fails if the file has no weights, or is shorter than its tensor table says.
    pub fn check_weights(&self) -> Result<(), GgufError> {
        if self.header.tensors.is_empty() {
            return Err(GgufError::VocabularyOnly {
                path: self.path.clone(),
            });
        }
        if self.expected_len() > self.header.file_len {
            return Err(GgufError::DataCutOff {
                path: self.path.clone(),
                expected: self.expected_len(),
                found: self.header.file_len,
            });
        }
        Ok(())
    }
}

/// Complete groups of four bytes.
fn words(bytes: &[u8]) -> impl Iterator<Item = [u8; 4]> {
    bytes.chunks_exact(4).map(|w| [w[0], w[1], w[2], w[3]])
}
