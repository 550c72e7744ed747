//! Why a file could not be read as GGUF.

use std::path::PathBuf;

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
    #[error("{} is one of {count} files of a model, and not all of them are there: {missing} is missing; download or copy all of them into one folder", path.display())]
    PartMissing {
        path: PathBuf,
        count: u64,
        missing: String,
    },
    #[error("{} is part {number} of {count} of a model by its name, but by what it holds {says}; download or copy the parts again", path.display())]
    PartMixed {
        path: PathBuf,
        number: u64,
        count: u64,
        says: String,
    },
    #[error("{} is part {number} of {count} of a model, but its name does not say so: name the parts NAME-00001-of-{count:05}.gguf and so on, or join them with llama.cpp's gguf-split --merge", path.display())]
    PartName {
        path: PathBuf,
        number: u64,
        count: u64,
    },
    #[error("{}: no .gguf file has such a name", path.display())]
    NoMatch { path: PathBuf },
    #[error("{} means several models ({names}); name one of them", path.display())]
    SeveralMatch { path: PathBuf, names: String },
    #[error("{} holds a vocabulary but no weights; it can encode text, not generate: give a complete model", path.display())]
    VocabularyOnly { path: PathBuf },
}
