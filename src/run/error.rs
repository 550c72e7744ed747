//! Why a prompt could not be scored, and why an output could not be written.

use std::path::PathBuf;

use super::prm::PrmError;
use rotescope_corpus::CorpusError;
use rotescope_model::ModelError;
use rotescope_retro::RetroError;
use rotescope_stim::StimError;
use rotescope_trace::jsonl::LineError;

/// Why a prompt could not be scored.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    #[error(transparent)]
    Retro(#[from] RetroError),
    #[error(transparent)]
    Prm(#[from] PrmError),
    #[error(transparent)]
    Stim(StimError),
    #[error("the model's vocabulary has no tokens that read {0:?}")]
    NoTokens(String),
    #[error("cancelled")]
    Cancelled,
}

impl From<StimError> for RunError {
    fn from(e: StimError) -> Self {
        match e {
            StimError::Cancelled => RunError::Cancelled,
            e => RunError::Stim(e),
        }
    }
}

/// Why an output file could not be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {} is writing it; wait for it, or choose another -o", path.display(), holder.map_or("another process".into(), |id| format!("process {id}")))]
    Locked {
        path: PathBuf,
        /// Its number, where the system tells.
        holder: Option<u32>,
    },
    #[error("{}, line {line}: {reason}; choose another -o, or remove the file", path.display())]
    Foreign {
        path: PathBuf,
        line: usize,
        reason: LineError,
    },
    #[error("{}: holds traces of another run ({difference}); --fresh starts anew, or choose another -o", path.display())]
    OtherRun { path: PathBuf, difference: String },
    #[error("{}: prompt {id:?} reads differently than in the file: {field}; --fresh starts anew, or choose another -o", path.display())]
    OtherPrompt {
        path: PathBuf,
        id: String,
        field: &'static str,
    },
    #[error("{}: no space left on the device; {written} records are safe in it, free some space and run the same command again", path.display())]
    NoSpace { path: PathBuf, written: usize },
    #[error("{}: was removed, or replaced by another file, while it was written, and {written} records with it; run the same command again", path.display())]
    Gone { path: PathBuf, written: usize },
}
