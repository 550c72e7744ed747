//! What says more of a step than how unsure the model was? That a document has its template, but not its numbers; what the corpus alone says of its tokens.
//!
//! Steps are those whose truth is known, up to the first wrong one. Two questions: how many steps of each class of
//! regions are wrong; and what such scores add to a logistic regression on uncertainty, fitted on other problems.

use std::ops::Range;

use rotescope_judge::fit::FOLDS;
use rotescope_stats::crossval::out_of_fold;
use rotescope_trace::RegionClass;

use super::super::bootstrap::{Setting, auroc_cell, auroc_difference, mean_cell};
use super::super::matched::Strata;
use super::super::table::{Cell, Table};
use super::chains::Chains;
use super::step_scores::{PLAIN, REGIONS, RETRIEVED, SCORES, StepScores, UNSURE};

/// Penalty of the logistic regressions.
const L2: f64 = 3.0;
/// Uncertainties are taken in logarithms; below this they count as this.
const LEAST: f64 = 1e-6;

/// Steps that have all that is asked for.
struct Steps<'a> {
    scores: Vec<&'a StepScores>,
    classes: Vec<Option<RegionClass>>,
    wrong: Vec<bool>,
    problems: Vec<&'a str>,
}

impl<'a> Steps<'a> {
    /// Those that have uncertainties and `more`; `None` where none is wrong or none right.
    fn of(chains: &'a Chains, more: &Range<usize>) -> Option<Steps<'a>> {
        let (mut scores, mut classes) = (Vec::new(), Vec::new());
        let (mut wrong, mut problems) = (Vec::new(), Vec::new());
        for chain in &chains.all {
            for (s, is_wrong, class) in chain.known_classes() {
                if UNSURE.chain(more.clone()).all(|i| s[i].is_some()) {
                    scores.push(s);
                    classes.push(class);
                    wrong.push(is_wrong);
                    problems.push(chain.problem.as_str());
                }
            }
        }
        (wrong.contains(&true) && wrong.contains(&false)).then_some(Steps {
            scores,
            classes,
            wrong,
            problems,
        })
    }

    /// Probability of being wrong by a regression on some columns, each row by the model that has not seen its problem.
    fn fitted(&self, columns: &[usize]) -> Option<Vec<f64>> {
        let value = |s: &StepScores, i: usize| match s[i] {
            Some(v) if UNSURE.contains(&i) => v.max(LEAST).ln(),
            Some(v) => v,
            None => 0.0,
        };
        let row = |s: &&StepScores| columns.iter().map(|i| value(s, *i)).collect();
        let rows: Vec<Vec<f64>> = self.scores.iter().map(row).collect();
        let names = vec![""; columns.len()];
        out_of_fold(&names, &rows, &self.wrong, &self.problems, FOLDS, L2).ok()
    }
}

/// The tables of what the records have.
pub fn tables(chains: &Chains, setting: &Setting) -> Vec<Table> {
    let mut all = Vec::new();
    if let Some(steps) = Steps::of(chains, &REGIONS) {
        all.push(by_class(&steps, setting));
        all.push(added(&steps, REGIONS, "regions", setting));
    }
    if let Some(steps) = Steps::of(chains, &RETRIEVED) {
        all.push(added(&steps, RETRIEVED, "retrieved", setting));
    }
    all
}

fn by_class(steps: &Steps, setting: &Setting) -> Table {
    let mut t = Table::new(
        "first-error-regions",
        "What of a step a document has, and how many of them are the first wrong one",
        &["class", "a document has", "steps", "wrong", "share"],
    );
    for class in RegionClass::ALL {
        let of: Vec<usize> = (0..steps.wrong.len())
            .filter(|i| steps.classes[*i] == Some(class))
            .collect();
        let wrong: Vec<f64> = of
            .iter()
            .map(|i| f64::from(u8::from(steps.wrong[*i])))
            .collect();
        let problems: Vec<&str> = of.iter().map(|i| steps.problems[*i]).collect();
        t.rows.push(vec![
            class.name().into(),
            class.about().into(),
            of.len().into(),
            (wrong.iter().sum::<f64>() as usize).into(),
            mean_cell(&wrong, &problems, setting),
        ]);
    }
    let wrong = steps.wrong.iter().filter(|w| **w).count();
    let share = Cell::number(Some(wrong as f64 / steps.wrong.len() as f64), None);
    t.reading = format!("Of all these steps {} are wrong.", share.text());
    t
}

/// What some scores add. `name` names them.
fn added(steps: &Steps, more: Range<usize>, name: &str, setting: &Setting) -> Table {
    let mut t = Table::new(
        &format!("first-error-{name}-added"),
        &format!(
            "What {name} adds to what is known without (AUROC of the first wrong step; regressions are fitted on other problems)"
        ),
        &["known", "AUROC", &format!("with {name}"), "more"],
    );
    let unsure: Vec<usize> = UNSURE.collect();
    let plain: Vec<usize> = unsure.iter().copied().chain(PLAIN..SCORES.len()).collect();
    for (name, columns) in [
        ("how unsure the model was", unsure),
        ("that, length, digits and position", plain),
    ] {
        let with: Vec<usize> = columns.iter().copied().chain(more.clone()).collect();
        let (Some(base), Some(both)) = (steps.fitted(&columns), steps.fitted(&with)) else {
            continue;
        };
        let (wrong, problems) = (&steps.wrong, &steps.problems);
        t.rows.push(vec![
            name.into(),
            auroc_cell(&base, wrong, problems, setting),
            auroc_cell(&both, wrong, problems, setting),
            auroc_difference(&both, &base, wrong, problems, setting),
        ]);
    }
    // Beside steps that the model was as unsure of.
    let of = |i: usize| -> Vec<f64> {
        let all = steps.scores.iter();
        all.map(|s| s[i].unwrap_or(0.0)).collect()
    };
    let strata = Strata::new(&of(UNSURE.end - 1), &steps.wrong);
    let alone = more.map(|i| {
        let cell = strata.auroc(&of(i), &steps.wrong, &steps.problems, setting);
        format!("{} {}", SCORES[i].name, cell.text())
    });
    t.reading = format!(
        "AUROC among steps of about the same largest entropy (by chance .5): {}.",
        alone.collect::<Vec<_>>().join(", ")
    );
    t
}
