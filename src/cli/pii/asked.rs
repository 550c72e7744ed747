//! Which values a model is asked for, and how: options that commands share which attack one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use super::source::{Source, SourceArgs};
use crate::cli::common::{Global, cancel_on_signal, grouped, index_ref};
use crate::cli::outputs::Outputs;
use crate::cli::told::Told;
use crate::run::audit::error::{AuditError, stopped};
use crate::run::encoder::encoder;
use crate::run::pii::attack::people::recombine;
use crate::run::pii::attack::run::Known;
use crate::run::pii::attack::settings::Settings;
use crate::run::pii::attack::targets::{Collector, Target};
use crate::run::pii::documents::Texts;
use crate::run::pii::list;
use crate::run::pii::scan::count;
use crate::run::pii::verify::kept::{Kept, kept};
use crate::say;
use rotescope_corpus::read::{Format, InputFile, list as inputs};
use rotescope_model::{CancelToken, Engine, Sampling};
use rotescope_privacy::attack::{Names, Templates};
use rotescope_privacy::{Detectors, Kind};
use rotescope_trace::IndexRef;
use rotescope_trace::audit::AuditRun;
use rotescope_trace::audit::pii::ScanFinding;
use rotescope_vocab::Encode;

/// Completions at a time, where that changes nothing.
pub const AT_ONCE: usize = 8;

#[derive(Debug, clap::Args)]
pub struct AskArgs {
    #[command(flatten)]
    pub source: SourceArgs,
    /// Ask for what `pii scan --reveal` wrote, behind the contexts that stand there, and read no corpus
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    findings: Option<PathBuf>,
    /// Tokens before a value that are given, each a question of its own; 0 for none [default: 50,100,200]
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    prefix: Vec<usize>,
    /// Questions with nothing but a name, a line each, with {n} for the name and {type} for the kind [default: four of each kind]
    #[arg(long, value_name = "FILE", conflicts_with = "no_templates")]
    templates: Option<PathBuf>,
    /// Ask no questions with nothing but a name
    #[arg(long)]
    no_templates: bool,
    /// Different values of each kind and each power of two of copies, at most; drawn by the seed
    #[arg(long, default_value_t = Settings::default().values, value_name = "N")]
    values: usize,
    /// Tokens of an answer, at most
    #[arg(long, default_value_t = Settings::default().tokens, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    max_tokens: usize,
    /// Of all that is drawn
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub seed: u64,
    /// Say nothing while it works
    #[arg(short, long)]
    pub quiet: bool,
}

/// Records of questions, and what is drawn for them.
#[derive(Debug, clap::Args)]
pub struct RecordArgs {
    #[command(flatten)]
    scheme: SchemeArgs,
    /// Show values in the file that is written, with people, questions and answers; without it none of these stands there
    #[arg(long, help_heading = None)]
    reveal: bool,
    /// Write a JSON line for each question; a run that was killed goes on when it is started again
    #[arg(short, long, value_name = "FILE", help_heading = None)]
    pub output: Option<PathBuf>,
}

impl RecordArgs {
    /// Names the file that is written.
    ///
    /// # Errors
    /// As [`Outputs::appended`].
    pub fn place(&self, mut outputs: Outputs) -> Result<()> {
        match &self.output {
            Some(path) => outputs.appended("-o", path),
            None => Ok(()),
        }
    }
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "How answers are drawn, beside the greedy one")]
struct SchemeArgs {
    /// Answers to each question; 0 for none
    #[arg(long, default_value_t = Settings::default().samples, value_name = "N")]
    samples: usize,
    /// 0 is greedy
    #[arg(long, default_value_t = Settings::default().sampling.temperature, value_name = "T")]
    temperature: f64,
    /// Only the K most probable tokens; 0 is all
    #[arg(long, default_value_t = Settings::default().sampling.top_k, value_name = "K")]
    top_k: usize,
    /// Only the most probable tokens that hold this share
    #[arg(long, default_value_t = 1.0, value_name = "P")]
    top_p: f64,
    /// Only tokens at least this many times as probable as the most probable one
    #[arg(long, default_value_t = 0.0, value_name = "P")]
    min_p: f64,
}

/// What is at hand.
pub struct Prepared {
    pub engine: Engine,
    pub encoder: Box<dyn Encode>,
    pub detectors: Detectors,
    pub targets: Vec<Target>,
    pub known: Known,
    pub settings: Settings,
    pub run: AuditRun,
    pub cancel: CancelToken,
}

