//! How many threads the model gets: as many as there are free cores, followed while it runs.
//!
//! llama.cpp's threads wait for each other by spinning, hundreds of times per token. Where another
//! program has one of their cores, all wait for the thread that it keeps out: on two cores with two
//! busy neighbours two threads write 1 token a second where one thread writes 62
//! (SmolLM2-135M). No fixed count is best, so the load that others make is looked at.

use std::time::{Duration, Instant};

use super::options::{ModelOptions, cores};

/// Time between two looks at the load. The kernel counts in hundredths of a second.
const LOOK: Duration = Duration::from_millis(250);
/// Time before the first, at least.
const FIRST: Duration = Duration::from_millis(100);
/// More threads are taken when so many looks in a row have seen the cores free; fewer at once, for
/// waiting costs more than a free core gives.
const PATIENCE: u32 = 4;

/// The count of threads, and what it is decided by.
#[derive(Debug)]
pub(super) struct Threads {
    most: i32,
    now: i32,
    by: Decision,
    /// Looks in a row that would have given more.
    free: u32,
}

#[derive(Debug)]
enum Decision {
    /// There is but one, or nobody tells the load.
    Fixed,
    Load(Load),
    #[cfg(test)]
    Script(std::vec::IntoIter<i32>),
}

impl Threads {
    /// For a model of this many weights, at most as many as are asked for; `load` is looked at since
    /// before the model was opened, so that it is known for the first prompt.
    pub(super) fn new(options: &ModelOptions, parameters: u64, load: Option<Load>) -> Self {
        let most = options.threads(parameters);
        let mut threads = Self {
            most,
            now: most,
            by: Decision::Fixed,
            free: 0,
        };
        if let Some(mut load) = load.filter(|_| most > 1) {
            std::thread::sleep(FIRST.saturating_sub(load.at.elapsed()));
            if let Some(others) = load.look() {
                threads.follow(cores() as f64, others);
                threads.by = Decision::Load(load);
            }
        }
        threads
    }

    /// The count from here on. May be asked often: it looks at the load now and then only.
    pub(super) fn now(&mut self) -> i32 {
        match &mut self.by {
            Decision::Fixed => {}
            Decision::Load(load) if load.at.elapsed() < LOOK => {}
            Decision::Load(load) => match load.look() {
                Some(others) => self.follow(cores() as f64, others),
                None => self.by = Decision::Fixed,
            },
            #[cfg(test)]
            Decision::Script(counts) => self.now = counts.next().unwrap_or(self.now),
        }
        self.now
    }

    /// Takes in one look: `others` is how many of the `cores` other programs keep busy.
    fn follow(&mut self, cores: f64, others: f64) {
        let free = ((cores - others).round() as i32).clamp(1, self.most);
        self.free = if free > self.now { self.free + 1 } else { 0 };
        if free < self.now || self.free >= PATIENCE {
            tracing::info!(
                "{free} threads instead of {}: other programs keep {others:.1} of {cores} cores busy",
                self.now
            );
            (self.now, self.free) = (free, 0);
        }
    }

    /// Stays with the count at hand.
    pub(super) fn stay(&mut self) {
        self.by = Decision::Fixed;
    }
}

/// What other programs do to the processors, from one look to the next.
#[derive(Debug)]
pub(super) struct Load {
    last: Processors,
    at: Instant,
}

impl Load {
    /// Looks for the first time. `None` where the system does not tell.
    pub(super) fn since_now() -> Option<Self> {
        Some(Self {
            last: Processors::look()?,
            at: Instant::now(),
        })
    }

    /// How many processors others have kept busy since the last look.
    fn look(&mut self) -> Option<f64> {
        let look = Processors::look()?;
        let others = look.busy_with_others_since(&self.last);
        (self.last, self.at) = (look, Instant::now());
        Some(others)
    }
}

/// Time that the processors have spent since the machine started, in the kernel's ticks.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Processors {
    count: f64,
    /// Of all processors together: busy, and at all.
    busy: f64,
    all: f64,
    /// Busy with this process.
    own: f64,
}

impl Processors {
    /// As Linux tells it; `None` elsewhere.
    fn look() -> Option<Self> {
        let system = std::fs::read_to_string("/proc/stat").ok()?;
        let own = std::fs::read_to_string("/proc/self/stat").ok()?;
        Self::read(&system, &own)
    }

