//! A corpus that only counts n-grams: what is worked out from its counts, and what each answer rests on.

use std::sync::Mutex;

use rotescope_corpus::{
    About, AnswerPart, Answered, Basis, CorpusError, CorpusInfo, Counted, Document, Documents,
    LocalQuestion, MemoryCorpus, NgramCounts, Quality, WordCounts, longest_by_local_counts,
};

/// Says of each count how many samples it is from: by the n-gram's length and its last token. Keeps what it was asked.
struct Sampled {
    memory: MemoryCorpus,
    asked: Mutex<Vec<Vec<u32>>>,
}

fn samples(ngram: &[u32]) -> u64 {
    let last = ngram.last().map_or(0, |&t| u64::from(t));
    1000 - 10 * ngram.len() as u64 - last
}

fn from(samples: u64) -> Basis {
    Basis {
        quality: Quality::Approximate {
            from: samples,
            of: AnswerPart::Samples,
        },
        ..Basis::default()
    }
}

impl About for Sampled {
    fn info(&self) -> CorpusInfo {
        self.memory.info()
    }
}

impl NgramCounts for Sampled {
    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let mut asked = self.asked.lock().unwrap();
        asked.extend(ngrams.iter().map(|n| n.to_vec()));
        let counts = self.memory.counts(ngrams)?.into_iter().zip(ngrams);
        let sampled = counts.map(|(count, ngram)| Answered {
            value: count.value,
            basis: from(samples(ngram)),
        });
        Ok(sampled.collect())
    }
}

impl WordCounts for Sampled {}

impl Documents for Sampled {
    fn documents(&self, ordinals: &[u64]) -> Result<Vec<Document>, CorpusError> {
        self.memory.documents(ordinals)
    }
}

fn sampled() -> Sampled {
    Sampled {
        memory: MemoryCorpus::of_tokens("memory", vec![vec![1, 2, 3, 4, 5, 6, 7], vec![4, 5, 9]]),
        asked: Mutex::default(),
    }
}

impl Sampled {
    /// What the worst of its counts so far is from.
    fn worst(&self) -> Basis {
        let mut asked = self.asked.lock().unwrap();
        from(asked.drain(..).map(|n| samples(&n)).min().unwrap())
    }
}

#[test]
fn an_answer_rests_on_the_worst_of_the_counts_that_it_is_made_of() {
    let corpus = sampled();
    let contexts: [&[u32]; 4] = [&[8, 4, 5], &[1, 2, 3], &[8], &[]];
    for (context, len, count) in [
        (contexts[0], 2, 2),
        (contexts[1], 3, 1),
        (contexts[2], 0, 12),
        (contexts[3], 0, 12),
    ] {
        let found = corpus.longest_suffixes(&[context]).unwrap().remove(0);
        assert_eq!((found.value.len, found.value.count), (len, count));
        assert_eq!(found.basis, corpus.worst(), "{context:?}");
    }
    for (context, token, len, counts) in [
        (contexts[0], 9, 2, (2, 1)),
        (contexts[1], 4, 3, (1, 1)),
        (contexts[2], 4, 0, (12, 2)),
        (contexts[3], 8, 0, (12, 0)),
    ] {
        let question = [(context, token)];
        let found = corpus.longest_contexts(&question).unwrap().remove(0);
        let value = found.value;
        assert_eq!(
            (value.len, (value.context_count, value.joint_count)),
            (len, counts)
        );
        assert_eq!(found.basis, corpus.worst(), "{context:?} {token}");
    }
    let followed: [(&[u32], &[u32]); 3] = [(&[4, 5], &[6, 9, 1]), (&[7], &[]), (&[], &[4])];
    let found = corpus.candidate_counts(&followed).unwrap();
    let values: Vec<_> = found.iter().map(|a| a.value.as_slice()).collect();
    assert_eq!(values, [&[1, 1, 0][..], &[], &[2]]);
    let bases = [from(1000 - 30 - 9), Basis::default(), from(1000 - 10 - 4)];
    for (found, basis) in found.iter().zip(bases) {
        assert_eq!(found.basis, basis);
    }
    corpus.worst();
    let question = LocalQuestion {
        context: &[8, 4, 5],
        token: 9,
        candidates: &[6, 9],
    };
    let found = corpus.local_counts(&[question]).unwrap().remove(0);
    assert_eq!(
        (found.value.longest.len, found.value.candidates),
        (2, vec![1, 1])
    );
    assert_eq!(found.basis, corpus.worst());
    let longest = longest_by_local_counts(&corpus, &[(&[8, 4, 5], 9)]).unwrap();
    assert_eq!((longest.len(), longest[0].value.len), (1, 2));
    assert_eq!(corpus.count(&[4, 5]).unwrap().value, 2);
    assert_eq!(corpus.looks_back(), None);
    assert!(corpus.parts().is_empty());
}

#[test]
fn tokens_are_those_of_the_documents() {
    let corpus = sampled();
    let tokens = corpus.document_tokens(&[1, 0]).unwrap();
    assert_eq!(tokens, [vec![4, 5, 9], vec![1, 2, 3, 4, 5, 6, 7]]);
    assert_eq!(corpus.document(1).unwrap().tokens, [4, 5, 9]);
}

/// Answers each question once too often, or not at all.
struct Miscounting(isize);

impl About for Miscounting {
    fn info(&self) -> CorpusInfo {
        MemoryCorpus::of_tokens("miscounting", Vec::new()).info()
    }
}

impl NgramCounts for Miscounting {
    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let number = ngrams.len().checked_add_signed(self.0).unwrap();
        Ok(vec![Answered::occurrences(1); number])
    }
}

impl WordCounts for Miscounting {
    fn word_counts(&self, words: &[String]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let number = words.len().checked_add_signed(self.0).unwrap();
        Ok(vec![Answered::documents(1); number])
    }
}

impl Documents for Miscounting {}

#[test]
fn answers_to_more_or_fewer_questions_are_refused() {
    for (more, answered) in [(1, 2), (-1, 0)] {
        let corpus = Miscounting(more);
        let said = |error: CorpusError| error.to_string();
        let one = format!("miscounting: answered {answered} of 1 questions");
        assert_eq!(said(corpus.count(&[1]).unwrap_err()), one);
        assert_eq!(said(corpus.word_count("a").unwrap_err()), one);
        let candidates = corpus.candidate_counts(&[(&[1], &[2, 3])]).unwrap_err();
        let two = format!("miscounting: answered {} of 2 questions", answered + 1);
        assert_eq!(said(candidates), two);
    }
    let right = Miscounting(0);
    let count = right.word_count("a").unwrap();
    assert_eq!((count.value, count.basis.counted), (1, Counted::Documents));
}
