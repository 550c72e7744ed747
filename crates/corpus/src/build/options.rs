//! What to build, and what was built.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::CorpusError;
use crate::manifest::Manifest;
use crate::read::{Format, ReadOptions, Skipped};

/// What to build.
#[derive(Debug, Clone)]
pub struct BuildOptions {
    /// Files and folders.
    pub inputs: Vec<PathBuf>,
    pub out: PathBuf,
    /// Replace an index that is there already.
    pub force: bool,
    pub format: Format,
    pub read: ReadOptions,
    /// The tokenizer's name for people.
    pub tokenizer: String,
    /// Bytes that the build may have resident, mapped files counted; suffix arrays that would take more are cut into shards.
    /// Not counted: the encoder, and what its caller holds. A single document longer than a
    /// batch takes more.
    pub memory: u64,
}

impl BuildOptions {
    /// Two gibibytes: sorts some 310 million tokens of a vocabulary below 65,536 at a time.
    pub const MEMORY: u64 = 2 << 30;
    /// Less than this is refused.
    pub const LEAST_MEMORY: u64 = 64 << 20;

    pub fn new(inputs: Vec<PathBuf>, out: PathBuf, tokenizer: String) -> Self {
        Self {
            inputs,
            out,
            force: false,
            format: Format::Auto,
            read: ReadOptions::default(),
            tokenizer,
            memory: Self::MEMORY,
        }
    }
}

/// What was built.
#[derive(Debug)]
pub struct BuildReport {
    pub manifest: Manifest,
    /// Files in folders that were left out, for their names are those of no corpus.
    pub skipped: Vec<PathBuf>,
    /// What could not be read, with [`ReadOptions::skip_bad`].
    pub bad: Skipped,
    pub elapsed: Duration,
}

pub(super) fn expect_enough(memory: u64) -> Result<(), CorpusError> {
    if memory >= BuildOptions::LEAST_MEMORY {
        return Ok(());
    }
    Err(CorpusError::TooLittleMemory {
        wanted: memory,
        needed: BuildOptions::LEAST_MEMORY,
        why: "for the word index and the batches".to_string(),
    })
}
