//! Which tokens of a completion are scored, and in which order.

use std::ops::Range;

use super::settings::{NonLocalSettings, Scope};
use rotescope_trace::Trace;

/// Tokens that are worked out together.
pub(super) struct Group {
    /// Of the step: which of its tokens are looked at does not matter.
    pub(super) step: Range<usize>,
    /// The scored ones.
    pub(super) tokens: Vec<usize>,
}

/// The scored tokens in scope, step by step in the order asked for; those of no step come last.
pub(super) fn in_order(trace: &Trace, options: &NonLocalSettings) -> Vec<Group> {
    let steps = trace.steps.len();
    let mut order: Vec<usize> = options.order.clone().unwrap_or_default();
    order.retain(|&s| s < steps);
    order.extend(0..steps);
    let mut taken = vec![false; trace.tokens.len()];
    let mut scored = |t: usize| {
        let fresh = trace.tokens[t].skipped.is_none() && !taken[t];
        taken[t] |= fresh;
        fresh
    };
    let mut groups: Vec<Group> = Vec::new();
    for s in order {
        if options.scope.holds(trace, s) {
            let [from, to] = trace.steps[s].tokens;
            let step = from..to.min(trace.tokens.len());
            let tokens = step.clone().filter(|&t| scored(t)).collect();
            groups.push(Group { step, tokens });
        }
    }
    if options.scope == Scope::Chain {
        let tokens = (0..trace.tokens.len()).filter(|&t| scored(t)).collect();
        groups.push(Group { step: 0..0, tokens });
    }
    groups.retain(|g| !g.tokens.is_empty());
    groups
}
