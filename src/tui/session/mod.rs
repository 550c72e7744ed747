//! One run of a prompt as the app holds it: its tokens as they come, its trace when it is there, the cursor, and what is found in it.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | the run as it grows and ends |
//! | `measure` | what colors it |
//! | `moves` | where the cursor goes |

mod measure;
mod moves;

pub use measure::ShownMeasure;

use std::ops::Range;
use std::sync::Arc;

use super::layout::{Fold, Layout, shown_by};
use crate::run::live::VerbatimSpan;
use crate::run::notes::Completion;
use rotescope_import::reading::step;
use rotescope_report::token_texts;
use rotescope_text::{Growing, SplitBy, sanitize, settled};
use rotescope_trace::{RegionStretch, Step, StepRegion, Token, Trace};

/// A run, and the view of it.
#[derive(Debug, Default)]
pub struct Session {
    /// The job that fills it.
    pub job: u64,
    /// Tokens as they come; those of the trace once it is there.
    live: Vec<Token>,
    /// The tokens as they are shown.
    shown: Vec<String>,
    /// So many of them stay as they are, whatever comes.
    settled: usize,
    pub steps: Vec<Step>,
    /// The output as it grows, cut into steps.
    growing: Growing,
    /// Tokens of the model's `<think>` reasoning, block by block, when the completion is there.
    pub reasoning: Vec<Range<usize>>,
    /// Whether each block of reasoning is shown as one row.
    pub folded: bool,
    pub trace: Option<Arc<Trace>>,
    /// What notes know it by, when it is there, or was.
    pub completion: Option<Completion>,
    /// Whether it came whole from a file.
    pub given: bool,
    /// Whether it is a trace of a file, which can be read again.
    pub saved: bool,
    /// Whether that is not in memory now.
    pub unread: bool,
    /// Tokens with all scores, of all.
    pub attributed: (usize, usize),
    /// Tokens whose local scores come behind them.
    pub waiting: usize,
    pub running: bool,
    pub error: Option<String>,
    pub cursor: usize,
    /// Whether the view follows the last token.
    pub follow: bool,
    /// First row shown.
    pub scroll: usize,
    pub layout: Layout,
    /// The verbatim spans, once they are looked up.
    pub spans: Option<Vec<VerbatimSpan>>,
    /// The one that is gone to.
    pub span: Option<usize>,
    /// What of each step a document has, once that is looked up, or where the trace says it.
    pub regions: Option<Vec<Option<StepRegion>>>,
    /// The run that this one branched from, and at which token.
    pub parent: Option<(u64, usize)>,
}

impl Session {
    pub fn new(job: u64, kept: &[Token], parent: Option<(u64, usize)>, split: SplitBy) -> Session {
        let mut session = Session {
            job,
            follow: true,
            running: true,
            parent,
            growing: Growing::new(split),
            ..Session::default()
        };
        for token in kept {
            session.push(token.clone());
        }
        session
    }

    /// A saved trace.
    pub fn of(job: u64, trace: impl Into<Arc<Trace>>) -> Session {
        let mut session = Session {
            job,
            ..Session::default()
        };
        session.finish(trace, true);
        session
    }

    /// A trace of a file, not yet read.
    pub fn unread(job: u64) -> Session {
        Session {
            job,
            saved: true,
            unread: true,
            ..Session::default()
        }
    }

    /// Gives the memory of a trace back that is in a file; which it is and where the cursor was is kept.
    pub fn forget(&mut self) {
        *self = Session {
            cursor: self.cursor,
            completion: self.completion.take(),
            ..Session::unread(self.job)
        };
    }

    pub fn tokens(&self) -> &[Token] {
        self.trace.as_ref().map_or(&self.live, |t| &t.tokens)
    }

    /// Whether the corpus was asked what it alone would have said.
    pub fn asked_corpus(&self) -> bool {
        self.tokens().iter().any(|t| t.retrieved.is_some())
    }

