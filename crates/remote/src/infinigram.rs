//! An index behind infini-gram's API, asked by its own token ids.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rotescope_corpus::{
    About, AnswerPart, Answered, Basis, Continuations, CorpusError, CorpusInfo, LocalCounts,
    LocalQuestion, LongestContext, NgramCounts, Quality, SuffixMatch, longest_by_local_counts,
};
use rotescope_vocab::Encode;
use sha2::{Digest, Sha256};

use crate::asker::Asker;
use crate::error::RemoteError;
use crate::parallel;
use crate::protocol::{self, Count, Distribution, most};

/// An index behind infini-gram's API. Its n-grams are token ids of its own tokenizer.
///
/// Counts of n-grams are exact. Where the API gives a distribution of next tokens from a sample, the tokens that are asked about are counted one
/// by one. Contexts are looked at up to [`most::TOKENS`] tokens back, the most that the API takes.
pub struct InfiniGram {
    pub(crate) asker: Arc<Asker>,
    pub(crate) tokenizer: Tokenizer,
    /// The n-grams that documents were found by, by their numbers.
    found_by: Mutex<HashMap<u64, Vec<u32>>>,
    /// Tokens of the corpus and its documents' ends: the count of the empty n-gram.
    total: OnceLock<u64>,
}

/// The tokenizer of an index.
#[derive(Clone)]
pub struct Tokenizer {
    pub encode: Arc<dyn Encode>,
    /// For people: where it comes from.
    pub name: String,
    /// The token that stands for the end of a document in distributions, where it is known.
    pub end: Option<u32>,
}

/// Documents whose n-grams are remembered.
const REMEMBERED: usize = 10_000;

/// An approximate count of clauses.
pub(crate) const SAMPLED: Basis = Basis {
    quality: Quality::Approximate {
        from: most::CLAUSE,
        of: AnswerPart::Samples,
    },
    ..EXACT
};
pub(crate) const EXACT: Basis = Basis {
    quality: Quality::Exact,
    counted: rotescope_corpus::Counted::Occurrences,
    retokenized: false,
};

impl InfiniGram {
    /// An index that was asked how large it is.
    ///
    /// # Errors
    /// When it does not answer, or there is no such index.
    pub fn open(asker: Arc<Asker>, tokenizer: Tokenizer) -> Result<InfiniGram, CorpusError> {
        let index = InfiniGram {
            asker,
            tokenizer,
            found_by: Mutex::default(),
            total: OnceLock::new(),
        };
        let total = index.count_of(&[]).map_err(|e| index.error(e))?.count;
        let _ = index.total.set(total);
        Ok(index)
    }

    /// Remembers which n-gram a document was found by: it is asked for by it again.
    pub(crate) fn keep(&self, document: u64, ngram: &[u32]) {
        let mut found_by = self.found_by();
        if found_by.len() >= REMEMBERED {
            found_by.clear();
        }
        found_by.insert(document, ngram.to_vec());
    }

    pub(crate) fn kept(&self, document: u64) -> Option<Vec<u32>> {
        self.found_by().get(&document).cloned()
    }

    fn found_by(&self) -> MutexGuard<'_, HashMap<u64, Vec<u32>>> {
        self.found_by.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Questions under way at a time.
    pub fn at_a_time(&self) -> usize {
        self.asker.limits().at_a_time
    }

    pub(crate) fn error(&self, error: RemoteError) -> CorpusError {
        CorpusError::Remote {
            corpus: self.asker.address().to_string(),
            error: Box::new(error),
        }
    }

    /// Answers to many questions at a time, in their order.
    pub(crate) fn all<T: Sync, R: Send>(
        &self,
        questions: &[T],
        ask: impl Fn(&T) -> Result<R, RemoteError> + Sync,
    ) -> Result<Vec<R>, CorpusError> {
        let answers = parallel::map(questions, self.at_a_time(), ask);
        answers.map_err(|e| self.error(e))
    }

