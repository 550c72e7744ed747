//! How far a run is that counts one kind of thing.

use std::time::{Duration, Instant};

use super::telling::{PROGRESS, ProgressRecord, Telling, Work, rate, span};
use rotescope_text::number::grouped;

/// Tells how far a run is, until it is dropped.
pub struct Told {
    counted: Counted,
    telling: Telling,
}

struct Counted {
    what: &'static str,
    total: Option<usize>,
    done: usize,
    /// Done before this run, which says nothing of its speed.
    before: usize,
    note: String,
    began: Instant,
}

impl Told {
    /// `what`: is counted; `total`: of it, where that is known.
    pub fn start(what: &'static str, total: Option<usize>, quiet: bool) -> Told {
        let counted = Counted {
            what,
            total,
            done: 0,
            before: 0,
            note: String::new(),
            began: Instant::now(),
        };
        let mut telling = Telling::start(quiet);
        telling.tell(&counted);
        Told { counted, telling }
    }

    /// What an earlier run did.
    pub fn skip(&mut self, n: usize) {
        self.counted.done += n;
        self.counted.before += n;
    }

    /// So many more are done; `more`: what else there is to say.
    pub fn step(&mut self, n: usize, more: &str) {
        self.reach(self.counted.done + n, self.counted.before, more);
    }

    /// So many are done by now, `before` of them by an earlier run; `more`: what else there is to say.
    pub fn reach(&mut self, done: usize, before: usize, more: &str) {
        (self.counted.done, self.counted.before) = (done, before);
        self.counted.note.clear();
        self.counted.note.push_str(more);
        self.telling.tell(&self.counted);
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.telling.end(&self.counted);
    }
}

impl Counted {
    fn rate(&self, passed: Duration) -> Option<f64> {
        rate(self.done.saturating_sub(self.before), passed)
    }

    /// Seconds that the rest takes at this rate.
    fn left(&self, passed: Duration) -> Option<f64> {
        let left = self.total?.saturating_sub(self.done);
        Some(left as f64 / self.rate(passed)?)
    }
}

impl Work for Counted {
    fn line(&self, now: Instant) -> String {
        let done = grouped(self.done as u64);
        let mut line = match self.total {
            Some(total) => format!("{done} of {} {}", grouped(total as u64), self.what),
            None => format!("{done} {}", self.what),
        };
        if let Some(left) = self.left(now - self.began) {
            line += &format!("; about {} left", span(left));
        }
        // Last, for a narrow terminal cuts the line.
        if !self.note.is_empty() {
            line += &format!("; {}", self.note);
        }
        line
    }

    fn record(&self, now: Instant) -> ProgressRecord {
        let passed = now - self.began;
        ProgressRecord {
            schema: PROGRESS,
            what: self.what,
            done: self.done,
            total: self.total,
            rate: self.rate(passed),
            seconds: passed.as_secs_f64(),
            left: self.left(passed),
            note: self.note.clone(),
            ..ProgressRecord::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_by_what_this_run_did() {
        let mut told = Told::start("windows", Some(1100), true);
        told.skip(1050);
        told.step(10, "1 000 tokens/s");
        let now = told.counted.began + Duration::from_secs(20);
        let said = told.counted.line(now);
        assert_eq!(
            said,
            "1 060 of 1 100 windows; about 80 s left; 1 000 tokens/s"
        );
        let record = told.counted.record(now);
        let want = ProgressRecord {
            schema: PROGRESS,
            what: "windows",
            done: 1060,
            total: Some(1100),
            rate: Some(0.5),
            seconds: 20.0,
            left: Some(80.0),
            note: "1 000 tokens/s".into(),
            ..ProgressRecord::default()
        };
        assert_eq!(record, want);
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        let mut told = Told::start("windows", None, true);
        let after = |told: &Told| {
            told.counted
                .record(told.counted.began + Duration::from_secs(9))
        };
        assert_eq!((after(&told).rate, after(&told).left), (None, None));
        told.reach(3, 0, "");
        let now = told.counted.began + Duration::from_secs(9);
        assert_eq!(told.counted.line(now), "3 windows");
        assert_eq!(after(&told).left, None);
    }
}
