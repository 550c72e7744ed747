//! What is said of a completion without a model: its answer, its steps, and how far labels in its file agree.

use rotescope_trace::{Answer, SCHEMA, Span, Trace, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Name and version of the record.
pub const JUDGED: &str = "rotescope.judged/1";

/// One completion, judged.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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
    #[serde(default, skip_serializing_if = "HumanLabels::is_empty")]
    pub labels: HumanLabels,
}

/// A step of a completion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JudgedStep {
    /// In bytes of the completion.
    pub span: Span,
    /// Absent where nothing can be computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// What people said of a completion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HumanLabels {
    /// Whether the final answer is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<bool>,
    /// The first wrong step, from 0; -1 where all are right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_wrong: Option<i64>,
}

impl HumanLabels {
    fn is_empty(&self) -> bool {
        *self == HumanLabels::default()
    }
}

/// Where labels stand in the fields that a file has beside prompt and completion.
#[derive(Debug, Clone, Default)]
pub struct LabelFields {
    /// Of the first wrong step; `None` takes the first of the usual names.
    pub step: Option<String>,
    /// Steps are counted from this number.
    pub base: i64,
}

const RIGHT: &[&str] = &[
    "right",
    "is_correct",
    "correct",
    "final_answer_correct",
    "answer_right",
];
const FIRST_WRONG: &[&str] = &[
    "first_wrong",
    "label",
    "mistake_index",
    "first_error",
    "first_error_step",
    "error_step",
];

impl LabelFields {
    /// The labels in the `meta` of a prompt.
    pub fn read(&self, meta: &Value) -> HumanLabels {
        let usual: Vec<&str> = match &self.step {
            Some(name) => vec![name],
            None => FIRST_WRONG.to_vec(),
        };
        let there = usual.iter().find_map(|n| meta.get(*n));
        // Some give all wrong steps; null where there is none.
        let first = there.and_then(|v| match v {
            Value::Null => Some(-1),
            Value::Array(all) => {
                let all: Option<Vec<i64>> = all.iter().map(number).collect();
                Some(all?.into_iter().min().map_or(-1, |n| n - self.base))
            }
            one => number(one).map(|n| if n < 0 { -1 } else { n - self.base }),
        });
        HumanLabels {
            right: RIGHT.iter().find_map(|n| meta.get(*n)?.as_bool()),
            first_wrong: first,
        }
    }
}

fn number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
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
            labels: labels.read(&trace.prompt.meta),
        }
    }

    /// The first step that a verdict calls wrong, from 0; -1 without one.
    pub fn first_wrong(&self) -> i64 {
        let wrong = |s: &JudgedStep| s.verdict.as_ref().is_some_and(|v| !v.right);
        self.steps.iter().position(wrong).map_or(-1, |i| i as i64)
    }
}

/// Sums over completions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
    /// Completions with a labelled first wrong step, and those of them where it was named.
    pub flawed: usize,
    pub named: usize,
    /// Completions labelled free of wrong steps, and those of them in which none was named.
    pub clean: usize,
    pub spared: usize,
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
            self.agreed += usize::from(label == right);
        }
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
        if self.flawed == 0 || self.clean == 0 {
            return None;
        }
        let (flawed, clean) = (
            self.named as f64 / self.flawed as f64,
            self.spared as f64 / self.clean as f64,
        );
        Some(if flawed + clean > 0.0 {
            2.0 * flawed * clean / (flawed + clean)
        } else {
            0.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn labels_by_the_names_and_bases_that_people_use() {
        let read = |meta: Value, base| LabelFields { step: None, base }.read(&meta).first_wrong;
        assert_eq!(read(json!({"label": 2}), 0), Some(2));
        assert_eq!(read(json!({"label": -1}), 1), Some(-1));
        assert_eq!(read(json!({"mistake_index": null}), 0), Some(-1));
        assert_eq!(read(json!({"error_step": "3"}), 1), Some(2));
        assert_eq!(read(json!({"first_error": [4, 2]}), 1), Some(1));
        assert_eq!(read(json!({"other": 2}), 0), None);
        let named = LabelFields {
            step: Some("other".into()),
            base: 0,
        };
        assert_eq!(
            named.read(&json!({"other": 2, "is_correct": true})),
            HumanLabels {
                right: Some(true),
                first_wrong: Some(2)
            }
        );
    }

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
                    right: None,
                    first_wrong: Some(label),
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
