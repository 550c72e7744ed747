//! The wrong steps of the traces, and what each score says of their tokens.

use std::collections::BTreeMap;

use rotescope_judge::Labels;
use rotescope_trace::{Token, Trace};

use super::options::Levels;
use super::origin::{Origin, Origins};
use super::scores::{UNCERTAINTY, scores};

/// A wrong step: its scored tokens, which of them are wrong, and what each score says.
#[derive(Debug, Clone)]
pub struct Case {
    pub origin: Origin,
    /// Probability of the first wrong token, scored or not.
    pub p: f64,
    pub wrong: Vec<bool>,
    /// By column, then by token; NaN where the token has no such score.
    pub scores: Vec<Vec<f32>>,
}

/// All wrong steps, and the names of the scores.
#[derive(Debug, Default)]
pub struct Cases {
    /// How sure is confident.
    pub(super) levels: Levels,
    pub names: Vec<String>,
    index: BTreeMap<String, usize>,
    pub cases: Vec<Case>,
    /// Wrong steps none of whose wrong tokens is scored (punctuation, stop words).
    pub unscored: usize,
}

impl Cases {
    pub fn new(levels: Levels) -> Self {
        Cases {
            levels,
            ..Cases::default()
        }
    }

    /// Adds the first wrong step of a trace, if it has one.
    pub fn add(&mut self, t: &Trace, origin: &Origin, labels: &dyn Labels) {
        let Some((step, label)) = labels.first_wrong(t) else {
            return;
        };
        let [first, last] = t.steps[step].tokens;
        let tokens: Vec<usize> = (first..last.min(t.tokens.len()))
            .filter(|&i| t.tokens[i].skipped.is_none())
            .collect();
        let wrong: Vec<bool> = tokens.iter().map(|i| label.tokens.contains(i)).collect();
        let Some(p) = label
            .tokens
            .first()
            .and_then(|&i| t.tokens.get(i))
            .and_then(Token::probability)
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
        self.cases.push(Case {
            origin: origin.clone(),
            p,
            wrong,
            scores: columns,
        });
    }

    /// Says the last word of all origins.
    pub(super) fn settle(&mut self, origins: &Origins) {
        let all = self.cases.iter_mut().map(|c| &mut c.origin);
        all.for_each(|o| origins.settle(o));
    }

    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// Scores of a case by one column as a ranking wants them: what is missing comes last.
    pub(super) fn ranking(&self, case: &Case, column: usize) -> Vec<f64> {
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
