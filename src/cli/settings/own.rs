//! Settings that are no options.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::source::Source;
use crate::cli::remote::IndexSettings;
use rotescope_text::think::ReasoningMarks;

/// What of these is set.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Own {
    /// Whether the app takes the mouse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mouse: Option<bool>,
    /// Keys of the app, by the name of the action.
    #[serde(skip_serializing_if = "toml::Table::is_empty")]
    pub keys: toml::Table,
    /// Indexes by names of their own, for `--index NAME`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub indexes: BTreeMap<String, IndexSettings>,
    /// What stands around reasoning in outputs, beside what is known.
    #[serde(skip_serializing_if = "is_empty")]
    pub reasoning: ReasoningMarks,
}

fn is_empty(marks: &ReasoningMarks) -> bool {
    marks.pairs().is_empty()
}

impl Own {
    pub const NAMES: [&str; 4] = ["mouse", "keys", "indexes", "reasoning"];

    /// Adds what one of these says.
    ///
    /// # Errors
    /// What is wrong with the value, which is then passed over.
    pub fn add(&mut self, source: &Source, key: &str, value: &toml::Value) -> Result<(), String> {
        if key == "indexes" && source.folder.is_some() {
            return Err(
                "indexes: only your own settings name indexes, not a project's".to_string(),
            );
        }
        let one = toml::Table::from_iter([(key.to_string(), value.clone())]);
        let more: Own = one.try_into().map_err(|e| source.wrong::<Own>(key, &e))?;
        self.mouse = more.mouse.or(self.mouse);
        self.keys.extend(more.keys);
        self.indexes.extend(more.indexes);
        let marks = [self.reasoning.pairs(), more.reasoning.pairs()].concat();
        self.reasoning = ReasoningMarks::new(marks).map_err(|e| format!("{key}: {e}"))?;
        Ok(())
    }
}
