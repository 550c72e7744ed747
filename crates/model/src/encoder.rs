//! llama.cpp's own tokenizer, with or without the weights.

use std::ops::ControlFlow;
use std::path::Path;

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use rayon::prelude::*;

use super::error::ModelError;
use super::fingerprint::fingerprint;
use super::load;
use rotescope_vocab::gguf::Gguf;
use rotescope_vocab::{Encode, VocabError};

/// Longest text that llama.cpp's tokenizer takes: it counts bytes in an `i32`.
const LONGEST: usize = i32::MAX as usize;

/// llama.cpp's tokenizer on a vocabulary loaded without weights: exact for every vocabulary that llama.cpp knows,
/// though slower than one rebuilt from the file.
pub struct LlamaEncoder {
    model: LlamaModel,
    fingerprint: String,
}

impl LlamaEncoder {
    /// Loads the vocabulary of a GGUF file, complete or vocabulary-only.
    ///
    /// # Errors
    /// The same as for a model, as far as the vocabulary is concerned.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let model = load::open(path, true, Some(0), |_| ControlFlow::Continue(()))?;
        let header = Gguf::open(path).map_err(|e| ModelError::Unreadable {
            path: path.to_path_buf(),
            reason: e.to_string(),
        })?;
        let fingerprint = fingerprint(&header);
        Ok(Self { model, fingerprint })
    }
}

impl Encode for LlamaEncoder {
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
        if let Some(text) = texts.iter().find(|t| t.len() >= LONGEST) {
            let message = format!(
                "a text of {} bytes is too long for llama.cpp's tokenizer (at most 2 GiB); split it",
                text.len()
            );
            return Err(VocabError::Encode { what: message });
        }
        // The vocabulary is immutable, and each call keeps its own state.
        Ok(texts
            .par_iter()
            .map(|text| tokenize(&self.model, text, false, true))
            .collect())
    }

    fn token_bytes(&self, id: u32) -> Vec<u8> {
        piece(&self.model, id)
    }

    fn size(&self) -> usize {
        usize::try_from(self.model.n_vocab()).unwrap_or(0)
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// Token ids of `text`.
pub(super) fn tokenize(
    model: &LlamaModel,
    text: &str,
    add_special: bool,
    parse_special: bool,
) -> Vec<u32> {
    let ids = model
        .vocab()
        .tokenize(text.as_bytes(), add_special, parse_special);
    ids.into_iter()
        .filter_map(|t| u32::try_from(t.0).ok())
        .collect()
}

/// Bytes of a token, special ones written out; empty for an unknown id, for which llama.cpp would end the process.
pub(super) fn piece(model: &LlamaModel, id: u32) -> Vec<u8> {
    let vocab = model.vocab();
    match i32::try_from(id) {
        Ok(id) if id < vocab.n_tokens() => vocab.token_to_piece(LlamaToken(id), true, None),
        _ => Vec::new(),
    }
}
