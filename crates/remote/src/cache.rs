//! Answers kept on disk, so that a second run asks nothing.
//!
//! One file, which several programs may use: it is opened for each reading and writing and closed again, under the lock of the file system, and
//! who finds it locked waits. What was asked most recently is also in memory, so that a run opens it little more than once for each answer.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use redb::{
    Database, DatabaseError, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, ReadableTable,
    ReadableTableMetadata, StorageError, TableDefinition,
};

use crate::error::RemoteError;

/// What an answer is found by: a SHA-256 of the question.
pub type Key = [u8; 32];

/// The number is the format of the answers: others than these are not seen, and go when there is no more room.
const ANSWERS: TableDefinition<Key, &[u8]> = TableDefinition::new("answers/1");
/// The answers in the order in which they came.
const ORDER: TableDefinition<u64, Key> = TableDefinition::new("order/1");
const SUMS: TableDefinition<&str, u64> = TableDefinition::new("sums/1");
/// Bytes of all answers, and the number of the next one.
const BYTES: &str = "bytes";
const NEXT: &str = "next";

/// What an answer takes beside its bytes: its key twice, its number, its length.
const OVERHEAD: u64 = 80;
/// Bytes of answers kept if not said otherwise.
pub const LIMIT: u64 = 1 << 30;
/// Bytes of answers held in memory.
const IN_MEMORY: usize = 64 << 20;
/// Answers are written when so many wait, or the first of them has waited so long: a commit takes milliseconds.
const WAITING: usize = 64;
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// How long another program may hold the file.
const PATIENCE: Duration = Duration::from_secs(20);

/// The answers that are known.
pub struct Cache {
    /// `None`: only in memory.
    path: Option<PathBuf>,
    limit: u64,
    memory: Mutex<Memory>,
    /// One thread at a time opens the file.
    gate: Mutex<()>,
}

#[derive(Default)]
struct Memory {
    answers: HashMap<Key, Vec<u8>>,
    bytes: usize,
    waiting: Vec<(Key, Vec<u8>)>,
    since: Option<Instant>,
}

/// What a cache holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheInfo {
    pub path: PathBuf,
    pub answers: u64,
    /// Of the answers; the file is larger.
    pub bytes: u64,
    pub file: u64,
    /// The most bytes of answers; the oldest go first.
    pub limit: u64,
}

impl Cache {
    /// The cache in a file, which need not exist.
    pub fn new(path: PathBuf, limit: u64) -> Cache {
        Cache {
            path: Some(path),
            limit,
            memory: Mutex::default(),
            gate: Mutex::default(),
        }
    }

    /// A cache that goes with the program.
    pub fn in_memory() -> Cache {
        Cache {
            path: None,
            limit: LIMIT,
            memory: Mutex::default(),
            gate: Mutex::default(),
        }
    }