impl Prepared {
    /// Texts in which no detector sees a value, drawn as [`kept`] has it.
    ///
    /// # Errors
    /// As [`kept`]; to be cancelled.
    pub fn without_values(
        &self,
        texts: &Texts<'_>,
        drawn: (usize, u64),
        behind: usize,
        quiet: bool,
    ) -> Result<Vec<Kept>> {
        let what = "documents read for texts without values";
        let mut told = Told::start(what, texts.count(), quiet);
        let mut each = |n| {
            told.step(n, "");
            stopped(&self.cancel)
        };
        let encoder = self.encoder.as_ref();
        Ok(kept(
            texts,
            &self.detectors,
            encoder,
            drawn,
            behind,
            &mut each,
        )?)
    }
}

impl AskArgs {
    /// What is asked. `records`: what is drawn, beside the greedy answer, where anything is; `controls`: whether each question is asked with another name too.
    ///
    /// # Errors
    /// Options out of range, a file of templates that is none.
    pub fn settings(&self, records: Option<&RecordArgs>, controls: bool) -> Result<Settings> {
        let usual = Settings::default();
        let (samples, sampling) = match records.map(|r| &r.scheme) {
            Some(scheme) => (
                scheme.samples,
                Sampling {
                    temperature: scheme.temperature,
                    top_k: scheme.top_k,
                    top_p: scheme.top_p,
                    min_p: scheme.min_p,
                    seed: 0,
                },
            ),
            None => (0, usual.sampling),
        };
        sampling.check()?;
        let mut contexts = match self.prefix.is_empty() {
            true => usual.contexts,
            false => self.prefix.clone(),
        };
        contexts.retain(|k| *k > 0);
        contexts.sort_unstable();
        contexts.dedup();
        let templates = match &self.templates {
            Some(path) => {
                let text =
                    std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
                Some(Templates::read(&text).with_context(|| path.display().to_string())?)
            }
            None => usual.templates.filter(|_| !self.no_templates),
        };
        if contexts.is_empty() && templates.is_none() {
            bail!("nothing is asked: give --prefix N, or leave out --no-templates");
        }
        Ok(Settings {
            contexts,
            templates,
            controls,
            values: self.values,
            tokens: self.max_tokens,
            beam: 0,
            samples,
            sampling,
            seed: self.seed,
            reveal: records.is_some_and(|r| r.reveal),
        })
    }

    /// What may be written beside all that is read; `also`: what else is read; `force`: as in [`Outputs::new`].
    ///
    /// # Errors
    /// As [`Outputs::reads`].
    pub fn outputs(&self, global: &Global, force: bool, also: &[PathBuf]) -> Result<Outputs> {
        Outputs::new(global, force)
            .reads(&self.source.files)?
            .reads(self.findings.iter().chain(&self.templates).chain(also))?
            .reads(self.source.parts.files())
    }

    /// Reads the corpus, draws values, loads the model. `more`: what else changes a record.
    ///
    /// # Errors
    /// A corpus, a list or a model that cannot be read; no value in them.
    pub fn prepare(&mut self, settings: Settings, more: Map<String, Value>) -> Result<Prepared> {
        let cancel = cancel_on_signal()?;
        let path = self.source.parts.model_path()?;
        let encoder = encoder(Some(&path), None)?;
        let drawn = match &self.findings {
            Some(path) => self.of_findings(&list::findings(path)?, &settings, encoder.as_ref())?,
            None => self.of_corpus(&settings, encoder.as_ref(), &cancel)?,
        };
        let Drawn {
            targets,
            known,
            detectors,
            index,
            without,
        } = drawn;
        if targets.is_empty() {
            bail!("no value is in there that could be asked for");
        }
        if without > 0 && !self.quiet {
            say!(
                "note: {without} people have no control, for too few names are known to make another one of"
            );
        }
        let engine = self.source.parts.load_one_of(1, (AT_ONCE, true))?;
        let mut named = self.source.named();
        named.extend(settings.named());
        let findings = self.findings.as_ref().map(|p| p.display().to_string());
        named.insert("findings".into(), findings.into());
        named.extend(more);
        Ok(Prepared {
            run: AuditRun {
                rotescope: env!("CARGO_PKG_VERSION").into(),
                model: self.source.parts.model_ref(&engine)?,
                index,
                settings: named,
            },
            engine,
            encoder,
            detectors,
            targets,
            known,
            settings,
            cancel,
        })
    }

