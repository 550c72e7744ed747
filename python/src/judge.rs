//! Answers, steps, equations, whole completions: what can be said without model and corpus.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rotescope_import::generation::Generation;
use rotescope_judge::{locale, registry};
use rotescope_text::think::ReasoningMarks;
use rotescope_text::{AnswerRule, Locale, SplitBy};
use rotescope_trace::{Import, Prompt, Step, Trace};

use crate::chars::Chars;
use crate::errors::{Failure, detached};
use crate::json::dumped;

#[derive(IntoPyObject)]
pub struct FinalAnswer {
    text: String,
    start: usize,
    end: usize,
    rule: &'static str,
}

#[derive(IntoPyObject)]
pub struct CheckedEquation {
    expression: String,
    claimed: String,
    expected: String,
    right: bool,
    start: usize,
    end: usize,
    first_wrong: Option<usize>,
}

#[derive(IntoPyObject)]
pub struct Completion {
    answer: Option<String>,
    answer_span: Option<[usize; 2]>,
    expected: Option<String>,
    right: Option<bool>,
    reasoning: Vec<[usize; 2]>,
    steps: Vec<JudgedStep>,
}

#[derive(IntoPyObject)]
pub struct JudgedStep {
    text: String,
    start: usize,
    end: usize,
    right: Option<bool>,
    by: Option<String>,
    expected: Option<String>,
    why: Option<String>,
    wrong: Option<[usize; 2]>,
}

fn rule_name(rule: AnswerRule) -> &'static str {
    match rule {
        AnswerRule::Boxed => "boxed",
        AnswerRule::Hashes => "hashes",
        AnswerRule::AnswerIs => "answer_is",
        AnswerRule::AnswerColon => "answer_colon",
        AnswerRule::LastNumber => "last_number",
    }
}

/// Whether two answers are the same, whatever way they are written: numbers, fractions, percentages, quantities with units, points, intervals, sets, roots, simple
/// algebra, choices, yes and no are compared by what they say, in LaTeX or plain; everything else as text. Nothing is the same as an empty answer.
///
/// Args:
///     a, b: the answers; final_answer finds them in completions, expected_answer in data sets.
///     locale: how numbers are written: "point" (1,234.5) or "comma" (1.234,5).
#[pyfunction]
#[pyo3(signature = (a, b, *, locale="point"))]
pub fn same_answer(py: Python<'_>, a: &str, b: &str, locale: &str) -> PyResult<bool> {
    let locale: Locale = locale.parse().map_err(PyValueError::new_err)?;
    detached(py, || Ok(rotescope_text::same_answer_in(a, b, locale)))
}

/// The final answer of a completion: the last that is announced (`\boxed{X}`, `#### X`, `The answer is X` and the like in ten languages), else the last number with
/// all that belongs to it. None where there is neither.
///
/// Returns:
///     "text", where it lies ("start", "end", in characters), and which "rule" found it: "boxed", "hashes", "answer_is", "answer_colon" or "last_number".
#[pyfunction]
pub fn final_answer(py: Python<'_>, text: &str) -> PyResult<Option<FinalAnswer>> {
    detached(py, || {
        let found = rotescope_text::final_answer(text);
        Ok(found.map(|found| {
            let places = Chars::of(text);
            FinalAnswer {
                text: found.text.to_string(),
                start: places.at(found.span.start),
                end: places.at(found.span.end),
                rule: rule_name(found.rule),
            }
        }))
    })
}

/// The answer that a data set gives for a prompt: an answer as it stands, or that of a worked solution (`... #### 18`).
#[pyfunction]
pub fn expected_answer(py: Python<'_>, text: &str) -> PyResult<String> {
    detached(py, || Ok(rotescope_text::expected_answer(text).to_string()))
}

/// The steps of a completion; put together they are the text.
///
/// Args:
///     by: "sentence" (also ends at line breaks, never within code or displayed formulas) or "line".
#[pyfunction]
#[pyo3(signature = (text, *, by="sentence"))]
pub fn split_steps(py: Python<'_>, text: &str, by: &str) -> PyResult<Vec<String>> {
    let by = split_by(by)?;
    detached(py, || {
        let steps = rotescope_text::split_steps(text, by).into_iter();
        Ok(steps.map(|step| text[step].to_string()).collect())
    })
}

fn split_by(name: &str) -> PyResult<SplitBy> {
    match name {
        "sentence" => Ok(SplitBy::Sentence),
        "line" => Ok(SplitBy::Line),
        _ => Err(PyValueError::new_err(format!(
            "a step is a \"sentence\" or a \"line\", not a {name:?}"
        ))),
    }
}

