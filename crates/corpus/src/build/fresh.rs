//! An index of files alone.

use super::inputs::list;
use super::make::{Work, publish};
use super::options::{BuildOptions, BuildReport, expect_enough};
use super::place::{Over, Partial};
use super::progress::BuildProgress;
use super::reading::Reading;
use crate::error::CorpusError;
use crate::manifest::TokenizerInfo;
use rotescope_vocab::Encode;

/// Builds an index; see the module for how.
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
    let partial = Partial::create(&options.out, over)?;
    let work = Work {
        tokenizer: TokenizerInfo {
            description: options.tokenizer.clone(),
            fingerprint: encoder.fingerprint().to_string(),
            size: encoder.size(),
        },
        taken: &[],
        reading: Some(Reading {
            options,
            files: &inputs.files,
            encoder,
        }),
        memory: options.memory,
        compact: false,
    };
    let report = publish(partial, &work, progress)?;
    Ok(BuildReport {
        skipped: inputs.skipped,
        ..report
    })
}
