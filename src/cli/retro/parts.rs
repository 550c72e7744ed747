//! What both commands read of their options, and ask.

use std::sync::Arc;

use rotescope_corpus::Corpus;
use rotescope_model::Engine;
use rotescope_retro::{Infinigram, Weights};

/// `W`, or `SPARSE/SEVERAL`.
pub fn weights(text: &str) -> Result<Weights, String> {
    let number = |t: &str| {
        let parsed = t.trim().parse::<f64>();
        parsed.map_err(|_| format!("{t:?} is no number; give one from 0 to 1, or two as .8/.2"))
    };
    let (sparse, dense) = text.split_once('/').unwrap_or((text, text));
    Weights::new(number(sparse)?, number(dense)?).map_err(|e| e.to_string())
}

/// The retriever. The end of a document is the end that the model knows.
pub fn infinigram(corpus: &Arc<dyn Corpus>, engine: &Engine) -> Infinigram {
    Infinigram::new(corpus.clone(), engine.info().eos)
}
