//! Jinja as Hugging Face sets it up, in Python's manner.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use serde::Serialize;

use super::methods::python_method;
use super::{percent, printed, wrap};
use crate::date::Date;

/// Of the template in its environment.
pub(super) const NAME: &str = "chat";

/// Steps that a template may take; those of published models take some hundreds for a conversation of one question.
pub(super) const STEPS: u64 = 1_000_000;

/// Jinja as Hugging Face sets it up: blocks eat their line, Python's methods and `tojson`, `raise_exception`,
/// `strftime_now`. `asked` becomes true when the template asks for the date.
pub(super) fn environment(
    source: &str,
    today: Date,
    asked: Arc<AtomicBool>,
) -> Result<Environment<'_>, Error> {
    let mut env = plain(source)?;
    env.add_function("strftime_now", move |format: String| {
        asked.store(true, Ordering::Relaxed);
        today.strftime(&format)
    });
    Ok(env)
}

/// The same without a date.
fn plain(source: &str) -> Result<Environment<'_>, Error> {
    let mut env = Environment::new();
    env.set_trim_blocks(true);
    env.set_lstrip_blocks(true);
    env.set_undefined_behavior(UndefinedBehavior::Chainable);
    env.set_unknown_method_callback(python_method);
    env.set_formatter(printed::format);
    // A runaway template must not hang the program.
    env.set_recursion_limit(200);
    env.set_fuel(Some(STEPS));
    env.add_filter("tojson", to_json);
    env.add_filter("string", |value: &Value| printed::string(value));
    env.add_function("raise_exception", |why: String| -> Result<Value, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, why))
    });
    percent::add_to(&mut env);
    minijinja_contrib::add_to_environment(&mut env);
    env.add_filter("wordwrap", wrap::wordwrap);
    env.add_filter("wordcount", wrap::wordcount);
    env.add_template(NAME, source)?;
    Ok(env)
}

/// The names that a template reads and that it, Jinja and rotescope do not set: what a caller can say, in order.
pub(super) fn variables(source: &str) -> Result<Vec<String>, Error> {
    let env = plain(source)?;
    let known: HashSet<String> = env.globals().map(|(name, _)| name.to_owned()).collect();
    let read = env.get_template(NAME)?.undeclared_variables(false);
    let ours = |name: &String| RESERVED.contains(&name.as_str()) || name == "strftime_now";
    let mut names: Vec<String> = read.into_iter().collect();
    names.retain(|name| !known.contains(name) && !ours(name));
    names.sort();
    Ok(names)
}

/// What every template gets.
pub(super) const RESERVED: [&str; 4] = [
    "messages",
    "bos_token",
    "eos_token",
    "add_generation_prompt",
];

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

/// A template as Hugging Face reads it: line breaks are `\n`, and `{% generation %}` and `{% endgeneration %}`, marks for training, print nothing.
pub(super) fn source_of(template: &str) -> String {
    let template = template.replace("\r\n", "\n").replace('\r', "\n");
    let template = template.as_str();
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find("{%") {
        let Some(length) = rest[start + 2..].find("%}") else {
            break;
        };
        let end = start + 2 + length + 2;
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
