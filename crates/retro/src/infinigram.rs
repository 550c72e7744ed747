//! The longest suffix of a context that occurs in the corpus, and what stands behind it there: an n-gram model without bound on n (infini-gram, arXiv 2401.17377).

use std::sync::Arc;

use rotescope_corpus::{Answered, Corpus};

use crate::error::RetroError;
use crate::retriever::{Place, Retrieved, Retriever, Without};
use crate::within::Within;

/// `p(w) = count(suffix w) / count(suffix)`, of the longest suffix of the context with a count above 0.
pub struct Infinigram {
    corpus: Arc<dyn Corpus>,
    end: Option<u32>,
}

impl Infinigram {
    /// `end`: the token that stands for the end of a document. Without one, ends of documents are left out: then the suffix is the longest with a token behind it somewhere.
    pub fn new(corpus: Arc<dyn Corpus>, end: Option<u32>) -> Infinigram {
        Infinigram { corpus, end }
    }

    /// The same as if the corpus had never had some documents; `longest`: tokens of the longest suffix that it has with them.
    fn without(
        &self,
        context: &[u32],
        longest: usize,
        without: &Without,
    ) -> Result<Retrieved, RetroError> {
        let own = Within::new(&without.documents, context, longest);
        let suffix = |n: usize| &context[context.len() - n..];
        // The longest suffix that others have too: if they have one, they have every shorter one.
        let (mut length, mut none) = (0, longest + 1);
        while none - length > 1 {
            let middle = length.midpoint(none);
            let all = self.corpus.count(suffix(middle))?.value;
            match all > own.count(middle) {
                true => length = middle,
                false => none = middle,
            }
        }
        loop {
            let mut next = self.corpus.next(suffix(length))?.value;
            let taken = own.behind(length);
            let of = |symbol| taken.get(&symbol).copied().unwrap_or(0);
            for (id, count) in &mut next.tokens {
                *count = count.saturating_sub(of(Some(*id)));
            }
            next.tokens.retain(|(_, count)| *count > 0);
            next.ends = next.ends.saturating_sub(of(None));
            let ends = self.end.is_some() && next.ends > 0;
            if ends || !next.tokens.is_empty() || length == 0 {
                return Ok(Retrieved::of(next, length, self.end));
            }
            length -= 1;
        }
    }
}

