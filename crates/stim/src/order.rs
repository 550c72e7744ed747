//! Which tokens of a completion are scored, and in which order.

use super::settings::{Method, NonLocalSettings, Scope};
use rotescope_trace::Trace;

/// Tokens that are worked out together in the order of surprise: few, so that the first are soon there, and enough to share calls of the model.
const TOGETHER: usize = 5;

/// Tokens that are worked out together.
pub(super) type Group = Vec<usize>;

/// The scored tokens in scope, in groups, in the order in which they are worked out.
///
/// Without a budget, the full search goes step by step, in the order asked for. Otherwise the most surprising tokens come first.
pub(super) fn in_order(trace: &Trace, options: &NonLocalSettings) -> Vec<Group> {
    let steps = by_step(trace, options);
    if options.budget.is_none() && options.saliency != Method::Staged {
        return steps;
    }
    let mut tokens: Vec<usize> = steps.into_iter().flatten().collect();
    // A token without a probability surprises nobody.
    let p = |t: usize| trace.tokens[t].probability().unwrap_or(1.0);
    tokens.sort_by(|&a, &b| p(a).total_cmp(&p(b)).then(a.cmp(&b)));
    tokens.chunks(TOGETHER).map(<[usize]>::to_vec).collect()
}

/// The scored tokens in scope, step by step in the order asked for; those of no step come last.
fn by_step(trace: &Trace, options: &NonLocalSettings) -> Vec<Group> {
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
            groups.push(step.filter(|&t| scored(t)).collect());
        }
    }
    if options.scope == Scope::Chain {
        groups.push((0..trace.tokens.len()).filter(|&t| scored(t)).collect());
    }
    groups.retain(|g| !g.is_empty());
    groups
}

/// Which group comes next: one that holds a token of the step that is looked at, else the first.
pub(super) fn next(trace: &Trace, waiting: &[Group], watched: Option<usize>) -> usize {
    let step = watched.and_then(|t| {
        let holds = |s: &&rotescope_trace::Step| (s.tokens[0]..s.tokens[1]).contains(&t);
        trace.steps.iter().find(holds)
    });
    let at = step.and_then(|s| {
        let within = |t: &usize| (s.tokens[0]..s.tokens[1]).contains(t);
        waiting.iter().position(|g| g.iter().any(within))
    });
    at.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_trace::{Step, Token};

    fn trace() -> Trace {
        let token = |p: f32| Token {
            p,
            rank: u32::from(p > 0.0),
            skipped: (p == 1.0).then(|| "stop_word".into()),
            ..Token::default()
        };
        let step = |from, to| Step {
            span: [0, 0],
            tokens: [from, to],
            flag: None,
            verdict: None,
            region: None,
        };
        Trace {
            tokens: [0.9, 0.2, 1.0, 0.5, 0.1, 0.0, 0.5, 0.8].map(token).into(),
            steps: vec![step(0, 3), step(3, 6)],
            ..Trace::default()
        }
    }

    #[test]
    fn the_most_surprising_come_first_where_not_all_may_be_done() {
        let trace = trace();
        let mut options = NonLocalSettings {
            order: Some(vec![1]),
            ..Default::default()
        };
        let steps = vec![vec![3, 4, 5], vec![0, 1], vec![6, 7]];
        assert_eq!(in_order(&trace, &options), steps);
        options.budget = Some("9tok".parse().unwrap());
        let surprising = vec![vec![4, 1, 3, 6, 7], vec![0, 5]];
        assert_eq!(in_order(&trace, &options), surprising);
        options.budget = None;
        options.saliency = Method::Staged;
        assert_eq!(in_order(&trace, &options), surprising);
        options.scope = Scope::Step(1);
        assert_eq!(in_order(&trace, &options), [[1, 0]]);
    }

    #[test]
    fn what_is_looked_at_comes_next() {
        let trace = trace();
        let waiting = [vec![4], vec![1, 0], vec![6]];
        assert_eq!(next(&trace, &waiting, Some(2)), 1);
        assert_eq!(next(&trace, &waiting, Some(5)), 0);
        assert_eq!(next(&trace, &waiting, Some(7)), 0, "of no step");
        assert_eq!(next(&trace, &waiting, None), 0);
    }
}
