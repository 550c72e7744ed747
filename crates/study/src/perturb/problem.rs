//! Problems that prompts carry in their `meta`, so that they can be posed anew and solved.
//!
//! A file of prompts may say more than its questions: the template, the numbers, the names. A [`Form`] is one way to say it. It reads the
//! [`Problem`] of a prompt; an operator asks the problem for what it can do, and works on the text where there is none. Nothing here knows any
//! particular form: whoever applies a [`Plan`](super::Plan) brings those that it knows.

use std::collections::HashSet;

use rand_chacha::ChaCha8Rng;
use rotescope_text::Rational;
use serde_json::{Map, Value};

use super::lists::Category;
use super::numbers::Notation;
use super::subject::{Change, Unchanged};
use rotescope_trace::Prompt;

/// A way in which prompts carry their problem.
#[derive(Debug)]
pub struct Form {
    /// Reads the problem that a prompt carries; `None` if it carries none, or another than its question shows (an operator changed the text
    /// before).
    pub read: fn(&Prompt) -> Option<Box<dyn Problem>>,
    /// Keys of `meta` that hold for the original prompt only: every change takes them away.
    pub of_original: &'static [&'static str],
    /// Keys of `meta` that hold no longer when numbers of the text change without the template.
    pub of_numbers: &'static [&'static str],
}

/// A problem built anew.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    pub question: String,
    pub answer: String,
    pub meta: Value,
}

/// Gives another word: of this category, for this word, none of those taken.
pub type OtherWord<'a> = dyn FnMut(&'static Category, &str, &[String]) -> Option<String> + 'a;

/// Which words of a title get a capital.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capitals {
    /// All but the small ones.
    Title,
    LastWord,
}

/// A problem that can be posed anew, in the ways that it has. What a problem cannot do it leaves as it is here.
pub trait Problem {
    /// What it calculates, if it calculates.
    fn calculation(&self) -> Option<&dyn Calculation> {
        None
    }

    /// Words that are the matter of the task, not its wording: an operator that rewords leaves them alone.
    fn matter(&self) -> HashSet<String> {
        HashSet::new()
    }

    /// With other words for what it names, as `other` gives them, and what was replaced. No build where the new words do not fit.
    ///
    /// # Errors
    /// It names nothing.
    fn renamed(&self, _other: &mut OtherWord) -> Result<(Option<Built>, Vec<Change>), Unchanged> {
        Unchanged::because("the problem has no names")
    }

    /// Whether a clause that does not matter can be put in; `{o}` in it are the things that the problem is about.
    fn takes_clauses(&self) -> bool {
        false
    }

    /// With a clause before its last sentence.
    fn with_clause(&self, _clause: &str) -> Option<Built> {
        None
    }

    /// With its events in another order in which the answer is the same.
    ///
    /// # Errors
    /// There is no such order.
    fn reordered(&self, _rng: &mut ChaCha8Rng) -> Result<Built, Unchanged> {
        Unchanged::because("it is one sentence")
    }

    /// The list that is counted in.
    fn list(&self) -> Option<&[String]> {
        None
    }

    /// With another list.
    fn with_list(&self, _list: Vec<String>) -> Option<Built> {
        None
    }

    /// Which capitals it asks for.
    fn capitals(&self) -> Option<Capitals> {
        None
    }

    /// Asks for other capitals, with this instruction; `{}` in it is the title.
    fn with_capitals(&self, _capitals: Capitals, _instruction: &str) -> Option<Built> {
        None
    }
}

/// A problem whose answer follows from numbers.
pub trait Calculation {
    fn operands(&self) -> &[Rational];

    /// How it writes its numbers.
    fn notation(&self) -> Notation;

    /// With other operands, or another notation. `None` when they do not work out.
    fn with_operands(&self, operands: Vec<Rational>, notation: Notation) -> Option<Built>;

    /// Whether all results are whole with these operands; not so when they do not work out.
    fn is_whole_with(&self, operands: &[Rational]) -> bool;
}

/// Where a changed prompt keeps its [`Perturbation`](super::Perturbation).
pub(super) const RECORD: &str = "perturbation";

/// `meta` with the new values in it, without the keys that hold for the original only. A value of `Null` takes its key away.
pub fn renewed(
    meta: &Map<String, Value>,
    of_original: &[&str],
    new: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    let mut meta = meta.clone();
    meta.retain(|key, _| key != RECORD && !of_original.contains(&key.as_str()));
    for (key, value) in new {
        match value {
            Value::Null => drop(meta.shift_remove(key)),
            value => drop(meta.insert(key.into(), value)),
        }
    }
    Value::Object(meta)
}
