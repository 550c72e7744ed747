//! Capitals in a title.

use std::collections::HashSet;

use rotescope_study::perturb::problem::{Built, Capitals, OtherWord, Problem};
use rotescope_study::perturb::subject::{Change, Unchanged};
use rotescope_study::perturb::texts::capitalized;
use rotescope_text::words;
use serde_json::{Map, Value, json};

use super::meta::{renewed, text};
use super::words::{ADJECTIVES, NOUNS};

/// Words that a title leaves small, unless they come first.
const SMALL: [&str; 6] = ["the", "a", "of", "and", "in", "with"];

/// Make it a title, or capitalize only its last word.
#[derive(Debug, Clone, PartialEq)]
pub struct Title {
    pub template: String,
    pub title: String,
    /// Whether only the last word gets a capital.
    pub last_word: bool,
    meta: Map<String, Value>,
}

impl Title {
    /// From a prompt's `meta`, if its question is what the template gives.
    pub fn read(meta: &Map<String, Value>, question: &str) -> Option<Title> {
        let problem = Title {
            template: text(meta, "template")?.into(),
            title: text(meta, "title")?.into(),
            last_word: match text(meta, "rule")? {
                "last_word" => true,
                "title" => false,
                _ => return None,
            },
            meta: meta.clone(),
        };
        (problem.question() == question).then_some(problem)
    }

    fn question(&self) -> String {
        self.template.replacen("{}", &self.title, 1)
    }

    /// The words of the title that it does not leave small: places in the title's words.
    pub fn content(&self) -> Vec<usize> {
        let words = self.title.split_whitespace().enumerate();
        words
            .filter(|(_, w)| !SMALL.contains(w))
            .map(|(i, _)| i)
            .collect()
    }

    /// The title with its capitals.
    pub fn solve(&self) -> String {
        let words: Vec<&str> = self.title.split_whitespace().collect();
        let last = words.len().saturating_sub(1);
        let capital = |i: usize, w: &str| {
            if self.last_word {
                i == last
            } else {
                i == 0 || !SMALL.contains(&w)
            }
        };
        let done = words.iter().enumerate().map(|(i, w)| {
            if capital(i, w) {
                capitalized(w)
            } else {
                w.to_string()
            }
        });
        done.collect::<Vec<_>>().join(" ")
    }

    fn chain(&self) -> String {
        let answer = self.solve();
        let words: Vec<&str> = self.title.split_whitespace().collect();
        let done: Vec<&str> = answer.split_whitespace().collect();
        let how = match (self.last_word, words.last(), done.last()) {
            (true, Some(from), Some(to)) => format!("The last word is {from} and becomes {to}"),
            _ => {
                let each = words.iter().zip(&done);
                let said = each.map(|(w, d)| {
                    if w == d {
                        format!("{w} stays {w}")
                    } else {
                        format!("{w} becomes {d}")
                    }
                });
                said.collect::<Vec<_>>().join(", ")
            }
        };
        format!(
            "The words are {}. {how}. So the answer is {answer}.",
            words.join(", ")
        )
    }

    /// The problem as it stands now.
    pub fn build(&self) -> Built {
        let new = [
            ("template", json!(self.template)),
            ("title", json!(self.title)),
            (
                "rule",
                json!(if self.last_word { "last_word" } else { "title" }),
            ),
            ("chain", json!(self.chain())),
        ];
        Built {
            question: self.question(),
            answer: self.solve(),
            meta: renewed(&self.meta, new),
        }
    }
}

impl Problem for Title {
    fn matter(&self) -> HashSet<String> {
        let words = words(&self.title);
        words.iter().map(|w| w.text.to_string()).collect()
    }

    fn renamed(&self, other: &mut OtherWord) -> Result<(Option<Built>, Vec<Change>), Unchanged> {
        let adjectives = ADJECTIVES.all();
        let mut title: Vec<String> = self.title.split_whitespace().map(String::from).collect();
        let mut changes = Vec::new();
        for i in self.content() {
            let old = title[i].clone();
            let category = if adjectives.contains(&old.as_str()) {
                &ADJECTIVES
            } else {
                &NOUNS
            };
            if let Some(new) = other(category, &old, &title) {
                title[i] = new.clone();
                changes.push(Change::word(old, new));
            }
        }
        let renamed = Title {
            title: title.join(" "),
            ..self.clone()
        };
        Ok((Some(renamed.build()), changes))
    }

    fn capitals(&self) -> Option<Capitals> {
        Some(if self.last_word {
            Capitals::LastWord
        } else {
            Capitals::Title
        })
    }

    fn with_capitals(&self, capitals: Capitals, instruction: &str) -> Option<Built> {
        let other = Title {
            template: instruction.into(),
            last_word: capitals == Capitals::LastWord,
            ..self.clone()
        };
        Some(other.build())
    }
}
