//! Values as Python prints them.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, Output, State, escape_formatter};

/// More nested values than this are cut.
const DEEPEST: usize = 64;

/// What `{{ value }}` writes: `True`, `None` and lists as Python has them.
pub(super) fn format(
    out: &mut Output<'_>,
    state: &State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    match as_python(value) {
        Some(text) => Ok(out.write_str(&text)?),
        None => escape_formatter(out, state, value),
    }
}

/// Python's `str`.
pub(super) fn string(value: &Value) -> String {
    as_python(value).unwrap_or_else(|| value.to_string())
}

/// Where Python prints otherwise than Jinja here.
fn as_python(value: &Value) -> Option<String> {
    match value.kind() {
        ValueKind::Bool | ValueKind::None | ValueKind::Seq | ValueKind::Map => Some(repr(value, 0)),
        _ => None,
    }
}

/// Python's `repr`.
pub(super) fn repr(value: &Value, depth: usize) -> String {
    if depth > DEEPEST {
        return "...".into();
    }
    let items = || value.try_iter().into_iter().flatten();
    let inner = |v: &Value| repr(v, depth + 1);
    match value.kind() {
        ValueKind::Bool if value.is_true() => "True".into(),
        ValueKind::Bool => "False".into(),
        ValueKind::None => "None".into(),
        ValueKind::String => quoted(value.as_str().unwrap_or_default()),
        ValueKind::Seq => {
            let all: Vec<_> = items().map(|v| inner(&v)).collect();
            format!("[{}]", all.join(", "))
        }
        ValueKind::Map => {
            let pair = |key: Value| {
                let value = value.get_item(&key).unwrap_or_default();
                format!("{}: {}", inner(&key), inner(&value))
            };
            let all: Vec<_> = items().map(pair).collect();
            format!("{{{}}}", all.join(", "))
        }
        _ => value.to_string(),
    }
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}
