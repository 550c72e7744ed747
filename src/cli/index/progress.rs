//! The progress of a build on stderr.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use super::show::grouped;
use rotescope_corpus::{BuildProgress, Phase, Status};

/// A bar where stderr is a terminal, and nothing elsewhere.
pub struct Bar {
    bar: ProgressBar,
    phase: Option<Phase>,
}

impl Bar {
    pub fn new() -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new(1)
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) =
            ProgressStyle::with_template("{prefix:>8} {wide_bar} {percent:>3} %  {msg}")
        {
            bar.set_style(style);
        }
        Self { bar, phase: None }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl BuildProgress for Bar {
    fn report(&mut self, status: &Status) -> ControlFlow<()> {
        if self.phase != Some(status.phase) {
            self.phase = Some(status.phase);
            self.bar.set_prefix(match status.phase {
                Phase::Reading => "reading",
                Phase::Sorting => "sorting",
                Phase::Hashing => "hashing",
            });
        }
        self.bar.set_length(status.total);
        self.bar.set_position(status.done);
        let left = match status.left {
            Some(left) => format!(
                ", {:#} left",
                HumanDuration(left.max(Duration::from_secs(1)))
            ),
            None => String::new(),
        };
        self.bar.set_message(format!(
            "{} documents, {} tokens ({} a second){left}",
            grouped(status.documents),
            grouped(status.tokens),
            grouped(status.tokens_per_second as u64),
        ));
        ControlFlow::Continue(())
    }
}
