//! Other words for what a prompt names: the names of a text, or whatever its problem names.

use super::effects::{rebuilt, reworded};
use super::lists::{Category, NAMES};
use super::operator::Input;
use super::persons::persons;
use super::subject::{Change, OperatorEffect, Unchanged};
use super::texts::replace_word;

/// How often another word is asked for when one is taken.
const TRIES: usize = 50;

/// Replaces the names of a prompt by what `pick` gives for them; `None` leaves a word. Numbers stay, so the answer does, unless the words are
/// the answer.
///
/// # Errors
/// Nothing was replaced.
pub fn rename(
    input: &Input,
    mut pick: impl FnMut(&'static Category, &str) -> Option<String>,
) -> Result<OperatorEffect, Unchanged> {
    // A word that is neither the old one nor taken.
    let mut other = |category: &'static Category, word: &str, taken: &[String]| {
        (0..TRIES)
            .filter_map(|_| pick(category, word))
            .find(|new| new != word && !taken.contains(new))
    };
    let renamed = match input.problem() {
        Some(problem) => {
            let (built, changes) = problem.renamed(&mut other)?;
            built.map(|b| rebuilt(input.subject, b, changes))
        }
        None => Some(in_text(input, other)),
    };
    match renamed {
        Some(effect) if !effect.changes.is_empty() => Ok(effect),
        _ => Unchanged::because("no name in it has a replacement"),
    }
}

fn in_text(
    input: &Input,
    mut other: impl FnMut(&'static Category, &str, &[String]) -> Option<String>,
) -> OperatorEffect {
    let mut question = input.subject.question.clone();
    let found = persons(&input.subject.question);
    let mut taken: Vec<String> = found.iter().map(std::string::ToString::to_string).collect();
    let mut changes = Vec::new();
    for old in found {
        if let Some(new) = other(&NAMES, old, &taken) {
            question = replace_word(&question, old, &new);
            taken.push(new.clone());
            changes.push(Change::word(old, new));
        }
    }
    reworded(input, question, changes)
}
