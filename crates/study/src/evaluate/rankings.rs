//! How well scores point to the wrong tokens of the first wrong step.
//!
//! The step is given; its scored tokens are ranked by each score. Tokens without the score rank last. A step counts if at least one of
//! its wrong tokens is scored.

use std::collections::BTreeMap;

use rotescope_judge::fit::group;
use rotescope_stats::{precision_at, random_precision_at, random_recall_at, recall_at};
use rotescope_trace::Trace;

use super::combine::{compares_steps, is_combination};
use super::matched::Strata;
use super::scores::{UNCERTAINTY, scores};
use super::table::{Cell, Table};
use super::{Confidence, Setting, cell};

/// A wrong step: its scored tokens, which of them are wrong, and what each score says.
#[derive(Debug, Clone)]
pub struct Case {
    pub task: String,
    pub split: String,
    pub group: String,
    /// Probability of the first wrong token, scored or not.
    pub p: f64,
    pub wrong: Vec<bool>,
    /// By column, then by token; NaN where the token has no such score.
    pub scores: Vec<Vec<f32>>,
}

/// All wrong steps, and the names of the scores.
#[derive(Debug, Default)]
pub struct Rankings {
    pub names: Vec<String>,
    index: BTreeMap<String, usize>,
    pub cases: Vec<Case>,
    /// Wrong steps none of whose wrong tokens is scored (punctuation, stop words).
    pub unscored: usize,
}

/// Head of the column of [`Strata::auroc`].
const MATCHED: &str = "AUROC at matched entropy";

impl Rankings {
    /// Adds the first wrong step of a trace, if it has one.
    pub fn add(&mut self, t: &Trace) {
        let Some((step, verdict)) = super::first_wrong(t) else {
            return;
        };
        let [first, last] = t.steps[step].tokens;
        let tokens: Vec<usize> = (first..last.min(t.tokens.len()))
            .filter(|&i| t.tokens[i].skipped.is_none())
            .collect();
        let wrong: Vec<bool> = tokens.iter().map(|i| verdict.tokens.contains(i)).collect();
        let Some(p) = verdict
            .tokens
            .first()
            .and_then(|&i| t.tokens.get(i))
            .map(|t| f64::from(t.p))
        else {
            return;
        };
        if !wrong.contains(&true) {
            self.unscored += 1;
            return;
        }
        let mut columns: Vec<Vec<f32>> = vec![vec![f32::NAN; tokens.len()]; self.names.len()];
        for (place, &i) in tokens.iter().enumerate() {
            for (name, value) in scores(&t.tokens[i]) {
                let next = self.names.len();
                let column = *self.index.entry(name.clone()).or_insert(next);
                if column == next {
                    self.names.push(name);
                }
                if columns.len() <= column {
                    columns.resize(column + 1, vec![f32::NAN; tokens.len()]);
                }
                columns[column][place] = value as f32;
            }
        }
        let (task, split) = cell(t);
        self.cases.push(Case {
            task,
            split,
            group: group(t),
            p,
            wrong,
            scores: columns,
        });
    }

    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// Scores of a case by one column as a ranking wants them: what is missing comes last.
    fn ranking(&self, case: &Case, column: usize) -> Vec<f64> {
        (0..case.wrong.len())
            .map(|i| at(case, column, i).unwrap_or(f64::NEG_INFINITY))
            .collect()
    }

    /// Names in the order of tables: sources, the largest of them, measures, uncertainty.
    pub fn ordered(&self) -> Vec<(String, usize)> {
        let first = ["local", "mid", "long", "STIM_max", "cause"];
        let mut names: Vec<&String> = self.names.iter().collect();
        let place = |n: &str| {
            let at = |list: &[&str]| list.iter().position(|x| *x == n);
            match (at(&first), at(&UNCERTAINTY)) {
                (Some(i), _) => (0, i),
                (_, Some(i)) => (2, i),
                _ => (1, 0),
            }
        };
        names.sort_by(|a, b| place(a).cmp(&place(b)).then(a.cmp(b)));
        names
            .into_iter()
            .map(|n| (n.clone(), self.index[n]))
            .collect()
    }

    /// Every ranking as scores by case and token, the cross-validated combinations last.
    pub fn all(&self) -> Vec<Ranking> {
        let mut out: Vec<Ranking> = self
            .ordered()
            .into_iter()
            .map(|(name, c)| Ranking {
                name,
                scores: self
                    .cases
                    .iter()
                    .map(|case| self.ranking(case, c))
                    .collect(),
            })
            .collect();
        out.extend(super::combine::combinations(self));
        out
    }
}

/// The value of a column, if the token has it.
pub(super) fn at(case: &Case, column: usize, token: usize) -> Option<f64> {
    let v = *case.scores.get(column)?.get(token)?;
    (!v.is_nan()).then(|| f64::from(v))
}

/// A score of all tokens of all cases.
#[derive(Debug, Clone)]
pub struct Ranking {
    pub name: String,
    pub scores: Vec<Vec<f64>>,
}

/// Mean precision or recall at k over some cases, with a bootstrap interval over groups.
fn mean(cases: &[&Case], values: &[f64], setting: &Setting) -> Cell {
    let groups: Vec<&str> = cases.iter().map(|c| c.group.as_str()).collect();
    super::mean_cell(values, &groups, setting)
}

fn values(cases: &[(usize, &Case)], f: impl Fn(usize, &Case) -> Option<f64>) -> Vec<f64> {
    cases.iter().map(|(i, c)| f(*i, c).unwrap_or(0.0)).collect()
}

/// P@k, R@k and AUROC of every ranking over all wrong steps.
pub fn overall(r: &Rankings, rankings: &[Ranking], setting: &Setting) -> Option<Table> {
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
        .flat_map(|c| std::iter::repeat_n(c.group.as_str(), c.wrong.len()))
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
            row.push(super::auroc_cell(&flat, &positive, &owner, setting));
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
    t.reading = format!("{} {}", best_reading(&t), super::combine::reading(&t))
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
    r: &Rankings,
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
    t.reading = super::combine::reading(&t);
    Some(t)
}

/// The column of a case by confidence.
pub fn confidence(c: &Case) -> (usize, String) {
    let confidence = Confidence::of(c.p);
    (confidence as usize, confidence.name().into())
}

/// The column of a case by task and split.
pub fn place(c: &Case) -> (usize, String) {
    (0, format!("{} {}", c.task, c.split))
}
