//! `rotescope pii`: personal data in a corpus, and in what a model says.

mod answered;
mod asked;
mod attack;
mod bench;
mod decoding;
mod dedup;
mod edit;
mod gate;
mod scan;
mod source;
mod verify;

use std::process::ExitCode;

use anyhow::Result;

use super::common::Global;
pub use decoding::GateArgs;

#[derive(Debug, clap::Args)]
pub struct PiiArgs {
    #[command(subcommand)]
    what: Pii,
}

#[derive(Debug, clap::Subcommand)]
enum Pii {
    /// Which values of persons stand in a corpus: e-mail, phone, accounts, cards, national numbers, keys, addresses, dates of birth
    Scan(Box<scan::ScanArgs>),
    /// Which values a model gives away: behind what stands before them in the corpus, and behind nothing but a name
    Attack(Box<attack::AttackArgs>),
    /// Change a model so that it says something else in place of values that it gives away: as a LoRA adapter (GGUF)
    Edit(Box<edit::EditArgs>),
    /// What a protection changes: what the model gives away and what it says otherwise, before and after
    Verify(Box<verify::VerifyArgs>),
    /// What four protections change, alone and together: deduplication, differentially private drawing, an entropy filter, a pattern filter
    Bench(Box<bench::BenchArgs>),
    /// A corpus without copies: of documents that are nearly the same, the first
    Dedup(Box<dedup::DedupArgs>),
    /// What a gate before listed values refuses and what gets around it, and what it costs
    Gate(Box<gate::GateCommand>),
}

pub fn run(global: &Global, args: PiiArgs) -> Result<ExitCode> {
    match args.what {
        Pii::Scan(args) => args.run(global),
        Pii::Attack(args) => args.run(global),
        Pii::Edit(args) => args.run(global),
        Pii::Verify(args) => args.run(global),
        Pii::Bench(args) => args.run(global),
        Pii::Dedup(args) => args.run(global),
        Pii::Gate(args) => args.run(),
    }
}
