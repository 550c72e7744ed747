//! A completion that somebody else wrote, read by a model: its probabilities, scores and flags are those of the reader, not of the writer.

use rotescope_import::reading::steps_at;
use rotescope_judge::judge;
use rotescope_model::CancelToken;
use rotescope_trace::{Sampler, Trace};

use super::attributor::ScoringEvent;
use super::error::RunError;
use super::pipeline::{Prefix, Scorer};
use super::within::ids_within;

/// Reads the completion of `given` token by token (teacher forcing) behind its prompt, as the reader's own chat template has it, and scores it. What is known
/// of it stays: its steps where its author cut them (without any they are cut as the reader's are), how it ended, and where it came from.
///
/// # Errors
/// When prompt and completion do not fit the context, the model has no tokens that read exactly as the completion does, the model or index
/// fails, or `cancel` is set.
pub fn read_by(
    reader: &Scorer,
    given: &Trace,
    cancel: &CancelToken,
    on_event: &mut dyn FnMut(ScoringEvent),
) -> Result<Trace, RunError> {
    let text = given.output.clone();
    let ids = ids_within(&reader.engine, &text).ok_or_else(|| RunError::NoTokens(text.clone()))?;
    let reader = reader.with_sampler(Sampler {
        max_tokens: ids.len(),
        ..Sampler::default()
    });
    let from = Prefix {
        kept: Vec::new(),
        typed: text,
    };
    let mut trace = reader.generate(&given.asked(), from, cancel, on_event)?;
    trace.import.clone_from(&given.import);
    if let Some(import) = &mut trace.import {
        import.probabilities = "of the reader".into();
    }
    trace.finish.clone_from(&given.finish);
    // The author may have cut it otherwise.
    let own = given.steps.iter().map(|s| s.span);
    if !given.steps.is_empty() && !own.clone().eq(trace.steps.iter().map(|s| s.span)) {
        let spans: Vec<_> = own.map(|[start, end]| start..end).collect();
        trace.steps = steps_at(&spans, &trace.tokens);
        judge(&mut trace);
        reader.finish.so_far(&mut trace);
    }
    reader.deepen(&mut trace, None, cancel, on_event)?;
    Ok(trace)
}
