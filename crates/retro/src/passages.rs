//! The documents that fit the end of the context best, by BM25 (Robertson and Walker, 1994), and what stands in these behind the longest suffix of it.

use std::sync::{Arc, Mutex, PoisonError};

use rotescope_corpus::{Corpus, words};

use crate::error::RetroError;
use crate::retriever::{Place, Retrieved, Retriever};
use crate::within::{Within, continuations};

/// Writes tokens as text.
pub type Spell = Box<dyn Fn(&[u32]) -> String + Send + Sync>;

/// What is asked for, and how often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PassageOptions {
    /// Last tokens of the context whose words are looked for.
    pub query: usize,
    /// Documents that are taken.
    pub passages: usize,
    /// Tokens from question to question. Between two, the documents stay, for a question takes longer than a token.
    pub every: usize,
}

impl Default for PassageOptions {
    fn default() -> Self {
        PassageOptions {
            query: 64,
            passages: 8,
            every: 8,
        }
    }
}

/// `p(w) = count(suffix w) / count(suffix)` within the documents that fit best, of the longest suffix of the context that they have.
pub struct Passages {
    corpus: Arc<dyn Corpus>,
    end: Option<u32>,
    spell: Spell,
    options: PassageOptions,
    /// The last question and its answer.
    last: Mutex<Option<(Question, Documents)>>,
}

/// Tokens whose words are looked for, and how many documents are wanted.
type Question = (Vec<u32>, usize);

/// Numbers and tokens of documents, the best first.
type Documents = Arc<Vec<(u64, Vec<u32>)>>;

impl Passages {
    /// `end`: the token that stands for the end of a document.
    pub fn new(
        corpus: Arc<dyn Corpus>,
        end: Option<u32>,
        spell: Spell,
        options: PassageOptions,
    ) -> Passages {
        Passages {
            corpus,
            end,
            spell,
            options,
            last: Mutex::new(None),
        }
    }

    /// The documents that fit best what stands before the last place at which one is to ask: they are the same whatever was asked before.
    fn best(&self, place: &Place<'_>) -> Result<Documents, RetroError> {
        let n = place.context.len();
        let asked = match n - n % self.options.every.max(1) {
            0 => n,
            asked => asked,
        };
        let query = &place.context[asked.saturating_sub(self.options.query)..asked];
        let without = place.without.map_or(0, |w| w.ordinals.len());
        let question = (query.to_vec(), self.options.passages + without);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((was, documents)) = &*last
            && *was == question
        {
            return Ok(documents.clone());
        }
        let text = (self.spell)(query);
        let words: Vec<String> = words::split(&text)
            .iter()
            .map(|w| w.1.to_string())
            .collect();
        let found = self.corpus.best_documents(&words, question.1)?;
        let ordinals: Vec<u64> = found.into_iter().map(|f| f.0).collect();
        let tokens = self.corpus.document_tokens(&ordinals)?;
        let documents = Arc::new(ordinals.into_iter().zip(tokens).collect());
        *last = Some((question, Arc::clone(&documents)));
        Ok(documents)
    }

    fn at(&self, place: &Place<'_>) -> Result<Retrieved, RetroError> {
        let best = self.best(place)?;
        let known = |d: &&(u64, Vec<u32>)| !place.without.is_some_and(|w| w.has(d.0));
        let taken = best.iter().filter(known).take(self.options.passages);
        let within = Within::new(taken.map(|d| &d.1), place.context, usize::MAX);
        let length = within.longest(self.end.is_some());
        let next = continuations(within.behind(length));
        Ok(Retrieved::of(next, length, self.end))
    }
}

impl Retriever for Passages {
    fn retrieve(&self, places: &[Place<'_>]) -> Result<Vec<Retrieved>, RetroError> {
        places.iter().map(|place| self.at(place)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retriever::Without;
    use rotescope_corpus::MemoryCorpus;
    use rotescope_vocab::{Encode, VocabError};

    /// A token for each word of one letter.
    struct Letters;

    impl Encode for Letters {
        fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
            Ok(texts.iter().map(|t| ids(t)).collect())
        }

        fn token_bytes(&self, id: u32) -> Vec<u8> {
            vec![id as u8]
        }

        fn size(&self) -> usize {
            256
        }

        fn fingerprint(&self) -> &str {
            "letters"
        }
    }

    fn ids(text: &str) -> Vec<u32> {
        let words = words::split(text).into_iter();
        words.map(|(_, w)| u32::from(w.as_bytes()[0])).collect()
    }

    fn id(letter: char) -> u32 {
        letter as u32
    }

    const TEXTS: [&str; 4] = ["x a b c", "y a b d", "z q a b c", "r s t"];

    fn passages(options: PassageOptions) -> (Arc<MemoryCorpus>, Passages) {
        let corpus = Arc::new(MemoryCorpus::of_texts("toy", &TEXTS, &Letters).unwrap());
        let spell = |ids: &[u32]| {
            let letters = ids.iter().map(|id| format!("{} ", *id as u8 as char));
            letters.collect::<String>()
        };
        let passages = Passages::new(corpus.clone(), None, Box::new(spell), options);
        (corpus, passages)
    }

    fn one(passages: usize) -> PassageOptions {
        PassageOptions {
            passages,
            every: 1,
            ..PassageOptions::default()
        }
    }

    fn at(passages: &Passages, place: Place<'_>) -> Retrieved {
        passages.retrieve(&[place]).unwrap().remove(0)
    }

    #[test]
    fn what_follows_is_counted_in_the_best_documents_alone() {
        // `y` stands in one document only, which has d behind a b; in two of all it is c.
        let (corpus, best) = passages(one(1));
        let context = ids("y a b");
        let found = at(&best, Place::behind(&context));
        assert_eq!((found.length, found.count), (3, 1));
        assert_eq!(found.tokens, [(id('d'), 1.0)]);
        // All that have a word of it: the longest suffix wins.
        let (_, all) = passages(one(8));
        assert_eq!(at(&all, Place::behind(&context)), found);
        // Without that document, c twice.
        let without = Without::new(corpus.as_ref(), vec![1]).unwrap();
        let place = Place {
            without: Some(&without),
            ..Place::behind(&context)
        };
        let found = at(&all, place);
        assert_eq!((found.length, found.count), (2, 2));
        assert_eq!(found.tokens, [(id('c'), 1.0)]);
        // No word of it anywhere: nothing.
        assert_eq!(at(&all, Place::behind(&ids("n m"))), Retrieved::default());
        // The end of a document is no token here; behind `c` stands nothing, so that any token of those documents may come: nine, and two ends.
        let found = at(&all, Place::behind(&ids("c")));
        assert_eq!((found.length, found.count), (0, 11));
        let sum: f64 = found.tokens.iter().map(|t| t.1).sum();
        assert!((sum - 1.0).abs() < 1e-12 && found.probability(id('a')) == 2.0 / 9.0);
    }

    #[test]
    fn between_two_questions_the_documents_stay() {
        let options = PassageOptions { every: 4, ..one(1) };
        let (_, passages) = passages(options);
        let context = ids("r s t r y");
        let at = |n: usize| passages.best(&Place::behind(&context[..n])).unwrap()[0].0;
        assert_eq!([at(1), at(4), at(5)], [3, 3, 3]);
        // The same, whatever was asked before.
        assert_eq!([at(5), at(2), at(5)], [3, 3, 3]);
    }
}
