//! An index of files alone.

use super::inputs::list;
use super::journal::job;
use super::make::{Work, publish};
use super::options::{BuildOptions, BuildReport, expect_enough};
use super::place::{Over, Partial};
use super::progress::BuildProgress;
use super::reading::Reading;
use crate::error::CorpusError;
use crate::manifest::TokenizerInfo;
use rotescope_vocab::Encode;

/// Builds an index; see the module for how. Goes on with what a killed build of the same has left.
pub fn build(
    options: &BuildOptions,
    encoder: &dyn Encode,
    progress: &mut dyn BuildProgress,
) -> Result<BuildReport, CorpusError> {
    expect_enough(options.memory)?;
    let inputs = list(options)?;
    let over = match options.force {
        true => Over::Index,
        false => Over::Nothing,
    };
    let tokenizer = TokenizerInfo {
        description: options.tokenizer.clone(),
        fingerprint: encoder.fingerprint().to_string(),
        size: encoder.size(),
    };
    let reading = Reading {
        options,
        files: &inputs.files,
        encoder,
    };
    let job = job(&tokenizer, options, &inputs.files);
    let partial = Partial::create(&options.out, over, job.as_deref())?;
    let work = Work {
        job,
        tokenizer,
        taken: &[],
        reading: Some(reading),
        memory: options.memory,
        compact: false,
    };
    let report = publish(partial, &work, progress)?;
    Ok(BuildReport {
        skipped: inputs.skipped,
        ..report
    })
}
