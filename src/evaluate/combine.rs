//! Rankings combined: logistic regressions over the scores of tokens, cross-validated by prompt, and what each source adds to uncertainty.

use super::rankings::{Case, Ranking, Rankings, UNCERTAINTY, at};
use super::table::Table;
use super::{Setting, auroc_difference, mean_cell};
use crate::stats::crossval::out_of_fold;
use crate::stats::precision_at;
use crate::verify::fit::FOLDS;

const L2: f64 = 3.0;

/// What a column belongs to.
fn kind(name: &str) -> &'static str {
    if UNCERTAINTY.contains(&name) {
        return "uncertainty";
    }
    match name.rsplit(' ').next() {
        Some("local") => "local",
        Some("mid") => "mid",
        Some("long") => "long",
        _ => "any",
    }
}

/// Name, and which kinds of columns go in.
const SETS: [(&str, &[&str]); 6] = [
    ("logistic: uncertainty", &["uncertainty"]),
    ("logistic: uncertainty + local", &["uncertainty", "local"]),
    ("logistic: uncertainty + mid", &["uncertainty", "mid"]),
    ("logistic: uncertainty + long", &["uncertainty", "long"]),
    ("logistic: memorization", &["local", "mid", "long", "any"]),
    (
        "logistic: all",
        &["uncertainty", "local", "mid", "long", "any"],
    ),
];

/// The combinations that the traces have columns for. A combination that cannot be fitted is left out.
pub fn combinations(r: &Rankings) -> Vec<Ranking> {
    let kinds: Vec<&str> = r.names.iter().map(|n| kind(n)).collect();
    SETS.iter()
        .filter(|(_, set)| {
            set.iter()
                .all(|k| *k == "any" || kinds.contains(k) || set.len() > 2)
        })
        .filter_map(|(name, set)| {
            let columns: Vec<usize> = (0..r.names.len())
                .filter(|&c| set.contains(&kinds[c]))
                .collect();
            fitted(r, &columns).map(|scores| Ranking {
                name: (*name).into(),
                scores,
            })
        })
        .collect()
}

fn fitted(r: &Rankings, columns: &[usize]) -> Option<Vec<Vec<f64>>> {
    let tokens: Vec<(&Case, usize)> = r
        .cases
        .iter()
        .flat_map(|c| (0..c.wrong.len()).map(move |i| (c, i)))
        .collect();
    let (mut names, mut table) = (Vec::new(), vec![Vec::new(); tokens.len()]);
    for &column in columns {
        let values: Vec<Option<f64>> = tokens.iter().map(|(c, i)| at(c, column, *i)).collect();
        let there = values.iter().flatten().count();
        if there == 0 {
            continue;
        }
        let mean = values.iter().flatten().sum::<f64>() / there as f64;
        names.push(r.names[column].clone());
        for (row, v) in table.iter_mut().zip(&values) {
            row.push(v.unwrap_or(mean));
        }
        if there < values.len() {
            names.push(format!("missing {}", r.names[column]));
            for (row, v) in table.iter_mut().zip(&values) {
                row.push(f64::from(u8::from(v.is_none())));
            }
        }
    }
    if names.is_empty() {
        return None;
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let positive: Vec<bool> = tokens.iter().map(|(c, i)| c.wrong[*i]).collect();
    let groups: Vec<&str> = tokens.iter().map(|(c, _)| c.group.as_str()).collect();
    let p = out_of_fold(&names, &table, &positive, &groups, FOLDS, L2).ok()?;
    let mut rest = p.into_iter();
    Some(
        r.cases
            .iter()
            .map(|c| rest.by_ref().take(c.wrong.len()).collect())
            .collect(),
    )
}

/// What is gained over uncertainty alone.
pub fn added(r: &Rankings, rankings: &[Ranking], setting: &Setting) -> Option<Table> {
    let find = |name: &str| rankings.iter().find(|x| x.name == name);
    let base = find(SETS[0].0)?;
    let mut t = Table::new(
        "added-to-uncertainty",
        "What memorization scores add to uncertainty (logistic regressions, cross-validated by prompt)",
        &[
            "added",
            "P@1 more",
            "AUROC more",
            "P@1 more, p >= .8",
            "wrong steps",
        ],
    );
    for (i, label) in [
        (1, "local"),
        (2, "mid"),
        (3, "long"),
        (5, "all sources and measures"),
    ] {
        let Some(more) = find(SETS[i].0) else {
            continue;
        };
        let gain = |keep: &dyn Fn(&Case) -> bool| {
            let chosen: Vec<usize> = (0..r.cases.len()).filter(|&i| keep(&r.cases[i])).collect();
            let p1 = |x: &Ranking, i: usize| {
                precision_at(&x.scores[i], &r.cases[i].wrong, 1).unwrap_or(0.0)
            };
            let values: Vec<f64> = chosen.iter().map(|&i| p1(more, i) - p1(base, i)).collect();
            let groups: Vec<&str> = chosen.iter().map(|&i| r.cases[i].group.as_str()).collect();
            mean_cell(&values, &groups, setting)
        };
        let flat = |x: &Ranking| x.scores.iter().flatten().copied().collect::<Vec<f64>>();
        let positive: Vec<bool> = r
            .cases
            .iter()
            .flat_map(|c| c.wrong.iter().copied())
            .collect();
        let owner: Vec<&str> = r
            .cases
            .iter()
            .flat_map(|c| std::iter::repeat_n(c.group.as_str(), c.wrong.len()))
            .collect();
        t.rows.push(vec![
            label.into(),
            gain(&|_| true),
            auroc_difference(&flat(more), &flat(base), &positive, &owner, setting),
            gain(&|c| c.p >= 0.8),
            r.cases.len().into(),
        ]);
    }
    (!t.rows.is_empty()).then_some(t)
}
