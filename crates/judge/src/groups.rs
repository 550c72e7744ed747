//! Which prompts must not be split between training and test, or between draws of a bootstrap.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use rotescope_trace::Prompt;

/// Groups of prompts, by what the prompts say:
///
/// 1. `meta.group`, if there is one;
/// 2. else the cause that it shares with others: `planted-` and `meta.planted.id`;
/// 3. else the group of the prompt that it is a variant of (`pair`), wherever that stands in the files;
/// 4. else it is alone, under its id.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    /// By id: the declared group, or the id of the prompt that it is a variant of.
    next: BTreeMap<String, String>,
}

impl Groups {
    /// Takes note of a prompt. Its group as far as it says itself; [`Groups::resolve`] gives the last word when all prompts are known.
    pub fn note(&mut self, prompt: &Prompt) -> String {
        let next = declared(&prompt.meta).or_else(|| prompt.pair.clone());
        if let Some(next) = &next {
            self.next.insert(prompt.id.clone(), next.clone());
        }
        next.unwrap_or_else(|| prompt.id.clone())
    }

    /// The group that a name given by [`Groups::note`] leads to.
    pub fn resolve<'a>(&'a self, name: &'a str) -> &'a str {
        let (mut at, mut seen) = (name, BTreeSet::new());
        // Prompts may be variants of each other.
        while let Some(next) = self.next.get(at).filter(|_| seen.insert(at)) {
            at = next;
        }
        at
    }
}

fn declared(meta: &Value) -> Option<String> {
    let text = |v: Option<&Value>| v.and_then(Value::as_str).map(str::to_owned);
    let planted = || text(meta.get("planted").and_then(|p| p.get("id")));
    text(meta.get("group")).or_else(|| planted().map(|id| format!("planted-{id}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn prompt(id: &str, pair: Option<&str>, meta: Value) -> Prompt {
        Prompt {
            id: id.into(),
            pair: pair.map(str::to_owned),
            meta,
            ..Prompt::default()
        }
    }

    fn groups(prompts: &[Prompt]) -> Vec<String> {
        let mut groups = Groups::default();
        let names: Vec<String> = prompts.iter().map(|p| groups.note(p)).collect();
        names.iter().map(|n| groups.resolve(n).to_owned()).collect()
    }

    #[test]
    fn variants_share_the_group_of_their_original_wherever_it_stands() {
        let all = [
            prompt("c", Some("b"), Value::Null),
            prompt("b", Some("a"), Value::Null),
            prompt("a", None, Value::Null),
            prompt("d", None, Value::Null),
            prompt("e", Some("elsewhere"), Value::Null),
        ];
        assert_eq!(groups(&all), ["a", "a", "a", "d", "elsewhere"]);
        let circle = [
            prompt("a", Some("b"), Value::Null),
            prompt("b", Some("a"), Value::Null),
        ];
        let found = groups(&circle);
        assert!(found.iter().all(|g| g == "a" || g == "b"), "{found:?}");
    }

    #[test]
    fn a_declared_group_and_a_shared_cause_keep_prompts_together() {
        let plant = json!({"planted": {"id": "local-00", "kind": "local"}});
        let all = [
            prompt("planted-local-00-0", None, plant.clone()),
            prompt(
                "planted-local-00-0-clean",
                Some("planted-local-00-0"),
                Value::Null,
            ),
            prompt("planted-local-00-1", None, plant),
            prompt("x", None, json!({"group": "g"})),
            prompt("y", Some("z"), json!({"group": "g"})),
        ];
        let one = "planted-local-00";
        assert_eq!(groups(&all), [one, one, one, "g", "g"]);
    }

    /// An id says nothing but which prompt it is.
    #[test]
    fn an_id_alone_makes_no_group() {
        let all = [
            prompt("planted-local-00-0", None, Value::Null),
            prompt("planted-local-00-1", None, Value::Null),
        ];
        assert_eq!(groups(&all), ["planted-local-00-0", "planted-local-00-1"]);
    }
}
