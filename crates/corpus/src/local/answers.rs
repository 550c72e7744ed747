//! What an index folder answers: everything, exactly.

use std::collections::HashMap;

use rayon::prelude::*;

use super::index::LocalIndex;
use crate::answer::{AnswerPart, Answered, Basis, Quality};
use crate::context::{Continuations, LongestContext, SuffixMatch};
use crate::cooccur::Cooccur;
use crate::document::{Document, Occurrences};
use crate::error::CorpusError;
use crate::info::CorpusInfo;
use crate::sets::common_of_each;
use crate::traits::{About, Documents, NgramCounts, WordCounts};

/// Places that are looked at to list some; of n-grams that occur more often an even sample stands for all.
const MOST_PLACES: usize = 1_000_000;

fn occurrences<T>(counts: impl IntoIterator<Item = T>) -> Vec<Answered<T>> {
    counts.into_iter().map(Answered::occurrences).collect()
}

fn documents<T>(counts: impl IntoIterator<Item = T>) -> Vec<Answered<T>> {
    counts.into_iter().map(Answered::documents).collect()
}

/// Counts of pairs, which are of documents or of pairs of occurrences.
fn together(counts: Vec<u64>, how: Cooccur) -> Vec<Answered<u64>> {
    match how {
        Cooccur::Document => documents(counts),
        Cooccur::Window(_) => occurrences(counts),
    }
}

impl About for LocalIndex {
    fn info(&self) -> CorpusInfo {
        let m = self.manifest();
        let folder = self.folder();
        let name = folder.file_name().unwrap_or(folder.as_os_str());
        CorpusInfo {
            name: name.to_string_lossy().into_owned(),
            place: folder.display().to_string(),
            documents: Some(m.documents),
            tokens: m.tokens,
            words: Some(m.words),
            bytes: Some(m.bytes),
            fingerprint: m.stream_sha256.clone(),
            tokenizer: m.tokenizer.fingerprint.clone(),
            tokenizer_name: m.tokenizer.description.clone(),
            basis: Basis::default(),
            cooccurrence: Basis::default(),
            is_remote: false,
        }
    }
}

/// The answers to some questions, one after the other.
fn each<Q, T>(
    questions: &[Q],
    of_one: impl Fn(&Q) -> Result<T, CorpusError>,
) -> Result<Vec<T>, CorpusError> {
    questions.iter().map(of_one).collect()
}

impl NgramCounts for LocalIndex {
    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        Ok(occurrences(each(ngrams, |n| self.ngrams().count(n))?))
    }

    fn document_counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let of_one = |n: &&[u32]| Ok(self.documents_of_ngram(n)?.len());
        Ok(documents(each(ngrams, of_one)?))
    }

    fn continuations(
        &self,
        contexts: &[&[u32]],
    ) -> Result<Vec<Answered<Continuations>>, CorpusError> {
        Ok(occurrences(each(contexts, |c| self.ngrams().next(c))?))
    }

    fn candidate_counts(
        &self,
        questions: &[(&[u32], &[u32])],
    ) -> Result<Vec<Answered<Vec<u64>>>, CorpusError> {
        let of_one = |&(context, candidates): &(&[u32], &[u32])| {
            self.ngrams().candidate_counts(context, candidates)
        };
        Ok(occurrences(each(questions, of_one)?))
    }

    fn longest_suffixes(
        &self,
        contexts: &[&[u32]],
    ) -> Result<Vec<Answered<SuffixMatch>>, CorpusError> {
        let of_one = |c: &&[u32]| self.ngrams().longest_suffix(c);
        Ok(occurrences(each(contexts, of_one)?))
    }

    fn longest_contexts(
        &self,
        questions: &[(&[u32], u32)],
    ) -> Result<Vec<Answered<LongestContext>>, CorpusError> {
        let of_one =
            |&(context, token): &(&[u32], u32)| self.ngrams().longest_context_of(context, token);
        Ok(occurrences(each(questions, of_one)?))
    }

    fn cooccurs_tokens(
        &self,
        pairs: &[(&[u32], &[u32])],
        how: Cooccur,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        if let Cooccur::Window(_) = how {
            return Ok(together(self.ngram_pairs(pairs, how)?, how));
        }
        // Sets of documents are kept, so that a pair costs the size of an intersection.
        let of_one = |&(a, b): &(&[u32], &[u32])| {
            if a == b || a.is_empty() || b.is_empty() {
                return Ok(self.ngram_pairs(&[(a, b)], how)?[0]);
            }
            Ok(self
                .documents_of_ngram(a)?
                .common(&*self.documents_of_ngram(b)?))
        };
        Ok(together(each(pairs, of_one)?, how))
    }

    fn cnf_counts(
        &self,
        pairs: &[(&[u32], &[u32])],
        max_diff_tokens: u64,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        let of_one = |&(a, b): &(&[u32], &[u32])| self.ngrams().cnf_count(a, b, max_diff_tokens);
        Ok(occurrences(each(pairs, of_one)?))
    }
}

