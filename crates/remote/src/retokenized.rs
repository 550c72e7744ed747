//! An index of another tokenizer than the model's: the text of what is asked about is cut anew.

use std::sync::Arc;

use rotescope_corpus::{
    About, Answered, Basis, Cooccur, CorpusError, CorpusInfo, Document, Documents, LocalCounts,
    LocalQuestion, LongestContext, NgramCounts, Occurrences, WordCounts, longest_by_local_counts,
};
use rotescope_vocab::Encode;

use crate::cut::{Cutter, Joined};
use crate::documents;
use crate::error::RemoteError;
use crate::infinigram::{EXACT, InfiniGram, tail};

/// Tokens of the model before a token that are looked at. Some tokenizers make more of them, of which the last are asked about.
const LOOKED_AT: usize = 499;

/// An index asked by the token ids of a model that cuts text otherwise than it. Every answer is marked `retokenized`.
///
/// A context and a candidate are cut together, as one text. So a candidate that makes one token with the end of its context is counted as that
/// token, and one of several tokens as all of them. The longest context is found in tokens of the index and given in whole tokens of the model.
pub struct Retokenized {
    index: InfiniGram,
    model: Arc<dyn Encode>,
}

impl Retokenized {
    pub fn new(index: InfiniGram, model: Arc<dyn Encode>) -> Retokenized {
        Retokenized { index, model }
    }

    pub fn index(&self) -> &InfiniGram {
        &self.index
    }

    fn cutter(&self) -> Cutter<'_> {
        Cutter {
            index: self.index.tokenizer.encode.as_ref(),
            model: self.model.as_ref(),
        }
    }

    fn no_text(&self) -> CorpusError {
        CorpusError::Unsupported {
            corpus: self.info().place,
            what: "how often a token occurs that is no text, such as a part of a character",
        }
    }

    /// An n-gram of the model as one of the index.
    fn own(&self, ngram: &[u32]) -> Result<Vec<u32>, CorpusError> {
        let cut = self.cutter().alone(ngram).map_err(|e| self.vocab(&e))?;
        cut.ok_or_else(|| self.no_text())
    }

    fn vocab(&self, error: &rotescope_vocab::VocabError) -> CorpusError {
        self.index.error(RemoteError::Malformed {
            why: error.to_string(),
        })
    }

    fn local(&self, q: &LocalQuestion) -> Result<LocalCounts, CorpusError> {
        let cutter = self.cutter();
        let context = tail(q.context, LOOKED_AT);
        let cut = cutter.context(context, context.len() < q.context.len());
        let cut = cut.map_err(|e| self.vocab(&e))?;
        let joined = |id: u32| cutter.join(&cut, id).map_err(|e| self.vocab(&e));
        let Some(token) = joined(q.token)? else {
            return Err(self.no_text());
        };
        let candidates: Vec<Option<Joined>> = q
            .candidates
            .iter()
            .map(|&id| joined(id))
            .collect::<Result<_, _>>()?;

        // Where neither token nor candidate changes what is before it, and each is one token of the index, it is asked as if it were its own.
        let single = |j: &Joined| j.single(&cut);
        let (longest, from, known) = if let Some(id) = single(&token) {
            let ids: Vec<u32> = candidates.iter().flatten().filter_map(single).collect();
            let question = LocalQuestion {
                context: &cut.ids,
                token: id,
                candidates: &ids,
            };
            let found = self.index.local_counts(&[question])?;
            let Some(found) = found.into_iter().next().map(|a| a.value) else {
                return Err(self.no_text());
            };
            let from = cut.ids.len() - found.longest.len;
            let byte = cut.start_of(from);
            (
                found.longest,
                byte,
                ids.into_iter().zip(found.candidates).collect(),
            )
        } else {
            let (longest, byte) = self.longest(&token, &cut)?;
            (longest, byte, Vec::new())
        };
        let known: Vec<(u32, u64)> = known;
        let ask = |candidate: &Option<Joined>| -> Result<u64, RemoteError> {
            let Some(joined) = candidate else {
                return Ok(0);
            };
            let counted = joined.single(&cut);
            if let Some(&(_, count)) = known.iter().find(|k| Some(k.0) == counted) {
                return Ok(count);
            }
            Ok(self.index.count_of(joined.from(from))?.count)
        };
        let counts = self.index.all(&candidates, ask)?;
        Ok(LocalCounts {
            longest: LongestContext {
                len: cutter.whole_tokens(context, cut.bytes_from(from)),
                ..longest
            },
            candidates: counts,
        })
    }

    /// The longest context of a token that is not one token of the index behind its context; and the byte where it begins. Its length is still
    /// to be filled.
    fn longest(
        &self,
        token: &Joined,
        cut: &crate::cut::Context,
    ) -> Result<(LongestContext, usize), CorpusError> {
        let found = self.index.longest_next(&token.ids);
        let found = found.map_err(|e| self.index.error(e))?;
        let own = token.ids.len() - token.first_own(cut.bytes());
        let is_seen = found.suffix >= own;
        let from = match is_seen {
            true => token
                .start_of(token.ids.len() - found.suffix)
                .min(cut.bytes()),
            false => cut.bytes(),
        };
        let before = cut.from(from);
        let context_count = self
            .index
            .count_of(before)
            .map_err(|e| self.index.error(e))?;
        let longest = LongestContext {
            len: 0,
            context_count: context_count.count,
            joint_count: if is_seen { found.count } else { 0 },
        };
        Ok((longest, from))
    }
}

