//! What takes long and needs no model is done here, beside the screen: writing files, comparing, searching, reading traces. Two threads, so that
//! what is written does not wait for what is worked out.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use ratatui::buffer::Buffer;

use super::compare::view::View;
use super::files;
use super::fuzzy::MatchPrompts;
use super::search::Search;
use super::session::Session;
use crate::run::lab::turned::Turned;
use crate::run::notes::{self, NoteChange};
use crate::run::paired::pair;
use crate::say;
use rotescope_report::chart::Chart;
use rotescope_study::compare::Comparison;
use rotescope_trace::Trace;
use rotescope_trace::offsets::{self, LinePlace};

/// Something to be done.
#[derive(Debug)]
pub struct Task {
    /// Chosen by the caller, a greater one each time; the answer carries it.
    pub id: u64,
    pub work: Work,
}

/// What is to be done.
#[derive(Debug)]
pub enum Work {
    /// Keep a finished trace with those of this run of the app.
    Save(Arc<Trace>),
    /// Write a trace to a file of its own, in the format that its name ends in.
    Export {
        trace: Arc<Trace>,
        path: PathBuf,
        options: Box<rotescope_report::ReportOptions>,
    },
    /// Write a comparison to a file, as `rotescope compare -o` does.
    ExportComparison {
        comparison: Arc<Comparison>,
        traces: [Arc<Trace>; 2],
        path: PathBuf,
        options: Box<rotescope_report::ReportOptions>,
    },
    /// Change a file of notes.
    Note {
        path: PathBuf,
        change: NoteChange,
    },
    /// Write what is on the screen to a file, in the format that its name ends in.
    Picture {
        screen: Box<Buffer>,
        path: PathBuf,
    },
    Compare {
        /// Places of both among the app's sessions.
        sessions: [usize; 2],
        /// The one that the comparison is opened from.
        from: usize,
        traces: [Arc<Trace>; 2],
        /// Columns that each side will have on the screen.
        width: u16,
    },
    Search(Search),
    /// Find prompts by letters of their ids and questions.
    Match(MatchPrompts),
    /// Measure a world of a lab.
    Lab(Turned),
    /// Read a trace that was listed, for a session.
    Read {
        session: usize,
        /// The session's job.
        job: u64,
        path: Arc<Path>,
        place: LinePlace,
        /// Of the prompt.
        prompt: String,
    },
}

impl Work {
    /// Whether it leaves something behind, so that leaving the app waits for it.
    fn writes(&self) -> bool {
        matches!(
            self,
            Work::Save(_)
                | Work::Export { .. }
                | Work::ExportComparison { .. }
                | Work::Note { .. }
                | Work::Picture { .. }
        )
    }

    /// Of work of which only the newest is wanted: which kind of it this is.
    fn passing(&self) -> Option<usize> {
        match self {
            Work::Search(_) => Some(0),
            Work::Lab(_) => Some(1),
            Work::Match(_) => Some(2),
            _ => None,
        }
    }
}

/// A task that is over.
#[derive(Debug)]
pub struct TaskDone {
    pub id: u64,
    pub outcome: WorkOutcome,
}

/// What came of a task.
#[derive(Debug)]
pub enum WorkOutcome {
    /// Kept with the others, or why not.
    Saved(Result<(), String>),
    /// Written to a file of its own, or why not.
    Written(Result<PathBuf, String>),
    Compared(Box<View>),
    /// The place of a match.
    Found(Option<usize>),
    /// Entries that fit what was typed, best first.
    Matched(Vec<usize>),
    /// Notes were kept, or why not.
    Noted(Result<(), String>),
    /// A world of a lab, or why it cannot be.
    Lab(Turned, Result<Box<Chart>, String>),
    Read {
        session: usize,
        read: Result<Box<Session>, String>,
    },
    /// Newer work of its kind took its place.
    Dropped,
}