impl Retriever for Infinigram {
    fn retrieve(&self, places: &[Place<'_>]) -> Result<Vec<Retrieved>, RetroError> {
        let contexts: Vec<&[u32]> = places.iter().map(|p| p.context).collect();
        let longest = self.corpus.longest_suffixes(&contexts)?;
        let suffix = |(c, found): (&&'_ [u32], &Answered<rotescope_corpus::SuffixMatch>)| {
            c.len().saturating_sub(found.value.len)
        };
        let starts: Vec<usize> = contexts.iter().zip(&longest).map(suffix).collect();
        let asked = contexts.iter().zip(&starts).map(|(c, at)| &c[*at..]);
        let next = self.corpus.continuations(&asked.collect::<Vec<_>>())?;
        let mut all = Vec::with_capacity(places.len());
        for ((place, start), next) in places.iter().zip(starts).zip(next) {
            let context = place.context;
            if let Some(without) = place.without.filter(|w| !w.documents.is_empty()) {
                all.push(self.without(context, context.len() - start, without)?);
                continue;
            }
            let (mut at, mut next) = (start, next.value);
            while self.end.is_none() && next.tokens.is_empty() && at < context.len() {
                at += 1;
                next = self.corpus.next(&context[at..])?.value;
            }
            all.push(Retrieved::of(next, context.len() - at, self.end));
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rotescope_corpus::MemoryCorpus;

    const END: u32 = 9;

    fn of(documents: &[&[u32]], end: Option<u32>) -> Infinigram {
        let documents = documents.iter().map(|d| d.to_vec()).collect();
        Infinigram::new(Arc::new(MemoryCorpus::of_tokens("toy", documents)), end)
    }

    fn at(infinigram: &Infinigram, context: &[u32]) -> Retrieved {
        infinigram
            .retrieve(&[Place::behind(context)])
            .unwrap()
            .pop()
            .unwrap()
    }

    #[test]
    fn counts_are_those_by_hand() {
        let corpus: [&[u32]; 3] = [&[1, 2, 3], &[1, 2, 3, 4], &[5, 2, 4]];
        let all = of(&corpus, Some(END));
        // Behind 1 2 only ever 3, twice; 7 1 2 does not occur.
        let found = at(&all, &[7, 1, 2]);
        assert_eq!((found.length, found.count), (2, 2));
        assert_eq!(found.tokens, [(3, 1.0)]);
        assert!(found.is_sparse());
        // Behind 2 alone twice 3, once 4.
        let found = at(&all, &[8, 2]);
        assert_eq!(found.tokens, [(3, 2.0 / 3.0), (4, 1.0 / 3.0)]);
        assert_eq!(found.probability(4), 1.0 / 3.0);
        assert_eq!(found.probability(1), 0.0);
        // 1 2 3 ends a document, and goes on with 4.
        let found = at(&all, &[1, 2, 3]);
        assert_eq!(found.tokens, [(4, 0.5), (END, 0.5)]);
        assert_eq!(at(&of(&corpus, None), &[1, 2, 3]).tokens, [(4, 1.0)]);
        // 5 2 4 only ends one; without ends there is nothing behind 4 at all, and the empty suffix is left: ten tokens.
        assert_eq!(at(&all, &[5, 2, 4]).tokens, [(END, 1.0)]);
        let found = at(&of(&corpus, None), &[5, 2, 4]);
        assert_eq!((found.length, found.tokens[0]), (0, (2, 0.3)));
        // An empty corpus has nothing.
        assert_eq!(at(&of(&[], Some(END)), &[1]).tokens, []);
    }

    proptest! {
        #[test]
        fn probabilities_are_counts_and_sum_to_one(
            documents in prop::collection::vec(prop::collection::vec(0u32..4, 1..12), 1..6),
            context in prop::collection::vec(0u32..5, 0..8),
            with_end in any::<bool>(),
        ) {
            let end = with_end.then_some(END);
            let slices: Vec<&[u32]> = documents.iter().map(Vec::as_slice).collect();
            let found = at(&of(&slices, end), &context);
            let sum: f64 = found.tokens.iter().map(|(_, p)| p).sum();
            prop_assert!((sum - 1.0).abs() < 1e-12);
            // By looking: how often a suffix stands before each token, documents ended by the token of the end.
            let ended: Vec<Vec<u32>> = documents.iter().map(|d| {
                let mut d = d.clone();
                d.extend(end);
                d
            }).collect();
            let behind = |suffix: &[u32]| -> Vec<u32> {
                let of_one = |d: &Vec<u32>| d.windows(suffix.len() + 1)
                    .filter(|w| w.starts_with(suffix))
                    .map(|w| w[suffix.len()]).collect::<Vec<_>>();
                ended.iter().flat_map(of_one).collect()
            };
            let length = (0..=context.len()).rev().find(|n| !behind(&context[context.len() - n..]).is_empty()).unwrap();
            prop_assert_eq!(found.length, length);
            let next = behind(&context[context.len() - length..]);
            for id in (0..5).chain([END]) {
                let by_hand = next.iter().filter(|n| **n == id).count() as f64 / next.len() as f64;
                prop_assert!((found.probability(id) - by_hand).abs() < 1e-12);
            }
        }

        #[test]
        fn documents_that_are_left_out_were_never_there(
            documents in prop::collection::vec(prop::collection::vec(0u32..4, 1..12), 2..6),
            context in prop::collection::vec(0u32..5, 0..8),
            with_end in any::<bool>(),
        ) {
            let end = with_end.then_some(END);
            let slices: Vec<&[u32]> = documents.iter().map(Vec::as_slice).collect();
            let corpus = Arc::new(MemoryCorpus::of_tokens("toy", documents.clone()));
            let without = Without::new(corpus.as_ref(), vec![0, 1]).unwrap();
            let place = Place { without: Some(&without), ..Place::behind(&context) };
            let got = Infinigram::new(corpus, end).retrieve(&[place]).unwrap().remove(0);
            prop_assert_eq!(got, at(&of(&slices[2..], end), &context));
        }
    }
}
