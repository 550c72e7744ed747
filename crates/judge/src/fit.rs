//! Fitting the flag to steps whose truth is known.

use std::collections::BTreeSet;

use super::features::{self, Features};
use super::flag::{FlagModel, Looks, SCHEMA, Trained};
use super::labels::Labels;
use super::portable::{self, Basis};
use super::variant::{Metrics, Variant, Weight, sources, value};
use rotescope_stats::crossval::out_of_fold;
use rotescope_stats::logistic::{Logistic, LogisticError};
use rotescope_stats::{auroc, average_precision, brier};
use rotescope_trace::{Source, Trace};

/// Cross-validation uses this many folds of prompts.
pub const FOLDS: usize = 5;
/// Penalties on standardized weights; the one with the smallest cross-validated log loss is taken.
const L2: [f64; 3] = [1.0, 10.0, 100.0];
/// A feature that fewer steps have is left out.
const RARE: usize = 20;

/// A step whose truth is known, ready for a fit.
#[derive(Debug, Clone)]
pub struct LabelledStep {
    pub features: Features,
    /// The sources that were scored in it.
    pub sources: Vec<Source>,
    pub wrong: bool,
    /// Prompts that must not be split between training and test share a group.
    pub group: String,
}

/// The steps of a trace whose truth is known, up to the first wrong one, with their index. `group`: see [`crate::groups::Groups`].
pub fn examples(trace: &Trace, labels: &dyn Labels, group: &str) -> Vec<(usize, LabelledStep)> {
    let mut all = features::of_trace(trace);
    let known = labels.up_to_wrong(trace).into_iter();
    known
        .map(|(i, label)| {
            let example = LabelledStep {
                features: std::mem::take(&mut all[i]),
                sources: sources(trace, i),
                wrong: !label.right,
                group: group.into(),
            };
            (i, example)
        })
        .collect()
}

/// The sets of sources that a file holds models for: none, local, and everything that the data have.
fn sets(examples: &[&LabelledStep]) -> Vec<Vec<Source>> {
    let has = |s: Source| examples.iter().any(|e| e.sources.contains(&s));
    let all: Vec<Source> = Source::ALL.into_iter().filter(|s| has(*s)).collect();
    let mut out = vec![vec![], vec![Source::Local], all];
    out.retain(|set| set.iter().all(|s| has(*s)));
    out.dedup();
    out
}

/// One set of sources, fitted.
#[derive(Debug, Clone)]
pub struct Fitted {
    pub variant: Variant,
    /// Which of the examples have all its sources.
    pub rows: Vec<usize>,
    /// For each of them the probability by a model that had not seen its prompt.
    pub out_of_fold: Vec<f64>,
}

/// Fits a model for every set of sources.
///
/// # Errors
/// Without right and wrong examples there is nothing to fit.
pub fn fit(examples: &[&LabelledStep]) -> Result<Vec<Fitted>, LogisticError> {
    sets(examples)
        .into_iter()
        .map(|set| fit_set(examples, set))
        .collect()
}

/// For each of these fits the same with what the corpus alone says of the tokens, on the examples of which that is known; without those of which it is of none.
///
/// # Errors
/// Without right and wrong examples there is nothing to fit.
pub fn fit_retrieved(
    examples: &[&LabelledStep],
    fitted: &[Fitted],
) -> Result<Vec<Fitted>, LogisticError> {
    let asked = |e: &LabelledStep| e.features.keys().any(|name| is_retrieved(name));
    let with = |f: &Fitted| {
        let rows = f.rows.iter().copied();
        let rows: Vec<usize> = rows.filter(|&i| asked(examples[i])).collect();
        let set = &f.variant.sources;
        let head = Head {
            names: names(examples, &rows, &|name| needs_only(name, set)),
            sources: set.clone(),
            basis: Basis::Words,
        };
        (!rows.is_empty()).then(|| fit_rows(examples, rows, head))
    };
    fitted.iter().filter_map(with).collect()
}

fn is_retrieved(name: &str) -> bool {
    name.starts_with(features::RETRIEVED)
}

/// As [`fit`], as a file's content.
pub fn model(fitted: &[Fitted], trained: Trained) -> FlagModel {
    FlagModel {
        schema: SCHEMA.into(),
        trained,
        threshold: None,
        looks_at: Looks::Own,
        models: fitted.iter().map(|f| f.variant.clone()).collect(),
    }
}

fn fit_set(examples: &[&LabelledStep], set: Vec<Source>) -> Result<Fitted, LogisticError> {
    let rows: Vec<usize> = (0..examples.len())
        .filter(|&i| set.iter().all(|s| examples[i].sources.contains(s)))
        .collect();
    let head = Head {
        names: names(examples, &rows, &|name| {
            needs_only(name, &set) && !is_retrieved(name)
        }),
        sources: set,
        basis: Basis::Words,
    };
    fit_rows(examples, rows, head)
}

/// What a model looks at, and what it needs.
struct Head {
    names: Vec<String>,
    sources: Vec<Source>,
    basis: Basis,
}

