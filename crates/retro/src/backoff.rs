//! An n-gram model of the corpus with back-off, and with a document left out.
//!
//! Absolute discounting, interpolated (Ney, Essen, Kneser 1994): behind a context `s`,
//! `p(w | s) = max(c(s w) - D, 0) / c(s) + D N(s) / c(s) p(w | s')`,
//! where `N(s)` is how many different tokens stand behind `s`, and `s'` is `s` without its first token; below the empty context, every token is equally likely. The end of a
//! document counts as a token. Without a bound on the length of `s` it is a copy of the corpus: the longer what it recognizes, the surer it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use rotescope_corpus::{Continuations, Corpus};

use crate::error::RetroError;

/// What is taken off each count.
const DISCOUNT: f64 = 0.75;

/// An n-gram model of a corpus.
pub struct Backoff {
    corpus: Arc<dyn Corpus>,
    /// Tokens of a context that count, at most.
    longest: usize,
    /// Tokens and the end of a document.
    symbols: f64,
    unigrams: Arc<Next>,
}

/// What follows a context.
struct Next {
    counts: BTreeMap<Symbol, u64>,
    total: u64,
}

/// A token, or the end of a document.
type Symbol = Option<u32>;

impl Next {
    fn new(found: Continuations) -> Next {
        let total = found.total();
        let tokens = found.tokens.into_iter().map(|(id, n)| (Some(id), n));
        let ends = (found.ends > 0).then_some((None, found.ends));
        Next {
            counts: tokens.chain(ends).collect(),
            total,
        }
    }
}

/// A document whose part in the counts is taken away.
#[derive(Debug, Clone, Copy)]
pub struct LeftOut<'a> {
    pub tokens: &'a [u32],
    /// How often the corpus has exactly this.
    pub copies: u64,
    /// Whether the document ends behind its tokens; a part of one may go on there.
    pub ends: bool,
}

impl LeftOut<'_> {
    /// What its copies have behind a context.
    fn behind(&self, context: &[u32]) -> BTreeMap<Symbol, u64> {
        let mut own = BTreeMap::new();
        let n = context.len();
        for start in 0..(self.tokens.len() + 1).saturating_sub(n) {
            if self.tokens[start..].starts_with(context) {
                let next = self.tokens.get(start + n).copied();
                if next.is_some() || self.ends {
                    *own.entry(next).or_default() += self.copies;
                }
            }
        }
        own
    }
}

impl Backoff {
    /// `longest`: tokens of a context that count, at most; n-grams have one more. `vocabulary`: tokens that there are.
    ///
    /// # Errors
    /// An index that cannot be read.
    pub fn new(
        corpus: Arc<dyn Corpus>,
        longest: usize,
        vocabulary: usize,
    ) -> Result<Backoff, RetroError> {
        let unigrams = Next::new(corpus.next(&[])?.value);
        Ok(Backoff {
            corpus,
            longest,
            symbols: vocabulary as f64 + 1.0,
            unigrams: Arc::new(unigrams),
        })
    }

    /// Mean loss in nats of the tokens from `from` on, each behind all tokens before it; 0 of none. `left_out`: a document that is not to be known.
    ///
    /// # Errors
    /// An index that cannot be read.
    pub fn loss(
        &self,
        tokens: &[u32],
        from: usize,
        left_out: Option<LeftOut<'_>>,
    ) -> Result<f64, RetroError> {
        let mut sum = 0.0;
        for at in from..tokens.len() {
            sum -= self
                .probability(&tokens[..at], Some(tokens[at]), left_out)?
                .ln();
        }
        Ok(sum / tokens.len().saturating_sub(from).max(1) as f64)
    }

