//! How far the prompts of a run are, how fast it is, and how long it still takes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use indicatif::ProgressBar;

use super::sources;
use super::telling::{AtWork, PROGRESS, ProgressRecord, Telling, Work, rate, span};
use crate::run::batch::Watch;
use crate::run::pipeline::ScoringEvent;
use crate::say;

/// Tells how far a run is, until it is dropped.
pub struct Progress {
    state: Arc<Mutex<State>>,
    bar: ProgressBar,
    /// Dropped to end the thread that tells.
    stop: Option<Sender<()>>,
    teller: Option<JoinHandle<()>>,
}

/// How far a run is.
#[derive(Debug)]
struct State {
    began: Instant,
    /// Prompts, where their number is known.
    total: Option<usize>,
    /// Tokens of a completion, at most.
    limit: Option<usize>,
    done: usize,
    /// When the last one was.
    last: Option<Instant>,
    /// Of all completions.
    tokens: usize,
    running: BTreeMap<usize, Running>,
}

/// A prompt at work.
#[derive(Debug)]
struct Running {
    id: String,
    tokens: usize,
    /// What is done now, of how much, since when.
    stage: Option<Stage>,
}

#[derive(Debug)]
struct Stage {
    what: &'static str,
    done: usize,
    total: Option<usize>,
    since: Instant,
    /// How much was done then.
    from: usize,
}

const READING: &str = "tokens of the prompt";
const WRITING: &str = "tokens";

impl Progress {
    /// Begins. `total`: prompts, where that is known; `limit`: tokens of a completion, at most, where that is.
    pub fn start(total: Option<usize>, limit: Option<usize>, quiet: bool) -> Progress {
        let state = Arc::new(Mutex::new(State {
            began: Instant::now(),
            total,
            limit,
            done: 0,
            last: None,
            tokens: 0,
            running: BTreeMap::new(),
        }));
        let telling = Telling::start(quiet);
        let bar = telling.bar();
        let (stop, stopped) = bounded(0);
        let tell = {
            let state = state.clone();
            move || tell(&state, telling, &stopped)
        };
        Progress {
            state,
            bar,
            stop: Some(stop),
            // Where there is no thread to be had, nothing is told.
            teller: (!quiet)
                .then(|| std::thread::Builder::new().spawn(tell).ok())
                .flatten(),
        }
    }

    /// Says something else meanwhile.
    pub fn say(&self, line: &str) {
        self.bar.suspend(|| say!("{line}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(teller) = self.teller.take() {
            let _ = teller.join();
        }
    }
}

impl Watch for Progress {
    fn begins(&self, prompt: usize, id: &str) {
        let running = Running {
            id: id.into(),
            tokens: 0,
            stage: None,
        };
        lock(&self.state).running.insert(prompt, running);
    }

    fn event(&self, prompt: usize, event: &ScoringEvent) {
        lock(&self.state).event(prompt, event, Instant::now());
    }

    fn ends(&self, prompt: usize) {
        lock(&self.state).ends(prompt, Instant::now());
    }
}

/// A thread that panicked left no half of a number.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells until the other end of `stopped` is dropped.
fn tell(state: &Mutex<State>, mut telling: Telling, stopped: &Receiver<()>) {
    telling.tell(state);
    while stopped.recv_timeout(telling.wait()) == Err(RecvTimeoutError::Timeout) {
        telling.tell(state);
    }
    telling.end(state);
}

/// The work is held up only while it is looked at, not while something is said of it.
impl Work for Mutex<State> {
    fn line(&self, now: Instant) -> String {
        lock(self).line(now)
    }

    fn record(&self, now: Instant) -> ProgressRecord {
        lock(self).record(now)
    }
}

impl State {
    fn event(&mut self, prompt: usize, event: &ScoringEvent, now: Instant) {
        let Some(running) = self.running.get_mut(&prompt) else {
            return;
        };
        let (what, done, total) = match event {
            ScoringEvent::Prompt { done, total } => (READING, *done, Some(*total)),
            ScoringEvent::Token(_) => {
                running.tokens += 1;
                self.tokens += 1;
                (WRITING, running.tokens, self.limit)
            }
            // It comes while the next tokens are written.
            ScoringEvent::Local { .. } => return,
            ScoringEvent::NonLocal(p) => {
                let (what, done, total) = sources::stage(p);
                (what, done, Some(total))
            }
        };
        match &mut running.stage {
            Some(stage) if stage.what == what && stage.done <= done => {
                (stage.done, stage.total) = (done, total);
            }
            stage => {
                *stage = Some(Stage {
                    what,
                    done,
                    total,
                    since: now,
                    from: done,
                });
            }
        }
    }

