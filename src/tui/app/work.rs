//! What is done beside the screen: asking for it, and taking in what came of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::effect::Effect;
use super::state::{App, Looked, Pane};
use crate::tui::compare::columns::Columns;
use crate::tui::compare::view::View;
use crate::tui::desk::{Task, TaskDone, Work, WorkOutcome};
use crate::tui::fuzzy::MatchPrompts;
use crate::tui::search::{Haystack, Search, Within};
use crate::tui::session::Session;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rotescope_report::theme::Depth;
use rotescope_report::{Measure, ReportOptions};
use rotescope_trace::Trace;
use rotescope_trace::packed::ending;

/// Columns of an exported picture or text.
const PAGE: usize = 100;

impl App {
    /// Asks for work; `says` what it is, for people.
    pub(super) fn ask(&mut self, says: impl Into<String>, work: Work) -> (u64, Effect) {
        let id = self.next_task;
        self.next_task += 1;
        self.work.push((id, says.into(), Instant::now()));
        (id, Effect::Work(Box::new(Task { id, work })))
    }

    /// Takes in what came of a task.
    pub fn done(&mut self, done: TaskDone) -> Vec<Effect> {
        let known = self.work.iter().position(|(id, ..)| *id == done.id);
        let task = known.map(|i| self.work.remove(i));
        let over = task.filter(|_| !matches!(done.outcome, WorkOutcome::Dropped));
        let rings = over.and_then(|(_, says, began)| self.ring(began, format!("{says}: done")));
        let mut effects = Vec::new();
        match done.outcome {
            WorkOutcome::Saved(Ok(())) | WorkOutcome::Noted(Ok(())) | WorkOutcome::Dropped => {}
            WorkOutcome::Saved(Err(e))
            | WorkOutcome::Written(Err(e))
            | WorkOutcome::Noted(Err(e)) => {
                self.say(e);
            }
            WorkOutcome::Written(Ok(path)) => self.say(format!("written: {}", path.display())),
            WorkOutcome::Compared(view) => self.compared(done.id, view),
            WorkOutcome::Found(place) => self.found(done.id, place),
            WorkOutcome::Matched(found) if self.matched.0 == done.id => self.matched.1 = found,
            WorkOutcome::Matched(_) => {}
            WorkOutcome::Read { session, read } => effects = self.has_read(session, read),
            WorkOutcome::Lab(turned, Ok(chart)) => self.lab.drawn = Some((turned, chart)),
            WorkOutcome::Lab(_, Err(e)) => self.say(e),
        }
        effects.extend(rings);
        effects.extend(self.look_up());
        // What waits to be read has its turn after what is on screen.
        if let Some((_, entry)) = self.compare.awaited {
            effects.extend(self.read(entry));
        }
        effects.extend(self.run_next());
        effects
    }

    /// Asks for the picture of the world that is looked at, once.
    pub(super) fn draw_lab(&mut self) -> Option<Effect> {
        let wanted = self.lab.wanted.filter(|w| self.lab.asked != Some(*w))?;
        self.lab.asked = Some(wanted);
        Some(self.ask("measuring", Work::Lab(wanted)).1)
    }

    /// Says that work is over that began then, where the bell is to ring for it.
    pub(super) fn ring(&self, began: Instant, says: String) -> Option<Effect> {
        let long = self.bell.is_some_and(|least| began.elapsed() >= least);
        long.then(|| Effect::Ring(says))
    }

    /// Keeps a finished trace.
    pub(super) fn keep(&mut self, trace: Arc<Trace>) -> Effect {
        let says = format!("saving {}", trace.prompt.id);
        self.ask(says, Work::Save(trace)).1
    }

    /// How what is written to a file looks.
    fn report_options(&self, plain: bool) -> Box<ReportOptions> {
        Box::new(ReportOptions {
            measure: Measure::parse(self.measure.key()),
            theme: self.theme.clone(),
            dark: None,
            depth: if plain { Depth::None } else { Depth::TrueColor },
            width: PAGE,
        })
    }

