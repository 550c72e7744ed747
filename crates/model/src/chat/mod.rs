//! The model's own chat template, rendered as Hugging Face's `apply_chat_template` does.
//!
//! | file | what is in it |
//! |---|---|
//! | `mod` | what a template is given, and which of its forms is taken |
//! | `environment` | Jinja as Hugging Face sets it up |
//! | `methods` | Python's methods |
//! | `percent` | Python's `%` on texts |
//! | `printed` | values as Python prints them |
//! | `place` | where the message lies in what was rendered |
//! | [`room`] | how much memory and time a template may take |

mod environment;
mod methods;
mod percent;
mod place;
mod printed;
pub mod room;
mod wrap;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, context};
use serde::Serialize;

use super::date::Date;
use super::error::ModelError;
use super::info::ModelInfo;
use environment::{NAME, RESERVED, STEPS, environment, source_of};
use place::Place;

/// Values by name, which a template reads beside the messages: `enable_thinking`.
pub type Variables = serde_json::Map<String, serde_json::Value>;

/// Hugging Face gives these to every template, none where the caller has none.
const GIVEN: [&str; 2] = ["tools", "documents"];

/// A prompt for an instruct model.
#[derive(Clone, Debug, PartialEq)]
pub struct Chat<'a> {
    pub system: Option<&'a str>,
    pub user: &'a str,
    /// Where the question lies in `user`, which may hold more: examples, an instruction.
    pub question: Range<usize>,
    /// What templates that print today's date take for it; those that print the time too get midnight.
    pub today: Date,
    pub variables: &'a Variables,
}

/// What a template needs to know of the model.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TemplateTokens<'a> {
    pub bos: &'a str,
    pub eos: &'a str,
}

/// A rendered prompt, up to where the model goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// Special tokens stand in it literally, often the BOS token too: encode it with `Engine::prompt_ids`, which does
    /// not add a second one.
    pub text: String,
    /// Where the question lies in `text`; `None` where the template changed it beyond recognition.
    pub question: Option<Range<usize>>,
    /// The message does not stand in the text as it was given, trimmed.
    pub changed: bool,
    /// The template refuses system messages, so the system text was put before the user's.
    pub system_merged: bool,
    /// The template asked for today's date: on another day the text may be another.
    pub dated: bool,
}

/// Renders the chat template of a model.
///
/// # Errors
/// [`ModelError::Template`] if the model has none, or it fails on these messages.
pub fn render_for(
    info: &ModelInfo,
    tokens: TemplateTokens<'_>,
    chat: &Chat<'_>,
) -> Result<Rendered, ModelError> {
    match &info.chat_template {
        Some(template) => render(template, tokens, chat),
        None => Err(ModelError::Template(format!("{} has none", info.file))),
    }
}

/// The names of [`Chat::variables`] that a template reads, in order.
///
/// # Errors
/// [`ModelError::Template`] if it cannot be parsed.
pub fn variables(template: &str) -> Result<Vec<String>, ModelError> {
    environment::variables(&source_of(template)).map_err(|e| failure(&e))
}

/// Whether a name is that of a variable which rotescope sets itself.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Renders a template. Messages with plain text come first; templates that want a list of parts, or no system
/// message, get that.
///
/// # Errors
/// [`ModelError::Template`] with the template's own reason, or what it takes too much of: steps, text, time, and memory where the program's allocator
/// tells of that ([`room::take`]).
pub fn render(
    template: &str,
    tokens: TemplateTokens<'_>,
    chat: &Chat<'_>,
) -> Result<Rendered, ModelError> {
    let own = Own {
        template: template.into(),
        bos: tokens.bos.into(),
        eos: tokens.eos.into(),
        system: chat.system.map(str::to_owned),
        user: chat.user.into(),
        question: chat.question.clone(),
        today: chat.today,
        variables: chat.variables.clone(),
    };
    room::bounded(template, move || own.render())
        .unwrap_or_else(|beyond| Err(ModelError::Template(beyond.to_string())))
}

/// What rendering needs, for a thread that may outlive whoever asked.
struct Own {
    template: String,
    bos: String,
    eos: String,
    system: Option<String>,
    user: String,
    question: Range<usize>,
    today: Date,
    variables: Variables,
}

impl Own {
    fn render(&self) -> Result<Rendered, ModelError> {
        let tokens = TemplateTokens {
            bos: &self.bos,
            eos: &self.eos,
        };
        let chat = Chat {
            system: self.system.as_deref(),
            user: &self.user,
            question: self.question.clone(),
            today: self.today,
            variables: &self.variables,
        };
        rendered(&self.template, tokens, &chat)
    }
}

