//! Which windows of which text an audit is about: options that all audits with a model share.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use crate::cli::common::{Global, ModelArgs, cancel_on_signal, check_tokenizer, index_ref};
use crate::cli::outputs::Outputs;
use crate::cli::patterns::matching;
use crate::run::audit::error::AuditError;
use crate::run::audit::file::AuditFile;
use crate::run::audit::texts::{Cut, Documents, Item, sample_of_index};
use crate::run::encoder::encoder;
use crate::say;
use rotescope_audit::Split;
use rotescope_corpus::Corpus;
use rotescope_corpus::read::{Format, InputFile, list, names};
use rotescope_model::{CancelToken, Engine};
use rotescope_trace::audit::{AuditLine, AuditRun};
use rotescope_vocab::Encode;

#[derive(Debug, clap::Args)]
pub struct TextArgs {
    /// Texts (a file is one document), corpora as JSON lines, folders of them, perhaps compressed (.gz, .zst)
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub parts: ModelArgs,
    /// Do without an index: nothing is counted, and nothing is known to be common
    #[arg(long)]
    no_index: bool,
    /// Documents of the index, by their numbers
    #[arg(
        long,
        value_name = "N,...",
        value_delimiter = ',',
        conflicts_with = "files"
    )]
    documents: Vec<u64>,
    /// Draw so many windows at random by the seed: of what is given, or else of the whole index
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Tokens of prefix and continuation; several as 32/32,50/50 [default: 32/32, of `students` 50/50, of `retro measure` 64/192]
    #[arg(long, value_name = "P/C", value_delimiter = ',', value_parser = split)]
    window: Vec<Split>,
    /// Where none is given.
    #[arg(skip = Split { prefix: 32, continuation: 32 })]
    pub usual: Split,
    /// Whole documents in pieces.
    #[arg(skip)]
    pub pieces: bool,
    /// Tokens from window to window [default: those of the continuation]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    stride: Option<u32>,
    /// Of all that is drawn
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub seed: u64,
    /// Write a JSON line for each window; a run that was killed goes on when it is started again
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Say nothing while it works
    #[arg(short, long)]
    pub quiet: bool,
}

fn split(text: &str) -> Result<Split, String> {
    let form = "give it as PREFIX/CONTINUATION, such as 32/32";
    let (prefix, continuation) = text.split_once('/').ok_or(form)?;
    let tokens = |t: &str| match t.trim().parse() {
        Ok(n @ 1..=100_000) => Ok(n),
        _ => Err(format!("{t:?} is no number of tokens from 1 on")),
    };
    Ok(Split {
        prefix: tokens(prefix)?,
        continuation: tokens(continuation)?,
    })
}

/// What is at hand for an audit.
pub struct Opened {
    pub engine: Engine,
    pub encoder: Box<dyn Encode>,
    pub corpus: Option<Arc<dyn Corpus>>,
    inputs: Vec<InputFile>,
    pub run: AuditRun,
    pub cancel: CancelToken,
}

impl TextArgs {
    /// Each split once, in the order given.
    pub fn splits(&self) -> Vec<Split> {
        let mut splits: Vec<Split> = Vec::new();
        let usual = [self.usual];
        let all = match self.window.is_empty() {
            true => &usual[..],
            false => &self.window,
        };
        for split in all {
            if !splits.contains(split) {
                splits.push(*split);
            }
        }
        splits
    }

    pub fn stride(&self) -> Option<usize> {
        self.stride.map(|s| s as usize)
    }

    /// Windows, where their number is known beforehand.
    pub fn total(&self) -> Option<usize> {
        Some(self.sample? * self.splits().len())
    }

