//! `rotescope` on a terminal: the app on the bundled or the given model; and `rotescope show`: the app on saved traces.

use std::fs::File;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use crossbeam_channel::{Receiver, Sender};

use super::common::{ColorChoice, Global, ModelArgs, message, unchecked};
use super::given::{FieldArgs, GivenArgs};
use super::heat;
use super::index::build_bundle;
use super::judging::JudgingArgs;
use super::outputs;
use super::patterns::matching;
use super::score::{self, ScoreOptions};
use super::telling;
use super::template::notes;
use crate::bundle::PREFIX;
use crate::folders;
use crate::run::audit::maps;
use crate::run::command::Places;
use crate::run::live::{Live, Update};
use crate::run::pipeline::Scorer;
use crate::shipped;
use crate::themes::THEMES;
use crate::tui::action::{Action, Keymap, markdown};
use crate::tui::app::Notes;
use crate::tui::catalog::{self, Listing};
use crate::tui::heat::view::HeatView;
use crate::tui::records::view::Records;
use crate::tui::ui::Ui;
use crate::tui::{self, AppOptions};
use rotescope_corpus::{BuildProgress, Phase, Status};
use rotescope_report::theme::{Depth, Terminal};
use rotescope_trace::Prompt;
use rotescope_trace::jsonl::begins_with_schema;

/// What took so long may have been left alone.
const LONG: Duration = Duration::from_secs(10);

/// How the app starts.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct AppArgs {
    #[command(flatten)]
    parts: ModelArgs,
    #[command(flatten)]
    judging: JudgingArgs,
    /// Prompts to list: JSON lines, plain text, or bundle:NAME; with the bundled model, its own if not given. May be given several times
    #[arg(short, long, value_name = "FILE")]
    prompts: Vec<PathBuf>,
    /// The look: a built-in theme (dark, light, contrast, colorblind-dark, colorblind-light, dusk, paper) or a TOML file
    #[arg(
        long,
        env = "ROTESCOPE_THEME",
        value_name = "NAME",
        default_value = "dark"
    )]
    theme: String,
    /// Colors of the terminal, where the environment does not tell
    #[arg(long, value_enum, value_name = "DEPTH")]
    depth: Option<Colors>,
    /// Leave the mouse to the terminal
    #[arg(long)]
    no_mouse: bool,
    /// Do not show the tour, which comes by itself the first time
    #[arg(long)]
    no_tour: bool,
    /// When work ends that took longer than ten seconds, ring the terminal's bell and send it a notification (OSC 9)
    #[arg(long)]
    bell: bool,
    #[command(flatten)]
    options: ScoreOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, clap::ValueEnum)]
pub enum Colors {
    None,
    #[value(name = "16")]
    Sixteen,
    #[value(name = "256")]
    Indexed,
    Truecolor,
}

#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Traces, as `score` and the app write them, generations of other tools (see `rotescope import --help`), or other records of rotescope
    #[arg(required = true)]
    traces: Vec<PathBuf>,
    #[command(flatten)]
    given: GivenArgs,
    #[command(flatten)]
    app: AppArgs,
}

/// Whether there is a terminal to open the app on.
pub fn on_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Opens the app on prompts.
pub fn run(global: &Global, args: AppArgs) -> Result<ExitCode> {
    let prompts = listed(&args.prompts, &args.parts)?;
    let opened = Opened {
        prompts,
        tour: !args.no_tour && is_first_time(),
        ..Opened::default()
    };
    open(global, args, opened)
}

/// Opens the app on whatever is in the files: completions are shown, prompts listed.
pub fn files(global: &Global, mut args: AppArgs, files: &[PathBuf]) -> Result<ExitCode> {
    let files = matching(files)?;
    for file in &files {
        if !file.exists() && !file.to_string_lossy().starts_with(PREFIX) {
            bail!(
                "{}: no such file, and no command of that name (`rotescope --help` lists them)",
                file.display()
            );
        }
    }
    if let Some(code) = audits(global, &args, &files)? {
        return Ok(code);
    }
    if files.iter().all(|f| is_own_record(f)) {
        return records(global, &args, &files);
    }
    let given = GivenArgs::default();
    let (saved, prompts): (Vec<PathBuf>, Vec<PathBuf>) = files
        .iter()
        .cloned()
        .partition(|f| given.holds_completions(f));
    if !on_terminal() {
        let (file, instead) = match saved.first() {
            Some(file) => (file, "report"),
            None => (&files[0], "score"),
        };
        let file = file.display();
        bail!("no terminal to open {file} on; `rotescope {instead} {file}` needs none");
    }
    let (traces, _folder) = given.as_traces(&saved)?;
    let listing = match traces.as_slice() {
        [] => None,
        traces => Some(catalog::open(traces)?),
    };
    args.prompts.extend(prompts);
    let prompts = match args.prompts.as_slice() {
        [] => Vec::new(),
        prompts => listed(prompts, &args.parts)?,
    };
    let opened = Opened {
        prompts,
        listing,
        files: saved.into_iter().zip(traces).collect(),
        tour: false,
    };
    open(global, args, opened)
}