fn rendered(
    template: &str,
    tokens: TemplateTokens<'_>,
    chat: &Chat<'_>,
) -> Result<Rendered, ModelError> {
    let asked = Arc::new(AtomicBool::new(false));
    let source = source_of(template);
    let rewritten = percent::rewritten(&source);
    let plain = environment(&source, chat.today, asked.clone()).map_err(|e| failure(&e))?;
    let mut variables = chat.variables.clone();
    for always in GIVEN {
        variables.entry(always).or_insert(serde_json::Value::Null);
    }
    let template = Template {
        plain,
        rewritten: environment(&rewritten, chat.today, asked.clone()).ok(),
        tokens,
        variables: Value::from_serialize(&variables),
    };
    let merged = chat
        .system
        .map(|system| format!("{system}\n\n{}", chat.user));
    let mut attempts = vec![
        (chat.system, chat.user, false),
        (chat.system, chat.user, true),
    ];
    if let Some(merged) = &merged {
        attempts.extend([
            (None, merged.as_str(), false),
            (None, merged.as_str(), true),
        ]);
    }
    let mut first_failure = None;
    let mut altered = None;
    for (system, user, parts) in attempts {
        let system_merged = system.is_none() && chat.system.is_some();
        asked.store(false, Ordering::Relaxed);
        let text = match template.render(system, user, parts) {
            Ok(text) => text,
            Err(e) => {
                first_failure.get_or_insert(e);
                continue;
            }
        };
        let dated = asked.load(Ordering::Relaxed);
        let before = user.len() - chat.user.len();
        let question = chat.question.start + before..chat.question.end + before;
        let other = |user: &str| template.render(system, user, parts).ok();
        if parts && shows_parts(&text) && !shows_parts(user) {
            continue;
        }
        // A template that expects parts may silently leave plain text out, and the reverse.
        let Some(place) = Place::find(&text, user, question, other) else {
            continue;
        };
        let whole = system.is_none_or(|s| says(&text, s));
        let rendered = Rendered {
            text,
            question: place.question,
            changed: place.changed,
            system_merged,
            dated,
        };
        if whole {
            return Ok(rendered);
        }
        // Some templates take switches such as "/no_think" out of the system text, and some drop all of it.
        altered.get_or_insert(rendered);
    }
    altered.ok_or_else(|| match first_failure {
        Some(e) => failure(&e),
        None => ModelError::Template("it leaves the message out".to_owned()),
    })
}

/// Whether the rendered text holds a message; templates trim messages.
fn says(text: &str, message: &str) -> bool {
    text.contains(message.trim())
}

/// Whether a template printed the list of parts as it stands, which it takes for a text.
fn shows_parts(text: &str) -> bool {
    ["{'type': 'text'", "{\"type\": \"text\""]
        .iter()
        .any(|part| text.contains(part))
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'a str,
    content: Content<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(&'a str),
    Parts([Part<'a>; 1]),
}

#[derive(Serialize)]
struct Part<'a> {
    r#type: &'a str,
    text: &'a str,
}

/// A template that is ready to render.
struct Template<'a> {
    plain: Environment<'a>,
    /// For where it formats with `%`; `None` where that cannot be.
    rewritten: Option<Environment<'a>>,
    tokens: TemplateTokens<'a>,
    variables: Value,
}

impl Template<'_> {
    fn render(&self, system: Option<&str>, user: &str, parts: bool) -> Result<String, Error> {
        match (
            self.render_by(&self.plain, system, user, parts),
            &self.rewritten,
        ) {
            (Err(e), Some(rewritten)) if percent::is_wanted(&e) => {
                self.render_by(rewritten, system, user, parts)
            }
            (result, _) => result,
        }
    }

    fn render_by(
        &self,
        env: &Environment<'_>,
        system: Option<&str>,
        user: &str,
        parts: bool,
    ) -> Result<String, Error> {
        let message = |role, text| Message {
            role,
            content: match parts {
                true => Content::Parts([Part {
                    r#type: "text",
                    text,
                }]),
                false => Content::Text(text),
            },
        };
        let mut messages: Vec<Message<'_>> =
            system.map(|s| message("system", s)).into_iter().collect();
        messages.push(message("user", user));
        let values = context! {
            messages => messages,
            bos_token => self.tokens.bos,
            eos_token => self.tokens.eos,
            add_generation_prompt => true,
            ..self.variables.clone()
        };
        let most = MOST_TEXT + 4 * (user.len() + system.map_or(0, str::len));
        let mut text = Bounded {
            text: Vec::new(),
            most,
        };
        env.get_template(NAME)?
            .render_captured_to(values, &mut text)?;
        String::from_utf8(text.text)
            .map_err(|e| Error::new(ErrorKind::BadSerialization, e.to_string()))
    }
}

/// Bytes that a template may write beside the messages.
const MOST_TEXT: usize = 16 << 20;

/// Text that refuses to grow beyond a size.
struct Bounded {
    text: Vec<u8>,
    most: usize,
}

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.text.len() + bytes.len() > self.most {
            let what = format!("it writes more than {} bytes", self.most);
            return Err(std::io::Error::other(what));
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn failure(error: &Error) -> ModelError {
    let place = error
        .line()
        .map(|l| format!(" (line {l})"))
        .unwrap_or_default();
    let reason = match error.kind() {
        ErrorKind::OutOfFuel => format!("it does not end within {STEPS} steps"),
        ErrorKind::WriteFailure => {
            let refused = std::error::Error::source(error);
            refused.map_or_else(|| error.to_string(), ToString::to_string)
        }
        _ => error
            .detail()
            .map_or_else(|| error.to_string(), str::to_owned),
    };
    ModelError::Template(format!("{reason}{place}"))
}

#[cfg(test)]
mod tests;