impl Task {
    /// Does it. `kept`: the file that takes finished traces; `wanted` is asked now and then while it searches or measures.
    pub fn perform(self, kept: Option<&Path>, wanted: &dyn Fn() -> bool) -> TaskDone {
        let outcome = match self.work {
            Work::Save(trace) => WorkOutcome::Saved(kept.map_or(Ok(()), |path| {
                let unkept = |e| format!("{}: {e}; this trace is not kept", path.display());
                files::append(path, &trace).map_err(unkept)
            })),
            Work::Export {
                trace,
                path,
                options,
            } => written(path, |path| files::export(path, &trace, *options)),
            Work::ExportComparison {
                comparison,
                traces: [a, b],
                path,
                options,
            } => written(path, |path| {
                files::export_comparison(path, &comparison, &pair(&a, &b, &comparison), &options)
            }),
            Work::Note { path, change } => {
                let kept = notes::change(&path, change);
                let unkept = |e| format!("{}: {e}; the note is not kept", path.display());
                WorkOutcome::Noted(kept.map_err(unkept))
            }
            Work::Picture { screen, path } => written(path, |path| files::picture(path, &screen)),
            Work::Compare {
                sessions,
                from,
                traces: [a, b],
                width,
            } => {
                let mut view = View::new(sessions, a, b);
                view.from = from;
                view.lay_out(width);
                WorkOutcome::Compared(Box::new(view))
            }
            Work::Search(search) => match search.find(wanted) {
                // What was given up has found nothing out.
                None if !wanted() => WorkOutcome::Dropped,
                place => WorkOutcome::Found(place),
            },
            Work::Match(prompts) => match prompts.find(wanted) {
                Some(found) => WorkOutcome::Matched(found),
                None => WorkOutcome::Dropped,
            },
            Work::Lab(turned) => match turned.draw(wanted).transpose() {
                None => WorkOutcome::Dropped,
                Some(drawn) => {
                    let drawn = drawn.map(Box::new).map_err(|e| e.to_string());
                    WorkOutcome::Lab(turned, drawn)
                }
            },
            Work::Read {
                session,
                job,
                path,
                place,
                prompt,
            } => {
                let read = offsets::read(&path, place, &prompt);
                let read = read.map(|t| {
                    let mut session = Session::unread(job);
                    session.finish(t, true);
                    Box::new(session)
                });
                WorkOutcome::Read {
                    session,
                    read: read.map_err(|e| e.to_string()),
                }
            }
        };
        TaskDone {
            id: self.id,
            outcome,
        }
    }
}

/// How long leaving waits for what is being written.
const PATIENCE: Duration = Duration::from_secs(10);

/// The handle of both threads. Dropping it waits until what was to be written is, for a while.
pub struct Desk {
    /// `None` only while dropping.
    writing: Option<Sender<Task>>,
    thinking: Option<Sender<Task>>,
    pub done: Receiver<TaskDone>,
    /// The newest task of each kind of which only that is wanted.
    newest: Arc<[AtomicU64; 3]>,
    /// Closed when all is written; nothing is sent.
    written: Receiver<()>,
}

impl Desk {
    /// Starts the threads. `kept`: the file that takes finished traces; without one they are not kept.
    pub fn start(kept: Option<PathBuf>) -> io::Result<Desk> {
        Self::with(move |task, wanted| task.perform(kept.as_deref(), wanted))
    }

    /// Starts the threads with another way to do tasks.
    pub fn with(
        perform: impl Fn(Task, &dyn Fn() -> bool) -> TaskDone + Send + Sync + 'static,
    ) -> io::Result<Desk> {
        let perform = Arc::new(perform);
        let (say, done) = unbounded();
        let newest = Arc::<[AtomicU64; 3]>::default();
        let (at_work, written) = bounded::<()>(0);
        let spawn = |name: &str, at_work: Option<Sender<()>>| -> io::Result<Sender<Task>> {
            let (tasks, inbox) = unbounded::<Task>();
            let (perform, say, newest) = (perform.clone(), say.clone(), newest.clone());
            thread::Builder::new().name(name.into()).spawn(move || {
                let _at_work = at_work;
                for task in inbox {
                    let (id, passing) = (task.id, task.work.passing());
                    let wanted = || passing.is_none_or(|k| newest[k].load(Ordering::Relaxed) == id);
                    let done = if wanted() {
                        perform(task, &wanted)
                    } else {
                        let outcome = WorkOutcome::Dropped;
                        TaskDone { id, outcome }
                    };
                    let _ = say.send(done);
                }
            })?;
            Ok(tasks)
        };
        Ok(Desk {
            writing: Some(spawn("writer", Some(at_work))?),
            thinking: Some(spawn("reader", None)?),
            done,
            newest,
            written,
        })
    }

