//! Problems that carry their template: the prompts of the pocket bundle, and any prompt whose `meta` is of the same form.
//!
//! | `meta` has | problem |
//! |---|---|
//! | `template`, `names`, `operands`, `ops`, `equations` | [`Applied`]: a story of one quantity |
//! | `template`, `expression`, `operands`, `ops`, `equations` | [`Formula`] |
//! | `template`, `target`, `list` | [`Counting`] |
//! | `template`, `title`, `rule` | [`Title`] |
//!
//! Each is read, solved from its operands, and built anew with question, answer, equations and chain. A prompt whose question is not what its
//! template gives (an operator changed the text before) is none of them.

mod applied;
mod formula;
mod lists;

pub use applied::Applied;
pub use formula::Formula;
pub use lists::{Counting, Title, up};

use serde_json::{Map, Value};

use super::Subject;
use super::numbers::Notation;

/// What stands before a template whose numbers are in base 2.
pub const BASE2: &str = "All numbers are in base 2. ";

/// A problem of one of the four tasks.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    Applied(Applied),
    Formula(Formula),
    Counting(Counting),
    Title(Title),
}

/// A problem built anew.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    pub question: String,
    pub answer: String,
    pub meta: Value,
}

impl Problem {
    /// Reads the problem that a prompt carries; `None` if it carries none, or another than its question shows.
    pub fn of(subject: &Subject) -> Option<Problem> {
        let meta = subject.meta.as_object()?;
        let question = &subject.question;
        if meta.contains_key("expression") {
            Formula::read(meta, question).map(Problem::Formula)
        } else if meta.contains_key("operands") {
            Applied::read(meta, question).map(Problem::Applied)
        } else if meta.contains_key("list") {
            Counting::read(meta, question).map(Problem::Counting)
        } else if meta.contains_key("title") {
            Title::read(meta, question).map(Problem::Title)
        } else {
            None
        }
    }
}

fn text<'m>(meta: &'m Map<String, Value>, key: &str) -> Option<&'m str> {
    meta.get(key)?.as_str()
}

fn texts(meta: &Map<String, Value>, key: &str) -> Option<Vec<String>> {
    let items = meta.get(key)?.as_array()?;
    items.iter().map(|v| v.as_str().map(String::from)).collect()
}

/// The template without its mark of base 2, and the notation that the mark asks for.
fn notation(template: &str) -> (&str, Notation) {
    match template.strip_prefix(BASE2) {
        Some(rest) => (rest, Notation::Binary),
        None => (template, Notation::Decimal),
    }
}

/// What is said of the original only: where it lies in the corpus, what was planted, what made it hard.
const OF_THE_ORIGINAL: [&str; 5] = [
    "copies",
    "planted",
    "factors",
    "transformation",
    "perturbation",
];

/// `meta` of the original with the new values in it, without what holds for the original only. A value of `Null` takes its key away.
fn renewed(
    meta: &Map<String, Value>,
    new: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    let mut meta = meta.clone();
    meta.retain(|key, _| !OF_THE_ORIGINAL.contains(&key.as_str()));
    for (key, value) in new {
        match value {
            Value::Null => drop(meta.shift_remove(key)),
            value => drop(meta.insert(key.into(), value)),
        }
    }
    Value::Object(meta)
}

/// `meta` for a text that changed in another way than by its template: what it says of the problem's numbers still holds.
pub fn meta_after(meta: &Value) -> Value {
    match meta.as_object() {
        Some(m) => renewed(m, []),
        None => Value::Null,
    }
}

/// The template with each `{key}` replaced.
fn fill<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let (mut out, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once('{') {
        let (key, tail) = after.split_once('}')?;
        out.push_str(before);
        out.push_str(value(key)?);
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}
