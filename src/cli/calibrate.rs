//! `rotescope calibrate`: a step flag fitted to one model's own chains, whose steps nobody has to label.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::common::{Global, cancel_on_signal, file_ref, show};
use super::outputs::Outputs;
use super::score::{self, ScoreArgs, Shares};
use super::sources::in_time;
use super::told::Told;
use crate::run::calibrate::first_wrong::questions;
use crate::run::calibrate::folder::{self, ModelFolder};
use crate::run::calibrate::labels::{By, ChainLabel, LabelLog, Rolled, Rollouts};
use crate::run::hashes;
use crate::say;
use rotescope_judge::ByHand;
use rotescope_judge::flag::{FlagModel, Trained, TrainedFile};
use rotescope_study::evaluate::{EvaluateOptions, Evaluation};
use rotescope_trace::Trace;
use rotescope_trace::files;
use rotescope_trace::jsonl::{Record, begins_with_schema};

/// Fewer wrong steps, or fewer right ones, tell nothing.
const FEWEST: usize = 10;
/// With fewer the numbers are of little use.
const FEW: usize = 50;
/// The tables of an evaluation that are about flags.
const TABLES: [&str; 4] = [
    "first-error",
    "first-error-steps",
    "step-flag",
    "flag-calibration",
];

#[derive(Debug, clap::Args)]
#[command(
    mut_arg("prompts", |a| a.long("prompts").required(false).required_unless_present_any(["list", "export"]).num_args(1..)),
    mut_arg("sources", |a| a.default_value("local")),
    mut_arg("output", |a| a.hide(true)),
    mut_arg("isolate", |a| a.hide(true)),
    after_help = "The truth of a step is what a verifier computes; where the final answer is right, all steps are; where it is wrong, the step is \
                  wrong from which on no sampled completion reaches the answer. All is kept in the data folder under the hash of the model: a run \
                  that was stopped goes on, and more prompts add to it."
)]
pub struct CalibrateArgs {
    #[command(flatten)]
    score: ScoreArgs,
    /// Sample at most so many completions from the beginning of a chain until one is right; 0: no rollouts
    #[arg(long, value_name = "K", default_value_t = 8)]
    rollouts: usize,
    /// Of the sampled completions
    #[arg(long, value_name = "T", default_value_t = 0.7)]
    rollout_temperature: f32,
    /// Say which models are calibrated, and how well
    #[arg(long)]
    list: bool,
    /// Write the flag of this model (or of the only one) into a file, for `--step-classifier`
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// Replace a file of another kind (with --export)
    #[arg(long)]
    force: bool,
}

pub fn run(global: &Global, args: CalibrateArgs) -> Result<ExitCode> {
    if args.score.isolates() {
        bail!("--isolate: only `score` runs the model in a process of its own");
    }
    if args.list {
        show(&listed(&folder::flags()?))?;
        return Ok(ExitCode::SUCCESS);
    }
    let sha256 = |path: &Path| hashes::sha256(path).with_context(|| path.display().to_string());
    if let Some(path) = &args.export {
        let asked = args.score.parts.model.as_deref().map(sha256).transpose()?;
        return export(global, asked.as_deref(), path, args.force);
    }
    let model = sha256(&args.score.parts.model_path()?)?;
    let folder = ModelFolder::of(&model).context(
        "no folder for data: neither XDG_DATA_HOME nor HOME is set, and the flag is kept there",
    )?;
    std::fs::create_dir_all(folder.path()).with_context(|| folder.path().display().to_string())?;
    let rollouts = Rollouts {
        samples: args.rollouts,
        temperature: args.rollout_temperature,
        seed: args.score.options.seed,
    };
    let scored = score::run(global, args.score.for_calibration(&folder.chains())?)?;
    if cancel_on_signal()?.is_cancelled() {
        return Ok(scored);
    }
    let chains = chains(&folder.chains())?;
    let Some(mut labels) = label(&args.score, &folder, &chains, &rollouts)? else {
        say!("stopped; the same command resumes where it stopped");
        return Ok(ExitCode::from(1));
    };
    let path = folder.labels();
    labels
        .sort(&path)
        .with_context(|| path.display().to_string())?;
    fit(global, &folder, chains, &labels)?;
    Ok(scored)
}

