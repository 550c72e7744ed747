//! What was chosen is made, run and compared.

use super::View;
use super::choose::{Choice, With};
use crate::run::prompts;
use crate::tui::app::{App, Effect, Entry, Mode, Pane};
use crate::tui::editor::Editor;
use rotescope_study::perturb::Plan;
use rotescope_trace::Prompt;

impl App {
    /// Compares the chain on screen with what was chosen, at once or when its chain is there.
    pub(super) fn chosen(&mut self, choice: Choice) -> Vec<Effect> {
        self.mode = Mode::Normal;
        self.compare_with(choice.with)
    }

    fn compare_with(&mut self, with: With) -> Vec<Effect> {
        let Some((own, session)) = self.chain() else {
            return Vec::new();
        };
        let entry = match with {
            With::Typed => {
                self.mode = Mode::Change(Editor::default());
                return Vec::new();
            }
            With::Session(other) => {
                self.open_view([session, other]);
                return Vec::new();
            }
            With::Entry(entry) => entry,
            With::Changed(prompt) => self.add(*prompt),
            With::Asked(plan) => {
                self.compare.asked = Some(session);
                self.say(format!("{}: asking the corpus", plan.name()));
                let prompt = Box::new(self.entries[own].prompt.clone());
                return vec![Effect::Change(prompt, plan)];
            }
        };
        self.compare_when_run(session, entry)
    }

    /// Changes the prompt on screen by operators that were typed. What cannot be read stays to be typed on.
    pub(in crate::tui) fn typed_change(&mut self, editor: Editor) -> Vec<Effect> {
        let calls: Vec<&str> = editor.text().split_whitespace().collect();
        let Some((own, _)) = self.chain().filter(|_| !calls.is_empty()) else {
            return Vec::new();
        };
        let prompt = &self.entries[own].prompt;
        let made = Plan::parse(&calls, 0).map_err(|e| e.to_string());
        let made = made.and_then(|plan| {
            if plan.needs_corpus() {
                return Ok(With::Asked(plan));
            }
            let new = prompts::changed(prompt, &plan, None).map_err(|e| e.to_string())?;
            Ok(With::Changed(Box::new(new)))
        });
        match made {
            Ok(with) => self.compare_with(with),
            Err(reason) => {
                self.say(reason);
                self.mode = Mode::Change(editor);
                Vec::new()
            }
        }
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
        if let Some(at) = self.entries.iter().position(|e| e.prompt == prompt) {
            return at;
        }
        self.entries.push(Entry {
            prompt,
            sessions: Vec::new(),
            shown: 0,
        });
        self.list();
        self.entries.len() - 1
    }

    /// Runs an entry, to compare a session with its chain.
    fn compare_when_run(&mut self, session: usize, entry: usize) -> Vec<Effect> {
        let e = &self.entries[entry];
        if let Some(&there) = e.sessions.get(e.shown).filter(|s| self.finished(**s)) {
            self.open_view([session, there]);
            return Vec::new();
        }
        self.compare.awaited = Some((session, entry));
        self.say(format!(
            "{} is run; the comparison opens when its chain is there",
            self.entries[entry].prompt.id
        ));
        self.run_for_comparison(entry)
    }

    /// Runs an entry and shows it, unless it runs already. What runs now is not stopped for it.
    fn run_for_comparison(&mut self, entry: usize) -> Vec<Effect> {
        self.pane = Pane::Chain;
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
    pub(super) fn select(&mut self, entry: usize) {
        if !self.listed.contains(&entry) {
            self.filter.clear();
            self.list();
        }
        if let Some(at) = self.listed.iter().position(|e| *e == entry) {
            self.selected = at;
        }
    }

    /// Opens the view on two sessions; the variant goes to the right of its original.
    pub(super) fn open_view(&mut self, sessions: [usize; 2]) {
        let trace = |s: usize| self.sessions.get(s).and_then(|s| s.trace.as_deref());
        let (Some(a), Some(b)) = (trace(sessions[0]), trace(sessions[1])) else {
            return;
        };
        let turned = a.prompt.pair.as_ref() == Some(&b.prompt.id);
        let mut view = if turned {
            View::new([sessions[1], sessions[0]], b.clone(), a.clone())
        } else {
            View::new(sessions, a.clone(), b.clone())
        };
        view.from = sessions[0];
        self.compare.view = Some(Box::new(view));
    }
}
