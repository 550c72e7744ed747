//! The model's own chat template, rendered as Hugging Face's `apply_chat_template` does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, context};
use minijinja_contrib::pycompat::unknown_method_callback;
use serde::Serialize;

use super::date::Date;
use super::error::ModelError;
use super::info::ModelInfo;

/// A prompt for an instruct model.
#[derive(Clone, Debug, PartialEq)]
pub struct Chat<'a> {
    pub system: Option<&'a str>,
    pub user: &'a str,
    /// What templates that print today's date take for it; those that print the time too get midnight.
    pub today: Date,
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

/// Renders a template. Messages with plain text come first; templates that want a list of parts, or no system
/// message, get that.
///
/// # Errors
/// [`ModelError::Template`] with the template's own reason.
pub fn render(
    template: &str,
    tokens: TemplateTokens<'_>,
    chat: &Chat<'_>,
) -> Result<Rendered, ModelError> {
    let asked = Arc::new(AtomicBool::new(false));
    let source = without_generation_marks(template);
    let env = environment(&source, chat.today, asked.clone()).map_err(|e| failure(&e))?;
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
        match render_once(&env, tokens, system, user, parts) {
            // A template that expects parts may silently leave plain text out, and the reverse.
            Ok(text) if says(&text, user) => {
                let whole = system.is_none_or(|s| says(&text, s));
                let rendered = Rendered {
                    text,
                    system_merged,
                    dated: asked.load(Ordering::Relaxed),
                };
                if whole {
                    return Ok(rendered);
                }
                // Some templates take switches such as "/no_think" out of the system text, and some drop all of it.
                altered.get_or_insert(rendered);
            }
            Ok(_) => {}
            Err(e) => drop(first_failure.get_or_insert(e)),
        }
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

fn render_once(
    env: &Environment<'_>,
    tokens: TemplateTokens<'_>,
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
    let mut messages: Vec<Message<'_>> = system.map(|s| message("system", s)).into_iter().collect();
    messages.push(message("user", user));
    env.get_template(NAME)?.render(context! {
        messages => messages,
        bos_token => tokens.bos,
        eos_token => tokens.eos,
        add_generation_prompt => true,
    })
}

const NAME: &str = "chat";

/// Jinja as Hugging Face sets it up: blocks eat their line, Python's methods and `tojson`, `raise_exception`,
/// `strftime_now`.
fn environment(
    source: &str,
    today: Date,
    asked: Arc<AtomicBool>,
) -> Result<Environment<'_>, Error> {
    let mut env = Environment::new();
    env.set_trim_blocks(true);
    env.set_lstrip_blocks(true);
    env.set_undefined_behavior(UndefinedBehavior::Chainable);
    env.set_unknown_method_callback(unknown_method_callback);
    // A runaway template must not hang the program.
    env.set_recursion_limit(200);
    env.add_filter("tojson", to_json);
    env.add_function("raise_exception", |why: String| -> Result<Value, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, why))
    });
    env.add_function("strftime_now", move |format: String| {
        asked.store(true, Ordering::Relaxed);
        today.strftime(&format)
    });
    env.add_template(NAME, source)?;
    Ok(env)
}

/// Like Python's `json.dumps(value, ensure_ascii=False, indent=indent)`, which Hugging Face uses: no HTML escapes.
fn to_json(value: Value, options: Kwargs) -> Result<String, Error> {
    let indent: Option<usize> = options.get("indent")?;
    // Accepted and of no effect here: text is never escaped to ASCII, keys keep their order.
    let _: Option<bool> = options.get("ensure_ascii")?;
    let _: Option<bool> = options.get("sort_keys")?;
    let _: Option<Value> = options.get("separators")?;
    options.assert_all_used()?;
    let broken = |e: serde_json::Error| Error::new(ErrorKind::BadSerialization, e.to_string());
    let mut out = Vec::new();
    match indent {
        Some(n) => {
            let indent = vec![b' '; n];
            let format = serde_json::ser::PrettyFormatter::with_indent(&indent);
            value
                .serialize(&mut serde_json::Serializer::with_formatter(
                    &mut out, format,
                ))
                .map_err(broken)?;
        }
        None => value
            .serialize(&mut serde_json::Serializer::with_formatter(
                &mut out, Spaced,
            ))
            .map_err(broken)?,
    }
    String::from_utf8(out).map_err(|e| Error::new(ErrorKind::BadSerialization, e.to_string()))
}

/// Python's compact style: a space after `,` and `:`.
struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(
        &mut self,
        w: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        w.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(
        &mut self,
        w: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        w.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, w: &mut W) -> std::io::Result<()> {
        w.write_all(b": ")
    }
}

/// Drops `{% generation %}` and `{% endgeneration %}`, marks of Hugging Face for training that print nothing.
fn without_generation_marks(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find("{%") {
        let Some(length) = rest[start..].find("%}") else {
            break;
        };
        let end = start + length + 2;
        let inner = rest[start + 2..end - 2].trim_matches(['-', '+', ' ', '\t', '\n']);
        if inner == "generation" || inner == "endgeneration" {
            // An empty set keeps what the tag does to the white space around it.
            out.push_str(&rest[..end].replace(inner, "set _ = 0"));
        } else {
            out.push_str(&rest[..end]);
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn failure(error: &Error) -> ModelError {
    let place = error
        .line()
        .map(|l| format!(" (line {l})"))
        .unwrap_or_default();
    let reason = error
        .detail()
        .map_or_else(|| error.to_string(), str::to_owned);
    ModelError::Template(format!("{reason}{place}"))
}

#[cfg(test)]
#[path = "chat_tests.rs"]
mod tests;
