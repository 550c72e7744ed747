//! How far a build is.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::error::CorpusError;

/// What a build is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading and encoding; measured in bytes of the input files.
    Reading,
    /// Sorting suffixes; measured in tokens.
    Sorting,
    /// Hashing the files of the index; measured in bytes.
    Hashing,
}

/// How far a build is.
#[derive(Debug, Clone, Copy)]
pub struct Status {
    pub phase: Phase,
    /// Of the phase, in its own unit.
    pub done: u64,
    pub total: u64,
    /// So far, in all.
    pub documents: u64,
    pub tokens: u64,
    /// Of text, as UTF-8.
    pub bytes: u64,
    pub elapsed: Duration,
    /// Of the phase, at the rate so far.
    pub left: Option<Duration>,
    /// Of the reading phase.
    pub tokens_per_second: f64,
}

/// What a build that was killed has left, and another goes on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// So many documents and tokens are read, encoded and in its files.
    pub documents: u64,
    pub tokens: u64,
    /// Parts of the tokens, each sorted by itself, and how many of them are.
    pub parts: usize,
    pub sorted: usize,
}

/// Is told how far a build is.
pub trait BuildProgress {
    /// Called often (every batch). `Break` stops the build and removes what it made, unless it is so much that another build may go on with it.
    fn report(&mut self, status: &Status) -> ControlFlow<()>;

    /// The build goes on with what an earlier one left.
    fn goes_on(&mut self, _: &Earlier) {}
}

/// For those who do not want to know.
impl BuildProgress for () {
    fn report(&mut self, _: &Status) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Counts and times, handed on to [`BuildProgress`].
pub(super) struct Clock<'a> {
    progress: &'a mut dyn BuildProgress,
    start: Instant,
    phase: Phase,
    phase_start: Instant,
    reading: Option<Duration>,
    pub(super) documents: u64,
    pub(super) tokens: u64,
    pub(super) bytes: u64,
    /// Tokens that an earlier build read.
    before: u64,
}

impl<'a> Clock<'a> {
    pub(super) fn new(progress: &'a mut dyn BuildProgress) -> Self {
        let now = Instant::now();
        Self {
            progress,
            start: now,
            phase: Phase::Reading,
            phase_start: now,
            reading: None,
            documents: 0,
            tokens: 0,
            bytes: 0,
            before: 0,
        }
    }

    /// Begins with what an earlier build left, of which the documents come once more.
    pub(super) fn go_on(&mut self, earlier: &Earlier) {
        self.tokens = earlier.tokens;
        self.before = earlier.tokens;
        self.progress.goes_on(earlier);
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    pub(super) fn enter(&mut self, phase: Phase) {
        if self.phase == Phase::Reading {
            self.reading = Some(self.phase_start.elapsed());
        }
        self.phase = phase;
        self.phase_start = Instant::now();
    }

    pub(super) fn report(&mut self, done: u64, total: u64) -> Result<(), CorpusError> {
        let in_phase = self.phase_start.elapsed();
        let reading = self.reading.unwrap_or(in_phase).as_secs_f64();
        let left = (done > 0 && total >= done)
            .then(|| in_phase.mul_f64((total - done) as f64 / done as f64));
        let status = Status {
            phase: self.phase,
            done,
            total,
            documents: self.documents,
            tokens: self.tokens,
            bytes: self.bytes,
            elapsed: self.start.elapsed(),
            left,
            tokens_per_second: (self.tokens - self.before) as f64 / reading.max(1e-9),
        };
        match self.progress.report(&status) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(CorpusError::Stopped),
        }
    }
}
