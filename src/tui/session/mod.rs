//! One run of a prompt as the app holds it: its tokens as they come, its trace when it is there, the cursor, and what is found in it.

use super::layout::Layout;
use crate::run::live::Verbatim;
use crate::text::{SplitBy, sanitize, split_steps, token_spans};
use crate::trace::{Source, Step, Token, Trace};

/// What colors the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Measure {
    /// The published scores: the dominant source, as strong as its score.
    #[default]
    Stim,
    /// The source that the default measure names as the cause.
    Cause,
    /// One published score.
    Only(Source),
}

impl Measure {
    pub fn next(self) -> Measure {
        match self {
            Measure::Stim => Measure::Cause,
            Measure::Cause => Measure::Only(Source::Local),
            Measure::Only(Source::Local) => Measure::Only(Source::Mid),
            Measure::Only(Source::Mid) => Measure::Only(Source::Long),
            Measure::Only(Source::Long) => Measure::Stim,
        }
    }

    /// The name that reports know it by; they do not color by one source alone.
    pub fn key(self) -> &'static str {
        match self {
            Measure::Stim | Measure::Only(_) => "stim",
            Measure::Cause => "cause",
        }
    }

    /// The name for people.
    pub fn name(self) -> String {
        match self {
            Measure::Stim => "STIM, dominant source".into(),
            Measure::Cause => "cause".into(),
            Measure::Only(s) => format!("{s} only"),
        }
    }

    /// Source and score of a token, where there is one above zero.
    pub fn of(self, token: &Token) -> Option<(Source, f64)> {
        let scored = match self {
            Measure::Stim => token.stim_max(),
            Measure::Cause => token.cause.map(|c| (c.source, c.strength)),
            Measure::Only(s) => token.score(s).map(|v| (s, v)),
        };
        scored.filter(|(_, v)| *v > 0.0)
    }
}

/// A run, and the view of it.
#[derive(Debug, Default)]
pub struct Session {
    /// The job that fills it.
    pub job: u64,
    pub tokens: Vec<Token>,
    /// The tokens as they are shown.
    shown: Vec<String>,
    pub steps: Vec<Step>,
    /// Bytes of the output up to the last step that is known to be over, for splitting only the rest.
    output: Vec<u8>,
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
    pub spans: Vec<Verbatim>,
    pub span: Option<usize>,
    /// The run that this one branched from, and at which token.
    pub parent: Option<(u64, usize)>,
}

