//! What a verifier is.

use serde_json::Value;

use crate::verdict::Judgement;
use rotescope_text::{ByteRange, SplitBy, is_filler};
use rotescope_trace::{Answer, Prompt, Trace};

/// Computes whether a completion is right, from the prompt and the text alone.
///
/// # How to add one
/// 1. A file of its own in `crates/judge/src`, say `spelling.rs`, with a unit struct and this trait. What it must know of a prompt are
///    [parameters](Parameter): keys of the prompt's `meta`, which it reads itself. It says [`Judgement::Wrong`] only if it is sure; what
///    it cannot read is [`Judgement::NotApplicable`]. Tests stand in the same file.
/// 2. `mod spelling;` in `lib.rs`.
/// 3. A line in [`VERIFIERS`](crate::registry::VERIFIERS). From then on a prompt may declare it: `"verify": ["spelling"]`. If prompts that
///    declare nothing shall be judged by it, a line in [`DEFAULTS`](crate::registry::DEFAULTS) says for which.
/// 4. A line in the table of `docs/evaluate.md`.
///
/// ```
/// use rotescope_judge::verifier::{Completion, Findings, Parameter, Verifier, is_text};
/// use rotescope_judge::Judgement;
///
/// /// No step may use the word that the prompt forbids.
/// #[derive(Debug)]
/// struct Taboo;
///
/// const WORD: Parameter = Parameter {
///     key: "taboo",
///     what: "the word that must not occur",
///     holds: is_text,
/// };
///
/// impl Verifier for Taboo {
///     fn name(&self) -> &'static str {
///         "taboo"
///     }
///
///     fn needs(&self) -> &'static [Parameter] {
///         &[WORD]
///     }
///
///     fn findings(&self, c: &Completion) -> Findings {
///         let Some(word) = c.text_of(&WORD) else {
///             return Findings::nothing();
///         };
///         Findings::steps(c, |_, step| match step.find(word) {
///             None => Judgement::Right,
///             Some(at) => Judgement::Wrong {
///                 span: at..at + word.len(),
///                 at,
///                 expected: String::new(),
///                 why: format!("'{word}' must not be used"),
///             },
///         })
///     }
/// }
///
/// let mut prompt = rotescope_trace::Prompt::default();
/// prompt.meta = serde_json::json!({"taboo": "very"});
/// let answer = rotescope_trace::Answer::default();
/// let c = Completion::new(&prompt, &answer, "It is old. It is very old.", vec![0..10, 10..26]);
/// let Findings::Steps(found) = Taboo.findings(&c) else { panic!() };
/// assert_eq!(found[0], Judgement::Right);
/// assert!(matches!(&found[1], Judgement::Wrong { at: 7, .. }));
/// ```
pub trait Verifier: Sync {
    /// Its name: in `verify` of a prompt, and in `by` of a verdict.
    fn name(&self) -> &'static str;

    /// What it must know of a prompt. A prompt that declares the verifier and lacks one of them is refused when it is read.
    fn needs(&self) -> &'static [Parameter];

    /// What it says of a completion; [`Findings::nothing`] where the prompt lacks what it needs.
    fn findings(&self, completion: &Completion<'_>) -> Findings;

    /// Whether a false step is false whatever stands before it, as an equation is. Behind the first wrong step of a completion only such
    /// findings count, since anything else may follow from the false value.
    fn stands_alone(&self) -> bool {
        false
    }
}

/// What a verifier must know of a prompt: a key of its `meta`.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    pub key: &'static str,
    /// What stands there, for the reader of an error.
    pub what: &'static str,
    /// Whether a value can be used.
    pub holds: fn(&Value) -> bool,
}

impl Parameter {
    /// Whether a prompt's `meta` has it.
    pub fn is_in(&self, meta: &Value) -> bool {
        meta.get(self.key).is_some_and(self.holds)
    }
}

/// For parameters that are a text.
pub fn is_text(value: &Value) -> bool {
    value.is_string()
}

/// For parameters that are a list.
pub fn is_list(value: &Value) -> bool {
    value.is_array()
}

/// What a verifier found.
#[derive(Debug, Clone, PartialEq)]
pub enum Findings {
    /// One verdict on the whole text; offsets are bytes of it. The steps before its mistake are right.
    Whole(Judgement),
    /// One verdict for each step; offsets are bytes of the step.
    Steps(Vec<Judgement>),
}

impl Findings {
    /// There is nothing to judge.
    pub fn nothing() -> Findings {
        Findings::Whole(Judgement::NotApplicable)
    }

    /// Judges every step that says something; `judge` gets its number, from 0, and its text.
    pub fn steps(c: &Completion<'_>, judge: impl Fn(usize, &str) -> Judgement) -> Findings {
        let of = |i: usize| c.step(i).map_or(Judgement::NotApplicable, |s| judge(i, s));
        Findings::Steps((0..c.steps.len()).map(of).collect())
    }
}

/// A completion as verifiers see it.
#[derive(Debug, Clone)]
pub struct Completion<'t> {
    pub prompt: &'t Prompt,
    pub answer: &'t Answer,
    pub text: &'t str,
    /// Where each step lies in `text`.
    pub steps: Vec<ByteRange>,
    /// How `text` was cut into steps.
    pub split: SplitBy,
}

impl<'t> Completion<'t> {
    /// Steps are taken to be sentences.
    pub fn new(
        prompt: &'t Prompt,
        answer: &'t Answer,
        text: &'t str,
        steps: Vec<ByteRange>,
    ) -> Self {
        Completion {
            prompt,
            answer,
            text,
            steps,
            split: SplitBy::Sentence,
        }
    }

    /// `text`: that of [`output_text`](crate::output_text).
    pub fn of(trace: &'t Trace, text: &'t str) -> Self {
        let end = text.len();
        let steps = trace.steps.iter();
        let split = if trace.attribution.steps == SplitBy::Line.to_string() {
            SplitBy::Line
        } else {
            SplitBy::Sentence
        };
        Completion {
            split,
            ..Completion::new(
                &trace.prompt,
                &trace.answer,
                text,
                steps
                    .map(|s| s.span[0].min(end)..s.span[1].min(end))
                    .collect(),
            )
        }
    }

    /// The text of a step; `None` where it says nothing (see [`is_filler`]) or cannot be read.
    pub fn step(&self, index: usize) -> Option<&'t str> {
        let text = self.text.get(self.steps.get(index)?.clone())?;
        Some(text).filter(|t| !is_filler(t))
    }

    /// Whether the final answer begins in this step.
    pub fn answers(&self, index: usize) -> bool {
        let step = &self.steps[index];
        self.answer.span.is_some_and(|a| step.contains(&a[0]))
    }

    /// A parameter that is a text.
    pub fn text_of(&self, parameter: &Parameter) -> Option<&'t str> {
        self.prompt.meta.get(parameter.key)?.as_str()
    }
}
