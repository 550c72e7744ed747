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
mod unicode;
mod unicode_table;
mod vocabulary;
mod words;

use std::path::{Path, PathBuf};

pub use gguf::{Gguf, GgufError};
pub use pre::pre_tokenizers;
pub use vocabulary::Vocabulary;

/// Why a vocabulary could not be built or used. Every message names the file and the way out.
#[derive(Debug, thiserror::Error)]
pub enum VocabError {
    #[error(transparent)]
    Gguf(#[from] GgufError),
    #[error(
        "no vocabulary: name a model (--model FILE.gguf) or a tokenizer (--tokenizer tokenizer.json)"
    )]
    NothingGiven,
    #[error("{} has no {key}: it holds no vocabulary; name a tokenizer (--tokenizer tokenizer.json) or convert the model anew", path.display())]
    Missing { path: PathBuf, key: String },
    #[error("the vocabulary of {} is corrupt ({what}); download or copy the file again, or name a tokenizer (--tokenizer tokenizer.json)", path.display())]
    Invalid { path: PathBuf, what: String },
    /// The file is sound, but its tokenizer is none of those that are reproduced exactly here;
    /// llama.cpp's own tokenizer serves instead.
    #[error("the vocabulary of {} cannot be rebuilt exactly because of {what}; llama.cpp's own tokenizer can serve instead, or name a tokenizer (--tokenizer tokenizer.json)", path.display())]
    Unsupported { path: PathBuf, what: String },
    #[error("cannot use {} as a tokenizer: {what}; give the tokenizer.json of a Hugging Face model", path.display())]
    Json { path: PathBuf, what: String },
    #[error("a text cannot be encoded: {what}")]
    Encode { what: String },
}

/// Turns text into the token ids of one model, the same ids that the model itself is fed.
///
/// Implementations add no special tokens of their own (no BOS, no EOS), and read special tokens
/// that stand literally in the text as those tokens, as `tokenizers` and llama.cpp's
/// `parse_special = true` do.
pub trait Encode: Send + Sync {
    /// Token ids of each text, in the order of `texts`. May use all cores.
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError>;
    /// The bytes of one token as they appear in text (a lone byte of a multi-byte character is one byte); empty for an unknown id.
    fn token_bytes(&self, id: u32) -> Vec<u8>;
    /// Number of token ids; every id is below it.
    fn size(&self) -> usize;
    /// Hex SHA-256 over everything that decides the ids. Equal fingerprints give equal ids.
    fn fingerprint(&self) -> &str;
}

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
