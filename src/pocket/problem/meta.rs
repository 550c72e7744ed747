//! What the problems read from `meta`, and write to it.

use rotescope_study::perturb::numbers::{IN_BASE2, Notation};
use rotescope_study::perturb::problem;
use serde_json::{Map, Value};

pub(super) fn text<'m>(meta: &'m Map<String, Value>, key: &str) -> Option<&'m str> {
    meta.get(key)?.as_str()
}

pub(super) fn texts(meta: &Map<String, Value>, key: &str) -> Option<Vec<String>> {
    let items = meta.get(key)?.as_array()?;
    items.iter().map(|v| v.as_str().map(String::from)).collect()
}

/// The template without its mark of base 2, and the notation that the mark asks for.
pub(super) fn notation(template: &str) -> (&str, Notation) {
    match template.strip_prefix(IN_BASE2) {
        Some(rest) => (rest, Notation::Binary),
        None => (template, Notation::Decimal),
    }
}

/// The mark of a notation before a template.
pub(super) fn mark(notation: Notation) -> &'static str {
    match notation {
        Notation::Binary => IN_BASE2,
        Notation::Decimal => "",
    }
}

/// What is said of the original only: where it lies in the corpus, what was planted, what made it hard.
pub(super) const OF_ORIGINAL: [&str; 4] = ["copies", "planted", "factors", "transformation"];

/// `meta` of the original with the new values in it, without what holds for the original only. A value of `Null` takes its key away.
pub(super) fn renewed(
    meta: &Map<String, Value>,
    new: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    problem::renewed(meta, &OF_ORIGINAL, new)
}

/// The template with each `{key}` replaced.
pub(super) fn fill<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
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
