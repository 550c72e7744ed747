//! A model's vocabulary: text to token ids and back, without the weights.
//!
//! | file | what is in it |
//! |---|---|
//! | [`gguf`] | the header of a GGUF file, read without trusting it |
//! | [`ggml`] | the tensor types and quantizations that such a header names |
//! | `spec`, `from_gguf`, `json` | a vocabulary as data, from a GGUF file or a `tokenizer.json` |
//! | `special` | special tokens that stand literally in a text |
//! | `split`, `pre`, `scan`, `pattern`, `unicode` | cutting text into the pieces that tokens are merged in |
//! | [`hash`] | SHA-256 of files, for this crate and those above |
//! | `bpe`, `spm` | merging pieces into tokens |
//! | `vocabulary`, `words` | all of it together, with caches, on all cores |
//!
//! llama.cpp's ids are the truth: [`Vocabulary`] gives the same ids as llama.cpp's own tokenizer
//! or refuses the file with [`VocabError::Unsupported`].

mod bpe;
mod encode;
mod error;
mod from_gguf;
pub mod ggml;
pub mod gguf;
pub mod hash;
mod json;
mod pattern;
mod pre;
mod scan;
mod spec;
mod special;
mod split;
mod spm;
pub mod unicode;
mod unicode_table;
mod vocabulary;
mod words;

use std::path::Path;

pub use encode::Encode;
pub use error::VocabError;
pub use gguf::{Gguf, GgufError};
pub use pre::pre_tokenizers;
pub use vocabulary::Vocabulary;

/// The vocabulary of a GGUF model, or of a `tokenizer.json`, which goes before the model's own.
///
/// # Errors
/// [`VocabError::NothingGiven`] without either; [`VocabError::Unsupported`] if the model's
/// tokenizer cannot be rebuilt exactly; else what is wrong with the file.
pub fn load(model: Option<&Path>, tokenizer: Option<&Path>) -> Result<Box<dyn Encode>, VocabError> {
    let vocabulary = match (tokenizer, model) {
        (Some(json), _) => Vocabulary::from_json(json)?,
        (None, Some(gguf)) => Vocabulary::from_gguf(&Gguf::open(gguf)?)?,
        (None, None) => return Err(VocabError::NothingGiven),
    };
    Ok(Box::new(vocabulary))
}
