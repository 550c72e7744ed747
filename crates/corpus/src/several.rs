//! Several corpora asked as one: their counts are summed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rotescope_vocab::hash::hex;
use sha2::{Digest, Sha256};

use crate::answer::{Answered, Basis};
use crate::context::{Continuations, LocalCounts, LocalQuestion, LongestContext, SuffixMatch};
use crate::cooccur::Cooccur;
use crate::document::{Document, Occurrence, Occurrences};
use crate::error::CorpusError;
use crate::info::CorpusInfo;
use crate::traits::{
    About, Corpus, Documents, NgramCounts, WordCounts, longest_by_local_counts, whole,
};

/// Several corpora asked as one. Every count is the sum of the parts' counts; an answer rests on what the worst of its parts rests on.
///
/// - The longest context of a token is the longest that any part holds; counts behind it are of that same context in every part.
/// - All parts count the same: a sum of occurrences and documents would be neither, so parts that do not are refused.
/// - Where a part looks at a bounded number of tokens before a token, all do: beyond it that part could not be summed.
/// - A document's number is its number in its part, times the number of parts, plus the number of its part.
pub struct Several {
    parts: Vec<Arc<dyn Corpus>>,
}

impl Several {
    /// One or more corpora as one.
    ///
    /// # Errors
    /// [`CorpusError::SameCorpus`], [`CorpusError::MixedUnits`], or [`CorpusError::OtherTokenizer`] where they hold ids of different tokenizers.
    pub fn new(parts: Vec<Arc<dyn Corpus>>) -> Result<Several, CorpusError> {
        let infos: Vec<CorpusInfo> = parts.iter().map(|p| p.info()).collect();
        for (i, info) in infos.iter().enumerate() {
            for earlier in &infos[..i] {
                if earlier.fingerprint == info.fingerprint {
                    return Err(CorpusError::SameCorpus {
                        one: earlier.place.clone(),
                        other: info.place.clone(),
                    });
                }
                together(
                    (&earlier.place, earlier.basis),
                    (&info.place, info.basis),
                    earlier.basis.counted != info.basis.counted,
                )?;
                info.expect_tokenizer(&earlier.tokenizer, &earlier.tokenizer_name)?;
            }
        }
        Ok(Several { parts })
    }

    pub fn parts(&self) -> &[Arc<dyn Corpus>] {
        &self.parts
    }

    /// The part that holds a document, and the document's number there.
    pub fn part_of(&self, document: u64) -> (usize, u64) {
        let parts = self.parts.len() as u64;
        ((document % parts) as usize, document / parts)
    }

    /// A document's number among those of all parts.
    fn number(&self, part: usize, own: u64) -> Result<u64, CorpusError> {
        let number = own.checked_mul(self.parts.len() as u64);
        let number = number.and_then(|n| n.checked_add(part as u64));
        number.ok_or_else(|| CorpusError::Unsupported {
            corpus: self.parts[part].info().place,
            what: "its documents beside those of so many other corpora: their numbers are too large",
        })
    }

    /// The answers of each part to the same questions, so many. Parts behind a network are asked at the same time.
    fn each<T: Send>(
        &self,
        asked: usize,
        ask: impl Fn(&dyn Corpus) -> Result<Vec<T>, CorpusError> + Sync,
    ) -> Result<Vec<Vec<T>>, CorpusError> {
        let one = |part: &Arc<dyn Corpus>| whole(part.as_ref(), asked, ask(part.as_ref())?);
        let remote = self.parts.iter().filter(|p| p.info().is_remote).count();
        if remote < 2 {
            return self.parts.iter().map(one).collect();
        }
        std::thread::scope(|scope| {
            let start = |p| std::thread::Builder::new().spawn_scoped(scope, move || one(p));
            let started: Vec<_> = self.parts.iter().map(start).collect();
            let ended = started
                .into_iter()
                .zip(&self.parts)
                .map(|(t, part)| match t {
                    Ok(thread) => match thread.join() {
                        Ok(answers) => answers,
                        Err(panic) => std::panic::resume_unwind(panic),
                    },
                    // There is no memory for another thread.
                    Err(_) => one(part),
                });
            ended.collect()
        })
    }

    /// The sum of each question's answers; `add` adds a part's value to the sum so far.
    fn summed<T>(
        &self,
        of_parts: Vec<Vec<Answered<T>>>,
        add: impl Fn(&mut T, T),
    ) -> Result<Vec<Answered<T>>, CorpusError> {
        let mut of_parts = of_parts.into_iter().enumerate();
        let Some((_, mut sums)) = of_parts.next() else {
            return Ok(Vec::new());
        };
        for (part, answers) in of_parts {
            for (sum, answer) in sums.iter_mut().zip(answers) {
                sum.basis = self.basis(sum.basis, part, answer.basis)?;
                add(&mut sum.value, answer.value);
            }
        }
        Ok(sums)
    }

