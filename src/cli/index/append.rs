//! `rotescope index append`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use super::build::{ReadingArgs, building, whole};
use super::question::{Vocabulary, own_tokenizer};
use super::show::grouped;
use crate::cli::common::Global;
use crate::cli::outputs::Outputs;
use crate::cli::remote;
use crate::say;
use rotescope_corpus::{About, AppendOptions, LocalIndex, MergeOptions, append, merge};

#[derive(Debug, Args)]
pub(super) struct AppendArgs {
    /// Index folder, or its name in the settings. It is replaced when the new one is whole; who has it open goes on with the old one.
    index: PathBuf,
    /// JSONL and text files (also .gz and .zst), and folders of them, which are read as those before were (--text-field, --format, --paragraphs,
    /// --lossy) where no option says otherwise.
    #[arg(required_unless_present = "compact")]
    corpus: Vec<PathBuf>,
    /// Add files that are in the index already: their documents are counted once more.
    #[arg(long)]
    again: bool,
    /// Put all parts of the index together, as far as --memory goes, so that it is as fast as one that was built at once; also with nothing to add.
    #[arg(long)]
    compact: bool,
    /// No progress and no summary.
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    vocabulary: Vocabulary,
    #[command(flatten)]
    reading: ReadingArgs,
}

pub(super) fn run(global: &Global, args: AppendArgs) -> Result<ExitCode> {
    let index = remote::folder(&args.index);
    Outputs::new(global, false)
        .reads(&args.corpus)?
        .reads(args.vocabulary.files())?
        .folder("the index", &index)?;
    if args.corpus.is_empty() {
        let options = MergeOptions {
            compact: true,
            memory: args.reading.memory,
            ..MergeOptions::new(vec![index.clone()], index.clone())
        };
        let made = building(args.quiet, |progress| merge(&options, progress))?;
        if !args.quiet {
            say!(
                "{}",
                whole(&index, &made.manifest, made.elapsed.as_secs_f64())
            );
        }
        return Ok(ExitCode::SUCCESS);
    }
    let opened = LocalIndex::open(&index)?;
    let about = opened.info();
    let own = || own_tokenizer(&about).map(|own| (own, about.tokenizer_name.clone()));
    let (encoder, description) = args.vocabulary.load()?.or_else(own).with_context(|| {
        format!(
            "a tokenizer is needed to encode what is added: give --model or --tokenizer (the index was made with {})",
            about.tokenizer_name
        )
    })?;
    let before = &opened.manifest().options;
    let options = AppendOptions {
        build: args
            .reading
            .options(args.corpus, index.clone(), description, Some(before)),
        again: args.again,
        compact: args.compact,
    };
    drop(opened);
    let made = building(args.quiet, |progress| {
        append(&options, encoder.as_ref(), progress)
    })?;
    if let (Some(part), false) = (made.manifest.parts.last(), args.quiet) {
        say!(
            "{}: {} documents, {} tokens added in {:.1} s; {} documents, {} tokens in all",
            index.display(),
            grouped(part.documents),
            grouped(part.tokens),
            made.elapsed.as_secs_f64(),
            grouped(made.manifest.documents),
            grouped(made.manifest.tokens),
        );
    }
    Ok(ExitCode::SUCCESS)
}