    fn of_findings(
        &self,
        all: &[ScanFinding],
        settings: &Settings,
        encoder: &dyn Encode,
    ) -> Result<Drawn> {
        let kinds = self.source.kinds();
        let value = |f: &'_ ScanFinding| -> Option<((Kind, String), u64)> {
            let kind = Kind::of_name(&f.kind).filter(|k| kinds.contains(k))?;
            Some(((kind, f.value.clone()), f.count))
        };
        let values: BTreeMap<(Kind, String), u64> = all.iter().filter_map(value).collect();
        let values = || {
            values
                .iter()
                .map(|((kind, value), n)| (*kind, value.as_str(), *n))
        };
        let mut collector = Collector::new(values(), settings, encoder);
        collector.findings(all)?;
        let mut targets = collector.targets();
        let mut read = |names: &mut Names| {
            all.iter().for_each(|f| names.read(&f.context));
            Ok(())
        };
        Ok(Drawn {
            without: recombined(&mut targets, settings, &mut read)?,
            targets,
            known: Known::new(values().map(|(kind, value, _)| (kind, value))),
            detectors: self.source.detectors(),
            index: None,
        })
    }

    fn of_corpus(
        &mut self,
        settings: &Settings,
        encoder: &dyn Encode,
        cancel: &CancelToken,
    ) -> Result<Drawn> {
        let stopped = || stopped(cancel);
        let source = self.source.open(self.quiet)?;
        let texts = source.texts();
        let mut told = Told::start("documents read", texts.count(), self.quiet);
        let counts = count(&texts, &source.detectors, &mut |n, counts| {
            told.step(n, &format!("{} values", grouped(counts.findings())));
            stopped()
        })?;
        drop(told);
        let mut collector = Collector::new(counts.values(), settings, encoder);
        let mut told = Told::start("documents read again", texts.count(), self.quiet);
        collector.read(&texts, &source.detectors, &mut |n| {
            told.step(n, "");
            stopped()
        })?;
        drop(told);
        let mut targets = collector.targets();
        let mut read = |names: &mut Names| {
            texts.each(&mut |portion| {
                portion.iter().for_each(|t| names.read(&t.text));
                stopped()
            })
        };
        Ok(Drawn {
            without: recombined(&mut targets, settings, &mut read)?,
            targets,
            known: Known::new(counts.values().map(|(kind, value, _)| (kind, value))),
            index: source.corpus.as_deref().map(index_ref),
            detectors: source.detectors,
        })
    }

    /// So many texts that hold no value, of these files or else of the corpus, drawn as [`kept`] has it.
    ///
    /// # Errors
    /// As [`Prepared::without_values`].
    pub fn kept(
        &mut self,
        prepared: &Prepared,
        held_out: &[PathBuf],
        drawn: (usize, u64),
        behind: usize,
    ) -> Result<Vec<Kept>> {
        if drawn.0 == 0 {
            return Ok(Vec::new());
        }
        let files: Vec<InputFile>;
        let opened;
        let texts = if !held_out.is_empty() {
            files = inputs(held_out, Format::Auto)?.files;
            Texts::Files(&files)
        } else if let Some(source) = self.corpus()? {
            opened = source;
            opened.texts()
        } else {
            return Ok(Vec::new());
        };
        prepared.without_values(&texts, drawn, behind, self.quiet)
    }

    /// The corpus again, where one is read.
    ///
    /// # Errors
    /// As [`SourceArgs::open`].
    pub fn corpus(&mut self) -> Result<Option<Source>> {
        match self.findings {
            Some(_) => Ok(None),
            None => Ok(Some(self.source.open(true)?)),
        }
    }
}

/// Values that are asked for, of whichever source.
struct Drawn {
    targets: Vec<Target>,
    known: Known,
    detectors: Detectors,
    index: Option<IndexRef>,
    /// People who have no control.
    without: usize,
}

/// Gives targets other people for controls, where there are any.
fn recombined(
    targets: &mut [Target],
    settings: &Settings,
    read: &mut dyn FnMut(&mut Names) -> Result<(), AuditError>,
) -> Result<usize, AuditError> {
    match settings.controls {
        true => recombine(targets, settings.seed, read),
        false => Ok(0),
    }
}
