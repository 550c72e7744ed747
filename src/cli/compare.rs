//! `rotescope compare`: two files of traces, or prompts against changed prompts, or two models on the same prompts.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use super::common::{Global, ModelArgs, print, show};
use super::compare_page::ComparisonPage;
use super::compare_view::{self, ComparisonText};
use super::given::GivenArgs;
use super::judging::JudgingArgs;
use super::outputs::{OutputPlace, Outputs};
use super::page_parts::{EACH, PageParts};
use super::patterns::matching;
use super::progress::Progress;
use super::telling::says_json;
use super::template::notes;
use super::{perturb, score};
use crate::run::batch;
use crate::run::encoder::encoder;
use crate::run::forced;
use crate::say;
use rotescope_corpus::Corpus;
use rotescope_model::{CancelToken, Engine};
use rotescope_report::Format;
use rotescope_study::compare::compare;
use rotescope_study::compare::files::{Pairs, TraceFile, pair, pair_within};
use rotescope_study::compare::totals::Totals;
use rotescope_study::perturb::Plan;
use rotescope_trace::jsonl;
use rotescope_trace::{ModelRef, Prompt};

#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    /// Two files of traces; one file of traces that holds its pairs; or, with --operator or --model-b, a file of prompts (bundle:NAME is a bundled one)
    #[arg(required = true, num_args = 1..=2, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Score each prompt as it is and changed by this operator, and compare; may be given several times (see `rotescope perturb --list`)
    #[arg(long = "operator", alias = "with", value_name = "OP")]
    operators: Vec<String>,
    /// Score each prompt with this model too, and compare the models
    #[arg(long, value_name = "FILE", conflicts_with = "operators")]
    model_b: Option<PathBuf>,
    /// Write one comparison a line as JSON to standard output, and nothing else
    #[arg(long)]
    json: bool,
    /// Write the comparisons to this file, which must not exist: as a page to read if it ends in .html, else as JSON lines
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace files that --output and --save-traces would write
    #[arg(long)]
    force: bool,
    /// Keep the traces that are made in this folder
    #[arg(long, alias = "keep", value_name = "DIR")]
    save_traces: Option<PathBuf>,
    /// Show the pair with this id (of either side); may be given several times
    #[arg(long, value_name = "ID")]
    show: Vec<String>,
    /// In pairs shown, leave out steps that are the same
    #[arg(long)]
    only_differences: bool,
    /// Pairs in the list of fragile pairs
    #[arg(long, default_value_t = 10, value_name = "N")]
    top: usize,
    /// At most this many prompts
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Do not look anything up: only generate
    #[arg(long, conflicts_with = "index")]
    no_index: bool,
    /// Also measure how probable the original completion is under the changed prompt (needs the model; always done with --operator)
    #[arg(long)]
    forced: bool,
    #[command(flatten)]
    parts: ModelArgs,
    #[command(flatten)]
    options: score::ScoreOptions,
    #[command(flatten)]
    judging: JudgingArgs,
    #[command(flatten)]
    given: GivenArgs,
}

/// The model that completions are forced through, and how traces name it.
struct Forcing {
    engine: Engine,
    model: ModelRef,
}

