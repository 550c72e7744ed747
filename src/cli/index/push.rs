//! `rotescope index push`: loads an index into a cluster.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;

use super::build::{ReadingArgs, built};
use super::question::Vocabulary;
use super::show::grouped;

use crate::cli::common::cancel_on_signal;
use crate::cli::remote::{self, RemoteArgs};
use crate::cli::told::Told;
use crate::say;
use rotescope_corpus::{About, LocalIndex};
use rotescope_remote::{Limits, PushOptions, push};

#[derive(Debug, Args)]
pub(super) struct PushArgs {
    /// Index folder; or JSONL and text files and folders of them, which are indexed in a temporary folder first.
    #[arg(required = true, value_name = "DIR|CORPUS")]
    source: Vec<PathBuf>,
    /// Where to: opensearch:URL/INDEX, or a name of the settings. An index that is not there is made; one that holds a part of this corpus is
    /// filled; one of another corpus is left alone.
    #[arg(long, value_name = "INDEX")]
    to: String,
    /// Shards of a new index; one for each node that holds data, if not given.
    #[arg(long, value_name = "N")]
    shards: Option<usize>,
    /// Copies of each shard of a new index; one where there is a second node, if not given.
    #[arg(long, value_name = "N")]
    replicas: Option<usize>,
    /// Do without the script that makes occurrences countable, where a cluster takes none: documents are counted then.
    #[arg(long)]
    documents_only: bool,
    /// Load an index on another machine without encryption.
    #[arg(long)]
    insecure: bool,
    /// No progress and no summary.
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    vocabulary: Vocabulary,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// How often a request is sent that the cluster has no room for: with the waits between, some two minutes.
const ATTEMPTS: usize = 12;

pub(super) fn run(args: PushArgs) -> Result<ExitCode> {
    let asked = RemoteArgs {
        insecure: args.insecure,
        ..RemoteArgs::default()
    };
    let (address, mut options) = remote::target(&args.to, &asked)?;
    options.limits = Limits {
        attempts: ATTEMPTS,
        // A cluster says itself when it has no room.
        per_second: None,
        timeout: options.limits.timeout.max(Duration::from_secs(120)),
        at_a_time: options.limits.at_a_time.min(4),
        ..options.limits
    };
    // Goes with the index in it.
    let mut folder = None;
    let source = match args.source.as_slice() {
        [index] if remote::folder(index).join("manifest.json").is_file() => remote::folder(index),
        _ => {
            let (encoder, description) = args.vocabulary.required("to encode the corpus")?;
            let made = tempfile::tempdir().context("a folder for the index")?;
            let out = made.path().join("index");
            let build = args
                .reading
                .options(args.source, out.clone(), description, None);
            built(&build, encoder.as_ref(), args.quiet)?;
            folder = Some(made);
            out
        }
    };
    let source = LocalIndex::open(source)?;
    let how = PushOptions {
        shards: args.shards,
        replicas: args.replicas,
        documents_only: args.documents_only,
    };
    let cancel = cancel_on_signal()?;
    let began = Instant::now();
    let total = source.info().documents.map(|n| n as usize);
    let told = Mutex::new(Told::start("documents loaded", total, args.quiet));
    let pushed = push(&source, &address, options, &how, &|pushed| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        told.reach(pushed.documents as usize, pushed.before as usize, "");
        !cancel.is_cancelled()
    });
    drop(told);
    let pushed = pushed.context("what is there stays, and the same command goes on from it")?;
    if !args.quiet {
        let seconds = began.elapsed().as_secs_f64();
        let before = match pushed.before {
            0 => String::new(),
            n => format!(", {} of them there before", grouped(n)),
        };
        let held_back = match pushed.held_back {
            0 => String::new(),
            n => format!("; it had no room {} times", grouped(n)),
        };
        say!(
            "{address}: {} documents{before}, {} tokens in {seconds:.1} s{held_back}",
            grouped(pushed.documents),
            grouped(source.info().tokens),
        );
    }
    drop(folder);
    Ok(ExitCode::SUCCESS)
}
