//! What can go wrong with a corpus, said so that the reader knows what to do next.

use std::io;
use std::path::{Path, PathBuf};

use rotescope_vocab::VocabError;

use crate::answer::Counted;

/// Why a corpus could not be indexed, opened or asked.
///
/// Each message is whole: it holds the reason, so errors inside are no sources of their own, which
/// would be printed twice.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    #[error("{}: cannot {doing}: {error}", path.display())]
    Io {
        path: PathBuf,
        doing: &'static str,
        error: io::Error,
    },
    #[error(
        "{}: no space left on the device; free some, or choose another place with --out",
        path.display()
    )]
    NoSpace { path: PathBuf },
    #[error(
        "{}: cannot {doing}: {error}; choose a place you may write to, or change its permissions",
        path.display()
    )]
    Denied {
        path: PathBuf,
        doing: &'static str,
        error: io::Error,
    },
    #[error("{}: no such file or folder", path.display())]
    Absent { path: PathBuf },
    #[error("{}: {message}", path.display())]
    Text { path: PathBuf, message: String },
    #[error(
        "{}: line {line}: invalid UTF-8 at byte {byte} of the text; convert the file, or pass --lossy to replace such bytes, or --skip-bad to leave such documents out",
        path.display()
    )]
    InvalidUtf8 {
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// Counted from 0, in the decompressed file.
        byte: u64,
    },
    #[error(
        "{}: line {line}: not a JSON object: {reason}; one object a line is expected (plain text: --format text); --skip-bad leaves such lines out",
        path.display()
    )]
    BadJson {
        path: PathBuf,
        line: u64,
        reason: String,
    },
    #[error(
        "{}: line {line}: no text in field {field:?} (fields here: {found}); name the right one with --text-field, or pass --skip-bad to leave such lines out",
        path.display()
    )]
    NoText {
        path: PathBuf,
        line: u64,
        field: String,
        found: String,
    },
    #[error(
        "{}: line {line}: the compressed file is cut or damaged here: {error}; get it again, or pass --skip-bad to take what comes before",
        path.display()
    )]
    CutShort {
        path: PathBuf,
        line: u64,
        error: io::Error,
    },
    #[error(
        "no documents in {inputs}; give JSONL (.jsonl, .ndjson, also .gz or .zst) or text files, or folders of them"
    )]
    NoDocuments { inputs: String },
    #[error("{}: line {line}: cannot be encoded: {error}", path.display())]
    Encode {
        path: PathBuf,
        line: u64,
        error: VocabError,
    },
    #[error(
        "token id {id} is outside of the vocabulary of {size}; the tokenizer contradicts itself, so no index can be made with it"
    )]
    BadToken { id: u32, size: usize },
    #[error(
        "{}: exists already; pass --force to replace it, or choose another place with --out",
        path.display()
    )]
    Exists { path: PathBuf },
    #[error(
        "{}: exists and is no rotescope index, so --force does not replace it; remove it by hand or choose another place with --out",
        path.display()
    )]
    NotOurs { path: PathBuf },
    #[error(
        "{}: not a rotescope index ({why}); make one with `rotescope index build`",
        path.display()
    )]
    NotAnIndex { path: PathBuf, why: String },
    #[error(
        "{}: made by a newer rotescope ({made_by}): needs rotescope >= {needs}, this is {}; update rotescope or build the index again",
        path.display(),
        env!("CARGO_PKG_VERSION")
    )]
    Newer {
        path: PathBuf,
        made_by: String,
        needs: String,
    },
    #[error(
        "{}: a file of the index is missing (moved or deleted?); restore it, or build the index again",
        path.display()
    )]
    MissingFile { path: PathBuf },
    #[error(
        "{}: {found} bytes where the manifest says {expected} (truncated or overwritten?); restore it, or build the index again",
        path.display()
    )]
    WrongSize {
        path: PathBuf,
        expected: u64,
        found: u64,
    },
    #[error(
        "{corpus}: this index was made with another tokenizer (index: {index_tokenizer}, fingerprint {}; now: {tokenizer}, fingerprint {}); use the model it was made for, or build an index for this one with `rotescope index build CORPUS --model MODEL --out DIR`",
        short(index_fingerprint),
        short(fingerprint)
    )]
    OtherTokenizer {
        corpus: String,
        index_tokenizer: String,
        index_fingerprint: String,
        tokenizer: String,
        fingerprint: String,
    },
    #[error("{wanted} bytes of memory are too few: {why}; give at least --memory {}", mebibytes(*needed))]
    TooLittleMemory {
        wanted: u64,
        needed: u64,
        why: String,
    },
    #[error(
        "memory does not suffice: {bytes} bytes more are not to be had; let the process have more (ulimit -v), or give it less to do with --memory"
    )]
    NoMemory { bytes: usize },
    #[error(
        "{}: cannot {doing}: memory does not suffice; let the process have more (ulimit -v)",
        path.display()
    )]
    NoMemoryFor { path: PathBuf, doing: &'static str },
    #[error(
        "a thread cannot be started: {error}; let the process have more memory (ulimit -v) or threads (ulimit -u)"
    )]
    NoThread { error: io::Error },
    #[error("{}: damaged: {what}; build the index again (rotescope index build --force)", path.display())]
    Damaged { path: PathBuf, what: String },
    #[error(
        "{}: made by an older rotescope ({made_by}), which writes its words in another way; make one that can be added to with `rotescope index merge {} --out DIR`",
        path.display(),
        path.display()
    )]
    Older { path: PathBuf, made_by: String },
    #[error(
        "{}: is in {} already ({name}), so its documents would be counted twice; leave it out, or pass --again to have them counted once more",
        path.display(),
        index.display()
    )]
    Twice {
        path: PathBuf,
        index: PathBuf,
        /// What it is called there.
        name: String,
    },
    #[error("{}: process {process} is writing it; wait for it, and give the command again", path.display())]
    Busy { path: PathBuf, process: String },
    #[error(
        "{}: was replaced or removed by another process meanwhile; nothing was kept: give the command again",
        path.display()
    )]
    Replaced { path: PathBuf },
    #[error(
        "{} and {} were made with different tokenizers ({tokenizer}; {others}), so their ids mean other tokens; build one of them again with the model of the other",
        one.display(),
        other.display(),
    )]
    Tokenizers {
        one: PathBuf,
        tokenizer: String,
        other: PathBuf,
        others: String,
    },
    #[error("there is no document {ordinal}: the index holds {documents} (numbered from 0)")]
    NoDocument { ordinal: u64, documents: u64 },
    #[error("{}: the search engine says: {error}", path.display())]
    Tantivy {
        path: PathBuf,
        error: tantivy::TantivyError,
    },
    #[error("stopped; nothing was kept")]
    Stopped,
    #[error(
        "stopped; the same command goes on with what is done ({} in {}), or remove it",
        mebibytes(*bytes),
        path.display()
    )]
    Kept { path: PathBuf, bytes: u64 },
    #[error(
        "{corpus}: this corpus cannot tell {what}; ask one that can, such as an index made by `rotescope index build`"
    )]
    Unsupported { corpus: String, what: &'static str },
    #[error("{corpus}: answered {answered} of {asked} questions")]
    Unanswered {
        corpus: String,
        asked: usize,
        answered: usize,
    },
    #[error(
        "{name}: no corpus of the kind `{scheme}:` can be opened by this version; give the folder of an index, made by `rotescope index build`"
    )]
    UnknownKind { name: String, scheme: String },
    #[error("{one} and {other} hold the same corpus, which would be counted twice; give it once")]
    SameCorpus { one: String, other: String },
    #[error(
        "{one} counts {counts} and {other} counts {other_counts}: their sum would be neither; ask them one at a time"
    )]
    MixedUnits {
        one: String,
        counts: Counted,
        other: String,
        other_counts: Counted,
    },
    /// For corpora that are not on this machine.
    #[error("{corpus}: {error}")]
    Remote {
        corpus: String,
        error: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// No more threads, or no more memory for one.
const EAGAIN: i32 = 11;

impl CorpusError {
    /// Whether it is a document, or the rest of a damaged file, that cannot be read, and others can.
    pub(crate) fn is_of_a_document(&self) -> bool {
        matches!(
            self,
            Self::InvalidUtf8 { .. }
                | Self::BadJson { .. }
                | Self::NoText { .. }
                | Self::CutShort { .. }
        )
    }

    /// An I/O error with the file it happened to; full disks, missing files and missing rights get
    /// messages of their own.
    pub fn io(path: impl AsRef<Path>, doing: &'static str, error: io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path },
            io::ErrorKind::NotFound => Self::Absent { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::Denied { path, doing, error }
            }
            io::ErrorKind::OutOfMemory => Self::NoMemoryFor { path, doing },
            _ => Self::Io { path, doing, error },
        }
    }

    /// A tantivy error; the I/O errors inside are unwrapped, so that a full disk is called one.
    pub fn tantivy(path: impl AsRef<Path>, error: tantivy::TantivyError) -> Self {
        use tantivy::TantivyError as T;
        use tantivy::directory::error::OpenWriteError;
        let code = match &error {
            // zstd's words, wherever they come from; 12 is ENOMEM on every Unix.
            error if error.to_string().contains("not enough memory") => Some(12),
            T::IoError(e) => e.raw_os_error(),
            T::OpenWriteError(OpenWriteError::IoError { io_error, .. }) => io_error.raw_os_error(),
            // Errors of tantivy's threads come as text; 28 is ENOSPC on every Unix.
            T::InternalError(text) | T::ErrorInThread(text) if text.contains("(os error 28)") => {
                Some(28)
            }
            // What it says of its pools; 11 is EAGAIN on Linux.
            T::SystemError(text) | T::InternalError(text) if text.contains("Failed to spawn") => {
                Some(EAGAIN)
            }
            _ => None,
        };
        match code {
            Some(EAGAIN) => Self::NoThread {
                error: io::Error::from_raw_os_error(EAGAIN),
            },
            Some(code) => {
                let error = io::Error::from_raw_os_error(code);
                Self::io(path, "write the documents", error)
            }
            None => Self::Tantivy {
                path: path.as_ref().to_path_buf(),
                error,
            },
        }
    }

    pub(crate) fn damaged(path: impl AsRef<Path>, what: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.as_ref().to_path_buf(),
            what: what.into(),
        }
    }
}

