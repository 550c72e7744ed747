//! The state of the app. Keys become [`Action`]s, [`App::step`] changes state and says what is to be done outside; views only draw.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::action::{Action, Keymap, TABLE};
use super::editor::Editor;
use super::session::{Measure, Session};
use crate::run::live::{Found, Job, Ready, Update};
use crate::run::prompts::PromptSpec;
use crate::theme::Theme;
use crate::trace::{Source, Token, Trace};

/// The parts of the screen that can have the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    #[default]
    Prompts,
    Chain,
    Token,
    Documents,
}

impl Pane {
    pub const ALL: [Pane; 4] = [Pane::Prompts, Pane::Chain, Pane::Token, Pane::Documents];
}

/// What lies over the panes, or takes the keys.
#[derive(Debug, Default)]
pub enum Mode {
    #[default]
    Normal,
    /// Choosing another candidate for the token at the cursor.
    Candidate(usize),
    /// Writing a prompt.
    Edit(Editor),
    Search(Editor),
    Filter(Editor),
    /// Typing the name of the file that takes the trace.
    Export(Editor),
    /// The palette, and the chosen line.
    Palette(Editor, usize),
    /// First line shown.
    Help(usize),
    /// A document, and the first line shown.
    Document(usize),
}

/// A prompt of the list.
#[derive(Debug, Clone)]
pub struct Entry {
    pub prompt: PromptSpec,
    /// Its sessions: the first run and the branches from it.
    pub sessions: Vec<usize>,
    /// The session shown.
    pub shown: usize,
}

/// What is to be done outside of the app's state.
#[derive(Debug)]
pub enum Effect {
    Run(Box<Job>),
    Cancel,
    Documents(Vec<u32>),
    Verbatim(u64, Vec<u32>),
    Copy(String),
    /// Keep a finished trace with those of this run of the app.
    Save(Box<Trace>),
    /// Write a trace to a file of its own, in the format that its name ends in.
    Export(Box<Trace>, PathBuf),
    Mouse(bool),
    Suspend,
    Quit,
}

/// How the candidates are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortBy {
    #[default]
    Probability,
    Count(Source),
}

/// All that the app knows.
pub struct App {
    pub entries: Vec<Entry>,
    /// Entries listed, after the filter.
    pub listed: Vec<usize>,
    /// Place in `listed`.
    pub selected: usize,
    pub sessions: Vec<Session>,
    /// Prompts that wait to be run.
    pub queue: Vec<usize>,
    /// The session that is being filled.
    pub running: Option<usize>,
    pub pane: Pane,
    pub mode: Mode,
    pub measure: Measure,
    pub sort: SortBy,
    pub folded: bool,
    pub search: String,
    pub filter: String,
    pub theme: Theme,
    pub keymap: Keymap,
    pub ready: Option<Ready>,
    pub loading: String,
    pub message: Option<(String, Instant)>,
    pub found: Found,
    /// The document at the cursor.
    pub hit: usize,
    /// Words typed before, newest last.
    pub history: Vec<String>,
    pub mouse: bool,
    /// Rows of the chain pane, for paging; set when it is drawn.
    pub page: usize,
    pub hint: bool,
    pub broken: Option<String>,
    rate: Rate,
    next_job: u64,
    /// What documents were asked for last.
    asked: Vec<u32>,
}

/// Tokens per second over the last moments.
#[derive(Debug, Default)]
struct Rate {
    since: Option<Instant>,
    tokens: usize,
    shown: f64,
}

/// How long a message stays.
const MESSAGE: Duration = Duration::from_secs(6);

