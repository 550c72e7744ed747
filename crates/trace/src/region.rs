//! What of a step stands in a document of the corpus: its numbers and names, the template around them, both, or neither.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::span::Span;

/// Which regions of a step the best document has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum RegionClass {
    /// Foreground and background.
    Vm,
    /// Foreground only: the same numbers and names in other words.
    Fm,
    /// Background only: the template with other numbers and names.
    Bm,
    /// Neither.
    #[default]
    Nm,
}

impl RegionClass {
    pub const ALL: [RegionClass; 4] = [
        RegionClass::Vm,
        RegionClass::Fm,
        RegionClass::Bm,
        RegionClass::Nm,
    ];

    pub fn name(self) -> &'static str {
        match self {
            RegionClass::Vm => "VM",
            RegionClass::Fm => "FM",
            RegionClass::Bm => "BM",
            RegionClass::Nm => "NM",
        }
    }

    /// What it means, for people.
    pub fn about(self) -> &'static str {
        match self {
            RegionClass::Vm => "template, numbers and names",
            RegionClass::Fm => "numbers and names, other words",
            RegionClass::Bm => "the template, other numbers",
            RegionClass::Nm => "neither",
        }
    }
}

/// A step held against the documents of the corpus.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepRegion {
    pub class: RegionClass,
    /// Share of numbers, names, operators and rare words that the best document has.
    pub foreground: f64,
    /// Share of what stands around them that it has.
    pub background: f64,
    /// That document's number in the index; nothing where no document was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<u64>,
    /// Its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it has of the step, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covered: Vec<RegionStretch>,
}

/// A stretch of a step that a document has.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RegionStretch {
    /// In bytes of the output.
    pub span: Span,
    /// Numbers and names; else the template.
    pub foreground: bool,
}
