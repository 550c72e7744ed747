//! How well scores point to the wrong tokens of the first wrong step.
//!
//! The step is given; its scored tokens are ranked by each score. Tokens without the score rank last. A step counts if at least one of
//! its wrong tokens is scored.

use std::collections::BTreeMap;

use rotescope_stats::{precision_at, random_precision_at, random_recall_at, recall_at};

use super::bootstrap::{Setting, auroc_cell, mean_cell};
use super::cases::{Case, Cases, Ranking};
use super::combine::{combinations, compares_steps, is_combination, reading};
use super::matched::Strata;
use super::options::Levels;
use super::scores::UNCERTAINTY;
use super::table::{Cell, Table};

/// Head of the column of [`Strata::auroc`].
const MATCHED: &str = "AUROC at matched entropy";

/// Every ranking as scores by case and token, the cross-validated combinations last.
pub fn all(r: &Cases) -> Vec<Ranking> {
    let mut all = own(r);
    all.extend(combinations(r));
    all
}

/// Those that are scores of the tokens, without combinations.
pub fn own(r: &Cases) -> Vec<Ranking> {
    let own = r.ordered().into_iter();
    let own = own.map(|(name, c)| Ranking {
        name,
        scores: r.cases.iter().map(|case| r.ranking(case, c)).collect(),
    });
    own.collect()
}

/// Mean precision or recall at k over some cases, with a bootstrap interval over groups.
fn mean(cases: &[&Case], values: &[f64], setting: &Setting) -> Cell {
    let groups: Vec<&str> = cases.iter().map(|c| c.origin.group.as_str()).collect();
    mean_cell(values, &groups, setting)
}

fn values(cases: &[(usize, &Case)], f: impl Fn(usize, &Case) -> Option<f64>) -> Vec<f64> {
    cases.iter().map(|(i, c)| f(*i, c).unwrap_or(0.0)).collect()
}

/// P@k, R@k and AUROC of every ranking over all wrong steps.
pub fn overall(r: &Cases, rankings: &[Ranking], setting: &Setting) -> Option<Table> {
    if r.cases.is_empty() {
        return None;
    }
    let cases: Vec<(usize, &Case)> = r.cases.iter().enumerate().collect();
    let plain: Vec<&Case> = r.cases.iter().collect();
    let mut t = Table::new(
        "wrong-tokens",
        &format!(
            "Wrong tokens among the scored tokens of the first wrong step ({} steps; {} more have no scored wrong token)",
            cases.len(),
            r.unscored
        ),
        &[
            "ranking",
            "P@1",
            "P@2",
            "P@3",
            "R@1",
            "R@2",
            "R@3",
            "AUROC",
            MATCHED,
            "average precision",
        ],
    );
    let mut row = vec![Cell::from("random (exact)")];
    let counts = |c: &Case| (c.wrong.len(), c.wrong.iter().filter(|w| **w).count());
    for k in 1..=3 {
        let v = values(&cases, |_, c| {
            random_precision_at(counts(c).0, counts(c).1, k)
        });
        row.push(mean(&plain, &v, setting));
    }
    for k in 1..=3 {
        let v = values(&cases, |_, c| random_recall_at(counts(c).0, counts(c).1, k));
        row.push(mean(&plain, &v, setting));
    }
    row.extend([Cell::Number(0.5, None), Cell::Number(0.5, None)]);
    let (wrong, all) = plain
        .iter()
        .map(|c| counts(c))
        .fold((0, 0), |(w, a), (n, m)| (w + m, a + n));
    row.push(Cell::Number(wrong as f64 / all as f64, None));
    t.rows.push(row);
    let positive: Vec<bool> = plain.iter().flat_map(|c| c.wrong.iter().copied()).collect();
    let owner: Vec<&str> = plain
        .iter()
        .flat_map(|c| std::iter::repeat_n(c.origin.group.as_str(), c.wrong.len()))
        .collect();
    let entropy = rankings.iter().find(|x| x.name == "entropy");
    let strata = entropy.map(|e| Strata::new(&e.scores.concat(), &positive));
    for ranking in rankings {
        let mut row = vec![Cell::from(ranking.name.as_str())];
        for k in 1..=3 {
            let v = values(&cases, |i, c| precision_at(&ranking.scores[i], &c.wrong, k));
            row.push(mean(&plain, &v, setting));
        }
        for k in 1..=3 {
            let v = values(&cases, |i, c| recall_at(&ranking.scores[i], &c.wrong, k));
            row.push(mean(&plain, &v, setting));
        }
        if compares_steps(&ranking.name) {
            let flat: Vec<f64> = ranking.scores.iter().flatten().copied().collect();
            row.push(auroc_cell(&flat, &positive, &owner, setting));
            row.push(match &strata {
                Some(strata) => strata.auroc(&flat, &positive, &owner, setting),
                None => Cell::Nothing,
            });
            let precision = rotescope_stats::average_precision(&flat, &positive);
            row.push(Cell::number(precision, None));
        } else {
            row.extend([Cell::Nothing, Cell::Nothing, Cell::Nothing]);
        }
        t.rows.push(row);
    }
    t.reading = format!("{} {}", best_reading(&t), reading(&t, &r.levels))
        .trim()
        .into();
    Some(t)
}

