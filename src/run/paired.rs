//! Two completions and their comparison as a page shows them.

use rotescope_report::html::{Pair, PairedStep};
use rotescope_study::compare::{Comparison, Relation, StepPair, StepRelation};
use rotescope_trace::Trace;

/// The pair as a page shows it.
pub fn pair<'a>(a: &'a Trace, b: &'a Trace, c: &Comparison) -> Pair<'a> {
    let mut relations = [vec![""; a.tokens.len()], vec![""; b.tokens.len()]];
    for pair in &c.tokens {
        for (side, at) in [pair.a, pair.b].into_iter().enumerate() {
            if let Some(place) = at.and_then(|i| relations[side].get_mut(i)) {
                *place = look(pair.relation, side);
            }
        }
    }
    let steps = c.steps.iter();
    let steps = steps.map(|s| step(s, has_changed(s, a, b, &relations)));
    Pair {
        a,
        b,
        steps: steps.collect(),
        relations,
        mapping: c
            .mapping
            .iter()
            .map(|m| (m.from.clone(), m.to.clone()))
            .collect(),
        verdict: c.verdict.clone(),
        fragility: c.fragility,
    }
}

/// The class of a token, on the first side or the second.
fn look(relation: Relation, side: usize) -> &'static str {
    match relation {
        Relation::Equal => "",
        Relation::Mapped | Relation::Follows => "mapped",
        Relation::Copied if side == 1 => "copied",
        Relation::Copied | Relation::Substituted | Relation::OnlyA | Relation::OnlyB => "changed",
    }
}

/// Whether a token of the steps differs and the change of the prompt does not say why.
fn has_changed(pair: &StepPair, a: &Trace, b: &Trace, relations: &[Vec<&str>; 2]) -> bool {
    let sides = [(a, pair.a, &relations[0]), (b, pair.b, &relations[1])];
    sides.into_iter().any(|(t, at, looks)| {
        let tokens = at.and_then(|i| t.steps.get(i)).map(|s| s.tokens);
        let looks = tokens.and_then(|[first, last]| looks.get(first..last));
        looks.is_some_and(|l| l.iter().any(|l| ["changed", "copied"].contains(l)))
    })
}

fn step(pair: &StepPair, has_changed: bool) -> PairedStep {
    let words = match pair.relation {
        StepRelation::Same => "the same",
        StepRelation::SameButNumbers => "the same but for numbers and names",
        StepRelation::Changed => "changed",
        StepRelation::OnlyA => "only in the first",
        StepRelation::OnlyB => "only in the second",
    };
    let copied = match pair.copied {
        true => ", with a number of the original",
        false => "",
    };
    PairedStep {
        a: pair.a,
        b: pair.b,
        relation: format!("{words}{copied}"),
        differs: has_changed || pair.copied,
    }
}
