//! One job: a prompt generated and scored.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use crossbeam_channel::Sender;

use super::messages::{Job, Update};
use crate::run::pipeline::{RunError, Scorer, ScoringEvent};
use crate::run::preview::Preview;
use rotescope_model::CancelToken;
use rotescope_stim::Progress;

/// Does one job, and says what happens.
pub(super) fn work(
    scorer: &Scorer,
    job: Job,
    focus: &Arc<AtomicUsize>,
    cancel: &CancelToken,
    say: &Sender<Update>,
) {
    let id = job.id;
    let mut preview = Preview::new(scorer, &job.prompt, &job.from.kept);
    let on_event = &mut |event: ScoringEvent| {
        let steps = match &event {
            ScoringEvent::Token(t) => preview.push(t),
            _ => Vec::new(),
        };
        let _ = say.send(match event {
            ScoringEvent::Prompt { done, total } => Update::Reading {
                job: id,
                done,
                total,
            },
            ScoringEvent::Token(t) => Update::Token {
                job: id,
                token: Box::new(t.clone()),
            },
            ScoringEvent::Local {
                index,
                token,
                waiting,
            } => Update::Local {
                job: id,
                index,
                token: Box::new(token.clone()),
                waiting,
            },
            ScoringEvent::NonLocal(Progress::Token {
                index,
                token,
                done,
                total,
            }) => Update::Attributed {
                job: id,
                index,
                token: Box::new(token.clone()),
                done,
                total,
            },
            ScoringEvent::NonLocal(Progress::Passes { .. }) => return,
        });
        if !steps.is_empty() {
            let _ = say.send(Update::Steps { job: id, steps });
        }
    };
    let mut trace = match scorer.generate(&job.prompt, job.from, cancel, on_event) {
        Ok(trace) => trace,
        // Without a word about its end, the job would seem to go on for ever.
        Err(error) => {
            let error = error.to_string();
            let _ = say.send(Update::Failed { job: id, error });
            return;
        }
    };
    if !cancel.is_cancelled() {
        let _ = say.send(Update::Generated {
            job: id,
            trace: Box::new(trace.clone()),
        });
        match scorer.deepen(&mut trace, Some(focus), cancel, on_event) {
            Ok(()) | Err(RunError::Cancelled) => {}
            Err(error) => {
                let error = error.to_string();
                let _ = say.send(Update::Failed { job: id, error });
            }
        }
    }
    let _ = say.send(Update::Finished {
        job: id,
        trace: Box::new(trace),
    });
}