    /// What a sum rests on that has one more part.
    fn basis(&self, sum: Basis, part: usize, of_part: Basis) -> Result<Basis, CorpusError> {
        let mixed = sum.counted != of_part.counted;
        let first = self.parts[0].info().place;
        let place = self.parts[part].info().place;
        together((&first, sum), (&place, of_part), mixed)
    }

    fn count_sums(
        &self,
        asked: usize,
        ask: impl Fn(&dyn Corpus) -> Result<Vec<Answered<u64>>, CorpusError> + Sync,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        self.summed(self.each(asked, ask)?, |sum, count| *sum += count)
    }

    fn list_sums(
        &self,
        asked: usize,
        ask: impl Fn(&dyn Corpus) -> Result<Vec<Answered<Vec<u64>>>, CorpusError> + Sync,
    ) -> Result<Vec<Answered<Vec<u64>>>, CorpusError> {
        self.summed(self.each(asked, ask)?, |sums, counts| {
            add_each(sums, counts);
        })
    }

    /// How often a context occurs in a part that holds no longer one of the token, and each candidate behind it.
    fn beside(
        &self,
        part: &dyn Corpus,
        asked: &[(&[u32], &[u32])],
    ) -> Result<Vec<Answered<LocalCounts>>, CorpusError> {
        let contexts: Vec<&[u32]> = asked.iter().map(|a| a.0).collect();
        let counts = whole(part, asked.len(), part.counts(&contexts)?)?;
        let held: Vec<usize> = (0..asked.len()).filter(|&i| counts[i].value > 0).collect();
        let questions: Vec<_> = held.iter().map(|&i| asked[i]).collect();
        let behind = match questions.is_empty() {
            true => Vec::new(),
            false => whole(part, held.len(), part.candidate_counts(&questions)?)?,
        };
        let mut answers: Vec<Answered<LocalCounts>> = counts
            .into_iter()
            .zip(asked)
            .map(|(count, (context, candidates))| {
                count.map(|context_count| LocalCounts {
                    longest: LongestContext {
                        len: context.len(),
                        context_count,
                        joint_count: 0,
                    },
                    candidates: vec![0; candidates.len()],
                })
            })
            .collect();
        for (i, found) in held.into_iter().zip(behind) {
            answers[i].basis = answers[i].basis.and(found.basis);
            answers[i].value.candidates = found.value;
        }
        Ok(answers)
    }
}

/// What two answers rest on together, if they count the same.
fn together(
    (one, a): (&str, Basis),
    (other, b): (&str, Basis),
    mixed: bool,
) -> Result<Basis, CorpusError> {
    if mixed {
        return Err(CorpusError::MixedUnits {
            one: one.to_string(),
            counts: a.counted,
            other: other.to_string(),
            other_counts: b.counted,
        });
    }
    Ok(a.and(b))
}

fn add_each(sums: &mut [u64], counts: Vec<u64>) {
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum += count;
    }
}

/// The last of some tokens.
fn tail(tokens: &[u32], most: usize) -> &[u32] {
    &tokens[tokens.len().saturating_sub(most)..]
}

impl About for Several {
    fn info(&self) -> CorpusInfo {
        let parts = About::parts(self);
        let sum = |of: fn(&CorpusInfo) -> Option<u64>| parts.iter().map(of).sum::<Option<u64>>();
        let joined = |of: fn(&CorpusInfo) -> &str| {
            let all: Vec<&str> = parts.iter().map(of).collect();
            all.join(" + ")
        };
        let worst = |of: fn(&CorpusInfo) -> Basis| {
            let all = parts.iter().map(of);
            all.fold(Basis::default(), Basis::and)
        };
        // The same in any order: so are the sums.
        let fingerprints: BTreeSet<&str> = parts.iter().map(|p| p.fingerprint.as_str()).collect();
        let mut hash = Sha256::new();
        for fingerprint in fingerprints {
            hash.update(fingerprint.as_bytes());
            hash.update(b"\n");
        }
        // The tokenizer of an index that holds the model's own ids, where there is one.
        let own = parts.iter().find(|p| !p.basis.retokenized);
        let own = own.unwrap_or(&parts[0]);
        CorpusInfo {
            name: joined(|p| &p.name),
            place: joined(|p| &p.place),
            documents: sum(|p| p.documents),
            tokens: parts.iter().map(|p| p.tokens).sum(),
            words: sum(|p| p.words),
            bytes: sum(|p| p.bytes),
            fingerprint: hex(&hash.finalize()),
            tokenizer: own.tokenizer.clone(),
            tokenizer_name: own.tokenizer_name.clone(),
            basis: worst(|p| p.basis),
            cooccurrence: worst(|p| p.cooccurrence),
            is_remote: parts.iter().any(|p| p.is_remote),
        }
    }

