//! The progress of a build on stderr.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::Result;
use crossbeam_channel::{RecvTimeoutError, Sender};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use super::show::grouped;
use crate::cli::common::cancel_on_signal;
use rotescope_corpus::build::abandon;
use rotescope_corpus::{BuildProgress, CorpusError, Phase, Status};
use rotescope_model::CancelToken;

/// How long a build may take to end by itself after a signal.
const TO_END: Duration = Duration::from_secs(1);

/// A bar where stderr is a terminal, and nothing elsewhere. A signal ends the build, of which nothing is left.
pub struct Bar {
    bar: ProgressBar,
    phase: Option<Phase>,
    cancel: CancelToken,
    _watch: Watch,
}

impl Bar {
    /// # Errors
    /// Signals cannot be handled.
    pub fn new() -> Result<Self> {
        let cancel = cancel_on_signal()?;
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
        Ok(Self {
            bar,
            phase: None,
            _watch: Watch::start(cancel.clone())?,
            cancel,
        })
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
        if self.cancel.is_cancelled() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

/// A thread that ends the process for a build that does not end by itself, such as one in the midst of a sort. Dropping it ends it.
struct Watch(Option<Sender<()>>);

impl Watch {
    fn start(cancel: CancelToken) -> Result<Self> {
        let (sender, receiver) = crossbeam_channel::bounded(0);
        let watch = move || {
            let ended = |wait| receiver.recv_timeout(wait) == Err(RecvTimeoutError::Disconnected);
            while !cancel.is_cancelled() {
                if ended(Duration::from_millis(50)) {
                    return;
                }
            }
            if !ended(TO_END) {
                abandon();
                crate::say!("rotescope: {}", CorpusError::Stopped);
                // Without the destructors of what other threads work with.
                signal_hook::low_level::exit(2);
            }
        };
        std::thread::Builder::new()
            .name("signals".into())
            .spawn(watch)
            .map_err(|error| CorpusError::NoThread { error })?;
        Ok(Self(Some(sender)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0 = None;
    }
}