/// The equations of a text whose truth is certain, each checked: `5 * 4 = 20`, chains, fractions, powers, percent, units, LaTeX, remainders, `<<5*4=20>>`. What
/// rounds correctly is right; what something around it could make true (a variable, a conversion of units) is left out.
///
/// Args:
///     base: 10 or 2.
///
/// Returns:
///     For each the "expression", what is "claimed" that it comes to, what is "expected" there, whether that is "right", where the claimed value lies ("start", "end",
///     in characters of the text), and its "first_wrong" character (None if it is right).
#[pyfunction]
#[pyo3(signature = (text, *, base=10))]
pub fn equations(py: Python<'_>, text: &str, base: u32) -> PyResult<Vec<CheckedEquation>> {
    if !matches!(base, 2 | 10) {
        return Err(PyValueError::new_err(format!(
            "equations are read in base 10 or 2, not {base}"
        )));
    }
    detached(py, || {
        let places = Chars::of(text);
        let one = |e: rotescope_judge::Equation| CheckedEquation {
            expression: text[e.expression].to_string(),
            claimed: text[e.claimed.clone()].to_string(),
            expected: e.expected,
            right: e.first_wrong.is_none(),
            start: places.at(e.claimed.start),
            end: places.at(e.claimed.end),
            first_wrong: e.first_wrong.map(|at| places.at(at)),
        };
        Ok(rotescope_judge::equations(text, base)
            .into_iter()
            .map(one)
            .collect())
    })
}

/// A whole completion judged as `rotescope judge` does: its final answer, outside of reasoning in marks such as <think>, against the expected one, and each step by
/// the verifiers that suit the prompt. Behind the first wrong step nothing is called right.
///
/// Args:
///     text: what the model wrote.
///     question: what it was asked; it may say what a number means.
///     answer: what is expected, as data sets have it: the answer, or a worked solution that ends in it.
///     verify: the verifiers, such as ["arithmetic"]; those that suit `meta` if not given (docs/evaluate.md).
///     meta: what verifiers must know of the prompt, as a dict.
///     locale: how numbers are written: "point" or "comma".
///     steps: what a step is: "sentence" or "line".
///
/// Returns:
///     "answer" and "answer_span" (None where none is found), "expected", "right" (None where nothing is expected), "reasoning" (where it lies), and "steps": for each
///     "text", "start", "end", "right" (None where nothing can be computed), "by" (the verifier), and of wrong ones "expected", "why" and "wrong", where the false
///     value lies. All places are in characters of the text.
#[pyfunction]
#[pyo3(signature = (text, *, question="", answer=None, verify=None, meta=None, locale="point", steps="sentence"))]
#[allow(clippy::too_many_arguments, reason = "keywords of Python")]
pub fn completion(
    py: Python<'_>,
    text: &str,
    question: &str,
    answer: Option<String>,
    verify: Option<Vec<String>>,
    meta: Option<&Bound<'_, PyAny>>,
    locale: &str,
    steps: &str,
) -> PyResult<Completion> {
    let prompt = Prompt {
        question: question.to_string(),
        answer,
        verify,
        locale: Some(locale.to_string()),
        meta: meta.map(dumped).transpose()?.unwrap_or_default(),
        ..Prompt::default()
    };
    locale::check(&prompt).map_err(PyValueError::new_err)?;
    let verify = prompt.verify.as_deref().unwrap_or_default();
    registry::check(verify, &prompt.meta).map_err(|e| PyValueError::new_err(e.to_string()))?;
    let by = split_by(steps)?;
    detached(py, || {
        let generation = Generation {
            prompt,
            completion: text.to_string(),
            ..Generation::default()
        };
        let trace = generation.trace(by, &ReasoningMarks::default(), Import::default());
        Ok::<_, Failure>(judged(text, trace))
    })
}

fn judged(text: &str, trace: Trace) -> Completion {
    let places = Chars::of(text);
    let at = |span: [usize; 2]| span.map(|byte| places.at(byte));
    let step = |step: Step| {
        let verdict = step.verdict.as_ref();
        let [start, end] = at(step.span);
        JudgedStep {
            text: text[step.span[0]..step.span[1]].to_string(),
            start,
            end,
            right: verdict.map(|v| v.right),
            by: verdict.map(|v| v.by.clone()),
            expected: verdict.and_then(|v| v.expected.clone()),
            why: verdict.and_then(|v| v.why.clone()),
            wrong: verdict.and_then(|v| v.span).map(at),
        }
    };
    Completion {
        answer: trace.answer.extracted,
        answer_span: trace.answer.span.map(at),
        expected: trace.answer.expected,
        right: trace.answer.right,
        reasoning: trace
            .reasoning
            .into_iter()
            .chain(trace.further_reasoning)
            .map(at)
            .collect(),
        steps: trace.steps.into_iter().map(step).collect(),
    }
}