    /// Writes the trace on screen to a file of its own; the end of the name says how.
    pub(in crate::tui) fn export(&mut self, path: &str) -> Option<Effect> {
        let trace = self.session()?.trace.clone()?;
        let path = Some(PathBuf::from(path)).filter(|p| !p.as_os_str().is_empty())?;
        let options = self.report_options(ending(&path).is_some_and(|e| e == "txt"));
        let says = format!("writing {}", path.display());
        let work = Work::Export {
            trace,
            path,
            options,
        };
        Some(self.ask(says, work).1)
    }

    /// Writes the comparison on screen to a file.
    pub(in crate::tui) fn export_comparison(&mut self, path: &str) -> Option<Effect> {
        let view = self.compare.view.as_ref()?;
        let (comparison, traces) = (view.comparison.clone(), view.traces.clone());
        let path = Some(PathBuf::from(path)).filter(|p| !p.as_os_str().is_empty())?;
        let says = format!("writing {}", path.display());
        let work = Work::ExportComparison {
            comparison,
            traces,
            path,
            options: self.report_options(false),
        };
        Some(self.ask(says, work).1)
    }

    /// Writes what was on the screen to a file.
    pub fn write_screen(&mut self, screen: Buffer, path: PathBuf) -> Effect {
        let says = format!("writing {}", path.display());
        let screen = Box::new(screen);
        self.ask(says, Work::Picture { screen, path }).1
    }

    /// Asks which of some entries fit what was typed to find one.
    pub(in crate::tui) fn find_prompts(&mut self, typed: &str, entries: &[usize]) -> Vec<Effect> {
        let prompts = entries.iter().map(|&i| self.entries[i].prompt.clone());
        let work = Work::Match(MatchPrompts {
            typed: typed.into(),
            prompts: prompts.collect(),
        });
        let (id, effect) = self.ask("finding a prompt", work);
        self.matched.0 = id;
        vec![effect]
    }

    /// Compares two sessions; the variant goes to the right of its original. The view opens when it is there, or takes the place of an older
    /// one of the same two.
    pub(in crate::tui) fn compare_sessions(
        &mut self,
        sessions: [usize; 2],
        from: usize,
    ) -> Vec<Effect> {
        let trace = |s: usize| self.sessions.get(s).and_then(|s| s.trace.clone());
        let (Some(a), Some(b)) = (trace(sessions[0]), trace(sessions[1])) else {
            return Vec::new();
        };
        let turned = a.prompt.pair.as_ref() == Some(&b.prompt.id);
        let [x, y] = sessions;
        let (sessions, traces) = if turned {
            ([y, x], [b, a])
        } else {
            (sessions, [a, b])
        };
        let says = format!(
            "comparing {} and {}",
            traces[0].prompt.id, traces[1].prompt.id
        );
        let screen = Rect::new(0, 0, self.width, 1);
        let work = Work::Compare {
            sessions,
            from,
            traces,
            width: Columns::of(screen).sides[0].1,
        };
        let (id, effect) = self.ask(says, work);
        self.compare.making = Some(id);
        vec![effect]
    }

    fn compared(&mut self, id: u64, mut view: Box<View>) {
        // Who has stopped it, or asked for another, wants it no more.
        if self.compare.making != Some(id) {
            return;
        }
        self.compare.making = None;
        match &self.compare.view {
            Some(old) if old.sessions == view.sessions => {
                view.stay(old);
                self.compare.view = Some(view);
            }
            None if !self.covered => self.compare.view = Some(view),
            // Who writes, chooses or looks at something is not interrupted.
            _ => self.say("the comparison is there: close this, and compare again"),
        }
    }