    /// A known answer.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, RemoteError> {
        if let Some(answer) = self.memory().answers.get(key) {
            return Ok(Some(answer.clone()));
        }
        let Some(path) = self.path.as_deref().filter(|p| p.exists()) else {
            return Ok(None);
        };
        let found = self.read(path, |read| {
            let answers = match read.open_table(ANSWERS) {
                Ok(table) => table,
                Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
                Err(e) => return Err(e.into()),
            };
            Ok(answers.get(key)?.map(|a| a.value().to_vec()))
        })?;
        if let Some(answer) = &found {
            self.memory().keep(*key, answer.clone());
        }
        Ok(found)
    }

    /// Keeps an answer. It may be written later, at the latest by [`Cache::flush`] or when the cache is dropped.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put(&self, key: Key, answer: Vec<u8>) -> Result<(), RemoteError> {
        let due = {
            let mut memory = self.memory();
            memory.keep(key, answer.clone());
            if self.path.is_none() {
                return Ok(());
            }
            let since = *memory.since.get_or_insert_with(Instant::now);
            memory.waiting.push((key, answer));
            memory.waiting.len() >= WAITING || since.elapsed() >= LONGEST_WAIT
        };
        if due { self.flush() } else { Ok(()) }
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn flush(&self) -> Result<(), RemoteError> {
        let waiting = {
            let mut memory = self.memory();
            memory.since = None;
            std::mem::take(&mut memory.waiting)
        };
        let Some(path) = self.path.as_deref().filter(|_| !waiting.is_empty()) else {
            return Ok(());
        };
        if let Some(folder) = path.parent() {
            let made = std::fs::create_dir_all(folder);
            made.map_err(|e| unusable(path, &e))?;
        }
        self.write(path, |db| store(db, &waiting, self.limit))
    }

    /// What the file holds; nothing where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn info(&self) -> Result<CacheInfo, RemoteError> {
        let path = self.path.clone().unwrap_or_default();
        let mut info = CacheInfo {
            answers: 0,
            bytes: 0,
            file: std::fs::metadata(&path).map_or(0, |m| m.len()),
            limit: self.limit,
            path: path.clone(),
        };
        if path.exists() {
            (info.answers, info.bytes) = self.read(&path, |read| {
                match (read.open_table(ANSWERS), read.open_table(SUMS)) {
                    (Ok(answers), Ok(sums)) => {
                        let bytes = sums.get(BYTES)?.map_or(0, |b| b.value());
                        Ok((answers.len()?, bytes))
                    }
                    (Err(redb::TableError::TableDoesNotExist(_)), _) => Ok((0, 0)),
                    (Err(e), _) | (_, Err(e)) => Err(e.into()),
                }
            })?;
        }
        Ok(info)
    }

    /// Empties it. A damaged file is removed.
    ///
    /// # Errors
    /// When it is in use, or cannot be removed.
    pub fn clear(&self) -> Result<(), RemoteError> {
        let mut memory = self.memory();
        *memory = Memory::default();
        let Some(path) = self.path.as_deref().filter(|p| p.exists()) else {
            return Ok(());
        };
        // Whoever uses it now is waited for; nobody has it open for longer than a moment.
        match self.write(path, |_| Ok(())) {
            Err(e @ RemoteError::CacheInUse { .. }) => Err(e),
            _ => std::fs::remove_file(path).map_err(|e| unusable(path, &e)),
        }
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the file, which others may read at the same time. One that a killed program left behind is mended first.
    fn read<T>(
        &self,
        path: &Path,
        what: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, RemoteError> {
        let db = match self.opened(path, || ReadOnlyDatabase::open(path))? {
            Some(db) => db,
            None => {
                self.write(path, |_| Ok(()))?;
                let db = self.opened(path, || ReadOnlyDatabase::open(path))?;
                db.ok_or_else(|| unusable(path, &"it is damaged"))?
            }
        };
        let read = db.begin_read().map_err(|e| unusable(path, &e))?;
        what(&read).map_err(|e| unusable(path, &e))
    }

    /// Opens the file for one that writes, alone.
    fn write<T>(
        &self,
        path: &Path,
        what: impl FnOnce(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, RemoteError> {
        let _one = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        let db = self.opened(path, || Database::create(path))?;
        let db = db.ok_or_else(|| unusable(path, &"it is damaged"))?;
        what(&db).map_err(|e| unusable(path, &e))
    }

    /// Opens the file, when whoever has it open for writing is done. `None`: it is to be mended.
    fn opened<D>(
        &self,
        path: &Path,
        open: impl Fn() -> Result<D, DatabaseError>,
    ) -> Result<Option<D>, RemoteError> {
        let began = Instant::now();
        loop {
            match open() {
                Ok(db) => return Ok(Some(db)),
                Err(DatabaseError::RepairAborted) => return Ok(None),
                // Also a file that another program has just begun: it is empty until its lock is taken.
                Err(DatabaseError::Storage(StorageError::Io(e)))
                    if e.kind() == ErrorKind::InvalidData =>
                {
                    return Ok(None);
                }
                Err(DatabaseError::DatabaseAlreadyOpen) if began.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(2));
                }
                Err(DatabaseError::DatabaseAlreadyOpen) => {
                    return Err(RemoteError::CacheInUse {
                        path: path.into(),
                        waited: began.elapsed(),
                    });
                }
                Err(e) => return Err(unusable(path, &e)),
            }
        }
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        if let Err(error) = self.flush() {
            tracing::warn!("{error}");
        }
    }
}

impl Memory {
    fn keep(&mut self, key: Key, answer: Vec<u8>) {
        if self.bytes > IN_MEMORY {
            (self.answers, self.bytes) = (HashMap::new(), 0);
        }
        self.bytes += answer.len() + OVERHEAD as usize;
        self.answers.insert(key, answer);
    }
}

/// Writes answers, and takes the oldest out where they are too many.
fn store(db: &Database, new: &[(Key, Vec<u8>)], limit: u64) -> Result<(), redb::Error> {
    let write = db.begin_write()?;
    {
        let (mut answers, mut order, mut sums) = (
            write.open_table(ANSWERS)?,
            write.open_table(ORDER)?,
            write.open_table(SUMS)?,
        );
        let sum = |sums: &redb::Table<&str, u64>, name: &str| -> Result<u64, redb::Error> {
            Ok(sums.get(name)?.map_or(0, |v| v.value()))
        };
        let (mut bytes, mut next) = (sum(&sums, BYTES)?, sum(&sums, NEXT)?);
        for (key, answer) in new {
            // Another program may have been faster.
            if answers.get(key)?.is_none() {
                answers.insert(key, answer.as_slice())?;
                order.insert(next, key)?;
                next += 1;
                bytes += answer.len() as u64 + OVERHEAD;
            }
        }
        if bytes > limit {
            // Some more than needed, or the next answer would do it again.
            while bytes > limit - limit / 8 {
                let Some((_, key)) = order.pop_first()?.map(|(n, k)| (n.value(), k.value())) else {
                    break;
                };
                if let Some(answer) = answers.remove(&key)? {
                    bytes -= (answer.value().len() as u64 + OVERHEAD).min(bytes);
                }
            }
        }
        sums.insert(BYTES, bytes)?;
        sums.insert(NEXT, next)?;
    }
    write.commit()?;
    Ok(())
}

fn unusable(path: &Path, error: &dyn std::fmt::Display) -> RemoteError {
    RemoteError::Cache {
        path: path.into(),
        why: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u64) -> Key {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&n.to_le_bytes());
        key
    }

    #[test]
    fn answers_outlive_the_run_and_are_shared() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/answers.redb");
        let one = Cache::new(path.clone(), LIMIT);
        assert_eq!(one.get(&key(1)).unwrap(), None);
        one.put(key(1), b"one".to_vec()).unwrap();
        assert_eq!(one.get(&key(1)).unwrap().unwrap(), b"one");
        one.flush().unwrap();
        // Beside the first, which is still there.
        let two = Cache::new(path.clone(), LIMIT);
        assert_eq!(two.get(&key(1)).unwrap().unwrap(), b"one");
        two.put(key(2), b"two".to_vec()).unwrap();
        two.put(key(1), b"other".to_vec()).unwrap();
        drop(two);
        assert_eq!(one.get(&key(2)).unwrap().unwrap(), b"two");
        let info = Cache::new(path.clone(), LIMIT).info().unwrap();
        assert_eq!((info.answers, info.bytes), (2, 6 + 2 * OVERHEAD));
        assert!(info.file > 0);
        one.clear().unwrap();
        assert_eq!(one.get(&key(1)).unwrap(), None);
        assert_eq!(one.info().unwrap().answers, 0);
        assert!(!path.exists());
    }

    #[test]
    fn many_programs_at_a_time_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("answers.redb");
        std::thread::scope(|scope| {
            for t in 0..8u64 {
                let path = path.clone();
                scope.spawn(move || {
                    let cache = Cache::new(path, LIMIT);
                    for n in 0..50 {
                        cache.put(key(t * 50 + n), vec![t as u8; 10]).unwrap();
                        if n % 10 == 0 {
                            cache.flush().unwrap();
                        }
                        cache.get(&key(n)).unwrap();
                    }
                });
            }
        });
        let cache = Cache::new(path, LIMIT);
        assert_eq!(cache.info().unwrap().answers, 400);
        for n in 0..400 {
            assert_eq!(
                cache.get(&key(n)).unwrap().unwrap(),
                vec![(n / 50) as u8; 10]
            );
        }
    }

    #[test]
    fn the_oldest_go_when_there_is_no_room() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("answers.redb");
        let limit = 100 * (1000 + OVERHEAD);
        let cache = Cache::new(path.clone(), limit);
        for n in 0..1000 {
            cache.put(key(n), vec![1; 1000]).unwrap();
        }
        drop(cache);
        let cache = Cache::new(path, limit);
        let info = cache.info().unwrap();
        assert!(info.bytes <= limit && info.answers >= 80, "{info:?}");
        assert!(info.file < 20 * limit, "{info:?}");
        assert!(cache.get(&key(0)).unwrap().is_none());
        assert!(cache.get(&key(999)).unwrap().is_some());
    }

    #[test]
    fn a_damaged_file_is_named_and_can_be_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("answers.redb");
        std::fs::write(&path, "no database at all, but some text").unwrap();
        let cache = Cache::new(path.clone(), LIMIT);
        let error = cache.get(&key(1)).unwrap_err().to_string();
        assert!(
            error.contains("answers.redb") && error.contains("cache clear"),
            "{error}"
        );
        cache.clear().unwrap();
        assert_eq!(cache.get(&key(1)).unwrap(), None);
    }

    /// As another program leaves it for a moment when it makes it.
    #[test]
    fn a_file_that_is_just_begun_is_no_damage() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("answers.redb");
        std::fs::write(&path, "").unwrap();
        let cache = Cache::new(path, LIMIT);
        assert_eq!(cache.get(&key(1)).unwrap(), None);
    }

    #[test]
    fn who_holds_it_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("answers.redb");
        let held = Database::create(&path).unwrap();
        std::thread::scope(|scope| {
            let cache = Cache::new(path.clone(), LIMIT);
            let waits = scope.spawn(move || cache.get(&key(1)));
            std::thread::sleep(Duration::from_millis(100));
            drop(held);
            assert_eq!(waits.join().unwrap().unwrap(), None);
        });
    }
}
