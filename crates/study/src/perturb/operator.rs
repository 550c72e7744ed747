//! What an operator is: its name, its options, and how it changes a prompt.

use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::problem::{Form, Problem, renewed};
use super::subject::{OperatorEffect, Unchanged};
use rotescope_trace::Prompt;

/// How an operator changes a prompt. The generator is seeded for the prompt and the operator's place in the plan.
pub type Apply = fn(&Input, &mut ChaCha8Rng) -> Result<OperatorEffect, Unchanged>;

/// One operator.
#[derive(Debug)]
pub struct Operator {
    pub name: &'static str,
    pub options: &'static [OperatorOption],
    /// What it does, in a line.
    pub doc: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    pub needs_corpus: bool,
    pub apply: Apply,
}

impl Operator {
    /// An operator without options that asks no corpus.
    pub const fn new(
        name: &'static str,
        doc: &'static str,
        source: &'static str,
        apply: Apply,
    ) -> Operator {
        Operator {
            name,
            options: &[],
            doc,
            source,
            needs_corpus: false,
            apply,
        }
    }

    pub const fn with_options(self, options: &'static [OperatorOption]) -> Operator {
        Operator { options, ..self }
    }

    /// It asks how frequent words are.
    pub const fn asking_corpus(self) -> Operator {
        Operator {
            needs_corpus: true,
            ..self
        }
    }
}

/// An option of an operator.
#[derive(Debug)]
pub struct OperatorOption {
    pub name: &'static str,
    pub kind: OptionKind,
    /// What it means and what it is when not given.
    pub doc: &'static str,
}

/// What an option takes.
#[derive(Debug)]
pub enum OptionKind {
    Whole(u64, u64),
    /// Above 0, up to 1.
    Share,
    OneOf(&'static [&'static str]),
}

impl OptionKind {
    pub(super) fn takes(&self, value: &str) -> bool {
        match self {
            OptionKind::Whole(low, high) => value
                .parse::<u64>()
                .is_ok_and(|v| (*low..=*high).contains(&v)),
            OptionKind::Share => value.parse::<f64>().is_ok_and(|v| v > 0.0 && v <= 1.0),
            OptionKind::OneOf(words) => words.contains(&value),
        }
    }

    /// In words.
    pub fn describe(&self) -> String {
        match self {
            OptionKind::Whole(low, high) => format!("a whole number from {low} to {high}"),
            OptionKind::Share => "a number above 0, up to 1".into(),
            OptionKind::OneOf(words) => words.join(" or "),
        }
    }
}

/// The option of operators that change a part of the words; see [`OperatorOptions::share`].
pub const SHARE: &[OperatorOption] = &[OperatorOption {
    name: "share",
    kind: OptionKind::Share,
    doc: "of the words; 0.1 if not given",
}];

/// The options of one operator as given, all of them valid.
#[derive(Debug, Clone, Default)]
pub struct OperatorOptions(Vec<(&'static str, String)>);

impl OperatorOptions {
    /// The last value given for an option counts.
    pub(super) fn set(&mut self, name: &'static str, value: String) {
        self.0.retain(|(n, _)| *n != name);
        self.0.push((name, value));
    }

    /// An option as text; `None` if it was not given.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v.as_str())
    }

    /// An option as a number; `None` if it was not given.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok()
    }

    /// The option [`SHARE`], or what it is when not given.
    pub fn share(&self) -> f64 {
        self.number("share").unwrap_or(0.1)
    }
}

/// How often words occur in a corpus: all that operators need of one.
pub trait Frequencies {
    /// Places of each word, in order; the error in words.
    fn places(&self, words: &[String]) -> Result<Vec<u64>, String>;
}

/// What an operator is given.
pub struct Input<'a> {
    pub subject: &'a Prompt,
    pub options: &'a OperatorOptions,
    /// The forms in which the prompt may carry its problem.
    pub forms: &'a [&'a Form],
    pub corpus: Option<&'a dyn Frequencies>,
}

impl Input<'_> {
    /// The problem that the prompt carries.
    pub fn problem(&self) -> Option<Box<dyn Problem>> {
        self.forms.iter().find_map(|f| (f.read)(self.subject))
    }

    /// `meta` for a text that changed in another way than by its template: what it says of the problem's numbers still holds.
    pub fn meta(&self) -> Value {
        match self.subject.meta.as_object() {
            Some(m) => {
                let gone: Vec<&str> = self
                    .forms
                    .iter()
                    .flat_map(|f| f.of_original)
                    .copied()
                    .collect();
                renewed(m, &gone, [])
            }
            None => Value::Null,
        }
    }

    /// The same for a text whose numbers changed: what a template said of the old ones holds no longer.
    pub fn meta_without_numbers(&self) -> Value {
        let mut meta = self.meta();
        if let Some(m) = meta.as_object_mut() {
            for key in self.forms.iter().flat_map(|f| f.of_numbers) {
                m.shift_remove(*key);
            }
        }
        meta
    }
}
