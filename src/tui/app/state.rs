//! All that the app knows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::columns::Order;
use super::entry::PromptEntry;
use super::notes::Notes;
use crate::run::command::Places;
use crate::run::lab::turned::Turned;
use crate::run::live::{FoundDocuments, Passage, Ready};
use crate::run::notes::Note;
use crate::tui::action::Keymap;
use crate::tui::compare::state::Compare;
use crate::tui::heat::view::HeatView;
use crate::tui::page::Page;
use crate::tui::records::view::Records;
use crate::tui::search::Within;
use crate::tui::session::{Session, ShownMeasure};
use rotescope_report::chart::Chart;
use rotescope_report::theme::Theme;
use rotescope_text::SplitBy;
use rotescope_trace::Prompt;
use rotescope_trace::{Source, Token};

/// The parts of the screen that can have the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    #[default]
    Prompts,
    Completion,
    Token,
    Documents,
}

impl Pane {
    pub const ALL: [Pane; 4] = [
        Pane::Prompts,
        Pane::Completion,
        Pane::Token,
        Pane::Documents,
    ];
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
    pub entries: Vec<PromptEntry>,
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
    /// The candidate that is being chosen for the token at the cursor.
    pub choosing: Option<usize>,
    /// The document that is open: the first row shown.
    pub reading: Option<usize>,
    /// Whether something lies over the panes, so that nothing else should open by itself.
    pub covered: bool,
    pub measure: ShownMeasure,
    pub sort: SortBy,
    /// Whether the prompt is.
    pub folded: bool,
    pub compare: Compare,
    /// Heat maps, where the app was opened on them.
    pub heat: Option<HeatView>,
    /// Records of other kinds, where the app was opened on them.
    pub records: Option<Records>,
    pub lab: LabPicture,
    pub search: String,
    /// Where `search` was looked for last.
    pub searched: Within,
    pub filter: String,
    pub order: Order,
    /// Bookmarks and notes of what is listed.
    pub notes: Notes,
    /// Where the files of this run of the app lie.
    pub places: Places,
    pub theme: Theme,
    pub keymap: Keymap,
    pub ready: Option<Ready>,
    pub loading: String,
    pub message: Option<(String, Instant)>,
    pub found: Arc<FoundDocuments>,
    /// The document at the cursor.
    pub hit: usize,
    /// Words typed before, newest last.
    pub history: Vec<String>,
    pub mouse: bool,
    /// How long work takes at least whose end rings the bell; of none, if not given.
    pub bell: Option<Duration>,
    /// What a step is, as the engine cuts it.
    pub split: SplitBy,
    /// What is being done beside the screen: the task, what it is for people, and since when.
    pub work: Vec<(u64, String, Instant)>,
    /// Rows of the completion, for paging; set when it is drawn.
    pub page: usize,
    /// Columns of the completion's text; set when it is drawn.
    pub columns: u16,
    /// Columns of the screen; set when it is drawn.
    pub width: u16,
    /// The token under the mouse.
    pub hover: Option<usize>,
    pub hint: bool,
    pub broken: Option<String>,
    pub(super) rate: Rate,
    /// When the running session began.
    pub(super) began: Instant,
    pub(super) next_job: u64,
    pub(super) next_task: u64,
    /// What documents were asked for last.
    pub(super) asked: Passage,
    /// The job whose verbatim spans were asked for last.
    pub(super) asked_spans: Option<u64>,
    /// The job whose regions were asked for last.
    pub(super) asked_regions: Option<u64>,
    /// Job and token that were said to be looked at last.
    pub(super) told: Option<(u64, usize)>,
    /// Prompts that fit what was typed to find one, best first, and the task that has found them.
    pub(in crate::tui) matched: (u64, Vec<usize>),
    /// A note whose completion is looked for among those that are not read.
    pub(super) sought: Option<Note>,
    /// The newest search.
    pub(super) searching: Option<(u64, Looked)>,
    /// The session whose trace is being read.
    pub(super) awaited: Option<usize>,
    /// Sessions whose traces were read from files, the longest unused first.
    pub(super) read: Vec<usize>,
}

/// A world of a lab.
#[derive(Debug, Default)]
pub struct LabPicture {
    /// The world that is looked at.
    pub wanted: Option<Turned>,
    /// The one that was asked for last.
    pub(super) asked: Option<Turned>,
    /// The one that was measured last, and its picture.
    pub drawn: Option<(Turned, Box<Chart>)>,
}

/// What a search looks through: its match is gone to only where that is still on screen.
#[derive(Debug)]
pub(super) enum Looked {
    Job(u64),
    /// The entries, as they were listed.
    Listed(Vec<usize>),
    Found(Arc<FoundDocuments>),
}

/// Tokens per second over the last moments.
#[derive(Debug, Default)]
pub(super) struct Rate {
    pub since: Option<Instant>,
    pub tokens: usize,
    pub shown: f64,
}

/// How long a message stays.
const MESSAGE: Duration = Duration::from_secs(6);

impl App {
    pub fn new(prompts: Vec<Prompt>, theme: Theme, keymap: Keymap) -> App {
        let entries: Vec<PromptEntry> = prompts.into_iter().map(PromptEntry::of).collect();
        App {
            listed: (0..entries.len()).collect(),
            entries,
            selected: 0,
            sessions: Vec::new(),
            queue: Vec::new(),
            running: None,
            pane: Pane::Prompts,
            choosing: None,
            reading: None,
            covered: false,
            measure: ShownMeasure::Stim,
            sort: SortBy::Probability,
            folded: true,
            compare: Compare::default(),
            heat: None,
            records: None,
            lab: LabPicture::default(),
            search: String::new(),
            searched: Within::default(),
            filter: String::new(),
            order: Order::default(),
            notes: Notes::default(),
            places: Places::default(),
            theme,
            keymap,
            ready: None,
            loading: "starting".into(),
            message: None,
            found: Arc::default(),
            hit: 0,
            history: Vec::new(),
            mouse: true,
            bell: None,
            split: SplitBy::default(),
            work: Vec::new(),
            page: 10,
            columns: 80,
            width: 80,
            hover: None,
            hint: false,
            broken: None,
            rate: Rate::default(),
            began: Instant::now(),
            next_job: 0,
            next_task: 1,
            asked: Passage::default(),
            asked_spans: None,
            asked_regions: None,
            told: None,
            matched: (0, Vec::new()),
            sought: None,
            searching: None,
            awaited: None,
            read: Vec::new(),
        }
    }

    pub fn entry(&self) -> Option<&PromptEntry> {
        self.entries.get(*self.listed.get(self.selected)?)
    }

    /// Place of the session on screen.
    pub(super) fn shown(&self) -> Option<usize> {
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
        Some(Page::new(
            self.found.hits.get(self.hit)?,
            self.reading_width(),
        ))
    }

    /// Columns of its text.
    pub(super) fn reading_width(&self) -> u16 {
        Self::READING.min(self.width).saturating_sub(2)
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
        if let SortBy::Count(s) = self.sort {
            let count = |i: usize| c.counts(s).get(i).unwrap_or(0.0);
            order.sort_by(|&a, &b| count(b).total_cmp(&count(a)));
        }
        order
    }
}
