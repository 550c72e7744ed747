//! Cases combined, cross-validated by prompt, and what each source adds to uncertainty.
//!
//! Two models, since two things are asked:
//! - `in step`: a conditional logit, fitted to finding the wrong token among the tokens *of its step* (P@k, R@k), from few columns, since it has one
//!   example a step. Its scores mean nothing across steps.
//! - `across`: a logistic regression over the tokens of all steps, which is what AUROC and average precision ask, from all columns.

mod reading;
mod sets;

pub use reading::reading;
pub use sets::{compares_steps, is_combination};

use super::bootstrap::{Setting, auroc_difference, mean_cell};
use super::cases::{Case, Cases, Ranking, at};
use super::options::Confidence;
use super::scores::RETRIEVED;
use super::table::Table;
use rotescope_judge::fit::FOLDS;
use rotescope_stats::conditional::{self, CandidateModel, ChoiceSet};
use rotescope_stats::crossval::out_of_fold;
use rotescope_stats::precision_at;
use rotescope_trace::Source;
use sets::{ACROSS, ALL, IN_STEP, Set, UNCERTAIN, WITH_RETRIEVED, sets};

/// Penalty of the logistic regression.
const L2: f64 = 3.0;
/// Penalties of the conditional logit, chosen among within the training folds.
const L2_IN_STEP: [f64; 4] = [1.0, 3.0, 10.0, 30.0];
/// Uncertainties are taken in logarithms: p = .9999 and p = .998 are as far apart as p = .99 and p = .83. Below this they count as this.
const LEAST: f64 = 1e-6;

/// Columns of uncertainty.
const UNSURE: [&str; 3] = ["1 - p", "entropy", "margin"];
/// The column of each source's default measure, which `in step` takes.
const DEFAULT: &str = "gain";

/// The combinations that the traces have columns for. A combination that cannot be fitted is left out.
pub fn combinations(r: &Cases) -> Vec<Ranking> {
    let mut out = Vec::new();
    for prefix in [IN_STEP, ACROSS] {
        for set in &sets() {
            let scores = match prefix {
                IN_STEP => few(r, set).and_then(|f| in_step(r, set, &f)),
                _ => many(r, set).and_then(|f| across(r, &f)),
            };
            if let Some(scores) = scores {
                let name = format!("{prefix}{}", set.name);
                out.push(Ranking { name, scores });
            }
        }
    }
    out
}

/// Features by case, token, column; NaN where a token has none.
type Features = Vec<Vec<Vec<f64>>>;

/// Logarithms of uncertainties, and the default measure of each source; its published score in traces without measures (`--sources local`).
///
/// Beside uncertainty, measures count only in steps all of whose tokens are confident: where one is not, that is the better hint, and memorization
/// scores are for errors that uncertainty does not see.
fn few(r: &Cases, set: &Set) -> Option<Features> {
    let own = set.sources.iter();
    let column = |s: &Source| {
        r.column(&format!("{DEFAULT} {s}"))
            .or_else(|| r.column(s.name()))
    };
    let measures = own.filter_map(column).chain(retrieved(r, set));
    let unsure = unsure(r, set);
    let logs = unsure.len();
    let mut features = features(r, set, &unsure, measures.collect())?;
    for (case, rows) in r.cases.iter().zip(&mut features) {
        if set.unsure && !all_sure(r, case) {
            rows.iter_mut().for_each(|row| row[logs..].fill(0.0));
        }
    }
    Some(features)
}

/// Whether every token of a step is confident, as far as their probabilities are known.
fn all_sure(r: &Cases, case: &Case) -> bool {
    let doubt = |i: usize| r.column("1 - p").and_then(|c| at(case, c, i));
    (0..case.wrong.len())
        .all(|i| doubt(i).is_none_or(|d| r.levels.of(1.0 - d) == Confidence::Confident))
}

/// Uncertainties and their logarithms, and every score of each source.
fn many(r: &Cases, set: &Set) -> Option<Features> {
    let of = |name: &str| {
        set.sources
            .iter()
            .any(|s| name.rsplit(' ').next() == Some(s.name()))
    };
    let scores = r.ordered().into_iter().filter(|(name, _)| of(name));
    let scores = scores.map(|(_, column)| column).chain(retrieved(r, set));
    let scores: Vec<usize> = scores.collect();
    if scores.is_empty() && set.is_more() {
        return None;
    }
    let logs = unsure(r, set);
    let plain = logs.iter().copied().chain(scores).collect();
    features(r, set, &logs, plain)
}