    pub(crate) fn count_of(&self, ngram: &[u32]) -> Result<Count, RemoteError> {
        // Longer ones than it takes would be refused; they can only be rarer than their ends, which may say it all.
        if ngram.len() > most::TOKENS {
            let end = self.count_of(&ngram[ngram.len() - most::TOKENS..])?;
            if end.count == 0 {
                return Ok(end);
            }
        }
        self.asker.ask(protocol::count(ngram), protocol::read_count)
    }

    fn next_of(&self, context: &[u32]) -> Result<Distribution, RemoteError> {
        let read = |answer: &_| protocol::read_next(answer, context.len());
        self.asker.ask(protocol::next(context), read)
    }

    /// The longest suffix that occurs, and what follows it.
    pub(crate) fn longest_next(&self, context: &[u32]) -> Result<Distribution, RemoteError> {
        let context = tail(context, most::TOKENS);
        let read = |answer: &_| protocol::read_longest_next(answer, context.len());
        self.asker.ask(protocol::longest_next(context), read)
    }

    /// How often each token follows a context, which occurs `found.count` times, where `found` is what is known of what follows.
    fn following(
        &self,
        context: &[u32],
        candidates: &[u32],
        found: &Distribution,
    ) -> Result<Vec<u64>, RemoteError> {
        let behind = |&token: &u32| {
            // The end of a document is no token, but has the number of one.
            let is_sure = !found.approx && self.tokenizer.end != Some(token);
            if is_sure || found.count == 0 {
                return Ok(found.of(token));
            }
            Ok(self.count_of(&[context, &[token]].concat())?.count)
        };
        parallel::map(candidates, self.at_a_time(), behind)
    }

    /// How often each token follows a context.
    fn candidates_of(&self, context: &[u32], candidates: &[u32]) -> Result<Vec<u64>, RemoteError> {
        // What follows anything at all comes from a sample anyhow.
        if context.is_empty() || context.len() > most::TOKENS {
            let one = |&token: &u32| Ok(self.count_of(&[context, &[token]].concat())?.count);
            return parallel::map(candidates, self.at_a_time(), one);
        }
        let found = self.next_of(context)?;
        self.following(context, candidates, &found)
    }

    /// A question of the local score in one call where the token follows the longest suffix of its context; else in three, of which one is the
    /// first call of the next token.
    fn local(&self, q: &LocalQuestion) -> Result<LocalCounts, RemoteError> {
        let context = tail(q.context, most::TOKENS - 1);
        let found = self.longest_next(context)?;
        let suffix = tail(context, found.suffix);
        let follows = found.of(q.token);
        if !found.approx && follows > 0 && self.tokenizer.end != Some(q.token) {
            return Ok(LocalCounts {
                longest: LongestContext {
                    len: found.suffix,
                    context_count: found.count,
                    joint_count: follows,
                },
                candidates: self.following(suffix, q.candidates, &found)?,
            });
        }
        let joint = self.longest_next(&[context, &[q.token]].concat())?;
        let len = joint.suffix.saturating_sub(1);
        let joint_count = if joint.suffix == 0 { 0 } else { joint.count };
        let (context_count, candidates) = match len {
            0 => (self.total()?, self.candidates_of(&[], q.candidates)?),
            len if len == found.suffix => {
                (found.count, self.following(suffix, q.candidates, &found)?)
            }
            len => {
                let suffix = tail(context, len);
                let next = self.next_of(suffix)?;
                (next.count, self.following(suffix, q.candidates, &next)?)
            }
        };
        Ok(LocalCounts {
            longest: LongestContext {
                len,
                context_count,
                joint_count,
            },
            candidates,
        })
    }

    fn total(&self) -> Result<u64, RemoteError> {
        match self.total.get() {
            Some(&total) => Ok(total),
            None => Ok(self.count_of(&[])?.count),
        }
    }
}

/// The last of some tokens.
pub(crate) fn tail(tokens: &[u32], most: usize) -> &[u32] {
    &tokens[tokens.len().saturating_sub(most)..]
}

