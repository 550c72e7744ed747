//! How completions are read and their steps judged: verdicts that can be computed, those of a process reward model, and flags.

use super::prm::{Prm, PrmError};
use super::regions::StepRegions;
use rotescope_judge::flag::FlagModel;
use rotescope_model::CancelToken;
use rotescope_text::think::ReasoningMarks;
use rotescope_trace::{Judging, Trace};

/// The last steps of the pipeline, those that were asked for.
#[derive(Default)]
pub struct Finish {
    pub prm: Option<Prm>,
    pub flag: Option<FlagModel>,
    /// Steps are held against documents.
    pub regions: Option<StepRegions>,
    /// What stands around reasoning, beside what is known.
    pub marks: ReasoningMarks,
    /// What the traces say of model and flag.
    pub judging: Judging,
}

impl Finish {
    /// Judges by what is there now, of a completion that may still grow or lack scores: verdicts that can be computed, and flags.
    pub fn so_far(&self, trace: &mut Trace) {
        rotescope_judge::judge(trace);
        self.flag(trace);
    }

    /// Judges a completion with all its scores, which was judged by [`Finish::so_far`] when its tokens were there: verdicts that can be computed
    /// stay, the process reward model gives the others, and flags are made anew, since they use all scores.
    ///
    /// # Errors
    /// Those of the process reward model.
    pub fn apply(&self, trace: &mut Trace, cancel: &CancelToken) -> Result<(), PrmError> {
        if let Some(prm) = &self.prm {
            prm.judge(trace, cancel)?;
        }
        self.flag(trace);
        trace.judging = Some(self.judging.clone());
        Ok(())
    }

    /// A flag that is made of probabilities says nothing without them.
    fn flag(&self, trace: &mut Trace) {
        let known = || trace.tokens.iter().all(|t| t.rank > 0);
        if let Some(flag) = self
            .flag
            .as_ref()
            .filter(|f| !f.needs_probabilities() || known())
        {
            flag.apply(trace);
        }
    }
}
