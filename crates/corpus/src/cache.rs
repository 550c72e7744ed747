//! Answers that are kept, since most questions come again.

use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

/// Something whose memory can be told.
pub(crate) trait Bytes {
    fn bytes(&self) -> usize;
}

impl Bytes for u64 {
    fn bytes(&self) -> usize {
        8
    }
}

/// What was worked out before, up to about `most` bytes; what was not asked for longest goes first. Answers never depend on it.
pub(crate) struct Cache<K, V> {
    most: usize,
    held: Mutex<Held<K, V>>,
}

/// Values, and the bytes that they take.
struct Held<K, V> {
    values: LruCache<K, Arc<V>>,
    bytes: usize,
}

/// Bytes that an entry takes beside what it holds.
const ENTRY: usize = 96;

impl<K: Eq + Hash + Clone, V: Bytes> Cache<K, V> {
    pub(crate) fn new(most: usize) -> Self {
        let values = LruCache::unbounded();
        Cache {
            most,
            held: Mutex::new(Held { values, bytes: 0 }),
        }
    }

    /// The value of a key, if it is held.
    pub(crate) fn held(&self, key: &K) -> Option<Arc<V>> {
        self.lock().values.get(key).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Held<K, V>> {
        // A thread that panicked while it held the lock left a map that is whole.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of a key, made if it is not held. Two threads may make the same value; both are right.
    pub(crate) fn get<E>(&self, key: &K, make: impl FnOnce() -> Result<V, E>) -> Result<Arc<V>, E> {
        if let Some(found) = self.held(key) {
            return Ok(found);
        }
        let made = Arc::new(make()?);
        let mut held = self.lock();
        held.bytes += made.bytes() + ENTRY;
        if let Some(old) = held.values.put(key.clone(), made.clone()) {
            held.bytes -= old.bytes() + ENTRY;
        }
        while held.bytes > self.most {
            match held.values.pop_lru() {
                Some((_, old)) => held.bytes -= old.bytes() + ENTRY,
                None => break,
            }
        }
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_cache_forgets_the_oldest_and_still_answers() {
        let cache: Cache<u32, u64> = Cache::new(3 * (ENTRY + 8));
        let mut made = Vec::new();
        for key in [0, 1, 2, 0, 3, 0, 1] {
            let value = cache
                .get(&key, || {
                    made.push(key);
                    Ok::<_, ()>(u64::from(key) * 2)
                })
                .unwrap();
            assert_eq!(*value, u64::from(key) * 2);
        }
        // 0 was asked for again and stays; 1 was not, and had to give way to 3.
        assert_eq!(made, [0, 1, 2, 3, 1]);
        assert_eq!(cache.lock().bytes, 3 * (ENTRY + 8));
    }

    #[test]
    fn what_is_too_large_is_not_kept() {
        let cache: Cache<u32, u64> = Cache::new(8);
        assert_eq!(cache.get(&1, || Ok::<_, ()>(7)), Ok(Arc::new(7)));
        assert_eq!(cache.held(&1), None);
        assert_eq!(cache.lock().bytes, 0);
    }
}
