//! `rotescope score`: a file of prompts in, a file of traces out.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};

use super::common::{Global, ModelArgs, cancel_on_signal, check_tokenizer, index_ref, stdout};
use super::given::{FieldArgs, Steps};
use super::isolate::{self, Noted, Parts, Worker};
use super::judging::{JudgingArgs, NO_FLAG};
use super::outputs::Outputs;
use super::patterns::matching;
use super::pii::GateArgs;
use super::prelude::PreludeArgs;
use super::progress::Progress;
use super::queries;
use super::sources::{self, SourceArgs};
use super::template::{TemplateArgs, notes};
use crate::run::batch;
use crate::run::finish::Finish;
use crate::run::output::{self, Output};
use crate::run::pipeline::Scorer;
use crate::run::recipe::Recipe;
use crate::run::render::Rendering;
use crate::run::summary::Summary;
use crate::say;
use rotescope_corpus::Corpus;
use rotescope_model::{CancelToken, Date};
use rotescope_trace::Prompt;
use rotescope_trace::jsonl::{self, Record};
use rotescope_trace::{Sampler, Trace};

#[derive(Debug, Clone, clap::Args)]
pub struct ScoreArgs {
    /// Prompts: JSON lines, a JSON array, CSV or TSV with a field for the question, or plain text with one prompt a line; bundle:NAME is a
    /// bundled file, - is standard input. Several files, or a pattern such as 'prompts/*.jsonl', are one run
    #[arg(required = true)]
    pub(super) prompts: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) parts: ModelArgs,
    /// Traces, one JSON line each; appended to, so that a killed run continues. Standard output if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Do not look anything up: only generate
    #[arg(long, conflicts_with = "index")]
    no_index: bool,
    /// At most this many prompts
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Only the prompt with this id; may be given several times
    #[arg(long = "id", alias = "only", value_name = "ID")]
    ids: Vec<String>,
    /// Completions that the model writes at a time, in one batch [default: 8, or as many as memory is for, where that changes no bit of any
    /// number, else 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    parallel: Option<u8>,
    /// Models at work, each with memory of its own and its own completions (see --parallel); they share the cores
    #[arg(long, default_value_t = 1, value_name = "N")]
    jobs: usize,
    /// Run the model in a process of its own: where llama.cpp crashes on a prompt, or the system takes its memory away, that prompt becomes a failed record after a
    /// second attempt, and the others are scored. Needs -o
    #[arg(long, requires = "output")]
    isolate: bool,
    /// Run prompts again that the output file records as failed
    #[arg(long)]
    retry_failed: bool,
    /// Start anew; an output file that is there is renamed to FILE.old
    #[arg(long)]
    fresh: bool,
    /// No progress and no summary
    #[arg(short, long)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) judging: JudgingArgs,
    #[command(flatten)]
    pub(super) options: ScoreOptions,
    #[command(flatten)]
    prelude: PreludeArgs,
    #[command(flatten)]
    fields: FieldArgs,
}

impl ScoreArgs {
    /// Whether the model is to run in a process of its own.
    pub(super) fn isolates(&self) -> bool {
        self.isolate
    }

    /// The same prompts and options, with the traces in this file of the program's own, and without flags.
    ///
    /// # Errors
    /// The index cannot be opened.
    pub(super) fn for_calibration(&self, chains: &Path) -> Result<ScoreArgs> {
        let mut args = self.clone();
        args.output = Some(chains.to_path_buf());
        args.no_index |= args.parts.open_index()?.is_none();
        args.judging.step_classifier = Some(NO_FLAG.into());
        // What only repeats itself has no new steps.
        args.options.stop_loops = args.options.stop_loops.or(Some(true));
        Ok(args)
    }
}

