//! Other numbers for a question that comes with its worked solution, as those of GSM8K do.
//!
//! A solution says how the answer comes about. Its equations are read ([`solution`], [`expression`]), their numbers are tied to those that the
//! question states ([`mention`], [`fixed`]), to results before, or to what goes without saying ([`constants`], [`tie`], [`reading`]); that is the [`graph`]. It counts
//! only if it comes to every step and to the answer with the original numbers, and if no number has two readings that would differ. Then other
//! numbers are drawn ([`draw`]) that the story bears ([`bear`]), and question and solution are written anew ([`write`](mod@write), [`form`]).
//!
//! A number that two readings explain is held still, so that both come to the same; what the solution does not use stays too.

pub mod bear;
pub mod constants;
pub mod draw;
pub mod expression;
pub mod fixed;
pub mod form;
pub mod graph;
pub mod mention;
pub mod reading;
pub mod solution;
pub mod tie;
pub mod write;

use rotescope_text::Rational;
use rotescope_text::number::number_len;
use rotescope_trace::Prompt;

use self::bear::{Story, Whole};
use self::draw::Drawn;
use self::graph::Graph;
use super::subject::{AnswerChange, OperatorEffect, Unchanged};

/// Keys of `meta` under which a solution stands.
pub const SOLUTIONS: [&str; 3] = ["solution", "chain", "rationale"];
/// Where the graph of a changed prompt stands in `meta`.
pub const GRAPH: &str = "graph";

/// A question or solution longer than this, in bytes, is not read.
const LONGEST: usize = 8192;

/// A prompt's solution, and where it stands.
struct Worked<'a> {
    text: &'a str,
    /// The key in `meta`; `None` if it is the answer itself.
    key: Option<&'static str>,
    /// What the answer is if the solution does not mark it.
    answer: Option<&'a str>,
}

/// The worked solution of a prompt, if it has one: its answer, if that is more than a number, or a text in `meta`.
fn worked(prompt: &Prompt) -> Option<Worked<'_>> {
    let answer = prompt.answer.as_deref()?;
    if answer.contains("<<") || answer.contains("####") || answer.contains('=') {
        return Some(Worked {
            text: answer,
            key: None,
            answer: None,
        });
    }
    SOLUTIONS.into_iter().find_map(|key| {
        Some(Worked {
            text: prompt.meta.get(key)?.as_str()?,
            key: Some(key),
            answer: Some(answer),
        })
    })
}

/// Whether a prompt comes with a worked solution.
pub fn has_solution(prompt: &Prompt) -> bool {
    worked(prompt).is_some()
}

/// The only number of an answer.
fn number(answer: &str) -> Option<Rational> {
    let start = answer.find(|c: char| c.is_ascii_digit())?;
    let len = number_len(&answer[start..]);
    let rest = &answer[start + len..];
    if rest.contains(|c: char| c.is_ascii_digit()) || answer[..start].contains(['-', '.']) {
        return None;
    }
    Rational::from_digits(&answer[start..start + len].replace(',', ""), 10)
}

/// Poses a prompt with other numbers, as `draw` gives them, and computes its answer. `whole`: what becomes of whole results.
///
/// # Errors
/// Why that cannot be done, in a few words.
pub fn carry(
    prompt: &Prompt,
    whole: Whole,
    draw: impl FnOnce(&Graph, &Story) -> Option<Drawn>,
) -> Result<OperatorEffect, Unchanged> {
    let Some(worked) = worked(prompt) else {
        return Unchanged::because("it has no worked solution");
    };
    if prompt.question.len() > LONGEST || worked.text.len() > LONGEST {
        return Unchanged::because("it is too long");
    }
    let solution = solution::read(worked.text)?;
    let marked = solution.answer.as_ref().map(expression::Literal::digits);
    let stated = worked.answer.map(|a| number(a).ok_or(()));
    let answer = match (marked, stated) {
        (Some(a), Some(Ok(b))) if a != b => {
            return Unchanged::because("the answer is not the solution's");
        }
        (_, Some(Ok(a))) | (Some(a), None) => a,
        (_, Some(Err(()))) => return Unchanged::because("the answer is no number"),
        // Without a mark the last result is the answer.
        (None, None) => solution.steps.last().map_or(Rational::ZERO, |s| s.value),
    };
    let graph = Graph::of(&prompt.question, solution, answer)?;
    let Some(story) = Story::of(&graph, worked.text, whole) else {
        return Unchanged::because("the graph does not compute");
    };
    let Some((variables, results)) = draw(&graph, &story) else {
        return Unchanged::because("no other numbers work out");
    };
    let Some(new) = write::written(prompt, worked.text, &graph, &variables, &results) else {
        return Unchanged::because("a new number has no end");
    };
    let mut meta = match &prompt.meta {
        serde_json::Value::Object(m) => m.clone(),
        _ => serde_json::Map::new(),
    };
    let answer = match (worked.key, worked.answer) {
        (Some(key), Some(old)) => {
            meta.insert(key.into(), new.solution.into());
            match write::answer(old, &graph, &results) {
                Some(answer) => answer,
                None => return Unchanged::because("a new number has no end"),
            }
        }
        _ => new.solution,
    };
    meta.insert(GRAPH.into(), new.graph);
    Ok(OperatorEffect {
        question: new.question,
        answer: AnswerChange::New(answer),
        meta: meta.into(),
        changes: new.changes,
        strength: None,
    })
}
