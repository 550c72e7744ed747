//! The progress of a build.

use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::Result;
use crossbeam_channel::{RecvTimeoutError, Sender};

use super::show::grouped;
use crate::cli::common::cancel_on_signal;
use crate::cli::told::Told;
use rotescope_corpus::build::abandon;
use rotescope_corpus::{BuildProgress, CorpusError, Earlier, Phase, Status};
use rotescope_model::CancelToken;

/// How long a build may take to end by itself after a signal.
const TO_END: Duration = Duration::from_secs(1);

/// Tells how far each phase of a build is, until it is dropped. A signal ends the build, of which nothing is left that no other could go on with.
pub struct Building {
    phase: Option<(Phase, Told)>,
    quiet: bool,
    cancel: CancelToken,
    _watch: Watch,
}

impl Building {
    /// # Errors
    /// Signals cannot be handled.
    pub fn start(quiet: bool) -> Result<Self> {
        let cancel = cancel_on_signal()?;
        Ok(Self {
            phase: None,
            quiet,
            _watch: Watch::start(cancel.clone())?,
            cancel,
        })
    }
}

impl BuildProgress for Building {
    fn report(&mut self, status: &Status) -> ControlFlow<()> {
        let (_, told) = match &mut self.phase {
            Some(known) if known.0 == status.phase => known,
            other => {
                // What is told of the last phase ends first.
                *other = None;
                let what = match status.phase {
                    Phase::Reading => "bytes read",
                    Phase::Sorting => "tokens sorted",
                    Phase::Hashing => "bytes hashed",
                };
                let told = Told::start(what, Some(status.total as usize), self.quiet);
                other.insert((status.phase, told))
            }
        };
        told.reach(
            status.done as usize,
            0,
            &format!(
                "{} documents, {} tokens ({} a second)",
                grouped(status.documents),
                grouped(status.tokens),
                grouped(status.tokens_per_second as u64),
            ),
        );
        if self.cancel.is_cancelled() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn goes_on(&mut self, earlier: &Earlier) {
        if !self.quiet {
            crate::say!(
                "going on with what an earlier build left: {} documents, {} tokens in {} parts, of which {} are sorted",
                grouped(earlier.documents),
                grouped(earlier.tokens),
                earlier.parts,
                earlier.sorted,
            );
        }
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
                crate::say!("rotescope: {}", abandon());
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