impl Session {
    pub fn new(job: u64, kept: &[Token], parent: Option<(u64, usize)>) -> Session {
        let mut session = Session {
            job,
            follow: true,
            running: true,
            parent,
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
        self.output.extend_from_slice(&token.raw());
        self.shown.push(sanitize::token(&token.raw()));
        self.tokens.push(token);
        if self.follow {
            self.cursor = self.tokens.len() - 1;
        }
        self.split();
    }

    /// Finds the steps of what is there. Only the last two steps can still change, so only their text is read again.
    fn split(&mut self) {
        self.steps.truncate(self.steps.len().saturating_sub(2));
        let (bytes, first) = self
            .steps
            .last()
            .map_or((0, 0), |s| (s.span[1], s.tokens[1]));
        let text = sanitize::same_offsets(&self.output[bytes..]);
        let steps = split_steps(&text, SplitBy::Sentence);
        let spans: Vec<_> = self.tokens[first..]
            .iter()
            .map(|t| t.span[0].max(bytes) - bytes..t.span[1].max(bytes) - bytes)
            .collect();
        let tokens = token_spans(text.as_bytes(), &steps, &spans);
        let made = steps.iter().zip(tokens).map(|(s, t)| Step {
            span: [bytes + s.start, bytes + s.end],
            tokens: [first + t.start, first + t.end],
            flag: None,
            verdict: None,
        });
        self.steps.extend(made);
    }

    /// To what is worth a look in a chain that has just come: where it is most likely wrong, else its beginning. Not where the user has moved.
    pub fn look_here(&mut self) {
        if self.follow {
            let flagged = self.steps.iter().find_map(flagged);
            self.go(flagged.unwrap_or(0));
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
        let (starts, shown) = (self.starts(), &self.shown);
        self.layout
            .update(width, &starts, self.tokens.len(), |i| shown[i].as_str());
    }

    /// Index of the step that holds a token.
    pub fn step_of(&self, token: usize) -> usize {
        let after = self.steps.partition_point(|s| s.tokens[0] <= token);
        after.saturating_sub(1)
    }

    pub fn go(&mut self, token: usize) {
        self.follow = false;
        self.cursor = token.min(self.tokens.len().saturating_sub(1));
    }

    pub fn go_by(&mut self, by: isize) {
        self.go(self.cursor.saturating_add_signed(by));
    }

    pub fn go_word(&mut self, forward: bool) {
        let begins = |i: usize| {
            let t = self.text(i);
            i == 0 || t.starts_with(' ') && t.len() > 1 || self.text(i - 1) == " "
        };
        let found = if forward {
            (self.cursor + 1..self.tokens.len()).find(|&i| begins(i))
        } else {
            (0..self.cursor).rev().find(|&i| begins(i))
        };
        self.go(found.unwrap_or(if forward { usize::MAX } else { 0 }));
    }

    pub fn go_step(&mut self, forward: bool) {
        let step = self.step_of(self.cursor);
        let at_start = self
            .steps
            .get(step)
            .is_some_and(|s| s.tokens[0] == self.cursor);
        let to = if forward {
            step + 1
        } else if at_start {
            step.saturating_sub(1)
        } else {
            step
        };
        if let Some(s) = self.steps.get(to) {
            self.go(s.tokens[0]);
        }
    }

    /// To the next step that is flagged or judged wrong, at the token that speaks loudest; without flags, to the next token of full strength.
    pub fn go_flag(&mut self, forward: bool, measure: Measure) {
        let mut places: Vec<usize> = self.steps.iter().filter_map(flagged).collect();
        if places.is_empty() {
            let strong = |t: &Token| {
                measure
                    .of(t)
                    .is_some_and(|(_, v)| crate::theme::strength(v) == 5)
            };
            places = (0..self.tokens.len())
                .filter(|&i| strong(&self.tokens[i]))
                .collect();
        }
        let found = if forward {
            places.iter().find(|&&i| i > self.cursor)
        } else {
            places.iter().rev().find(|&&i| i < self.cursor)
        };
        if let Some(&i) = found {
            self.go(i);
        }
    }

    /// The next token, from the cursor on, with whose text `text` begins or goes on; ignores case where `text` has no capitals.
    pub fn find(&self, text: &str, forward: bool) -> Option<usize> {
        let smart = text.chars().any(char::is_uppercase);
        let fold = |s: &str| {
            if smart {
                s.to_string()
            } else {
                s.to_ascii_lowercase()
            }
        };
        let output = fold(&sanitize::same_offsets(&self.output_bytes()));
        let wanted = fold(text);
        if wanted.is_empty() {
            return None;
        }
        let places: Vec<usize> = output
            .match_indices(&wanted)
            .map(|(at, _)| self.tokens.partition_point(|t| t.span[1] <= at))
            .collect();
        let next = if forward {
            places.iter().find(|&&i| i > self.cursor).or(places.first())
        } else {
            places
                .iter()
                .rev()
                .find(|&&i| i < self.cursor)
                .or(places.last())
        };
        next.copied()
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
        let before = prompt
            .iter()
            .copied()
            .chain(self.tokens[..=token].iter().map(|t| t.id));
        let all: Vec<u32> = before.collect();
        Some(all[all.len().saturating_sub(length)..].to_vec())
    }
}

/// Where to look in a step that is flagged or judged wrong.
fn flagged(step: &Step) -> Option<usize> {
    let wrong = step.verdict.as_ref().filter(|v| !v.right);
    let flag = step.flag.as_ref().filter(|f| f.p >= 0.5);
    if wrong.is_none() && flag.is_none() {
        return None;
    }
    let token = wrong
        .and_then(|v| v.tokens.first().copied())
        .or(flag.and_then(|f| f.token));
    Some(token.unwrap_or(step.tokens[0]))
}
