//! An opened index, asked many questions at a time.

use std::collections::HashMap;
use std::sync::Arc;

use rotescope_corpus::{About, Basis, CorpusError, CorpusInfo, Counted, Quality};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::schema::{FORMAT, Meta};
use super::search::{self, Clause, Found};
use crate::address::Address;
use crate::asker::Asker;
use crate::client::{Body, Client, Method, Request};
use crate::error::RemoteError;
use crate::open::Options;
use crate::parallel;

/// Questions that go out in one request at most.
const TOGETHER: usize = 100;

/// An index of an OpenSearch or Elasticsearch cluster that [`push`](super::push()) has loaded.
///
/// Counts of n-grams and words are exact: of occurrences, or of documents where the cluster has no scripts. Words and n-grams that occur together
/// are counted in documents. Whatever was not answered by every shard is an error.
pub struct OpenSearch {
    asker: Arc<Asker>,
    meta: Meta,
    shards: u64,
    /// Of this state of the index.
    scope: String,
}

/// What an index says of itself.
pub(super) struct Described {
    pub meta: Meta,
    pub uuid: String,
    pub shards: u64,
}

/// What stands at an address; `None`: nothing.
pub(super) fn describe(
    client: &Client,
    address: &Address,
) -> Result<Option<Described>, RemoteError> {
    let path = address.index.as_str();
    let answer = client.send(Request {
        method: Method::Get,
        path,
        body: Body::None,
    });
    let answer = match answer {
        Err(RemoteError::Refused { message }) if message.contains("index_not_found") => {
            return Ok(None);
        }
        other => other?,
    };
    let all = answer.as_object().into_iter().flatten();
    let [(_, index)] = all.collect::<Vec<_>>()[..] else {
        return Err(not_ours("the name stands for several indexes; name one"));
    };
    let Some(meta) = Meta::read(index) else {
        return Err(not_ours(
            "the index there holds no token ids of rotescope; `rotescope index push` makes one that does",
        ));
    };
    if meta.format != FORMAT {
        return Err(not_ours(
            "the index was made by another version of rotescope; push it again under another name",
        ));
    }
    let settings = &index["settings"]["index"];
    let text = |name: &str| settings[name].as_str().unwrap_or_default();
    Ok(Some(Described {
        uuid: text("uuid").to_string(),
        shards: text("number_of_shards").parse().unwrap_or(0),
        meta,
    }))
}

fn not_ours(why: &str) -> RemoteError {
    RemoteError::NotOurs { why: why.into() }
}

impl OpenSearch {
    /// Opens an index and asks it how much it holds.
    ///
    /// # Errors
    /// [`CorpusError::Remote`]: it does not answer, there is none, or it is not loaded to its end.
    pub fn open(address: Address, options: Options) -> Result<OpenSearch, CorpusError> {
        let corpus = address.to_string();
        let open = || {
            address.check_encrypted(options.insecure)?;
            let asker = Asker::new(address, options.limits, options.credentials, options.cache);
            OpenSearch::of(Arc::new(asker))
        };
        open().map_err(|e| remote(&corpus, e))
    }

    fn of(asker: Arc<Asker>) -> Result<OpenSearch, RemoteError> {
        let opening = json!("the index itself");
        let known = match asker.limits().offline {
            true => asker.known("opened", &opening)?,
            false => None,
        };
        let (meta, shards, scope): (Meta, u64, String) = match known {
            Some(known) => known,
            None if asker.limits().offline => {
                return Err(RemoteError::Offline {
                    what: "what the index holds".into(),
                });
            }
            None => {
                let opened = opened(&asker)?;
                asker.keep("opened", &opening, &opened)?;
                opened
            }
        };
        Ok(OpenSearch {
            asker,
            meta,
            shards,
            scope,
        })
    }

    /// Says what was asked.
    pub fn asker(&self) -> &Arc<Asker> {
        &self.asker
    }

    pub(super) fn meta(&self) -> &Meta {
        &self.meta
    }

    pub(super) fn place(&self) -> String {
        self.asker.address().to_string()
    }

    pub(super) fn error(&self, error: RemoteError) -> CorpusError {
        remote(&self.place(), error)
    }

    /// What counts of single n-grams and words rest on.
    pub(super) fn basis(&self) -> Basis {
        Basis {
            quality: Quality::Exact,
            counted: match self.meta.occurrences {
                true => Counted::Occurrences,
                false => Counted::Documents,
            },
            retokenized: false,
        }
    }

    /// The answers to many questions, in their order: known ones from the cache, equal ones asked once, many in a request. `read` takes what is
    /// wanted from the answer to the question of that number.
    pub(super) fn ask<T: Serialize + DeserializeOwned + Clone + Send + Sync>(
        &self,
        questions: &[Value],
        read: impl Fn(&Value, usize) -> Result<T, RemoteError> + Sync,
    ) -> Result<Vec<T>, CorpusError> {
        self.answers(questions, read).map_err(|e| self.error(e))
    }

