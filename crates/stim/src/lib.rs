//! STIM: memorization scores of tokens (Li et al., EMNLP 2025, arXiv 2508.02037), from a model and a corpus.
//!
//! | file | what is in it |
//! |---|---|
//! | [`local`] | the text right before a token |
//! | [`windows`] | what part of the model's own output is enough to make it produce a token |
//! | [`saliency`] | which tokens of a context matter for a later one: three methods over shared passes |
//! | [`salient`] | saliency of tokens to words |
//! | [`cooccurrence`] | the mid-range and long-range score: salient words and candidates in the same documents |
//! | [`measures`] | measures beside the published score, the same for all sources; the cause of a token |
//! | [`settings`] | what is scored and how |
//! | [`chain`] | a whole chain: [`attribute_chain`] |

pub mod chain;
pub mod cooccurrence;
pub mod local;
pub mod measures;
mod passes;
pub mod saliency;
pub mod salient;
pub mod settings;
pub mod windows;

use rotescope_corpus::CorpusError;
use rotescope_model::ModelError;
use rotescope_trace::Token;

pub use chain::attribute_chain;
pub use settings::{DistantSettings, Method, Scope};

/// Why a chain could not be attributed.
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
    #[error("step {step} was asked for, and the chain has {steps}")]
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

/// What happens while a chain is attributed, in order.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// The model reads: how much of the part at work is done (passes; for [`Part::Mid`] starts of windows, of those a step needs).
    Passes {
        part: Part,
        done: usize,
        total: usize,
    },
    /// A token is done: mid, long, measures and cause are in it. `done` of `total` tokens are.
    Token {
        index: usize,
        token: &'a Token,
        done: usize,
        total: usize,
    },
}

/// What the model is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The shortest eliciting windows.
    Windows,
    /// Which words of the question matter.
    Long,
    /// Which words of the output matter.
    Mid,
}

/// What the attribution of a chain took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Tokens that were scored.
    pub tokens: usize,
    /// All that the model read.
    pub whole: Reading,
    /// By what it was read for, in the order of [`Part`].
    pub parts: [Reading; 3],
    /// Wall-clock seconds of all.
    pub seconds: f64,
}

/// What the model read.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Reading {
    /// Sequences.
    pub passes: usize,
    /// Tokens that were evaluated; fewer than the sequences hold, since prefixes are shared.
    pub evaluated: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
}
