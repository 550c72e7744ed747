//! Why a prompt could not be scored.

use super::prm::PrmError;
use rotescope_corpus::CorpusError;
use rotescope_model::ModelError;
use rotescope_stim::StimError;

/// Why a prompt could not be scored.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Corpus(#[from] CorpusError),
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