/// How to generate and what to score.
#[derive(Debug, Clone, clap::Args)]
pub struct ScoreOptions {
    /// 0 is greedy
    #[arg(long, default_value_t = 0.0, value_name = "T")]
    pub temperature: f32,
    /// Sample among the N most probable tokens; 0 is off
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub top_k: usize,
    /// Sample among the most probable tokens that together have this probability; 1 is off
    #[arg(long, default_value_t = 1.0, value_name = "P")]
    pub top_p: f32,
    /// Sample among tokens with at least this share of the most probable one's probability; 0 is off
    #[arg(long, default_value_t = 0.0, value_name = "P")]
    pub min_p: f32,
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub seed: u64,
    /// Tokens to generate at most
    #[arg(long, default_value_t = 1024, value_name = "N")]
    pub max_tokens: usize,
    /// End when the output holds this text; may be given several times
    #[arg(long, value_name = "TEXT")]
    pub stop: Vec<String>,
    /// End where the completion only repeats itself: a block of tokens that stands three times in a row, 64 tokens or more together. The app
    /// does so unless told `false`
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub stop_loops: Option<bool>,
    /// Give the prompt as it stands, without the model's chat template
    #[arg(long)]
    pub raw: bool,
    /// The day that chat templates print as today's: YYYY-MM-DD, or seconds since 1970; today (UTC) if not given
    #[arg(long, value_name = "DAY", env = "SOURCE_DATE_EPOCH")]
    pub date: Option<Date>,
    #[command(flatten)]
    pub template: TemplateArgs,
    /// How many of the most probable tokens are candidates
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub candidates: usize,
    /// What a step is
    #[arg(long, value_enum, default_value = "sentence", value_name = "HOW")]
    pub steps: Steps,
    #[command(flatten)]
    pub gate: GateArgs,
    #[command(flatten)]
    pub sources: SourceArgs,
}

impl Default for ScoreOptions {
    fn default() -> Self {
        ScoreOptions {
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            seed: 0,
            max_tokens: 1024,
            stop: Vec::new(),
            stop_loops: None,
            raw: false,
            date: None,
            template: TemplateArgs::default(),
            candidates: 20,
            steps: Steps::Sentence,
            gate: GateArgs::default(),
            sources: SourceArgs::default(),
        }
    }
}

impl ScoreOptions {
    fn sampler(&self) -> Sampler {
        Sampler {
            temperature: self.temperature,
            top_k: self.top_k,
            top_p: self.top_p,
            min_p: self.min_p,
            seed: self.seed,
            max_tokens: self.max_tokens,
            stop: self.stop.clone(),
            stop_loops: self.stop_loops.unwrap_or(false),
        }
    }
}

/// How prompts are shared out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shares {
    /// Copies of the model.
    jobs: usize,
    /// Completions of each at a time.
    parallel: usize,
    /// Only where that changes nothing.
    exact: bool,
}

impl Shares {
    /// Completions of each copy of the model at a time.
    pub(super) fn parallel(self) -> usize {
        self.parallel
    }

    /// One prompt after the other.
    pub(super) const ONE: Shares = Shares {
        jobs: 1,
        parallel: 1,
        exact: true,
    };

    pub(super) fn new(args: &ScoreArgs, prompts: usize) -> Shares {
        let jobs = args.jobs.clamp(1, prompts.max(1));
        let asked = usize::from(args.parallel.unwrap_or(8));
        Shares {
            jobs,
            parallel: asked.clamp(1, prompts.div_ceil(jobs).max(1)),
            exact: args.parallel.is_none(),
        }
    }
}

/// Loads the model as often as wanted, and makes a scorer of each.
pub(super) fn scorers(
    parts: &ModelArgs,
    options: &ScoreOptions,
    judging: &JudgingArgs,
    index: Option<&Arc<dyn Corpus>>,
    shares: Shares,
) -> Result<Vec<Scorer>> {
    let load = || parts.load_one_of(shares.jobs, (shares.parallel, shares.exact));
    let engine = load()?;
    let model = parts.model_ref(&engine)?;
    if let Some(index) = index {
        check_tokenizer(&model, index.as_ref())?;
    }
    let regions = options
        .sources
        .step_regions(parts, index.map(Arc::as_ref))?;
    let finish = Arc::new(Finish {
        regions,
        ..judging.load(&model)?
    });
    let rendering = Rendering {
        raw: options.raw,
        today: options.date.unwrap_or_else(Date::today),
        variables: Arc::new(options.template.variables()?),
        system: options.template.system(engine.info())?.map(Arc::from),
    };
    let gate = options.gate.open(&engine)?.map(Arc::new);
    let mut engines = vec![engine];
    while engines.len() < shares.jobs {
        engines.push(load()?);
    }
    let corpus = |i: &Arc<dyn Corpus>| (i.clone(), index_ref(i.as_ref()));
    let make = |engine| Scorer {
        engine,
        corpus: index.map(corpus),
        model: model.clone(),
        sampler: options.sampler(),
        candidates: options.candidates,
        non_local: index.and_then(|i| {
            options
                .sources
                .settings(options.seed, model.parameters, i.as_ref())
        }),
        split: options.steps.into(),
        rendering: rendering.clone(),
        finish: finish.clone(),
        gate: gate.clone(),
        mixture: None,
    };
    Ok(engines.into_iter().map(make).collect())
}