    fn answers<T: Serialize + DeserializeOwned + Clone + Send + Sync>(
        &self,
        questions: &[Value],
        read: impl Fn(&Value, usize) -> Result<T, RemoteError> + Sync,
    ) -> Result<Vec<T>, RemoteError> {
        let texts: Vec<String> = questions.iter().map(Value::to_string).collect();
        let mut first: HashMap<&str, usize> = HashMap::new();
        let mut answers: Vec<Option<T>> = vec![None; questions.len()];
        let mut unknown = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            if *first.entry(text).or_insert(i) != i {
                continue;
            }
            answers[i] = self.asker.known(&self.scope, &questions[i])?;
            if answers[i].is_none() {
                unknown.push(i);
            }
        }
        if let Some(&i) = unknown.first()
            && self.asker.limits().offline
        {
            let what = texts[i].chars().take(120).collect();
            return Err(RemoteError::Offline { what });
        }
        // A few requests side by side rather than one after the other.
        let at_a_time = self.asker.limits().at_a_time.max(1);
        let together = unknown.len().div_ceil(at_a_time).clamp(10, TOGETHER);
        let chunks: Vec<&[usize]> = unknown.chunks(together).collect();
        let found = parallel::map(&chunks, at_a_time, |chunk| {
            self.request(questions, chunk, &read)
        })?;
        for (i, answer) in found.into_iter().flatten() {
            answers[i] = Some(answer);
        }
        let all = texts
            .iter()
            .map(|text| answers[first[text.as_str()]].clone());
        all.collect::<Option<_>>().ok_or(RemoteError::Malformed {
            why: "it holds fewer answers than questions".into(),
        })
    }

    /// Some of the questions in one request; those that were not answered are asked again.
    fn request<T: Serialize>(
        &self,
        questions: &[Value],
        chunk: &[usize],
        read: &(impl Fn(&Value, usize) -> Result<T, RemoteError> + Sync),
    ) -> Result<Vec<(usize, T)>, RemoteError> {
        let (mut left, mut done) = (chunk.to_vec(), Vec::with_capacity(chunk.len()));
        self.asker.until_done(|client| {
            let bodies: Vec<&Value> = left.iter().map(|&i| &questions[i]).collect();
            let responses = search_many(client, &self.asker.address().index, &bodies)?;
            let (mut again, mut last) = (Vec::new(), None);
            for (&i, response) in left.iter().zip(&responses) {
                let answer = search::complete(response, Some(self.shards));
                match answer.and_then(|answer| read(answer, i)) {
                    Ok(answer) => done.push((i, answer)),
                    Err(error) if error.is_passing() => {
                        again.push(i);
                        last = Some(error);
                    }
                    Err(error) => return Err(error),
                }
            }
            left = again;
            last.map_or(Ok(()), Err)
        })?;
        for (i, answer) in &done {
            self.asker.keep(&self.scope, &questions[*i], answer)?;
        }
        Ok(done)
    }

    /// How often each of some clauses occurs; none that is empty.
    pub(super) fn count(&self, clauses: &[Clause]) -> Result<Vec<Found>, CorpusError> {
        let occurrences = self.meta.occurrences;
        let questions: Vec<Value> = clauses
            .iter()
            .map(|c| search::count(c, occurrences))
            .collect();
        self.ask(&questions, |answer, i| {
            search::read_count(answer, &clauses[i], occurrences)
        })
    }
}

/// What an index holds: all of what was loaded.
fn opened(asker: &Asker) -> Result<(Meta, u64, String), RemoteError> {
    let address = asker.address();
    let described = asker.until_done(|client| describe(client, address))?;
    let described = described.ok_or_else(|| RemoteError::NoIndex {
        index: address.index.clone(),
    })?;
    let (documents, tokens) = asker.until_done(|client| {
        let answers = search_many(client, &address.index, &[&search::whole()])?;
        let answer = answers.first().unwrap_or(&Value::Null);
        search::read_whole(search::complete(answer, Some(described.shards))?)
    })?;
    let meta = described.meta;
    if (documents, tokens) != (meta.documents, meta.tokens) {
        return Err(RemoteError::NotOurs {
            why: format!(
                "it holds {documents} documents of {tokens} tokens where {} of {} are to be; `rotescope index push` goes on where it ended",
                meta.documents, meta.tokens
            ),
        });
    }
    let scope = format!("{} {}", described.uuid, meta.fingerprint);
    Ok((meta, described.shards, scope))
}

/// Several searches in one request, answered in their order.
pub(super) fn search_many(
    client: &Client,
    index: &str,
    bodies: &[&Value],
) -> Result<Vec<Value>, RemoteError> {
    let header = json!({"index": index, "allow_partial_search_results": false});
    let lines: String = bodies.iter().map(|b| format!("{header}\n{b}\n")).collect();
    let mut answer = client.send(Request {
        method: Method::Post,
        path: "_msearch",
        body: Body::Lines(&lines),
    })?;
    let Value::Array(responses) = answer["responses"].take() else {
        return Err(RemoteError::Malformed {
            why: "it holds no answers".into(),
        });
    };
    if responses.len() != bodies.len() {
        return Err(RemoteError::Malformed {
            why: format!("{} answers to {} questions", responses.len(), bodies.len()),
        });
    }
    Ok(responses)
}

pub(super) fn remote(corpus: &str, error: RemoteError) -> CorpusError {
    CorpusError::Remote {
        corpus: corpus.to_string(),
        error: Box::new(error),
    }
}

impl About for OpenSearch {
    fn info(&self) -> CorpusInfo {
        let m = &self.meta;
        let documents = Basis {
            counted: Counted::Documents,
            ..Basis::default()
        };
        CorpusInfo {
            name: self.asker.address().index.clone(),
            place: self.place(),
            documents: Some(m.documents),
            tokens: m.tokens,
            words: m.words,
            bytes: m.bytes,
            fingerprint: m.fingerprint.clone(),
            tokenizer: m.tokenizer.clone(),
            tokenizer_name: m.tokenizer_name.clone(),
            basis: self.basis(),
            cooccurrence: documents,
            is_remote: true,
        }
    }
}
