//! The original completion under the changed prompt: how probable it still is (teacher forcing).

use rotescope_model::{CancelToken, Engine, ModelError, Targets, Want, Window};
use rotescope_study::compare::Forced;
use rotescope_trace::Trace;

/// Scores the completion of `a` under its own prompt and under `b`'s.
///
/// # Errors
/// When prompt and completion do not fit the context, or the ids are of another model than the engine's.
pub fn force(
    engine: &Engine,
    a: &Trace,
    b: &Trace,
    cancel: &CancelToken,
) -> Result<Option<Forced>, ModelError> {
    if a.tokens.is_empty() || a.prompt.tokens.is_empty() || b.prompt.tokens.is_empty() {
        return Ok(None);
    }
    let window = |prompt: &[u32]| Window {
        tokens: prompt
            .iter()
            .copied()
            .chain(a.tokens.iter().map(|t| t.id))
            .collect(),
        positions: (prompt.len() - 1..prompt.len() + a.tokens.len() - 1).collect(),
        want: Want {
            targets: Targets::Next,
            candidates: 0,
        },
    };
    let scored = engine.score(
        vec![window(&a.prompt.tokens), window(&b.prompt.tokens)],
        cancel,
    )?;
    let sum = |i: usize| -> f64 {
        let positions = &scored.windows[i].positions;
        positions.iter().flat_map(|p| &p.log_probabilities).sum()
    };
    Ok(Some(Forced {
        original: sum(0),
        changed: sum(1),
        tokens: a.tokens.len(),
    }))
}
