//! What the lines of all audits have in common: a schema, and a first one that says what was asked.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::trace::{IndexRef, ModelRef};

/// A line of an audit's file.
pub trait AuditLine: Serialize + DeserializeOwned + JsonSchema {
    /// Name and version of the records.
    const SCHEMA: &'static str;

    fn schema(&self) -> &str;

    /// The first line.
    fn of_run(run: AuditRun) -> Self;

    fn run(&self) -> Option<&AuditRun>;

    /// What it is about, by a name of its own: what a file holds is not done again.
    fn key(&self) -> Option<String>;
}

/// A record that stands alone in its line.
pub trait AuditRecord: Clone + Serialize + DeserializeOwned + JsonSchema {
    /// Name and version of the records.
    const SCHEMA: &'static str;

    /// What it is about, by a name of its own.
    fn key(&self) -> String;
}

/// A line of such a record, or of what was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(bound = "R: AuditRecord")]
pub struct RecordLine<R> {
    pub schema: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<AuditRun>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<R>,
}

impl<R: AuditRecord> RecordLine<R> {
    pub fn of(record: R) -> RecordLine<R> {
        RecordLine {
            schema: R::SCHEMA.into(),
            run: None,
            record: Some(record),
        }
    }
}

impl<R: AuditRecord> AuditLine for RecordLine<R> {
    const SCHEMA: &'static str = R::SCHEMA;

    fn schema(&self) -> &str {
        &self.schema
    }

    fn of_run(run: AuditRun) -> RecordLine<R> {
        RecordLine {
            schema: R::SCHEMA.into(),
            run: Some(run),
            record: None,
        }
    }

    fn run(&self) -> Option<&AuditRun> {
        self.run.as_ref()
    }

    fn key(&self) -> Option<String> {
        self.record.as_ref().map(R::key)
    }
}

/// What was asked, of what: the first line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditRun {
    pub rotescope: String,
    /// Empty where no model has a part in it.
    #[serde(default, skip_serializing_if = "is_none")]
    pub model: ModelRef,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<IndexRef>,
    /// Every option that changes a record, by name.
    pub settings: Map<String, Value>,
}

fn is_none(model: &ModelRef) -> bool {
    *model == ModelRef::default()
}

impl AuditRun {
    /// The first thing in which another run differs, in words.
    pub fn difference(&self, other: &AuditRun) -> Option<String> {
        if !self.model.is(&other.model) {
            return Some(format!(
                "the model was {}, now {}",
                self.model.shown(),
                other.model.shown()
            ));
        }
        let index = |run: &AuditRun| run.index.as_ref().map(|i| i.fingerprint.clone());
        if index(self) != index(other) {
            return Some("another index".into());
        }
        let names = self.settings.keys().chain(other.settings.keys());
        let differs = |name: &&String| self.settings.get(*name) != other.settings.get(*name);
        let name = names.into_iter().find(differs)?;
        let said = |run: &AuditRun| match run.settings.get(name) {
            Some(value) => value.to_string(),
            None => "not there".into(),
        };
        Some(format!("{name} was {}, now {}", said(self), said(other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn runs_differ_by_what_changes_records() {
        let run = |settings: Value| AuditRun {
            settings: settings.as_object().unwrap().clone(),
            ..AuditRun::default()
        };
        let a = run(json!({"stride": 32, "seed": 0}));
        assert_eq!(a.difference(&a.clone()), None);
        let said = a.difference(&run(json!({"stride": 16, "seed": 0})));
        assert_eq!(said.as_deref(), Some("stride was 32, now 16"));
        let said = a.difference(&run(json!({"stride": 32})));
        assert_eq!(said.as_deref(), Some("seed was 0, now not there"));
        let mut other = a.clone();
        other.model.sha256 = "x".into();
        assert!(a.difference(&other).unwrap().starts_with("the model was"));
    }
}
