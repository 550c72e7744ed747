//! How and when progress is said on standard error; what there is to say, [`Told`](super::told::Told) and [`Progress`](super::progress::Progress) know.
//!
//! On a terminal it is a line drawn anew, elsewhere a line now and then, ever more seldom, and neither within the first two seconds. With
//! `--json-progress` it is a line of JSON at once, then about one a second at most, and one when the work ends.

use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use schemars::JsonSchema;
use serde::Serialize;

use crate::say;
use rotescope_text::sanitize;

/// Until then nothing is said to people.
const SILENCE: Duration = Duration::from_secs(2);
/// Between two drawings on a terminal.
const REDRAW: Duration = Duration::from_millis(200);
/// Between two lines elsewhere, at least and at most; between that, half the time that has passed.
const LINES: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(60)];
/// Between two lines of JSON, at least.
const RECORDS: Duration = Duration::from_secs(1);

/// Name and version of a line of JSON.
pub const PROGRESS: &str = "rotescope.progress/1";

/// How far work is, for programs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct ProgressRecord {
    pub schema: &'static str,
    /// What is counted, such as `prompts`. A command may count one thing after another, each with a last line of its own
    pub what: &'static str,
    /// So many are done, those of an earlier run included
    pub done: usize,
    /// Of so many; absent where that is not known
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
    /// Done in a second, by this run and since it began to count; absent while nothing is done
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Seconds since it began to count
    pub seconds: f64,
    /// Seconds that the rest is likely to take; of prompts, while none is done, seconds that it takes at most. Absent where nothing tells
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<f64>,
    /// What is at work, in the order of the input
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<AtWork>,
    /// What else there is to say, for people
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Whether this is the last line, of work that is done or was stopped: which of both, the exit status says
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
}

/// A part that is at work, and how far it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct AtWork {
    /// Of the prompt
    pub id: String,
    /// What is counted of it now, such as `tokens`
    pub what: &'static str,
    pub done: usize,
    /// Of so many; of tokens that are written, of at most so many
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
    /// Done in a second
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Seconds that the rest of it takes at this rate
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<f64>,
}

/// Work that is told.
pub trait Work {
    /// How far it is, in one line for people.
    fn line(&self, now: Instant) -> String;
    /// How far it is, for programs.
    fn record(&self, now: Instant) -> ProgressRecord;
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Reader {
    Nobody,
    Terminal,
    /// Standard error is a file or a pipe.
    File,
    Program,
}

impl Reader {
    /// From the begin of the work until the first line.
    fn silence(self) -> Duration {
        match self {
            Reader::Nobody => Duration::MAX,
            Reader::Terminal | Reader::File => SILENCE,
            Reader::Program => Duration::ZERO,
        }
    }

    /// From one line to the next, of work that has gone on so long.
    fn pause(self, passed: Duration) -> Duration {
        match self {
            Reader::Nobody => Duration::MAX,
            Reader::Terminal => REDRAW,
            Reader::File => (passed / 2).clamp(LINES[0], LINES[1]),
            Reader::Program => RECORDS,
        }
    }
}

static JSON: AtomicBool = AtomicBool::new(false);
static QUIET: AtomicBool = AtomicBool::new(false);

/// From now on all progress is said as JSON.
pub fn say_json() {
    JSON.store(true, Ordering::Relaxed);
}

/// Whether it is.
pub fn says_json() -> bool {
    JSON.load(Ordering::Relaxed)
}

/// From now on nothing is said of progress.
pub fn say_nothing() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Says how far work is whenever it is time to, until it is dropped.
#[derive(Debug)]
pub struct Telling {
    reader: Reader,
    bar: ProgressBar,
    began: Instant,
    /// When the next line is due, after the begin.
    next: Duration,
}

impl Telling {
    pub fn start(quiet: bool) -> Telling {
        Telling::to(match std::io::stderr().is_terminal() {
            _ if quiet || QUIET.load(Ordering::Relaxed) => Reader::Nobody,
            _ if says_json() => Reader::Program,
            true => Reader::Terminal,
            false => Reader::File,
        })
    }

    fn to(reader: Reader) -> Telling {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
            bar.set_style(style);
        }
        Telling {
            reader,
            bar,
            began: Instant::now(),
            next: reader.silence(),
        }
    }

    /// What draws the line on a terminal: other lines are to be said while it is suspended.
    pub fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// How long nothing more is to be said.
    pub fn wait(&self) -> Duration {
        self.next.saturating_sub(self.began.elapsed())
    }

    /// Says how far the work is, if it is time to.
    pub fn tell(&mut self, work: &impl Work) {
        let Some(said) = self.said(work, Instant::now()) else {
            return;
        };
        match self.reader {
            Reader::Terminal => self.bar.set_message(sanitize::line(&said).into_owned()),
            _ => say!("{said}"),
        }
    }

