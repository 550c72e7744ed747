//! What is done with a trace once its tokens are scored: a process reward model's verdicts, and flags.

use crate::run::prm::{Prm, PrmError};
use rotescope_judge::flag::FlagModel;
use rotescope_model::CancelToken;
use rotescope_stim::Scope;
use rotescope_trace::{Judging, Trace};

/// The last steps of the pipeline, those that were asked for.
#[derive(Default)]
pub struct Finish {
    pub prm: Option<Prm>,
    pub flag: Option<FlagModel>,
    /// What the traces say of these two.
    pub judging: Judging,
}

impl Finish {
    /// What a scope needs before sources beyond the local one are looked at: which steps are flagged.
    pub fn before(&self, scope: Scope, trace: &mut Trace) {
        if let (Scope::Flagged, Some(flag)) = (scope, &self.flag) {
            flag.apply(trace);
        }
    }

    /// Computed verdicts are there already, or are made anew here; flags come last, since they use all scores.
    ///
    /// # Errors
    /// Those of the process reward model.
    pub fn apply(&self, trace: &mut Trace, cancel: &CancelToken) -> Result<(), PrmError> {
        rotescope_judge::judge(trace);
        if let Some(prm) = &self.prm {
            prm.judge(trace, cancel)?;
        }
        if let Some(flag) = &self.flag {
            flag.apply(trace);
        }
        trace.judging = Some(self.judging.clone());
        Ok(())
    }
}
