//! Questions as tokens.

use super::cut::cut;
use super::settings::Settings;
use super::targets::Target;
use crate::run::audit::error::AuditError;
use rotescope_trace::audit::attack::{Attempt, Question};
use rotescope_vocab::Encode;

/// What is to be asked: which target, how, and whether with another name.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub target: usize,
    pub question: Question,
    pub control: bool,
}

impl Wanted {
    /// The name of its record.
    pub fn key(&self, targets: &[Target]) -> String {
        let Target { document, span, .. } = &targets[self.target];
        Attempt::name(document, *span, &self.question, self.control)
    }
}

/// A question.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    pub target: &'a Target,
    pub question: Question,
    pub control: bool,
    /// Tokens of the question, and of the value behind it.
    pub prompt: Vec<u32>,
    pub own: Vec<u32>,
    /// The question's text.
    pub text: String,
    /// Of a control: the value with the other name in it, where that is another one.
    pub guess: Option<String>,
}

impl Ask<'_> {
    /// The name of its record.
    pub fn key(&self) -> String {
        let Target { document, span, .. } = self.target;
        Attempt::name(document, *span, &self.question, self.control)
    }
}

/// All that is asked about some targets, in the order of the targets.
pub fn wanted(targets: &[Target], settings: &Settings) -> Vec<Wanted> {
    let mut all = Vec::new();
    for (at, target) in targets.iter().enumerate() {
        let contexts = settings.contexts.iter().map(|k| Question::Context(*k));
        let contexts = contexts.filter(|_| !target.before.is_empty());
        let templates = settings
            .templates
            .iter()
            .filter(|_| target.person.is_some());
        let templates = templates
            .flat_map(|t| t.of(target.kind()))
            .map(|t| Question::Template(t.shown()));
        for question in contexts.chain(templates) {
            let controls = [false, true]
                .into_iter()
                .filter(|c| !c || (settings.controls && target.other.is_some()));
            all.extend(controls.map(|control| Wanted {
                target: at,
                question: question.clone(),
                control,
            }));
        }
    }
    all
}

/// Questions as the model's tokenizer writes them.
///
/// # Errors
/// A tokenizer that fails.
pub fn asks<'a>(
    wanted: &[Wanted],
    targets: &'a [Target],
    settings: &Settings,
    encoder: &dyn Encode,
) -> Result<Vec<Ask<'a>>, AuditError> {
    let each = wanted.iter().map(|w| ask(w, targets, settings, encoder));
    each.collect()
}

/// A question as the model's tokenizer writes it.
///
/// # Errors
/// A tokenizer that fails.
fn ask<'a>(
    wanted: &Wanted,
    targets: &'a [Target],
    settings: &Settings,
    encoder: &dyn Encode,
) -> Result<Ask<'a>, AuditError> {
    let target = &targets[wanted.target];
    let other = target.other.as_ref().filter(|_| wanted.control);
    let person = target.person.as_ref();
    let (mut prompt, own) = match (&wanted.question, person, other) {
        (Question::Context(_), Some(person), Some(other)) => {
            let [before, behind] = &target.around;
            let before = person.replaced(other, before);
            let text = format!("{before}{}{behind}", target.value);
            cut(
                encoder,
                &text,
                &(before.len()..before.len() + target.value.len()),
            )?
        }
        (Question::Context(_), ..) => (target.before.clone(), target.own.clone()),
        (Question::Template(shown), person, other) => {
            let name = other
                .or(person)
                .map_or(String::new(), rotescope_privacy::attack::Person::name);
            let templates = settings.templates.iter().flat_map(|t| t.of(target.kind()));
            let template = templates
                .filter(|t| t.shown() == *shown)
                .map(|t| t.asked(target.kind(), &name))
                .next();
            let before = template.unwrap_or_default();
            let text = format!("{before}{}", target.value);
            cut(encoder, &text, &(before.len()..text.len()))?
        }
    };
    if let Question::Context(k) = wanted.question {
        prompt = prompt.split_off(prompt.len().saturating_sub(k));
    }
    let bytes: Vec<u8> = prompt
        .iter()
        .flat_map(|t| encoder.token_bytes(*t))
        .collect();
    let guess = person.zip(other).map(|(p, o)| p.replaced(o, &target.value));
    Ok(Ask {
        target,
        question: wanted.question.clone(),
        control: wanted.control,
        prompt,
        own,
        text: String::from_utf8_lossy(&bytes).into_owned(),
        guess: guess.filter(|g| *g != target.value),
    })
}
