//! Many prompts: scored side by side, written in their order.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

use crossbeam_channel::{Sender, unbounded};

use super::generation::CANCELLED;
use super::pipeline::{Prefix, RunError, Scorer, ScoringEvent};
use rotescope_model::CancelToken;
use rotescope_trace::jsonl::{Failed, Record};
use rotescope_trace::{Prompt, Trace};

/// Who is told how far the prompts are, from whichever thread works on them. A prompt has the number of its place.
pub trait Watch: Sync {
    fn begins(&self, prompt: usize, id: &str);
    fn event(&self, prompt: usize, event: &ScoringEvent);
    fn ends(&self, prompt: usize);
}

/// The place of a prompt, its id, and what came of it.
type Done = (usize, String, Result<Trace, RunError>);

/// Scores the prompts, each by whichever scorer is free, and writes what comes of them in their order, so that the file does not depend on who was
/// faster. A prompt that fails becomes a record of that. When `cancel` is set, prompts that are done are written, and no others.
///
/// `each`: prompts that are begun with every scorer. They are generated side by side, as the model does it; what comes behind that is done for one after
/// the other, so that the first are done soon.
///
/// # Errors
/// Those of `write`, which end the run.
pub fn in_order<E>(
    scorers: &[Scorer],
    each: usize,
    prompts: Vec<Prompt>,
    cancel: &CancelToken,
    watch: &dyn Watch,
    write: &mut dyn FnMut(Record) -> Result<(), E>,
) -> Result<(), E> {
    let (give, work) = unbounded::<(usize, Prompt)>();
    let (send, results) = unbounded::<Done>();
    for item in prompts.into_iter().enumerate() {
        let _ = give.send(item); // `work` is alive
    }
    drop(give);
    let turns: Vec<Mutex<()>> = scorers.iter().map(|_| Mutex::default()).collect();
    let worker = |(scorer, turn): (&Scorer, &Mutex<()>), send: Sender<Done>| {
        for (i, prompt) in &work {
            if cancel.is_cancelled() {
                break;
            }
            watch.begins(i, &prompt.id);
            let mut on_event = |e: ScoringEvent| watch.event(i, &e);
            let result = one(scorer, turn, &prompt, cancel, &mut on_event);
            watch.ends(i);
            if send.send((i, prompt.id, result)).is_err() {
                break;
            }
        }
    };
    let pairs = || scorers.iter().zip(&turns);
    std::thread::scope(|scope| {
        let (worker, mut started) = (&worker, 0);
        for pair in pairs().flat_map(|pair| std::iter::repeat_n(pair, each)) {
            let send = send.clone();
            let begun = Builder::new().spawn_scoped(scope, move || worker(pair, send));
            started += usize::from(begun.is_ok());
        }
        // Where memory is too little for any thread, this one does it all.
        if let (0, Some(pair)) = (started, pairs().next()) {
            worker(pair, send.clone());
        }
        drop(send);
        let (mut waiting, mut next) = (BTreeMap::new(), 0);
        let mut written = || {
            for (i, id, result) in &results {
                waiting.insert(i, (id, result));
                while let Some((id, result)) = waiting.remove(&next) {
                    next += 1;
                    match result {
                        Ok(trace) => write(Record::Trace(Box::new(trace)))?,
                        Err(RunError::Cancelled) => {}
                        Err(error) => write(Record::Failed(Failed::new(&id, error.to_string())))?,
                    }
                }
            }
            Ok(())
        };
        let written = written();
        if written.is_err() {
            cancel.cancel(); // the others would go on for nothing
        }
        written
    })
}

/// [`Scorer::score`], of which only one at a time goes beyond the generation.
fn one(
    scorer: &Scorer,
    turn: &Mutex<()>,
    prompt: &Prompt,
    cancel: &CancelToken,
    on_event: &mut dyn FnMut(ScoringEvent),
) -> Result<Trace, RunError> {
    let mut trace = scorer.generate(prompt, Prefix::default(), cancel, on_event)?;
    if trace.finish == CANCELLED {
        return Err(RunError::Cancelled);
    }
    let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
    scorer.deepen(&mut trace, None, cancel, on_event)?;
    Ok(trace)
}