impl App {
    pub fn new(prompts: Vec<PromptSpec>, theme: Theme, keymap: Keymap) -> App {
        let entry = |prompt| Entry {
            prompt,
            sessions: Vec::new(),
            shown: 0,
        };
        let entries: Vec<Entry> = prompts.into_iter().map(entry).collect();
        App {
            listed: (0..entries.len()).collect(),
            entries,
            selected: 0,
            sessions: Vec::new(),
            queue: Vec::new(),
            running: None,
            pane: Pane::Prompts,
            mode: Mode::Normal,
            measure: Measure::Stim,
            sort: SortBy::Probability,
            folded: true,
            search: String::new(),
            filter: String::new(),
            theme,
            keymap,
            ready: None,
            loading: "starting".into(),
            message: None,
            found: Found::default(),
            hit: 0,
            history: Vec::new(),
            mouse: true,
            page: 10,
            hint: false,
            broken: None,
            rate: Rate::default(),
            next_job: 0,
            asked: Vec::new(),
        }
    }

    /// Adds saved traces, each as a prompt that has been run.
    pub fn add_traces(&mut self, traces: Vec<Trace>) {
        for trace in traces {
            let prompt = spec(&trace);
            self.sessions.push(Session::of(self.next_job, trace));
            self.next_job += 1;
            self.entries.push(Entry {
                prompt,
                sessions: vec![self.sessions.len() - 1],
                shown: 0,
            });
        }
        self.list();
    }

    pub fn entry(&self) -> Option<&Entry> {
        self.entries.get(*self.listed.get(self.selected)?)
    }

    fn shown(&self) -> Option<usize> {
        let entry = self.entry()?;
        entry.sessions.get(entry.shown).copied()
    }

    /// The session on screen.
    pub fn session(&self) -> Option<&Session> {
        self.sessions.get(self.shown()?)
    }

    pub fn session_mut(&mut self) -> Option<&mut Session> {
        let shown = self.shown()?;
        self.sessions.get_mut(shown)
    }

    /// Generated tokens per second while something is generated.
    pub fn tokens_per_second(&self) -> f64 {
        self.rate.shown
    }

    pub fn say(&mut self, text: impl Into<String>) {
        self.message = Some((text.into(), Instant::now()));
    }

    /// Drops a message that has been read; whether the screen changed.
    pub fn tick(&mut self) -> bool {
        let old = self
            .message
            .as_ref()
            .is_some_and(|(_, at)| at.elapsed() > MESSAGE);
        if old {
            self.message = None;
        }
        old
    }

    // -- what the engine says ---------------------------------------------------------------------------------------------------

    /// Takes in what the threads say.
    pub fn update(&mut self, update: Update) -> Vec<Effect> {
        let mut effects = Vec::new();
        match update {
            Update::Loading(what) => self.loading = what,
            Update::Ready(ready) => {
                self.ready = Some(ready);
                self.loading.clear();
                effects.extend(self.look_up());
                effects.extend(self.run_next());
            }
            Update::Broken(error) => self.broken = Some(error),
            Update::Reading { done, total, .. } => {
                self.loading = if done < total {
                    format!("reading the prompt, {done} of {total} tokens")
                } else {
                    String::new()
                };
            }
            Update::Token { job, token } => {
                self.count();
                if let Some(s) = self.of(job) {
                    s.push(*token);
                }
            }
            Update::Generated { job, trace } => {
                let ids: Vec<u32> = trace.tokens.iter().map(|t| t.id).collect();
                if let Some(s) = self.of(job) {
                    s.finish(*trace, false);
                    s.look_here();
                    effects.push(Effect::Verbatim(job, ids));
                }
                self.rate = Rate::default();
                effects.extend(self.look_up());
            }
            Update::Attributed {
                job,
                index,
                token,
                done,
                total,
            } => {
                if let Some(s) = self.of(job) {
                    s.attribute(index, *token, done, total);
                }
            }
            Update::Finished { job, trace } => {
                if trace.finish != "cancelled" {
                    effects.push(Effect::Save(trace.clone()));
                }
                let spans = self.of(job).is_some_and(|s| s.spans.is_empty());
                if spans {
                    let ids = trace.tokens.iter().map(|t| t.id).collect();
                    effects.push(Effect::Verbatim(job, ids));
                }
                if let Some(s) = self.of(job) {
                    s.finish(*trace, true);
                    s.look_here();
                }
                effects.extend(self.over(job));
            }
            Update::Failed { job, error } => {
                if let Some(s) = self.of(job) {
                    s.error = Some(error.clone());
                    s.running = false;
                }
                self.say(error);
                effects.extend(self.over(job));
            }
            Update::Found(found) => {
                if found.ngram == self.asked {
                    self.found = found;
                    self.hit = 0;
                }
            }
            Update::Verbatim { job, spans } => {
                if let Some(s) = self.of(job) {
                    s.spans = spans;
                }
            }
        }
        effects
    }

