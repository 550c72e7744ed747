//! What can go wrong with a model, each with the way out.

use std::path::PathBuf;

/// Why a model could not be loaded or used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    #[error("model {path}: no such file; check the path or give another one with --model")]
    Missing { path: PathBuf },
    #[error(
        "model {path}: this is a {what}, not a GGUF file; give the path of a .gguf file with --model"
    )]
    NotAFile { path: PathBuf, what: &'static str },
    #[error("model {path}: cannot be read: {reason}; check that you may read it")]
    Unreadable { path: PathBuf, reason: String },
    #[error(
        "model {path}: the path is not valid UTF-8, which llama.cpp needs; rename the file or link to it"
    )]
    PathNotUtf8 { path: PathBuf },
    #[error("model {path}: the file is empty; download or copy it again")]
    Empty { path: PathBuf },
    #[error(
        "model {path}: not a GGUF file (it begins with {begins}, not \"GGUF\"); other formats are converted by llama.cpp's convert_hf_to_gguf.py"
    )]
    NotGguf { path: PathBuf, begins: String },
    #[error(
        "model {path}: cut short or damaged ({reason}; the file has {bytes} bytes); download or copy it again"
    )]
    Truncated {
        path: PathBuf,
        bytes: u64,
        reason: String,
    },
    #[error(
        "model {path}: architecture {architecture} is unknown to this build of llama.cpp; use another model, or a newer rotescope"
    )]
    UnsupportedArchitecture { path: PathBuf, architecture: String },
    #[error(
        "model {path}: architecture {architecture} does not generate text from left to right; use a decoder-only model"
    )]
    NotCausal { path: PathBuf, architecture: String },
    #[error(
        "model {path}: the file holds a vocabulary only, no weights; it serves as a tokenizer (--tokenizer), not as a model"
    )]
    VocabularyOnly { path: PathBuf },
    #[error("model {path}: it has no vocabulary; use a GGUF file with a tokenizer inside")]
    NoVocabulary { path: PathBuf },
    #[error("model {path}: llama.cpp cannot load it: {reason}")]
    Load { path: PathBuf, reason: String },
    /// With the name of its file.
    #[error("adapter {0}; give a LoRA adapter that was made for this model")]
    Adapter(String),
    #[error("model {path}: it has not {what}, which is needed here")]
    Unsupported { path: PathBuf, what: String },
    #[error("model {path}: needs about {} for {what}, but only {} are free; use a smaller quantization, a shorter --context, or close other programs", mib(*.needed), mib(*.available))]
    Memory {
        path: PathBuf,
        what: &'static str,
        needed: u64,
        available: u64,
    },
    #[error("{0}")]
    Mixture(String),
    #[error("loading was stopped")]
    LoadStopped,
    #[error(
        "llama.cpp could not make a context of {tokens} tokens for model {path}: {reason}; try a shorter --context"
    )]
    Context {
        path: PathBuf,
        tokens: u32,
        reason: String,
    },
    #[error("the prompt has {tokens} tokens, but the context holds {limit}, one of them for the answer (the model was trained on {trained}); shorten the prompt{}", longer(*.limit, *.trained))]
    PromptTooLong {
        tokens: usize,
        limit: usize,
        trained: usize,
    },
    #[error("the prompt has {bytes} bytes, which are more than the {limit} tokens that the context holds (the model was trained on {trained}); shorten the prompt{}", longer(*.limit, *.trained))]
    TextTooLong {
        bytes: usize,
        limit: usize,
        trained: usize,
    },
    #[error("a window of {tokens} tokens exceeds the {limit} that the context holds (the model was trained on {trained}); shorten it{}", longer(*.limit, *.trained))]
    WindowTooLong {
        tokens: usize,
        limit: usize,
        trained: usize,
    },
    #[error(
        "token id {id} is not in the model's vocabulary of {size} tokens; the prompt was made with another tokenizer"
    )]
    BadToken { id: u32, size: usize },
    /// Of a model in several files, with the way out.
    #[error("model {0}")]
    Parts(String),
    #[error("{0}")]
    BadRequest(String),
    #[error("llama.cpp failed at token {position}: {reason}")]
    Decode { position: usize, reason: String },
    #[error(
        "the model gave no finite scores at token {position}: the file may be damaged, or its numbers overflow on this device (try --gpu-layers 0)"
    )]
    NotFinite { position: usize },
    #[error("every token is forbidden at token {position}; protect fewer values")]
    AllForbidden { position: usize },
    #[error("stopped")]
    Cancelled,
    #[error("the model's thread has ended unexpectedly; its log says why")]
    WorkerGone,
    #[error("the chat template of the model fails: {0}; use raw completion instead (--raw)")]
    Template(String),
}

/// Bytes as mebibytes, for messages.
fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(1 << 20))
}

/// The way out that only exists while the context is shorter than the model allows.
fn longer(limit: usize, trained: usize) -> &'static str {
    if limit < trained {
        " or raise --context"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_file_and_the_way_out() {
        let path = PathBuf::from("m.gguf");
        let memory = ModelError::Memory {
            path,
            what: "its weights",
            needed: 3 << 20,
            available: 1,
        };
        assert_eq!(
            memory.to_string(),
            "model m.gguf: needs about 3 MiB for its weights, but only 1 MiB are free; use a smaller \
             quantization, a shorter --context, or close other programs"
        );
        let short = ModelError::PromptTooLong {
            tokens: 300,
            limit: 128,
            trained: 256,
        };
        assert!(
            short
                .to_string()
                .ends_with("shorten the prompt or raise --context"),
            "{short}"
        );
        let full = ModelError::PromptTooLong {
            tokens: 300,
            limit: 256,
            trained: 256,
        };
        assert!(full.to_string().ends_with("shorten the prompt"), "{full}");
    }
}
