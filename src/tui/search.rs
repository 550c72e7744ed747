//! `/`: what is searched is what has the focus. The search itself is done beside the screen, on a copy of what is cheap to copy.

use std::sync::Arc;

use super::page::Page;
use crate::run::live::FoundDocuments;
use rotescope_text::sanitize;
use rotescope_trace::Prompt;

/// What a search looks through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Within {
    Prompts,
    #[default]
    Completion,
    /// The list of documents.
    Documents,
    /// The document that is open.
    Document,
    /// The record that is shown.
    Record,
}

impl Within {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Within::Prompts => "prompts",
            Within::Completion => "completion",
            Within::Documents => "documents",
            Within::Document => "document",
            Within::Record => "record",
        }
    }
}

/// A search for the next match, or the one before; past the end from the beginning.
#[derive(Debug)]
pub struct Search {
    pub text: String,
    pub forward: bool,
    /// The place to go from; it comes last.
    pub from: usize,
    pub through: Haystack,
}

/// What is looked through; a place is a token, a line of a list, or a row.
#[derive(Debug)]
pub enum Haystack {
    /// The bytes of an output, and where each of its tokens ends.
    Completion {
        output: Vec<u8>,
        ends: Vec<usize>,
    },
    Prompts(Vec<Arc<Prompt>>),
    Documents(Arc<FoundDocuments>),
    /// One document, on a screen of so many columns.
    Document(Arc<FoundDocuments>, usize, u16),
}

impl Search {
    /// The place of the match. `wanted` is asked now and then, and ends the search by saying no.
    pub fn find(&self, wanted: &dyn Fn() -> bool) -> Option<usize> {
        let text = self.text.as_str();
        match &self.through {
            Haystack::Completion { output, ends } => self.token(output, ends),
            Haystack::Prompts(prompts) => self.next(prompts.len(), |i| {
                wanted()
                    .then(|| contains(&prompts[i].id, text) || contains(&prompts[i].question, text))
            }),
            Haystack::Documents(found) => self.next(found.hits.len(), |i| {
                let hit = &found.hits[i];
                wanted().then(|| contains(&hit.id, text) || contains(&hit.text, text))
            }),
            Haystack::Document(found, hit, width) => {
                let page = Page::new(found.hits.get(*hit)?, *width);
                self.next(page.rows.len(), |i| {
                    Some(contains(&page.text[page.rows[i].clone()], text))
                })
            }
        }
    }

    /// The token in whose text a match begins. Matches go over the borders of tokens.
    fn token(&self, output: &[u8], ends: &[usize]) -> Option<usize> {
        if self.text.is_empty() {
            return None;
        }
        let smart = self.text.chars().any(char::is_uppercase);
        // Of ASCII only: other letters may change their length, and with it all places behind.
        let fold = |s: &str| match smart {
            true => s.to_string(),
            false => s.to_ascii_lowercase(),
        };
        let output = fold(&sanitize::same_offsets(output));
        let wanted = fold(&self.text);
        let places = output
            .match_indices(&wanted)
            .map(|(at, _)| ends.partition_point(|end| *end <= at));
        let places: Vec<usize> = places.collect();
        let next = if self.forward {
            places.iter().find(|&&i| i > self.from).or(places.first())
        } else {
            let mut before = places.iter().rev();
            before.find(|&&i| i < self.from).or(places.last())
        };
        next.copied()
    }

    /// The next place, round the end, that is as wanted; `wanted` ends it all by `None`.
    fn next(&self, count: usize, wanted: impl Fn(usize) -> Option<bool>) -> Option<usize> {
        for i in 1..=count {
            let place = if self.forward {
                (self.from + i) % count
            } else {
                (self.from + count - i % count) % count
            };
            if wanted(place)? {
                return Some(place);
            }
        }
        None
    }
}

/// Whether a text holds another; capitals count only where the one searched has some.
pub fn contains(text: &str, wanted: &str) -> bool {
    let smart = wanted.chars().any(char::is_uppercase);
    !wanted.is_empty()
        && if smart {
            text.contains(wanted)
        } else {
            text.to_lowercase().contains(&wanted.to_lowercase())
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn search(text: &str, forward: bool, from: usize, through: Haystack) -> Search {
        Search {
            text: text.into(),
            forward,
            from,
            through,
        }
    }

    #[test]
    fn a_completion_is_searched_over_the_borders_of_tokens() {
        let find = |text: &str, forward, from| {
            let through = Haystack::Completion {
                output: b"Ten and\xff ten more".to_vec(),
                ends: vec![3, 5, 8, 12, 17],
            };
            search(text, forward, from, through).find(&|| true)
        };
        assert_eq!(find("ten", true, 0), Some(3));
        assert_eq!(find("ten", true, 3), Some(0));
        assert_eq!(find("ten", false, 3), Some(0));
        assert_eq!(find("Ten", true, 0), Some(0));
        assert_eq!(find("n mo", true, 0), Some(3));
        assert_eq!(find("nd", true, 4), Some(2));
        assert_eq!(find("none", true, 0), None);
        assert_eq!(find("", true, 0), None);
    }

    #[test]
    fn lists_are_searched_in_a_ring_until_nobody_wants_to_know() {
        let prompts: Vec<Arc<Prompt>> = ["one", "two", "three", "two more"]
            .map(|question| {
                Arc::new(Prompt {
                    question: question.into(),
                    ..Default::default()
                })
            })
            .to_vec();
        let of = |forward, from| {
            search(
                "TWO".to_lowercase().as_str(),
                forward,
                from,
                Haystack::Prompts(prompts.clone()),
            )
        };
        assert_eq!(of(true, 1).find(&|| true), Some(3));
        assert_eq!(of(true, 3).find(&|| true), Some(1));
        assert_eq!(of(false, 1).find(&|| true), Some(3));
        let asked = Cell::new(0);
        let stopped = of(true, 3).find(&|| {
            asked.set(asked.get() + 1);
            asked.get() < 2
        });
        assert_eq!((stopped, asked.get()), (None, 2));
    }
}
