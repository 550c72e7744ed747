//! Prefixes that have nothing to do with a text: stretches of other documents, at random.

use super::error::AuditError;
use rotescope_audit::Random;
use rotescope_corpus::{Corpus, CorpusError};

/// Tokens on each side of the border by which a prefix is known to belong to a text.
const BORDER: usize = 8;
/// Documents that are tried for each prefix.
const TRIES: usize = 20;

/// Stretches of documents of an index, half as many again as are wanted of a text.
#[derive(Debug, Default)]
pub struct Unrelated {
    pool: Vec<Vec<u32>>,
    wanted: usize,
}

impl Unrelated {
    /// Draws stretches of `length` tokens by the seed; fewer where too few documents are long enough. A corpus that does not give its documents has none.
    ///
    /// # Errors
    /// An index that cannot be read.
    pub fn draw(
        corpus: &dyn Corpus,
        length: usize,
        wanted: usize,
        seed: u64,
    ) -> Result<Unrelated, AuditError> {
        let mut drawn = Unrelated {
            pool: Vec::new(),
            wanted,
        };
        let Some(all) = corpus.info().documents.filter(|n| *n > 0) else {
            return Ok(drawn);
        };
        // Of another sequence than the windows that the same seed draws.
        let mut random = Random::new(seed, 1);
        let most = wanted + wanted.div_ceil(2);
        for _ in 0..most * TRIES {
            if drawn.pool.len() == most {
                break;
            }
            let ordinal = random.below(all);
            let document = match corpus.document_tokens(&[ordinal]) {
                Ok(mut documents) => documents.pop().unwrap_or_default(),
                Err(CorpusError::Unsupported { .. }) => break,
                Err(error) => return Err(error.into()),
            };
            let Some(last) = document.len().checked_sub(length) else {
                continue;
            };
            let start = random.below(last as u64 + 1) as usize;
            let stretch = document[start..start + length].to_vec();
            if !drawn.pool.contains(&stretch) {
                drawn.pool.push(stretch);
            }
        }
        Ok(drawn)
    }

    pub fn is_empty(&self) -> bool {
        self.pool.is_empty()
    }

    /// Those that are unrelated to a window: they do not end as its prefix does, and their end is nowhere in the corpus followed by the beginning of
    /// the continuation.
    ///
    /// # Errors
    /// An index that cannot be read.
    pub fn to(
        &self,
        corpus: &dyn Corpus,
        prefix: &[u32],
        continuation: &[u32],
    ) -> Result<Vec<&[u32]>, CorpusError> {
        let tail = |t: &[u32]| t[t.len().saturating_sub(BORDER)..].to_vec();
        let head = &continuation[..continuation.len().min(BORDER)];
        let own = tail(prefix);
        let joined: Vec<Vec<u32>> = self
            .pool
            .iter()
            .map(|u| [&tail(u), head].concat())
            .collect();
        let asked: Vec<&[u32]> = joined.iter().map(Vec::as_slice).collect();
        let counts = corpus.counts(&asked)?;
        let all = self.pool.iter().zip(counts);
        let fit = all.filter(|(u, n)| n.value == 0 && tail(u) != own);
        Ok(fit.map(|(u, _)| u.as_slice()).take(self.wanted).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotescope_corpus::MemoryCorpus;

    #[test]
    fn prefixes_are_drawn_by_the_seed_and_none_belongs_to_the_text() {
        let documents: Vec<Vec<u32>> = (0..40).map(|d| (d * 50..d * 50 + 30).collect()).collect();
        let corpus = MemoryCorpus::of_tokens("c", documents.clone());
        let drawn = |seed| Unrelated::draw(&corpus, 10, 8, seed).unwrap();
        assert_eq!(drawn(1).pool, drawn(1).pool);
        assert_ne!(drawn(1).pool, drawn(2).pool);
        assert_eq!(drawn(1).pool.len(), 12);
        let all = drawn(1);
        // A continuation that stands behind the first of them somewhere.
        let first = &all.pool[0];
        let follows: Vec<u32> = (first[9] + 1..first[9] + 5).collect();
        let stands = first[9] % 50 < 25;
        let fit = all.to(&corpus, &[7; 10], &follows).unwrap();
        assert_eq!((fit.len(), !fit.contains(&first.as_slice())), (8, stands));
        // Its own prefix.
        let fit = all.to(&corpus, first, &[9999, 9998]).unwrap();
        assert!(!fit.contains(&first.as_slice()) && fit.len() == 8);
    }

    #[test]
    fn where_there_is_none_there_is_none() {
        for corpus in [
            MemoryCorpus::of_tokens("short", vec![vec![1, 2, 3]]),
            MemoryCorpus::of_tokens("none", Vec::new()),
        ] {
            let drawn = Unrelated::draw(&corpus, 10, 8, 0).unwrap();
            assert!(drawn.is_empty());
            assert!(drawn.to(&corpus, &[1], &[2]).unwrap().is_empty());
        }
    }
}
