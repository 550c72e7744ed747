//! The state of the app. Keys become [`super::action::Action`]s, [`App::step`] changes state and says what is to be done outside; views only draw.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | the state |
//! | `engine` | what the engine says, and what it is asked: jobs, lookups |
//! | `mode` | what takes the keys |
//! | `step` | what each action does |
//! | `moves` | moving in what has the focus |
//! | `branches` | another token at the cursor, and what comes of it |
//! | `typing` | what is typed and sent: prompts, searches, filters, file names, commands |
//! | `search` | `/` in the chain, the prompts, the documents |
//! | `lists` | which prompts are listed, in which order, and what a click chooses |

mod branches;
mod engine;
mod lists;
mod mode;
mod moves;
mod search;
mod step;
mod typing;

pub use branches::Branch;
pub use lists::Order;
pub use mode::Mode;
pub use search::{Within, contains};
pub use typing::palette;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::action::Keymap;
use super::compare::Compare;
use super::page::Page;
use super::session::{Measure, Session};
use crate::run::live::{Found, Job, Ready};
use rotescope_report::theme::Theme;
use rotescope_study::perturb::Plan;
use rotescope_text::SplitBy;
use rotescope_trace::Prompt;
use rotescope_trace::{Source, Token, Trace};

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

/// A prompt of the list.
#[derive(Debug, Clone)]
pub struct Entry {
    pub prompt: Prompt,
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
    /// The token of the running chain that is looked at.
    LookAt(usize),
    Documents(Vec<u32>),
    Verbatim(u64, Vec<u32>),
    /// Change a prompt by operators that ask the corpus.
    Change(Box<Prompt>, Plan),
    Copy(String),
    /// Keep a finished trace with those of this run of the app.
    Save(Box<Trace>),
    /// Write a trace to a file of its own, in the format that its name ends in.
    Export(Box<Trace>, PathBuf),
    /// Write a comparison to a file, as `rotescope compare --json` does.
    ExportComparison(Box<rotescope_study::compare::Comparison>, PathBuf),
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
    /// Whether the prompt is.
    pub folded: bool,
    pub compare: Compare,
    pub search: String,
    /// Where `search` was looked for last.
    pub searched: Within,
    pub filter: String,
    pub order: Order,
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
    /// What a step is, as the engine cuts it.
    pub split: SplitBy,
    /// Rows of the chain pane, for paging; set when it is drawn.
    pub page: usize,
    /// Columns of the screen; set when it is drawn.
    pub width: u16,
    /// The token under the mouse.
    pub hover: Option<usize>,
    pub hint: bool,
    pub broken: Option<String>,
    rate: Rate,
    next_job: u64,
    /// What documents were asked for last.
    asked: Vec<u32>,
    /// Job and token that were said to be looked at last.
    told: Option<(u64, usize)>,
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
    pub fn new(prompts: Vec<Prompt>, theme: Theme, keymap: Keymap) -> App {
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
            compare: Compare::default(),
            search: String::new(),
            searched: Within::default(),
            filter: String::new(),
            order: Order::default(),
            theme,
            keymap,
            ready: None,
            loading: "starting".into(),
            message: None,
            found: Found::default(),
            hit: 0,
            history: Vec::new(),
            mouse: true,
            split: SplitBy::default(),
            page: 10,
            width: 80,
            hover: None,
            hint: false,
            broken: None,
            rate: Rate::default(),
            next_job: 0,
            asked: Vec::new(),
            told: None,
        }
    }

    /// Adds saved traces, each as a prompt that has been run.
    pub fn add_traces(&mut self, traces: Vec<Trace>) {
        for trace in traces {
            let prompt = trace.asked();
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

    /// The chosen document as it is read on this screen.
    pub fn document(&self) -> Option<Page> {
        let width = Self::READING.min(self.width).saturating_sub(2);
        Some(Page::new(self.found.hits.get(self.hit)?, width))
    }

    /// Columns that a document takes, with its frame.
    pub const READING: u16 = 110;

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
}

/// How many steps are flagged or judged wrong.
pub fn flags(s: &Session) -> usize {
    let bad = |s: &&rotescope_trace::Step| {
        s.flag
            .as_ref()
            .is_some_and(rotescope_trace::Flag::is_raised)
            || s.verdict.as_ref().is_some_and(|v| !v.right)
    };
    s.steps.iter().filter(bad).count()
}
