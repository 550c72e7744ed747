//! Asks politely: known answers first, some questions at a time, not too many a second, again where that helps, never more than allowed.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::address::Address;
use crate::cache::{Cache, Key};
use crate::client::Client;
use crate::credentials::Credentials;
use crate::error::RemoteError;

/// How an API is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Questions under way at a time.
    pub at_a_time: usize,
    /// Questions begun in a second; `None`: as many as there are.
    pub per_second: Option<f64>,
    /// Of one question.
    pub timeout: Duration,
    /// How often one question is asked at most.
    pub attempts: usize,
    /// How long to wait before the second attempt; the double each time after.
    pub first_wait: Duration,
    /// Questions asked in all, repeated ones counted again.
    pub max_queries: Option<u64>,
    /// Answers only from the cache.
    pub offline: bool,
}

impl Limits {
    /// For an API of others: 8 at a time, 40 a second.
    pub fn polite() -> Limits {
        Limits {
            at_a_time: 8,
            per_second: Some(40.0),
            timeout: Duration::from_secs(30),
            attempts: 7,
            first_wait: Duration::from_millis(250),
            max_queries: None,
            offline: false,
        }
    }

    /// For a server on this machine.
    pub fn local() -> Limits {
        Limits {
            per_second: None,
            ..Limits::polite()
        }
    }
}

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(16);

/// What was asked so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Questions sent, repeated ones counted again.
    pub asked: u64,
    /// Of these, those sent again.
    pub repeated: u64,
    /// Answers that were known.
    pub known: u64,
    /// Milliseconds that the answered ones took, all together.
    pub milliseconds: u64,
}

impl Tally {
    /// How long an answer takes, as far as any came.
    pub fn mean(&self) -> Option<Duration> {
        let answered = self.asked - self.repeated.min(self.asked);
        (answered > 0).then(|| Duration::from_millis(self.milliseconds / answered))
    }
}

/// Asks one index.
pub struct Asker {
    client: Client,
    address: Address,
    cache: Arc<Cache>,
    limits: Limits,
    under_way: Mutex<UnderWay>,
    one_over: Condvar,
    asked: AtomicU64,
    repeated: AtomicU64,
    known: AtomicU64,
    milliseconds: AtomicU64,
}

#[derive(Default)]
struct UnderWay {
    questions: HashSet<Key>,
    sent: usize,
    /// When the next may begin.
    next: Option<Instant>,
}

impl Asker {
    pub fn new(
        address: Address,
        limits: Limits,
        credentials: Option<Credentials>,
        cache: Arc<Cache>,
    ) -> Asker {
        Asker {
            client: Client::new(&address, limits.timeout, limits.at_a_time, credentials),
            address,
            cache,
            limits,
            under_way: Mutex::default(),
            one_over: Condvar::new(),
            asked: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
            known: AtomicU64::new(0),
            milliseconds: AtomicU64::new(0),
        }
    }

