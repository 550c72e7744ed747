//! A small corpus in memory, asked by looking everywhere.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use rotescope_vocab::Encode;

use crate::answer::{Answered, Basis};
use crate::context::Continuations;
use crate::cooccur::Cooccur;
use crate::document::{Document, Occurrence, Occurrences};
use crate::error::CorpusError;
use crate::info::CorpusInfo;
use crate::traits::{About, Documents, NgramCounts, WordCounts};
use crate::words;
use rotescope_vocab::hash::hex;

/// A corpus in memory. Every question looks at every position of every document, so it shares nothing with the index and serves to hold
/// others against; it is for some thousand tokens.
#[derive(Debug, Clone, Default)]
pub struct MemoryCorpus {
    name: String,
    /// Fingerprint of the tokenizer.
    tokenizer: String,
    texts: Vec<String>,
    tokens: Vec<Vec<u32>>,
}

/// Where something occurs: document, and position in it.
type Positions = Vec<(u64, u32)>;

impl MemoryCorpus {
    /// Documents of token ids, without a text.
    pub fn of_tokens(name: &str, documents: Vec<Vec<u32>>) -> Self {
        Self {
            name: name.to_string(),
            texts: vec![String::new(); documents.len()],
            tokens: documents,
            ..Self::default()
        }
    }

    /// Texts as documents, encoded.
    ///
    /// # Errors
    /// [`CorpusError::Encode`], where the line is the number of the first text of the batch, 1.
    pub fn of_texts(name: &str, texts: &[&str], encoder: &dyn Encode) -> Result<Self, CorpusError> {
        let encoded = encoder.encode_batch(texts);
        let tokens = encoded.map_err(|error| CorpusError::Encode {
            path: name.into(),
            line: 1,
            error,
        })?;
        Ok(Self {
            name: name.to_string(),
            tokenizer: encoder.fingerprint().to_string(),
            texts: texts.iter().map(std::string::ToString::to_string).collect(),
            tokens,
        })
    }

    /// All occurrences of an n-gram.
    fn of_ngram(&self, ngram: &[u32]) -> Positions {
        let in_one = |(d, document): (usize, &Vec<u32>)| {
            let starts = 0..=document.len();
            let found = starts.filter(|&at| document[at..].starts_with(ngram));
            found.map(|at| (d as u64, at as u32)).collect::<Vec<_>>()
        };
        self.tokens.iter().enumerate().flat_map(in_one).collect()
    }

    /// All occurrences of a word, by its place among the words.
    fn of_word(&self, word: &str) -> Positions {
        let in_one = |(d, text): (usize, &String)| {
            let words = words::split(text).into_iter().enumerate();
            let found = words.filter(|(_, (_, w))| *w == word);
            found
                .map(|(at, _)| (d as u64, at as u32))
                .collect::<Vec<_>>()
        };
        self.texts.iter().enumerate().flat_map(in_one).collect()
    }

    fn each<Q, T>(
        questions: &[Q],
        answer: impl FnMut(&Q) -> Answered<T>,
    ) -> Result<Vec<Answered<T>>, CorpusError> {
        Ok(questions.iter().map(answer).collect())
    }

    fn no_document(&self, ordinal: u64) -> CorpusError {
        CorpusError::NoDocument {
            ordinal,
            documents: self.tokens.len() as u64,
        }
    }
}

fn documents_of(positions: &Positions) -> BTreeSet<u64> {
    positions.iter().map(|p| p.0).collect()
}

/// Documents with a pair, or pairs at most so far apart, by trying all. `same`: both are the same occurrences.
fn together(a: &Positions, b: &Positions, same: bool, how: Cooccur) -> Answered<u64> {
    let mut pairs = 0;
    let mut with_both = BTreeSet::new();
    for (i, &(d, p)) in a.iter().enumerate() {
        for (j, &(e, q)) in b.iter().enumerate() {
            if d != e || (same && i >= j) {
                continue;
            }
            with_both.insert(d);
            if let Cooccur::Window(n) = how {
                pairs += u64::from(p.abs_diff(q) <= n);
            }
        }
    }
    match how {
        Cooccur::Document => Answered::documents(with_both.len() as u64),
        Cooccur::Window(_) => Answered::occurrences(pairs),
    }
}

