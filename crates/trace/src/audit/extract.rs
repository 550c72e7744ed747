//! What `audit extract` writes: a line that says what was asked, then one for each window of text.
//!
//! Log-probabilities are natural and rounded to four decimals: the model computes them in 32 bits, and how windows are packed moves the fourth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::line::{AuditLine, AuditRun};

/// Name and version of the records.
pub const SCHEMA: &str = "rotescope.extract/1";

/// A line: one of its members is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExtractLine {
    pub schema: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<AuditRun>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<ExtractWindow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<ExtractSkipped>,
}

impl ExtractLine {
    pub fn new() -> ExtractLine {
        ExtractLine {
            schema: SCHEMA.into(),
            ..ExtractLine::default()
        }
    }
}

impl AuditLine for ExtractLine {
    const SCHEMA: &'static str = SCHEMA;

    fn schema(&self) -> &str {
        &self.schema
    }

    fn of_run(run: AuditRun) -> ExtractLine {
        ExtractLine {
            run: Some(run),
            ..ExtractLine::new()
        }
    }

    fn run(&self) -> Option<&AuditRun> {
        self.run.as_ref()
    }

    fn key(&self) -> Option<String> {
        let skipped = self.skipped.as_ref().map(ExtractSkipped::key);
        self.window.as_ref().map(ExtractWindow::key).or(skipped)
    }
}

/// A document that has no window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExtractSkipped {
    pub document: String,
    pub tokens: usize,
    pub why: String,
}

impl ExtractSkipped {
    /// The document's name within a run.
    pub fn key(&self) -> String {
        format!("short\n{}\n{}", self.document, self.why)
    }
}

/// The name of a window within a run.
pub fn window_key(document: &str, start: usize, [prefix, continuation]: [usize; 2]) -> String {
    format!("{start} {prefix}/{continuation}\n{document}")
}

/// One window: a prefix, and how much of what really follows the model recites.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExtractWindow {
    pub document: String,
    /// Of the index, where the document is one of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<u64>,
    /// Tokens of the document before the window.
    pub start: usize,
    /// Tokens of prefix and continuation.
    pub split: [usize; 2],
    pub prefix: String,
    /// The text of each token of the continuation.
    pub text: Vec<String>,
    /// Of each of them, under the full softmax; `null` where it has probability 0.
    pub log_p: Vec<Option<f64>>,
    /// The same when drawn, temperature and filters applied; `null` where a filter drops it.
    pub drawn: Vec<Option<f64>>,
    /// Tokens of the continuation that are not the most probable ones.
    pub other: Vec<usize>,
    /// Share of the others: teacher-forced M.
    pub matched: f64,
    /// Tokens before the first of `other`.
    pub recited: usize,
    /// M of the free-running greedy continuation: least and most; both are one where it is known.
    pub free_running: [f64; 2],
    /// Of the whole continuation, in nats.
    pub nll: Option<f64>,
    /// Natural logarithm of p_z; `null` where a filter drops a token.
    pub log_p_z: Option<f64>,
    /// Draws until it comes with the asked-for probability; `null` for never.
    pub draws: Option<f64>,
    /// Recited greedily, or extractable with the largest number of draws asked for.
    pub claim: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<ExtractGuard>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<ExtractCounts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<ExtractNear>,
    /// The corpus has the continuation behind many other prefixes: any prompt of its kind makes it likely.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub formula: bool,
    /// `repeating` or `incrementing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Of claims that are not common: `recite`, `reconstruct` or `recollect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub membership: Option<ExtractMembership>,
}

impl ExtractCounts {
    /// Whether the continuation stands so often behind other prefixes, and so many times as often as behind its own.
    pub fn is_formula(&self, elsewhere: u64) -> bool {
        let others = self.continuation.saturating_sub(self.whole);
        elsewhere > 0 && others >= elsewhere.saturating_mul(self.whole.max(1))
    }
}

impl ExtractWindow {
    /// The window's name within a run.
    pub fn key(&self) -> String {
        window_key(&self.document, self.start, self.split)
    }

    /// Whether it is known to be likely after any prefix, by the model or by the corpus.
    pub fn is_common(&self) -> bool {
        self.formula || self.guard.is_some_and(|g| g.common)
    }

    /// Whether it is claimed, and not known to be likely after any prefix.
    pub fn is_memorized(&self) -> bool {
        self.claim && !self.is_common()
    }
}

/// What unrelated prefixes say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExtractGuard {
    /// log p(continuation | prefix) less the logarithm of its mean probability after unrelated prefixes, in nats.
    pub pam: f64,
    /// That logarithm.
    pub prior: f64,
    /// Unrelated prefixes.
    pub prefixes: usize,
    /// `pam` is at least that, `prior` at most.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bound: bool,
    /// The text is likely after any prefix.
    pub common: bool,
}

/// Exact occurrences in the corpus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExtractCounts {
    pub prefix: u64,
    pub continuation: u64,
    pub whole: u64,
}

/// Places of the corpus that are nearly the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExtractNear {
    pub places: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
}

/// Weak evidence that the text was trained on; higher is likelier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExtractMembership {
    pub loss: f64,
    pub zlib: f64,
    pub min_k: f64,
    pub min_k_plus: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_stands_behind_many_other_prefixes() {
        let of = |continuation, whole| ExtractCounts {
            prefix: whole,
            continuation,
            whole,
        };
        // Of a text that the corpus does not have, of one that it has once, of one that it has often.
        for (counts, want) in [
            (of(0, 0), false),
            (of(9, 0), false),
            (of(10, 0), true),
            (of(11, 1), true),
            (of(10, 1), false),
            (of(50, 50), false),
            (of(500, 50), false),
            (of(550, 50), true),
            (of(u64::MAX, u64::MAX), false),
        ] {
            assert_eq!(counts.is_formula(10), want, "{counts:?}");
            assert!(!counts.is_formula(0), "0 is off");
        }
    }

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let window = ExtractWindow {
            document: "a.txt".into(),
            split: [2, 2],
            text: vec!["x".into(), "y".into()],
            log_p: vec![Some(-0.5), None],
            drawn: vec![Some(-0.25), None],
            ..ExtractWindow::default()
        };
        let line = ExtractLine {
            window: Some(window),
            ..ExtractLine::new()
        };
        let written = serde_json::to_string(&line).unwrap();
        assert!(
            written.starts_with(r#"{"schema":"rotescope.extract/1","window":{"document":"a.txt""#),
            "{written}"
        );
        assert_eq!(serde_json::from_str::<ExtractLine>(&written).unwrap(), line);
        // What a newer version adds is passed over.
        let newer = r#"{"schema":"rotescope.extract/1","news":1}"#;
        assert_eq!(
            serde_json::from_str::<ExtractLine>(newer).unwrap(),
            ExtractLine::new()
        );
    }
}
