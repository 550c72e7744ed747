//! The flag: how likely a step is wrong, from what is known while generating.
//!
//! A small logistic regression over [`super::features`], kept as a readable file: every feature with its mean, scale and weight, the data
//! it was fitted to with their hashes, and how well it did on prompts that it had not seen. One file holds a model for each set of
//! sources (none, local, all), so that a completion whose mid-range and long-range scores are not there yet is flagged too.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features;
use super::output::output_text;
use super::portable::{self, Basis};
use super::reasons;
use super::variant::{Variant, Weight, sources};
use rotescope_text::is_filler;
use rotescope_trace::{Flag, IndexRef, Meaning, ModelRef, Source, Trace};

/// Name and version of the file.
pub const SCHEMA: &str = "rotescope.flag/1";

/// Why a flag's file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FlagError {
    #[error("{path}: {source}", path = path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "{path}: no flag model ({reason}); make one with `rotescope evaluate TRACES --fit FILE.json`",
        path = path.display()
    )]
    NotAFlag { path: PathBuf, reason: String },
    #[error(
        "{path}: made by another version of rotescope (schema {found}, this one reads {SCHEMA}); fit it again with `rotescope evaluate TRACES --fit FILE.json`",
        path = path.display()
    )]
    Schema { path: PathBuf, found: String },
}

/// A fitted flag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlagModel {
    pub schema: String,
    pub trained: Trained,
    /// The probability from which on a flag is raised, whatever its models say; without it theirs, and without that [`Flag::THRESHOLD`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// What it looks at.
    #[serde(default, skip_serializing_if = "Looks::is_own")]
    pub looks_at: Looks,
    /// From the fewest sources to the most, or from the poorest record to the richest.
    pub models: Vec<Variant>,
}

/// What a flag looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Looks {
    /// [`features`]: all that is known where one model writes, on one corpus. They need probabilities.
    #[default]
    Own,
    /// [`portable`]: what means the same on every model, and on words alone.
    Portable,
}

impl Looks {
    pub fn is_own(&self) -> bool {
        *self == Looks::Own
    }
}

/// What a flag was fitted to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trained {
    pub files: Vec<TrainedFile>,
    /// Which model wrote or read the completions; none where several did.
    pub model: ModelRef,
    /// All of them, where several did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<ModelRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<IndexRef>,
    pub traces: usize,
    /// Steps with a verdict, up to the first wrong one of each completion.
    pub steps: usize,
    /// Of them wrong.
    pub wrong: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrainedFile {
    pub name: String,
    /// Hex SHA-256.
    pub sha256: String,
}

impl FlagModel {
    /// Reads a file that `rotescope evaluate --fit` wrote.
    ///
    /// # Errors
    /// A file that cannot be read, is no flag model, or is of another version.
    pub fn load(path: &Path) -> Result<FlagModel, FlagError> {
        let text = std::fs::read_to_string(path).map_err(|source| FlagError::Io {
            path: path.into(),
            source,
        })?;
        let bad = |reason: String| FlagError::NotAFlag {
            path: path.into(),
            reason,
        };
        let json: serde_json::Value =
            serde_json::from_str(&text).map_err(|e| bad(format!("not JSON: {e}")))?;
        match json.get("schema").and_then(serde_json::Value::as_str) {
            Some(SCHEMA) => {}
            Some(found) if found.starts_with("rotescope.flag/") => {
                return Err(FlagError::Schema {
                    path: path.into(),
                    found: found.into(),
                });
            }
            _ => return Err(bad(format!("no \"schema\": \"{SCHEMA}\""))),
        }
        let model: FlagModel = serde_json::from_value(json).map_err(|e| bad(e.to_string()))?;
        let sound =
            |w: &Weight| w.scale > 0.0 && [w.mean, w.scale, w.weight].iter().all(|v| v.is_finite());
        if let Some(w) = model
            .models
            .iter()
            .flat_map(|v| &v.features)
            .find(|w| !sound(w))
        {
            return Err(bad(format!("feature {:?} has no usable scale", w.name)));
        }
        Ok(model)
    }

    /// The content of its file.
    ///
    /// # Errors
    /// Numbers that JSON has no form for.
    pub fn json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Whether it was fitted to completions of this very model file.
    pub fn fits(&self, model: &ModelRef) -> bool {
        !model.sha256.is_empty() && self.trained.model.is(model)
    }

    /// The probability from which on a flag is raised on the richest records.
    pub fn threshold(&self) -> f64 {
        let own = || self.models.last()?.threshold;
        self.threshold.or_else(own).unwrap_or(Flag::THRESHOLD)
    }

    /// The model that uses most of the sources at hand.
    pub fn variant(&self, at_hand: &[Source]) -> Option<&Variant> {
        self.models
            .iter()
            .filter(|v| v.sources.iter().all(|s| at_hand.contains(s)))
            .max_by_key(|v| v.sources.len())
    }

    /// Whether it says nothing of tokens without probabilities.
    pub fn needs_probabilities(&self) -> bool {
        self.looks_at == Looks::Own
    }

    /// The model for a step of a trace.
    fn of_step(&self, trace: &Trace, step: usize) -> Option<&Variant> {
        match self.looks_at {
            Looks::Own => self.variant(&sources(trace, step)),
            Looks::Portable => {
                let basis = Basis::of(portable::tokens(trace, step));
                let fit = self.models.iter().filter(|v| v.basis <= basis);
                fit.max_by_key(|v| v.basis)
            }
        }
    }

    /// Fills [`rotescope_trace::Step::flag`] of every step; filler gets none.
    pub fn apply(&self, trace: &mut Trace) {
        let text = output_text(trace);
        let found = match self.looks_at {
            Looks::Own => features::of_trace(trace),
            Looks::Portable => portable::of_trace(trace),
        };
        let meaning = match self.fits(&trace.model) {
            true => Meaning::Probability,
            false => Meaning::Ranked,
        };
        for (i, found) in found.iter().enumerate() {
            let [from, to] = trace.steps[i].span;
            let body = text.get(from.min(text.len())..to.min(text.len()));
            let flag = body
                .filter(|b| !is_filler(b))
                .and_then(|_| self.of_step(trace, i))
                .map(|v| {
                    let (reasons, token) = reasons::explain(trace, v, found);
                    Flag {
                        p: v.probability(found),
                        meaning,
                        reasons,
                        token,
                        threshold: self.threshold.or(v.threshold),
                    }
                });
            trace.steps[i].flag = flag;
        }
    }
}
