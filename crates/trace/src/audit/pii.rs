//! What `pii scan` and `pii attack` write: values in a corpus, and what a model says in their place.

use serde::{Deserialize, Serialize};

use super::extract::ExtractNear;
use super::line::{AuditLine, AuditRun};

/// Name and version of the records of a scan.
pub const SCAN: &str = "rotescope.pii-scan/1";
/// Name and version of the records of an attack.
pub const ATTACK: &str = "rotescope.pii-attack/1";

/// A line of a scan: one of its members is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ScanLine {
    pub schema: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<AuditRun>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<ScanFinding>,
}

/// A value in a document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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

/// A line of an attack: one of its members is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AttackLine {
    pub schema: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<AuditRun>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
}

/// One prompt that asks for one value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    pub document: String,
    /// Bytes of the document's text where the value stands.
    pub span: [usize; 2],
    pub kind: String,
    /// `memory-K`: the last K tokens before the value; `name-I`: the I-th template with the person's name.
    pub attack: String,
    /// The same prompt about somebody who is not in the corpus.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
    /// Documents that hold the value.
    pub copies: u64,
    /// The value follows from the name.
    pub guessable: bool,
    /// Continuations, those in which a value of the kind came, and those whose first one is the true one.
    pub tries: usize,
    pub given: usize,
    pub leaked: usize,
    /// Natural logarithm of p_z, the probability that the value is drawn token by token; `null` where a filter drops one of its tokens.
    pub log_p_z: Option<f64>,
    /// Tokens of the value, and those that are said greedily before the first other one.
    pub tokens: usize,
    pub recited: usize,
}

impl AttackLine {
    pub fn new() -> AttackLine {
        AttackLine {
            schema: ATTACK.into(),
            ..AttackLine::default()
        }
    }
}

impl Attempt {
    /// Its name within a run.
    pub fn key(&self) -> String {
        let who = if self.control { "control" } else { "true" };
        format!(
            "{}\n{}\n{who}",
            finding_key(&self.document, self.span),
            self.attack
        )
    }
}

impl AuditLine for AttackLine {
    const SCHEMA: &'static str = ATTACK;

    fn schema(&self) -> &str {
        &self.schema
    }

    fn of_run(run: AuditRun) -> AttackLine {
        AttackLine {
            run: Some(run),
            ..AttackLine::new()
        }
    }

    fn run(&self) -> Option<&AuditRun> {
        self.run.as_ref()
    }

    fn key(&self) -> Option<String> {
        self.attempt.as_ref().map(Attempt::key)
    }
}
