//! `rotescope evaluate`: tables from traces, and the fit of the step flag.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::common::{Global, file_ref, show};
use super::given::GivenArgs;
use super::judging::probability;
use super::labels::{LabelArgs, LabelSource};
use super::outputs::Outputs;
use super::patterns::matching;
use super::told::Told;
use crate::run::replace::same_file;
use crate::say;
use rotescope_import::records;
use rotescope_judge::flag::{Trained, TrainedFile};
use rotescope_study::evaluate::{Contrast, EvaluateOptions, Evaluation, Levels, Setting};
use rotescope_text::SplitBy;
use rotescope_trace::files::Located;
use rotescope_trace::jsonl::{Record, begins_with_schema};
use rotescope_trace::{FileRef, Trace};

#[derive(Debug, clap::Args)]
pub struct EvaluateArgs {
    /// Files of traces, as `score` writes them, or generations of other tools (see `rotescope import --help`)
    #[arg(required_unless_present = "labels")]
    traces: Vec<PathBuf>,
    /// Take the steps that people call wrong for the truth, and show who names the first of them: verdicts, flags, plain scores. The labels stand in
    /// FILE, one object a completion with its `id`; without FILE in the traces themselves, where imports keep them
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    labels: Option<Option<PathBuf>>,
    #[command(flatten)]
    label: LabelArgs,
    /// Write all tables as JSON too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write each table as a CSV file into this folder too
    #[arg(long, value_name = "DIR")]
    csv: Option<PathBuf>,
    /// Fit the step flag to these traces and write it; `score --step-classifier FILE` applies it
    #[arg(long, value_name = "FILE")]
    fit: Option<PathBuf>,
    /// A flag for any model: fit it to features that mean the same on every model and on words alone, and show what each group of them adds, and how
    /// it does on files and models left out. With it, traces of several models may be given
    #[arg(long, requires = "labels")]
    ranked: bool,
    /// Replace files of another kind
    #[arg(long)]
    force: bool,
    /// Bootstrap resamples of prompts for the 95 % intervals; 0 is off
    #[arg(long, default_value_t = 200, value_name = "N")]
    resamples: usize,
    /// Of the bootstrap
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// The splits that are columns, in this order [default: all, in order of appearance]
    #[arg(long, value_name = "SPLIT,...", value_delimiter = ',')]
    splits: Vec<String>,
    /// One more column in the table of the step flag, over several splits at once; may be repeated
    #[arg(long, value_name = "SPLIT,...")]
    slice: Vec<String>,
    /// Say what the traces show of the paper's findings on usual and unusual inputs, in these two splits
    #[arg(long, value_name = "REFERENCE:OTHER")]
    contrast: Option<Contrast>,
    /// The model was unsure of tokens with a lower probability: below, all others together are likelier
    #[arg(long, value_name = "P", value_parser = probability, default_value_t = Levels::default().unsure)]
    unsure: f64,
    /// The model was confident of tokens with at least this probability: four times as likely as all others together
    #[arg(long, value_name = "P", value_parser = probability, default_value_t = Levels::default().confident)]
    confident: f64,
    /// Name causes anew, from this gain on [default: as the traces name them, from .4 on]
    #[arg(long, value_name = "GAIN")]
    cause_threshold: Option<f64>,
    /// The probability from which on the fitted step flag is raised [default: 0.5]
    #[arg(long, value_name = "P", requires = "fit", value_parser = probability)]
    flag_threshold: Option<f64>,
    #[command(flatten)]
    given: GivenArgs,
}

impl EvaluateArgs {
    fn options(&self) -> Result<EvaluateOptions> {
        let levels = Levels {
            unsure: self.unsure,
            confident: self.confident,
        };
        if levels.unsure > levels.confident {
            bail!("--unsure must not be above --confident");
        }
        let splits = |s: &String| s.split(',').map(str::to_owned).collect();
        Ok(EvaluateOptions {
            intervals: Setting {
                resamples: self.resamples,
                seed: self.seed,
            },
            levels,
            cause_threshold: self.cause_threshold,
            splits: self.splits.clone(),
            slices: self.slice.iter().map(splits).collect(),
            contrast: self.contrast.clone(),
            ranked: self.ranked,
        })
    }
}

/// Adds the traces of some files, each once, and says what there is to know of the files, which it returns. `labels`: judged by people, in a file or in the traces.
pub(super) fn gather(
    traces: &[PathBuf],
    given: &GivenArgs,
    labels: Option<(&LabelArgs, Option<&Path>)>,
    all: &mut Evaluation,
) -> Result<Vec<Arc<Path>>> {
    let mut seen = Seen::default();
    let options = given.options(SplitBy::default());
    let source =
        |(args, file): (&LabelArgs, Option<&Path>)| LabelSource::new(args, file, &given.fields());
    let mut source = labels.map(source).transpose()?;
    let mut told = Told::start("records read", None, false);
    for read in records::read(traces, &options) {
        let read = read?;
        told.step(1, "");
        if let (true, Record::Trace(mut t)) = (seen.is_new(&read)?, read.entry.record) {
            let place = || format!("{}, line {}", read.path.display(), read.line);
            match &mut source {
                Some(source) => {
                    let label = source.labels(&t).steps();
                    all.add_labelled(&mut t, label).with_context(place)?;
                }
                None => all.add(&mut t).with_context(place)?,
            }
        }
    }
    drop(told);
    if let Some(note) = source.and_then(|s| s.note()) {
        say!("note: {note}");
    }
    all.failed = seen.failed();
    if seen.twice > 0 {
        say!(
            "note: {} traces stand in the files more than once; each is counted once",
            seen.twice
        );
    }
    Ok(seen.files)
}