impl About for MemoryCorpus {
    fn info(&self) -> CorpusInfo {
        // As the index does: the ids of each document and a separator.
        let mut hash = Sha256::new();
        for document in &self.tokens {
            for id in document.iter().chain([&u32::MAX]) {
                hash.update(id.to_le_bytes());
            }
        }
        CorpusInfo {
            name: self.name.clone(),
            place: self.name.clone(),
            documents: Some(self.tokens.len() as u64),
            tokens: self.tokens.iter().map(|d| d.len() as u64).sum(),
            words: Some(
                self.texts
                    .iter()
                    .map(|t| words::split(t).len() as u64)
                    .sum(),
            ),
            bytes: Some(self.texts.iter().map(|t| t.len() as u64).sum()),
            fingerprint: hex(&hash.finalize()),
            tokenizer: self.tokenizer.clone(),
            tokenizer_name: self.tokenizer.clone(),
            basis: Basis::default(),
            cooccurrence: Basis::default(),
            is_remote: false,
        }
    }
}

impl NgramCounts for MemoryCorpus {
    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        Self::each(ngrams, |n| {
            Answered::occurrences(self.of_ngram(n).len() as u64)
        })
    }

    fn document_counts(&self, ngrams: &[&[u32]]) -> Result<Vec<Answered<u64>>, CorpusError> {
        Self::each(ngrams, |n| {
            Answered::documents(documents_of(&self.of_ngram(n)).len() as u64)
        })
    }

    fn continuations(
        &self,
        contexts: &[&[u32]],
    ) -> Result<Vec<Answered<Continuations>>, CorpusError> {
        Self::each(contexts, |context| {
            let (mut next, mut ends) = (BTreeMap::<u32, u64>::new(), 0);
            for (d, p) in self.of_ngram(context) {
                match self.tokens[d as usize].get(p as usize + context.len()) {
                    Some(&id) => *next.entry(id).or_default() += 1,
                    None => ends += 1,
                }
            }
            let mut tokens: Vec<(u32, u64)> = next.into_iter().collect();
            tokens.sort_by_key(|&(id, count)| (Reverse(count), id));
            Answered::occurrences(Continuations { tokens, ends })
        })
    }

    fn cooccurs_tokens(
        &self,
        pairs: &[(&[u32], &[u32])],
        how: Cooccur,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        Self::each(pairs, |(a, b)| {
            // An empty n-gram occurs with nothing.
            let of = |n: &[u32]| {
                if n.is_empty() {
                    Vec::new()
                } else {
                    self.of_ngram(n)
                }
            };
            together(&of(a), &of(b), a == b, how)
        })
    }

    /// The rule as infini-gram's engine has it, on the joined stream with a separator after each document.
    fn cnf_counts(
        &self,
        pairs: &[(&[u32], &[u32])],
        max_diff_tokens: u64,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        let mut stream: Vec<Option<u32>> = Vec::new();
        for document in &self.tokens {
            stream.extend(document.iter().copied().map(Some));
            stream.push(None);
        }
        let of = |ngram: &[u32]| -> Vec<usize> {
            if ngram.is_empty() {
                return Vec::new();
            }
            let ngram: Vec<_> = ngram.iter().copied().map(Some).collect();
            let starts = 0..stream.len();
            starts
                .filter(|&i| stream[i..].starts_with(&ngram))
                .collect()
        };
        Self::each(pairs, |(a, b)| {
            let (a, b) = (of(a), of(b));
            let (rare, other) = if a.len() <= b.len() { (a, b) } else { (b, a) };
            let counts = rare.iter().filter(|&&p| {
                let near = |q: &&usize| q.abs_diff(p) as u64 <= max_diff_tokens;
                let before = other.iter().rfind(|&&q| q < p).filter(near);
                let after = other.iter().find(|&&q| q >= p).filter(near);
                let (left, right) = (*before.unwrap_or(&p), *after.unwrap_or(&p));
                let any = before.is_some() || after.is_some();
                any && stream[left..right].iter().all(Option::is_some)
            });
            Answered::occurrences(counts.count() as u64)
        })
    }
}

