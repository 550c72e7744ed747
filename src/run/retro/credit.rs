//! An answer by the documents of the index that carry it: how much less likely it would be by the mixture if the index had never had them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::run::audit::error::{AuditError, stopped};
use rotescope_audit::{Clusters, MinHash};
use rotescope_corpus::Corpus;
use rotescope_model::CancelToken;
use rotescope_retro::{Infinigram, Place, Retrieved, Retriever, Weights, Without, mixed};
use rotescope_trace::audit::retro::{CreditDocument, RetroCredit};
use rotescope_trace::audit::texts::TextRef;
use rotescope_trace::{Token, Trace};

/// Tokens of a document that are shown before the one that it carries.
const SHOWN: usize = 24;

/// What looks for documents.
pub struct Crediting<'a> {
    pub corpus: Arc<dyn Corpus>,
    pub retriever: Infinigram,
    pub weights: Weights,
    /// Tokens whose suffix stands at more places credit no document: each of so many carries next to nothing.
    pub most: usize,
    /// Documents that are named.
    pub top: usize,
    /// The Jaccard similarity of near-duplicates, of runs of three tokens.
    pub similarity: f64,
    /// Writes tokens as text.
    pub spell: &'a dyn Fn(&[u32]) -> String,
    pub cancel: &'a CancelToken,
}

/// A token of an answer.
struct Said {
    /// Tokens before it.
    at: usize,
    id: u32,
    log_model: f64,
    found: Retrieved,
    /// Where the suffix stands: of each document one place.
    places: BTreeMap<u64, u32>,
}

impl Crediting<'_> {
    /// # Errors
    /// A corpus that cannot be read, or does not tell where n-grams occur; to be cancelled.
    pub fn credit(&self, text: TextRef, trace: &Trace) -> Result<RetroCredit, AuditError> {
        let mut all = trace.prompt.tokens.clone();
        all.extend(trace.tokens.iter().map(|t| t.id));
        let mut record = RetroCredit {
            text,
            weights: [self.weights.sparse(), self.weights.dense()],
            ..RetroCredit::default()
        };
        let said = self.said(trace, &all, &mut record)?;
        let mut documents = Vec::new();
        for group in self.groups(&said)? {
            stopped(self.cancel)?;
            documents.extend(self.carried(group, &said, &all)?);
        }
        documents.sort_by(|a, b| {
            b.credit
                .total_cmp(&a.credit)
                .then(a.document.cmp(&b.document))
        });
        let sum: f64 = documents.iter().map(|d| d.credit).sum();
        documents.iter_mut().for_each(|d| d.share = d.credit / sum);
        documents.truncate(self.top);
        for document in &mut documents {
            document.id = self.corpus.document(document.document)?.id;
        }
        record.documents = documents;
        Ok(record)
    }

    /// The tokens with a probability, and where the suffixes before them stand.
    fn said(
        &self,
        trace: &Trace,
        all: &[u32],
        record: &mut RetroCredit,
    ) -> Result<Vec<Said>, AuditError> {
        let known = |(i, t): (usize, &Token)| Some((i, t.id, t.probability()?.ln()));
        let tokens = trace.tokens.iter().enumerate().filter_map(known);
        let tokens: Vec<(usize, u32, f64)> = tokens.collect();
        let start = trace.prompt.tokens.len();
        let places = tokens.iter().map(|t| Place::behind(&all[..start + t.0]));
        let found = self.retriever.retrieve(&places.collect::<Vec<_>>())?;
        record.tokens = tokens.len();
        let mut said = Vec::new();
        for ((i, id, log_model), found) in tokens.into_iter().zip(found) {
            stopped(self.cancel)?;
            let at = start + i;
            record.model += log_model;
            record.mixture += self.mixed(log_model, &found, id);
            let suffix = &all[at - found.length..at];
            let held = self.corpus.occurrences_of(suffix, self.most, 0)?.value;
            // Where not all places are listed, some of the documents would be missing.
            if held.count > self.most as u64 {
                record.common += 1;
                continue;
            }
            let mut places = BTreeMap::new();
            for hit in held.hits {
                let behind = hit.position + found.length as u32;
                places.entry(hit.document).or_insert(behind);
            }
            said.push(Said {
                at,
                id,
                log_model,
                found,
                places,
            });
        }
        Ok(said)
    }

    fn mixed(&self, log_model: f64, found: &Retrieved, id: u32) -> f64 {
        mixed(self.weights.of(found), log_model, found.probability(id))
    }

    /// The documents of all tokens, near-duplicates together.
    fn groups(&self, said: &[Said]) -> Result<Vec<Vec<u64>>, AuditError> {
        let all: BTreeSet<u64> = said.iter().flat_map(|s| s.places.keys().copied()).collect();
        let all: Vec<u64> = all.into_iter().collect();
        let mut clusters = Clusters::new(self.similarity);
        for ordinal in &all {
            stopped(self.cancel)?;
            let tokens = self.corpus.document_tokens(&[*ordinal])?.concat();
            clusters.add(MinHash::new(&tokens));
        }
        let mut groups: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for (i, ordinal) in all.into_iter().enumerate() {
            groups.entry(clusters.first(i)).or_default().push(ordinal);
        }
        Ok(groups.into_values().collect())
    }

    /// What documents carry together; `None` if the answer is no less likely without them.
    fn carried(
        &self,
        group: Vec<u64>,
        said: &[Said],
        all: &[u32],
    ) -> Result<Option<CreditDocument>, AuditError> {
        let without = Without::new(self.corpus.as_ref(), group.clone())?;
        let mut made = CreditDocument::default();
        let mut best = (0.0, None);
        // Without documents that do not have a suffix, what is found behind it is the same.
        for s in said {
            let Some(holder) = group.iter().find(|d| s.places.contains_key(d)) else {
                continue;
            };
            let place = Place {
                without: Some(&without),
                ..Place::behind(&all[..s.at])
            };
            let found = self.retriever.retrieve(&[place])?.pop().unwrap_or_default();
            let with = self.mixed(s.log_model, &s.found, s.id);
            let credit = with - self.mixed(s.log_model, &found, s.id);
            made.credit += credit;
            made.tokens += usize::from(credit > 0.0);
            if credit > best.0 {
                best = (credit, Some((*holder, s)));
            }
        }
        let Some((holder, s)) = best.1.filter(|_| made.credit > 0.0) else {
            return Ok(None);
        };
        made.document = holder;
        made.copies = group.into_iter().filter(|d| *d != holder).collect();
        let tokens = self.corpus.document_tokens(&[holder])?.concat();
        let end = (s.places[&holder] as usize).min(tokens.len());
        made.before = (self.spell)(&tokens[end.saturating_sub(SHOWN)..end]);
        made.token = (self.spell)(&[s.id]);
        Ok(Some(made))
    }
}