/// Scores a single prompt.
pub fn one(parts: &ModelArgs, options: &ScoreOptions, prompt: &Prompt) -> Result<Trace> {
    let index = parts.open_index()?;
    Ok(scorers(
        parts,
        options,
        &JudgingArgs::default(),
        index.as_ref(),
        Shares::ONE,
    )?[0]
        .score(prompt, &CancelToken::new(), &mut |_| ())?)
}

/// The prompts that this call is about.
fn choose(args: &ScoreArgs) -> Result<Vec<Prompt>> {
    let mut all = super::given::all_prompts(&args.prompts, &args.fields)?;
    if !args.ids.is_empty() {
        let known: HashSet<&str> = all.iter().map(|p| p.id.as_str()).collect();
        if let Some(missing) = args.ids.iter().find(|id| !known.contains(id.as_str())) {
            let files = args.prompts.iter().map(|p| p.display().to_string());
            let files: Vec<String> = files.collect();
            bail!("{}: no prompt has the id {missing:?}", files.join(", "));
        }
        all.retain(|p| args.ids.contains(&p.id));
    }
    all.truncate(args.limit.unwrap_or(usize::MAX));
    args.prelude.apply(&mut all, &args.fields)?;
    Ok(all)
}

/// Leaves the prompts that are to be run, says which are not, and returns how many of those failed before.
fn still_to_do(todo: &mut Vec<Prompt>, out: &Output, args: &ScoreArgs) -> Result<usize> {
    let (mut left, mut failed) = (Vec::new(), Vec::new());
    let all = todo.len();
    for prompt in todo.drain(..) {
        if out.holds(&prompt)? {
            continue;
        }
        if out.has_failed(&prompt) && !args.retry_failed {
            failed.push(prompt.id);
        } else {
            left.push(prompt);
        }
    }
    *todo = left;
    let file = args.output.as_deref().unwrap_or(Path::new("-"));
    if todo.len() < all && !args.quiet {
        say!(
            "{} of {all} prompts are in {} already; {} to go",
            all - todo.len(),
            file.display(),
            todo.len()
        );
    }
    if !failed.is_empty() {
        let named = failed
            .iter()
            .take(5)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        let more = if failed.len() > 5 { ", …" } else { "" };
        say!(
            "{} prompts failed before ({named}{more}); --retry-failed tries them again",
            failed.len()
        );
    }
    let version = env!("CARGO_PKG_VERSION");
    if let Some(other) = out.versions().iter().find(|v| *v != version) {
        say!(
            "note: {} holds traces of rotescope {other}, this is {version}; --fresh starts anew",
            file.display()
        );
    }
    Ok(failed.len())
}