    /// What a search that begins now looks through.
    pub(in crate::tui) fn within(&self) -> Within {
        match (self.reading, self.pane) {
            _ if self.records.is_some() => Within::Record,
            (Some(_), _) => Within::Document,
            (None, Pane::Prompts) => Within::Prompts,
            (None, Pane::Documents) => Within::Documents,
            _ => Within::Completion,
        }
    }

    /// Searches for a text, and goes to where it is looked for.
    pub(in crate::tui) fn search(&mut self, text: &str, within: Within) -> Vec<Effect> {
        self.search = text.to_string();
        self.searched = within;
        match within {
            Within::Prompts => self.pane = Pane::Prompts,
            Within::Completion => self.pane = Pane::Completion,
            Within::Documents => self.pane = Pane::Documents,
            Within::Record => self.pane = Pane::Completion,
            Within::Document => {}
        }
        self.find(true)
    }

    /// To the next match, or the one before.
    pub(in crate::tui) fn find(&mut self, forward: bool) -> Vec<Effect> {
        if self.search.is_empty() {
            return Vec::new();
        }
        let (from, through, through_what) = match self.searched {
            Within::Completion => match self.session() {
                Some(s) => (s.cursor, haystack(s), Looked::Job(s.job)),
                None => return Vec::new(),
            },
            Within::Prompts => {
                let listed = self.listed.iter();
                let prompts = listed.map(|&i| self.entries[i].prompt.clone());
                let through = Haystack::Prompts(prompts.collect());
                (self.selected, through, Looked::Listed(self.listed.clone()))
            }
            Within::Documents => {
                let through = Haystack::Documents(self.found.clone());
                (self.hit, through, Looked::Found(self.found.clone()))
            }
            Within::Record => {
                let records = self.records.as_mut();
                if !records.is_some_and(|r| r.find(&self.search, forward)) {
                    self.say(format!("not in the record: {}", self.search));
                }
                return Vec::new();
            }
            Within::Document => {
                let (Some(row), width) = (self.reading, self.reading_width()) else {
                    return Vec::new();
                };
                let through = Haystack::Document(self.found.clone(), self.hit, width);
                (row, through, Looked::Found(self.found.clone()))
            }
        };
        let search = Search {
            text: self.search.clone(),
            forward,
            from,
            through,
        };
        let says = format!("searching {:?}", self.search);
        let (id, effect) = self.ask(says, Work::Search(search));
        self.searching = Some((id, through_what));
        vec![effect]
    }

    /// Goes to a match, where what was looked through is still there.
    fn found(&mut self, id: u64, place: Option<usize>) {
        let Some((_, through)) = self.searching.take_if(|(newest, _)| *newest == id) else {
            return;
        };
        let Some(place) = place else {
            let text = format!("not in the {}: {}", self.searched.name(), self.search);
            return self.say(text);
        };
        match through {
            Looked::Job(job) => {
                if let Some(s) = self.session_mut().filter(|s| s.job == job) {
                    s.span = None;
                    s.go(place);
                }
            }
            Looked::Listed(listed) => {
                let entry = listed.get(place);
                if let Some(at) = self.listed.iter().position(|i| Some(i) == entry) {
                    self.selected = at;
                }
            }
            Looked::Found(found) if Arc::ptr_eq(&found, &self.found) => {
                match (self.searched, &mut self.reading) {
                    (Within::Document, Some(row)) => *row = place,
                    (Within::Document, None) => {}
                    _ => self.hit = place,
                }
            }
            Looked::Found(_) => {}
        }
    }
}

/// The output of a session, to be searched.
fn haystack(s: &Session) -> Haystack {
    let mut output = Vec::new();
    let mut ends = Vec::with_capacity(s.tokens().len());
    for t in s.tokens() {
        match t.bytes {
            None => output.extend_from_slice(t.text.as_bytes()),
            Some(_) => output.extend(t.raw()),
        }
        ends.push(output.len());
    }
    Haystack::Completion { output, ends }
}
