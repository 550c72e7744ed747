//! Passes through the model in portions, counted and timed.

use std::time::Instant;

use super::error::StimError;
use super::progress::{AttributionPart, Cost};
use rotescope_model::{CancelToken, Engine, Window, WindowScore};

/// Sequences in one call: few enough for steady progress, enough to share prefixes and fill batches.
const PORTION: usize = 64;

/// The model, as saliency and windows use it.
pub(super) struct Passes<'a> {
    pub(super) engine: &'a Engine,
    pub(super) cancel: &'a CancelToken,
    /// What the passes are for.
    pub(super) part: AttributionPart,
    pub(super) cost: Cost,
}

impl<'a> Passes<'a> {
    pub(super) fn new(engine: &'a Engine, cancel: &'a CancelToken) -> Self {
        Passes {
            engine,
            cancel,
            part: AttributionPart::Windows,
            cost: Cost::default(),
        }
    }

    /// Scores of all windows, in their order. How tokens are packed into batches moves log-probabilities by up to some 1e-3 (llama.cpp has other
    /// kernels for other shapes), so what is compared should be asked for in one call, and the same way whatever else is asked for.
    ///
    /// `on_progress(done, total)` after each portion.
    pub(super) fn run(
        &mut self,
        windows: Vec<Window>,
        on_progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<WindowScore>, StimError> {
        self.run_in(PORTION, windows, on_progress)
    }

    /// The same in portions of another size.
    pub(super) fn run_in(
        &mut self,
        portion: usize,
        windows: Vec<Window>,
        on_progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<WindowScore>, StimError> {
        let total = windows.len();
        let mut scores = Vec::with_capacity(total);
        let mut windows = windows.into_iter();
        while scores.len() < total {
            let portion: Vec<Window> = windows.by_ref().take(portion).collect();
            let began = Instant::now();
            let passes = portion.len();
            let scored = self.engine.score(portion, self.cancel)?;
            let part = &mut self.cost.parts[self.part as usize];
            for reading in [&mut self.cost.whole, part] {
                reading.passes += passes;
                reading.evaluated += scored.evaluated;
                reading.seconds += began.elapsed().as_secs_f64();
            }
            scores.extend(scored.windows);
            on_progress(scores.len(), total);
        }
        Ok(scores)
    }

    pub(super) fn check_cancel(&self) -> Result<(), StimError> {
        if self.cancel.is_cancelled() {
            return Err(StimError::Cancelled);
        }
        Ok(())
    }

    /// The beginning-of-text token, where the model wants one before any text.
    pub(super) fn bos(&self) -> Option<u32> {
        let info = self.engine.info();
        info.bos.filter(|_| info.add_bos)
    }
}

/// Rounds to six decimals: log-probabilities come from 32-bit numbers, and no more of them than that means anything.
pub(super) fn rounded(x: f64) -> f64 {
    // Adding zero turns -0 into 0.
    (x * 1e6).round() / 1e6 + 0.0
}
