//! `rotescope attribute`: scores saved generations again, without generating. Sources beyond the local one need the model that wrote them.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::common::{Global, Parts, check_tokenizer, index_ref};
use super::judging::Judging;
use super::outputs::{Outputs, Place};
use super::sources::{self, Sources};
use crate::run::finish::Finish;
use crate::run::pipeline::attribute;
use rotescope_model::{CancelToken, Engine};
use rotescope_stim::{DistantSettings, attribute_chain};
use rotescope_trace::jsonl::Record;
use rotescope_trace::{ModelRef, Trace, files, formats};

#[derive(Debug, clap::Args)]
pub struct AttributeArgs {
    /// Traces, as `score` writes them
    traces: PathBuf,
    #[command(flatten)]
    parts: Parts,
    #[command(flatten)]
    judging: Judging,
    /// Where to write the traces; must not exist. Standard output if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the output file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    sources: Sources,
    /// Of the random subsets of lerg_s
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
}

/// The model, loaded for sources beyond the local one.
struct Loaded {
    engine: Engine,
    model: ModelRef,
    settings: DistantSettings,
}

impl Loaded {
    fn new(parts: &Parts, settings: DistantSettings, first: &Trace) -> Result<Self> {
        let engine = parts.load_model()?;
        let model = parts.model_ref(&engine)?;
        let question = engine.tokenize(&first.prompt.question, false, false).len();
        eprintln!("{}", sources::expected_cost(&engine, &settings, question)?);
        Ok(Loaded {
            engine,
            model,
            settings,
        })
    }

    /// Refuses a trace that another model wrote: its chain says nothing about this one.
    fn check(&self, trace: &Trace) -> Result<()> {
        if trace.model.sha256 != self.model.sha256 {
            bail!(
                "{} wrote this chain, not {}: give it with --model, or score only --sources local",
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
    let mut output = output.map(Place::create).transpose()?;
    let writer = formats::writer(args.output.as_deref());
    let settings = args.sources.settings(args.seed);
    let mut loaded: Option<Loaded> = None;
    let cancel = CancelToken::new();
    let (mut failed, mut scored) = (0usize, 0usize);
    // Loaded for the first trace: it says which model wrote the chains.
    let mut finish: Option<Finish> = None;
    for read in files::read(&[&args.traces]) {
        let mut read = read?;
        let place = || format!("{}, line {}", read.path.display(), read.line);
        match &mut read.entry.record {
            Record::Failed(_) => failed += 1,
            Record::Trace(t) => {
                check_tokenizer(&t.model, index.as_ref()).with_context(place)?;
                let began = std::time::Instant::now();
                let mut context = t.prompt.tokens.clone();
                for token in &mut t.tokens {
                    attribute(token, index.as_ref(), &context)?;
                    context.push(token.id);
                }
                t.index = Some(reference.clone());
                let finish = match &finish {
                    Some(ready) => ready,
                    None => finish.insert(args.judging.load(&t.model)?),
                };
                rotescope_stim::chain::clear(t);
                if let Some(settings) = &settings {
                    // Loaded with the first chain, so that a file without one needs no model.
                    let model = match &mut loaded {
                        Some(ready) => ready,
                        empty => empty.insert(Loaded::new(&args.parts, settings.clone(), t)?),
                    };
                    model.check(t).with_context(place)?;
                    rotescope_judge::judge(t);
                    finish.before(model.settings.scope, t);
                    let mut quiet = |_: rotescope_stim::Progress| ();
                    attribute_chain(
                        t,
                        &model.engine,
                        index.as_ref(),
                        &model.settings,
                        &cancel,
                        &mut quiet,
                    )
                    .with_context(place)?;
                }
                finish.apply(t, &cancel).with_context(place)?;
                t.timing.attribute = began.elapsed().as_secs_f64();
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
