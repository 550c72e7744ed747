//! `rotescope index`: build an index of a corpus, and ask it.

mod ask;
mod progress;
mod push;
mod question;
mod readings;
pub(super) mod show;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use self::progress::Bar;
use self::question::{Question, Vocabulary};
pub(super) use question::own_tokenizer;

use super::common::Global;
use super::outputs::Outputs;
use super::remote::{self, RemoteArgs};
use crate::bundle::Bundle;
use crate::run::encoder::encoder;
use rotescope_corpus::check::{CheckOptions, check};
use rotescope_corpus::read::{Format, ReadOptions};
use rotescope_corpus::{About, BuildOptions, BuildProgress, LocalIndex, build};
use rotescope_vocab::Encode;

#[derive(Debug, Args)]
pub struct IndexArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build an index of corpus files.
    Build(BuildArgs),
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

#[derive(Debug, Args)]
struct BuildArgs {
    /// JSONL and text files (also .gz and .zst), and folders of them.
    #[arg(required = true)]
    corpus: Vec<PathBuf>,
    #[command(flatten)]
    vocabulary: Vocabulary,
    /// Folder to create.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// Replace the index that is there already.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// How corpus files are read and indexed.
#[derive(Debug, Args)]
struct ReadingArgs {
    /// JSON field that holds the text; several are joined by a line break.
    #[arg(long, value_name = "NAME", default_value = "text")]
    text_field: Vec<String>,
    /// What the files hold; `auto` goes by their names.
    #[arg(long, value_enum, default_value_t)]
    format: FormatArg,
    /// Make each paragraph of a text file (lines between blank lines) a document.
    #[arg(long)]
    paragraphs: bool,
    /// Replace invalid UTF-8 instead of stopping at it.
    #[arg(long)]
    lossy: bool,
    /// Leave out lines and files that cannot be read, and count them, instead of stopping at the first.
    #[arg(long)]
    skip_bad: bool,
    /// Memory to use, such as 512M or 8G.
    #[arg(long, value_name = "BYTES", default_value = "2G", value_parser = parse_bytes)]
    memory: u64,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum FormatArg {
    #[default]
    Auto,
    Jsonl,
    Text,
}

pub fn run(global: &Global, args: IndexArgs) -> Result<ExitCode> {
    match args.command {
        Command::Build(args) => run_build(global, args),
        Command::Push(args) => push::run(args),
        Command::Info {
            places,
            remote,
            json,
        } => {
            for (i, index) in places.all()?.iter().enumerate() {
                if i > 0 && !json {
                    writeln!(io::stdout())?;
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

/// Indexes the bundled corpus, on first use.
pub fn build_bundle(bundle: &Bundle, progress: &mut dyn BuildProgress) -> Result<()> {
    let model = bundle.model()?;
    let options = BuildOptions::new(
        vec![bundle.corpus()?],
        bundle.index(),
        question::description(&model),
    );
    build(&options, encoder(Some(&model), None)?.as_ref(), progress)?;
    Ok(())
}

/// The same, with a bar on standard error.
pub fn build_bundle_aloud(bundle: &Bundle) -> Result<()> {
    eprintln!(
        "indexing the bundled corpus, once: {}",
        bundle.index().display()
    );
    let mut bar = Bar::new();
    build_bundle(bundle, &mut bar)?;
    bar.finish();
    Ok(())
}

impl ReadingArgs {
    /// A build of an index in a folder.
    fn options(self, corpus: Vec<PathBuf>, out: PathBuf, description: String) -> BuildOptions {
        BuildOptions {
            format: match self.format {
                FormatArg::Auto => Format::Auto,
                FormatArg::Jsonl => Format::Jsonl,
                FormatArg::Text => Format::Text,
            },
            read: ReadOptions {
                text_fields: self.text_field,
                paragraphs: self.paragraphs,
                lossy: self.lossy,
                skip_bad: self.skip_bad,
            },
            memory: self.memory,
            ..BuildOptions::new(corpus, out, description)
        }
    }
}

fn run_build(global: &Global, args: BuildArgs) -> Result<ExitCode> {
    Outputs::new(global, args.force)
        .reads(&args.corpus)?
        .reads(args.vocabulary.files())?
        .folder("--out", &args.out)?;
    let (encoder, description) = args.vocabulary.required("to encode the corpus")?;
    let options = args.reading.options(args.corpus, args.out, description);
    let options = BuildOptions {
        force: args.force,
        ..options
    };
    built(&options, encoder.as_ref())?;
    Ok(ExitCode::SUCCESS)
}

/// Builds an index, and says what came of it.
fn built(options: &BuildOptions, encoder: &dyn Encode) -> Result<()> {
    let mut bar = Bar::new();
    let built = build(options, encoder, &mut bar)?;
    bar.finish();
    if let Some(first) = built.skipped.first() {
        eprintln!(
            "skipped {} files whose names are not those of corpora, the first: {} (give --format to read them)",
            built.skipped.len(),
            first.display()
        );
    }
    if let Some(first) = &built.bad.first {
        let n = show::grouped(built.bad.count);
        eprintln!("{n} documents skipped that cannot be read, the first: {first}");
    }
    let m = &built.manifest;
    let size: u64 = m.files.iter().map(|f| f.bytes).sum();
    eprintln!(
        "{}: {} documents, {} tokens in {:.1} s; {} on disk ({:.2} bytes a token)",
        options.out.display(),
        show::grouped(m.documents),
        show::grouped(m.tokens),
        built.elapsed.as_secs_f64(),
        show::size(size),
        size as f64 / m.tokens.max(1) as f64,
    );
    Ok(())
}

fn run_info(index: &Path, json: bool) -> Result<()> {
    let index = LocalIndex::open(index)?;
    let mut out = io::stdout().lock();
    if json {
        let info = json!({
            "index": index.info(),
            "made_by": index.made_by(),
            "bytes_on_disk": index.bytes_on_disk(),
            "manifest": index.manifest(),
        });
        writeln!(out, "{info:#}")?;
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
            let mut out = io::stdout().lock();
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
        eprintln!(
            "{}: {failed} of {} checks failed; build the index again",
            index.folder().display(),
            findings.len()
        );
        return Ok(ExitCode::from(1));
    }
    printed?;
    Ok(ExitCode::SUCCESS)
}

/// Bytes from `512M`, `8G`, `1.5GiB`, `100000`; K, M, G and T are powers of 1024.
fn parse_bytes(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no amount of memory, such as 512M or 8G");
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text[number.len()..].to_ascii_uppercase();
    let power = match unit.trim_end_matches('B').trim_end_matches('I') {
        "" => 0,
        "K" => 1,
        "M" => 2,
        "G" => 3,
        "T" => 4,
        _ => return Err(wrong()),
    };
    let number: f64 = number.trim().parse().map_err(|_| wrong())?;
    let bytes = number * 1024f64.powi(power);
    if bytes.is_finite() && bytes >= 1.0 && bytes < u64::MAX as f64 {
        Ok(bytes as u64)
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_memory() {
        assert_eq!(parse_bytes("1024"), Ok(1024));
        assert_eq!(parse_bytes("512M"), Ok(512 << 20));
        assert_eq!(parse_bytes("8g"), Ok(8 << 30));
        assert_eq!(parse_bytes("1.5GiB"), Ok(3 << 29));
        for bad in ["", "G", "-1M", "0", "5X", "nan", "1e400"] {
            assert!(parse_bytes(bad).is_err(), "{bad}");
        }
    }
}
