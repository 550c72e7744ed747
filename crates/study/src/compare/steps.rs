//! Which steps stand for each other, and what became of them.

use super::record::{Copied, Delta, Relation, StepPair, StepRelation, TokenPair};
use rotescope_trace::{PerSource, Trace};

/// The step of each token.
fn of_tokens(t: &Trace) -> Vec<Option<usize>> {
    let mut out = vec![None; t.tokens.len()];
    for (i, s) in t.steps.iter().enumerate() {
        let inside = out.get_mut(s.tokens[0]..s.tokens[1]);
        inside.into_iter().flatten().for_each(|of| *of = Some(i));
    }
    out
}

/// The pairs of tokens in each step.
fn by_step(of: &[Option<usize>], steps: usize) -> Vec<Vec<usize>> {
    let mut out = vec![Vec::new(); steps];
    for (i, step) in of.iter().enumerate() {
        if let Some(inside) = step.and_then(|s| out.get_mut(s)) {
            inside.push(i);
        }
    }
    out
}

/// Steps by the tokens that they share: each step of `b` belongs to the step of `a` with which it has most tokens in common, once.
pub fn pairs(a: &Trace, b: &Trace, tokens: &[TokenPair], copied: &[Copied]) -> Vec<StepPair> {
    let (steps_a, steps_b) = (of_tokens(a), of_tokens(b));
    let of_a: Vec<Option<usize>> = tokens.iter().map(|t| steps_a[t.a?]).collect();
    let of_b: Vec<Option<usize>> = tokens.iter().map(|t| steps_b[t.b?]).collect();
    let mut shared = std::collections::BTreeMap::<(usize, usize), usize>::new();
    for (sa, sb) in of_a.iter().zip(&of_b) {
        if let (Some(sa), Some(sb)) = (sa, sb) {
            *shared.entry((*sb, *sa)).or_default() += 1;
        }
    }
    let (mut partner, mut taken) = (vec![None; b.steps.len()], vec![false; a.steps.len()]);
    let mut by_size: Vec<_> = shared.into_iter().collect();
    by_size.sort_by_key(|((sb, sa), n)| (std::cmp::Reverse(*n), *sb, *sa));
    for ((sb, sa), _) in by_size {
        if partner[sb].is_none() && !taken[sa] {
            (partner[sb], taken[sa]) = (Some(sa), true);
        }
    }
    let inside_a = by_step(&of_a, a.steps.len());
    let inside_b = by_step(&of_b, b.steps.len());
    let mut out = Vec::new();
    let mut next_a = 0;
    for (sb, sa) in partner.into_iter().enumerate() {
        if let Some(sa) = sa {
            out.extend(
                (next_a..sa)
                    .filter(|i| !taken[*i])
                    .map(|i| lone(Some(i), None, false)),
            );
            next_a = next_a.max(sa + 1);
        }
        let range = b.steps[sb].tokens;
        let copies = copied
            .iter()
            .any(|c| (range[0]..range[1]).contains(&c.token));
        out.push(match sa {
            None => lone(None, Some(sb), copies),
            Some(sa) => {
                let alone = inside_b[sb].iter().filter(|i| of_a[**i] != Some(sa));
                let mut inside: Vec<usize> = inside_a[sa].iter().chain(alone).copied().collect();
                inside.sort_unstable();
                let inside: Vec<&TokenPair> = inside.into_iter().map(|i| &tokens[i]).collect();
                StepPair {
                    a: Some(sa),
                    b: Some(sb),
                    relation: relation(&inside),
                    copied: copies,
                    delta: mean(&inside),
                }
            }
        });
    }
    out.extend(
        (next_a..a.steps.len())
            .filter(|i| !taken[*i])
            .map(|i| lone(Some(i), None, false)),
    );
    out
}

fn lone(a: Option<usize>, b: Option<usize>, copied: bool) -> StepPair {
    StepPair {
        a,
        b,
        relation: if a.is_some() {
            StepRelation::OnlyA
        } else {
            StepRelation::OnlyB
        },
        copied,
        delta: None,
    }
}

fn relation(pairs: &[&TokenPair]) -> StepRelation {
    if pairs.iter().all(|t| t.relation == Relation::Equal) {
        StepRelation::Same
    } else if pairs.iter().all(|t| t.number || !t.relation.diverges()) {
        StepRelation::SameButNumbers
    } else {
        StepRelation::Changed
    }
}

fn mean(pairs: &[&TokenPair]) -> Option<Delta> {
    let deltas: Vec<Delta> = pairs.iter().filter_map(|t| t.delta).collect();
    let mean = |values: Vec<f64>| {
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    Some(Delta {
        p: mean(deltas.iter().map(|d| d.p).collect())?,
        scores: PerSource::of(|s| mean(deltas.iter().filter_map(|d| d.scores.get(s)).collect())),
    })
}