    /// Says that the work has ended, to those who are told so.
    pub fn end(&self, work: &impl Work) {
        match self.reader {
            Reader::Nobody | Reader::File => {}
            Reader::Terminal => self.bar.finish_and_clear(),
            Reader::Program => {
                let record = ProgressRecord {
                    ended: true,
                    ..work.record(Instant::now())
                };
                say!("{}", json(&record));
            }
        }
    }

    /// What is to be said now, if something is.
    fn said(&mut self, work: &impl Work, now: Instant) -> Option<String> {
        let passed = now.saturating_duration_since(self.began);
        if passed < self.next {
            return None;
        }
        self.next = passed + self.reader.pause(passed);
        Some(match self.reader {
            Reader::Program => json(&work.record(now)),
            _ => work.line(now),
        })
    }
}

/// A record as JSON of printable ASCII: safe on any terminal, and what [`say!`] leaves as it is.
fn json(record: &ProgressRecord) -> String {
    let plain = serde_json::to_string(record).unwrap_or_default();
    let mut safe = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            ' '..='~' => safe.push(c),
            // Only texts have others.
            other => other.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                let _ = write!(safe, "\\u{unit:04x}");
            }),
        }
    }
    safe
}

/// How many are done in a second; nothing where none is.
pub fn rate(done: usize, time: Duration) -> Option<f64> {
    (done > 0).then(|| done as f64 / time.as_secs_f64().max(1e-3))
}

/// A span of time, roughly.
pub fn span(seconds: f64) -> String {
    match seconds.max(0.0) {
        s if s < 99.5 => format!("{s:.0} s"),
        s if s < 5970.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pens;

    impl Work for Pens {
        fn line(&self, _: Instant) -> String {
            "3 pens".into()
        }

        fn record(&self, _: Instant) -> ProgressRecord {
            ProgressRecord {
                schema: PROGRESS,
                what: "pens",
                done: 3,
                seconds: 0.5,
                ..ProgressRecord::default()
            }
        }
    }

    /// The tenths of a second in which something is said, of work that steps in each, and what is said first.
    fn told(reader: Reader, seconds: u64) -> (Vec<u64>, Option<String>) {
        let mut telling = Telling::to(reader);
        let (mut tenths, mut first) = (Vec::new(), None);
        for tenth in 0..10 * seconds {
            let now = telling.began + Duration::from_millis(100 * tenth);
            if let Some(said) = telling.said(&Pens, now) {
                tenths.push(tenth);
                first.get_or_insert(said);
            }
        }
        (tenths, first)
    }

    #[test]
    fn people_are_told_after_two_seconds_and_ever_more_seldom() {
        let (tenths, first) = told(Reader::File, 400);
        assert_eq!(tenths[..4], [20, 70, 120, 180]);
        // Half the time that has passed, and a minute at most.
        let pauses: Vec<u64> = tenths.windows(2).map(|t| t[1] - t[0]).collect();
        assert!(pauses.is_sorted(), "{pauses:?}");
        assert_eq!(pauses.last(), Some(&600));
        assert_eq!(first.as_deref(), Some("3 pens"));

        let (tenths, first) = told(Reader::Terminal, 3);
        assert_eq!(tenths, [20, 22, 24, 26, 28]);
        assert_eq!(first.as_deref(), Some("3 pens"));
    }

    #[test]
    fn programs_are_told_at_once_and_every_second() {
        let (tenths, first) = told(Reader::Program, 4);
        assert_eq!(tenths, [0, 10, 20, 30]);
        let line = r#"{"schema":"rotescope.progress/1","what":"pens","done":3,"seconds":0.5}"#;
        assert_eq!(first.as_deref(), Some(line));
    }

    #[test]
    fn nobody_is_told_nothing() {
        assert_eq!(told(Reader::Nobody, 400), (Vec::new(), None));
    }

    #[test]
    fn a_record_is_ascii_and_says_what_it_was_given() {
        let id = "é\u{1b}[31m\u{202e}\u{7f}\u{9b}😀\"";
        let record = ProgressRecord {
            note: id.into(),
            ended: true,
            ..Pens.record(Instant::now())
        };
        let line = json(&record);
        assert!(line.bytes().all(|b| (b' '..=b'~').contains(&b)), "{line}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&read["note"], &read["ended"]), (&id.into(), &true.into()));
    }

    #[test]
    fn spans_are_said_in_the_unit_that_fits() {
        let said = [-1.0, 0.4, 99.4, 100.0, 5969.0, 5971.0, 90_000.0].map(span);
        assert_eq!(
            said,
            ["0 s", "0 s", "99 s", "2 min", "99 min", "1.7 h", "25.0 h"]
        );
    }
}
