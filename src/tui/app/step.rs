//! What each action does to the state.

use super::{App, Effect, Mode, Pane, SortBy};
use crate::run::pipeline::Beginning;
use crate::theme;
use crate::trace::Source;
use crate::tui::action::{Action, TABLE};
use crate::tui::editor::Editor;
use crate::tui::session::Session;

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
                    self.start(entry, Beginning::default(), None)
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
        let names = theme::Theme::names();
        let at = names.iter().position(|n| *n == self.theme.name());
        let old = Box::new(self.theme.clone());
        self.mode = Mode::Themes(at.unwrap_or(0), old);
    }

    fn next_span(&mut self) {
        let Some(s) = self.session() else {
            return;
        };
        if s.spans.is_empty() {
            return self
                .say("no stretch of four tokens or more stands in the corpus word for word");
        }
        let next = s.span.map_or(0, |i| (i + 1) % s.spans.len());
        self.show_span(next);
    }

    /// Goes to a stretch of the chain that stands in the corpus word for word.
    pub fn show_span(&mut self, place: usize) {
        let Some(s) = self.session_mut() else {
            return;
        };
        let Some(v) = s.spans.get(place).cloned() else {
            return;
        };
        let count = s.spans.len();
        s.go(v.tokens[0]);
        s.span = Some(place);
        self.say(format!(
            "word for word in the corpus: stretch {} of {count}, {} tokens, {} times",
            place + 1,
            v.tokens[1] - v.tokens[0],
            v.count
        ));
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

    /// Moves in whatever has the focus.
    fn go(&mut self, action: Action) {
        use Action::*;
        let page = self.page.max(2) as isize - 1;
        let by = match action {
            RowDown | NextToken => 1,
            RowUp | PreviousToken => -1,
            PageDown => page,
            PageUp => -page,
            First => isize::MIN / 2,
            Last => isize::MAX / 2,
            _ => 0,
        };
        let moved = |at: usize, last: usize| at.saturating_add_signed(by).min(last);
        let candidates = self
            .session()
            .and_then(Session::token)
            .map_or(0, |t| t.candidates.ids.len());
        let rows = match self.mode {
            Mode::Document(_) => self.document().map_or(0, |d| d.rows.len()),
            _ => 0,
        };
        match &mut self.mode {
            Mode::Candidate(i) => return *i = moved(*i, candidates.saturating_sub(1)),
            Mode::Help(line) => return *line = moved(*line, TABLE.len()),
            Mode::Document(line) => return *line = moved(*line, rows.saturating_sub(1)),
            Mode::Themes(line, _) => {
                let names = theme::Theme::names();
                *line = moved(*line, names.len().saturating_sub(1));
                let theme = names.get(*line).and_then(|n| theme::Theme::builtin(n));
                self.theme = theme.unwrap_or_else(|| self.theme.clone());
                return;
            }
            _ => {}
        }
        let (pane, measure) = (self.pane, self.measure);
        match pane {
            Pane::Prompts if by != 0 => {
                self.selected = moved(self.selected, self.listed.len().saturating_sub(1));
                return;
            }
            Pane::Documents if by != 0 => {
                self.hit = moved(self.hit, self.found.hits.len().saturating_sub(1));
                return;
            }
            _ => {}
        }
        let Some(s) = self.session_mut() else {
            return;
        };
        s.span = None;
        match action {
            NextToken | PreviousToken => s.go_by(by),
            RowDown | RowUp | PageDown | PageUp => {
                if let Some(t) = s.layout.vertical(s.cursor, by) {
                    s.go(t);
                }
            }
            First => s.go(0),
            Last => {
                s.go(usize::MAX);
                s.follow = s.running;
            }
            NextWord | PreviousWord => s.go_word(action == NextWord),
            NextStep | PreviousStep => s.go_step(action == NextStep),
            NextFlag | PreviousFlag => s.go_flag(action == NextFlag, measure),
            _ => {}
        }
    }
}