    /// A token as it is shown, on one line.
    pub fn text(&self, token: usize) -> &str {
        self.shown.get(token).map_or("", String::as_str)
    }

    /// The token that shows the character of this one: one before it where tokens cut a character.
    pub fn shown_by(&self, token: usize) -> usize {
        shown_by(&self.shown, token)
    }

    pub fn token(&self) -> Option<&Token> {
        self.tokens().get(self.cursor)
    }

    /// Shows the live tokens from one on anew: what comes may complete a character.
    fn show_from(&mut self, from: usize) {
        let open = &self.live[from..];
        self.shown.truncate(from);
        self.shown.extend(shown(open));
        self.layout.forget_from(from);
        let raw: Vec<Vec<u8>> = open.iter().map(Token::raw).collect();
        self.settled += settled(&raw);
    }

    /// The next generated token.
    pub fn push(&mut self, token: Token) {
        let changed = self.growing.push(&token.raw());
        self.live.push(token);
        self.show_from(self.settled);
        if self.follow {
            self.cursor = self.live.len() - 1;
        }
        let old = self.steps.split_off(changed.min(self.steps.len()));
        let new = self.growing.steps()[self.steps.len()..].iter();
        self.steps.extend(new.map(step));
        // A step that is as it was keeps what is known of it.
        self.judge(old);
    }

    /// Takes over flags and verdicts of steps, for those that are still cut like that.
    pub fn judge(&mut self, judged: Vec<Step>) {
        for step in judged {
            let at = self
                .steps
                .binary_search_by_key(&step.span[0], |s| s.span[0]);
            if let Some(same) = at.ok().and_then(|i| self.steps.get_mut(i))
                && same.span == step.span
            {
                *same = step;
            }
        }
    }

    /// To what is worth a look in a completion that has just come: where it is most likely wrong, else its beginning. Not where the user has moved.
    pub fn look_here(&mut self) {
        if self.follow {
            let mut flagged = self.steps.iter().filter_map(flagged);
            let there = flagged.find(|&t| !self.hides(t));
            self.go(there.unwrap_or(0));
        }
    }

    /// The whole trace; `done`: nothing more is to come.
    pub fn finish(&mut self, trace: impl Into<Arc<Trace>>, done: bool) {
        let trace = trace.into();
        let tokens = &trace.tokens;
        self.live = Vec::new();
        (self.unread, self.waiting) = (false, 0);
        self.steps.clone_from(&trace.steps);
        let known: Vec<_> = trace.steps.iter().map(|s| s.region.clone()).collect();
        if known.iter().any(Option::is_some) {
            self.regions = Some(known);
        }
        self.shown = shown(tokens);
        self.cursor = self.cursor.min(tokens.len().saturating_sub(1));
        let (had, count) = (!self.reasoning.is_empty(), tokens.len());
        let mut behind = 0;
        let blocks = trace.reasoning_blocks().filter_map(|[from, to]| {
            // A token that holds the end of one block and the beginning of the next belongs to the first.
            let begin = tokens.partition_point(|t| t.span[1] <= from).max(behind);
            let end = tokens.partition_point(|t| t.span[0] < to);
            behind = end.max(behind);
            (begin < end && end < count).then_some(begin..end)
        });
        self.reasoning = blocks.collect();
        if !self.reasoning.is_empty() && !had {
            // Not under the eyes of who reads in it.
            let read_in = |r: &Range<usize>| r.start < self.cursor && self.cursor < r.end;
            self.folded = self.follow || !self.reasoning.iter().any(read_in);
        }
        self.completion = Some(Completion::of(&trace));
        self.trace = Some(trace);
        if done {
            self.running = false;
        }
    }

    /// A token got its mid-range and long-range scores.
    pub fn attribute(&mut self, index: usize, token: Token, done: usize, total: usize) {
        self.attributed = (done, total);
        self.put(index, token);
    }

    /// A token got its local score behind the others, of which so many still wait.
    pub fn local(&mut self, index: usize, token: Token, waiting: usize) {
        self.waiting = waiting;
        self.put(index, token);
    }