/// What the app opens on.
#[derive(Default)]
struct Opened {
    prompts: Vec<Prompt>,
    listing: Option<Receiver<Listing>>,
    /// Files of traces as they were given, each with the one that it is listed from.
    files: Vec<(PathBuf, PathBuf)>,
    tour: bool,
}

/// Opens the app on records of audits, where some of the files are such.
fn audits(global: &Global, args: &AppArgs, files: &[PathBuf]) -> Result<Option<ExitCode>> {
    let (maps, others): (Vec<PathBuf>, Vec<PathBuf>) =
        files.iter().cloned().partition(|f| heat::is_extract(f));
    match (maps.first(), others.first()) {
        (None, _) => Ok(None),
        (Some(map), Some(other)) => bail!(
            "{}: windows of `audit extract` are shown by themselves; {} is something else",
            map.display(),
            other.display()
        ),
        (Some(_), None) => heat_maps(global, args, &maps).map(Some),
    }
}

/// Opens the app on heat maps of documents; no model is needed.
fn heat_maps(global: &Global, args: &AppArgs, files: &[PathBuf]) -> Result<ExitCode> {
    let first = files
        .first()
        .map_or(Path::new(""), PathBuf::as_path)
        .display();
    if !on_terminal() {
        bail!("no terminal to open {first} on; `rotescope report {first}` needs none");
    }
    let (run, documents) = maps::documents(files)?;
    let view = HeatView::new(run, documents);
    let view = view.with_context(|| format!("{first}: no window of a document in it yet"))?;
    let mut ui = started(global, args, Vec::new())?;
    ui.app.heat = Some(view);
    without_model(global, args, ui)
}

/// Runs the app on what needs no model.
fn without_model(global: &Global, args: &AppArgs, ui: Ui) -> Result<ExitCode> {
    let options = AppOptions {
        depth: depth(args.depth, global.color),
        traces: None,
        listing: None,
    };
    tui::run(ui, &Live::idle(), options).context("the terminal")?;
    Ok(ExitCode::SUCCESS)
}

/// Opens the app on records of other kinds; no model is needed.
fn records(global: &Global, args: &AppArgs, files: &[PathBuf]) -> Result<ExitCode> {
    if !on_terminal() {
        let first = files.first().map_or(Path::new(""), PathBuf::as_path);
        bail!(
            "no terminal to show records on; {} is JSON, for jq and others",
            first.display()
        );
    }
    let mut ui = started(global, args, Vec::new())?;
    ui.app.records = Some(Records::open(files)?);
    without_model(global, args, ui)
}

/// Whether a file says of itself that it is of rotescope, and is no trace.
fn is_own_record(path: &Path) -> bool {
    outputs::head(path).is_ok_and(|head| {
        begins_with_schema(&head, "rotescope.") && !begins_with_schema(&head, "rotescope.trace/")
    })
}

/// Whether a file is JSON of which no trace can be made.
fn is_other_record(path: &Path, given: &GivenArgs) -> bool {
    let first = outputs::head(path).ok().and_then(|head| {
        let mut bytes = head.into_iter();
        bytes.find(|b| !b.is_ascii_whitespace())
    });
    first.is_some_and(|b| b"{[".contains(&b)) && !given.holds_completions(path)
}