/// The first 12 characters of a fingerprint: enough to tell two apart.
fn short(fingerprint: &str) -> &str {
    fingerprint.get(..12).unwrap_or(fingerprint)
}

fn mebibytes(bytes: u64) -> String {
    format!("{}M", bytes.div_ceil(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_of_the_system_says_the_way_out() {
        use io::ErrorKind as K;
        for (kind, part) in [
            (K::StorageFull, "no space left"),
            (K::QuotaExceeded, "no space left"),
            (K::NotFound, "no such file"),
            (K::PermissionDenied, "choose a place you may write to"),
            (K::ReadOnlyFilesystem, "choose a place you may write to"),
            (K::OutOfMemory, "memory does not suffice"),
            (K::BrokenPipe, "cannot read it"),
        ] {
            let said = CorpusError::io("a/b", "read it", kind.into()).to_string();
            assert!(said.starts_with("a/b: ") && said.contains(part), "{said}");
        }
    }

    #[test]
    fn failures_inside_of_the_search_engine_are_told_as_those_of_the_system() {
        use tantivy::TantivyError as T;
        use tantivy::directory::error::OpenWriteError;
        let system = |code| io::Error::from_raw_os_error(code);
        let (full, many) = ("no space left", "a thread cannot be started");
        let zstd = "Allocation error : not enough memory";
        let little = "memory does not suffice";
        for (error, part) in [
            (T::from(system(28)), full),
            (T::from(system(11)), many),
            (T::from(system(13)), "choose a place you may write to"),
            (
                T::from(OpenWriteError::wrap_io_error(system(28), "x".into())),
                full,
            ),
            (T::InternalError("it (os error 28) was".into()), full),
            (T::ErrorInThread("it (os error 28) was".into()), full),
            (T::InternalError("Failed to spawn it".into()), many),
            (T::InternalError(zstd.into()), little),
            (T::ErrorInThread(zstd.into()), little),
            (T::from(io::Error::other(zstd)), little),
            (T::SystemError("Failed to spawn it".into()), many),
            (
                T::SystemError("it (os error 28) was".into()),
                "the search engine says",
            ),
            (T::ErrorInThread("another".into()), "the search engine says"),
            (T::InternalError("another".into()), "the search engine says"),
            (T::Poisoned, "the search engine says"),
        ] {
            let said = CorpusError::tantivy("a/b", error).to_string();
            assert!(said.contains(part), "{said}");
            assert!(part == many || said.starts_with("a/b: "), "{said}");
        }
    }

    #[test]
    fn fingerprints_are_cut_and_bytes_rounded_up() {
        assert_eq!(short("0123456789abcdef"), "0123456789ab");
        assert_eq!(short("numbers"), "numbers");
        for (bytes, said) in [
            (1, "1M"),
            (1 << 20, "1M"),
            ((1 << 20) + 1, "2M"),
            (64 << 20, "64M"),
        ] {
            assert_eq!(mebibytes(bytes), said);
        }
    }
}
