//! What each action does to the state.

use super::{App, Effect, Mode, Pane, SortBy};
use crate::run::pipeline::Prefix;
use crate::themes::THEMES;
use crate::tui::action::Action;
use crate::tui::editor::Editor;
use crate::tui::session::Session;
use rotescope_trace::Source;

impl App {
    /// Does what an action says.
    pub fn step(&mut self, action: Action) -> Vec<Effect> {
        self.hint = false;
        if let Some(effects) = self.step_comparison(action) {
            return effects;
        }
        use Action::*;
        let mut effects = match action {
            Quit => return vec![Effect::Quit],
            Suspend => return vec![Effect::Suspend],
            Stop => self.stop(),
            Help => {
                self.mode = Mode::Help(0);
                Vec::new()
            }
            Palette => {
                self.mode = Mode::Palette(Editor::default(), 0);
                Vec::new()
            }
            Search => {
                self.mode = Mode::Search(Editor::default(), self.within());
                Vec::new()
            }
            Filter => {
                self.mode = Mode::Filter(Editor::of(&self.filter));
                Vec::new()
            }
            Edit if matches!(self.mode, Mode::Candidate(_)) => {
                self.type_instead();
                Vec::new()
            }
            Edit => {
                self.mode = Mode::Edit(Editor::default());
                Vec::new()
            }
            NextPane | PreviousPane => {
                self.turn(action == NextPane);
                Vec::new()
            }
            RunPrompt => match self.listed.get(self.selected).copied() {
                Some(entry) => {
                    self.pane = Pane::Chain;
                    self.start(entry, Prefix::default(), None)
                }
                None => Vec::new(),
            },
            RunAll => {
                self.queue = self.listed.clone();
                self.say(format!("{} prompts wait", self.queue.len()));
                self.run_next()
            }
            Theme => {
                self.choose_theme();
                Vec::new()
            }
            Mouse => {
                self.mouse = !self.mouse;
                vec![Effect::Mouse(self.mouse)]
            }
            Measure => {
                self.measure = self.measure.next();
                self.say(format!("color: {}", self.measure.name()));
                Vec::new()
            }
            FoldPrompt => {
                self.folded = !self.folded;
                Vec::new()
            }
            FoldReasoning => {
                let done = self.session_mut().is_some_and(Session::fold_reasoning);
                if !done {
                    self.say("no <think> reasoning in this chain");
                }
                Vec::new()
            }
            SortPrompts => {
                self.order = self.order.next();
                self.list();
                self.say(format!("prompts by {}", self.order.name()));
                Vec::new()
            }
            SortCandidates => {
                self.sort = match self.sort {
                    SortBy::Probability => SortBy::Count(Source::Local),
                    SortBy::Count(Source::Local) => SortBy::Count(Source::Mid),
                    SortBy::Count(Source::Mid) => SortBy::Count(Source::Long),
                    SortBy::Count(Source::Long) => SortBy::Probability,
                };
                Vec::new()
            }
            NextBranch | PreviousBranch => {
                self.turn_branch(action == NextBranch);
                Vec::new()
            }
            CopyToken | CopyStep | CopyAnswer | CopyDocument => self.copy(action),
            Export => self.export(),
            NextMatch | PreviousMatch => {
                self.find(action == NextMatch);
                Vec::new()
            }
            Open => self.open(),
            Candidate => {
                if self.session().is_some_and(|s| s.token().is_some()) {
                    self.mode = Mode::Candidate(0);
                }
                Vec::new()
            }
            NextSpan => {
                self.next_span();
                Vec::new()
            }
            _ => {
                self.go(action);
                Vec::new()
            }
        };
        effects.extend(self.look_up());
        effects
    }

    /// Closes what is open, else stops what runs.
    fn stop(&mut self) -> Vec<Effect> {
        if !matches!(self.mode, Mode::Normal) {
            if let Mode::Themes(_, old) = std::mem::take(&mut self.mode) {
                self.theme = *old;
            }
            return Vec::new();
        }
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

    fn turn(&mut self, forward: bool) {
        let at = Pane::ALL.iter().position(|p| *p == self.pane).unwrap_or(0);
        let n = Pane::ALL.len();
        self.pane = Pane::ALL[(at + if forward { 1 } else { n - 1 }) % n];
    }

    /// Lists the themes; the one at the cursor is shown at once.
    fn choose_theme(&mut self) {
        let names = THEMES.names();
        let at = names.iter().position(|n| *n == self.theme.name());
        let old = Box::new(self.theme.clone());
        self.mode = Mode::Themes(at.unwrap_or(0), old);
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
        self.say(format!(
            "copied {} bytes (by the terminal, OSC 52)",
            text.len()
        ));
        vec![Effect::Copy(text)]
    }

    fn export(&mut self) -> Vec<Effect> {
        let Some(trace) = self.session().and_then(|s| s.trace.as_ref()) else {
            self.say("no trace yet: run the prompt first");
            return Vec::new();
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let name = trace.prompt.id.replace(|c| !plain(c), "_");
        self.mode = Mode::Export(Editor::of(&format!("{name}.html")));
        Vec::new()
    }

    fn open(&mut self) -> Vec<Effect> {
        match self.mode {
            Mode::Candidate(i) => {
                self.mode = Mode::Normal;
                return self.branch(i);
            }
            Mode::Themes(..) => {
                self.mode = Mode::Normal;
                return Vec::new();
            }
            Mode::Document(_) => return Vec::new(),
            _ => {}
        }
        match self.pane {
            Pane::Prompts if self.session().is_some() => {
                self.pane = Pane::Chain;
                Vec::new()
            }
            Pane::Prompts => self.step(Action::RunPrompt),
            Pane::Documents if !self.found.hits.is_empty() => {
                self.read_document();
                Vec::new()
            }
            Pane::Documents => Vec::new(),
            Pane::Chain | Pane::Token => self.step(Action::Candidate),
        }
    }
}
