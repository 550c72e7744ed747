//! Why an audit ends.

use std::path::PathBuf;

use crate::run::error::RunError;
use crate::run::output::OutputError;
use crate::run::retro::store::StoreError;
use rotescope_corpus::CorpusError;
use rotescope_edit::EditError;
use rotescope_model::{CancelToken, ModelError};
use rotescope_retro::RetroError;
use rotescope_vocab::VocabError;

/// Why an audit ends.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    #[error(transparent)]
    Retro(#[from] RetroError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vocab(#[from] VocabError),
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error(transparent)]
    Run(Box<RunError>),
    /// A file that is written whole; the error names it.
    #[error(transparent)]
    Write(std::io::Error),
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}, line {line}: no record of this audit ({reason}); choose another -o, or remove the file", path.display())]
    Foreign {
        path: PathBuf,
        line: usize,
        reason: String,
    },
    #[error("{}, line {line}: no record of `audit extract` ({reason})", path.display())]
    NoRecord {
        path: PathBuf,
        line: usize,
        reason: String,
    },
    #[error("{}: holds windows of another run ({difference}); choose another -o, or remove the file", path.display())]
    OtherRun { path: PathBuf, difference: String },
    #[error(
        "no document of the index {corpus} has the {tokens} tokens of a window, of {tried} that were tried; give a shorter --window"
    )]
    NoneLongEnough {
        corpus: String,
        tokens: usize,
        tried: usize,
    },
}

impl From<RunError> for AuditError {
    fn from(e: RunError) -> Self {
        AuditError::Run(Box::new(e))
    }
}

/// # Errors
/// To be cancelled.
pub fn stopped(cancel: &CancelToken) -> Result<(), AuditError> {
    match cancel.is_cancelled() {
        true => Err(ModelError::Cancelled.into()),
        false => Ok(()),
    }
}

impl AuditError {
    /// Whether it was told to stop.
    pub fn is_cancelled(&self) -> bool {
        match self {
            AuditError::Model(ModelError::Cancelled) => true,
            AuditError::Run(e) => matches!(**e, RunError::Cancelled),
            _ => false,
        }
    }
}
