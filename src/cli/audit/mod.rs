//! `rotescope audit`: what of a text stands in a corpus, and what of it a model recites.

mod extract;
mod finder;
mod redundancy;
mod regions;
mod spans;
mod students;
pub mod texts;

pub use texts::resumable;

use std::process::ExitCode;

use anyhow::Result;

use super::common::Global;

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
    /// Whether an answer has a document's numbers and names, its template, both, or neither
    Regions(Box<regions::RegionsArgs>),
    /// What students, or coarser quantizations of a model, keep of what it recites
    Students(Box<students::StudentsArgs>),
}

pub fn run(global: &Global, args: AuditArgs) -> Result<ExitCode> {
    match args.what {
        Audit::Spans(args) => args.run(global),
        Audit::Extract(args) => args.run(global),
        Audit::Redundancy(args) => args.run(global),
        Audit::Regions(args) => args.run(global),
        Audit::Students(args) => args.run(global),
    }
}