    /// From `/proc/stat` and `/proc/self/stat`: see proc_stat(5) and proc_pid_stat(5).
    fn read(system: &str, own: &str) -> Option<Self> {
        let mut lines = system.lines();
        let fields = lines.next()?.strip_prefix("cpu ")?.split_whitespace();
        // user, nice, system, idle, iowait, irq, softirq, steal; guests are within user and nice.
        let ticks: Vec<f64> = fields.take(8).map_while(|f| f.parse().ok()).collect();
        let idle = ticks.get(3)? + ticks.get(4)?;
        let count = lines.take_while(|l| l.starts_with("cpu")).count();
        // The name of the process is in brackets and may hold anything.
        let mut own = own.rsplit_once(')')?.1.split_whitespace().skip(11);
        let [user, system] = [own.next()?.parse::<f64>().ok()?, own.next()?.parse().ok()?];
        let all: f64 = ticks.iter().sum();
        (count > 0).then_some(Self {
            count: count as f64,
            busy: all - idle,
            all,
            own: user + system,
        })
    }

    /// How many processors others have kept busy since another look.
    fn busy_with_others_since(&self, before: &Self) -> f64 {
        let all = (self.all - before.all).max(1.0);
        let others = (self.busy - before.busy) - (self.own - before.own);
        (others / all * self.count).clamp(0.0, self.count)
    }
}

#[cfg(test)]
impl Threads {
    /// These counts, one each time it is asked.
    pub(super) fn scripted(counts: Vec<i32>) -> Self {
        Self {
            most: 2,
            now: 1,
            by: Decision::Script(counts.into_iter()),
            free: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::cancel::CancelToken;
    use crate::encoder::tokenize;
    use crate::generate::{GenerateRequest, GenerationEvent, TokenEvent};
    use crate::generator::{Generator, Job};
    use crate::info::ModelInfo;
    use crate::load;
    use crate::weights::Weights;

    #[test]
    fn the_load_of_others_is_read() {
        let system = |user: u64, idle: u64| {
            format!("cpu  {user} 10 20 {idle} 30 1 2 3 0 0\ncpu0 1 2 3 4\ncpu1 1 2 3 4\nintr 5\n")
        };
        let own = |ticks: u64| format!("7 (a) b)) R 1 2 3 4 5 6 7 8 9 10 {ticks} 5 0 0");
        let before = Processors::read(&system(1_000, 5_000), &own(100)).unwrap();
        assert_eq!((before.count, before.own), (2.0, 105.0));
        // Of 200 ticks of two processors 150 were busy, 50 of them with us: one with others.
        let after = Processors::read(&system(1_150, 5_050), &own(150)).unwrap();
        assert_eq!(after.busy_with_others_since(&before), 1.0);
        for (system, own) in [("", "7 (a) R"), ("cpu  1 2", "7 (a) R 1"), ("cpux 1", "")] {
            assert_eq!(Processors::read(system, own), None);
        }
        if cfg!(target_os = "linux") {
            assert!(Processors::look().is_some());
        }
    }

    /// What is generated does not depend on when the count changes.
    #[test]
    fn a_change_in_the_middle_changes_no_token() {
        let path = rotescope_testing::repository("models/pocket/pocket-q8_0.gguf");
        let options = ModelOptions::new(&path);
        let model = load::open(&path, false, None, |_| ControlFlow::Continue(())).unwrap();
        let model = Weights::from(model);
        let info = ModelInfo::read(&model, path, 0, None);
        let prompt = tokenize(&model, "Tom has 12 pens and buys 7 more.", true, false);
        let request = GenerateRequest {
            max_tokens: Some(40),
            ..GenerateRequest::new(prompt)
        };
        let with = |counts: Vec<i32>| {
            let mut generator = Generator::new(&model, &options, &info, (1, false)).unwrap();
            let mut threads = Threads::scripted(counts);
            let (events, told) = crossbeam_channel::unbounded();
            generator.take(Job {
                request: request.clone(),
                cancel: CancelToken::new(),
                events,
            });
            while !generator.is_idle() {
                generator.step(&mut threads, &AtomicBool::new(false));
            }
            let token = |event| match event {
                GenerationEvent::Token(token) => Some(token),
                _ => None,
            };
            let tokens: Vec<TokenEvent> = told.iter().filter_map(token).collect();
            (tokens, generator.threads())
        };
        let (one, _) = with(vec![]);
        // Through the prompt, then back and forth.
        let (changing, last) = with(vec![2, 2, 1, 1, 1, 2, 1, 2, 2, 2]);
        assert_eq!(last, 2);
        assert!(one.len() > 10);
        assert_eq!(one, changing);
    }

    #[test]
    fn fewer_threads_come_at_once_and_more_with_patience() {
        let mut threads = Threads::scripted(Vec::new());
        (threads.most, threads.now) = (4, 4);
        let mut seen = |others: f64| {
            threads.follow(4.0, others);
            threads.now
        };
        assert_eq!([seen(0.2), seen(1.1), seen(3.9), seen(5.0)], [4, 3, 1, 1]);
        // A core that is free for a moment is not taken.
        assert_eq!([0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0].map(&mut seen), [1; 7]);
        assert_eq!(seen(0.0), 4);
    }
}
