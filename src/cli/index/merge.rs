//! `rotescope index merge`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::build::{building, parse_bytes, whole};
use crate::cli::common::Global;
use crate::cli::outputs::Outputs;
use crate::cli::remote;
use crate::say;
use rotescope_corpus::{MergeOptions, merge};

#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// Index folders, or their names in the settings, of one tokenizer. The documents of each come behind those of the one before. Of one alone all
    /// parts are put together.
    #[arg(required = true, value_name = "INDEX")]
    indexes: Vec<PathBuf>,
    /// Folder to create.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// Replace the index that is there already.
    #[arg(long)]
    force: bool,
    /// Merge indexes of which two have the same file: its documents are counted twice.
    #[arg(long)]
    again: bool,
    /// Put all parts together, as far as --memory goes, so that the index is as fast as one that was built at once.
    #[arg(long)]
    compact: bool,
    /// Memory to use, such as 512M or 8G.
    #[arg(long, value_name = "BYTES", default_value = "2G", value_parser = parse_bytes)]
    memory: u64,
    /// No progress and no summary.
    #[arg(short, long)]
    quiet: bool,
}

pub(super) fn run(global: &Global, args: MergeArgs) -> Result<ExitCode> {
    let indexes: Vec<PathBuf> = args.indexes.iter().map(|i| remote::folder(i)).collect();
    Outputs::new(global, args.force)
        .reads(&indexes)?
        .folder("--out", &args.out)?;
    let options = MergeOptions {
        compact: args.compact || indexes.len() == 1,
        indexes,
        out: args.out,
        force: args.force,
        again: args.again,
        memory: args.memory,
    };
    let made = building(args.quiet, |progress| merge(&options, progress))?;
    if !args.quiet {
        let seconds = made.elapsed.as_secs_f64();
        say!("{}", whole(&options.out, &made.manifest, seconds));
    }
    Ok(ExitCode::SUCCESS)
}
