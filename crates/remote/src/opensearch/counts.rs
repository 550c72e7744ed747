//! Counts of n-grams and words, contexts, words that occur together.

use std::collections::BTreeMap;

use rotescope_corpus::Continuations;
use rotescope_corpus::{
    Answered, Basis, Cooccur, CorpusError, Counted, LocalCounts, LocalQuestion, LongestContext,
    NgramCounts, SuffixMatch, WordCounts, longest_by_local_counts,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::index::OpenSearch;
use super::schema::{self, starts};
use super::search::{self, Clause, Found};
use crate::error::RemoteError;

/// Lengths of a suffix that are asked about at a time.
const STEPS: usize = 8;

/// Documents that are read rather than asked about once for each candidate.
const READ: u64 = 20;

/// How often a context occurs, and the tokens that follow it with their counts, where few documents hold it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Behind {
    count: u64,
    next: Option<Vec<(u32, u64)>>,
}

/// What follows a context in the documents of an answer, which are all that hold it.
fn following(
    answer: &Value,
    context: &[u32],
    found: Found,
    occurrences: bool,
) -> Result<Vec<(u32, u64)>, RemoteError> {
    let (mut counts, mut seen) = (BTreeMap::new(), 0);
    let hits = search::hits(answer)?;
    for source in &hits {
        let ids = schema::ids(source).unwrap_or_default();
        let places: Vec<usize> = starts(&ids, context).collect();
        seen += if occurrences { places.len() as u64 } else { 1 };
        let mut next: Vec<u32> = places
            .iter()
            .filter_map(|at| ids.get(at + context.len()).copied())
            .collect();
        if !occurrences {
            next.sort_unstable();
            next.dedup();
        }
        for token in next {
            *counts.entry(token).or_insert(0) += 1;
        }
    }
    if (hits.len() as u64, seen) != (found.documents, found.occurrences) {
        return Err(RemoteError::Malformed {
            why: "its documents do not hold what it counts".into(),
        });
    }
    Ok(counts.into_iter().collect())
}

/// A search for the longest suffix that occurs.
struct Suffix<'a> {
    whole: &'a [u32],
    /// The longest known to occur, and the shortest known not to.
    good: usize,
    bad: usize,
    /// Whether one that does not occur is known.
    bounded: bool,
}

impl<'a> Suffix<'a> {
    fn new(whole: &'a [u32]) -> Suffix<'a> {
        Suffix {
            whole,
            good: 0,
            bad: whole.len() + 1,
            bounded: false,
        }
    }

    /// The lengths to ask about next, ascending; none where the longest is known.
    fn next(&self) -> Vec<usize> {
        let between = self.bad - self.good - 1;
        if between <= STEPS {
            return (self.good + 1..self.bad).collect();
        }
        if !self.bounded {
            // Matches are short beside contexts.
            let double = |&n: &usize| Some((2 * n).min(self.bad - 1));
            let first = (2 * self.good).max(1).min(self.bad - 1);
            let mut lengths: Vec<usize> = std::iter::successors(Some(first), double)
                .take(STEPS / 2)
                .collect();
            lengths.dedup();
            return lengths;
        }
        let step = between.div_ceil(STEPS + 1);
        let lengths = (1..=STEPS).map(|i| self.good + i * step);
        lengths.filter(|&n| n < self.bad).collect()
    }

    fn learn(&mut self, length: usize, occurs: bool) {
        if occurs {
            self.good = self.good.max(length);
        } else {
            self.bad = self.bad.min(length);
            self.bounded = true;
        }
    }

    fn of(&self, length: usize) -> &'a [u32] {
        &self.whole[self.whole.len() - length..]
    }
}

impl OpenSearch {
    /// The length of the longest suffix of each n-gram that occurs.
    fn longest(&self, ngrams: &[&[u32]]) -> Result<Vec<usize>, CorpusError> {
        let mut suffixes: Vec<Suffix> = ngrams.iter().map(|n| Suffix::new(n)).collect();
        loop {
            let asked: Vec<(usize, usize)> = suffixes
                .iter()
                .enumerate()
                .flat_map(|(i, s)| s.next().into_iter().map(move |length| (i, length)))
                .collect();
            if asked.is_empty() {
                return Ok(suffixes.iter().map(|s| s.good).collect());
            }
            let question = |&(i, length): &(usize, usize)| {
                search::exists(&Clause::ngram(suffixes[i].of(length)))
            };
            let questions: Vec<Value> = asked.iter().map(question).collect();
            let found = self.ask(&questions, |answer, _| search::read_exists(answer))?;
            for ((i, length), occurs) in asked.into_iter().zip(found) {
                suffixes[i].learn(length, occurs);
            }
        }
    }

