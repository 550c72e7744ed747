//! What people say of a completion: whether its answer is right, and which of its steps goes wrong first.
//!
//! The first wrong step comes as its number, as a list of the numbers of wrong steps, or as a list with a word for each step
//! (`true`, `1`, `"+"`, `"right"` or their opposites). Minus one, null, `"N/A"` or an empty list: no step is wrong.

use std::collections::BTreeSet;

use rotescope_judge::labels::ByHand;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::kind;

/// What people said of a completion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HumanLabels {
    /// Whether the final answer is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<bool>,
    /// The first wrong step, from 0; -1 where all are right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_wrong: Option<i64>,
    /// Why a label of steps that is there says nothing of this completion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub misfit: Option<String>,
}

impl HumanLabels {
    pub fn is_empty(&self) -> bool {
        *self == HumanLabels::default()
    }

    /// The truth of the steps; `None` where nobody labelled them.
    ///
    /// # Errors
    /// Why the label that is there is none of these steps.
    pub fn steps(&self) -> Result<Option<ByHand>, String> {
        match (&self.misfit, self.first_wrong) {
            (Some(why), _) => Err(why.clone()),
            (None, first) => Ok(first.map(|n| match usize::try_from(n) {
                Ok(step) => ByHand::FirstWrong(step),
                Err(_) => ByHand::Clean,
            })),
        }
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
/// Names of labels of steps, the likeliest first.
pub const STEPS: &[&str] = &[
    "first_wrong",
    "label",
    "mistake_index",
    "first_error",
    "first_error_step",
    "error_step",
    "error_steps",
    "wrong_steps",
    "labels",
    "step_labels",
    "ratings",
    "step_ratings",
    "model_output_solution_first_error_step",
    "Model_Solution_First_Error_Step",
];

impl LabelFields {
    /// The labels in the `meta` of a prompt, or in a row of a file of labels, on a completion of so many steps.
    pub fn read(&self, meta: &Value, steps: usize) -> HumanLabels {
        let usual: Vec<&str> = match &self.step {
            Some(name) => vec![name],
            None => STEPS.to_vec(),
        };
        let found = usual.iter().find_map(|name| {
            let value = meta.get(*name)?;
            match self.first_wrong(name, value, steps) {
                None if self.step.is_some() => Some(Err(format!(
                    "{name:?} is no label of steps: {}",
                    kind(value)
                ))),
                // Something else goes by this name.
                found => found,
            }
        });
        let (first_wrong, misfit) = match found {
            Some(Ok(first)) => (Some(first), None),
            Some(Err(why)) => (None, Some(why)),
            None => (None, None),
        };
        HumanLabels {
            right: RIGHT.iter().find_map(|n| meta.get(*n)?.as_bool()),
            first_wrong,
            misfit,
        }
    }

    /// The first wrong step, from 0, or -1; `None` for what is no label of steps.
    fn first_wrong(&self, name: &str, value: &Value, steps: usize) -> Option<Result<i64, String>> {
        let Value::Array(all) = value else {
            return number(value).map(|n| self.place(n, steps));
        };
        if let Some(wrong) = each(name, all, steps) {
            return Some(wrong);
        }
        let numbers = all.iter().map(|v| number(v).filter(|_| !v.is_null()));
        let numbers: Option<BTreeSet<i64>> = numbers.collect();
        let numbers = numbers?;
        Some(match numbers.first() {
            // No step is wrong twice.
            Some(_) if numbers.len() < all.len() => {
                Err(format!("{} labels on {steps} steps", all.len()))
            }
            Some(first) => self.place(*first, steps),
            None => Ok(-1),
        })
    }

    /// The number of a step, from 0; -1 for none.
    fn place(&self, number: i64, steps: usize) -> Result<i64, String> {
        let base = self.base;
        let place = number.saturating_sub(base);
        match usize::try_from(place) {
            _ if number < 0 => Ok(-1),
            Ok(at) if at < steps => Ok(place),
            _ => Err(format!(
                "step {number} of {steps}, counted from {base}, is not there"
            )),
        }
    }
}

/// The number of a step; -1 for none.
fn number(value: &Value) -> Option<i64> {
    let whole = |n: f64| (n.fract() == 0.0 && n.abs() < 1e15).then_some(n as i64);
    match value {
        Value::Null => Some(-1),
        Value::Number(n) => n.as_i64().or_else(|| whole(n.as_f64()?)),
        Value::String(s) => match s.trim().to_lowercase().as_str() {
            "n/a" | "na" | "none" | "null" => Some(-1),
            s => s.parse().ok().or_else(|| whole(s.parse().ok()?)),
        },
        _ => None,
    }
}

/// What is said of one step.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Said {
    Right,
    Wrong,
    /// Nothing.
    Open,
    /// Wrong where the labels are two, neither right nor wrong where they are three.
    Zero,
}

/// Reads a list with a word for each step; `None` where it is none. A list may end with the first wrong step.
fn each(name: &str, list: &[Value], steps: usize) -> Option<Result<i64, String>> {
    let name = name.to_lowercase();
    let of_wrong = ["wrong", "error", "mistake"]
        .iter()
        .any(|w| name.contains(w));
    let words = list
        .iter()
        .any(|v| v.is_boolean() || v.is_string() && number(v).is_none());
    if list.is_empty() || of_wrong && !words {
        return None; // numbers of steps
    }
    let said: Option<Vec<Said>> = list.iter().map(|v| said(v, of_wrong)).collect();
    let said = said?;
    let three = said.contains(&Said::Wrong) || name.contains("rating");
    let is_wrong = |s: &Said| *s == Said::Wrong || *s == Said::Zero && !three;
    let first = said.iter().position(is_wrong);
    let whole = said.len() == steps || said.len() < steps && first == Some(said.len() - 1);
    if said.iter().all(|s| *s == Said::Open) || !whole && !words {
        return None;
    }
    Some(match first {
        _ if !whole => Err(format!("{} labels on {steps} steps", said.len())),
        Some(first) => Ok(i64::try_from(first).unwrap_or(i64::MAX)),
        None => Ok(-1),
    })
}

fn said(value: &Value, of_wrong: bool) -> Option<Said> {
    let yes = |yes: bool| if yes { Said::Right } else { Said::Wrong };
    Some(match value {
        Value::Null => Said::Open,
        Value::Bool(b) => yes(*b != of_wrong),
        Value::Number(n) => match n.as_f64()? {
            1.0 => Said::Right,
            0.0 => Said::Zero,
            -1.0 => Said::Wrong,
            _ => return None,
        },
        Value::String(s) => match s.trim().to_lowercase().as_str() {
            "+" | "1" | "+1" | "right" | "correct" | "good" | "positive" => Said::Right,
            "true" | "yes" => yes(!of_wrong),
            "-" | "-1" | "wrong" | "incorrect" | "bad" | "negative" => Said::Wrong,
            "false" | "no" => yes(of_wrong),
            "0" => Said::Zero,
            "neutral" | "okay" | "ok" | "unsure" | "" => Said::Open,
            _ => return None,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(meta: Value, base: i64, steps: usize) -> Option<i64> {
        let found = LabelFields { step: None, base }.read(&meta, steps);
        assert_eq!(found.misfit, None, "{meta}");
        found.first_wrong
    }

    #[test]
    fn labels_by_the_names_and_bases_that_people_use() {
        for (meta, base, want) in [
            (json!({"label": 2}), 0, Some(2)),
            (json!({"label": -1}), 1, Some(-1)),
            (json!({"label": 2.0}), 0, Some(2)),
            (json!({"mistake_index": null}), 0, Some(-1)),
            (json!({"error_step": "3"}), 1, Some(2)),
            (
                json!({"model_output_solution_first_error_step": "N/A"}),
                1,
                Some(-1),
            ),
            (json!({"first_error": [4, 2]}), 1, Some(1)),
            (json!({"error_steps": [1]}), 1, Some(0)),
            (json!({"error_steps": [1, 0]}), 0, Some(0)),
            (json!({"error_steps": []}), 1, Some(-1)),
            (json!({"label": "C", "first_error": 1}), 0, Some(1)),
            (json!({"label": "C"}), 0, None),
            (json!({"label": true}), 0, None),
            (json!({"other": 2}), 0, None),
        ] {
            assert_eq!(read(meta.clone(), base, 4), want, "{meta}");
        }
        let named = LabelFields {
            step: Some("other".into()),
            base: 0,
        };
        let meta = json!({"other": 2, "is_correct": true});
        assert_eq!(
            named.read(&meta, 3),
            HumanLabels {
                right: Some(true),
                first_wrong: Some(2),
                misfit: None
            }
        );
    }

    #[test]
    fn a_list_with_a_word_for_each_step() {
        for (meta, want) in [
            (json!({"labels": [true, true, false, true]}), Some(2)),
            (json!({"labels": [true, true, true, true]}), Some(-1)),
            (json!({"wrong_steps": [false, true, false, true]}), Some(1)),
            (json!({"labels": [1, 1, 1, 0]}), Some(3)),
            (json!({"labels": [1, 0, -1, 1]}), Some(2)),
            (json!({"ratings": [1, 0, 1, 0]}), Some(-1)),
            (json!({"step_labels": ["+", "-", "-", "-"]}), Some(1)),
            (
                json!({"step_labels": ["correct", "correct", "Incorrect"]}),
                Some(2),
            ),
            // Up to the first wrong step.
            (json!({"ratings": [1, -1]}), Some(1)),
            (json!({"labels": [null, null, null, null]}), None),
            // Numbers of steps.
            (json!({"labels": [3, 2]}), Some(2)),
        ] {
            assert_eq!(read(meta.clone(), 0, 4), want, "{meta}");
        }
    }

    #[test]
    fn what_does_not_fit_is_said_and_no_label() {
        let read = |meta: Value, base, steps| {
            let found = LabelFields { step: None, base }.read(&meta, steps);
            assert_eq!(found.first_wrong, None);
            found.steps().unwrap_err()
        };
        assert_eq!(
            read(json!({"label": 4}), 0, 4),
            "step 4 of 4, counted from 0, is not there"
        );
        assert!(read(json!({"label": 0}), 1, 4).contains("step 0"));
        assert_eq!(
            read(json!({"labels": [true, true]}), 0, 4),
            "2 labels on 4 steps"
        );
        assert!(
            read(json!({"labels": [true, true, true, true, false]}), 0, 4).contains("5 labels")
        );
        let asked = LabelFields {
            step: Some("verdict".into()),
            base: 0,
        };
        let found = asked.read(&json!({"verdict": {"a": 1}}), 4);
        assert_eq!(
            found.misfit.as_deref(),
            Some("\"verdict\" is no label of steps: an object")
        );
    }
}