    /// Takes a task: those that write are done in their order; of searches and of labs, the newest.
    pub fn take(&self, task: Task) {
        if let Some(kind) = task.work.passing() {
            self.newest[kind].store(task.id, Ordering::Relaxed);
        }
        let thread = if task.work.writes() {
            &self.writing
        } else {
            &self.thinking
        };
        if let Some(tasks) = thread {
            let _ = tasks.send(task); // a thread that is gone has panicked, and said so
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        (self.writing, self.thinking) = (None, None);
        // Nobody waits for a match or a picture any more.
        let none = |newest: &AtomicU64| newest.store(u64::MAX, Ordering::Relaxed);
        self.newest.iter().for_each(none);
        let waited = self.written.recv_timeout(PATIENCE);
        if waited == Err(crossbeam_channel::RecvTimeoutError::Timeout) {
            say!("rotescope: not all was written within {PATIENCE:?}");
        }
        // The screen is gone: what went wrong is said where it can be read.
        for done in self.done.try_iter() {
            if let WorkOutcome::Saved(Err(e))
            | WorkOutcome::Written(Err(e))
            | WorkOutcome::Noted(Err(e)) = done.outcome
            {
                say!("rotescope: {e}");
            }
        }
    }
}

fn written(path: PathBuf, write: impl FnOnce(&Path) -> Result<(), String>) -> WorkOutcome {
    let done = write(&path).map_err(|e| format!("{}: {e}", path.display()));
    WorkOutcome::Written(done.map(|()| path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::search::Haystack;
    use rotescope_trace::Prompt;

    fn search(id: u64, text: &str) -> Task {
        let prompt = Prompt {
            question: "one two".into(),
            ..Default::default()
        };
        Task {
            id,
            work: Work::Search(Search {
                text: text.into(),
                forward: true,
                from: 0,
                through: Haystack::Prompts(vec![Arc::new(prompt)]),
            }),
        }
    }

    /// A desk whose tasks begin and end when the test says so: what begins is told, then it waits for leave.
    fn gated(kept: Option<PathBuf>) -> (Desk, Receiver<u64>, Sender<()>) {
        let (begun, begins) = unbounded();
        let (leave, left) = unbounded::<()>();
        let desk = Desk::with(move |task, wanted| {
            let _ = begun.send(task.id);
            let _ = left.recv();
            task.perform(kept.as_deref(), wanted)
        });
        (desk.unwrap(), begins, leave)
    }

    #[test]
    fn a_newer_search_takes_the_place_of_older_ones() {
        let (desk, begins, leave) = gated(None);
        desk.take(search(1, "one"));
        assert_eq!(begins.recv(), Ok(1));
        // One that waits is not begun at all; the one at work gives up.
        desk.take(search(2, "none"));
        desk.take(search(3, "two"));
        leave.send(()).unwrap();
        leave.send(()).unwrap();
        let done: Vec<TaskDone> = (0..3).map(|_| desk.done.recv().unwrap()).collect();
        assert_eq!(begins.try_iter().collect::<Vec<_>>(), [3]);
        let outcomes: Vec<&WorkOutcome> = done.iter().map(|d| &d.outcome).collect();
        assert!(
            matches!(
                outcomes[..],
                [
                    WorkOutcome::Dropped,
                    WorkOutcome::Dropped,
                    WorkOutcome::Found(Some(0))
                ]
            ),
            "{outcomes:?}"
        );
    }

    #[test]
    fn leaving_waits_for_what_is_written_and_for_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("deep/kept.jsonl");
        let (desk, begins, leave) = gated(Some(kept.clone()));
        // A search that never gets leave does not hold it up.
        desk.take(search(1, "one"));
        assert_eq!(begins.recv(), Ok(1));
        let trace = Arc::new(Trace::default());
        for id in [2, 3] {
            let work = Work::Save(trace.clone());
            desk.take(Task { id, work });
        }
        assert_eq!(begins.recv(), Ok(2));
        let (over, gone) = bounded::<()>(0);
        let leaving = thread::spawn(move || {
            drop(desk);
            drop(over);
        });
        assert_eq!(gone.try_recv(), Err(crossbeam_channel::TryRecvError::Empty));
        assert!(!kept.exists());
        // Three leaves: whoever takes them, both saves get one.
        for _ in 0..3 {
            leave.send(()).unwrap();
        }
        leaving.join().unwrap();
        assert_eq!(std::fs::read_to_string(&kept).unwrap().lines().count(), 2);
    }

    #[test]
    fn a_file_that_exists_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let trace = Arc::new(Trace::default());
        let comparison = Arc::new(rotescope_study::compare::compare(&trace, &trace));
        let write = |path: &Path| {
            let work = Work::ExportComparison {
                comparison: comparison.clone(),
                traces: [trace.clone(), trace.clone()],
                path: path.into(),
                options: Box::new(rotescope_report::ReportOptions {
                    measure: rotescope_report::Measure::parse("stim"),
                    theme: crate::themes::THEMES.builtin("dark").unwrap(),
                    dark: None,
                    depth: rotescope_report::theme::Depth::None,
                    width: 80,
                }),
            };
            match (Task { id: 1, work }).perform(None, &|| true).outcome {
                WorkOutcome::Written(written) => written,
                other => panic!("{other:?}"),
            }
        };
        for name in ["c.json", "c.html"] {
            let path = folder.path().join(name);
            assert_eq!(write(&path), Ok(path.clone()));
            let said = write(&path).unwrap_err();
            assert!(said.contains(&format!("{name}: exists already")), "{said}");
        }
        let page = std::fs::read_to_string(folder.path().join("c.html")).unwrap();
        assert!(page.contains("</html>") && page.contains("Content-Security-Policy"));
        let said = write(&folder.path().join("c.svg")).unwrap_err();
        assert!(
            said.contains("must end in .html, .json or .jsonl"),
            "{said}"
        );
    }
}
