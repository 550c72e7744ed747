//! What was chosen is made, run and compared.

use std::sync::Arc;

use super::choice::With;
use crate::run::prompts;
use crate::tui::app::{App, Effect, Pane, PromptEntry};
use rotescope_study::perturb::Plan;
use rotescope_trace::Prompt;

impl App {
    /// The entry on screen and its session, where that has a finished completion.
    pub(super) fn finished(&self) -> Option<(usize, usize)> {
        let entry = *self.listed.get(self.selected)?;
        let e = &self.entries[entry];
        let session = *e.sessions.get(e.shown)?;
        self.sessions[session].trace.as_ref()?;
        Some((entry, session))
    }

    /// Compares the completion on screen with what was chosen, at once or when its completion is there.
    pub(super) fn compare_with(&mut self, with: With) -> Vec<Effect> {
        let Some((own, session)) = self.finished() else {
            return Vec::new();
        };
        let entry = match with {
            With::Typed => return Vec::new(), // the line that it is typed in opens
            With::Session(other) => return self.compare_sessions([session, other], session),
            With::Saved(entry) => {
                self.compare.awaited = Some((session, entry));
                return self.read(entry).into_iter().collect();
            }
            With::Entry(entry) => entry,
            With::Changed(prompt) => self.add(*prompt),
            With::Asked(plan) => {
                self.compare.asked = Some(session);
                self.say(format!("{}: asking the corpus", plan.name()));
                let prompt = Box::new((*self.entries[own].prompt).clone());
                return vec![Effect::Change(prompt, plan)];
            }
        };
        self.compare_when_run(session, entry)
    }

    /// Changes the prompt on screen by operators that were typed.
    ///
    /// # Errors
    /// What cannot be read, or cannot change the prompt, in words.
    pub(in crate::tui) fn change_by(&mut self, text: &str) -> Result<Vec<Effect>, String> {
        let calls: Vec<&str> = text.split_whitespace().collect();
        let Some((own, _)) = self.finished().filter(|_| !calls.is_empty()) else {
            return Ok(Vec::new());
        };
        let plan = Plan::parse(&calls, 0).map_err(|e| e.to_string())?;
        if plan.needs_corpus() {
            return Ok(self.compare_with(With::Asked(plan)));
        }
        let prompt = &self.entries[own].prompt;
        let new = prompts::changed(prompt, &plan, None).map_err(|e| e.to_string())?;
        Ok(self.compare_with(With::Changed(Box::new(new))))
    }

    /// A prompt that was asked for has come, or why there is none.
    pub(in crate::tui) fn prompt_has_come(
        &mut self,
        changed: Result<Box<Prompt>, String>,
    ) -> Vec<Effect> {
        // Who has stopped it wants it no more.
        let Some(session) = self.compare.asked.take() else {
            return Vec::new();
        };
        match changed {
            Ok(prompt) => {
                let entry = self.add(*prompt);
                self.compare_when_run(session, entry)
            }
            Err(reason) => {
                self.say(format!("it cannot be changed: {reason}"));
                Vec::new()
            }
        }
    }

    /// Adds a prompt to the list; one that the same operators made before is there already.
    fn add(&mut self, prompt: Prompt) -> usize {
        let prompt = Arc::new(prompt);
        if let Some(at) = self.entries.iter().position(|e| e.prompt == prompt) {
            return at;
        }
        self.entries.push(PromptEntry {
            prompt,
            ..PromptEntry::default()
        });
        self.list();
        self.entries.len() - 1
    }

    /// Runs an entry, to compare a session with its completion.
    fn compare_when_run(&mut self, session: usize, entry: usize) -> Vec<Effect> {
        let e = &self.entries[entry];
        let mut there = e.sessions.get(e.shown).into_iter();
        if let Some(&there) = there.find(|s| self.sessions[**s].trace.is_some()) {
            return self.compare_sessions([session, there], session);
        }
        self.compare.awaited = Some((session, entry));
        let theirs = self.other_model(&self.sessions[session]);
        let by = match (theirs, &self.ready) {
            (Some(theirs), Some(ready)) => {
                format!(" by {}, not {}", ready.model.shown(), theirs.shown())
            }
            _ => String::new(),
        };
        let id = &self.entries[entry].prompt.id;
        self.say(format!(
            "{id} is run{by}; the comparison opens when its completion is there"
        ));
        self.run_for_comparison(entry)
    }

    /// Runs an entry and shows it, unless it runs already. What runs now is not stopped for it.
    fn run_for_comparison(&mut self, entry: usize) -> Vec<Effect> {
        self.pane = Pane::Completion;
        self.select(entry);
        let mut sessions = self.entries[entry].sessions.iter();
        if sessions.any(|s| self.running == Some(*s)) {
            return Vec::new();
        }
        self.queue.retain(|e| *e != entry);
        self.queue.insert(0, entry);
        self.run_next()
    }

    /// Selects an entry in the list; the filter goes where it hides it.
    pub(in crate::tui) fn select(&mut self, entry: usize) {
        if !self.listed.contains(&entry) {
            self.filter.clear();
            self.list();
        }
        if let Some(at) = self.listed.iter().position(|e| *e == entry) {
            self.selected = at;
        }
    }

    /// A completion has come or has more scores: what waits for it is compared, a view that shows it is made anew.
    pub(in crate::tui) fn completion_has_come(&mut self, job: u64) -> Vec<Effect> {
        let mut sessions = self.sessions.iter();
        let Some(session) = sessions.position(|s| s.job == job) else {
            return Vec::new();
        };
        let trace = self.sessions[session].trace.as_deref();
        if let Some((own, entry)) = self.compare.awaited
            && self.entries[entry].sessions.contains(&session)
        {
            self.compare.awaited = None;
            return match trace {
                Some(t) if t.finish == "cancelled" => Vec::new(),
                Some(_) => {
                    self.message = None;
                    self.compare_sessions([own, session], own)
                }
                None => Vec::new(),
            };
        }
        match &self.compare.view {
            Some(view) if trace.is_some() && view.sessions.contains(&session) => {
                self.compare_sessions(view.sessions, view.from)
            }
            _ => Vec::new(),
        }
    }
}
