//! What can be asked of any corpus. [`crate::adding`] says how to add one.
//!
//! N-grams and contexts are token ids; what a word is, [`crate::words`] says. Documents are numbered from 0 in the order of the corpus.
//!
//! Questions come in batches, so that a corpus behind a network can answer many at a time. A batch is answered whole, one [`Answered`] for each
//! question and in the order of the questions, or it is an error. The single forms are for convenience.
//!
//! Whatever a corpus cannot answer is [`CorpusError::Unsupported`], which names the corpus: that is what every default here says that cannot
//! be worked out from [`NgramCounts::counts`] or from a batch.

use crate::answer::{Answered, Basis};
use crate::context::{Continuations, LocalCounts, LocalQuestion, LongestContext, SuffixMatch};
use crate::cooccur::Cooccur;
use crate::document::{Document, Occurrences};
use crate::error::CorpusError;
use crate::info::CorpusInfo;
use crate::longest::longest;

/// What every corpus says of itself.
pub trait About: Send + Sync {
    /// Sizes, fingerprints, and what the answers rest on.
    fn info(&self) -> CorpusInfo;

    /// The corpora that it is made of, where it is several asked as one.
    fn parts(&self) -> Vec<CorpusInfo> {
        Vec::new()
    }
}

/// A corpus that answers all kinds of questions.
pub trait Corpus: Counts + Documents {}

impl<T: Counts + Documents + ?Sized> Corpus for T {}

/// A corpus that counts n-grams and words.
pub trait Counts: NgramCounts + WordCounts {}

impl<T: NgramCounts + WordCounts + ?Sized> Counts for T {}

/// [`NgramCounts::longest_contexts`] of a corpus that finds them with its [`NgramCounts::local_counts`].
///
/// # Errors
/// Those of the corpus.
pub fn longest_by_local_counts(
    corpus: &dyn NgramCounts,
    questions: &[(&[u32], u32)],
) -> Result<Vec<Answered<LongestContext>>, CorpusError> {
    let one = |&(context, token)| LocalQuestion {
        context,
        token,
        candidates: &[],
    };
    let questions: Vec<LocalQuestion> = questions.iter().map(one).collect();
    let found = corpus.local_counts(&questions)?;
    Ok(found.into_iter().map(|a| a.map(|l| l.longest)).collect())
}

/// How often n-grams of token ids occur, and what follows them.
pub trait NgramCounts: About {
    /// How many tokens of a context it looks at, the last ones, where that is bounded.
    fn looks_back(&self) -> Option<usize> {
        None
    }

