//! `rotescope index`: build an index of a corpus, add to it, and ask it.

mod append;
mod ask;
mod build;
mod merge;
mod progress;
mod push;
mod question;
mod readings;
pub mod schema;
pub(super) mod show;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use self::question::Question;
pub use build::{build_bundle, build_bundle_aloud};
pub(super) use question::own_tokenizer;

use super::common::{Global, say_unchecked, stdout};
use super::remote::{self, RemoteArgs};
use crate::say;
use rotescope_corpus::check::{CheckOptions, check};
use rotescope_corpus::{About, LocalIndex};

#[derive(Debug, Args)]
pub struct IndexArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build an index of corpus files.
    Build(build::BuildArgs),
    /// Add documents to an index: only these are read, the rest is taken as it is.
    Append(append::AppendArgs),
    /// Make one index of several; of one, the same with its parts put together.
    Merge(merge::MergeArgs),
    /// Load an index into an OpenSearch or Elasticsearch cluster, or go on with one that is loaded in part.
    Push(push::PushArgs),
    /// Show what an index holds.
    Info {
        #[command(flatten)]
        places: Places,
        #[command(flatten)]
        remote: RemoteArgs,
        #[arg(long)]
        json: bool,
    },
    /// Check the files of an index: hashes, order of suffixes, counts against a scan.
    Check {
        /// Index folder.
        index: PathBuf,
        /// Compare every suffix with its neighbour instead of a sample.
        #[arg(long)]
        full: bool,
    },
    /// Count how often a text occurs, as a sequence of tokens.
    Count(Question),
    /// Show what follows a text in the corpus.
    Next {
        #[command(flatten)]
        question: Question,
        /// How many tokens to show.
        #[arg(short = 'k', long, default_value_t = 20, value_name = "N")]
        top: usize,
    },
    /// Show documents that hold a text.
    Docs {
        #[command(flatten)]
        question: Question,
        /// How many occurrences to show.
        #[arg(long, default_value_t = 10, value_name = "N")]
        limit: usize,
        /// How many occurrences to pass over.
        #[arg(long, default_value_t = 0, value_name = "N")]
        offset: usize,
        /// Tokens to show on each side of the text.
        #[arg(long, default_value_t = 24, value_name = "N")]
        around: u32,
    },
}

/// The indexes that are asked.
#[derive(Debug, Args)]
struct Places {
    /// Index folder, infinigram:URL#INDEX, opensearch:URL/INDEX, or a name of the settings.
    #[arg(value_name = "INDEX", required_unless_present = "also")]
    place: Option<PathBuf>,
    /// An index to ask too; may be given several times, and instead of INDEX. Counts are summed.
    #[arg(short = 'i', long = "index", value_name = "INDEX")]
    also: Vec<PathBuf>,
}

impl Places {
    fn all(&self) -> Result<Vec<PathBuf>> {
        let all: Vec<PathBuf> = self.place.iter().chain(&self.also).cloned().collect();
        if all.is_empty() {
            bail!("no index: name one, or give it with --index");
        }
        Ok(all)
    }
}

pub fn run(global: &Global, args: IndexArgs) -> Result<ExitCode> {
    match args.command {
        Command::Build(args) => build::run(global, args),
        Command::Append(args) => append::run(global, args),
        Command::Merge(args) => merge::run(global, args),
        Command::Push(args) => push::run(args),
        Command::Info {
            places,
            remote,
            json,
        } => {
            for (i, index) in places.all()?.iter().enumerate() {
                if i > 0 && !json {
                    writeln!(stdout())?;
                }
                match remote::open_own(index, &remote, None)? {
                    Some((index, _)) => show::remote(index.as_ref(), json)?,
                    None => run_info(&remote::folder(index), json)?,
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Check { index, full } => run_check(&index, full),
        Command::Count(question) => ask::count(&question),
        Command::Next { question, top } => ask::next(&question, top),
        Command::Docs {
            question,
            limit,
            offset,
            around,
        } => ask::docs(&question, limit, offset, around),
    }
}

fn run_info(index: &Path, json: bool) -> Result<()> {
    let index = LocalIndex::open(index)?;
    say_unchecked(index.folder());
    let mut out = stdout();
    if json {
        let about = show::IndexAbout {
            index: index.info(),
            made_by: Some(index.made_by().into()),
            bytes_on_disk: Some(index.bytes_on_disk()),
            manifest: Some(index.manifest().clone()),
        };
        about.write(&mut out)?;
    } else {
        show::info(&mut out, &index)?;
    }
    Ok(())
}

fn run_check(index: &Path, full: bool) -> Result<ExitCode> {
    let index = LocalIndex::open(index)?;
    let options = CheckOptions {
        full,
        ..CheckOptions::default()
    };
    let mut printed = Ok(());
    let findings = check(&index, options, |finding| {
        let print = || -> io::Result<()> {
            let mut out = stdout();
            let verdict = if finding.faults.is_empty() {
                "ok  "
            } else {
                "FAIL"
            };
            writeln!(out, "{verdict} {}", finding.what)?;
            for fault in &finding.faults {
                writeln!(out, "     {fault}")?;
            }
            Ok(())
        };
        if printed.is_ok() {
            printed = print();
        }
    })?;
    let failed = findings.iter().filter(|f| !f.faults.is_empty()).count();
    if failed > 0 {
        say!(
            "{}: {failed} of {} checks failed; build the index again",
            index.folder().display(),
            findings.len()
        );
        return Ok(ExitCode::from(1));
    }
    printed?;
    Ok(ExitCode::SUCCESS)
}