    /// How often n-grams occur, the empty one too.
    fn found(&self, ngrams: &[&[u32]]) -> Result<Vec<Found>, CorpusError> {
        let some: Vec<Clause> = ngrams
            .iter()
            .filter(|n| !n.is_empty())
            .map(|n| Clause::ngram(n))
            .collect();
        let mut found = self.count(&some)?.into_iter();
        let (documents, tokens) = (self.meta().documents, self.meta().tokens);
        let everywhere = Found {
            documents,
            // Before each token and at each document's end.
            occurrences: match self.meta().occurrences {
                true => tokens + documents,
                false => documents,
            },
        };
        let one = |n: &&[u32]| match n.is_empty() {
            true => Some(everywhere),
            false => found.next(),
        };
        Ok(ngrams.iter().filter_map(one).collect())
    }

    /// How often contexts occur, and what follows those that stand in few documents.
    fn behind(&self, contexts: &[&[u32]]) -> Result<Vec<Behind>, CorpusError> {
        let occurrences = self.meta().occurrences;
        let some: Vec<&[u32]> = contexts.iter().copied().filter(|c| !c.is_empty()).collect();
        let clauses: Vec<Clause> = some.iter().map(|c| Clause::ngram(c)).collect();
        let question = |c: &Clause| search::count_and_read(c, occurrences, READ);
        let questions: Vec<Value> = clauses.iter().map(question).collect();
        let mut read = self
            .ask(&questions, |answer, i| {
                let found = search::read_count(answer, &clauses[i], occurrences)?;
                let next = match found.documents <= READ {
                    true => Some(following(answer, some[i], found, occurrences)?),
                    false => None,
                };
                Ok(Behind {
                    count: found.occurrences,
                    next,
                })
            })?
            .into_iter();
        let everywhere = self.found(&[&[]])?.first().map_or(0, |f| f.occurrences);
        let one = |context: &&[u32]| match context.is_empty() {
            true => Some(Behind {
                count: everywhere,
                next: None,
            }),
            false => read.next(),
        };
        Ok(contexts.iter().filter_map(one).collect())
    }

    fn answered(&self, counts: Vec<Found>) -> Vec<Answered<u64>> {
        let basis = self.basis();
        let answer = |f: Found| Answered {
            value: f.occurrences,
            basis,
        };
        counts.into_iter().map(answer).collect()
    }

    /// How many documents hold all clauses of each question.
    fn documents_of(&self, questions: &[Value]) -> Result<Vec<u64>, CorpusError> {
        self.ask(questions, |answer, _| search::total(answer))
    }

    /// How many documents hold both clauses of each pair, or one twice.
    fn both(&self, pairs: &[(Clause, Clause)]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let question = |(a, b): &(Clause, Clause)| match a == b {
            true if !self.meta().occurrences => Err(CorpusError::Unsupported {
                corpus: self.place(),
                what: "how many documents hold something twice (it was loaded without scores that are frequencies)",
            }),
            true => Ok(search::twice(a)),
            false => Ok(search::documents(&[a.clone(), b.clone()])),
        };
        let questions = pairs.iter().map(question).collect::<Result<Vec<_>, _>>()?;
        let counts = self.documents_of(&questions)?;
        Ok(counts.into_iter().map(Answered::documents).collect())
    }

    fn nothing_together(&self) -> CorpusError {
        CorpusError::Unsupported {
            corpus: self.place(),
            what: "how often n-grams of tokens occur within a window (but in a document)",
        }
    }
}

