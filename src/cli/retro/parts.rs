//! What several commands make of their options.

use std::sync::Arc;

use anyhow::{Result, bail};

use crate::cli::common::{ModelArgs, check_tokenizer};
use rotescope_corpus::Corpus;
use rotescope_model::Engine;
use rotescope_retro::Weights;
use rotescope_trace::ModelRef;

/// Index and model, of the same tokens.
///
/// # Errors
/// One that is missing or cannot be opened; other tokens.
pub fn both(parts: &ModelArgs) -> Result<(Arc<dyn Corpus>, Engine, ModelRef)> {
    let Some(corpus) = parts.open_index()? else {
        bail!(
            "no index for this model: give one with --index DIR (made by `rotescope index build`)"
        );
    };
    let engine = parts.load_model()?;
    let model = parts.model_ref(&engine)?;
    check_tokenizer(&model, corpus.as_ref())?;
    Ok((corpus, engine, model))
}

/// `W`, or `SPARSE/SEVERAL`.
pub fn weights(text: &str) -> std::result::Result<Weights, String> {
    let number = |t: &str| {
        let parsed = t.trim().parse::<f64>();
        parsed.map_err(|_| format!("{t:?} is no number; give one from 0 to 1, or two as .8/.2"))
    };
    let (sparse, dense) = text.split_once('/').unwrap_or((text, text));
    Weights::new(number(sparse)?, number(dense)?).map_err(|e| e.to_string())
}