    fn parts(&self) -> Vec<CorpusInfo> {
        self.parts.iter().map(|p| p.info()).collect()
    }
}

impl NgramCounts for Several {
    fn looks_back(&self) -> Option<usize> {
        self.parts.iter().filter_map(|p| p.looks_back()).min()
    }

    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        self.count_sums(ngrams.len(), |p| p.counts(ngrams))
    }

    fn document_counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        self.count_sums(ngrams.len(), |p| p.document_counts(ngrams))
    }

    fn continuations(
        &self,
        contexts: &[&[u32]],
    ) -> Result<Vec<Answered<Continuations>>, CorpusError> {
        let of_parts = self.each(contexts.len(), |p| p.continuations(contexts))?;
        self.summed(of_parts, |sum, more| {
            let mut counts: BTreeMap<u32, u64> = sum.tokens.drain(..).collect();
            for (token, count) in more.tokens {
                *counts.entry(token).or_default() += count;
            }
            sum.tokens = counts.into_iter().collect();
            sum.tokens
                .sort_by_key(|&(id, count)| (std::cmp::Reverse(count), id));
            sum.ends += more.ends;
        })
    }

    fn candidate_counts(
        &self,
        questions: &[(&[u32], &[u32])],
    ) -> Result<Vec<Answered<Vec<u64>>>, CorpusError> {
        self.list_sums(questions.len(), |p| p.candidate_counts(questions))
    }

    fn longest_suffixes(
        &self,
        contexts: &[&[u32]],
    ) -> Result<Vec<Answered<SuffixMatch>>, CorpusError> {
        let most = self.looks_back().unwrap_or(usize::MAX);
        let contexts: Vec<&[u32]> = contexts.iter().map(|c| tail(c, most)).collect();
        let of_parts = self.each(contexts.len(), |p| p.longest_suffixes(&contexts))?;
        // A part whose longest is shorter holds the longest of all 0 times.
        self.summed(of_parts, |sum, more| match more.len.cmp(&sum.len) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => sum.count += more.count,
            std::cmp::Ordering::Greater => *sum = more,
        })
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
        let most = self.looks_back().unwrap_or(usize::MAX);
        let cut = |q: &LocalQuestion<'_>| tail(q.context, most).len();
        let kept: Vec<usize> = questions.iter().map(cut).collect();
        let questions: Vec<LocalQuestion> = questions
            .iter()
            .zip(&kept)
            .map(|(q, &len)| LocalQuestion {
                context: &q.context[q.context.len() - len..],
                ..*q
            })
            .collect();
        let mut of_parts = self.each(questions.len(), |p| p.local_counts(&questions))?;
        let longest: Vec<usize> = (0..questions.len())
            .map(|i| of_parts.iter().map(|p| p[i].value.longest.len).max())
            .map(Option::unwrap_or_default)
            .collect();
        // Where the longest context of another part is longer, what follows it here is asked for: the token itself does not.
        for (part, answers) in self.parts.iter().zip(&mut of_parts) {
            let shorter =
                (0..questions.len()).filter(|&i| answers[i].value.longest.len < longest[i]);
            let shorter: Vec<usize> = shorter.collect();
            let asked: Vec<(&[u32], &[u32])> = shorter
                .iter()
                .map(|&i| {
                    (
                        tail(questions[i].context, longest[i]),
                        questions[i].candidates,
                    )
                })
                .collect();
            if asked.is_empty() {
                continue;
            }
            for (i, found) in shorter.into_iter().zip(self.beside(part.as_ref(), &asked)?) {
                answers[i] = Answered {
                    basis: answers[i].basis.and(found.basis),
                    value: found.value,
                };
            }
        }
        self.summed(of_parts, |sum, more| {
            sum.longest.context_count += more.longest.context_count;
            sum.longest.joint_count += more.longest.joint_count;
            add_each(&mut sum.candidates, more.candidates);
        })
    }

    fn cooccurs_tokens(
        &self,
        pairs: &[(&[u32], &[u32])],
        how: Cooccur,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        self.count_sums(pairs.len(), |p| p.cooccurs_tokens(pairs, how))
    }

    fn cnf_counts(
        &self,
        pairs: &[(&[u32], &[u32])],
        max_diff_tokens: u64,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        self.count_sums(pairs.len(), |p| p.cnf_counts(pairs, max_diff_tokens))
    }
}