/// The traces of a file, without prompts that failed.
fn chains(path: &Path) -> Result<Vec<Trace>> {
    let mut out = Vec::new();
    for read in files::read(&[path]) {
        if let Record::Trace(mut trace) = read?.entry.record {
            rotescope_judge::judge(&mut trace);
            out.push(*trace);
        }
    }
    Ok(out)
}

/// Labels all chains, those from which samples are drawn last; `None` where it was stopped.
fn label(
    args: &ScoreArgs,
    folder: &ModelFolder,
    chains: &[Trace],
    rollouts: &Rollouts,
) -> Result<Option<LabelLog>> {
    let path = folder.labels();
    let at = || path.display().to_string();
    let of: BTreeMap<&str, &Trace> = chains.iter().map(|t| (t.prompt.id.as_str(), t)).collect();
    let holds = |l: &ChainLabel| of.get(l.id.as_str()).is_some_and(|t| rollouts.made(l, t));
    let mut labels = LabelLog::open(&path, holds).with_context(at)?;
    let mut open = Vec::new();
    for trace in chains
        .iter()
        .filter(|t| !labels.has(&t.prompt.id))
        .collect::<Vec<_>>()
    {
        match ChainLabel::at_once(trace) {
            Some(label) => labels.append(label).with_context(at)?,
            None if rollouts.samples == 0 => {
                let label = ChainLabel::new(trace, None, By::NoRollouts);
                labels.append(label).with_context(at)?;
            }
            None => open.push(trace),
        }
    }
    if open.is_empty() {
        return Ok(Some(labels));
    }
    say!("{}", cost(&open, rollouts));
    let shares = Shares::new(args, open.len());
    let scorers = score::scorers(&args.parts, &args.options, &args.judging, None, shares)?;
    let cancel = cancel_on_signal()?;
    let mut told = Told::start("chains", Some(open.len()), args.quiet);
    let (began, mut tokens) = (Instant::now(), 0);
    let each = shares.parallel();
    let done = rollouts.label_all(&scorers, each, &open, &cancel, &mut |said| {
        match said {
            Rolled::Sample(n) => {
                tokens += n;
                let rate = tokens as f64 / began.elapsed().as_secs_f64();
                told.step(0, &format!("{rate:.0} tokens/s"));
            }
            Rolled::Label(label) => {
                labels.append(label).with_context(at)?;
                told.step(1, "");
            }
        }
        Ok(())
    });
    match done {
        Ok(()) => Ok(Some(labels)),
        Err(_) if cancel.is_cancelled() => Ok(None),
        Err(e) => Err(e),
    }
}

/// What the rollouts are expected to take, by the speed at which the chains were written.
fn cost(open: &[&Trace], rollouts: &Rollouts) -> String {
    let asked: usize = open.iter().map(|t| questions(t.steps.len())).sum();
    // Half of a chain is left at its middle, and half of the beginnings are good at the first sample or so.
    let lengths: usize = open
        .iter()
        .map(|t| questions(t.steps.len()) * t.tokens.len() / 2)
        .sum();
    let most = lengths * rollouts.samples;
    let (written, seconds) = open.iter().fold((0, 0.0), |(n, s), t| {
        (n + t.tokens.len(), s + t.timing.generate)
    });
    let time = |tokens: usize| match written as f64 / seconds {
        rate if rate.is_finite() && rate > 0.0 => format!(" ({})", in_time(tokens as f64 / rate)),
        _ => String::new(),
    };
    format!(
        "{} chains have a wrong answer: samples are drawn from at most {asked} beginnings, {} tokens{} to {most} tokens{}",
        open.len(),
        lengths,
        time(lengths),
        time(most)
    )
}

