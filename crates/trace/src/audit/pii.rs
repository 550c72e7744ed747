//! What `pii scan` writes: values of persons in a corpus.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::extract::ExtractNear;
use super::line::{AuditLine, AuditRun};

/// Name and version of the records of a scan.
pub const SCAN: &str = "rotescope.pii-scan/1";

/// A line of a scan: one of its members is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScanLine {
    pub schema: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<AuditRun>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<ScanFinding>,
}

/// A value in a document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScanFinding {
    pub document: String,
    /// Bytes of the document's text.
    pub span: [usize; 2],
    pub kind: String,
    /// A placeholder, unless values are to be shown.
    pub value: String,
    /// What stands before it, at most 200 tokens; its own value and all others as placeholders, unless values are to be shown.
    pub context: String,
    /// Findings of the same value in all that was scanned.
    pub count: u64,
    /// Places of the index that are nearly the same as the context with the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<ExtractNear>,
}

impl ScanLine {
    pub fn new() -> ScanLine {
        ScanLine {
            schema: SCAN.into(),
            ..ScanLine::default()
        }
    }
}

impl AuditLine for ScanLine {
    const SCHEMA: &'static str = SCAN;

    fn schema(&self) -> &str {
        &self.schema
    }

    fn of_run(run: AuditRun) -> ScanLine {
        ScanLine {
            run: Some(run),
            ..ScanLine::new()
        }
    }

    fn run(&self) -> Option<&AuditRun> {
        self.run.as_ref()
    }

    fn key(&self) -> Option<String> {
        let f = self.finding.as_ref()?;
        Some(finding_key(&f.document, f.span))
    }
}

/// The name of a finding within a run.
pub fn finding_key(document: &str, span: [usize; 2]) -> String {
    format!("{document}\n{}-{}", span[0], span[1])
}
