//! Does it say more of a step than how unsure the model was that a document has its template, but not its numbers?
//!
//! Steps are those whose truth is known, up to the first wrong one. Two questions: how many steps of each class are wrong; and what the shares of
//! template and of numbers add to a logistic regression on uncertainty, fitted on other problems.

use rotescope_judge::fit::FOLDS;
use rotescope_stats::crossval::out_of_fold;
use rotescope_trace::RegionClass;

use super::super::bootstrap::{Setting, auroc_cell, auroc_difference, mean_cell};
use super::super::matched::Strata;
use super::super::table::{Cell, Table};
use super::chains::{Chain, Chains};
use super::step_scores::{PLAIN, REGIONS, SCORES, StepScores, UNSURE};

/// Penalty of the logistic regressions.
const L2: f64 = 3.0;
/// Uncertainties are taken in logarithms; below this they count as this.
const LEAST: f64 = 1e-6;

/// Steps that have all that is asked for.
#[derive(Default)]
struct Steps<'a> {
    scores: Vec<&'a StepScores>,
    classes: Vec<RegionClass>,
    wrong: Vec<bool>,
    problems: Vec<&'a str>,
}

impl<'a> Steps<'a> {
    fn of(chains: &'a Chains) -> Steps<'a> {
        let mut out = Steps::default();
        let all = chains.all.iter();
        let known = all.flat_map(|c: &Chain| c.known_classes().map(move |k| (c, k)));
        for (chain, (scores, wrong, class)) in known {
            let has = |mut of: std::ops::Range<usize>| of.all(|i| scores[i].is_some());
            if let (Some(class), true) = (class, has(UNSURE)) {
                out.scores.push(scores);
                out.classes.push(class);
                out.wrong.push(wrong);
                out.problems.push(&chain.problem);
            }
        }
        out
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

/// Both tables; none where no step was held against documents.
pub fn tables(chains: &Chains, setting: &Setting) -> Vec<Table> {
    let steps = Steps::of(chains);
    if !steps.wrong.contains(&true) || !steps.wrong.contains(&false) {
        return Vec::new();
    }
    vec![by_class(&steps, setting), added(&steps, setting)]
}

fn by_class(steps: &Steps, setting: &Setting) -> Table {
    let mut t = Table::new(
        "first-error-regions",
        "What of a step a document has, and how many of them are the first wrong one",
        &["class", "a document has", "steps", "wrong", "share"],
    );
    for class in RegionClass::ALL {
        let of: Vec<usize> = (0..steps.wrong.len())
            .filter(|i| steps.classes[*i] == class)
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

fn added(steps: &Steps, setting: &Setting) -> Table {
    let mut t = Table::new(
        "first-error-regions-added",
        "What regions add to what is known without them (AUROC of the first wrong step; regressions are fitted on other problems)",
        &["known", "AUROC", "with regions", "more"],
    );
    let unsure: Vec<usize> = UNSURE.collect();
    let plain: Vec<usize> = unsure.iter().copied().chain(PLAIN..SCORES.len()).collect();
    for (name, columns) in [
        ("how unsure the model was", unsure),
        ("that, length, digits and position", plain),
    ] {
        let with: Vec<usize> = columns.iter().copied().chain(REGIONS).collect();
        let (Some(base), Some(more)) = (steps.fitted(&columns), steps.fitted(&with)) else {
            continue;
        };
        let (wrong, problems) = (&steps.wrong, &steps.problems);
        t.rows.push(vec![
            name.into(),
            auroc_cell(&base, wrong, problems, setting),
            auroc_cell(&more, wrong, problems, setting),
            auroc_difference(&more, &base, wrong, problems, setting),
        ]);
    }
    // Beside steps that the model was as unsure of.
    let largest: Vec<f64> = steps
        .scores
        .iter()
        .map(|s| s[UNSURE.end - 1].unwrap_or(0.0))
        .collect();
    let strata = Strata::new(&largest, &steps.wrong);
    let alone: Vec<Cell> = REGIONS
        .map(|i| {
            let of: Vec<f64> = steps.scores.iter().map(|s| s[i].unwrap_or(0.0)).collect();
            strata.auroc(&of, &steps.wrong, &steps.problems, setting)
        })
        .collect();
    let said: Vec<String> = alone.iter().map(Cell::text).collect();
    t.reading = format!(
        "Among steps of about the same largest entropy, AUROC of \"template only\" is {}, of template less numbers and names {}; by chance .5.",
        said[0], said[1]
    );
    t
}