fn retrieved(r: &Cases, set: &Set) -> impl Iterator<Item = usize> {
    let names = RETRIEVED.iter().filter(|_| set.retrieved);
    names.filter_map(|n| r.column(n))
}

fn unsure(r: &Cases, set: &Set) -> Vec<usize> {
    let names = UNSURE.iter().filter(|_| set.unsure);
    names.filter_map(|n| r.column(n)).collect()
}

/// `None` where a set has sources that the traces do not score.
fn features(r: &Cases, set: &Set, logs: &[usize], plain: Vec<usize>) -> Option<Features> {
    if plain.is_empty() && set.is_more() {
        return None;
    }
    let row = |case: &Case, i: usize| {
        let log = |&c: &usize| at(case, c, i).map_or(f64::NAN, |v| v.max(LEAST).ln());
        let same = |&c: &usize| at(case, c, i).unwrap_or(f64::NAN);
        logs.iter().map(log).chain(plain.iter().map(same)).collect()
    };
    let of = |case: &Case| (0..case.wrong.len()).map(|i| row(case, i)).collect();
    Some(r.cases.iter().map(of).collect())
}

/// Which columns, and with what penalty, is chosen within the training folds: each alone, uncertainties alone, or all.
fn in_step(r: &Cases, set: &Set, features: &Features) -> Option<Vec<Vec<f64>>> {
    let width = features.first()?.first()?.len();
    let sets: Vec<ChoiceSet> = r
        .cases
        .iter()
        .zip(features)
        .map(|(case, rows)| ChoiceSet::new(rows.clone(), case.wrong.clone()))
        .collect::<Option<_>>()?;
    let groups: Vec<&str> = r.cases.iter().map(|c| c.origin.group.as_str()).collect();
    let mut choices: Vec<Vec<usize>> = (0..width).map(|c| vec![c]).collect();
    choices.push((0..unsure(r, set).len()).collect());
    choices.push((0..width).collect());
    choices.retain(|c| !c.is_empty());
    choices.dedup();
    let candidates: Vec<CandidateModel> = choices
        .iter()
        .flat_map(|columns| {
            let one = |l2| CandidateModel {
                columns: columns.clone(),
                l2,
            };
            // Of a single column the penalty does not change the ranking.
            let penalties = if columns.len() == 1 {
                1
            } else {
                L2_IN_STEP.len()
            };
            L2_IN_STEP[..penalties].iter().copied().map(one)
        })
        .collect();
    conditional::out_of_fold(&sets, &groups, FOLDS, &candidates)
}

fn across(r: &Cases, features: &Features) -> Option<Vec<Vec<f64>>> {
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
fn owners(r: &Cases) -> Vec<&str> {
    r.cases
        .iter()
        .flat_map(|c| std::iter::repeat_n(c.origin.group.as_str(), c.wrong.len()))
        .collect()
}

/// What is gained over uncertainty alone: P@1 by the model fitted within steps, AUROC by the one fitted across them.
pub fn added(r: &Cases, rankings: &[Ranking], setting: &Setting) -> Option<Table> {
    let find = |prefix: &str, set: &str| {
        let name = format!("{prefix}{set}");
        rankings.iter().find(|x| x.name == name)
    };
    let base = (find(IN_STEP, UNCERTAIN)?, find(ACROSS, UNCERTAIN)?);
    let mut t = Table::new(
        "added-to-uncertainty",
        "What memorization scores add to uncertainty, cross-validated by prompt (P@1: fitted within steps; AUROC: across them)",
        &[
            "added",
            "P@1 more",
            "AUROC more",
            &format!("P@1 more, {}", r.levels.name(Confidence::Confident)),
            "wrong steps",
        ],
    );
    let each = Source::ALL.map(|s| (s.name(), sets::with(s)));
    let others = [
        ("retrieved", WITH_RETRIEVED.into()),
        ("all sources", ALL.into()),
    ];
    for (label, set) in each.into_iter().chain(others) {
        let (Some(within), Some(across)) = (find(IN_STEP, &set), find(ACROSS, &set)) else {
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
            let groups: Vec<&str> = chosen
                .iter()
                .map(|&i| r.cases[i].origin.group.as_str())
                .collect();
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
            gain(&|c| r.levels.of(c.p) == Confidence::Confident),
            r.cases.len().into(),
        ]);
    }
    (!t.rows.is_empty()).then_some(t)
}
