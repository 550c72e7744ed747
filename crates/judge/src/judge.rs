//! Verdicts on the steps of a trace: what can be computed from the prompt and the output, without a model.
//!
//! A completion is judged up to its first false step and that step included. What comes later follows from a false value; there only what is
//! false in itself is reported, and nothing is called right.

use crate::labels::is_computed;
use crate::output::output_text;
use crate::registry;
use crate::verdict::Judgement;
use crate::verifier::{Completion, Findings};
use rotescope_trace::{Trace, Verdict};

/// Fills [`rotescope_trace::Step::verdict`] from the verifiers of the prompt (see [`registry::of`]). Verdicts of a process reward model stay
/// where nothing can be computed; all others are made anew.
///
/// A verifier that the prompt declares and that is not known says nothing; [`registry::check`] refuses it where prompts and traces are read.
pub fn judge(trace: &mut Trace) {
    let text = output_text(trace);
    let found = found(&Completion::of(trace, &text));
    for (i, found) in found.into_iter().enumerate() {
        let verdict = found.map(|(by, found)| verdict(trace, i, by, found));
        let step = &mut trace.steps[i];
        if verdict.is_some() || step.verdict.as_ref().is_some_and(is_computed) {
            step.verdict = verdict;
        }
    }
}

/// A finding and the name of the verifier.
type Named = (&'static str, Judgement);

/// What is said of each step; offsets are bytes of the step.
fn found(c: &Completion) -> Vec<Option<Named>> {
    let mut wholes: Vec<Named> = Vec::new();
    // Name, whether it stands alone, by step.
    let mut by_step: Vec<(&'static str, bool, Vec<Judgement>)> = Vec::new();
    for v in registry::of(c.prompt) {
        match v.findings(c) {
            Findings::Whole(Judgement::NotApplicable) => {}
            Findings::Whole(found) => wholes.push((v.name(), found)),
            Findings::Steps(found) => by_step.push((v.name(), v.stands_alone(), found)),
        }
    }
    // The first mistake of all, else the first that calls it right.
    let whole = first_mistake(&wholes).or(wholes.first()).cloned();
    let mut broken = false;
    let steps = 0..c.steps.len();
    steps
        .map(|i| {
            c.step(i)?;
            let mut all: Vec<Named> = Vec::new();
            if let Some((by, found)) = whole.as_ref().filter(|_| !broken) {
                all.push((by, of_step(found, c, i)));
            }
            let own = by_step.iter().filter(|(_, alone, _)| *alone || !broken);
            all.extend(own.filter_map(|(by, _, found)| Some((*by, found.get(i)?.clone()))));
            // Of several that call it right the last one looks closest.
            let right = || all.iter().rfind(|(_, f)| *f == Judgement::Right && !broken);
            let said = first_mistake(&all).or_else(right).cloned();
            broken |= said.as_ref().is_some_and(|(_, f)| at(f).is_some());
            said
        })
        .collect()
}

/// The finding that goes wrong first; of two at one place the first one.
fn first_mistake(all: &[Named]) -> Option<&Named> {
    let mistakes = all.iter().filter_map(|n| Some((at(&n.1)?, n)));
    mistakes.min_by_key(|(at, _)| *at).map(|(_, n)| n)
}

/// Where a text goes wrong.
fn at(found: &Judgement) -> Option<usize> {
    match found {
        Judgement::Wrong { at, .. } => Some(*at),
        _ => None,
    }
}

/// What a finding on the whole text says of a step: that it is right, if the mistake is behind it. Its offsets become those of the step.
fn of_step(found: &Judgement, c: &Completion, step: usize) -> Judgement {
    let (from, to) = (c.steps[step].start, c.steps[step].end);
    let last = step + 1 == c.steps.len();
    match found {
        Judgement::Wrong {
            span,
            at,
            expected,
            why,
        } if *at < to || last => Judgement::Wrong {
            span: span.start.max(from) - from..span.end.max(from) - from,
            at: (*at).max(from) - from,
            expected: expected.clone(),
            why: why.clone(),
        },
        _ => Judgement::Right,
    }
}

/// As the trace has it.
fn verdict(trace: &Trace, step: usize, by: &str, found: Judgement) -> Verdict {
    let right = Verdict {
        right: true,
        by: by.into(),
        p: None,
        span: None,
        tokens: Vec::new(),
        expected: None,
        why: None,
    };
    let from = trace.steps[step].span[0];
    match found.shifted(from) {
        Judgement::Wrong {
            span,
            at,
            expected,
            why,
        } => Verdict {
            right: false,
            tokens: wrong_tokens(trace, step, span.end, at),
            span: Some([span.start, span.end]),
            expected: Some(expected),
            why: Some(why),
            ..right
        },
        _ => right,
    }
}

/// The token that holds byte `at`, and those of the false value after it.
fn wrong_tokens(trace: &Trace, step: usize, end: usize, at: usize) -> Vec<usize> {
    let [first, last] = trace.steps[step].tokens;
    let range = first..last.min(trace.tokens.len());
    let end = end.max(at + 1);
    let hit: Vec<usize> = range
        .clone()
        .filter(|&i| trace.tokens[i].span[0] < end && trace.tokens[i].span[1] > at)
        .collect();
    if hit.is_empty() {
        range.last().into_iter().collect()
    } else {
        hit
    }
}
