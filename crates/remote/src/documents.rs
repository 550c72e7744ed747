//! Documents behind an occurrence.

use rotescope_corpus::{
    About, Answered, CorpusError, Document, Documents, Occurrence, Occurrences,
};
use rotescope_vocab::{Encode, VocabError};
use serde_json::{Map, Value};

use crate::error::RemoteError;
use crate::infinigram::InfiniGram;
use crate::protocol::{self, Excerpt, Ranks};

/// Occurrences that one call lists at most: each is a question of its own.
pub const PAGE: usize = 10;
/// Bits of a document's number that hold the rank of an occurrence in it; the others hold its shard. A shard has at most 2^39 tokens.
const RANK_BITS: u32 = 48;

/// A document as the API shows it, and where in it the n-gram begins.
pub(crate) struct Found {
    pub document: Document,
    pub position: u32,
}

impl InfiniGram {
    /// Occurrences from the `offset`th on, at most [`PAGE`] of them.
    pub(crate) fn places(
        &self,
        ngram: &[u32],
        limit: usize,
        offset: usize,
    ) -> Result<(u64, Vec<u64>), CorpusError> {
        let ranks = self.asker.ask(protocol::find(ngram), protocol::read_find);
        let ranks = ranks.map_err(|e| self.error(e))?;
        Ok((ranks.count, listed(&ranks, limit.min(PAGE), offset)))
    }

    /// The document around an occurrence, with the token ids that `tokenizer` cuts it into: what the API calls `token_ids` are those of the
    /// question.
    pub(crate) fn found(
        &self,
        place: u64,
        ngram: &[u32],
        tokenizer: &dyn Encode,
    ) -> Result<Found, CorpusError> {
        let (shard, rank) = (place >> RANK_BITS, place & ((1 << RANK_BITS) - 1));
        let question = protocol::document(ngram, shard, rank);
        let excerpt = self.asker.ask(question, protocol::read_document);
        let excerpt = excerpt.map_err(|e| self.error(e))?;
        let ids = |text: &str| -> Result<Vec<u32>, CorpusError> {
            let ids = tokenizer.encode_batch(&[text]);
            let ids = ids.map_err(|e: VocabError| {
                self.error(RemoteError::Malformed { why: e.to_string() })
            })?;
            Ok(ids.into_iter().flatten().collect())
        };
        let mut tokens = ids(&excerpt.before)?;
        let position = tokens.len() as u32;
        tokens.extend(ids(&excerpt.matched)?);
        tokens.extend(ids(&excerpt.after)?);
        Ok(Found {
            document: document(place, excerpt, tokens),
            position,
        })
    }
}

/// Numbers of occurrences.
fn listed(ranks: &Ranks, limit: usize, offset: usize) -> Vec<u64> {
    let all = ranks
        .shards
        .iter()
        .enumerate()
        .flat_map(|(shard, &[from, to])| {
            (from..to).map(move |rank| (shard as u64) << RANK_BITS | rank)
        });
    all.skip(offset).take(limit).collect()
}

fn document(place: u64, excerpt: Excerpt, tokens: Vec<u32>) -> Document {
    // Of `--add_metadata`: where the document comes from, and the fields of its line.
    let known: Map<String, Value> = serde_json::from_str(&excerpt.metadata).unwrap_or_default();
    let source = known.get("path").and_then(Value::as_str);
    let line = known.get("linenum").and_then(Value::as_u64);
    let mut meta = match known.get("metadata") {
        Some(Value::Object(fields)) => fields.clone(),
        _ => Map::new(),
    };
    if excerpt.shown < excerpt.tokens {
        meta.insert("shown_tokens".into(), excerpt.shown.into());
        meta.insert("tokens".into(), excerpt.tokens.into());
    }
    let text = match excerpt.blocked {
        true => "(the server does not show this document, at the wish of its owner)".into(),
        false => [excerpt.before, excerpt.matched, excerpt.after].concat(),
    };
    let id = meta.get("id").and_then(Value::as_str).map(str::to_string);
    Document {
        ordinal: place,
        id: id.or_else(|| Some(format!("document {}", excerpt.document))),
        text,
        source: source.unwrap_or("unknown").to_string(),
        line: line.map_or(0, |l| l + 1),
        byte: 0,
        meta,
        tokens,
        corpus: None,
    }
}

impl Documents for InfiniGram {
    /// At most [`PAGE`] of them at a time, in the order of what follows them. A document's number is that of the occurrence it was found by.
    fn occurrences(
        &self,
        ngrams: &[&[u32]],
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Answered<Occurrences>>, CorpusError> {
        occurrences(self, ngrams, limit, offset, self.tokenizer.encode.as_ref())
    }

    fn documents(&self, ordinals: &[u64]) -> Result<Vec<Document>, CorpusError> {
        documents(self, ordinals, self.tokenizer.encode.as_ref())
    }
}

/// Occurrences of n-grams of the index, in documents that `tokenizer` cuts.
pub(crate) fn occurrences(
    index: &InfiniGram,
    ngrams: &[&[u32]],
    limit: usize,
    offset: usize,
    tokenizer: &dyn Encode,
) -> Result<Vec<Answered<Occurrences>>, CorpusError> {
    let one = |&ngram: &&[u32]| {
        let (count, places) = index.places(ngram, limit, offset)?;
        let at = |&place: &u64| {
            let found = index.found(place, ngram, tokenizer)?;
            index.keep(place, ngram);
            Ok::<_, CorpusError>(Occurrence {
                document: place,
                position: found.position,
            })
        };
        Ok(Answered::occurrences(Occurrences {
            count,
            documents: None,
            hits: crate::parallel::map(&places, index.at_a_time(), at)?,
        }))
    };
    ngrams.iter().map(one).collect()
}

/// Documents by the occurrences that they were found by.
pub(crate) fn documents(
    index: &InfiniGram,
    ordinals: &[u64],
    tokenizer: &dyn Encode,
) -> Result<Vec<Document>, CorpusError> {
    let one = |&place: &u64| {
        let ngram = index.kept(place).ok_or(CorpusError::Unsupported {
            corpus: index.info().place,
            what: "the text of documents that no n-gram was asked to find",
        })?;
        Ok(index.found(place, &ngram, tokenizer)?.document)
    };
    ordinals.iter().map(one).collect()
}
