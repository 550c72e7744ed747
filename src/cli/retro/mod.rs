//! `rotescope retro`: a model together with what the corpus alone predicts.

mod answer;
mod measure;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;

use super::common::Global;
use rotescope_corpus::Corpus;
use rotescope_model::Engine;
use rotescope_retro::{Infinigram, Weights};

#[derive(Debug, clap::Args)]
pub struct RetroArgs {
    #[command(subcommand)]
    what: Retro,
}

#[derive(Debug, clap::Subcommand)]
enum Retro {
    /// What model and corpus each say of the tokens of a text, who knows them, and what a mixture of both predicts
    Measure(Box<measure::MeasureArgs>),
    /// Answer prompts with a mixture of model and corpus, by how much of it is the corpus
    Answer(Box<answer::AnswerArgs>),
}

pub fn run(global: &Global, args: RetroArgs) -> Result<ExitCode> {
    match args.what {
        Retro::Measure(args) => args.run(global),
        Retro::Answer(args) => args.run(global),
    }
}

/// `W`, or `SPARSE/SEVERAL`.
fn weights(text: &str) -> Result<Weights, String> {
    let number = |t: &str| {
        let parsed = t.trim().parse::<f64>();
        parsed.map_err(|_| format!("{t:?} is no number; give one from 0 to 1, or two as .8/.2"))
    };
    let (sparse, dense) = text.split_once('/').unwrap_or((text, text));
    Weights::new(number(sparse)?, number(dense)?).map_err(|e| e.to_string())
}

/// The retriever. The end of a document is the end that the model knows.
fn infinigram(corpus: &Arc<dyn Corpus>, engine: &Engine) -> Infinigram {
    Infinigram::new(corpus.clone(), engine.info().eos)
}
