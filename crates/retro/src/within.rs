//! Counts within a few documents that are at hand.

use std::collections::BTreeMap;

use rotescope_corpus::Continuations;

/// The places of some documents, their ends among them.
pub(crate) struct Within {
    /// How many last tokens of a context stand before each, and what stands there; `None` is the end of a document.
    places: Vec<(usize, Option<u32>)>,
}

impl Within {
    /// Looks at no more than `most` tokens before a place.
    pub(crate) fn new<'a>(
        documents: impl IntoIterator<Item = &'a Vec<u32>>,
        context: &[u32],
        most: usize,
    ) -> Within {
        let context = &context[context.len().saturating_sub(most)..];
        let mut places = Vec::new();
        for document in documents {
            for at in 0..=document.len() {
                let before = document[..at].iter().rev().zip(context.iter().rev());
                let length = before.take_while(|(a, b)| a == b).count();
                places.push((length, document.get(at).copied()));
            }
        }
        Within { places }
    }

    /// How often the last `length` tokens of the context occur.
    pub(crate) fn count(&self, length: usize) -> u64 {
        self.places.iter().filter(|(n, _)| *n >= length).count() as u64
    }

    /// What stands behind the last `length` tokens of the context, and how often.
    pub(crate) fn behind(&self, length: usize) -> BTreeMap<Option<u32>, u64> {
        let mut next = BTreeMap::new();
        for (_, symbol) in self.places.iter().filter(|(n, _)| *n >= length) {
            *next.entry(*symbol).or_default() += 1;
        }
        next
    }

    /// The longest suffix with something behind it; `ends`: whether the end of a document is something.
    pub(crate) fn longest(&self, ends: bool) -> usize {
        let some = self.places.iter().filter(|(_, s)| ends || s.is_some());
        some.map(|(n, _)| *n).max().unwrap_or(0)
    }
}

/// Counts by what stands there, as a corpus answers.
pub(crate) fn continuations(mut next: BTreeMap<Option<u32>, u64>) -> Continuations {
    let ends = next.remove(&None).unwrap_or(0);
    let tokens = next.into_iter().filter_map(|(id, n)| Some((id?, n)));
    Continuations {
        tokens: tokens.filter(|(_, n)| *n > 0).collect(),
        ends,
    }
}
