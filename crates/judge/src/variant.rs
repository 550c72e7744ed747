//! The flag's model for one set of sources: a logistic regression over named features.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::portable::Basis;
use rotescope_trace::{Source, Trace};

/// The model for one set of sources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Variant {
    /// The sources that it needs; empty: uncertainty and text alone.
    pub sources: Vec<Source>,
    /// Of a flag for any model: what it needs of the record.
    #[serde(default, skip_serializing_if = "Basis::is_words")]
    pub basis: Basis,
    /// The probability from which on a flag is raised, where that is not the file's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Log-odds when every feature is at its mean.
    pub intercept: f64,
    /// The penalty that it was fitted with.
    pub l2: f64,
    pub metrics: Metrics,
    pub features: Vec<Weight>,
}

/// How well a model does on prompts that it was not fitted to (cross-validated by prompt).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Metrics {
    pub folds: usize,
    pub auroc: Option<f64>,
    pub average_precision: Option<f64>,
    pub brier: Option<f64>,
}

/// One feature. `missing NAME` is 1 where NAME is absent; an absent feature counts as its mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Weight {
    pub name: String,
    pub mean: f64,
    pub scale: f64,
    /// What one `scale` above `mean` adds to the log-odds.
    pub weight: f64,
}

/// The name of the indicator of an absent feature.
const MISSING: &str = "missing ";

/// The value of a feature or of a missing indicator; `None` where the feature is absent.
pub(crate) fn value(found: &Features, name: &str) -> Option<f64> {
    match name.strip_prefix(MISSING) {
        Some(of) => Some(f64::from(u8::from(!found.contains_key(of)))),
        None => found.get(name).map(|f| f.value),
    }
}

impl Variant {
    /// What each feature adds to the log-odds, compared with an average step, in the order of `features`.
    pub fn contributions(&self, found: &Features) -> Vec<f64> {
        let term =
            |w: &Weight| value(found, &w.name).map_or(0.0, |v| w.weight * (v - w.mean) / w.scale);
        self.features.iter().map(term).collect()
    }

    /// Probability that the step is wrong.
    pub fn probability(&self, found: &Features) -> f64 {
        let x = self.intercept + self.contributions(found).iter().sum::<f64>();
        1.0 / (1.0 + (-x).exp())
    }
}

/// Which sources were scored in a step.
pub(crate) fn sources(trace: &Trace, step: usize) -> Vec<Source> {
    let [first, last] = trace.steps[step].tokens;
    let tokens = &trace.tokens[first.min(trace.tokens.len())..last.min(trace.tokens.len())];
    Source::ALL
        .into_iter()
        .filter(|&s| tokens.iter().any(|t| t.evidence(s).is_some()))
        .collect()
}