impl NgramCounts for OpenSearch {
    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        Ok(self.answered(self.found(ngrams)?))
    }

    fn document_counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let found = self.found(ngrams)?.into_iter();
        Ok(found.map(|f| Answered::documents(f.documents)).collect())
    }

    fn continuations(
        &self,
        contexts: &[&[u32]],
    ) -> Result<Vec<Answered<Continuations>>, CorpusError> {
        contexts.iter().map(|c| self.following(c)).collect()
    }

    fn longest_suffixes(
        &self,
        contexts: &[&[u32]],
    ) -> Result<Vec<Answered<SuffixMatch>>, CorpusError> {
        let lengths = self.longest(contexts)?;
        let suffixes = contexts.iter().zip(&lengths);
        let suffixes: Vec<&[u32]> = suffixes.map(|(c, &len)| &c[c.len() - len..]).collect();
        let counts = self.counts(&suffixes)?.into_iter().zip(lengths);
        let matched = |(a, len): (Answered<u64>, usize)| a.map(|count| SuffixMatch { len, count });
        Ok(counts.map(matched).collect())
    }

    fn longest_contexts(
        &self,
        questions: &[(&[u32], u32)],
    ) -> Result<Vec<Answered<LongestContext>>, CorpusError> {
        longest_by_local_counts(self, questions)
    }

    /// Two or three requests for the longest contexts of all questions, one for what follows these, one for the candidates behind frequent ones.
    fn local_counts(
        &self,
        questions: &[LocalQuestion],
    ) -> Result<Vec<Answered<LocalCounts>>, CorpusError> {
        let joint = |q: &LocalQuestion| [q.context, &[q.token]].concat();
        let joints: Vec<Vec<u32>> = questions.iter().map(joint).collect();
        let asked: Vec<&[u32]> = joints.iter().map(Vec::as_slice).collect();
        let lengths = self.longest(&asked)?.into_iter().zip(questions);
        let contexts: Vec<&[u32]> = lengths
            .map(|(len, q)| &q.context[q.context.len() - len.saturating_sub(1)..])
            .collect();
        let known = self.behind(&contexts)?;
        let mut unknown: Vec<Vec<u32>> = Vec::new();
        for ((q, context), known) in questions.iter().zip(&contexts).zip(&known) {
            if known.next.is_none() {
                let tokens = [q.token].into_iter().chain(q.candidates.iter().copied());
                unknown.extend(tokens.map(|token| [context, &[token][..]].concat()));
            }
        }
        let asked: Vec<&[u32]> = unknown.iter().map(Vec::as_slice).collect();
        let mut counted = self.found(&asked)?.into_iter().map(|f| f.occurrences);
        let basis = self.basis();
        let answers = questions
            .iter()
            .zip(contexts)
            .zip(known)
            .map(|((q, context), known)| {
                let mut count = |token: u32| match &known.next {
                    Some(next) => next.iter().find(|n| n.0 == token).map_or(0, |n| n.1),
                    None => counted.next().unwrap_or_default(),
                };
                let longest = LongestContext {
                    len: context.len(),
                    context_count: known.count,
                    joint_count: count(q.token),
                };
                let candidates = q.candidates.iter().map(|&c| count(c)).collect();
                let value = LocalCounts {
                    longest,
                    candidates,
                };
                Answered { value, basis }
            });
        Ok(answers.collect())
    }

    fn cooccurs_tokens(
        &self,
        pairs: &[(&[u32], &[u32])],
        how: Cooccur,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        let some = pairs.iter().all(|(a, b)| !a.is_empty() && !b.is_empty());
        if how != Cooccur::Document || !some {
            return Err(self.nothing_together());
        }
        let clauses = |&(a, b): &(&[u32], &[u32])| (Clause::ngram(a), Clause::ngram(b));
        self.both(&pairs.iter().map(clauses).collect::<Vec<_>>())
    }
}

impl WordCounts for OpenSearch {
    fn word_counts(&self, words: &[String]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let clauses: Vec<Clause> = words.iter().map(|w| Clause::word(w)).collect();
        Ok(self.answered(self.count(&clauses)?))
    }

    fn word_document_counts(&self, words: &[String]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let question = |w: &String| search::documents(&[Clause::word(w)]);
        let counts = self.documents_of(&words.iter().map(question).collect::<Vec<_>>())?;
        Ok(counts.into_iter().map(Answered::documents).collect())
    }

    /// Of `window:N` the documents in which the two words stand somewhere at most N words apart: not the pairs, which it cannot count.
    fn cooccurs(
        &self,
        pairs: &[(String, String)],
        how: Cooccur,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        let Cooccur::Window(apart) = how else {
            let clauses = |(a, b): &(String, String)| (Clause::word(a), Clause::word(b));
            return self.both(&pairs.iter().map(clauses).collect::<Vec<_>>());
        };
        let none = Answered::documents(0);
        if apart == 0 {
            return Ok(vec![none; pairs.len()]);
        }
        let question = |(a, b): &(String, String)| search::documents(&[Clause::near(a, b, apart)]);
        let counts = self.documents_of(&pairs.iter().map(question).collect::<Vec<_>>())?;
        Ok(counts.into_iter().map(Answered::documents).collect())
    }

    fn documents_with(
        &self,
        words: &[String],
        ngrams: &[&[u32]],
    ) -> Result<Vec<Answered<Vec<u64>>>, CorpusError> {
        let mut questions = Vec::with_capacity(words.len() * ngrams.len());
        for word in words {
            for ngram in ngrams {
                let mut clauses = vec![Clause::word(word)];
                clauses.extend((!ngram.is_empty()).then(|| Clause::ngram(ngram)));
                questions.push(search::documents(&clauses));
            }
        }
        let mut counts = self.documents_of(&questions)?.into_iter();
        let basis = Basis {
            counted: Counted::Documents,
            ..Basis::default()
        };
        let row = |_| Answered {
            value: counts.by_ref().take(ngrams.len()).collect(),
            basis,
        };
        Ok(words.iter().map(row).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_suffix_is_found_in_few_rounds() {
        for size in [0, 1, 2, 8, 9, 10, 100, 1000] {
            let whole: Vec<u32> = (0..size).collect();
            for longest in 0..=whole.len() {
                let mut suffix = Suffix::new(&whole);
                let mut rounds = 0;
                loop {
                    let lengths = suffix.next();
                    if lengths.is_empty() {
                        break;
                    }
                    assert!(lengths.len() <= STEPS, "{lengths:?}");
                    rounds += 1;
                    assert!(rounds < 12, "{size} {longest}");
                    for length in lengths {
                        suffix.learn(length, length <= longest);
                    }
                }
                assert_eq!(suffix.good, longest);
                assert_eq!(suffix.of(longest).len(), longest);
            }
        }
    }
}
