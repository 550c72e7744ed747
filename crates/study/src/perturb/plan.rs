//! The operators of one call: read from `OP[:options]`, applied in order, seeded for each prompt.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

use super::operator::{Frequencies, Input, Operator, OperatorOptions};
use super::operators::{self, OPERATORS};
use super::problem::{Form, RECORD};
use super::subject::{AnswerChange, Change, Perturbation, Perturbed, Unchanged};
use rotescope_trace::Prompt;

/// Why a list of operators could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("no operator is called {name:?}; there are: {known}")]
    UnknownOperator { name: String, known: String },
    #[error("{operator} has no option {option:?}; it has: {known}")]
    UnknownOption {
        operator: &'static str,
        option: String,
        known: String,
    },
    #[error("{operator}: {option} cannot be {value:?}; it takes {takes}")]
    BadValue {
        operator: &'static str,
        option: &'static str,
        value: String,
        takes: String,
    },
    #[error("no operator given; name one with --operator OP")]
    Empty,
}

/// One operator with its options.
#[derive(Debug, Clone)]
struct Call {
    operator: &'static Operator,
    options: OperatorOptions,
    /// As given.
    text: String,
}

/// Operators in the order in which they are applied, and the seed.
#[derive(Debug, Clone)]
pub struct Plan {
    calls: Vec<Call>,
    pub seed: u64,
}

impl Plan {
    /// Reads operators written `name`, `name:value` or `name:option=value,option=value`. A value without a name is the first option's.
    ///
    /// # Errors
    /// An unknown operator or option, or a value out of its range.
    pub fn parse<S: AsRef<str>>(texts: &[S], seed: u64) -> Result<Plan, PlanError> {
        if texts.is_empty() {
            return Err(PlanError::Empty);
        }
        let calls = texts.iter().map(|t| parse_call(t.as_ref().trim()));
        Ok(Plan {
            calls: calls.collect::<Result<_, _>>()?,
            seed,
        })
    }

    /// The operators as given, joined by `+`: what is appended to the ids of changed prompts.
    pub fn name(&self) -> String {
        let names: Vec<&str> = self.calls.iter().map(|c| c.text.as_str()).collect();
        names.join("+")
    }

    /// Whether an operator asks a corpus.
    pub fn needs_corpus(&self) -> bool {
        self.calls.iter().any(|c| c.operator.needs_corpus)
    }

    /// Applies all operators in order. `forms`: how the prompt may carry its problem.
    ///
    /// # Errors
    /// When one of them cannot change the prompt; the reason begins with the operator's name.
    pub fn apply(
        &self,
        subject: &Prompt,
        forms: &[&Form],
        corpus: Option<&dyn Frequencies>,
    ) -> Result<Perturbed, Unchanged> {
        let mut now = subject.clone();
        let mut answer = AnswerChange::Same;
        let mut record = Perturbation {
            seed: self.seed,
            ..Default::default()
        };
        for (i, call) in self.calls.iter().enumerate() {
            let mut rng = self.rng(i, call.operator.name, &subject.id);
            let input = Input {
                subject: &now,
                options: &call.options,
                forms,
                corpus,
            };
            let effect = (call.operator.apply)(&input, &mut rng)
                .map_err(|u| Unchanged(format!("{}: {u}", call.text)))?;
            now.question = effect.question;
            now.meta = effect.meta;
            match &effect.answer {
                AnswerChange::Same => {}
                AnswerChange::New(a) => now.answer = Some(a.clone()),
                AnswerChange::Unknown => now.answer = None,
            }
            answer = answer.then(effect.answer);
            record.operators.push(call.text.clone());
            for change in effect.changes {
                compose(&mut record.mapping, change);
            }
            record.strength = effect.strength.or(record.strength);
        }
        if now.question == subject.question {
            return Unchanged::because(format!("{}: it comes out as it was", self.name()));
        }
        if answer == AnswerChange::Unknown {
            now.answer = None;
        }
        record.answer = match &answer {
            AnswerChange::Same => "same",
            AnswerChange::New(_) => "new",
            AnswerChange::Unknown => "unknown",
        }
        .into();
        now.id = format!("{}+{}", subject.id, self.name());
        now.pair = Some(subject.id.clone());
        if !now.meta.is_object() {
            now.meta = serde_json::json!({});
        }
        if let (Some(meta), Ok(value)) = (now.meta.as_object_mut(), serde_json::to_value(&record)) {
            meta.insert(RECORD.into(), value);
        }
        Ok(Perturbed {
            subject: now,
            answer,
            record,
        })
    }

    /// Of one operator and one prompt: what else is in the file does not matter.
    fn rng(&self, place: usize, operator: &str, id: &str) -> ChaCha8Rng {
        let text = format!("{}\0{place}\0{operator}\0{id}", self.seed);
        ChaCha8Rng::from_seed(Sha256::digest(text.as_bytes()).into())
    }
}

/// Adds a change to a mapping from the original: what was changed before keeps its first form.
fn compose(mapping: &mut Vec<Change>, change: Change) {
    let same_thing = |c: &&mut Change| c.kind == change.kind && c.to == change.from;
    if let Some(before) = mapping.iter_mut().find(same_thing) {
        before.to = change.to;
    } else if !mapping.contains(&change) {
        mapping.push(change);
    }
}

fn parse_call(text: &str) -> Result<Call, PlanError> {
    let (name, rest) = text.split_once(':').unwrap_or((text, ""));
    let operator = operators::find(name).ok_or_else(|| PlanError::UnknownOperator {
        name: name.into(),
        known: OPERATORS
            .iter()
            .map(|o| o.name)
            .collect::<Vec<_>>()
            .join(", "),
    })?;
    let mut options = OperatorOptions::default();
    for part in rest.split(',').filter(|p| !p.is_empty()) {
        let (key, value) = match part.split_once('=') {
            Some((key, value)) => (Some(key.trim()), value.trim()),
            None => (None, part.trim()),
        };
        let found = match key {
            Some(key) => operator.options.iter().find(|o| o.name == key),
            None => operator.options.first(),
        };
        let option = found.ok_or_else(|| PlanError::UnknownOption {
            operator: operator.name,
            option: key.unwrap_or(value).into(),
            known: match operator.options {
                [] => "none".into(),
                all => all.iter().map(|o| o.name).collect::<Vec<_>>().join(", "),
            },
        })?;
        if !option.kind.takes(value) {
            return Err(PlanError::BadValue {
                operator: operator.name,
                option: option.name,
                value: value.into(),
                takes: option.kind.describe(),
            });
        }
        options.set(option.name, value.to_string());
    }
    Ok(Call {
        operator,
        options,
        text: text.to_string(),
    })
}