/// The same answer, marked.
fn marked<T>(answer: Answered<T>) -> Answered<T> {
    Answered {
        value: answer.value,
        basis: mark(answer.basis),
    }
}

fn mark(basis: Basis) -> Basis {
    Basis {
        retokenized: true,
        ..basis
    }
}

impl About for Retokenized {
    fn info(&self) -> CorpusInfo {
        let info = self.index.info();
        CorpusInfo {
            basis: mark(info.basis),
            cooccurrence: mark(info.cooccurrence),
            // It answers for the ids of the model.
            tokenizer: self.model.fingerprint().to_string(),
            ..info
        }
    }
}

impl NgramCounts for Retokenized {
    fn looks_back(&self) -> Option<usize> {
        Some(LOOKED_AT)
    }

    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        let own = ngrams.iter().map(|n| self.own(n));
        let own: Vec<Vec<u32>> = own.collect::<Result<_, _>>()?;
        let own: Vec<&[u32]> = own.iter().map(Vec::as_slice).collect();
        Ok(self.index.counts(&own)?.into_iter().map(marked).collect())
    }

    /// Each context and its candidates as one text.
    fn candidate_counts(
        &self,
        questions: &[(&[u32], &[u32])],
    ) -> Result<Vec<Answered<Vec<u64>>>, CorpusError> {
        let one = |&(context, candidates): &(&[u32], &[u32])| {
            let ngrams = candidates.iter().map(|&c| [context, &[c]].concat());
            let counts = ngrams.map(|n| match self.cutter().alone(&n) {
                Ok(Some(own)) => self.index.count_of(&own).map(|c| c.count),
                Ok(None) => Ok(0),
                Err(e) => Err(RemoteError::Malformed { why: e.to_string() }),
            });
            let counts: Result<Vec<u64>, RemoteError> = counts.collect();
            Ok(Answered {
                value: counts.map_err(|e| self.index.error(e))?,
                basis: mark(EXACT),
            })
        };
        questions.iter().map(one).collect()
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
        let found = crate::parallel::map(questions, self.index.at_a_time(), |q| self.local(q))?;
        Ok(found
            .into_iter()
            .map(|value| marked(Answered::occurrences(value)))
            .collect())
    }
}

impl WordCounts for Retokenized {
    fn cooccurs(
        &self,
        pairs: &[(String, String)],
        how: Cooccur,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        // Words are words in every vocabulary.
        self.index.cooccurs(pairs, how)
    }
}

impl Documents for Retokenized {
    fn occurrences(
        &self,
        ngrams: &[&[u32]],
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Answered<Occurrences>>, CorpusError> {
        let own = ngrams.iter().map(|n| self.own(n));
        let own: Vec<Vec<u32>> = own.collect::<Result<_, _>>()?;
        let own: Vec<&[u32]> = own.iter().map(Vec::as_slice).collect();
        let found = documents::occurrences(&self.index, &own, limit, offset, self.model.as_ref())?;
        Ok(found.into_iter().map(marked).collect())
    }

    fn documents(&self, ordinals: &[u64]) -> Result<Vec<Document>, CorpusError> {
        documents::documents(&self.index, ordinals, self.model.as_ref())
    }
}
