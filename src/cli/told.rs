//! How far a run is that counts one kind of thing, on standard error: a line drawn anew on a terminal, elsewhere a line now and then, ever more seldom.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use crate::say;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rotescope_text::sanitize;

/// Until then nothing is said.
const SILENCE: Duration = Duration::from_secs(2);
/// Between two lines where there is no terminal, at least and at most; between that, half the time that has passed.
const LINES: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(60)];

/// Tells how far a run is.
pub struct Told {
    what: &'static str,
    total: Option<usize>,
    done: usize,
    /// Done before this run, which says nothing of its speed.
    before: usize,
    began: Instant,
    next: Duration,
    bar: Option<ProgressBar>,
    quiet: bool,
}

impl Told {
    /// `what`: is counted; `total`: of it, where that is known.
    pub fn start(what: &'static str, total: Option<usize>, quiet: bool) -> Told {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        Told {
            what,
            total,
            done: 0,
            before: 0,
            began: Instant::now(),
            next: SILENCE,
            bar,
            quiet,
        }
    }

    /// What an earlier run did.
    pub fn skip(&mut self, n: usize) {
        (self.done, self.before) = (self.done + n, self.before + n);
    }

    /// So many more are done; `more`: what else there is to say.
    pub fn step(&mut self, n: usize, more: &str) {
        self.done += n;
        let passed = self.began.elapsed();
        if self.quiet || passed < self.next {
            return;
        }
        let line = self.line(passed, more);
        match &self.bar {
            Some(bar) => bar.set_message(sanitize::line(&line).into_owned()),
            None => {
                say!("{line}");
                self.next = passed + (passed / 2).clamp(LINES[0], LINES[1]);
            }
        }
    }

    fn line(&self, passed: Duration, more: &str) -> String {
        let mut line = match self.total {
            Some(total) => format!("{} of {total} {}", self.done, self.what),
            None => format!("{} {}", self.done, self.what),
        };
        if !more.is_empty() {
            line += &format!("; {more}");
        }
        let rate = (self.done - self.before) as f64 / passed.as_secs_f64().max(1e-3);
        if let Some(left) = self
            .total
            .map(|t| t.saturating_sub(self.done))
            .filter(|_| rate > 0.0)
        {
            let seconds = left as f64 / rate;
            line += &match seconds {
                s if s < 99.5 => format!("; about {s:.0} s left"),
                s if s < 5970.0 => format!("; about {:.0} min left", s / 60.0),
                s => format!("; about {:.1} h left", s / 3600.0),
            };
        }
        line
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_is_left_by_what_this_run_did() {
        let mut told = Told::start("windows", Some(100), true);
        told.skip(50);
        told.step(10, "");
        let said = told.line(Duration::from_secs(20), "1,000 tokens/s");
        assert_eq!(said, "60 of 100 windows; 1,000 tokens/s; about 80 s left");
        let mut told = Told::start("windows", None, true);
        told.step(3, "");
        assert_eq!(told.line(Duration::from_secs(9), ""), "3 windows");
    }
}