    /// How often each n-gram occurs. The empty n-gram occurs before each token and at each document's end.
    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let _ = ngrams;
        unsupported(self, "how often n-grams of tokens occur")
    }

    /// How many documents hold each n-gram. All hold the empty one.
    fn document_counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let _ = ngrams;
        unsupported(self, "how many documents hold an n-gram of tokens")
    }

    /// Every token that follows each context somewhere, with its counts.
    fn continuations(
        &self,
        contexts: &[&[u32]],
    ) -> Result<Vec<Answered<Continuations>>, CorpusError> {
        let _ = contexts;
        unsupported(self, "which tokens follow a context")
    }

    /// How often each candidate follows a context: questions are a context and its candidates.
    fn candidate_counts(
        &self,
        questions: &[(&[u32], &[u32])],
    ) -> Result<Vec<Answered<Vec<u64>>>, CorpusError> {
        let ngrams: Vec<Vec<u32>> = questions
            .iter()
            .flat_map(|&(context, candidates)| candidates.iter().map(move |&c| behind(context, c)))
            .collect();
        let ngrams: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
        let mut counts = whole(self, ngrams.len(), self.counts(&ngrams)?)?.into_iter();
        let of_one =
            |&(_, candidates): &(&[u32], &[u32])| counts.by_ref().take(candidates.len()).collect();
        Ok(questions.iter().map(of_one).collect())
    }

    /// The longest suffix of each context that occurs.
    fn longest_suffixes(
        &self,
        contexts: &[&[u32]],
    ) -> Result<Vec<Answered<SuffixMatch>>, CorpusError> {
        let one = |context: &&[u32]| {
            let suffix = |len: usize| &context[context.len() - len..];
            let mut basis = Basis::default();
            let len = longest(context.len(), |len| {
                let found = self.count(suffix(len))?;
                basis = basis.and(found.basis);
                Ok::<_, CorpusError>(found.value > 0)
            })?;
            let count = self.count(suffix(len))?;
            let basis = basis.and(count.basis);
            let value = SuffixMatch {
                len,
                count: count.value,
            };
            Ok(Answered { value, basis })
        };
        contexts.iter().map(one).collect()
    }

    /// The longest suffix `w` of each context such that `w` followed by the token occurs: questions are a context and a token.
    fn longest_contexts(
        &self,
        questions: &[(&[u32], u32)],
    ) -> Result<Vec<Answered<LongestContext>>, CorpusError> {
        let one = |&(context, token): &(&[u32], u32)| {
            let joint = behind(context, token);
            let mut basis = Basis::default();
            let len = longest(context.len(), |len| {
                let found = self.count(&joint[context.len() - len..])?;
                basis = basis.and(found.basis);
                Ok::<_, CorpusError>(found.value > 0)
            })?;
            let start = context.len() - len;
            let context_count = self.count(&context[start..])?;
            let joint_count = self.count(&joint[start..])?;
            let value = LongestContext {
                len,
                context_count: context_count.value,
                joint_count: joint_count.value,
            };
            let basis = basis.and(context_count.basis).and(joint_count.basis);
            Ok(Answered { value, basis })
        };
        questions.iter().map(one).collect()
    }

    /// For each question the longest context of its token, and how often each of its candidates follows that same context: all that STIM's
    /// local score needs.
    fn local_counts(
        &self,
        questions: &[LocalQuestion],
    ) -> Result<Vec<Answered<LocalCounts>>, CorpusError> {
        let asked: Vec<_> = questions.iter().map(|q| (q.context, q.token)).collect();
        let longest = whole(self, asked.len(), self.longest_contexts(&asked)?)?;
        let asked: Vec<_> = questions
            .iter()
            .zip(&longest)
            .map(|(q, w)| (&q.context[q.context.len() - w.value.len..], q.candidates))
            .collect();
        let candidates = whole(self, asked.len(), self.candidate_counts(&asked)?)?;
        let both = longest.into_iter().zip(candidates);
        Ok(both
            .map(|(w, c)| Answered {
                value: LocalCounts {
                    longest: w.value,
                    candidates: c.value,
                },
                basis: w.basis.and(c.basis),
            })
            .collect())
    }

    /// How often each pair of n-grams occurs together; distances are counted in tokens, from start to start.
    fn cooccurs_tokens(
        &self,
        pairs: &[(&[u32], &[u32])],
        how: Cooccur,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        let _ = (pairs, how);
        unsupported(self, "how often two n-grams of tokens occur together")
    }

    /// infini-gram's count of `a AND b` without its subsampling, its undercount at the borders of documents included: see
    /// [`crate::ngrams::NgramIndex::cnf_count`].
    fn cnf_counts(
        &self,
        pairs: &[(&[u32], &[u32])],
        max_diff_tokens: u64,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        let _ = (pairs, max_diff_tokens);
        unsupported(self, "infini-gram's counts of two n-grams")
    }

    /// How often an n-gram occurs.
    fn count(&self, ngram: &[u32]) -> Result<Answered<u64>, CorpusError> {
        only(self, self.counts(&[ngram])?)
    }

    /// What follows a context.
    fn next(&self, context: &[u32]) -> Result<Answered<Continuations>, CorpusError> {
        only(self, self.continuations(&[context])?)
    }
}

/// How often words occur, alone, together, and with n-grams of token ids.
pub trait WordCounts: About {
    /// How often each word occurs.
    fn word_counts(&self, words: &[String]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let _ = words;
        unsupported(self, "how often words occur")
    }

    /// How many documents hold each word.
    fn word_document_counts(&self, words: &[String]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let _ = words;
        unsupported(self, "how many documents hold a word")
    }

