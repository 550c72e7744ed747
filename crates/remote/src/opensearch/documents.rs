//! Documents, where in them n-grams occur, and what follows there.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rotescope_corpus::{
    Answered, Continuations, CorpusError, Document, Documents, Occurrence, Occurrences,
};
use serde_json::Value;

use super::index::OpenSearch;
use super::schema::{self, IDS, NUMBER, starts};
use super::search::{self, Clause};
use crate::error::RemoteError;

/// Documents that are fetched at a time.
const PAGE: usize = 100;
/// Documents that are looked at to list more than the first occurrence in each.
const ALL_LISTED: u64 = 1_000;
/// Documents that are looked at to tell what follows a context.
const MOST_READ: u64 = 20_000;

impl OpenSearch {
    /// The token ids of documents that hold an n-gram, with their numbers, ascending: the first so many, or all.
    fn holding(&self, ngram: &[u32], most: u64) -> Result<Vec<(u64, Vec<u32>)>, CorpusError> {
        let clause = Clause::ngram(ngram);
        let mut held: Vec<(u64, Vec<u32>)> = Vec::new();
        while (held.len() as u64) < most {
            let from = held.last().map_or(0, |(n, _)| n + 1);
            let size = (most as usize - held.len()).min(PAGE);
            let question = search::list(&clause, from, size, &[NUMBER, IDS]);
            let page = self.ask(&[question], |answer, _| read_ids(answer))?;
            let page = page.into_iter().flatten();
            let before = held.len();
            held.extend(page);
            if held.len() - before < size {
                break;
            }
        }
        Ok(held)
    }

    /// What follows a context, from the documents that hold it.
    pub(super) fn following(
        &self,
        context: &[u32],
    ) -> Result<Answered<Continuations>, CorpusError> {
        let unsupported = |what| CorpusError::Unsupported {
            corpus: self.place(),
            what,
        };
        if context.is_empty() {
            return Err(unsupported("which tokens it holds"));
        }
        if !self.meta().occurrences {
            return Err(unsupported(
                "which tokens follow a context (it was loaded without scores that are frequencies)",
            ));
        }
        let found = self.count(&[Clause::ngram(context)])?[0];
        if found.documents > MOST_READ {
            return Err(unsupported(
                "which tokens follow a context that stands in more than 20,000 documents",
            ));
        }
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        let (mut ends, mut seen) = (0, 0);
        for (_, ids) in self.holding(context, found.documents)? {
            for at in starts(&ids, context) {
                seen += 1;
                match ids.get(at + context.len()) {
                    Some(&next) => *counts.entry(next).or_default() += 1,
                    None => ends += 1,
                }
            }
        }
        if seen != found.occurrences {
            return Err(self.error(RemoteError::Malformed {
                why: "its documents do not hold what it counts".into(),
            }));
        }
        let mut tokens: Vec<(u32, u64)> = counts.into_iter().collect();
        tokens.sort_by_key(|&(id, count)| (Reverse(count), id));
        Ok(Answered::occurrences(Continuations { tokens, ends }))
    }

    /// Occurrences from the `offset`th on.
    fn listed(
        &self,
        ngram: &[u32],
        documents: u64,
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Occurrence>, CorpusError> {
        if limit == 0 || documents == 0 {
            return Ok(Vec::new());
        }
        let wanted = (offset + limit) as u64;
        // More than one of a document only where all documents can be looked at.
        let all = documents <= ALL_LISTED.max(wanted);
        let held = self.holding(ngram, if all { documents } else { wanted })?;
        let mut ranked: Vec<(usize, u64, u32)> = Vec::new();
        for (number, ids) in held {
            let places = starts(&ids, ngram).enumerate();
            ranked.extend(places.map(|(nth, at)| (nth, number, at as u32)));
        }
        ranked.sort_unstable();
        let hits = ranked.into_iter().skip(offset).take(limit);
        Ok(hits
            .map(|(_, document, position)| Occurrence { document, position })
            .collect())
    }
}

fn read_ids(answer: &Value) -> Result<Vec<(u64, Vec<u32>)>, RemoteError> {
    let one = |source: &Value| Some((source[NUMBER].as_u64()?, schema::ids(source)?));
    let all: Option<Vec<_>> = search::hits(answer)?.iter().map(one).collect();
    all.ok_or(RemoteError::Malformed {
        why: "a document has no token ids".into(),
    })
}

impl Documents for OpenSearch {
    fn occurrences(
        &self,
        ngrams: &[&[u32]],
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Answered<Occurrences>>, CorpusError> {
        if ngrams.iter().any(|n| n.is_empty()) {
            return Err(CorpusError::Unsupported {
                corpus: self.place(),
                what: "where nothing occurs",
            });
        }
        let clauses: Vec<Clause> = ngrams.iter().map(|n| Clause::ngram(n)).collect();
        let found = self.count(&clauses)?;
        let one = |(ngram, found): (&&[u32], super::search::Found)| {
            Ok(Answered {
                value: Occurrences {
                    count: found.occurrences,
                    documents: Some(found.documents),
                    hits: self.listed(ngram, found.documents, limit, offset)?,
                },
                basis: self.basis(),
            })
        };
        ngrams.iter().zip(found).map(one).collect()
    }

    fn documents(&self, ordinals: &[u64]) -> Result<Vec<Document>, CorpusError> {
        let questions: Vec<Value> = ordinals.iter().map(|&n| search::one(n)).collect();
        let found = self.ask(&questions, |answer, _| search::hits(answer))?;
        let one = |(hits, &ordinal): (Vec<Value>, &u64)| {
            let Some(source) = hits.first() else {
                return Err(CorpusError::NoDocument {
                    ordinal,
                    documents: self.meta().documents,
                });
            };
            schema::document(source).ok_or_else(|| {
                self.error(RemoteError::Malformed {
                    why: format!("document {ordinal} lacks a field"),
                })
            })
        };
        found.into_iter().zip(ordinals).map(one).collect()
    }
}
