//! What operators share: effects of problems built anew, and of texts whose numbers change.

use rotescope_text::Rational;

use super::numbers::{self, Notation};
use super::operator::{Input, OperatorOption, OptionKind};
use super::problem::{Built, Calculation};
use super::role::NumberRole;
use super::subject::{AnswerChange, Change, OperatorEffect, Unchanged};
use super::worked::{GRAPH, SOLUTIONS, has_solution};
use rotescope_trace::Prompt;

/// The effect of a problem that was built anew.
pub fn rebuilt(subject: &Prompt, built: Built, changes: Vec<Change>) -> OperatorEffect {
    let same = subject.answer.as_deref() == Some(built.answer.as_str());
    OperatorEffect {
        question: built.question,
        answer: if same {
            AnswerChange::Same
        } else {
            AnswerChange::New(built.answer)
        },
        meta: built.meta,
        changes,
        strength: None,
    }
}

/// The effect of another text that means what the old one meant.
pub fn reworded(input: &Input, question: String, changes: Vec<Change>) -> OperatorEffect {
    OperatorEffect {
        question,
        answer: AnswerChange::Same,
        meta: input.meta(),
        changes,
        strength: None,
    }
}

/// Gives a problem other operands, or another notation, and builds it. `None` when they do not work out.
pub fn with_operands(
    subject: &Prompt,
    problem: &dyn Calculation,
    notation: Notation,
    operands: Vec<Rational>,
) -> Option<OperatorEffect> {
    let mut changes = Vec::new();
    for (a, b) in problem.operands().iter().zip(&operands) {
        if let (Some(a), Some(b)) = (problem.notation().write(*a), notation.write(*b)) {
            add(&mut changes, Change::number(a, b));
        }
    }
    let built = problem.with_operands(operands, notation)?;
    Some(rebuilt(subject, built, changes))
}

/// The option of operators that can carry an answer along.
pub const CARRIED: OperatorOption = OperatorOption {
    name: "answer",
    kind: OptionKind::OneOf(&["any", "carried"]),
    doc: "carried: only what keeps a known answer is changed; any if not given",
};

/// Where a prompt with a worked solution says why its answer is not known.
pub const NOT_CARRIED: &str = "not_carried";

/// What was carried; else the text as `otherwise` changes it, with the reason in its `meta`, unless only carried answers are asked for.
///
/// # Errors
/// Nothing changes.
pub fn carried_or(
    input: &Input,
    carried: Result<OperatorEffect, Unchanged>,
    otherwise: impl FnOnce() -> Result<OperatorEffect, Unchanged>,
) -> Result<OperatorEffect, Unchanged> {
    match carried {
        Ok(carried) => Ok(carried),
        Err(reason) if input.options.text(CARRIED.name) == Some("carried") => Err(reason),
        Err(_) if !has_solution(input.subject) => otherwise(),
        Err(reason) => {
            let Ok(mut effect) = otherwise() else {
                return Err(reason);
            };
            if let Some(meta) = effect.meta.as_object_mut() {
                meta.insert(NOT_CARRIED.into(), reason.0.into());
            } else {
                effect.meta = serde_json::json!({ NOT_CARRIED: reason.0 });
            }
            Ok(effect)
        }
    }
}

/// Changes the whole numbers of a text.
///
/// # Errors
/// None of them changes.
pub fn whole_numbers(
    input: &Input,
    mut change: impl FnMut(Rational) -> Option<Rational>,
) -> Result<OperatorEffect, Unchanged> {
    rewritten_numbers(input, |n| {
        if n.whole && n.role == NumberRole::Quantity {
            let new = Notation::Decimal.write(change(n.value)?)?;
            Some(n.in_its_form(new))
        } else {
            None
        }
    })
}

/// Changes the numbers of a text; what its answer is then is not known.
///
/// # Errors
/// None of them changes.
pub fn rewritten_numbers(
    input: &Input,
    mut write: impl FnMut(&numbers::FoundNumber) -> Option<String>,
) -> Result<OperatorEffect, Unchanged> {
    let mut changes: Vec<Change> = Vec::new();
    let question = numbers::rewrite(&input.subject.question, |n| {
        let new = write(n)?;
        add(&mut changes, Change::number(n.text.as_str(), new.as_str()));
        Some(new)
    });
    if changes.is_empty() {
        return Unchanged::because("no number stands in it that could change");
    }
    let mut meta = input.meta_without_numbers();
    if let Some(meta) = meta.as_object_mut() {
        // A worked solution has the old numbers.
        meta.retain(|key, _| !SOLUTIONS.contains(&key.as_str()) && key != GRAPH);
    }
    Ok(OperatorEffect {
        question,
        answer: AnswerChange::Unknown,
        meta,
        changes,
        strength: None,
    })
}

/// Keeps a change that is one, once.
fn add(changes: &mut Vec<Change>, change: Change) {
    if change.from != change.to && !changes.contains(&change) {
        changes.push(change);
    }
}