impl WordCounts for LocalIndex {
    fn word_counts(&self, words: &[String]) -> Result<Vec<Answered<u64>>, CorpusError> {
        Ok(occurrences(self.documents.word_counts(words)?))
    }

    fn word_document_counts(&self, words: &[String]) -> Result<Vec<Answered<u64>>, CorpusError> {
        Ok(documents(self.documents.word_document_counts(words)?))
    }

    fn cooccurs(
        &self,
        pairs: &[(String, String)],
        how: Cooccur,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        let counts = match how {
            Cooccur::Window(n) => self.window_pairs(pairs, n)?,
            Cooccur::Document => self.documents_with_pairs(pairs)?,
        };
        Ok(together(counts, how))
    }

    fn documents_with(
        &self,
        words: &[String],
        ngrams: &[&[u32]],
    ) -> Result<Vec<Answered<Vec<u64>>>, CorpusError> {
        let sets = each(ngrams, |n| self.documents_of_ngram(n))?;
        words
            .iter()
            .map(|word| {
                let word = self.documents_of_word(word)?;
                let pairs: Vec<_> = sets.iter().map(|s| (s.clone(), word.clone())).collect();
                Ok(Answered::documents(common_of_each(&pairs)))
            })
            .collect()
    }
}

impl Documents for LocalIndex {
    fn occurrences(
        &self,
        ngrams: &[&[u32]],
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Answered<Occurrences>>, CorpusError> {
        let of_one = |n: &&[u32]| {
            let (found, sampled) = self.ngrams().occurrences(n, limit, offset, MOST_PLACES)?;
            let mut answer = Answered::occurrences(found);
            if let Some(from) = sampled {
                let of = AnswerPart::Samples;
                answer.basis.quality = Quality::Approximate { from, of };
            }
            Ok(answer)
        };
        each(ngrams, of_one)
    }

    fn documents(&self, ordinals: &[u64]) -> Result<Vec<Document>, CorpusError> {
        let tokens = self.document_tokens(ordinals)?;
        let of_one = |(tokens, &ordinal)| self.whole_document(ordinal, tokens);
        tokens.into_iter().zip(ordinals).map(of_one).collect()
    }

    fn document_tokens(&self, ordinals: &[u64]) -> Result<Vec<Vec<u32>>, CorpusError> {
        let of_one = |&ordinal: &u64| {
            self.ngrams()
                .document_tokens(ordinal)?
                .ok_or(CorpusError::NoDocument {
                    ordinal,
                    documents: self.manifest().documents,
                })
        };
        ordinals.iter().map(of_one).collect()
    }

    fn best_documents(
        &self,
        words: &[String],
        limit: usize,
    ) -> Result<Vec<(u64, f32)>, CorpusError> {
        self.documents.best(words, limit)
    }
}

impl LocalIndex {
    fn documents_with_pairs(&self, pairs: &[(String, String)]) -> Result<Vec<u64>, CorpusError> {
        let mut words: Vec<&String> = pairs.iter().flat_map(|(a, b)| [a, b]).collect();
        words.sort_unstable();
        words.dedup();
        let sets = words.into_par_iter();
        let sets = sets.map(|word| Ok((word, self.places_of_word(word)?)));
        let sets = sets.collect::<Result<HashMap<_, _>, CorpusError>>()?;
        let sets = pairs
            .iter()
            .map(|(a, b)| (sets[a].clone(), sets[b].clone()));
        let mut counts = common_of_each(&sets.collect::<Vec<_>>());
        for ((a, b), count) in pairs.iter().zip(&mut counts) {
            if a == b {
                *count = self.documents_with_two(a)?;
            }
        }
        Ok(counts)
    }

    fn whole_document(&self, ordinal: u64, tokens: Vec<u32>) -> Result<Document, CorpusError> {
        let stored = self.documents.document(ordinal)?.ok_or_else(|| {
            CorpusError::damaged(
                self.folder(),
                format!("the text of document {ordinal} is missing"),
            )
        })?;
        let source = self.manifest().sources.get(stored.source as usize);
        Ok(Document {
            ordinal,
            id: stored.id,
            text: stored.text,
            meta: stored.meta,
            source: source.map(|s| s.path.clone()).unwrap_or_default(),
            line: stored.line,
            byte: stored.byte,
            tokens,
            corpus: None,
        })
    }
}
