//! Loads an index of this machine into a cluster. What is there already is not sent again, so that a load that broke off goes on.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rotescope_corpus::{Corpus, CorpusError, Document};
use serde_json::Value;

use super::index::{Described, describe, remote, search_many};
use super::schema::{self, Meta};
use super::search;
use crate::address::Address;
use crate::asker::Asker;
use crate::client::{Body, Client, Method, Request, message};
use crate::error::RemoteError;
use crate::open::Options;
use crate::parallel;

/// How an index is loaded.
#[derive(Debug, Clone, Default)]
pub struct PushOptions {
    /// Of a new index; one for each node that holds data, if not given.
    pub shards: Option<usize>,
    /// Of a new index; one where there is a second node, if not given.
    pub replicas: Option<usize>,
    /// Without the script that makes scores of frequencies: then documents are counted, and no occurrences.
    pub documents_only: bool,
}

/// How far a load is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Documents that are there.
    pub documents: u64,
    /// Of all.
    pub of: u64,
    /// Those that were there before.
    pub before: u64,
    /// How often the cluster asked to wait.
    pub held_back: u64,
}

/// Documents read and sent by one thread at a time.
const STRETCH: u64 = 500;
/// Bytes of a bulk request, about.
const BULK: usize = 4 << 20;
/// Stretches whose documents are counted by one search at most.
const MOST_STRETCHES: u64 = 10_000;

/// Loads an index into a cluster, or the rest of it; ends when every document is there and can be searched.
///
/// `progress` is told how far it is, and ends it by saying no.
///
/// # Errors
/// [`CorpusError::Remote`], [`CorpusError::Stopped`], or why the index cannot be read.
pub fn push(
    source: &dyn Corpus,
    address: &Address,
    options: Options,
    how: &PushOptions,
    progress: &(dyn Fn(Pushed) -> bool + Sync),
) -> Result<Pushed, CorpusError> {
    let place = address.to_string();
    let error = |e| remote(&place, e);
    address.check_encrypted(options.insecure).map_err(error)?;
    let limits = options.limits;
    let cache = options.cache;
    let asker = Asker::new(address.clone(), limits, options.credentials, cache);
    let info = source.info();
    let meta = Meta::of(&info, !how.documents_only);
    let loader = Loader {
        asker: &asker,
        source,
        of: meta.documents,
        there: AtomicU64::new(0),
        held_back: AtomicU64::new(0),
    };
    let described = loader.made(&meta, how).map_err(error)?;
    let length = STRETCH.max(meta.documents.div_ceil(MOST_STRETCHES));
    let there = loader.stretches(length).map_err(error)?;
    let before: u64 = there.values().sum();
    loader.there.store(before, Ordering::Relaxed);
    let stretches = 0..meta.documents.div_ceil(length);
    let wanted = |s: u64| s * length..((s + 1) * length).min(meta.documents);
    let missing: Vec<_> = stretches
        .map(wanted)
        .filter(|w| there.get(&w.start).copied() != Some(w.end - w.start))
        .collect();
    let pushed = || Pushed {
        documents: loader.there.load(Ordering::Relaxed),
        of: meta.documents,
        before,
        held_back: loader.held_back.load(Ordering::Relaxed),
    };
    // Those of stretches that are not whole are sent again.
    for stretch in &missing {
        let again = there.get(&stretch.start).copied().unwrap_or(0);
        loader.there.fetch_sub(again, Ordering::Relaxed);
    }
    let stopped = AtomicBool::new(!progress(pushed()));
    let first: Mutex<Option<CorpusError>> = Mutex::new(None);
    let result = parallel::map(&missing, asker.limits().at_a_time, |stretch| {
        let told = |_: u64| {
            if !progress(pushed()) {
                stopped.store(true, Ordering::Relaxed);
            }
            !stopped.load(Ordering::Relaxed)
        };
        loader.send(stretch.clone(), &told).map_err(|e| {
            let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(e);
        })
    });
    if result.is_err() {
        let first = first.into_inner().unwrap_or_else(PoisonError::into_inner);
        return Err(first.unwrap_or(CorpusError::Stopped));
    }
    loader.whole(&meta, described.shards).map_err(error)?;
    Ok(pushed())
}

