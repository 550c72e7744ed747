//! `rotescope audit`: what of a text stands in a corpus, and what of it a model recites.

mod extract;
mod progress;
mod redundancy;
mod spans;
mod students;
mod texts;

use std::process::ExitCode;

use anyhow::{Context, Result};

use super::common::{Global, ModelArgs};
use super::index::own_tokenizer;
use crate::run::encoder::encoder;
use rotescope_corpus::Corpus;
use rotescope_vocab::Encode;

#[derive(Debug, clap::Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    what: Audit,
}

#[derive(Debug, clap::Subcommand)]
enum Audit {
    /// Which stretches of a text stand in the corpus token for token, and in which documents
    Spans(Box<spans::SpansArgs>),
    /// What of documents a model recites, greedily and in many draws, and what any prompt would make it say
    Extract(Box<extract::ExtractArgs>),
    /// How recitation bears changes of the prefix, by how redundant and how frequent the text is
    Redundancy(Box<redundancy::RedundancyArgs>),
    /// What students, or coarser quantizations of a model, keep of what it recites
    Students(Box<students::StudentsArgs>),
}

pub fn run(global: &Global, args: AuditArgs) -> Result<ExitCode> {
    match args.what {
        Audit::Spans(args) => args.run(global),
        Audit::Extract(args) => args.run(global),
        Audit::Redundancy(args) => args.run(global),
        Audit::Students(args) => args.run(global),
    }
}

/// The tokenizer of an index: the model's, where that is given.
fn encoder_for(parts: &ModelArgs, corpus: &dyn Corpus) -> Result<Box<dyn Encode>> {
    let info = corpus.info();
    let Some(path) = &parts.model else {
        return own_tokenizer(&info).with_context(|| {
            format!("the tokenizer of the index is needed: give the model with --model (the index was made with {})", info.tokenizer_name)
        });
    };
    let encoder = encoder(Some(path), None)?;
    info.expect_tokenizer(encoder.fingerprint(), &path.display().to_string())?;
    Ok(encoder)
}
