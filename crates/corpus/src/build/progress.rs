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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Told(Vec<Status>);

    impl BuildProgress for Told {
        fn report(&mut self, status: &Status) -> ControlFlow<()> {
            self.0.push(*status);
            match status.total {
                99 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        }
    }

    #[test]
    fn what_is_left_is_told_by_the_rate_of_the_phase_and_tokens_by_that_of_reading() {
        const WAITED: Duration = Duration::from_millis(40);
        let mut told = Told::default();
        let mut clock = Clock::new(&mut told);
        (clock.documents, clock.tokens, clock.bytes) = (3, 600, 70);
        std::thread::sleep(WAITED);
        for (done, total) in [(0, 8), (2, 8), (8, 8), (9, 8)] {
            clock.report(done, total).unwrap();
        }
        let before = Instant::now();
        clock.enter(Phase::Sorting);
        clock.report(1, 5).unwrap();
        let sorting = before.elapsed();
        clock.enter(Phase::Hashing);
        assert!(clock.elapsed() >= WAITED);
        assert!(matches!(clock.report(1, 99), Err(CorpusError::Stopped)));
        let told = told.0;

        let places: Vec<_> = told.iter().map(|s| (s.phase, s.done, s.total)).collect();
        let (reading, sorting_phase, hashing) = (Phase::Reading, Phase::Sorting, Phase::Hashing);
        assert_eq!(
            places,
            [
                (reading, 0, 8),
                (reading, 2, 8),
                (reading, 8, 8),
                (reading, 9, 8),
                (sorting_phase, 1, 5),
                (hashing, 1, 99)
            ]
        );
        for status in &told {
            assert_eq!(
                (status.documents, status.tokens, status.bytes),
                (3, 600, 70)
            );
            assert!(status.elapsed >= WAITED);
        }
        // A quarter is done: three times as long is left.
        let left = told[1].left.unwrap();
        assert!(
            left >= WAITED * 3 && left <= told[1].elapsed * 3,
            "{left:?}"
        );
        assert_eq!((told[0].left, told[3].left), (None, None));
        assert_eq!(told[2].left, Some(Duration::ZERO));
        let left = told[4].left.unwrap();
        assert!(left <= sorting * 4, "{left:?}");
        let rate = told[1].tokens_per_second;
        assert!(rate <= 600.0 / WAITED.as_secs_f64());
        assert!(rate >= 600.0 / told[1].elapsed.as_secs_f64());
        let (sorted, hashed) = (told[4].tokens_per_second, told[5].tokens_per_second);
        assert!(sorted <= rate && sorted == hashed, "{sorted} {hashed}");
    }
}
