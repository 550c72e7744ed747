//! `rotescope attribute`: scores saved generations again, without generating. Sources beyond the local one need the model that wrote them.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use super::common::{Global, ModelArgs, check_tokenizer, index_ref, stdout};
use super::given::GivenArgs;
use super::judging::JudgingArgs;
use super::outputs::{NewFile, OutputPlace, Outputs};
use super::patterns::matching;
use super::progress::Progress;
use super::queries;
use super::sources::{self, SourceArgs};
use super::template::{TemplateArgs, notes};
use crate::run::attributor::{Attributor, ScoringEvent};
use crate::run::batch::Watch;
use crate::run::finish::Finish;
use crate::run::pipeline::Scorer;
use crate::run::reader::read_by;
use crate::run::render::Rendering;
use crate::run::saved::SavedTrace;
use crate::say;
use rotescope_corpus::Corpus;
use rotescope_import::records::{self, Options};
use rotescope_judge::registry;
use rotescope_model::{CancelToken, Engine};
use rotescope_stim::NonLocalSettings;
use rotescope_stim::completion::goes_on;
use rotescope_text::SplitBy;
use rotescope_trace::jsonl::Record;
use rotescope_trace::record::{Entry, RecordWriter};
use rotescope_trace::{ModelRef, Trace, formats};

#[derive(Debug, clap::Args)]
pub struct AttributeArgs {
    /// Traces, as `score` writes them, or generations of other tools (see `rotescope import --help`), which the model then reads
    #[arg(required = true)]
    traces: Vec<PathBuf>,
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
    /// Give prompts of others' completions as they stand, without the model's chat template
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    template: TemplateArgs,
    #[command(flatten)]
    given: GivenArgs,
}

/// The model, loaded for sources beyond the local one.
struct Loaded {
    engine: Engine,
    model: ModelRef,
}

impl Loaded {
    fn new(
        parts: &ModelArgs,
        settings: &NonLocalSettings,
        first: &Trace,
        progress: &Progress,
    ) -> Result<Self> {
        let engine = parts.load_model()?;
        let model = parts.model_ref(&engine)?;
        let question = engine.tokenize(&first.prompt.question, false, false).len();
        progress.say(&sources::expected_cost(&engine, settings, question)?);
        Ok(Loaded { engine, model })
    }

    /// Refuses a trace that another model wrote: its completion says nothing about this one.
    fn check(&self, trace: &Trace) -> Result<()> {
        if !trace.model.is(&self.model) {
            bail!(
                "{} wrote this completion, not {}: give it with --model, or score only --sources local",
                trace.model.shown(),
                self.model.shown()
            );
        }
        Ok(())
    }
}

/// How steps are judged, and held against documents.
fn load_finish(args: &AttributeArgs, model: &ModelRef, index: &dyn Corpus) -> Result<Finish> {
    Ok(Finish {
        regions: args.sources.step_regions(&args.parts, Some(index))?,
        ..args.judging.load(model)?
    })
}

/// The model as a reader of what others wrote.
fn load_reader(
    args: &AttributeArgs,
    index: Arc<dyn Corpus>,
    progress: &Progress,
) -> Result<Scorer> {
    let engine = args.parts.load_model()?;
    let model = args.parts.model_ref(&engine)?;
    check_tokenizer(&model, index.as_ref())?;
    progress.say(&format!(
        "{} reads what others wrote: probabilities are its own",
        model.file
    ));
    let reference = index_ref(index.as_ref());
    let rendering = Rendering {
        raw: args.raw,
        variables: Arc::new(args.template.variables()?),
        system: args.template.system(engine.info())?.map(Arc::from),
        ..Rendering::default()
    };
    for note in notes(&engine, &rendering) {
        progress.say(&format!("warning: {note}"));
    }
    let settings = args
        .sources
        .settings(args.seed, model.parameters, index.as_ref());
    let finish = load_finish(args, &model, index.as_ref())?;
    Ok(Scorer {
        corpus: Some((index, reference)),
        finish: Arc::new(finish),
        non_local: settings,
        model,
        rendering,
        ..Scorer::new(engine)
    })
}

fn write(file: &mut Option<NewFile>, writer: &dyn RecordWriter, entry: &Entry) -> Result<()> {
    match file {
        Some(file) => writer.write(file, entry)?,
        None => writer.write(&mut stdout(), entry)?,
    }
    Ok(())
}

/// How many completions the files hold; not known where they can be read but once.
fn count(files: &[PathBuf], options: &Options) -> Option<usize> {
    let again = files.iter().all(|f| f.is_file());
    again.then(|| records::given(files, options).count())
}

