//! Comparisons as a page.

use std::io::Write;

use anyhow::Result;

use super::page_parts::PageParts;
use super::report::page_options;
use rotescope_report::ReportOptions;
use rotescope_report::html::{Page, Pair, PairedStep};
use rotescope_study::compare::{Comparison, Relation, StepPair, StepRelation};
use rotescope_trace::Trace;

/// A page while pairs are compared.
pub struct ComparisonPage {
    page: Page,
    options: ReportOptions,
}

impl ComparisonPage {
    pub fn new() -> Result<ComparisonPage> {
        Ok(ComparisonPage {
            page: Page::new()?,
            options: page_options(None, "stim")?,
        })
    }

    pub fn add(&mut self, a: &Trace, b: &Trace, c: &Comparison) -> Result<()> {
        let mut relations = [vec![""; a.tokens.len()], vec![""; b.tokens.len()]];
        for pair in &c.tokens {
            for (side, at) in [pair.a, pair.b].into_iter().enumerate() {
                if let Some(place) = at.and_then(|i| relations[side].get_mut(i)) {
                    *place = look(pair.relation, side);
                }
            }
        }
        let pair = Pair {
            a,
            b,
            steps: c
                .steps
                .iter()
                .map(|s| step(s, has_changed(s, a, b, &relations)))
                .collect(),
            relations,
            mapping: c
                .mapping
                .iter()
                .map(|m| (m.from.clone(), m.to.clone()))
                .collect(),
            verdict: c.verdict.clone(),
            fragility: c.fragility,
        };
        Ok(self.page.pair(&pair, &self.options)?)
    }

    pub fn finish(self, out: &mut impl Write, parts: &PageParts) -> Result<()> {
        parts.write(self.page, out, &[], &self.options)?.place()
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
