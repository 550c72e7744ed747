//! What each action does to the state.

use super::columns::Column;
use super::effect::Effect;
use super::entry::PromptEntry;
use super::state::{App, Pane, SortBy};
use crate::run::command::reproducing;
use crate::run::pipeline::Prefix;
use crate::tui::action::Action;
use crate::tui::session::{Session, ShownMeasure};
use rotescope_trace::Prompt;
use rotescope_trace::Source;

impl App {
    /// Does what an action says that no view has taken.
    pub(in crate::tui) fn step(&mut self, action: Action) -> Vec<Effect> {
        use Action::*;
        match action {
            Quit => return vec![Effect::Quit],
            Suspend => return vec![Effect::Suspend],
            Stop => return self.stop(),
            NextPane | PreviousPane => self.turn(action == NextPane),
            RunPrompt => return self.run_prompt(),
            RunAll => {
                self.queue = self.listed.clone();
                self.say(format!("{} prompts wait", self.queue.len()));
                return self.run_next();
            }
            Mouse => {
                self.mouse = !self.mouse;
                return vec![Effect::Mouse(self.mouse)];
            }
            Measure => {
                self.measure = self.measure.next();
                let index = self
                    .ready
                    .as_ref()
                    .is_some_and(|r| r.index.is_some() && !r.remote);
                let known = index || self.session().is_some_and(|s| s.regions.is_some());
                self.say(match self.measure {
                    ShownMeasure::Regions if !known => {
                        "color: regions; none are known: give an index on this machine".into()
                    }
                    ShownMeasure::Known if !self.session().is_some_and(Session::asked_corpus) => {
                        "color: who knows; nobody asked: run it with an index on this machine"
                            .into()
                    }
                    measure => format!("color: {}", measure.name()),
                });
            }
            FoldPrompt => self.folded = !self.folded,
            FoldReasoning => {
                let done = self.session_mut().is_some_and(Session::fold_reasoning);
                if !done {
                    self.say("no <think> reasoning in this completion");
                }
            }
            SortCandidates => {
                self.sort = match self.sort {
                    SortBy::Probability => SortBy::Count(Source::ALL[0]),
                    SortBy::Count(s) => {
                        let next = Source::ALL.get(s as usize + 1);
                        next.map_or(SortBy::Probability, |&s| SortBy::Count(s))
                    }
                };
            }
            Bookmark => return self.bookmark(),
            CopyCommand => return self.copy_command(),
            CopyToken | CopyStep | CopyAnswer | CopyDocument => return self.copy(action),
            NextMatch | PreviousMatch => return self.find(action == NextMatch),
            Open => return self.open(),
            Candidate => self.choose_candidate(),
            NextSpan => self.next_span(),
            _ => self.go(action),
        }
        Vec::new()
    }

    /// Stops what runs.
    fn stop(&mut self) -> Vec<Effect> {
        self.compare.forget();
        if let Some(s) = self.session_mut()
            && s.span.take().is_some()
        {
            return Vec::new();
        }
        let waiting = std::mem::take(&mut self.queue).len();
        if self.running.is_some() {
            let rest = match waiting {
                0 => String::new(),
                n => format!("; {n} prompts that waited are not run"),
            };
            self.say(format!("stopped{rest}"));
            return vec![Effect::Cancel];
        }
        Vec::new()
    }

    /// Runs the selected prompt anew.
    pub(in crate::tui) fn run_prompt(&mut self) -> Vec<Effect> {
        let Some(entry) = self.listed.get(self.selected).copied() else {
            return Vec::new();
        };
        self.pane = Pane::Completion;
        self.start(entry, Prefix::default(), None)
    }

    /// Adds a prompt that was written, and runs it.
    pub(in crate::tui) fn run_written(&mut self, text: &str) -> Vec<Effect> {
        let text = text.trim();
        if text.is_empty() {
            return Vec::new();
        }
        self.history.push(text.into());
        self.compare.view = None;
        self.entries.push(PromptEntry::of(Prompt {
            id: format!("typed-{}", self.history.len()),
            question: text.into(),
            ..Default::default()
        }));
        self.filter.clear();
        self.list();
        self.selected = self.listed.len() - 1;
        self.run_prompt()
    }

    fn choose_candidate(&mut self) {
        let Some(s) = self.session().filter(|s| s.token().is_some()) else {
            return;
        };
        match self.cannot_continue(s) {
            Some(why) => self.say(why),
            None => self.choosing = Some(0),
        }
    }

    fn turn(&mut self, forward: bool) {
        let at = Pane::ALL.iter().position(|p| *p == self.pane).unwrap_or(0);
        let n = Pane::ALL.len();
        self.pane = Pane::ALL[(at + if forward { 1 } else { n - 1 }) % n];
    }

    fn copy(&mut self, action: Action) -> Vec<Effect> {
        let text = match (action, self.session()) {
            (Action::CopyDocument, _) => self.found.hits.get(self.hit).map(|h| h.text.clone()),
            (Action::CopyToken, Some(s)) => s
                .token()
                .map(|t| String::from_utf8_lossy(&t.raw()).into_owned()),
            (Action::CopyStep, Some(s)) => Some(s.step_text(s.step_of(s.cursor))),
            (_, Some(s)) => Some(String::from_utf8_lossy(&s.output_bytes()).into_owned()),
            _ => None,
        };
        let Some(text) = text else {
            self.say("nothing to copy");
            return Vec::new();
        };
        self.copied(text)
    }

    /// Copies the command line that makes the completion on screen again.
    fn copy_command(&mut self) -> Vec<Effect> {
        let Some(s) = self.session() else {
            self.say("no completion yet: run the prompt first");
            return Vec::new();
        };
        let made = match (&s.trace, s.parent) {
            (None, _) => Err("the command is known when the completion is there".into()),
            (Some(_), Some(_)) => Err(
                "a branch goes on from a token that was chosen by hand; no command does that"
                    .into(),
            ),
            (Some(trace), None) => reproducing(trace, &self.places).map_err(|e| e.to_string()),
        };
        match made {
            Err(why) => {
                self.say(why);
                Vec::new()
            }
            Ok(command) => {
                let effects = self.copied(command.line);
                if !command.unplaced.is_empty() {
                    let files = command.unplaced.join(", ");
                    self.say(format!("copied; put the folders before: {files}"));
                }
                effects
            }
        }
    }

    /// Sorts the list by a column; the other way round where it is sorted by it.
    pub fn sort_by(&mut self, column: Column) {
        self.order = self.order.then(column);
        self.list();
        self.say(format!("prompts by {}", self.order.name()));
    }

    /// Copies a text, and says so.
    pub(in crate::tui) fn copied(&mut self, text: String) -> Vec<Effect> {
        self.say(format!(
            "copied {} bytes (by the terminal, OSC 52)",
            text.len()
        ));
        vec![Effect::Copy(text)]
    }

    fn open(&mut self) -> Vec<Effect> {
        match self.pane {
            Pane::Prompts if self.session().is_some() => self.pane = Pane::Completion,
            Pane::Prompts => return self.run_prompt(),
            Pane::Documents => {}
            Pane::Completion | Pane::Token => self.choose_candidate(),
        }
        Vec::new()
    }

    /// Opens the chosen document where the match is in sight; whether there is one.
    pub(in crate::tui) fn read_document(&mut self) -> bool {
        let Some(page) = self.document() else {
            return false;
        };
        let row = page.rows.partition_point(|r| r.end < page.matched.start);
        self.reading = Some(row.saturating_sub(3));
        true
    }
}