/// Fits the flag, prints how far it can be trusted, and puts it where it is used from now on.
fn fit(global: &Global, folder: &ModelFolder, chains: Vec<Trace>, labels: &LabelLog) -> Result<()> {
    say!("{}", counted(labels));
    let mut all = Evaluation::new(EvaluateOptions::default());
    let (mut wrong, mut right) = (0, 0);
    for mut trace in chains {
        let first = labels.get(&trace.prompt.id).and_then(|l| l.first_wrong);
        let label = first.map(|n| usize::try_from(n).map_or(ByHand::Clean, ByHand::FirstWrong));
        match label {
            Some(ByHand::FirstWrong(step)) => (wrong, right) = (wrong + 1, right + step),
            Some(ByHand::Clean) => right += trace.steps.len(),
            None => {}
        }
        all.add_labelled(&mut trace, Ok(label))?;
    }
    if wrong.min(right) < FEWEST {
        bail!(
            "{wrong} wrong steps and {right} right ones: a flag takes {FEWEST} of either kind; run more prompts, harder or easier ones. The chains are kept: {}",
            folder.path().display()
        );
    }
    let report = all.report()?;
    let file = |path: PathBuf| -> Result<TrainedFile> {
        let known = file_ref(&path)?;
        Ok(TrainedFile {
            name: known.file,
            sha256: known.sha256,
        })
    };
    let model = all.fit(Trained {
        files: vec![file(folder.chains())?, file(folder.labels())?],
        ..Default::default()
    })?;
    let path = folder.flag();
    let place = Outputs::new(global, true).file("calibrate", &path, "flag", |_| true)?;
    place.write(model.json()?.as_bytes())?;
    for table in report
        .tables
        .iter()
        .filter(|t| TABLES.contains(&t.id.as_str()))
    {
        show(&format!("{}\n", table.markdown()))?;
    }
    let few = match wrong.min(right) < FEW {
        true => format!(" (fewer than {FEW} of a kind: the intervals are wide)"),
        false => String::new(),
    };
    say!(
        "flag fitted to {} steps, {wrong} of them wrong{few}: {}; score and the app use it for this model from now on",
        wrong + right,
        path.display()
    );
    Ok(())
}

/// How many chains have their truth from where.
fn counted(labels: &LabelLog) -> String {
    let mut by = BTreeMap::<By, usize>::new();
    for label in labels.all() {
        *by.entry(label.by).or_default() += 1;
    }
    let said = |by: By| match by {
        By::Verifier => "a wrong step by a verifier",
        By::Answer => "a right answer",
        By::Rollouts => "a wrong step by rollouts",
        By::TooHard => "no right sample from the question (left out)",
        By::Unknown => "no answer to compare (left out)",
        By::NoRollouts => "a wrong answer, and no rollouts (left out)",
    };
    let parts: Vec<String> = by
        .iter()
        .map(|(by, n)| format!("{n} {}", said(*by)))
        .collect();
    format!("chains by their truth: {}", parts.join(", "))
}

/// The table of calibrated models.
fn listed(all: &[(PathBuf, FlagModel)]) -> String {
    if all.is_empty() {
        return "no model is calibrated; `rotescope calibrate --model M.gguf PROMPTS` does it\n"
            .into();
    }
    let mut out = String::new();
    for (path, flag) in all {
        let t = &flag.trained;
        let best = flag.models.last().map(|v| &v.metrics);
        let number = |v: Option<f64>| v.map_or("-".into(), |v| format!("{v:.3}"));
        let _ = writeln!(
            out,
            "{}  {} chains, {} steps ({} wrong), AUROC {}, Brier score {} (cross-validated)\n  {}",
            t.model.file,
            t.traces,
            t.steps,
            t.wrong,
            number(best.and_then(|m| m.auroc)),
            number(best.and_then(|m| m.brier)),
            path.display()
        );
    }
    out
}

/// Copies the flag of a model, or of the only one.
fn export(global: &Global, sha256: Option<&str>, to: &Path, force: bool) -> Result<ExitCode> {
    let mut all = folder::flags()?;
    all.retain(|(_, flag)| sha256.is_none_or(|s| flag.trained.model.sha256 == s));
    let (from, flag) = match all.as_slice() {
        [one] => one,
        [] => bail!("no flag to export: `rotescope calibrate --list` says which models have one"),
        _ => bail!("{} models are calibrated: say which by --model", all.len()),
    };
    let mut outputs = Outputs::new(global, force).reads([from])?;
    let is = |head: &[u8]| begins_with_schema(head, "rotescope.flag/");
    let place = outputs.file("--export", to, "flag", is)?;
    place.write(flag.json()?.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
