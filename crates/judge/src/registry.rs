//! All verifiers, and which of them judge a prompt.

use serde_json::Value;

use crate::arithmetic::Arithmetic;
use crate::capitalization::Capitalization;
use crate::counting::Counting;
use crate::truth::Truth;
use crate::verifier::{Parameter, Verifier, is_text};
use rotescope_trace::Prompt;

/// Every verifier. See [`Verifier`] for how to add one.
pub const VERIFIERS: &[&dyn Verifier] = &[&Arithmetic, &Counting, &Capitalization, &Truth];

/// Which verifiers judge a prompt that declares none: the first line whose keys its `meta` has, and what the verifiers need besides.
///
/// Only a completion by template is compared with the prompt's own where nothing is declared: another solution in free words may be as true.
pub const DEFAULTS: &[VerifierRule] = &[
    VerifierRule::of(&["counting"], &[]),
    VerifierRule::of(&["capitalization", "truth"], &[TEMPLATE]),
    VerifierRule::of(&["capitalization"], &[]),
    VerifierRule::of(&["arithmetic", "truth"], &[TEMPLATE]),
    VerifierRule::of(&["arithmetic"], &[]),
];

const TEMPLATE: Parameter = Parameter {
    key: "template",
    what: "the template by which the prompt was written",
    holds: is_text,
};

/// A line of [`DEFAULTS`].
#[derive(Debug, Clone, Copy)]
pub struct VerifierRule {
    pub verifiers: &'static [&'static str],
    /// What `meta` must have beside what the verifiers need.
    pub also: &'static [Parameter],
}

impl VerifierRule {
    const fn of(verifiers: &'static [&'static str], also: &'static [Parameter]) -> Self {
        VerifierRule { verifiers, also }
    }
}

/// Why a prompt cannot be judged as it declares.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifierError {
    #[error(
        "there is no verifier \"{name}\" (in \"verify\"); there are {}",
        known()
    )]
    Unknown { name: String },
    #[error(
        "the verifier \"{verifier}\" (in \"verify\") needs \"{key}\" in the prompt's \"meta\": {what}"
    )]
    Lacks {
        verifier: &'static str,
        key: &'static str,
        what: &'static str,
    },
}

fn known() -> String {
    let names: Vec<&str> = VERIFIERS.iter().map(|v| v.name()).collect();
    names.join(", ")
}

/// The verifier of a name.
pub fn named(name: &str) -> Option<&'static dyn Verifier> {
    VERIFIERS.iter().copied().find(|v| v.name() == name)
}

/// Whether every verifier that a prompt declares is there and has what it needs.
///
/// # Errors
/// The first that is not, or lacks something.
pub fn check(verify: &[String], meta: &Value) -> Result<(), VerifierError> {
    for name in verify {
        let v = named(name).ok_or_else(|| VerifierError::Unknown { name: name.clone() })?;
        if let Some(p) = v.needs().iter().find(|p| !p.is_in(meta)) {
            return Err(VerifierError::Lacks {
                verifier: v.name(),
                key: p.key,
                what: p.what,
            });
        }
    }
    Ok(())
}

/// The verifiers of a prompt: those that it declares and that are known, else those of [`DEFAULTS`].
pub fn of(prompt: &Prompt) -> Vec<&'static dyn Verifier> {
    let meta = &prompt.meta;
    let all = |names: &'static [&'static str]| names.iter().filter_map(|n| named(n));
    match &prompt.verify {
        Some(names) => names.iter().filter_map(|n| named(n)).collect(),
        None => DEFAULTS
            .iter()
            .find(|d| {
                let needed = all(d.verifiers).flat_map(super::verifier::Verifier::needs);
                needed.chain(d.also).all(|p| p.is_in(meta))
            })
            .map_or_else(Vec::new, |d| all(d.verifiers).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names(verify: Option<&[&str]>, meta: Value) -> Vec<&'static str> {
        let prompt = Prompt {
            verify: verify.map(|v| v.iter().map(ToString::to_string).collect()),
            meta,
            ..Prompt::default()
        };
        of(&prompt).iter().map(|v| v.name()).collect()
    }

    #[test]
    fn what_meta_holds_decides_where_nothing_is_declared() {
        assert_eq!(names(None, Value::Null), ["arithmetic"]);
        assert_eq!(names(None, json!({"chain": "c"})), ["arithmetic"]);
        let by_template = json!({"chain": "c", "template": "t"});
        assert_eq!(names(None, by_template), ["arithmetic", "truth"]);
        let title = json!({"title": "a b", "rule": "title"});
        assert_eq!(names(None, title), ["capitalization"]);
        let title = json!({"title": "a b", "chain": "c", "template": "t"});
        assert_eq!(names(None, title), ["capitalization", "truth"]);
        let list =
            json!({"list": ["a"], "target": "a", "title": "a b", "chain": "c", "template": "t"});
        assert_eq!(names(None, list), ["counting"]);
        assert_eq!(
            names(None, json!({"list": "a", "target": "a"})),
            ["arithmetic"]
        );
    }

    #[test]
    fn what_is_declared_goes_before_what_meta_holds() {
        let meta = json!({"list": ["a"], "target": "a"});
        let both = ["arithmetic", "counting"];
        assert_eq!(names(Some(&both), meta.clone()), both);
        assert!(names(Some(&[]), meta).is_empty());
    }

    #[test]
    fn what_cannot_be_judged_is_refused_by_name() {
        let check = |names: &[&str], meta: Value| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            super::check(&names, &meta).map_err(|e| e.to_string())
        };
        assert_eq!(check(&["arithmetic"], Value::Null), Ok(()));
        assert_eq!(
            check(&["arithmetic", "speling"], Value::Null).unwrap_err(),
            "there is no verifier \"speling\" (in \"verify\"); there are arithmetic, counting, capitalization, truth"
        );
        assert_eq!(
            check(&["counting"], json!({"list": ["a"]})).unwrap_err(),
            "the verifier \"counting\" (in \"verify\") needs \"target\" in the prompt's \"meta\": the item that is counted"
        );
    }

    #[test]
    fn names_are_unique_and_defaults_are_known() {
        for (i, v) in VERIFIERS.iter().enumerate() {
            assert!(VERIFIERS[..i].iter().all(|w| w.name() != v.name()));
        }
        assert!(
            DEFAULTS
                .iter()
                .flat_map(|d| d.verifiers)
                .all(|n| named(n).is_some())
        );
        assert!(
            DEFAULTS.last().unwrap().also.is_empty(),
            "the last line takes all"
        );
    }
}
