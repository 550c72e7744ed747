//! What is said of a completion without a model: its answer, its steps, and how far labels in its file agree.

use rotescope_judge::labels::first_error_f1;
use rotescope_trace::{Answer, SCHEMA, Span, Trace, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::labels::{HumanLabels, LabelFields};

/// Name and version of the record.
pub const JUDGED: &str = "rotescope.judged/1";

/// One completion, judged.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Judged {
    /// [`JUDGED`].
    pub schema: String,
    pub id: String,
    /// Who wrote it; empty where nobody says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
    pub answer: Answer,
    pub steps: Vec<JudgedStep>,
    /// Where reasoning in marks lies in the completion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Span>,
    /// Where more of it lies, if there are several blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_reasoning: Vec<Span>,
    #[serde(default, skip_serializing_if = "HumanLabels::is_empty")]
    pub labels: HumanLabels,
}

/// A step of a completion.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct JudgedStep {
    /// In bytes of the completion.
    pub span: Span,
    /// Absent where nothing can be computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

impl Judged {
    /// What a trace says.
    pub fn of(trace: &Trace, labels: &LabelFields) -> Judged {
        debug_assert_eq!(trace.schema, SCHEMA);
        Judged {
            schema: JUDGED.into(),
            id: trace.prompt.id.clone(),
            model: trace.model.file.clone(),
            answer: trace.answer.clone(),
            steps: trace
                .steps
                .iter()
                .map(|s| JudgedStep {
                    span: s.span,
                    verdict: s.verdict.clone(),
                })
                .collect(),
            reasoning: trace.reasoning,
            labels: labels.read(&trace.prompt.meta, trace.steps.len()),
            further_reasoning: trace.further_reasoning.clone(),
        }
    }

    /// The first step that a verdict calls wrong, from 0; -1 without one.
    pub fn first_wrong(&self) -> i64 {
        let wrong = |s: &JudgedStep| s.verdict.as_ref().is_some_and(|v| !v.right);
        self.steps.iter().position(wrong).map_or(-1, |i| i as i64)
    }
}

/// Sums over completions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tally {
    pub completions: usize,
    /// With an expected answer.
    pub expected: usize,
    pub right: usize,
    /// No answer was found.
    pub unanswered: usize,
    pub steps: usize,
    /// Steps with a verdict.
    pub judged: usize,
    pub wrong_steps: usize,
    /// Completions labelled right or wrong that were judged by an expected answer, and how many of them alike.
    pub labelled: usize,
    pub agreed: usize,
    /// Of those with such a label, how many it calls right.
    pub labelled_right: usize,
    /// Completions with a labelled first wrong step, and those of them where it was named.
    pub flawed: usize,
    pub named: usize,
    /// Completions labelled free of wrong steps, and those of them in which none was named.
    pub clean: usize,
    pub spared: usize,
    /// Completions with a label of steps that is none of theirs; it counts for nothing.
    pub misfits: usize,
}

impl Tally {
    pub fn add(&mut self, j: &Judged) {
        self.completions += 1;
        self.expected += usize::from(j.answer.right.is_some());
        self.right += usize::from(j.answer.right == Some(true));
        self.unanswered += usize::from(j.answer.extracted.is_none());
        self.steps += j.steps.len();
        let verdicts = || j.steps.iter().filter_map(|s| s.verdict.as_ref());
        self.judged += verdicts().count();
        self.wrong_steps += verdicts().filter(|v| !v.right).count();
        if let (Some(label), Some(right)) = (j.labels.right, j.answer.right) {
            self.labelled += 1;
            self.labelled_right += usize::from(label);
            self.agreed += usize::from(label == right);
        }
        self.misfits += usize::from(j.labels.misfit.is_some());
        match j.labels.first_wrong {
            Some(-1) => {
                self.clean += 1;
                self.spared += usize::from(j.first_wrong() == -1);
            }
            Some(first) => {
                self.flawed += 1;
                self.named += usize::from(j.first_wrong() == first);
            }
            None => {}
        }
    }

    /// ProcessBench's F1: the harmonic mean of the accuracy on flawed and on clean completions; `None` without labels of steps.
    pub fn f1(&self) -> Option<f64> {
        let share = |k: usize, n: usize| (k as f64, n as f64);
        first_error_f1(
            share(self.named, self.flawed),
            share(self.spared, self.clean),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_f1() {
        let of = |first: i64, label: i64| {
            let verdict = |right| Verdict {
                right,
                by: "arithmetic".into(),
                p: None,
                span: None,
                tokens: vec![],
                expected: None,
                why: None,
            };
            let step = |i| JudgedStep {
                span: [i, i + 1],
                verdict: Some(verdict(i as i64 != first)),
            };
            Judged {
                steps: (0..3).map(step).collect(),
                labels: HumanLabels {
                    first_wrong: Some(label),
                    ..HumanLabels::default()
                },
                ..Judged::default()
            }
        };
        let mut t = Tally::default();
        for j in [of(1, 1), of(-1, 2), of(-1, -1), of(0, -1), of(-1, -1)] {
            t.add(&j);
        }
        assert_eq!(
            (t.flawed, t.named, t.clean, t.spared, t.wrong_steps),
            (2, 1, 3, 2, 2)
        );
        let f1 = t.f1().unwrap();
        assert!(
            (f1 - 2.0 * 0.5 * (2.0 / 3.0) / (0.5 + 2.0 / 3.0)).abs() < 1e-12,
            "{f1}"
        );
        assert_eq!(Tally::default().f1(), None);
    }
}