    /// Opens model, tokenizer, index and files. `settings`: what else changes a record.
    ///
    /// # Errors
    /// No text, a file that cannot be read, an index of another tokenizer.
    pub fn open(&mut self, global: &Global, settings: Map<String, Value>) -> Result<Opened> {
        self.files = matching(&self.files)?;
        if self.files.is_empty() && self.documents.is_empty() && self.sample.is_none() {
            bail!("which text? Give files, --documents of the index, or --sample N windows of it");
        }
        let mut outputs = Outputs::new(global, false)
            .reads(&self.files)?
            .reads(self.parts.files())?;
        if let Some(path) = &self.output {
            outputs.appended("-o", path)?;
        }
        let inputs = list(&self.files, Format::Auto)?;
        for path in inputs.skipped.iter().filter(|_| !self.quiet) {
            let path = path.display();
            say!(
                "{path}: left out, for its name is that of no corpus; name the file itself to read it"
            );
        }
        let corpus = match self.no_index {
            true => None,
            false => self.parts.open_index()?,
        };
        if corpus.is_none() && self.files.is_empty() {
            bail!(
                "no index for this model: give one with --index DIR (made by `rotescope index build`), or files"
            );
        }
        let engine = self.parts.load_model()?;
        let model = self.parts.model_ref(&engine)?;
        if let Some(corpus) = &corpus {
            check_tokenizer(&model, corpus.as_ref())?;
        }
        if corpus.is_none() {
            say!("note: no index: nothing is counted, and no text is known to be common");
        }
        Ok(Opened {
            encoder: encoder(Some(&self.parts.model_path()?), None)?,
            run: AuditRun {
                rotescope: env!("CARGO_PKG_VERSION").into(),
                model,
                index: corpus.as_ref().map(|c| index_ref(c.as_ref())),
                settings: self.named(settings),
            },
            engine,
            corpus,
            inputs: inputs.files,
            cancel: cancel_on_signal()?,
        })
    }

    /// The file of -o, if there is one; `each` sees the lines that it holds.
    ///
    /// # Errors
    /// A file that cannot be written, or that holds something else.
    pub fn file<L: AuditLine>(
        &self,
        run: &AuditRun,
        each: &mut dyn FnMut(&L),
    ) -> Result<Option<AuditFile<L>>, AuditError> {
        let path = self.output.as_deref();
        path.map(|path| AuditFile::open(path, run, each))
            .transpose()
    }

    /// The settings, and what says which windows are meant.
    fn named(&self, mut all: Map<String, Value>) -> Map<String, Value> {
        let splits = self.splits();
        let splits = splits
            .iter()
            .map(|s| format!("{}/{}", s.prefix, s.continuation));
        all.insert("files".into(), names(&self.files).into());
        all.insert("documents".into(), self.documents.clone().into());
        all.insert("sample".into(), self.sample.into());
        all.insert("window".into(), splits.collect::<Vec<_>>().into());
        all.insert("stride".into(), self.stride.into());
        all.insert("seed".into(), self.seed.into());
        all
    }

    /// All windows, in their order.
    ///
    /// # Errors
    /// What cannot be read, and what `take` says.
    pub fn windows(
        &self,
        opened: &Opened,
        take: &mut dyn FnMut(Item) -> Result<(), AuditError>,
    ) -> Result<(), AuditError> {
        let cut = Cut {
            splits: self.splits(),
            stride: self.stride(),
            pieces: self.pieces,
        };
        let documents = match &opened.corpus {
            Some(corpus) if opened.inputs.is_empty() => {
                Documents::Ordinals(corpus.as_ref(), &self.documents)
            }
            _ => Documents::Files(&opened.inputs, opened.encoder.as_ref()),
        };
        let of_all = opened.inputs.is_empty() && self.documents.is_empty();
        match (self.sample, &opened.corpus) {
            (Some(n), Some(corpus)) if of_all => {
                sample_of_index(corpus.as_ref(), &cut.splits, n, self.seed, take)
            }
            (Some(n), _) => documents.sample(&cut, n, self.seed, take),
            (None, _) => documents.windows(&cut, take),
        }
    }
}

/// The error of a run that was stopped, where its file goes on.
pub fn resumable(error: AuditError, kept: bool) -> anyhow::Error {
    match kept && error.is_cancelled() {
        true => anyhow::anyhow!("stopped; what is done is kept, and the same command goes on"),
        false => error.into(),
    }
}