/// As [`examples`], with features that mean the same on every model.
pub fn portable_examples(trace: &Trace, labels: &dyn Labels, group: &str) -> Vec<LabelledStep> {
    let all = portable::of_trace(trace);
    let known = labels.up_to_wrong(trace).into_iter();
    let of = |(i, label): (usize, super::Label)| LabelledStep {
        features: all[i].clone(),
        sources: Vec::new(),
        wrong: !label.right,
        group: group.into(),
    };
    known.map(of).collect()
}

/// Fits a model to the examples whose records are rich enough, from the features that are kept. `None` where none is.
///
/// # Errors
/// Without right and wrong examples there is nothing to fit.
pub fn fit_portable(
    examples: &[&LabelledStep],
    basis: Basis,
    keep: &dyn Fn(&str) -> bool,
) -> Result<Option<Fitted>, LogisticError> {
    let rows: Vec<usize> = (0..examples.len())
        .filter(|&i| Basis::behind(&examples[i].features) >= basis)
        .collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let keep = |name: &str| basis.has(name) && keep(name);
    let head = Head {
        names: names(examples, &rows, &keep),
        sources: Vec::new(),
        basis,
    };
    fit_rows(examples, rows, head).map(Some)
}

/// A flag for any model, as a file's content; fitted to other models, it fits none.
pub fn portable_model(variants: Vec<Variant>, trained: Trained) -> FlagModel {
    FlagModel {
        schema: SCHEMA.into(),
        trained,
        threshold: None,
        looks_at: Looks::Portable,
        models: variants,
    }
}

fn fit_rows(
    examples: &[&LabelledStep],
    rows: Vec<usize>,
    head: Head,
) -> Result<Fitted, LogisticError> {
    let names = head.names;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let column = |name: &str| {
        rows.iter()
            .filter_map(|&i| value(&examples[i].features, name))
            .collect::<Vec<f64>>()
    };
    let means: Vec<f64> = names
        .iter()
        .map(|n| {
            let there = column(n);
            there.iter().sum::<f64>() / there.len().max(1) as f64
        })
        .collect();
    let table: Vec<Vec<f64>> = rows
        .iter()
        .map(|&i| {
            names
                .iter()
                .zip(&means)
                .map(|(n, mean)| value(&examples[i].features, n).unwrap_or(*mean))
                .collect()
        })
        .collect();
    let wrong: Vec<bool> = rows.iter().map(|&i| examples[i].wrong).collect();
    let groups: Vec<&str> = rows.iter().map(|&i| examples[i].group.as_str()).collect();
    let mut best: Option<(f64, f64, Vec<f64>)> = None;
    for l2 in L2 {
        let p = out_of_fold(&names, &table, &wrong, &groups, FOLDS, l2)?;
        let loss = log_loss(&p, &wrong);
        if best.as_ref().is_none_or(|(least, ..)| loss < *least) {
            best = Some((loss, l2, p));
        }
    }
    let (_, l2, p) = best.unwrap_or((f64::INFINITY, L2[0], Vec::new()));
    let fitted = Logistic::fit(&names, &table, &wrong, l2)?;
    let weight = |j: usize| Weight {
        name: names[j].into(),
        mean: fitted.mean[j],
        scale: fitted.scale[j],
        weight: fitted.weights[j],
    };
    Ok(Fitted {
        variant: Variant {
            sources: head.sources,
            basis: head.basis,
            threshold: None,
            intercept: fitted.intercept,
            l2,
            metrics: Metrics {
                folds: FOLDS,
                auroc: auroc(&p, &wrong),
                average_precision: average_precision(&p, &wrong),
                brier: brier(&p, &wrong),
            },
            features: (0..names.len()).map(weight).collect(),
        },
        rows,
        out_of_fold: p,
    })
}

/// Mean of -log of the probability of what is true; certain mistakes count as a probability of 1e-12.
fn log_loss(p: &[f64], truth: &[bool]) -> f64 {
    let right = |(p, t): (&f64, &bool)| if *t { *p } else { 1.0 - p };
    let sum: f64 = p.iter().zip(truth).map(|x| -right(x).max(1e-12).ln()).sum();
    sum / p.len().max(1) as f64
}

/// The features that enough steps have and that are kept, each with an indicator where some steps lack it. Indicators that
/// say the same as one before are left out.
fn names(examples: &[&LabelledStep], rows: &[usize], keep: &dyn Fn(&str) -> bool) -> Vec<String> {
    let all: BTreeSet<&String> = rows
        .iter()
        .flat_map(|&i| examples[i].features.keys())
        .collect();
    let mut out: Vec<String> = Vec::new();
    let mut patterns: BTreeSet<Vec<bool>> = BTreeSet::new();
    for name in all {
        if !keep(name) {
            continue;
        }
        let there: Vec<bool> = rows
            .iter()
            .map(|&i| examples[i].features.contains_key(name))
            .collect();
        let n = there.iter().filter(|t| **t).count();
        if n < RARE.min(rows.len()) {
            continue;
        }
        out.push(name.clone());
        if rows.len() - n >= RARE && patterns.insert(there) {
            out.push(format!("missing {name}"));
        }
    }
    out
}

fn needs_only(name: &str, set: &[Source]) -> bool {
    Source::ALL
        .into_iter()
        .filter(|s| name.split('.').any(|part| part == s.name()))
        .all(|s| set.contains(&s))
}
