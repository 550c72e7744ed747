//! Counting in a list.

use std::collections::HashSet;

use rotescope_study::perturb::problem::{Built, OtherWord, Problem};
use rotescope_study::perturb::subject::{Change, Unchanged};
use serde_json::{Map, Value, json};

use super::meta::{fill, renewed, text, texts};
use super::words::FRUITS;

/// How often a word occurs in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct CountingProblem {
    pub template: String,
    pub target: String,
    pub list: Vec<String>,
    /// Items are shown with their places: `1 apple, 2 pear`.
    numbered: bool,
    meta: Map<String, Value>,
}

impl CountingProblem {
    /// From a prompt's `meta`, if its question is what the template gives.
    pub fn read(meta: &Map<String, Value>, question: &str) -> Option<CountingProblem> {
        let mut problem = CountingProblem {
            template: text(meta, "template")?.into(),
            target: text(meta, "target")?.into(),
            list: texts(meta, "list")?,
            numbered: false,
            meta: meta.clone(),
        };
        for numbered in [false, true] {
            problem.numbered = numbered;
            if problem.question().as_deref() == Some(question) {
                return Some(problem);
            }
        }
        None
    }

    fn question(&self) -> Option<String> {
        let shown: Vec<String> = self
            .list
            .iter()
            .enumerate()
            .map(|(i, item)| self.item(i, item))
            .collect();
        let list = shown.join(", ");
        fill(&self.template, |key| match key {
            "t" => Some(self.target.as_str()),
            "l" => Some(list.as_str()),
            _ => None,
        })
    }

    fn item(&self, i: usize, item: &str) -> String {
        if self.numbered {
            format!("{} {item}", i + 1)
        } else {
            item.to_string()
        }
    }

    /// How often the target occurs.
    pub fn solve(&self) -> usize {
        self.list.iter().filter(|i| **i == self.target).count()
    }

    fn chain(&self) -> String {
        let mut seen = 0;
        let parts: Vec<String> = self
            .list
            .iter()
            .enumerate()
            .map(|(i, item)| {
                if *item != self.target {
                    return format!("{} {item}", i + 1);
                }
                seen += 1;
                format!("{} {item} ({seen})", i + 1)
            })
            .collect();
        format!("{}. So the answer is {seen}.", parts.join(", "))
    }

    /// The problem as it stands now; its completion only where the original's has the form that is known here.
    pub fn build(&self) -> Option<Built> {
        let known = {
            let original = CountingProblem {
                target: text(&self.meta, "target")?.into(),
                list: texts(&self.meta, "list")?,
                ..self.clone()
            };
            text(&self.meta, "chain") == Some(original.chain().as_str())
        };
        let new = [
            ("target", json!(self.target)),
            ("list", json!(self.list)),
            (
                "chain",
                if known {
                    json!(self.chain())
                } else {
                    Value::Null
                },
            ),
        ];
        Some(Built {
            question: self.question()?,
            answer: self.solve().to_string(),
            meta: renewed(&self.meta, new),
        })
    }
}

impl Problem for CountingProblem {
    fn matter(&self) -> HashSet<String> {
        let mut words: HashSet<String> = self.list.iter().cloned().collect();
        words.insert(self.target.clone());
        words
    }

    fn renamed(&self, other: &mut OtherWord) -> Result<(Option<Built>, Vec<Change>), Unchanged> {
        let mut distinct = vec![self.target.clone()];
        for item in &self.list {
            if !distinct.contains(item) {
                distinct.push(item.clone());
            }
        }
        let (mut taken, mut changes) = (distinct.clone(), Vec::<Change>::new());
        for old in &distinct {
            if let Some(new) = other(&FRUITS, old, &taken) {
                taken.push(new.clone());
                changes.push(Change::word(old.as_str(), new));
            }
        }
        let new = |w: &String| {
            changes
                .iter()
                .find(|c| c.from == *w)
                .map_or(w.clone(), |c| c.to.clone())
        };
        let renamed = CountingProblem {
            list: self.list.iter().map(new).collect(),
            target: new(&self.target),
            ..self.clone()
        };
        Ok((renamed.build(), changes))
    }

    fn list(&self) -> Option<&[String]> {
        Some(&self.list)
    }

    fn with_list(&self, list: Vec<String>) -> Option<Built> {
        let longer = CountingProblem {
            list,
            ..self.clone()
        };
        longer.build()
    }
}