    pub fn address(&self) -> &Address {
        &self.address
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Writes the answers that wait to be kept.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn keep_answers(&self) -> Result<(), RemoteError> {
        self.cache.flush()
    }

    pub fn tally(&self) -> Tally {
        let of = |n: &AtomicU64| n.load(Ordering::Relaxed);
        Tally {
            asked: of(&self.asked),
            repeated: of(&self.repeated),
            known: of(&self.known),
            milliseconds: of(&self.milliseconds),
        }
    }

    /// The answer to a question, known or asked for. `read` takes what is wanted from it, or says why it is no answer to the question; what it
    /// takes is kept. A question that another thread is asking is waited for.
    ///
    /// # Errors
    /// When there is no answer in all attempts, or no more may be asked.
    pub fn ask<T: Serialize + DeserializeOwned>(
        &self,
        mut question: Value,
        read: impl Fn(&Value) -> Result<T, RemoteError>,
    ) -> Result<T, RemoteError> {
        question["index"] = self.address.index.as_str().into();
        let key = self.key(&question);
        let _mine = self.begin(key);
        if let Some(known) = self.cache.get(&key)?
            && let Ok(answer) = serde_json::from_slice(&known)
        {
            self.known.fetch_add(1, Ordering::Relaxed);
            return Ok(answer);
        }
        if self.limits.offline {
            return Err(RemoteError::Offline {
                what: brief(&question),
            });
        }
        let answer = self.until_answered(&question, read)?;
        if let Ok(bytes) = serde_json::to_vec(&answer) {
            self.cache.put(key, bytes)?;
        }
        Ok(answer)
    }

    /// Does something until it succeeds, as often as a question is asked.
    ///
    /// # Errors
    /// What does not pass, or [`RemoteError::GaveUp`].
    pub(crate) fn until_done<T>(
        &self,
        mut attempt: impl FnMut(&Client) -> Result<T, RemoteError>,
    ) -> Result<T, RemoteError> {
        let mut attempts = 0;
        loop {
            let sent = self.slot()?;
            attempts += 1;
            self.repeated
                .fetch_add(u64::from(attempts > 1), Ordering::Relaxed);
            let began = Instant::now();
            let done = attempt(&self.client);
            drop(sent);
            let error = match done {
                Ok(done) => {
                    let took = began.elapsed().as_millis() as u64;
                    self.milliseconds.fetch_add(took, Ordering::Relaxed);
                    return Ok(done);
                }
                Err(error) if !error.is_passing() => return Err(error),
                Err(error) => error,
            };
            tracing::debug!("attempt {attempts}: {error}");
            if attempts >= self.limits.attempts {
                return Err(RemoteError::GaveUp {
                    attempts,
                    last: Box::new(error),
                });
            }
            std::thread::sleep(self.wait(attempts, &error));
        }
    }

    /// A known answer to a question within a scope (of the state of an index), if there is one.
    pub(crate) fn known<T: DeserializeOwned>(
        &self,
        scope: &str,
        question: &Value,
    ) -> Result<Option<T>, RemoteError> {
        let known = self.cache.get(&self.scoped(scope, question))?;
        let answer = known.and_then(|k| serde_json::from_slice(&k).ok());
        self.known
            .fetch_add(u64::from(answer.is_some()), Ordering::Relaxed);
        Ok(answer)
    }

    /// Keeps an answer for [`Asker::known`].
    pub(crate) fn keep<T: Serialize>(
        &self,
        scope: &str,
        question: &Value,
        answer: &T,
    ) -> Result<(), RemoteError> {
        match serde_json::to_vec(answer) {
            Ok(bytes) => self.cache.put(self.scoped(scope, question), bytes),
            Err(_) => Ok(()),
        }
    }

    fn scoped(&self, scope: &str, question: &Value) -> Key {
        let mut hash = Sha256::new();
        for part in [&self.address.to_string(), scope, &question.to_string()] {
            hash.update(part.as_bytes());
            hash.update(b"\n");
        }
        hash.finalize().into()
    }

    fn until_answered<T>(
        &self,
        question: &Value,
        read: impl Fn(&Value) -> Result<T, RemoteError>,
    ) -> Result<T, RemoteError> {
        self.until_done(|client| client.ask(question).and_then(|answer| read(&answer)))
    }

    /// How long to wait after so many attempts: twice as long each time, with a random part, so that those who failed together do not come
    /// again together.
    fn wait(&self, attempts: usize, error: &RemoteError) -> Duration {
        let doubled = 1u32 << (attempts - 1).min(16);
        let wait = self
            .limits
            .first_wait
            .saturating_mul(doubled)
            .min(LONGEST_WAIT);
        let random = RandomState::new().hash_one(attempts) as f64 / u64::MAX as f64;
        let wait = wait.mul_f64(0.5 + random / 2.0);
        match error {
            RemoteError::Busy {
                after: Some(after), ..
            } => wait.max((*after).min(4 * LONGEST_WAIT)),
            _ => wait,
        }
    }

    /// Waits until one more question may be sent.
    fn slot(&self) -> Result<Slot<'_>, RemoteError> {
        let mut under_way = self.under_way();
        while under_way.sent >= self.limits.at_a_time.max(1) {
            under_way = self
                .one_over
                .wait(under_way)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let most = self.limits.max_queries.unwrap_or(u64::MAX);
        if self.asked.load(Ordering::Relaxed) >= most {
            return Err(RemoteError::Exhausted { most });
        }
        self.asked.fetch_add(1, Ordering::Relaxed);
        under_way.sent += 1;
        let now = Instant::now();
        let begins = under_way.next.unwrap_or(now).max(now);
        if let Some(per_second) = self.limits.per_second {
            under_way.next = Some(begins + Duration::from_secs_f64(1.0 / per_second.max(0.01)));
        }
        drop(under_way);
        std::thread::sleep(begins - now);
        Ok(Slot(self))
    }

    /// Waits until no other thread asks the same.
    fn begin(&self, key: Key) -> Mine<'_> {
        let mut under_way = self.under_way();
        while !under_way.questions.insert(key) {
            under_way = self
                .one_over
                .wait(under_way)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Mine(self, key)
    }

    fn under_way(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, question: &Value) -> Key {
        let mut hash = Sha256::new();
        hash.update(self.address.url.as_bytes());
        hash.update(b"\n");
        hash.update(question.to_string().as_bytes());
        hash.finalize().into()
    }
}

/// A question that this thread asks.
struct Mine<'a>(&'a Asker, Key);

impl Drop for Mine<'_> {
    fn drop(&mut self) {
        self.0.under_way().questions.remove(&self.1);
        self.0.one_over.notify_all();
    }
}

/// A question that is sent.
struct Slot<'a>(&'a Asker);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.under_way().sent -= 1;
        self.0.one_over.notify_all();
    }
}

/// A question in a few words.
fn brief(question: &Value) -> String {
    let kind = question["query_type"].as_str().unwrap_or("a question");
    let ids = question["query_ids"].to_string();
    let cut: String = ids.chars().take(60).collect();
    let rest = if cut.len() < ids.len() { "…" } else { "" };
    format!("{kind} {cut}{rest}")
}