impl WordCounts for MemoryCorpus {
    fn word_counts(&self, words: &[String]) -> Result<Vec<Answered<u64>>, CorpusError> {
        Self::each(words, |w| {
            Answered::occurrences(self.of_word(w).len() as u64)
        })
    }

    fn word_document_counts(&self, words: &[String]) -> Result<Vec<Answered<u64>>, CorpusError> {
        Self::each(words, |w| {
            Answered::documents(documents_of(&self.of_word(w)).len() as u64)
        })
    }

    fn cooccurs(
        &self,
        pairs: &[(String, String)],
        how: Cooccur,
    ) -> Result<Vec<Answered<u64>>, CorpusError> {
        Self::each(pairs, |(a, b)| {
            together(&self.of_word(a), &self.of_word(b), a == b, how)
        })
    }

    fn documents_with(
        &self,
        words: &[String],
        ngrams: &[&[u32]],
    ) -> Result<Vec<Answered<Vec<u64>>>, CorpusError> {
        Self::each(words, |word| {
            let with_word = documents_of(&self.of_word(word));
            let count = |ngram: &&[u32]| {
                let with_ngram = documents_of(&self.of_ngram(ngram));
                with_word.intersection(&with_ngram).count() as u64
            };
            Answered::documents(ngrams.iter().map(count).collect())
        })
    }
}

impl Documents for MemoryCorpus {
    fn occurrences(
        &self,
        ngrams: &[&[u32]],
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Answered<Occurrences>>, CorpusError> {
        Self::each(ngrams, |ngram| {
            let positions = self.of_ngram(ngram);
            let mut seen: BTreeMap<u64, u32> = BTreeMap::new();
            let ranked = positions.iter().map(|&(document, position)| {
                let nth = seen.entry(document).or_default();
                *nth += 1;
                (*nth, document, position)
            });
            let mut ranked: Vec<_> = ranked.collect();
            ranked.sort_unstable();
            let listed = ranked.iter().skip(offset).take(limit);
            Answered::occurrences(Occurrences {
                count: positions.len() as u64,
                documents: Some(documents_of(&positions).len() as u64),
                hits: listed
                    .map(|&(_, document, position)| Occurrence { document, position })
                    .collect(),
            })
        })
    }

    fn documents(&self, ordinals: &[u64]) -> Result<Vec<Document>, CorpusError> {
        let of_one = |&ordinal: &u64| {
            let held = self.texts.iter().zip(&self.tokens).nth(ordinal as usize);
            let (text, tokens) = held.ok_or_else(|| self.no_document(ordinal))?;
            Ok(Document {
                ordinal,
                id: None,
                text: text.clone(),
                meta: serde_json::Map::new(),
                source: self.name.clone(),
                line: ordinal + 1,
                byte: 0,
                tokens: tokens.clone(),
                corpus: None,
            })
        };
        ordinals.iter().map(of_one).collect()
    }

    fn best_documents(
        &self,
        words: &[String],
        limit: usize,
    ) -> Result<Vec<(u64, f32)>, CorpusError> {
        let texts: Vec<Vec<&str>> = self
            .texts
            .iter()
            .map(|t| words::split(t).into_iter().map(|(_, w)| w).collect())
            .collect();
        let all = texts.len() as f64;
        let mean = texts.iter().map(Vec::len).sum::<usize>() as f64 / all;
        let mut scores = vec![0.0; texts.len()];
        for word in words.iter().collect::<BTreeSet<_>>() {
            let often = |t: &Vec<&str>| t.iter().filter(|w| *w == word).count() as f64;
            let with = texts.iter().filter(|t| often(t) > 0.0).count() as f64;
            let rare = (1.0 + (all - with + 0.5) / (with + 0.5)).ln();
            for (score, text) in scores.iter_mut().zip(&texts) {
                let (n, length) = (often(text), text.len() as f64 / mean);
                *score += rare * n * 2.2 / (n + 1.2 * (0.25 + 0.75 * length));
            }
        }
        let found = (0..).zip(scores.into_iter().map(|s| s as f32));
        let mut found: Vec<(u64, f32)> = found.filter(|f| f.1 > 0.0).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(limit);
        Ok(found)
    }
}
