//! What `audit redundancy` writes: how the recitation of a window bears changes of its prefix.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::extract::{ExtractCounts, window_key};
use super::line::{AuditLine, AuditRun};

/// Name and version of the records.
pub const SCHEMA: &str = "rotescope.redundancy/1";

/// A line: one of its members is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RedundancyLine {
    pub schema: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<AuditRun>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<RedundancyWindow>,
}

impl RedundancyLine {
    pub fn new() -> RedundancyLine {
        RedundancyLine {
            schema: SCHEMA.into(),
            ..RedundancyLine::default()
        }
    }
}

impl AuditLine for RedundancyLine {
    const SCHEMA: &'static str = SCHEMA;

    fn schema(&self) -> &str {
        &self.schema
    }

    fn of_run(run: AuditRun) -> RedundancyLine {
        RedundancyLine {
            run: Some(run),
            ..RedundancyLine::new()
        }
    }

    fn run(&self) -> Option<&AuditRun> {
        self.run.as_ref()
    }

    fn key(&self) -> Option<String> {
        let w = self.window.as_ref()?;
        Some(window_key(&w.document, w.start, w.split))
    }
}

/// How much of a continuation is recited after some prefix.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recited {
    /// Teacher-forced M, or that of the free-running model where it was asked for.
    pub matched: f64,
    /// Tokens before the first other one.
    pub recited: usize,
    /// Log-probability of the continuation, in nats for each token.
    pub log_p: f64,
    /// Natural logarithm of p_z; `null` where a filter drops a token.
    pub log_p_z: Option<f64>,
}

/// What a change of the prefix does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    pub operator: String,
    pub abs_dist: f64,
    pub rel_dist: f64,
    /// Share of the prefix's tokens that are gone.
    pub lost: f64,
    #[serde(flatten)]
    pub after: Recited,
}

/// One window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RedundancyWindow {
    pub document: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<u64>,
    pub start: usize,
    pub split: [usize; 2],
    /// With its prefix as it is.
    pub clean: Recited,
    pub changes: Vec<Changed>,
    /// M with the token at each place of the prefix replaced by one at random; of memorized windows, as many as were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<f64>,
    /// 1 - compressed bytes / bytes.
    pub zip: f64,
    /// 1 - distinct n-grams / n-grams, n = 1 to 3.
    pub repeated: f64,
    /// Nats for each token by which the window's own order is likelier than a random one of its tokens.
    pub order: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<ExtractCounts>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let line = RedundancyLine {
            window: Some(RedundancyWindow {
                document: "a".into(),
                changes: vec![Changed {
                    operator: "reverse".into(),
                    ..Changed::default()
                }],
                ..RedundancyWindow::default()
            }),
            ..RedundancyLine::new()
        };
        let written = serde_json::to_string(&line).unwrap();
        assert!(
            written.starts_with(r#"{"schema":"rotescope.redundancy/1","window":"#),
            "{written}"
        );
        assert_eq!(
            serde_json::from_str::<RedundancyLine>(&written).unwrap(),
            line
        );
    }
}