/// One load under way.
struct Loader<'a> {
    asker: &'a Asker,
    source: &'a dyn Corpus,
    of: u64,
    there: AtomicU64,
    held_back: AtomicU64,
}

impl Loader<'_> {
    fn ask(&self, method: Method, path: &str, body: Body) -> Result<Value, RemoteError> {
        let request = Request { method, path, body };
        self.asker.until_done(|client| client.send(request))
    }

    /// The index: made, if it was not there. One of another corpus is left alone.
    fn made(&self, meta: &Meta, how: &PushOptions) -> Result<Described, RemoteError> {
        let address = self.asker.address();
        let described = || self.asker.until_done(|client| describe(client, address));
        if let Some(there) = described()? {
            let mut expected = meta.clone();
            // What it is called on this machine, and what was asked for when it was made.
            expected
                .tokenizer_name
                .clone_from(&there.meta.tokenizer_name);
            expected.occurrences = there.meta.occurrences;
            if there.meta != expected {
                return Err(RemoteError::NotOurs {
                    why: format!(
                        "it holds another corpus, of {} tokens; choose another name, or delete it there",
                        there.meta.tokens
                    ),
                });
            }
            return Ok(there);
        }
        let health = self.ask(Method::Get, "_cluster/health", Body::None)?;
        let nodes = health["number_of_data_nodes"].as_u64().unwrap_or(1).max(1) as usize;
        let shards = how.shards.unwrap_or(nodes);
        let replicas = how.replicas.unwrap_or(usize::from(nodes > 1));
        let body = schema::create(meta, shards, replicas);
        let made = self.ask(Method::Put, &address.index, Body::Json(&body));
        match made {
            // Asked again after an answer that was lost.
            Err(RemoteError::Refused { message })
                if message.contains("resource_already_exists") => {}
            Err(RemoteError::Refused { message }) if message.contains("script") => {
                return Err(RemoteError::NotOurs {
                    why: format!(
                        "the cluster takes no scripts ({message}); --documents-only loads it without, and then documents are counted instead of occurrences"
                    ),
                });
            }
            made => drop(made?),
        }
        described()?.ok_or_else(|| RemoteError::NoIndex {
            index: address.index.clone(),
        })
    }

    /// Makes what was sent visible to searches.
    fn refresh(&self) -> Result<(), RemoteError> {
        let path = format!("{}/_refresh", self.asker.address().index);
        self.asker.until_done(|client| {
            let answer = client.send(Request {
                method: Method::Post,
                path: &path,
                body: Body::None,
            })?;
            match answer["_shards"]["failed"].as_u64() {
                Some(0) => Ok(()),
                _ => Err(RemoteError::Partial {
                    why: format!("shards: {}", answer["_shards"]),
                }),
            }
        })
    }

    fn search<T>(
        &self,
        body: &Value,
        shards: Option<u64>,
        read: impl Fn(&Value) -> Result<T, RemoteError>,
    ) -> Result<T, RemoteError> {
        let index = &self.asker.address().index;
        self.asker.until_done(|client| {
            let answers = search_many(client, index, &[body])?;
            read(search::complete(
                answers.first().unwrap_or(&Value::Null),
                shards,
            )?)
        })
    }

    /// How many documents are there of each stretch of numbers, by its first.
    fn stretches(&self, length: u64) -> Result<HashMap<u64, u64>, RemoteError> {
        self.refresh()?;
        self.search(&search::stretches(length), None, |answer| {
            let buckets = answer["aggregations"]["stretches"]["buckets"].as_array();
            let one = |b: &Value| Some((b["key"].as_f64()? as u64, b["doc_count"].as_u64()?));
            let all = buckets.and_then(|b| b.iter().map(one).collect());
            all.ok_or(RemoteError::Malformed {
                why: "it does not say which documents are there".into(),
            })
        })
    }

    /// Sends the documents of some numbers.
    fn send(
        &self,
        numbers: std::ops::Range<u64>,
        told: &dyn Fn(u64) -> bool,
    ) -> Result<(), CorpusError> {
        let all: Vec<u64> = numbers.collect();
        let mut at = 0;
        while at < all.len() {
            // As many as fill a request, but few at a time in memory.
            let (mut lines, mut size) = (Vec::new(), 0);
            while at < all.len() && size < BULK {
                let few = &all[at..all.len().min(at + 20)];
                let documents: Vec<Document> = self.source.documents(few)?;
                for document in &documents {
                    let line = schema::lines(document);
                    size += line.len();
                    lines.push(line);
                }
                at += few.len();
            }
            let sent = lines.len() as u64;
            let bulk = self.bulk(lines);
            bulk.map_err(|e| remote(&self.asker.address().to_string(), e))?;
            self.there.fetch_add(sent, Ordering::Relaxed);
            if !told(sent) {
                return Err(CorpusError::Stopped);
            }
        }
        Ok(())
    }

    /// Sends documents until each is taken; those that the cluster had no room for are sent again, after a while.
    fn bulk(&self, mut lines: Vec<String>) -> Result<(), RemoteError> {
        let path = format!("{}/_bulk", self.asker.address().index);
        self.asker.until_done(|client| {
            let held_back = |e: RemoteError| {
                let busy = matches!(e, RemoteError::Busy { .. });
                self.held_back.fetch_add(u64::from(busy), Ordering::Relaxed);
                e
            };
            let left = send_lines(client, &path, &lines).map_err(held_back)?;
            if left.is_empty() {
                return Ok(());
            }
            let mut numbers = left.into_iter().peekable();
            let mut number = 0;
            lines.retain(|_| {
                let keep = numbers.next_if_eq(&number).is_some();
                number += 1;
                keep
            });
            Err(held_back(RemoteError::Busy {
                status: 429,
                after: None,
            }))
        })
    }

    /// Holds the index against what was to be sent.
    fn whole(&self, meta: &Meta, shards: u64) -> Result<(), RemoteError> {
        self.refresh()?;
        let (documents, tokens) =
            self.search(&search::whole(), Some(shards), search::read_whole)?;
        if (documents, tokens) == (self.of, meta.tokens) {
            return Ok(());
        }
        Err(RemoteError::NotOurs {
            why: format!(
                "it holds {documents} documents of {tokens} tokens where {} of {} were sent; does something else write to it?",
                self.of, meta.tokens
            ),
        })
    }
}

