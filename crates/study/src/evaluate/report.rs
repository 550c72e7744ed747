//! What an evaluation says.

use std::fmt::Write;

use serde_json::{Value, json};

use super::findings::Finding;
use super::table::Table;

/// Name and version of what [`Report::json`] gives.
pub const EVALUATION: &str = "rotescope.evaluation/1";

/// What came out.
#[derive(Debug, Clone)]
pub struct Report {
    pub tables: Vec<Table>,
    pub findings: Vec<Finding>,
    /// What a reader must know about the traces.
    pub notes: Vec<String>,
    pub traces: usize,
    pub failed: usize,
}

impl Report {
    pub fn markdown(&self) -> String {
        let mut out = format!("{} traces, {} failed prompts\n", self.traces, self.failed);
        for note in &self.notes {
            let _ = write!(out, "\n{note}\n");
        }
        for table in &self.tables {
            let _ = write!(out, "\n{}", table.markdown());
        }
        if !self.findings.is_empty() {
            out += "\n### The paper's findings\n\n";
            for f in &self.findings {
                let _ = writeln!(out, "- {}: **{}**. {}", f.claim, f.verdict, f.evidence);
            }
        }
        out
    }

    pub fn json(&self) -> Value {
        json!({
            "schema": EVALUATION,
            "rotescope": env!("CARGO_PKG_VERSION"),
            "traces": self.traces,
            "failed": self.failed,
            "notes": self.notes,
            "tables": self.tables.iter().map(Table::json).collect::<Vec<_>>(),
            "findings": self.findings.iter().map(|f| json!({
                "claim": f.claim, "verdict": f.verdict, "evidence": f.evidence
            })).collect::<Vec<_>>(),
        })
    }

    /// The schema of [`Report::json`].
    pub fn schema() -> Value {
        let text = json!({"type": "string"});
        let count = json!({"type": "integer", "minimum": 0});
        json!({
            "type": "object",
            "properties": {
                "schema": text,
                "rotescope": text,
                "traces": count,
                "failed": count,
                "notes": {"description": "What a reader must know about the traces.", "type": "array", "items": text},
                "tables": {"type": "array", "items": Table::schema()},
                "findings": {
                    "description": "Of the paper, and what these traces say of them.",
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"claim": text, "verdict": text, "evidence": text},
                        "required": ["claim", "verdict", "evidence"],
                    },
                },
            },
            "required": ["schema", "rotescope", "traces", "failed", "notes", "tables", "findings"],
        })
    }
}