/// Opens the app on saved traces.
pub fn show(global: &Global, mut args: ShowArgs) -> Result<ExitCode> {
    args.given.marks.clone_from(&global.settings.own.reasoning);
    args.traces = matching(&args.traces)?;
    if let Some(code) = audits(global, &args.app, &args.traces)? {
        return Ok(code);
    }
    let other = |f: &&PathBuf| is_other_record(f, &args.given);
    let others = args.traces.iter().filter(other).count();
    if others == args.traces.len() {
        return records(global, &args.app, &args.traces);
    }
    if others > 0 {
        bail!("some of the files are traces, others are not; show either");
    }
    let (traces, _folder) = args.given.as_traces(&args.traces)?;
    let listing = catalog::open(&traces)?;
    if !on_terminal() {
        bail!("no terminal to show traces on; `rotescope evaluate` prints tables of them");
    }
    let opened = Opened {
        listing: Some(listing),
        files: args.traces.into_iter().zip(traces).collect(),
        ..Opened::default()
    };
    open(global, args.app, opened)
}

/// Prints the key table as Markdown.
pub fn keys() -> Result<ExitCode> {
    super::common::print(&markdown())?;
    Ok(ExitCode::SUCCESS)
}

/// Prompts of the files; without any, those that come with the bundled model, if that is the model.
fn listed(files: &[PathBuf], parts: &ModelArgs) -> Result<Vec<Prompt>> {
    let mut paths = matching(files)?;
    if paths.is_empty()
        && let Some(bundle) = parts.bundle()?
    {
        for prompts in bundle.listed() {
            paths.push(bundle.prompts(prompts.name)?);
        }
    }
    let mut all = Vec::new();
    for path in &paths {
        all.extend(super::given::prompts(path, &FieldArgs::default())?);
    }
    Ok(all)
}

fn open(global: &Global, mut args: AppArgs, opened: Opened) -> Result<ExitCode> {
    args.judging
        .marks
        .clone_from(&global.settings.own.reasoning);
    let parts = args.parts.clone();
    let judging = args.judging.clone();
    let how = ScoreOptions {
        // Who watches has seen enough.
        stop_loops: args.options.stop_loops.or(Some(true)),
        ..args.options.clone()
    };
    let prepare =
        move |say: &Sender<Update>| scorer(&parts, &judging, &how, say).map_err(|e| message(&e));
    // The screen is the app's from now on.
    telling::say_nothing();
    let live = Live::start(prepare).context("starting the engine's thread")?;
    let mut ui = started(global, &args, opened.prompts)?;
    let traces = state_file();
    let (notes, wrong) = Notes::open(&opened.files, traces.clone());
    (ui.app.notes, ui.app.places) = (notes, places(&args));
    if let Some(wrong) = wrong {
        ui.app.say(wrong);
    }
    if opened.tour {
        ui.step(Action::Tour);
    }
    let options = AppOptions {
        depth: depth(args.depth, global.color),
        traces,
        listing: opened.listing,
    };
    tui::run(ui, &live, options).context("the terminal")?;
    Ok(ExitCode::SUCCESS)
}

/// Whether the app has not been opened on its prompts before; from now on it has been.
fn is_first_time() -> bool {
    let Some(folder) = folders::state() else {
        return false;
    };
    // Where it cannot be kept, the tour would come each time.
    std::fs::create_dir_all(&folder).is_ok() && File::create_new(folder.join("toured")).is_ok()
}

/// Where the files lie that traces of this run name.
fn places(args: &AppArgs) -> Places {
    let (parts, judging) = (&args.parts, &args.judging);
    let files = [
        &parts.model,
        &parts.adapter,
        &judging.step_classifier,
        &judging.prm,
        &args.options.gate.gate,
    ];
    let given = files.into_iter().flatten().chain(&parts.index);
    Places {
        given: given.cloned().collect(),
        bundled: shipped::bundle().ok().map(|b| b.model_sha256().into()),
    }
}

/// The app as options and configuration want it.
fn started(global: &Global, args: &AppArgs, prompts: Vec<Prompt>) -> Result<Ui> {
    let folder = folders::config();
    // A theme that cannot be used is no reason not to start.
    let (theme, complaint) =
        match THEMES.load(&args.theme, folder.map(|f| f.join("themes")).as_deref()) {
            Ok(theme) => (theme, None),
            Err(error) => (
                THEMES.builtin("dark").context("the default theme")?,
                Some(error),
            ),
        };
    let (keymap, wrong) = keymap(&global.settings.own.keys);
    let mut ui = Ui::new(prompts, theme, keymap);
    let app = &mut ui.app;
    app.split = args.options.steps.into();
    app.mouse = !args.no_mouse && global.settings.own.mouse.unwrap_or(true);
    app.bell = args.bell.then_some(LONG);
    app.hint = true;
    if let Some(error) = complaint {
        app.say(error.to_string());
    } else if let Some(error) = wrong {
        app.say(error);
    }
    Ok(ui)
}