/// Sends documents once; the places of those that the cluster had no room for.
fn send_lines(client: &Client, path: &str, lines: &[String]) -> Result<Vec<usize>, RemoteError> {
    let answer = client.send(Request {
        method: Method::Post,
        path,
        body: Body::Lines(&lines.concat()),
    })?;
    left(&answer, lines.len())
}

/// The places of the documents of a bulk request that are to be sent again.
fn left(answer: &Value, sent: usize) -> Result<Vec<usize>, RemoteError> {
    let items = answer["items"].as_array().filter(|i| i.len() == sent);
    let items = items.ok_or(RemoteError::Malformed {
        why: "it does not say what became of each document".into(),
    })?;
    let mut left = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let item = &item["index"];
        match item["status"].as_u64() {
            Some(200 | 201) => {}
            // No room, or a shard that is moving.
            Some(429 | 503) => left.push(place),
            _ => {
                let why = message(item).unwrap_or_else(|| item.to_string());
                return Err(RemoteError::Refused { message: why });
            }
        }
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_documents_without_room_are_sent_again() {
        let item = |status: u16| json!({"index": {"_id": "1", "status": status}});
        let answer = |all: &[u16]| {
            let items: Vec<Value> = all.iter().map(|&s| item(s)).collect();
            json!({"errors": true, "items": items})
        };
        assert_eq!(left(&answer(&[201, 200]), 2).unwrap(), Vec::<usize>::new());
        assert_eq!(left(&answer(&[201, 429, 200, 503]), 4).unwrap(), [1, 3]);
        let refused =
            json!({"items": [{"index": {"status": 400, "error": {"type": "t", "reason": "r"}}}]});
        let error = left(&refused, 1).unwrap_err();
        assert!(!error.is_passing() && error.to_string().contains("t: r"));
        assert!(left(&answer(&[201]), 2).unwrap_err().is_passing());
        assert!(left(&json!({}), 0).unwrap_err().is_passing());
    }
}