    fn ends(&mut self, prompt: usize, now: Instant) {
        self.running.remove(&prompt);
        self.done += 1;
        self.last = Some(now);
    }

    /// How far it is, in one line.
    fn line(&self, now: Instant) -> String {
        let mut parts = vec![match self.total {
            Some(total) => format!("{} of {total} prompts done", self.done),
            None => format!("{} prompts done", self.done),
        }];
        let busy = || self.running.values().filter(|r| r.stage.is_some());
        match busy().count() {
            0 => {}
            1 => parts.extend(busy().map(|r| r.line(now))),
            n => parts.push(format!(
                "{n} at work, {} tokens in all, {:.0} tokens/s",
                self.tokens,
                rate(self.tokens, now - self.began).unwrap_or(0.0)
            )),
        }
        let left = self.total.map(|total| total.saturating_sub(self.done));
        // Of the last one, it says so itself.
        if left.is_some_and(|left| left > 1) || self.running.len() > 1 {
            let bound = if self.done > 0 { "about" } else { "at most" };
            let left = self.left(now);
            parts.extend(left.map(|left| format!("{bound} {} left of all", span(left))));
        }
        parts.join("; ")
    }

    /// Seconds left of all, from what those took that are done; before that, from the rate of tokens, if all completions went to their limit.
    fn left(&self, now: Instant) -> Option<f64> {
        let left = self.total?.saturating_sub(self.done);
        if let Some(last) = self.last {
            let each = (last - self.began).as_secs_f64() / self.done as f64;
            let seconds = each * left as f64 - (now - last).as_secs_f64();
            return Some(seconds.max(0.0));
        }
        let tokens = self.limit?.saturating_mul(left);
        let tokens = tokens.saturating_sub(self.tokens);
        Some(tokens as f64 / rate(self.tokens, now - self.began)?)
    }

    fn record(&self, now: Instant) -> ProgressRecord {
        let passed = now - self.began;
        ProgressRecord {
            schema: PROGRESS,
            what: "prompts",
            done: self.done,
            total: self.total,
            rate: rate(self.done, passed),
            seconds: passed.as_secs_f64(),
            left: self.left(now),
            at: self.running.values().filter_map(|r| r.at(now)).collect(),
            ..ProgressRecord::default()
        }
    }
}

impl Running {
    fn line(&self, now: Instant) -> String {
        let Some(at) = self.at(now) else {
            return self.id.clone();
        };
        let most = if at.what == WRITING { "at most " } else { "" };
        let (id, what, done) = (at.id, at.what, at.done);
        let mut line = match at.total {
            Some(total) => format!("{id}: {done} of {most}{total} {what}"),
            None => format!("{id}: {done} {what}"),
        };
        if let Some(rate) = at.rate.filter(|_| matches!(what, READING | WRITING)) {
            line += &format!(", {rate:.0} tokens/s");
        }
        if let Some(left) = at.left {
            line += &format!(", {most}{} left", span(left));
        }
        line
    }