/// The keys of the table, changed as the configuration says; and the first thing in it that could not be used.
fn keymap(changes: &toml::Table) -> (Keymap, Option<String>) {
    let (mut keymap, mut wrong) = (Keymap::default(), None);
    for (action, keys) in changes {
        let keys = match keys {
            toml::Value::String(key) => Some(vec![key.clone()]),
            toml::Value::Array(list) => list.iter().map(|k| k.as_str().map(String::from)).collect(),
            _ => None,
        };
        let changed = keys
            .ok_or_else(|| format!("keys.{action}: a key or a list of keys is wanted"))
            .and_then(|keys| keymap.rebind(action, &keys));
        wrong = wrong.or(changed.err());
    }
    (keymap, wrong)
}

/// Loads index and model, and says what it does meanwhile; and what is to be said of them.
fn scorer(
    parts: &ModelArgs,
    judging: &JudgingArgs,
    options: &ScoreOptions,
    say: &Sender<Update>,
) -> Result<(Scorer, Option<String>)> {
    let saying = |what: &str| {
        let _ = say.send(Update::Loading(what.into()));
    };
    saying("opening the index");
    let index = parts.open_or_build(&mut |bundle| build_bundle(bundle, &mut Saying(say)))?;
    saying("loading the model");
    let mut scorers = score::scorers(parts, options, judging, index.as_ref(), score::Shares::ONE)?;
    let scorer = scorers.pop().context("no scorer")?;
    let mut notes = notes(&scorer.engine, &scorer.rendering);
    notes.extend(parts.index_folders().iter().filter_map(|f| unchecked(f)));
    Ok((scorer, (!notes.is_empty()).then(|| notes.join("; "))))
}

/// Tells the app how far the index of the bundled corpus is.
struct Saying<'a>(&'a Sender<Update>);

impl BuildProgress for Saying<'_> {
    fn report(&mut self, s: &Status) -> ControlFlow<()> {
        let percent = 100 * s.done / s.total.max(1);
        let what = match s.phase {
            Phase::Reading => "reading",
            Phase::Sorting => "sorting",
            Phase::Hashing => "checking",
        };
        let text = format!("indexing the bundled corpus, once: {what} {percent} %");
        match self.0.send(Update::Loading(text)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()), // the app is gone
        }
    }
}

fn depth(asked: Option<Colors>, color: ColorChoice) -> Depth {
    match (asked, color) {
        (Some(Colors::None), _) | (None, ColorChoice::Never) => Depth::None,
        (Some(Colors::Sixteen), _) => Depth::Ansi16,
        (Some(Colors::Indexed), _) => Depth::Ansi256,
        (Some(Colors::Truecolor), _) => Depth::TrueColor,
        (None, _) => {
            let var = |name| std::env::var(name).ok();
            let (term, colorterm, no_color) = (var("TERM"), var("COLORTERM"), var("NO_COLOR"));
            Depth::detect(&Terminal {
                term: term.as_deref(),
                colorterm: colorterm.as_deref(),
                no_color: no_color.as_deref().filter(|_| color != ColorChoice::Always),
            })
        }
    }
}

/// The file that takes the traces of this run of the app, named by its time: `$XDG_STATE_HOME/rotescope/traces/SECONDS.jsonl`.
fn state_file() -> Option<PathBuf> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seconds = since.ok()?.as_secs();
    Some(folders::state()?.join(format!("traces/{seconds}.jsonl")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bundled_model_lists_its_prompts() {
        let with = |model: Option<PathBuf>| {
            let parts = ModelArgs {
                model,
                ..ModelArgs::default()
            };
            listed(&[], &parts).unwrap()
        };
        let bundled = with(None);
        assert_eq!(bundled[0].id, "applied-base-000");
        let own = crate::shipped::bundle().unwrap().model().unwrap();
        assert_eq!(with(Some(own)), bundled);
        assert_eq!(with(Some("other.gguf".into())), []);
        // What is asked for is listed with any model.
        let parts = ModelArgs {
            model: Some("other.gguf".into()),
            ..ModelArgs::default()
        };
        let asked = listed(&["bundle:formula-seen".into()], &parts).unwrap();
        assert_eq!(asked[0].split.as_deref(), Some("seen"));
    }
}