pub fn run(global: &Global, mut args: CompareArgs) -> Result<ExitCode> {
    args.given.marks.clone_from(&global.settings.own.reasoning);
    args.judging
        .marks
        .clone_from(&global.settings.own.reasoning);
    args.files = matching(&args.files)?;
    if args.files.len() > 2 {
        bail!(
            "{} files are given, and two can be compared",
            args.files.len()
        );
    }
    let mut outputs = Outputs::new(global, args.force)
        .reads(&args.files)?
        .reads(&args.model_b)?
        .reads(args.parts.files())?
        .reads(args.judging.files())?;
    let output = args.output.as_deref();
    let output = output.map(|path| outputs.fresh("-o", path)).transpose()?;
    let makes = !args.operators.is_empty() || args.model_b.is_some();
    // Traces that are made for this run alone go with it.
    let (a, b, forcing, _folder) = if makes {
        let [file] = args.files.as_slice() else {
            bail!(
                "--operator and --model-b take one file of prompts; compare two files of traces without them"
            );
        };
        let folder = match &args.save_traces {
            Some(keep) => {
                std::fs::create_dir_all(keep).with_context(|| keep.display().to_string())?;
                None
            }
            None => Some(tempfile::tempdir().context("a folder for the traces")?),
        };
        let at = folder.as_ref().map_or_else(
            || args.save_traces.clone().unwrap_or_default(),
            |f| f.path().to_path_buf(),
        );
        let (a, b, forcing) = make(&args, file, &at, &mut outputs)?;
        (a, b, forcing, folder)
    } else {
        let load = || -> Result<Forcing> {
            let engine = args.parts.load_model()?;
            let model = args.parts.model_ref(&engine)?;
            Ok(Forcing { engine, model })
        };
        let forcing = args.forced.then(load).transpose()?;
        let (files, folder) = args.given.as_traces(&args.files)?;
        let second = files.get(1).unwrap_or(&files[0]).clone();
        (files[0].clone(), second, forcing, folder)
    };
    let mut first = TraceFile::open(&a)?;
    let mut second = TraceFile::open(&b)?;
    let within = a == b;
    let pairs = if within {
        pair_within(&first)?
    } else {
        pair(&first, &second)?
    };
    let mut out = output.map(OutputPlace::create).transpose()?;
    let is_page = args.output.as_deref().and_then(Format::of) == Some(Format::Html);
    let mut page = is_page.then(ComparisonPage::new).transpose()?;
    let parts = PageParts::beside(args.output.as_deref().filter(|_| is_page), EACH)?;
    let mut totals = Totals::default();
    let mut notes: Vec<(String, usize)> = Vec::new();
    let view = ComparisonText::new(global, args.only_differences);
    let single = pairs.pairs.len() == 1;
    let cancel = CancelToken::new();
    for &(i, j) in &pairs.pairs {
        let (x, y) = (first.load(i)?, second.load(j)?);
        let mut c = compare(&x, &y);
        if let Some(Forcing { engine, model }) = &forcing {
            c.notes.extend(not_its_own(model, &x.model, &y.model));
            // Token ids mean nothing to another tokenizer's model.
            if [&x.model, &y.model].map(|m| &m.tokenizer) == [&model.tokenizer; 2] {
                c.forced =
                    forced::force(engine, &x, &y, &cancel).with_context(|| y.prompt.id.clone())?;
            }
        }
        for note in &c.notes {
            match notes.iter_mut().find(|(n, _)| n == note) {
                Some((_, count)) => *count += 1,
                None => notes.push((note.clone(), 1)),
            }
        }
        if let Some(page) = &mut page {
            page.add(&x, &y, &c)?;
        }
        if args.json || out.is_some() {
            let line = serde_json::to_string(&c)? + "\n";
            if let Some(out) = out.as_mut().filter(|_| page.is_none()) {
                out.write_all(line.as_bytes()).with_context(|| {
                    args.output
                        .as_deref()
                        .unwrap_or(Path::new("output"))
                        .display()
                        .to_string()
                })?;
            }
            if args.json {
                print(&line)?;
            }
        }
        let wanted = single || args.show.iter().any(|id| *id == c.a.id || *id == c.b.id);
        if wanted && !args.json {
            print(&view.pair(&x, &y, &c))?;
        }
        totals.add(&x, &y, &c);
    }
    if let Some(mut file) = out {
        if let Some(page) = page {
            page.finish(&mut file, &parts)?;
        }
        file.finish()?;
    }
    if !args.json && !single {
        show(&compare_view::totals(&totals, args.top))?;
    }
    for (note, count) in &notes {
        say!("note: {note} ({count} of {} pairs)", pairs.pairs.len());
    }
    let missing = name_missing(&pairs, &first, &second, within);
    if let Some(id) = args
        .show
        .iter()
        .find(|id| !totals.rows.iter().any(|r| r.a == **id || r.b == **id))
    {
        bail!("no pair has the id {id:?}");
    }
    Ok(if missing {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

/// What a reader should know of log-probabilities by a model that did not write the original completion, or of their absence.
fn not_its_own(model: &ModelRef, original: &ModelRef, changed: &ModelRef) -> Option<String> {
    let other = [original, changed]
        .into_iter()
        .find(|m| m.tokenizer != model.tokenizer);
    if let Some(other) = other {
        return Some(format!(
            "no log-probabilities: {} has another tokenizer than {}, give the model that wrote the traces with --model",
            other.file, model.file
        ));
    }
    (original.sha256 != model.sha256).then(|| {
        format!(
            "log-probabilities by {}, not by {}, which wrote the original completion",
            model.file, original.file
        )
    })
}

/// Says which traces have nobody; whether there are any.
fn name_missing(pairs: &Pairs, a: &TraceFile, b: &TraceFile, within: bool) -> bool {
    let list = |what: &str, ids: &[String]| {
        if !ids.is_empty() {
            let shown = ids.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
            let more = if ids.len() > 5 {
                format!(" and {} more", ids.len() - 5)
            } else {
                String::new()
            };
            say!("{what}: {shown}{more}");
        }
        !ids.is_empty()
    };
    let mut any = list("without a variant", &pairs.only_a);
    any |= list("without an original", &pairs.only_b);
    any |= list("failed in the first file", &a.failed);
    any | (!within && list("failed in the second file", &b.failed))
}

/// Scores the prompts twice and returns the two files, and the model if it can force completions.
fn make(
    args: &CompareArgs,
    file: &Path,
    folder: &Path,
    outputs: &mut Outputs,
) -> Result<(PathBuf, PathBuf, Option<Forcing>)> {
    let mut originals = super::given::prompts(file, args.given.field_args())?;
    originals.truncate(args.limit.unwrap_or(usize::MAX));
    let (a, b) = (folder.join("a.jsonl"), folder.join("b.jsonl"));
    let into_a = outputs.fresh("--save-traces", &a)?;
    let into_b = outputs.fresh("--save-traces", &b)?;
    if let Some(model_b) = &args.model_b {
        // What cannot be read is said before the first model has worked for it.
        let tokenizer = encoder(Some(model_b), None)
            .with_context(|| format!("--model-b {}", model_b.display()))?;
        let other = ModelArgs {
            model: Some(model_b.clone()),
            ..args.parts.clone()
        };
        let index = open_index(args)?;
        let theirs = index.as_ref().map(|i| i.info().tokenizer);
        let of_second = index
            .as_ref()
            .filter(|_| theirs.as_deref() == Some(tokenizer.fingerprint()));
        if index.is_some() && of_second.is_none() {
            say!(
                "note: {} has another tokenizer than the index: its completions get no scores",
                model_b.display()
            );
        }
        // One after the other: the first model is freed before the second is loaded.
        score_all(args, &args.parts, index.as_ref(), &originals, into_a)?;
        score_all(args, &other, of_second, &originals, into_b)?;
        return Ok((a, b, None));
    }
    let plan = Plan::parse(&args.operators, args.options.seed)?;
    let corpus = perturb::frequencies(&plan, &args.parts)?;
    let (mut kept, mut changed, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for prompt in originals {
        match perturb::changed(&plan, &prompt, corpus.as_ref()) {
            Ok(new) => {
                changed.push(new);
                kept.push(prompt);
            }
            Err(reason) => left_out.push((prompt.id, reason)),
        }
    }
    if let Some((id, reason)) = left_out.first() {
        say!(
            "{} prompts left out; the first, {id}: {reason}",
            left_out.len()
        );
        if kept.is_empty() {
            bail!(
                "{}: {} can change none of its prompts",
                file.display(),
                plan.name()
            );
        }
    }
    let index = open_index(args)?;
    score_all(args, &args.parts, index.as_ref(), &kept, into_a)?;
    let forcing = score_all(args, &args.parts, index.as_ref(), &changed, into_b)?;
    Ok((a, b, Some(forcing)))
}

/// The index that scores are looked up in, unless none is wanted.
fn open_index(args: &CompareArgs) -> Result<Option<Arc<dyn Corpus>>> {
    if args.no_index {
        return Ok(None);
    }
    args.parts.open_index()
}

/// Scores prompts one after the other into a file; a prompt that fails is recorded as failed.
fn score_all(
    args: &CompareArgs,
    parts: &ModelArgs,
    index: Option<&Arc<dyn Corpus>>,
    prompts: &[Prompt],
    into: OutputPlace,
) -> Result<Forcing> {
    let scorers = score::scorers(
        parts,
        &args.options,
        &args.judging,
        index,
        score::Shares::ONE,
    )?;
    for note in notes(&scorers[0].engine, &scorers[0].rendering) {
        say!("warning: {note}");
    }
    let mut file = into.create()?;
    let progress = Progress::start(
        Some(prompts.len()),
        Some(args.options.max_tokens),
        args.json && !says_json(),
    );
    let (prompts, cancel) = (prompts.to_vec(), CancelToken::new());
    let mut write = |record| jsonl::append(&mut file, &record);
    batch::in_order(&scorers, 1, prompts, &cancel, &progress, &mut write)?;
    drop(progress);
    file.finish()?;
    Ok(Forcing {
        engine: scorers[0].engine.clone(),
        model: scorers[0].model.clone(),
    })
}