/// Which ranking of each kind finds the wrong token first most often, and which tells wrong tokens from right ones at matched entropy.
fn best_reading(t: &Table) -> String {
    let value = |row: &[Cell], column: usize| match row[column] {
        Cell::Number(v, _) => v,
        _ => 0.0,
    };
    let best = |column: usize, keep: &dyn Fn(&str) -> bool| {
        t.rows[1..]
            .iter()
            .filter(|r| keep(&r[0].text()))
            .reduce(|a, b| {
                if value(b, column) > value(a, column) {
                    b
                } else {
                    a
                }
            })
            .map(|r| (r[0].text(), value(r, column)))
    };
    let random = value(&t.rows[0], 1);
    let unsure = |n: &str| UNCERTAINTY.contains(&n);
    let rote = |n: &str| !unsure(n) && !is_combination(n);
    let times = |v: f64| {
        if random > 0.0 {
            format!("{:.1} times random", v / random)
        } else {
            "random finds none".into()
        }
    };
    let both = |column| Some((best(column, &rote)?, best(column, &unsure)?));
    let Some(((a, x), (b, y))) = both(1) else {
        return String::new();
    };
    let first = format!(
        "Of the memorization scores, {a} points to a wrong token first most often (P@1 {x:.3}, {}); of the uncertainty scores, {b} (P@1 {y:.3}, {}).",
        times(x),
        times(y)
    );
    let matched = t.head.iter().position(|h| h == MATCHED);
    match matched.and_then(both) {
        Some(((a, x), (b, y))) => format!(
            "{first} At matched entropy {a} tells wrong from right tokens best of the memorization scores (AUROC {x:.3}), and {b} of the uncertainty scores ({y:.3})."
        ),
        None => first,
    }
}

/// P@1 of every ranking by task and split, or by how sure the model was of the wrong token.
pub fn by(
    r: &Cases,
    rankings: &[Ranking],
    setting: &Setting,
    id: &str,
    title: &str,
    column: impl Fn(&Case) -> (usize, String),
) -> Option<Table> {
    let mut columns: BTreeMap<(usize, String), Vec<(usize, &Case)>> = BTreeMap::new();
    for (i, c) in r.cases.iter().enumerate() {
        columns.entry(column(c)).or_default().push((i, c));
    }
    if columns.is_empty() {
        return None;
    }
    let mut head = vec!["ranking".to_string()];
    head.extend(
        columns
            .iter()
            .map(|((_, name), cases)| format!("{name} ({})", cases.len())),
    );
    let mut t = Table::new(id, title, &head);
    let mut line = |name: &str, f: &dyn Fn(usize, &Case) -> Option<f64>| {
        let mut row = vec![Cell::from(name)];
        for cases in columns.values() {
            let plain: Vec<&Case> = cases.iter().map(|(_, c)| *c).collect();
            row.push(mean(&plain, &values(cases, f), setting));
        }
        t.rows.push(row);
    };
    line("random (exact)", &|_, c| {
        random_precision_at(c.wrong.len(), c.wrong.iter().filter(|w| **w).count(), 1)
    });
    // Rankings across steps are fitted to something else than P@1.
    for ranking in rankings
        .iter()
        .filter(|x| !is_combination(&x.name) || !compares_steps(&x.name))
    {
        line(&ranking.name, &|i, c| {
            precision_at(&ranking.scores[i], &c.wrong, 1)
        });
    }
    t.reading = reading(&t, &r.levels);
    Some(t)
}

/// The column of a case by confidence.
pub fn confidence(levels: &Levels, c: &Case) -> (usize, String) {
    let confidence = levels.of(c.p);
    (confidence as usize, levels.name(confidence))
}

/// The column of a case by task and split.
pub fn place(c: &Case) -> (usize, String) {
    (0, format!("{} {}", c.origin.task, c.origin.label()))
}
