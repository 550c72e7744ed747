//! Rankings combined, cross-validated by prompt, and what each source adds to uncertainty.
//!
//! Two models over the same few columns, since two things are asked:
//! - `in step`: a conditional logit, fitted to finding the wrong token among the tokens *of its step* (P@k, R@k). Its scores mean nothing across steps.
//! - `across`: a logistic regression over the tokens of all steps, which is what AUROC and average precision ask.

use super::rankings::{Case, Ranking, Rankings, at};
use super::table::Table;
use super::{Setting, auroc_difference, mean_cell};
use crate::stats::conditional::{self, ChoiceSet};
use crate::stats::crossval::out_of_fold;
use crate::stats::precision_at;
use crate::verify::fit::FOLDS;

/// Penalty of the logistic regression.
const L2: f64 = 3.0;
/// Penalties of the conditional logit, chosen among within the training folds.
const L2_IN_STEP: [f64; 4] = [1.0, 3.0, 10.0, 30.0];
/// Uncertainties are taken in logarithms: p = .9999 and p = .998 are as far apart as p = .99 and p = .83. Below this they count as this.
const LEAST: f64 = 1e-6;

/// Columns of the models: of uncertainty, in logarithms; of each source its default measure.
const UNSURE: [&str; 3] = ["1 - p", "entropy", "margin"];
const LOCAL: &str = "gain local";
const MID: &str = "gain mid";
const LONG: &str = "gain long";

/// What goes into a combination.
struct Set {
    name: &'static str,
    unsure: bool,
    measures: &'static [&'static str],
}

const SETS: [Set; 6] = [
    Set {
        name: "uncertainty",
        unsure: true,
        measures: &[],
    },
    Set {
        name: "uncertainty + local",
        unsure: true,
        measures: &[LOCAL],
    },
    Set {
        name: "uncertainty + mid",
        unsure: true,
        measures: &[MID],
    },
    Set {
        name: "uncertainty + long",
        unsure: true,
        measures: &[LONG],
    },
    Set {
        name: "memorization",
        unsure: false,
        measures: &[LOCAL, MID, LONG],
    },
    Set {
        name: "all",
        unsure: true,
        measures: &[LOCAL, MID, LONG],
    },
];

/// Names of combinations begin with one of these.
const IN_STEP: &str = "in step: ";
const ACROSS: &str = "across: ";

/// Whether a ranking is fitted to the traces.
pub fn is_combination(name: &str) -> bool {
    name.starts_with(IN_STEP) || name.starts_with(ACROSS)
}

/// Whether a ranking's scores can be compared between steps.
pub fn compares_steps(name: &str) -> bool {
    !name.starts_with(IN_STEP)
}

/// The combinations that the traces have columns for. A combination that cannot be fitted is left out.
pub fn combinations(r: &Rankings) -> Vec<Ranking> {
    type Fit = fn(&Rankings, &[Vec<Vec<f64>>]) -> Option<Vec<Vec<f64>>>;
    let kinds: [(&str, Fit); 2] = [(IN_STEP, in_step), (ACROSS, across)];
    let mut out = Vec::new();
    for (prefix, fit) in kinds {
        for set in &SETS {
            let Some(features) = features(r, set) else {
                continue;
            };
            if let Some(scores) = fit(r, &features) {
                let name = format!("{prefix}{}", set.name);
                out.push(Ranking { name, scores });
            }
        }
    }
    out
}

/// By case and token the columns of a set that the traces have; NaN where a token has none. `None` if a whole kind of column is absent.
fn features(r: &Rankings, set: &Set) -> Option<Vec<Vec<Vec<f64>>>> {
    let measures: Vec<usize> = set.measures.iter().filter_map(|n| r.column(n)).collect();
    if measures.is_empty() && !set.measures.is_empty() {
        return None;
    }
    let unsure: Vec<usize> = match set.unsure {
        true => UNSURE.iter().filter_map(|n| r.column(n)).collect(),
        false => Vec::new(),
    };
    let row = |case: &Case, i: usize| {
        let log = |&c: &usize| at(case, c, i).map_or(f64::NAN, |v| v.max(LEAST).ln());
        let plain = |&c: &usize| at(case, c, i).unwrap_or(f64::NAN);
        unsure
            .iter()
            .map(log)
            .chain(measures.iter().map(plain))
            .collect()
    };
    let of = |case: &Case| (0..case.wrong.len()).map(|i| row(case, i)).collect();
    Some(r.cases.iter().map(of).collect())
}

