//! `rotescope retro`: a model together with what the corpus alone predicts.

mod answer;
mod credit;
mod measure;
mod parts;
mod retriever;
mod store;

use std::process::ExitCode;

use anyhow::Result;

use super::common::Global;

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
    /// Keep hidden states of the model in documents of the index, for `--retriever knn`
    Store(Box<store::StoreArgs>),
    /// Name the documents of the index without which the answers of traces would be less likely
    Credit(Box<credit::CreditArgs>),
}

pub fn run(global: &Global, args: RetroArgs) -> Result<ExitCode> {
    match args.what {
        Retro::Measure(args) => args.run(global),
        Retro::Answer(args) => args.run(global),
        Retro::Store(args) => args.run(global),
        Retro::Credit(args) => args.run(global),
    }
}