    fn count(&mut self) {
        let since = *self.rate.since.get_or_insert_with(Instant::now);
        self.rate.tokens += 1;
        let seconds = since.elapsed().as_secs_f64();
        if seconds > 0.05 {
            self.rate.shown = self.rate.tokens as f64 / seconds;
        }
    }

    fn of(&mut self, job: u64) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|s| s.job == job)
    }

    fn over(&mut self, job: u64) -> Vec<Effect> {
        if self.running.is_some_and(|r| self.sessions[r].job == job) {
            self.running = None;
            self.rate = Rate::default();
        }
        let mut effects = self.look_up();
        effects.extend(self.run_next());
        effects
    }

    fn run_next(&mut self) -> Vec<Effect> {
        if self.running.is_some() || self.ready.is_none() || self.queue.is_empty() {
            return Vec::new();
        }
        let entry = self.queue.remove(0);
        self.start(entry, Vec::new(), None)
    }

    // -- what the user does -----------------------------------------------------------------------------------------------------

    /// Runs an entry, or goes on with it from tokens that are kept.
    fn start(
        &mut self,
        entry: usize,
        kept: Vec<Token>,
        parent: Option<(u64, usize)>,
    ) -> Vec<Effect> {
        if self.ready.is_none() {
            if !self.queue.contains(&entry) {
                self.queue.push(entry);
            }
            self.say("the model is still being loaded; the prompt waits");
            return Vec::new();
        }
        if let Some(r) = self.running.take() {
            self.sessions[r].running = false;
        }
        let id = self.next_job;
        self.next_job += 1;
        self.rate = Rate::default();
        self.sessions.push(Session::new(id, &kept, parent));
        let session = self.sessions.len() - 1;
        self.running = Some(session);
        let e = &mut self.entries[entry];
        if parent.is_none() {
            e.sessions.clear();
        }
        e.sessions.push(session);
        e.shown = e.sessions.len() - 1;
        let first = match parent {
            Some((_, token)) => self.sessions[session].step_of(token),
            None => 0,
        };
        vec![Effect::Run(Box::new(Job {
            id,
            prompt: self.entries[entry].prompt.clone(),
            kept,
            first,
        }))]
    }

    /// Takes another candidate for the token at the cursor and goes on from there.
    fn branch(&mut self, candidate: usize) -> Vec<Effect> {
        let Some(entry) = self.listed.get(self.selected).copied() else {
            return Vec::new();
        };
        let Some(session) = self.session() else {
            return Vec::new();
        };
        let at = session.cursor;
        let Some(token) = session.token() else {
            return Vec::new();
        };
        let c = &token.candidates;
        let order = self.candidate_order(token);
        let Some(&i) = order.get(candidate) else {
            return Vec::new();
        };
        let text = c.text[i].clone();
        let other = Token {
            id: c.ids[i],
            skipped: crate::text::scored(&text)
                .err()
                .map(|s| s.name().to_string()),
            bytes: None,
            p: c.p[i],
            rank: 1 + c.p.iter().filter(|p| **p > c.p[i]).count() as u32,
            candidates: crate::trace::Candidates {
                local: Vec::new(),
                mid: Vec::new(),
                long: Vec::new(),
                ..c.clone()
            },
            local: None,
            mid: None,
            long: None,
            measures: Default::default(),
            cause: None,
            text,
            ..token.clone()
        };
        if other.text.contains('\u{FFFD}') {
            self.say("this candidate is a piece of a character; it cannot be taken alone");
            return Vec::new();
        }
        let mut kept = session.tokens[..at].to_vec();
        kept.push(other);
        let parent = (session.job, at);
        self.pane = Pane::Chain;
        self.start(entry, kept, Some(parent))
    }

    /// Indices of a token's candidates in the order that the inspector shows.
    pub fn candidate_order(&self, token: &Token) -> Vec<usize> {
        let c = &token.candidates;
        let mut order: Vec<usize> = (0..c.ids.len()).collect();
        let count = |i: usize, s: Source| match s {
            Source::Local => c.local.get(i).map_or(0.0, |&n| n as f64),
            Source::Mid => c.mid.get(i).copied().unwrap_or(0.0),
            Source::Long => c.long.get(i).copied().unwrap_or(0.0),
        };
        if let SortBy::Count(s) = self.sort {
            order.sort_by(|&a, &b| count(b, s).total_cmp(&count(a, s)));
        }
        order
    }

    /// Whether the documents on screen are not yet those asked for last.
    pub fn looking_up(&self) -> bool {
        self.found.ngram != self.asked
    }

    /// Asks for the documents that explain the token at the cursor, if they are others than those asked for last.
    fn look_up(&mut self) -> Vec<Effect> {
        let Some(s) = self.session() else {
            return Vec::new();
        };
        let ngram = match s.span.and_then(|i| s.spans.get(i)) {
            Some(v) => Some(
                s.tokens[v.tokens[0]..v.tokens[1]]
                    .iter()
                    .map(|t| t.id)
                    .collect(),
            ),
            None => {
                let prompt = s.trace.as_ref().map_or(&[][..], |t| &t.prompt.tokens);
                s.evidence(s.cursor, prompt)
            }
        };
        match ngram {
            Some(n)
                if n != self.asked && self.ready.as_ref().is_some_and(|r| r.index.is_some()) =>
            {
                self.asked.clone_from(&n);
                vec![Effect::Documents(n)]
            }
            _ => Vec::new(),
        }
    }

    /// Does what an action says.
    pub fn step(&mut self, action: Action) -> Vec<Effect> {
        self.hint = false;
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
                self.mode = Mode::Search(Editor::default());
                Vec::new()
            }
            Filter => {
                self.mode = Mode::Filter(Editor::of(&self.filter));
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
                    self.start(entry, Vec::new(), None)
                }
                None => Vec::new(),
            },
            RunAll => {
                self.queue = self.listed.clone();
                self.say(format!("{} prompts wait", self.queue.len()));
                self.run_next()
            }
            Theme => {
                self.next_theme();
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
            self.mode = Mode::Normal;
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

    fn turn_branch(&mut self, forward: bool) {
        let Some(&i) = self.listed.get(self.selected) else {
            return;
        };
        let e = &mut self.entries[i];
        let n = e.sessions.len();
        if n > 1 {
            e.shown = (e.shown + if forward { 1 } else { n - 1 }) % n;
            let text = format!("branch {} of {n}", e.shown + 1);
            self.say(text);
        }
    }

    fn next_theme(&mut self) {
        let names = crate::theme::Theme::names();
        let at = names
            .iter()
            .position(|n| *n == self.theme.name())
            .map_or(0, |i| i + 1);
        if let Some(theme) = crate::theme::Theme::builtin(names[at % names.len()]) {
            self.say(format!("theme: {}", theme.name()));
            self.theme = theme;
        }
    }

    fn next_span(&mut self) {
        let Some(s) = self.session_mut() else {
            return;
        };
        if s.spans.is_empty() {
            self.say("no stretch of four tokens or more stands in the corpus word for word");
            return;
        }
        let next = s.span.map_or(0, |i| (i + 1) % s.spans.len());
        s.span = Some(next);
        let v = s.spans[next].clone();
        let count = s.spans.len();
        s.go(v.tokens[0]);
        self.say(format!(
            "word for word in the corpus: stretch {} of {count}, {} tokens, {} times",
            next + 1,
            v.tokens[1] - v.tokens[0],
            v.count
        ));
    }

    fn find(&mut self, forward: bool) {
        let text = self.search.clone();
        let Some(s) = self.session_mut() else {
            return;
        };
        match s.find(&text, forward) {
            Some(token) => s.go(token),
            None => self.say(format!("not in the chain: {text}")),
        }
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
        if let Mode::Candidate(i) = self.mode {
            self.mode = Mode::Normal;
            return self.branch(i);
        }
        match self.pane {
            Pane::Prompts if self.session().is_some() => {
                self.pane = Pane::Chain;
                Vec::new()
            }
            Pane::Prompts => self.step(Action::RunPrompt),
            Pane::Documents if !self.found.hits.is_empty() => {
                self.mode = Mode::Document(0);
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
        match &mut self.mode {
            Mode::Candidate(i) => return *i = moved(*i, candidates.saturating_sub(1)),
            Mode::Help(line) => return *line = moved(*line, TABLE.len()),
            Mode::Document(line) => {
                let lines = self
                    .found
                    .hits
                    .get(self.hit)
                    .map_or(0, |h| h.text.len() / 20);
                return *line = moved(*line, lines);
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

    // -- text that is typed -----------------------------------------------------------------------------------------------------

    /// Whether typed text goes into a line or an editor.
    pub fn typing(&self) -> bool {
        matches!(
            self.mode,
            Mode::Edit(_) | Mode::Search(_) | Mode::Filter(_) | Mode::Export(_) | Mode::Palette(..)
        )
    }

    /// What a line that was typed does when it is sent.
    pub fn sent(&mut self) -> Vec<Effect> {
        match std::mem::take(&mut self.mode) {
            Mode::Edit(editor) => {
                let text = editor.text().trim().to_string();
                if text.is_empty() {
                    return Vec::new();
                }
                self.history.push(text.clone());
                let id = format!("typed-{}", self.history.len());
                self.entries.push(Entry {
                    prompt: PromptSpec {
                        id,
                        question: text,
                        ..Default::default()
                    },
                    sessions: Vec::new(),
                    shown: 0,
                });
                self.filter.clear();
                self.list();
                self.selected = self.listed.len() - 1;
                self.step(Action::RunPrompt)
            }
            Mode::Search(editor) => {
                self.search = editor.text().to_string();
                self.pane = Pane::Chain;
                self.find(true);
                self.look_up()
            }
            Mode::Filter(editor) => {
                self.filter = editor.text().trim().to_string();
                self.list();
                self.selected = 0;
                Vec::new()
            }
            Mode::Export(editor) => match self.session().and_then(|s| s.trace.clone()) {
                Some(trace) if !editor.text().trim().is_empty() => {
                    let path = PathBuf::from(editor.text().trim());
                    vec![Effect::Export(trace, path)]
                }
                _ => Vec::new(),
            },
            Mode::Palette(editor, line) => {
                let chosen = palette(editor.text()).get(line).copied();
                chosen.map_or(Vec::new(), |a| self.step(a))
            }
            other => {
                self.mode = other;
                Vec::new()
            }
        }
    }

    /// Lists the entries that the filter lets through: all its words must be in id, task, split or question, or be a state.
    pub fn list(&mut self) {
        let words: Vec<String> = self
            .filter
            .to_lowercase()
            .split_whitespace()
            .map(String::from)
            .collect();
        let fits = |e: &Entry| {
            let session = e.sessions.get(e.shown).and_then(|&i| self.sessions.get(i));
            let right = session
                .and_then(|s| s.trace.as_ref())
                .and_then(|t| t.answer.right);
            words.iter().all(|w| match w.as_str() {
                "right" => right == Some(true),
                "wrong" => right == Some(false),
                "run" => session.is_some(),
                "flagged" => session.is_some_and(|s| flags(s) > 0),
                w => {
                    let p = &e.prompt;
                    [
                        Some(&p.id),
                        p.task.as_ref(),
                        p.split.as_ref(),
                        Some(&p.question),
                    ]
                    .into_iter()
                    .flatten()
                    .any(|t| t.to_lowercase().contains(w))
                }
            })
        };
        self.listed = (0..self.entries.len())
            .filter(|&i| fits(&self.entries[i]))
            .collect();
        self.selected = self.selected.min(self.listed.len().saturating_sub(1));
    }

    /// First entry listed on a screen of so many rows.
    pub fn first_listed(&self, height: usize) -> usize {
        let from = (self.selected + 1).saturating_sub(height.max(1) * 3 / 4);
        from.min(self.listed.len().saturating_sub(height))
    }

    /// Selects the prompt on a row of the list.
    pub fn click_prompt(&mut self, row: usize, height: usize) -> Vec<Effect> {
        let place = self.first_listed(height) + row;
        if place < self.listed.len() {
            self.selected = place;
        }
        self.look_up()
    }

    /// Selects the document on a row; opens it when it is selected already.
    pub fn click_document(&mut self, row: usize, height: usize) -> Vec<Effect> {
        let place = (self.hit + 1).saturating_sub(height) + row;
        if place == self.hit {
            return self.step(Action::Open);
        }
        self.hit = place.min(self.found.hits.len().saturating_sub(1));
        Vec::new()
    }

    /// Puts the cursor on the token that was clicked.
    pub fn click_chain(&mut self, row: usize, x: u16) -> Vec<Effect> {
        self.pane = Pane::Chain;
        if let Some(s) = self.session_mut()
            && let Some(token) = s.layout.token_at(s.scroll + row, x)
        {
            s.span = None;
            s.go(token);
        }
        self.look_up()
    }
}

/// How many steps are flagged or judged wrong.
pub fn flags(s: &Session) -> usize {
    let bad = |s: &&crate::trace::Step| {
        s.flag.as_ref().is_some_and(|f| f.p >= 0.5) || s.verdict.as_ref().is_some_and(|v| !v.right)
    };
    s.steps.iter().filter(bad).count()
}

/// The actions whose name or description holds the letters of `text` in order, best first.
pub fn palette(text: &str) -> Vec<Action> {
    let wanted: Vec<char> = text.to_lowercase().chars().filter(|c| *c != ' ').collect();
    // The span of the letters in the text: the shorter, the better; names go before descriptions.
    let rank = |s: &str| -> Option<usize> {
        let s: Vec<char> = s.to_lowercase().chars().collect();
        let starts = (0..s.len()).filter(|&i| wanted.first().is_none_or(|c| s[i] == *c));
        starts
            .filter_map(|from| {
                let mut at = from;
                for c in &wanted {
                    at += s[at..].iter().position(|x| x == c)? + 1;
                }
                Some(at - from)
            })
            .min()
    };
    let mut found: Vec<(usize, Action)> = TABLE
        .iter()
        .filter_map(|b| {
            let by_name = rank(b.name);
            let by_text = rank(b.says).map(|r| r + 100);
            Some((by_name.into_iter().chain(by_text).min()?, b.action))
        })
        .collect();
    found.sort_by_key(|(r, _)| *r);
    found.into_iter().map(|(_, a)| a).collect()
}

/// The prompt of a trace, to run it again.
fn spec(trace: &Trace) -> PromptSpec {
    let p = &trace.prompt;
    PromptSpec {
        id: p.id.clone(),
        question: p.question.clone(),
        instruction: p.instruction.clone(),
        examples: p.examples.clone().map(crate::run::prompts::Examples::Text),
        answer: trace.answer.expected.clone(),
        task: p.task.clone(),
        split: p.split.clone(),
        pair: p.pair.clone(),
        raw: false,
        meta: p.meta.clone(),
    }
}