pub fn run(global: &Global, mut args: AttributeArgs) -> Result<ExitCode> {
    args.given.marks.clone_from(&global.settings.own.reasoning);
    args.judging
        .marks
        .clone_from(&global.settings.own.reasoning);
    args.traces = matching(&args.traces)?;
    let mut outputs = Outputs::new(global, args.force)
        .reads(&args.traces)?
        .reads(args.parts.files())?
        .reads(args.judging.files())?;
    let output = args.output.as_deref();
    let output = output.map(|path| outputs.fresh("-o", path)).transpose()?;
    let Some(index) = args.parts.open_index()? else {
        bail!("no index: give one with --index DIR")
    };
    if let Some(note) = queries::expected(index.as_ref(), 1) {
        say!("{note}");
    }
    let reference = index_ref(index.as_ref());
    let mut output = output.map(OutputPlace::create).transpose()?;
    let writer = formats::writer(args.output.as_deref());
    let mut loaded: Option<Loaded> = None;
    let cancel = CancelToken::new();
    let (mut failed, mut scored) = (0usize, 0usize);
    // Loaded for the model that wrote a trace: what was fitted to one says nothing of another.
    let mut finish: Option<(ModelRef, Finish)> = None;
    let options = args.given.options(SplitBy::default());
    let mut reader: Option<Scorer> = None;
    let progress = Progress::start(count(&args.traces, &options), None, false);
    for (i, read) in records::read(&args.traces, &options).enumerate() {
        let mut read = read?;
        progress.begins(i, read.entry.record.id());
        let mut on_event = |e: ScoringEvent| progress.event(i, &e);
        let place = || format!("{}, line {}", read.path.display(), read.line);
        match &mut read.entry.record {
            Record::Failed(_) => failed += 1,
            Record::Trace(t) => {
                let verify = t.prompt.verify.as_deref().unwrap_or_default();
                registry::check(verify, &t.prompt.meta).with_context(place)?;
                if t.model.sha256.is_empty() {
                    let reader = match &mut reader {
                        Some(ready) => ready,
                        none => none.insert(load_reader(&args, index.clone(), &progress)?),
                    };
                    **t = read_by(reader, t, &cancel, &mut on_event).with_context(place)?;
                    // Its line was of another format.
                    read.entry.text = None;
                    scored += 1;
                    write(&mut output, writer, &read.entry)?;
                    progress.ends(i);
                    continue;
                }
                check_tokenizer(&t.model, index.as_ref()).with_context(place)?;
                finish.take_if(|(model, _)| *model != t.model);
                let (_, finish) = match &finish {
                    Some(ready) => ready,
                    None => {
                        let loaded = load_finish(&args, &t.model, index.as_ref())?;
                        finish.insert((t.model.clone(), loaded))
                    }
                };
                let settings = args
                    .sources
                    .settings(args.seed, t.model.parameters, index.as_ref());
                let non_local = match &settings {
                    Some(settings) => {
                        // Loaded with the first trace, so that a file without one needs no model.
                        let model = match &mut loaded {
                            Some(ready) => ready,
                            empty => {
                                empty.insert(Loaded::new(&args.parts, settings, t, &progress)?)
                            }
                        };
                        model.check(t).with_context(place)?;
                        Some((&model.engine, settings))
                    }
                    None => None,
                };
                let attributor = Attributor {
                    corpus: Some((&index, &reference)),
                    non_local,
                    vocabulary: non_local.map(|(engine, _)| engine),
                    finish,
                };
                // What a budget left undone is gone on with, if the rest was counted in the same corpus.
                let known = non_local.is_some_and(|(engine, settings)| {
                    t.index.as_ref() == Some(&reference) && goes_on(t, settings, engine)
                });
                let mut source = match known {
                    true => SavedTrace::going_on(std::mem::take(t)),
                    false => SavedTrace::new(std::mem::take(t)),
                };
                **t = attributor
                    .complete(&mut source, &mut on_event)
                    .with_context(place)?;
                attributor
                    .deepen(t, None, &cancel, &mut on_event)
                    .with_context(place)?;
                scored += 1;
            }
        }
        write(&mut output, writer, &read.entry)?;
        progress.ends(i);
    }
    drop(progress);
    if let Some(file) = output {
        file.finish()?;
    }
    for line in queries::asked() {
        say!("{line}");
    }
    say!("{scored} traces scored, {failed} failed prompts passed on");
    Ok(ExitCode::SUCCESS)
}
