//! The tokenizer that encodes corpora for a model.

use std::path::Path;

use rotescope_model::{LlamaEncoder, ModelError};
use rotescope_vocab::{Encode, VocabError};

/// Why there is no tokenizer.
#[derive(Debug, thiserror::Error)]
pub enum EncoderError {
    #[error(transparent)]
    Vocab(#[from] VocabError),
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// The model's tokenizer rebuilt in Rust; a `tokenizer.json` goes before it. Where the model's cannot be rebuilt exactly, llama.cpp's own,
/// which is slower.
pub fn encoder(
    model: Option<&Path>,
    tokenizer: Option<&Path>,
) -> Result<Box<dyn Encode>, EncoderError> {
    match (rotescope_vocab::load(model, tokenizer), model) {
        (Err(VocabError::Unsupported { .. }), Some(path)) if tokenizer.is_none() => {
            Ok(Box::new(LlamaEncoder::load(path)?))
        }
        (made, _) => Ok(made?),
    }
}