    /// The probability of a token behind a context; of `None`, that the document ends.
    fn probability(
        &self,
        context: &[u32],
        symbol: Symbol,
        left_out: Option<LeftOut<'_>>,
    ) -> Result<f64, RetroError> {
        let context = &context[context.len().saturating_sub(self.longest)..];
        let known = self.corpus.longest_suffixes(&[context])?;
        let known = known.first().map_or(0, |k| k.value.len);
        let suffix = |n: usize| &context[context.len() - n..];
        let suffixes: Vec<&[u32]> = (0..=known).map(suffix).collect();
        let counts = self.corpus.counts(&suffixes)?;
        let mut p = 1.0 / self.symbols;
        let mut next = self.unigrams.clone();
        for (n, suffix) in suffixes.iter().enumerate() {
            // A longer suffix that occurs as often occurs at the same places: what follows is the same.
            if n > 0 && counts[n].value != counts[n - 1].value {
                next = Arc::new(Next::new(self.corpus.next(suffix)?.value));
            }
            let own = left_out.map_or(BTreeMap::new(), |d| d.behind(suffix));
            let taken: u64 = own.values().sum();
            let total = next.total.saturating_sub(taken);
            if total == 0 {
                break;
            }
            let all = |s: &Symbol| next.counts.get(s).copied().unwrap_or(0);
            // What the corpus never had behind this is not gone.
            let gone = own
                .iter()
                .filter(|(s, n)| (1..=**n).contains(&all(s)))
                .count();
            let different = next.counts.len().saturating_sub(gone);
            let count = all(&symbol).saturating_sub(own.get(&symbol).copied().unwrap_or(0));
            let kept = (count as f64 - DISCOUNT).max(0.0);
            p = (kept + DISCOUNT * different as f64 * p) / total as f64;
        }
        Ok(p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rotescope_corpus::MemoryCorpus;

    fn of(documents: &[Vec<u32>], longest: usize, vocabulary: usize) -> Backoff {
        let corpus = MemoryCorpus::of_tokens("toy", documents.to_vec());
        Backoff::new(Arc::new(corpus), longest, vocabulary).unwrap()
    }

    #[test]
    fn probabilities_are_those_by_hand() {
        let model = of(&[vec![0, 1], vec![0, 1], vec![0, 2]], 1, 3);
        // Empty context: 0 three times, 1 twice, 2 once, the end three times, of nine; four symbols.
        let unigram = |count: f64| (count - 0.75) / 9.0 + 0.75 * 4.0 / 9.0 / 4.0;
        let p = |context: &[u32], s| model.probability(context, s, None).unwrap();
        assert!((p(&[], Some(1)) - unigram(2.0)).abs() < 1e-12);
        // Behind 0 two of three times 1, two different.
        let want = 1.25 / 3.0 + 0.75 * 2.0 / 3.0 * unigram(2.0);
        assert!((p(&[0], Some(1)) - want).abs() < 1e-12);
        // Behind 2 only the end.
        assert!((p(&[2], None) - (0.25 + 0.75 * unigram(3.0))).abs() < 1e-12);
        let loss = model.loss(&[0, 1], 1, None).unwrap();
        assert!((loss + want.ln()).abs() < 1e-12);
    }

    #[test]
    fn the_longer_what_is_recognized_the_surer() {
        let text: Vec<u32> = (0..20).collect();
        let model = of(std::slice::from_ref(&text), 20, 20);
        let p = |n: usize| {
            let context = &text[10 - n..10];
            model.probability(context, Some(10), None).unwrap()
        };
        assert!(
            p(1) < p(2) && p(2) < p(5) && p(10) > 0.9,
            "{} {}",
            p(1),
            p(10)
        );
        // A bound on the context holds.
        let short = of(std::slice::from_ref(&text), 2, 20);
        assert_eq!(
            short.probability(&text[..10], Some(10), None).unwrap(),
            p(2)
        );
    }

    #[test]
    fn what_the_corpus_never_had_is_not_left_out() {
        let model = of(&[vec![0, 1], vec![0, 2]], 3, 5);
        for (tokens, copies, ends) in [(&[0, 3][..], 0, true), (&[0, 1], 1, false)] {
            let left_out = LeftOut {
                tokens,
                copies,
                ends,
            };
            let p = |s| model.probability(&[0], s, Some(left_out)).unwrap();
            let all: Vec<f64> = (0..5).map(Some).chain([None]).map(p).collect();
            assert!(all.iter().all(|p| *p > 0.0), "{all:?}");
            assert!((all.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{all:?}");
        }
    }

    proptest! {
        #[test]
        fn they_sum_to_one_and_what_is_left_out_was_never_there(
            documents in prop::collection::vec(prop::collection::vec(0u32..4, 2..10), 1..6),
            own in prop::collection::vec(0u32..4, 2..10),
            copies in 1u64..4,
            context in prop::collection::vec(0u32..5, 0..6),
        ) {
            let mut with = documents.clone();
            with.extend(vec![own.clone(); copies as usize]);
            let (without, with) = (of(&documents, 4, 5), of(&with, 4, 5));
            let left_out = LeftOut { tokens: &own, copies, ends: true };
            let symbols = || (0..5).map(Some).chain([None]);
            for model in [&with, &without] {
                let sum: f64 = symbols().map(|s| model.probability(&context, s, None).unwrap()).sum();
                prop_assert!((sum - 1.0).abs() < 1e-9, "{}", sum);
            }
            for s in symbols() {
                let got = with.probability(&context, s, Some(left_out)).unwrap();
                let want = without.probability(&context, s, None).unwrap();
                prop_assert!((got - want).abs() < 1e-12, "{:?}: {} {}", s, got, want);
            }
        }
    }
}
