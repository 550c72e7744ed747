//! `score --isolate`: the model in a process of its own, so that what ends llama.cpp ends one prompt and not the run.
//!
//! llama.cpp is C++: where it asserts, or where the system takes its memory away, there is nothing to catch. The process that was called starts itself again as a
//! *worker*, which does all the work and notes in a journal which prompts it begins and ends. If a signal ends the worker, another goes on, first with the prompts that
//! were at work, one at a time; the one at whose time a second worker ends becomes a record that says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::common::cancel_on_signal;
use crate::run::batch::Watch;
use crate::run::pipeline::ScoringEvent;
use crate::say;
use rotescope_trace::Prompt;
use rotescope_trace::jsonl::Failed;

/// Names the journal to a worker.
const JOURNAL: &str = "ROTESCOPE_JOURNAL";
/// Workers that may end while they score one prompt.
const ENDS: usize = 2;

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Begins(String),
    Ends(String),
    /// At work when a worker ended: to be tried by itself.
    Suspect(String),
    /// An id, and why nobody is to try it again.
    GivenUp(String, String),
}

fn lines(path: &Path) -> Result<Vec<Line>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    // The last one may be cut off.
    let lines = text.lines().map(serde_json::from_str);
    Ok(lines.map_while(Result::ok).collect())
}

fn append(file: &mut File, line: &Line) -> std::io::Result<()> {
    let text = serde_json::to_string(line)? + "\n";
    file.write_all(text.as_bytes())
}

fn open(path: &Path) -> Result<File> {
    let file = OpenOptions::new().append(true).open(path);
    file.with_context(|| path.display().to_string())
}

/// The journal of this process, if it is a worker.
pub struct Worker {
    journal: Mutex<File>,
    /// Nobody worked before it.
    pub is_first: bool,
    suspects: BTreeSet<String>,
    given_up: BTreeMap<String, String>,
}

/// Prompts as a worker takes them.
#[derive(Default)]
pub struct Parts {
    pub given_up: Vec<Failed>,
    /// To be tried by themselves.
    pub alone: Vec<Prompt>,
    pub others: Vec<Prompt>,
}

impl Worker {
    /// # Errors
    /// A journal that is gone.
    pub fn of_this_process() -> Result<Option<Worker>> {
        let Some(path) = std::env::var_os(JOURNAL).map(PathBuf::from) else {
            return Ok(None);
        };
        #[cfg(target_os = "linux")]
        end_with_parent().context("the process that watches the model")?;
        let (mut suspects, mut given_up) = (BTreeSet::new(), BTreeMap::new());
        let before = lines(&path)?;
        let is_first = before.is_empty();
        for line in before {
            match line {
                Line::Suspect(id) => _ = suspects.insert(id),
                Line::GivenUp(id, why) => _ = given_up.insert(id, why),
                Line::Begins(_) | Line::Ends(_) => {}
            }
        }
        Ok(Some(Worker {
            journal: Mutex::new(open(&path)?),
            is_first,
            suspects,
            given_up,
        }))
    }

    pub fn parts(&self, prompts: Vec<Prompt>) -> Parts {
        let mut parts = Parts::default();
        for prompt in prompts {
            match self.given_up.get(&prompt.id) {
                Some(why) => parts.given_up.push(Failed::new(&prompt.id, why.clone())),
                None if self.suspects.contains(&prompt.id) => parts.alone.push(prompt),
                None => parts.others.push(prompt),
            }
        }
        parts
    }

    fn note(&self, line: &Line) {
        if let Ok(mut journal) = self.journal.lock() {
            // Without a note, whoever watches takes the prompt for one that was not begun, or not ended.
            let _ = append(&mut journal, line);
        }
    }
}

/// A worker whose watcher was killed ends as after SIGTERM: what is done is written.
#[cfg(target_os = "linux")]
fn end_with_parent() -> std::io::Result<()> {
    use rustix::process::{Signal, set_parent_process_death_signal};
    Ok(set_parent_process_death_signal(Some(Signal::TERM))?)
}

