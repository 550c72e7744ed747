//! `rotescope attribute`: scores saved generations again, without generating. Sources beyond the local one need the model that wrote them.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::common::{Global, ModelArgs, check_tokenizer, index_ref};
use super::judging::JudgingArgs;
use super::outputs::{OutputPlace, Outputs};
use super::sources::{self, SourceArgs};
use crate::run::attributor::{Attributor, ScoringEvent};
use crate::run::finish::Finish;
use crate::run::saved::SavedTrace;
use rotescope_judge::registry;
use rotescope_model::{CancelToken, Engine};
use rotescope_stim::NonLocalSettings;
use rotescope_trace::jsonl::Record;
use rotescope_trace::{ModelRef, Trace, files, formats};

#[derive(Debug, clap::Args)]
pub struct AttributeArgs {
    /// Traces, as `score` writes them
    traces: PathBuf,
    #[command(flatten)]
    parts: ModelArgs,
    #[command(flatten)]
    judging: JudgingArgs,
    /// Where to write the traces; must not exist. Standard output if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the output file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    sources: SourceArgs,
    /// Of the random subsets of lerg_s
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
}

/// The model, loaded for sources beyond the local one.
struct Loaded {
    engine: Engine,
    model: ModelRef,
}

impl Loaded {
    fn new(parts: &ModelArgs, settings: &NonLocalSettings, first: &Trace) -> Result<Self> {
        let engine = parts.load_model()?;
        let model = parts.model_ref(&engine)?;
        let question = engine.tokenize(&first.prompt.question, false, false).len();
        eprintln!("{}", sources::expected_cost(&engine, settings, question)?);
        Ok(Loaded { engine, model })
    }

    /// Refuses a trace that another model wrote: its completion says nothing about this one.
    fn check(&self, trace: &Trace) -> Result<()> {
        if trace.model.sha256 != self.model.sha256 {
            bail!(
                "{} wrote this completion, not {}: give it with --model, or score only --sources local",
                trace.model.file,
                self.model.file
            );
        }
        Ok(())
    }
}

pub fn run(global: &Global, args: AttributeArgs) -> Result<ExitCode> {
    let mut outputs = Outputs::new(global, args.force)
        .reads([&args.traces])?
        .reads(args.parts.files())?
        .reads(args.judging.files())?;
    let output = args.output.as_deref();
    let output = output.map(|path| outputs.fresh("-o", path)).transpose()?;
    let Some(index) = args.parts.open_index()? else {
        bail!("no index: give one with --index DIR")
    };
    let reference = index_ref(index.as_ref());
    let mut output = output.map(OutputPlace::create).transpose()?;
    let writer = formats::writer(args.output.as_deref());
    let settings = args.sources.settings(args.seed);
    let mut loaded: Option<Loaded> = None;
    let cancel = CancelToken::new();
    let (mut failed, mut scored) = (0usize, 0usize);
    // Loaded for the model that wrote a trace: what was fitted to one says nothing of another.
    let mut finish: Option<(ModelRef, Finish)> = None;
    for read in files::read(&[&args.traces]) {
        let mut read = read?;
        let place = || format!("{}, line {}", read.path.display(), read.line);
        match &mut read.entry.record {
            Record::Failed(_) => failed += 1,
            Record::Trace(t) => {
                let verify = t.prompt.verify.as_deref().unwrap_or_default();
                registry::check(verify, &t.prompt.meta).with_context(place)?;
                check_tokenizer(&t.model, index.as_ref()).with_context(place)?;
                finish.take_if(|(model, _)| *model != t.model);
                let (_, finish) = match &finish {
                    Some(ready) => ready,
                    None => finish.insert((t.model.clone(), args.judging.load(&t.model)?)),
                };
                let non_local = match &settings {
                    Some(settings) => {
                        // Loaded with the first trace, so that a file without one needs no model.
                        let model = match &mut loaded {
                            Some(ready) => ready,
                            empty => empty.insert(Loaded::new(&args.parts, settings, t)?),
                        };
                        model.check(t).with_context(place)?;
                        Some((&model.engine, settings))
                    }
                    None => None,
                };
                let attributor = Attributor {
                    corpus: Some((index.as_ref(), &reference)),
                    non_local,
                    finish,
                };
                let mut source = SavedTrace::new(std::mem::take(t));
                let mut quiet = |_: ScoringEvent| ();
                **t = attributor
                    .complete(&mut source, &mut quiet)
                    .with_context(place)?;
                attributor
                    .deepen(t, None, &cancel, &mut quiet)
                    .with_context(place)?;
                scored += 1;
            }
        }
        match &mut output {
            Some(file) => writer.write(file, &read.entry)?,
            None => writer.write(&mut std::io::stdout().lock(), &read.entry)?,
        }
    }
    if let Some(file) = output {
        file.finish()?;
    }
    eprintln!("{scored} traces scored, {failed} failed prompts passed on");
    Ok(ExitCode::SUCCESS)
}