pub fn run(global: &Global, mut args: ScoreArgs) -> Result<ExitCode> {
    args.judging
        .marks
        .clone_from(&global.settings.own.reasoning);
    let began = Instant::now();
    if args.fresh && args.output.is_none() {
        bail!("--fresh starts an output file anew: give one with -o FILE");
    }
    let worker = Worker::of_this_process()?;
    if args.isolate && worker.is_none() {
        return isolate::run();
    }
    // One that goes on for another begins nothing anew.
    args.fresh &= worker.as_ref().is_none_or(|w| w.is_first);
    args.prompts = matching(&args.prompts)?;
    if let Some(path) = &args.output {
        Outputs::new(global, false)
            .reads(&args.prompts)?
            .reads(args.prelude.files())?
            .reads(args.parts.files())?
            .reads(args.judging.files())?
            .reads(&args.options.gate.gate)?
            .appended("-o", path)?;
    }
    let mut todo = choose(&args)?;
    let shares = Shares::new(&args, todo.len());
    let index = if args.no_index {
        None
    } else {
        args.parts.open_index()?
    };
    if index.is_none() && !args.no_index {
        bail!(
            "no index for this model: give one with --index DIR (made by `rotescope index build`), or --no-index to only generate"
        );
    }
    let scorers = scorers(
        &args.parts,
        &args.options,
        &args.judging,
        index.as_ref(),
        shares,
    )?;
    for note in notes(&scorers[0].engine, &scorers[0].rendering) {
        say!("warning: {note}");
    }
    let recipe = Recipe {
        model: scorers[0].model.clone(),
        index: index.as_deref().map(index_ref),
        sampler: args.options.sampler(),
        attribution: scorers[0].attribution(),
        run: Some(scorers[0].options()),
        date: Some(scorers[0].rendering.today.to_string()),
        judging: Some(scorers[0].finish.judging.clone()),
    };
    if let (true, Some(path)) = (args.fresh, &args.output)
        && let Some(old) = output::set_aside(path)?
    {
        say!("what was in {} is now in {}", path.display(), old.display());
    }
    let mut output = args
        .output
        .as_deref()
        .map(|path| Output::open(path, &recipe))
        .transpose()?;
    let failed_before = match &output {
        Some(out) => still_to_do(&mut todo, out, &args)?,
        None => 0,
    };

    let cancel = cancel_on_signal()?;

    if let (Some(non_local), false) = (&scorers[0].non_local, args.quiet || todo.is_empty()) {
        let engine = &scorers[0].engine;
        // Some of them tell enough: a hundred, from all over the file.
        let some = todo.iter().step_by(todo.len().div_ceil(100));
        let fit = some.filter(|p| engine.expect_room(&p.question).is_ok());
        let asked: Vec<usize> = fit
            .map(|p| engine.tokenize(&p.question, false, false).len())
            .collect();
        let mean = asked.iter().sum::<usize>() / asked.len().max(1);
        say!("{}", sources::expected_cost(engine, non_local, mean)?);
    }

    let cost = index.as_deref().filter(|_| !args.quiet && !todo.is_empty());
    if let Some(note) = cost.and_then(|index| queries::expected(index, todo.len())) {
        say!("{note}");
    }

    let total = todo.len();
    let progress = Progress::start(Some(total), Some(args.options.max_tokens), args.quiet);
    let (mut summary, mut failed) = (Summary::default(), Vec::new());
    let mut write = |record: Record| -> Result<()> {
        match &mut output {
            Some(out) => out.append(&record)?,
            None => jsonl::append(&mut stdout(), &record)?,
        }
        match record {
            Record::Trace(t) => summary.add(&t),
            Record::Failed(f) => {
                summary.failed += 1;
                failed.push(f);
            }
        }
        Ok(())
    };
    // While some completions are worked on otherwise, others wait for their places.
    let each = match shares.parallel {
        1 => 1,
        n => 2 * n,
    };
    let worker = worker.as_ref();
    let watch = Noted::new(&progress, worker);
    let parts = match worker {
        Some(worker) => worker.parts(todo),
        None => Parts {
            others: todo,
            ..Parts::default()
        },
    };
    for failed in parts.given_up {
        write(Record::Failed(failed))?;
    }
    batch::in_order(&scorers[..1], 1, parts.alone, &cancel, &watch, &mut write)?;
    batch::in_order(&scorers, each, parts.others, &cancel, &watch, &mut write)?;
    drop(progress);
    if let Some(out) = output {
        out.finish()?;
    }
    let stopped = cancel.is_cancelled();
    if !args.quiet {
        for line in queries::asked() {
            say!("{line}");
        }
        say!(
            "{}",
            summary.lines(began.elapsed().as_secs_f64()).trim_end()
        );
    }
    for f in &failed {
        say!("failed: {}: {}", f.id, f.error);
    }
    if stopped && summary.traces + summary.failed < total {
        say!("stopped; the same command resumes where it stopped");
        return Ok(ExitCode::from(1));
    }
    Ok(if failed.is_empty() && failed_before == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}