fn in_step(r: &Rankings, features: &[Vec<Vec<f64>>]) -> Option<Vec<Vec<f64>>> {
    let sets: Vec<ChoiceSet> = r
        .cases
        .iter()
        .zip(features)
        .map(|(case, rows)| ChoiceSet::new(rows.clone(), case.wrong.clone()))
        .collect::<Option<_>>()?;
    let groups: Vec<&str> = r.cases.iter().map(|c| c.group.as_str()).collect();
    conditional::out_of_fold(&sets, &groups, FOLDS, &L2_IN_STEP)
}

fn across(r: &Rankings, features: &[Vec<Vec<f64>>]) -> Option<Vec<Vec<f64>>> {
    let mut rows: Vec<Vec<f64>> = features.iter().flatten().cloned().collect();
    let width = rows.first()?.len();
    for j in 0..width {
        let known = || rows.iter().map(|r| r[j]).filter(|v| v.is_finite());
        let mean = known().sum::<f64>() / known().count().max(1) as f64;
        rows.iter_mut()
            .filter(|r| !r[j].is_finite())
            .for_each(|r| r[j] = mean);
    }
    let names = vec![""; width];
    let positive: Vec<bool> = r
        .cases
        .iter()
        .flat_map(|c| c.wrong.iter().copied())
        .collect();
    let mut rest = out_of_fold(&names, &rows, &positive, &owners(r), FOLDS, L2)
        .ok()?
        .into_iter();
    let of = |c: &Case| rest.by_ref().take(c.wrong.len()).collect();
    Some(r.cases.iter().map(of).collect())
}

/// The group of each token.
fn owners(r: &Rankings) -> Vec<&str> {
    r.cases
        .iter()
        .flat_map(|c| std::iter::repeat_n(c.group.as_str(), c.wrong.len()))
        .collect()
}

/// What is gained over uncertainty alone: P@1 by the model fitted within steps, AUROC by the one fitted across them.
pub fn added(r: &Rankings, rankings: &[Ranking], setting: &Setting) -> Option<Table> {
    let find = |prefix: &str, set: &Set| {
        let name = format!("{prefix}{}", set.name);
        rankings.iter().find(|x| x.name == name)
    };
    let base = (find(IN_STEP, &SETS[0])?, find(ACROSS, &SETS[0])?);
    let mut t = Table::new(
        "added-to-uncertainty",
        "What memorization scores add to uncertainty, cross-validated by prompt (P@1: fitted within steps; AUROC: across them)",
        &[
            "added",
            "P@1 more",
            "AUROC more",
            "P@1 more, p >= .8",
            "wrong steps",
        ],
    );
    for (i, label) in [(1, "local"), (2, "mid"), (3, "long"), (5, "all sources")] {
        let (Some(within), Some(across)) = (find(IN_STEP, &SETS[i]), find(ACROSS, &SETS[i])) else {
            continue;
        };
        let gain = |keep: &dyn Fn(&Case) -> bool| {
            let chosen: Vec<usize> = (0..r.cases.len()).filter(|&i| keep(&r.cases[i])).collect();
            let p1 = |x: &Ranking, i: usize| {
                precision_at(&x.scores[i], &r.cases[i].wrong, 1).unwrap_or(0.0)
            };
            let values: Vec<f64> = chosen
                .iter()
                .map(|&i| p1(within, i) - p1(base.0, i))
                .collect();
            let groups: Vec<&str> = chosen.iter().map(|&i| r.cases[i].group.as_str()).collect();
            mean_cell(&values, &groups, setting)
        };
        let flat = |x: &Ranking| x.scores.iter().flatten().copied().collect::<Vec<f64>>();
        let positive: Vec<bool> = r
            .cases
            .iter()
            .flat_map(|c| c.wrong.iter().copied())
            .collect();
        t.rows.push(vec![
            label.into(),
            gain(&|_| true),
            auroc_difference(&flat(across), &flat(base.1), &positive, &owners(r), setting),
            gain(&|c| c.p >= 0.8),
            r.cases.len().into(),
        ]);
    }
    (!t.rows.is_empty()).then_some(t)
}
