//! One run of a prompt as the app holds it: its tokens as they come, its trace when it is there, the cursor, and what is found in it.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | the run as it grows and ends |
//! | `measure` | what colors it |
//! | `moves` | where the cursor goes |

mod measure;
mod moves;

pub use measure::Measure;

use std::ops::Range;

use super::layout::{Fold, Layout};
use crate::run::live::VerbatimSpan;
use crate::run::reading::step;
use rotescope_text::{Growing, SplitBy, sanitize};
use rotescope_trace::{Step, Token, Trace};

/// A run, and the view of it.
#[derive(Debug, Default)]
pub struct Session {
    /// The job that fills it.
    pub job: u64,
    pub tokens: Vec<Token>,
    /// The tokens as they are shown.
    shown: Vec<String>,
    pub steps: Vec<Step>,
    /// The output as it grows, cut into steps.
    growing: Growing,
    /// Tokens of the model's `<think>` reasoning, when the chain is there.
    pub reasoning: Option<Range<usize>>,
    /// Whether the reasoning is shown as one row.
    pub folded: bool,
    pub trace: Option<Box<Trace>>,
    /// Tokens with all scores, of all.
    pub attributed: (usize, usize),
    pub running: bool,
    pub error: Option<String>,
    pub cursor: usize,
    /// Whether the view follows the last token.
    pub follow: bool,
    /// First row shown.
    pub scroll: usize,
    pub layout: Layout,
    pub spans: Vec<VerbatimSpan>,
    pub span: Option<usize>,
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
    pub fn of(job: u64, trace: Trace) -> Session {
        let mut session = Session {
            job,
            ..Session::default()
        };
        session.finish(trace, true);
        session
    }

    /// A token as it is shown, on one line.
    pub fn text(&self, token: usize) -> &str {
        self.shown.get(token).map_or("", String::as_str)
    }

    pub fn token(&self) -> Option<&Token> {
        self.tokens.get(self.cursor)
    }

    /// The next generated token.
    pub fn push(&mut self, token: Token) {
        let changed = self.growing.push(&token.raw());
        self.shown.push(sanitize::token(&token.raw()));
        self.tokens.push(token);
        if self.follow {
            self.cursor = self.tokens.len() - 1;
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

    /// To what is worth a look in a chain that has just come: where it is most likely wrong, else its beginning. Not where the user has moved.
    pub fn look_here(&mut self) {
        if self.follow {
            let mut flagged = self.steps.iter().filter_map(flagged);
            let there = flagged.find(|&t| !self.hides(t));
            self.go(there.unwrap_or(0));
        }
    }

    /// The whole trace; `done`: nothing more is to come.
    pub fn finish(&mut self, trace: Trace, done: bool) {
        self.tokens.clone_from(&trace.tokens);
        self.steps.clone_from(&trace.steps);
        self.shown = self
            .tokens
            .iter()
            .map(|t| sanitize::token(&t.raw()))
            .collect();
        self.cursor = self.cursor.min(self.tokens.len().saturating_sub(1));
        let (had, count) = (self.reasoning.is_some(), self.tokens.len());
        self.reasoning = trace.reasoning.and_then(|[from, to]| {
            let begin = self.tokens.partition_point(|t| t.span[1] <= from);
            let end = self.tokens.partition_point(|t| t.span[0] < to);
            (begin < end && end < count).then_some(begin..end)
        });
        if let Some(r) = self.reasoning.as_ref().filter(|_| !had) {
            // Not under the eyes of who reads in it.
            self.folded = self.follow || self.cursor <= r.start || r.end <= self.cursor;
        }
        self.trace = Some(Box::new(trace));
        if done {
            self.running = false;
        }
    }

    /// A token got its mid-range and long-range scores.
    pub fn attribute(&mut self, index: usize, token: Token, done: usize, total: usize) {
        self.attributed = (done, total);
        if let Some(t) = self.tokens.get_mut(index) {
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
        let (starts, fold) = (self.starts(), self.fold());
        let shown = &self.shown;
        self.layout
            .update(width, &starts, self.tokens.len(), fold, |i| {
                shown[i].as_str()
            });
    }

    /// What stands for the reasoning while it is folded.
    fn fold(&self) -> Option<Fold> {
        let tokens = self.reasoning.clone().filter(|_| self.folded)?;
        let inside = |s: &&Step| s.tokens[0] < tokens.end && tokens.start < s.tokens[1];
        let flags = match self.steps.iter().filter(inside).filter_map(flagged).count() {
            0 => String::new(),
            n => format!(", ⚑{n}"),
        };
        let text = format!("▸ reasoning, {} tokens{flags}; Z unfolds", tokens.len());
        Some(Fold { tokens, text })
    }

    /// The output's bytes.
    pub fn output_bytes(&self) -> Vec<u8> {
        self.tokens.iter().flat_map(Token::raw).collect()
    }

    /// The text of a step.
    pub fn step_text(&self, step: usize) -> String {
        let Some(s) = self.steps.get(step) else {
            return String::new();
        };
        let bytes: Vec<u8> = self.tokens[s.tokens[0]..s.tokens[1]]
            .iter()
            .flat_map(Token::raw)
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The n-gram whose documents explain a token: its longest matched context and itself.
    pub fn evidence(&self, token: usize, prompt: &[u32]) -> Option<Vec<u32>> {
        let t = self.tokens.get(token)?;
        let length = t.local.as_ref().map_or(0, |l| l.context) + 1;
        let own = &self.tokens[(token + 1).saturating_sub(length)..=token];
        let asked = &prompt[prompt.len().saturating_sub(length - own.len())..];
        let own = own.iter().map(|t| t.id);
        Some(asked.iter().copied().chain(own).collect())
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
