//! `rotescope index build`, and the index of the bundled corpus.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use super::progress::Building;
use super::question::{Vocabulary, description};
use super::show;
use crate::bundle::Bundle;
use crate::cli::common::Global;
use crate::cli::outputs::Outputs;
use crate::memory;
use crate::run::encoder::encoder;
use crate::say;
use rotescope_corpus::manifest::{IndexOptions, Manifest};
use rotescope_corpus::read::{Format, ReadOptions};
use rotescope_corpus::{BuildOptions, BuildProgress, BuildReport, CorpusError, build};
use rotescope_vocab::Encode;

#[derive(Debug, Args)]
pub(super) struct BuildArgs {
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
    /// No progress and no summary.
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// How corpus files are read and indexed.
#[derive(Debug, Args)]
pub(super) struct ReadingArgs {
    /// JSON field that holds the text, `text` if not given; several are joined by a line break.
    #[arg(long, value_name = "NAME")]
    text_field: Vec<String>,
    /// What the files hold; `auto`, if not given, goes by their names.
    #[arg(long, value_enum)]
    format: Option<FormatArg>,
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
    pub(super) memory: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArg {
    Auto,
    Jsonl,
    Text,
}

impl ReadingArgs {
    /// A build of an index in a folder. What no option says is as it was before, where something was read before.
    pub(super) fn options(
        self,
        corpus: Vec<PathBuf>,
        out: PathBuf,
        description: String,
        before: Option<&IndexOptions>,
    ) -> BuildOptions {
        let usual = ReadOptions::default();
        let (fields, format) = match before {
            Some(before) => (&before.text_fields, before.format),
            None => (&usual.text_fields, Format::Auto),
        };
        BuildOptions {
            format: match self.format {
                None => format,
                Some(FormatArg::Auto) => Format::Auto,
                Some(FormatArg::Jsonl) => Format::Jsonl,
                Some(FormatArg::Text) => Format::Text,
            },
            read: ReadOptions {
                text_fields: match self.text_field.is_empty() {
                    true => fields.clone(),
                    false => self.text_field,
                },
                paragraphs: self.paragraphs || before.is_some_and(|b| b.paragraphs),
                lossy: self.lossy || before.is_some_and(|b| b.lossy),
                skip_bad: self.skip_bad,
            },
            memory: self.memory,
            ..BuildOptions::new(corpus, out, description)
        }
    }
}

pub(super) fn run(global: &Global, args: BuildArgs) -> Result<ExitCode> {
    Outputs::new(global, args.force)
        .reads(&args.corpus)?
        .reads(args.vocabulary.files())?
        .folder("--out", &args.out)?;
    let (encoder, description) = args.vocabulary.required("to encode the corpus")?;
    let options = args
        .reading
        .options(args.corpus, args.out, description, None);
    let options = BuildOptions {
        force: args.force,
        ..options
    };
    built(&options, encoder.as_ref(), args.quiet)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds an index, and says what came of it; where that is to be quiet, only what was left out.
pub(super) fn built(options: &BuildOptions, encoder: &dyn Encode, quiet: bool) -> Result<()> {
    let built = building(quiet, |progress| build(options, encoder, progress))?;
    if !quiet {
        let seconds = built.elapsed.as_secs_f64();
        say!("{}", whole(&options.out, &built.manifest, seconds));
    }
    Ok(())
}

/// How large an index is that was made in so many seconds.
pub(super) fn whole(index: &Path, m: &Manifest, seconds: f64) -> String {
    let size: u64 = m.files.iter().map(|f| f.bytes).sum();
    format!(
        "{}: {} documents, {} tokens in {seconds:.1} s; {} on disk ({:.2} bytes a token)",
        index.display(),
        show::grouped(m.documents),
        show::grouped(m.tokens),
        show::size(size),
        size as f64 / m.tokens.max(1) as f64,
    )
}

/// Makes an index with its progress on standard error, and says what was left out.
pub(super) fn building(
    quiet: bool,
    make: impl FnOnce(&mut Building) -> Result<BuildReport, CorpusError>,
) -> Result<BuildReport> {
    prepare()?;
    let mut building = Building::start(quiet)?;
    let built = make(&mut building)?;
    drop(building);
    if let Some(first) = built.skipped.first() {
        say!(
            "skipped {} files whose names are not those of corpora, the first: {} (give --format to read them)",
            built.skipped.len(),
            first.display()
        );
    }
    if let Some(first) = &built.bad.first {
        let n = show::grouped(built.bad.count);
        say!("{n} documents skipped that cannot be read, the first: {first}");
    }
    Ok(built)
}

/// What a build needs that could not fail properly later.
fn prepare() -> Result<()> {
    memory::reserve();
    // On its first use it would panic where it cannot start its threads.
    match rayon::ThreadPoolBuilder::new().build_global() {
        Err(e) if std::error::Error::source(&e).is_some() => {
            Err(e).context("threads cannot be started; let the process have more memory (ulimit -v) or threads (ulimit -u)")
        }
        // Started before.
        _ => Ok(()),
    }
}

/// Indexes the bundled corpus, on first use.
pub fn build_bundle(bundle: &Bundle, progress: &mut dyn BuildProgress) -> Result<()> {
    let model = bundle.model()?;
    let options = BuildOptions::new(vec![bundle.corpus()?], bundle.index(), description(&model));
    build(&options, encoder(Some(&model), None)?.as_ref(), progress)?;
    Ok(())
}

/// The same, with its progress on standard error.
pub fn build_bundle_aloud(bundle: &Bundle) -> Result<()> {
    say!(
        "indexing the bundled corpus, once: {}",
        bundle.index().display()
    );
    prepare()?;
    build_bundle(bundle, &mut Building::start(false)?)
}

/// Bytes from `512M`, `8G`, `1.5GiB`, `100000`; K, M, G and T are powers of 1024.
pub(super) fn parse_bytes(text: &str) -> Result<u64, String> {
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
