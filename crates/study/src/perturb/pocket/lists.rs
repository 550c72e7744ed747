//! Counting in a list, and capitals in a title.

use serde_json::{Map, Value, json};

use super::{Built, fill, renewed, text, texts};

/// How often a word occurs in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Counting {
    pub template: String,
    pub target: String,
    pub list: Vec<String>,
    /// Items are shown with their places: `1 apple, 2 pear`.
    numbered: bool,
    meta: Map<String, Value>,
}

impl Counting {
    pub(super) fn read(meta: &Map<String, Value>, question: &str) -> Option<Counting> {
        let mut problem = Counting {
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

    /// The problem as it stands now; its chain only where the original's has the form that is known here.
    pub fn build(&self) -> Option<Built> {
        let known = {
            let original = Counting {
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
    pub(super) fn read(meta: &Map<String, Value>, question: &str) -> Option<Title> {
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
        let done = words
            .iter()
            .enumerate()
            .map(|(i, w)| if capital(i, w) { up(w) } else { w.to_string() });
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

/// The first letter as a capital.
pub fn up(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
