//! Why a completion could not be attributed.

use rotescope_corpus::CorpusError;
use rotescope_model::ModelError;

/// Why a completion could not be attributed.
#[derive(Debug, thiserror::Error)]
pub enum StimError {
    #[error(transparent)]
    Model(ModelError),
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    #[error("cancelled")]
    Cancelled,
    #[error(
        "the prompt's tokens do not spell its text from byte {byte} on, so its words cannot be masked; score it with --sources local"
    )]
    Spelling { byte: usize },
    #[error("step {step} was asked for, and the completion has {steps}")]
    NoStep { step: usize, steps: usize },
}

impl From<ModelError> for StimError {
    fn from(e: ModelError) -> Self {
        match e {
            ModelError::Cancelled => StimError::Cancelled,
            e => StimError::Model(e),
        }
    }
}