    /// How far it is, if it has begun.
    fn at(&self, now: Instant) -> Option<AtWork> {
        let stage = self.stage.as_ref()?;
        let rate = rate(stage.done - stage.from, now - stage.since);
        let left = |total: usize| Some(total.saturating_sub(stage.done) as f64 / rate?);
        Some(AtWork {
            id: self.id.clone(),
            what: stage.what,
            done: stage.done,
            total: stage.total,
            rate,
            left: stage.total.and_then(left),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use rotescope_stim::{AttributionPart, Progress as Within};
    use rotescope_trace::Token;

    fn state(total: Option<usize>, limit: Option<usize>) -> (State, Instant) {
        let began = Instant::now();
        let state = State {
            began,
            total,
            limit,
            done: 0,
            last: None,
            tokens: 0,
            running: BTreeMap::new(),
        };
        (state, began)
    }

    fn begin(state: &mut State, prompt: usize, id: &str) {
        let running = Running {
            id: id.into(),
            tokens: 0,
            stage: None,
        };
        state.running.insert(prompt, running);
    }

    /// From `from` seconds on so many tokens, in even steps up to `to`.
    fn write(state: &mut State, prompt: usize, began: Instant, [from, to]: [f64; 2], n: usize) {
        let token = Token::default();
        for i in 0..n {
            let at = from + (to - from) * i as f64 / (n - 1) as f64;
            let now = began + Duration::from_secs_f64(at);
            state.event(prompt, &ScoringEvent::Token(&token), now);
        }
    }

    #[test]
    fn one_prompt_says_its_tokens_its_rate_and_its_limit() {
        let (mut state, began) = state(Some(20), Some(1024));
        let at = |seconds: f64| began + Duration::from_secs_f64(seconds);
        begin(&mut state, 0, "gsm-1");
        assert_eq!(state.line(at(2.0)), "0 of 20 prompts done");
        for (done, seconds) in [(256, 1.0), (512, 2.0)] {
            let event = ScoringEvent::Prompt { done, total: 900 };
            state.event(0, &event, at(seconds));
        }
        assert_eq!(
            state.line(at(2.0)),
            "0 of 20 prompts done; gsm-1: 512 of 900 tokens of the prompt, 256 tokens/s, 2 s left"
        );
        // 201 tokens in 4 s: 50 a second after the first; 20,480 at most at 201 in 8 s.
        write(&mut state, 0, began, [4.0, 8.0], 201);
        assert_eq!(
            state.line(at(8.0)),
            "0 of 20 prompts done; gsm-1: 201 of at most 1024 tokens, 50 tokens/s, at most 16 s left; at most 13 min left of all"
        );
        for (done, seconds) in [(1, 10.0), (3, 14.0)] {
            let part = AttributionPart::Long;
            let event = ScoringEvent::NonLocal(Within::Passes {
                part,
                done,
                total: 40,
            });
            state.event(0, &event, at(seconds));
        }
        assert_eq!(
            state.line(at(14.0)).split("; ").nth(1),
            Some("gsm-1: 3 of 40 words of the question, 74 s left")
        );
        // 19 are left, each as long as the first; two seconds of the next are gone.
        state.ends(0, at(20.0));
        begin(&mut state, 1, "gsm-2");
        assert_eq!(
            state.line(at(22.0)),
            "1 of 20 prompts done; about 6 min left of all"
        );
        let event = ScoringEvent::Prompt {
            done: 5,
            total: 900,
        };
        state.event(1, &event, at(22.0));
        let want = ProgressRecord {
            schema: PROGRESS,
            what: "prompts",
            done: 1,
            total: Some(20),
            rate: Some(0.04),
            seconds: 25.0,
            left: Some(375.0),
            at: vec![AtWork {
                id: "gsm-2".into(),
                what: READING,
                done: 5,
                total: Some(900),
                ..AtWork::default()
            }],
            ..ProgressRecord::default()
        };
        assert_eq!(state.record(at(25.0)), want);
    }

    #[test]
    fn several_prompts_are_told_together() {
        let (mut state, began) = state(Some(4), Some(100));
        for (i, id) in ["a", "b", "c"].into_iter().enumerate() {
            begin(&mut state, i, id);
        }
        write(&mut state, 0, began, [1.0, 4.0], 40);
        write(&mut state, 2, began, [1.0, 4.0], 40);
        // `b` waits.
        assert_eq!(
            state.line(began + Duration::from_secs(4)),
            "0 of 4 prompts done; 2 at work, 80 tokens in all, 20 tokens/s; at most 16 s left of all"
        );
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        let (mut state, began) = state(None, None);
        begin(&mut state, 0, "a");
        write(&mut state, 0, began, [0.0, 2.0], 21);
        assert_eq!(
            state.line(began + Duration::from_secs(2)),
            "0 prompts done; a: 21 tokens, 10 tokens/s"
        );
    }
}