impl WordCounts for Several {
    fn word_counts(&self, words: &[String]) -> Result<Vec<Answered<u64>>, CorpusError> {
        self.count_sums(words.len(), |p| p.word_counts(words))
    }

    fn word_document_counts(&self, words: &[String]) -> Result<Vec<Answered<u64>>, CorpusError> {
        self.count_sums(words.len(), |p| p.word_document_counts(words))
    }

    fn cooccurs(
        &self,
        pairs: &[(String, String)],
        how: Cooccur,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        self.count_sums(pairs.len(), |p| p.cooccurs(pairs, how))
    }

    fn documents_with(
        &self,
        words: &[String],
        ngrams: &[&[u32]],
    ) -> Result<Vec<Answered<Vec<u64>>>, CorpusError> {
        self.list_sums(words.len(), |p| p.documents_with(words, ngrams))
    }
}

impl Documents for Several {
    /// Of each part in turn; first occurrences in documents before others, as far as the parts tell how many documents there are.
    fn occurrences(
        &self,
        ngrams: &[&[u32]],
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Answered<Occurrences>>, CorpusError> {
        let mut sums = self.summed(
            self.each(ngrams.len(), |p| p.occurrences(ngrams, 0, 0))?,
            |sum, more| {
                sum.count += more.count;
                sum.documents = sum.documents.zip(more.documents).map(|(a, b)| a + b);
            },
        )?;
        for (sum, ngram) in sums.iter_mut().zip(ngrams) {
            (sum.value.hits, sum.basis) = self.listed(ngram, limit, offset, sum.basis)?;
        }
        Ok(sums)
    }

    fn documents(&self, ordinals: &[u64]) -> Result<Vec<Document>, CorpusError> {
        let one = |&ordinal: &u64| {
            let (part, own) = self.part_of(ordinal);
            let part = &self.parts[part];
            let document = part.document(own)?;
            Ok(Document {
                ordinal,
                corpus: document.corpus.or_else(|| Some(part.info().place)),
                ..document
            })
        };
        ordinals.iter().map(one).collect()
    }

    fn document_tokens(&self, ordinals: &[u64]) -> Result<Vec<Vec<u32>>, CorpusError> {
        let one = |&ordinal: &u64| {
            let (part, own) = self.part_of(ordinal);
            let tokens = self.parts[part].document_tokens(&[own])?;
            Ok(whole(self.parts[part].as_ref(), 1, tokens)?.remove(0))
        };
        ordinals.iter().map(one).collect()
    }
}

impl Several {
    /// Occurrences of an n-gram from the `offset`th on, and what the list rests on.
    fn listed(
        &self,
        ngram: &[u32],
        limit: usize,
        offset: usize,
        mut basis: Basis,
    ) -> Result<(Vec<Occurrence>, Basis), CorpusError> {
        let mut stretches = (Vec::new(), Vec::new());
        // Those on this machine first: the others may list few at a time.
        let mut parts: Vec<_> = self.parts.iter().enumerate().collect();
        parts.sort_by_key(|(_, part)| part.info().is_remote);
        for (number, part) in parts {
            let known = part.occurrences_of(ngram, 0, 0)?.value;
            let firsts = known.documents.unwrap_or(known.count).min(known.count) as usize;
            stretches.0.push((number, 0..firsts));
            stretches.1.push((number, firsts..known.count as usize));
        }
        let (mut hits, mut passed) = (Vec::new(), 0);
        for (number, stretch) in stretches.0.into_iter().chain(stretches.1) {
            let skip = offset.saturating_sub(passed).min(stretch.len());
            passed += stretch.len();
            let wanted = (stretch.len() - skip).min(limit - hits.len());
            if wanted == 0 {
                continue;
            }
            let part = &self.parts[number];
            let found = part.occurrences_of(ngram, wanted, stretch.start + skip)?;
            basis = basis.and(found.basis);
            let listed = found.value.hits.len();
            for hit in found.value.hits.into_iter().take(wanted) {
                let document = self.number(number, hit.document)?;
                hits.push(Occurrence { document, ..hit });
            }
            // It lists fewer at a time; the next question goes on from there.
            if listed < wanted {
                break;
            }
        }
        Ok((hits, basis))
    }
}
