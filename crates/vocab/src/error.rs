//! Why a vocabulary could not be built or used.

use std::path::PathBuf;

use super::gguf::GgufError;

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