impl About for InfiniGram {
    fn info(&self) -> CorpusInfo {
        let address = self.asker.address();
        let total = self.total.get().copied().unwrap_or(0);
        let known = format!("{address}\n{total}");
        let fingerprint = Sha256::digest(known.as_bytes());
        CorpusInfo {
            name: address.index.clone(),
            place: address.to_string(),
            documents: None,
            // With the ends of documents, whose number it does not tell.
            tokens: total,
            words: None,
            bytes: None,
            fingerprint: fingerprint.iter().map(|b| format!("{b:02x}")).collect(),
            tokenizer: self.tokenizer.encode.fingerprint().to_string(),
            tokenizer_name: self.tokenizer.name.clone(),
            basis: EXACT,
            cooccurrence: SAMPLED,
            is_remote: true,
        }
    }
}

impl NgramCounts for InfiniGram {
    fn looks_back(&self) -> Option<usize> {
        Some(most::TOKENS - 1)
    }

    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let counts = self.all(ngrams, |n| self.count_of(n))?;
        Ok(counts
            .into_iter()
            .map(|c| Answered::occurrences(c.count))
            .collect())
    }

    fn continuations(
        &self,
        contexts: &[&[u32]],
    ) -> Result<Vec<Answered<Continuations>>, CorpusError> {
        let found = self.all(contexts, |c| self.next_of(c))?;
        Ok(found.into_iter().map(|d| self.continued(d)).collect())
    }

    fn candidate_counts(
        &self,
        questions: &[(&[u32], &[u32])],
    ) -> Result<Vec<Answered<Vec<u64>>>, CorpusError> {
        let counts = self.all(questions, |(context, candidates)| {
            self.candidates_of(context, candidates)
        })?;
        Ok(counts.into_iter().map(Answered::occurrences).collect())
    }

    fn longest_suffixes(
        &self,
        contexts: &[&[u32]],
    ) -> Result<Vec<Answered<SuffixMatch>>, CorpusError> {
        let found = self.all(contexts, |c| self.longest_next(c))?;
        let suffix = |d: Distribution| {
            Answered::occurrences(SuffixMatch {
                len: d.suffix,
                count: d.count,
            })
        };
        Ok(found.into_iter().map(suffix).collect())
    }

    fn longest_contexts(
        &self,
        questions: &[(&[u32], u32)],
    ) -> Result<Vec<Answered<LongestContext>>, CorpusError> {
        longest_by_local_counts(self, questions)
    }

    fn local_counts(
        &self,
        questions: &[LocalQuestion],
    ) -> Result<Vec<Answered<LocalCounts>>, CorpusError> {
        let found = self.all(questions, |q| self.local(q))?;
        Ok(found.into_iter().map(Answered::occurrences).collect())
    }

    fn cnf_counts(
        &self,
        pairs: &[(&[u32], &[u32])],
        max_diff_tokens: u64,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        let apart = u32::try_from(max_diff_tokens).unwrap_or(u32::MAX);
        self.together(pairs, apart)
    }
}

impl InfiniGram {
    /// Counts of two n-grams within so many tokens, as infini-gram counts them: of the rarer one's occurrences those with the other near.
    pub(crate) fn together<N: AsRef<[u32]> + Sync>(
        &self,
        pairs: &[(N, N)],
        apart: u32,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        let counts = self.all(pairs, |(a, b)| {
            let question = protocol::count_together(a.as_ref(), b.as_ref(), apart);
            self.asker.ask(question, protocol::read_count)
        })?;
        let answer = |c: Count| Answered {
            value: c.count,
            basis: if c.approx { SAMPLED } else { EXACT },
        };
        Ok(counts.into_iter().map(answer).collect())
    }

    fn continued(&self, found: Distribution) -> Answered<Continuations> {
        let basis = match found.approx {
            false => EXACT,
            true => Basis {
                quality: Quality::Approximate {
                    from: most::SUPPORT,
                    of: AnswerPart::Samples,
                },
                ..EXACT
            },
        };
        let is_end = |id: u32| self.tokenizer.end == Some(id);
        let ends = found.next.iter().filter(|n| is_end(n.0)).map(|n| n.1).sum();
        let mut tokens = found.next;
        tokens.retain(|n| !is_end(n.0));
        tokens.sort_by_key(|&(id, count)| (std::cmp::Reverse(count), id));
        Answered {
            value: Continuations { tokens, ends },
            basis,
        }
    }
}