/// Watches prompts, and notes them where this is a worker.
pub struct Noted<'w, W> {
    watch: &'w W,
    worker: Option<&'w Worker>,
    /// By place.
    at_work: Mutex<BTreeMap<usize, String>>,
}

impl<'w, W> Noted<'w, W> {
    pub fn new(watch: &'w W, worker: Option<&'w Worker>) -> Self {
        Noted {
            watch,
            worker,
            at_work: Mutex::default(),
        }
    }

    fn at_work(&self) -> MutexGuard<'_, BTreeMap<usize, String>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Watch> Watch for Noted<'_, W> {
    fn begins(&self, prompt: usize, id: &str) {
        if let Some(worker) = self.worker {
            worker.note(&Line::Begins(id.into()));
            self.at_work().insert(prompt, id.into());
        }
        self.watch.begins(prompt, id);
    }

    fn event(&self, prompt: usize, event: &ScoringEvent) {
        self.watch.event(prompt, event);
    }

    fn ends(&self, prompt: usize) {
        let ended = self.at_work().remove(&prompt);
        if let (Some(worker), Some(id)) = (self.worker, ended) {
            worker.note(&Line::Ends(id));
        }
        self.watch.ends(prompt);
    }
}

/// Runs this program's command in workers, until one ends by itself.
///
/// # Errors
/// A worker that cannot be started, or that a signal ends while it scores nothing.
pub fn run() -> Result<ExitCode> {
    let program = std::env::current_exe().context("the program's own file")?;
    let journal = tempfile::Builder::new()
        .prefix("rotescope-journal-")
        .tempfile()
        .context("the journal of --isolate")?;
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    loop {
        let from = lines(journal.path())?.len();
        let status = wait(
            Command::new(&program)
                .args(std::env::args_os().skip(1))
                .env(JOURNAL, journal.path()),
        )?;
        let Some(signal) = signal(status) else {
            return Ok(ExitCode::from(status.code().unwrap_or(2) as u8));
        };
        if cancel_on_signal()?.is_cancelled() {
            bail!("stopped; the same command resumes where it stopped");
        }
        let at_work = at_work(lines(journal.path())?.into_iter().skip(from));
        if at_work.is_empty() {
            bail!(
                "the process of the model was ended by signal {signal} while it scored no prompt; the same command goes on with what is left"
            );
        }
        let mut file = open(journal.path())?;
        for id in at_work {
            let times = ends.entry(id.clone()).or_default();
            *times += 1;
            let line = match *times < ENDS {
                true => {
                    say!(
                        "warning: the process of the model was ended by signal {signal} while it scored {id}, which is tried again"
                    );
                    Line::Suspect(id)
                }
                false => {
                    let why = format!(
                        "the process of the model was ended by signal {signal}, {ENDS} times while it scored this prompt"
                    );
                    Line::GivenUp(id, why)
                }
            };
            append(&mut file, &line).context("the journal of --isolate")?;
        }
    }
}

/// The prompts that were begun and not ended.
fn at_work(lines: impl Iterator<Item = Line>) -> BTreeSet<String> {
    let mut at_work = BTreeSet::new();
    for line in lines {
        match line {
            Line::Begins(id) => _ = at_work.insert(id),
            Line::Ends(id) => _ = at_work.remove(&id),
            Line::Suspect(_) | Line::GivenUp(..) => {}
        }
    }
    at_work
}

/// Waits for the worker's end. What asks this process to end is passed on.
fn wait(command: &mut Command) -> Result<ExitStatus> {
    let mut worker = command.spawn().context("the process of the model")?;
    let cancel = cancel_on_signal()?;
    let mut told = false;
    loop {
        if let Some(status) = worker.try_wait().context("the process of the model")? {
            return Ok(status);
        }
        if cancel.is_cancelled() && !told {
            told = true;
            end(&worker);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
fn end(worker: &std::process::Child) {
    use rustix::process::{Pid, Signal, kill_process};
    if let Some(pid) = i32::try_from(worker.id()).ok().and_then(Pid::from_raw) {
        // It may have ended by now.
        let _ = kill_process(pid, Signal::TERM);
    }
}

#[cfg(not(unix))]
fn end(_: &std::process::Child) {}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}