    /// How often each pair of words occurs together; distances are counted in words.
    fn cooccurs(
        &self,
        pairs: &[(String, String)],
        how: Cooccur,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        let _ = (pairs, how);
        unsupported(self, "how often two words occur together")
    }

    /// In how many documents each word stands together with each n-gram of token ids: one answer for each word, in it one number for each
    /// n-gram. The words of a text and its tokens need not have the same borders. The empty n-gram stands in every document.
    fn documents_with(
        &self,
        words: &[String],
        ngrams: &[&[u32]],
    ) -> Result<Vec<Answered<Vec<u64>>>, CorpusError> {
        let _ = (words, ngrams);
        unsupported(
            self,
            "how many documents hold a word and an n-gram of tokens",
        )
    }

    /// How often a word occurs.
    fn word_count(&self, word: &str) -> Result<Answered<u64>, CorpusError> {
        only(self, self.word_counts(&[word.to_string()])?)
    }

    /// How often two words occur together.
    fn cooccur(&self, a: &str, b: &str, how: Cooccur) -> Result<Answered<u64>, CorpusError> {
        only(self, self.cooccurs(&[(a.to_string(), b.to_string())], how)?)
    }
}

/// The documents themselves, and where in them n-grams occur.
pub trait Documents: About {
    /// Occurrences of each n-gram: `limit` of them from the `offset`th on, each document's first before any second.
    fn occurrences(
        &self,
        ngrams: &[&[u32]],
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Answered<Occurrences>>, CorpusError> {
        let _ = (ngrams, limit, offset);
        unsupported(self, "where an n-gram of tokens occurs")
    }

    /// Documents with all that is known of them. A number that none has is [`CorpusError::NoDocument`].
    fn documents(&self, ordinals: &[u64]) -> Result<Vec<Document>, CorpusError> {
        let _ = ordinals;
        unsupported(self, "the text of its documents")
    }

    /// The token ids of documents.
    fn document_tokens(&self, ordinals: &[u64]) -> Result<Vec<Vec<u32>>, CorpusError> {
        let documents = self.documents(ordinals)?;
        Ok(documents.into_iter().map(|d| d.tokens).collect())
    }

    /// The documents with any of these words that fit them best by BM25, with their scores, the best first; each word counts once.
    fn best_documents(
        &self,
        words: &[String],
        limit: usize,
    ) -> Result<Vec<(u64, f32)>, CorpusError> {
        let _ = (words, limit);
        unsupported(self, "which documents fit words best (BM25)")
    }

    /// Occurrences of one n-gram.
    fn occurrences_of(
        &self,
        ngram: &[u32],
        limit: usize,
        offset: usize,
    ) -> Result<Answered<Occurrences>, CorpusError> {
        only(self, self.occurrences(&[ngram], limit, offset)?)
    }

    /// One document.
    fn document(&self, ordinal: u64) -> Result<Document, CorpusError> {
        only(self, self.documents(&[ordinal])?)
    }
}

fn unsupported<T>(corpus: &(impl About + ?Sized), what: &'static str) -> Result<T, CorpusError> {
    let corpus = corpus.info().place;
    Err(CorpusError::Unsupported { corpus, what })
}

/// The answers, if there are as many as questions: fewer would be taken for other questions' answers.
pub(crate) fn whole<T>(
    corpus: &(impl About + ?Sized),
    asked: usize,
    answers: Vec<T>,
) -> Result<Vec<T>, CorpusError> {
    if answers.len() == asked {
        return Ok(answers);
    }
    Err(CorpusError::Unanswered {
        corpus: corpus.info().place,
        asked,
        answered: answers.len(),
    })
}

fn only<T>(corpus: &(impl About + ?Sized), mut answers: Vec<T>) -> Result<T, CorpusError> {
    let answered = answers.len();
    match answers.pop() {
        Some(answer) if answered == 1 => Ok(answer),
        _ => Err(CorpusError::Unanswered {
            corpus: corpus.info().place,
            asked: 1,
            answered,
        }),
    }
}

fn behind(context: &[u32], token: u32) -> Vec<u32> {
    [context, &[token]].concat()
}