    fn put(&mut self, index: usize, token: Token) {
        let tokens = match &mut self.trace {
            Some(trace) => &mut Arc::make_mut(trace).tokens,
            None => &mut self.live,
        };
        if let Some(t) = tokens.get_mut(index) {
            *t = token;
        }
    }

    /// First tokens of the steps.
    pub fn starts(&self) -> Vec<usize> {
        let mut starts: Vec<usize> = self.steps.iter().map(|s| s.tokens[0]).collect();
        starts.dedup();
        match starts.first_mut() {
            Some(first) => *first = 0,
            None => starts.push(0),
        }
        starts
    }

    /// Brings the rows up to date for a width.
    pub fn lay_out(&mut self, width: u16) {
        let (starts, folds) = (self.starts(), self.folds());
        let (shown, count) = (&self.shown, self.tokens().len());
        self.layout
            .update(width, &starts, count, folds, |i| shown[i].as_str());
    }

    /// What stands for the blocks of reasoning while they are folded.
    fn folds(&self) -> Vec<Fold> {
        if !self.folded {
            return Vec::new();
        }
        let fold = |tokens: &Range<usize>| {
            let inside = |s: &&Step| s.tokens[0] < tokens.end && tokens.start < s.tokens[1];
            let flags = match self.steps.iter().filter(inside).filter_map(flagged).count() {
                0 => String::new(),
                n => format!(", ⚑{n}"),
            };
            Fold {
                tokens: tokens.clone(),
                text: format!("▸ reasoning, {} tokens{flags}; Z unfolds", tokens.len()),
            }
        };
        self.reasoning.iter().map(fold).collect()
    }

    /// The output's bytes.
    pub fn output_bytes(&self) -> Vec<u8> {
        self.tokens().iter().flat_map(Token::raw).collect()
    }

    /// The text of a step.
    pub fn step_text(&self, step: usize) -> String {
        let Some(s) = self.steps.get(step) else {
            return String::new();
        };
        let bytes: Vec<u8> = self.tokens()[s.tokens[0]..s.tokens[1]]
            .iter()
            .flat_map(Token::raw)
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// How many tokens the n-gram has whose documents explain a token: its longest matched context and itself.
    pub fn evidence(&self, token: usize) -> Option<usize> {
        let t = self.tokens().get(token)?;
        Some(t.local.as_ref().map_or(0, |l| l.context) + 1)
    }

    /// What of the step of a token a document has, and the stretch of it that the token is in.
    pub fn region(&self, token: usize) -> Option<(&StepRegion, Option<RegionStretch>)> {
        let region = self.regions.as_ref()?.get(self.step_of(token))?.as_ref()?;
        let span = self.tokens().get(token)?.span;
        // A blank before a word is in no stretch, so that any part of a token counts.
        let next = region.covered.partition_point(|s| s.span[1] <= span[0]);
        let within = region.covered.get(next).filter(|s| s.span[0] < span[1]);
        Some((region, within.copied()))
    }

    /// The verbatim span that is gone to.
    pub fn verbatim(&self) -> Option<&VerbatimSpan> {
        self.spans.as_ref()?.get(self.span?)
    }
}

/// Where to look in a step that is flagged or judged wrong.
fn flagged(step: &Step) -> Option<usize> {
    let wrong = step.verdict.as_ref().filter(|v| !v.right);
    let flag = step.flag.as_ref().filter(|f| f.is_raised());
    if wrong.is_none() && flag.is_none() {
        return None;
    }
    let token = wrong
        .and_then(|v| v.tokens.first().copied())
        .or(flag.and_then(|f| f.token));
    Some(token.unwrap_or(step.tokens[0]))
}

/// Tokens as they are shown, on one line.
fn shown(tokens: &[Token]) -> Vec<String> {
    let texts = token_texts(tokens);
    texts
        .iter()
        .map(|t| sanitize::line(t).into_owned())
        .collect()
}