pub fn run(global: &Global, mut args: EvaluateArgs) -> Result<ExitCode> {
    args.given.marks.clone_from(&global.settings.own.reasoning);
    // `evaluate --labels FILE`: one file has both.
    let (traces, labels) = match (args.traces.as_slice(), args.labels.clone()) {
        ([], Some(Some(file))) => (vec![file], Some(None)),
        (traces, labels) => (matching(traces)?, labels),
    };
    if traces.is_empty() {
        bail!("no files of traces: give some beside --labels");
    }
    if labels.is_none() && args.label.are_given() {
        bail!("--label-field and --label-base say where labels stand: give --labels too");
    }
    let labels_file = labels.clone().flatten();
    let mut outputs = Outputs::new(global, args.force)
        .reads(&traces)?
        .reads(&labels_file)?;
    let mut file = |option: &str, path: &Option<PathBuf>, kind: &str, schema: &str| {
        let is = |head: &[u8]| begins_with_schema(head, schema);
        let path = path.as_deref();
        path.map(|p| outputs.file(option, p, kind, is)).transpose()
    };
    let json = file("--json", &args.json, "evaluation", "rotescope.evaluation/")?;
    let fit = file("--fit", &args.fit, "flag", "rotescope.flag/")?;

    let mut all = Evaluation::new(args.options()?);
    let labels = labels
        .is_some()
        .then_some((&args.label, labels_file.as_deref()));
    let read = gather(&traces, &args.given, labels, &mut all)?;
    let report = all.report()?;
    let mut tables = Vec::new();
    if let Some(folder) = &args.csv {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        for table in &report.tables {
            let text = table.csv();
            let first = text.split([',', '\n']).next().unwrap_or_default();
            let path = folder.join(format!("{}.csv", table.id));
            let is = |head: &[u8]| head.starts_with(first.as_bytes());
            let place = outputs.file("--csv", &path, "table of an evaluation", is)?;
            tables.push((place, text));
        }
    }
    for (place, text) in tables {
        place.write(text.as_bytes())?;
    }
    if let Some(place) = json {
        let text = serde_json::to_string_pretty(&report.json())? + "\n";
        place.write(text.as_bytes())?;
    }
    if let (Some(place), Some(path)) = (fit, &args.fit) {
        let hashed = |path: &Arc<Path>| -> Result<TrainedFile> {
            let FileRef { file, sha256 } = file_ref(path)?;
            Ok(TrainedFile { name: file, sha256 })
        };
        let files = read.iter().map(hashed).collect::<Result<_>>()?;
        let mut model = all.fit(Trained {
            files,
            ..Default::default()
        })?;
        model.threshold = args.flag_threshold.or(model.threshold);
        place.write(model.json()?.as_bytes())?;
        say!(
            "flag fitted to {} steps ({} wrong): {}",
            model.trained.steps,
            model.trained.wrong,
            path.display()
        );
    }
    show(&report.markdown())?;
    Ok(ExitCode::SUCCESS)
}

/// What was read so far: a trace counts once, however often it is given, and a prompt that failed and was answered later in the same file has not
/// failed.
#[derive(Debug, Default)]
struct Seen {
    /// Files given, each once.
    files: Vec<Arc<Path>>,
    traces: HashSet<[u8; 32]>,
    /// By file and id of the prompt: whether it failed for good.
    prompts: HashMap<(usize, String), bool>,
    /// Traces given again.
    twice: usize,
}

impl Seen {
    /// Whether a record is none that was seen already.
    fn is_new(&mut self, read: &Located) -> Result<bool> {
        let same = |known: &Arc<Path>| *known == read.path || same_file(known, &read.path);
        let file = self.files.iter().rposition(same).unwrap_or_else(|| {
            self.files.push(read.path.clone());
            self.files.len() - 1
        });
        let id = (file, read.entry.record.id().to_string());
        match &read.entry.record {
            Record::Trace(t) => {
                self.prompts.insert(id, false);
                let new = self.traces.insert(identity(t)?);
                self.twice += usize::from(!new);
                Ok(new)
            }
            Record::Failed(_) => {
                self.prompts.entry(id).or_insert(true);
                Ok(true)
            }
        }
    }

    fn failed(&self) -> usize {
        self.prompts.values().filter(|failed| **failed).count()
    }
}

/// What makes a trace the one that it is: the prompt, what wrote and scored it and how, and what came out. Times and versions do not count.
fn identity(t: &Trace) -> Result<[u8; 32]> {
    let parts = (
        (&t.prompt.id, &t.prompt.text, &t.output),
        (&t.model.identity(), &t.index, &t.sampler),
        (&t.attribution, &t.run, &t.judging),
    );
    Ok(Sha256::digest(serde_json::to_vec(&parts)?).into())
}
