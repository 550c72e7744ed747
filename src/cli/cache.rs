//! `rotescope cache`: the answers kept of indexes behind a network.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use schemars::JsonSchema;
use serde::Serialize;

use super::common::{grouped, print, show};
use super::index::show::size;
use super::remote;
use crate::say;

#[derive(Debug, Args)]
pub struct CacheArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say how many answers are kept, and where.
    Info {
        #[arg(long)]
        json: bool,
    },
    /// Forget all answers, as after an index has changed.
    Clear,
}

/// What `cache info --json` prints.
#[derive(Serialize, JsonSchema)]
pub struct CacheAbout {
    path: PathBuf,
    answers: u64,
    /// Of the answers; the file is larger.
    bytes: u64,
    bytes_on_disk: u64,
    /// The most bytes of answers; the oldest go first.
    limit: u64,
}

pub fn run(args: &CacheArgs) -> Result<ExitCode> {
    let cache = remote::cache();
    let info = cache.info()?;
    let path = info.path.display();
    match args.command {
        Command::Info { json: true } => {
            let about = CacheAbout {
                path: info.path,
                answers: info.answers,
                bytes: info.bytes,
                bytes_on_disk: info.file,
                limit: info.limit,
            };
            print(&(serde_json::to_string_pretty(&about)? + "\n"))?;
        }
        Command::Info { json: false } => show(&format!(
            "{path}: {} answers, {} of at most {}, {} on disk\n",
            grouped(info.answers),
            size(info.bytes),
            size(info.limit),
            size(info.file),
        ))?,
        Command::Clear => {
            cache.clear()?;
            say!("{path}: {} answers forgotten", grouped(info.answers));
        }
    }
    Ok(ExitCode::SUCCESS)
}
