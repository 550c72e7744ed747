//! Sets of documents, by ordinal, and a cache of them: what makes thousands of co-occurrence counts a chain cheap.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A set of documents. Few are a sorted list, many a bit for each document of the corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DocumentSet {
    Sparse(Vec<u64>),
    Dense { bits: Vec<u64>, len: u64 },
}

impl DocumentSet {
    /// From ordinals in any order, with or without repeats. `documents`: how many the corpus has.
    pub(super) fn new(mut ordinals: Vec<u64>, documents: u64) -> Self {
        // A list of 64-bit numbers takes more room than the bits from one document in 64 on.
        if ordinals.len() as u64 > documents / 64 {
            let mut bits = vec![0u64; documents.div_ceil(64) as usize];
            for o in ordinals {
                if let Some(word) = bits.get_mut((o / 64) as usize) {
                    *word |= 1 << (o % 64);
                }
            }
            let len = bits.iter().map(|w| u64::from(w.count_ones())).sum();
            return DocumentSet::Dense { bits, len };
        }
        ordinals.sort_unstable();
        ordinals.dedup();
        DocumentSet::Sparse(ordinals)
    }

    /// Number of documents in the set.
    pub(super) fn len(&self) -> u64 {
        match self {
            DocumentSet::Sparse(list) => list.len() as u64,
            DocumentSet::Dense { len, .. } => *len,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            DocumentSet::Sparse(list) => list.len() * 8,
            DocumentSet::Dense { bits, .. } => bits.len() * 8,
        }
    }

    /// Number of documents in both sets.
    pub(super) fn common(&self, other: &DocumentSet) -> u64 {
        use DocumentSet::{Dense, Sparse};
        match (self, other) {
            (Dense { bits: a, .. }, Dense { bits: b, .. }) => a
                .iter()
                .zip(b)
                .map(|(a, b)| u64::from((a & b).count_ones()))
                .sum(),
            (Sparse(list), Dense { bits, .. }) | (Dense { bits, .. }, Sparse(list)) => {
                let holds = |o: &&u64| {
                    bits.get((**o / 64) as usize)
                        .is_some_and(|w| w >> (**o % 64) & 1 == 1)
                };
                list.iter().filter(holds).count() as u64
            }
            (Sparse(a), Sparse(b)) => common_sorted(a, b),
        }
    }
}

fn common_sorted(a: &[u64], b: &[u64]) -> u64 {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => (i, j, count) = (i + 1, j + 1, count + 1),
        }
    }
    count
}

/// The documents that hold a word at least once, and at least twice.
#[derive(Debug)]
pub(super) struct WordDocuments {
    pub(super) once: DocumentSet,
    pub(super) twice: DocumentSet,
}

/// Something whose memory can be told.
pub(super) trait Bytes {
    fn bytes(&self) -> usize;
}

impl Bytes for DocumentSet {
    fn bytes(&self) -> usize {
        DocumentSet::bytes(self)
    }
}

impl Bytes for WordDocuments {
    fn bytes(&self) -> usize {
        self.once.bytes() + self.twice.bytes()
    }
}

impl Bytes for u64 {
    fn bytes(&self) -> usize {
        8
    }
}

/// What was worked out before, up to about `most` bytes; when full it is emptied, so that answers never depend on it.
pub(super) struct Cache<K, V> {
    most: usize,
    held: Mutex<Held<K, V>>,
}

/// Values, and the bytes that they take.
type Held<K, V> = (HashMap<K, Arc<V>>, usize);

/// Bytes that an entry takes beside what it holds.
const ENTRY: usize = 96;

impl<K: Eq + Hash + Clone, V: Bytes> Cache<K, V> {
    pub(super) fn new(most: usize) -> Self {
        Cache {
            most,
            held: Mutex::new((HashMap::new(), 0)),
        }
    }

    /// The value of a key, if it is held.
    pub(super) fn held(&self, key: &K) -> Option<Arc<V>> {
        self.lock().0.get(key).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Held<K, V>> {
        // A thread that panicked while it held the lock left a map that is whole.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of a key, made if it is not held. Two threads may make the same value; both are right.
    pub(super) fn get<E>(&self, key: &K, make: impl FnOnce() -> Result<V, E>) -> Result<Arc<V>, E> {
        if let Some(found) = self.held(key) {
            return Ok(found);
        }
        let made = Arc::new(make()?);
        let mut held = self.lock();
        let bytes = made.bytes() + ENTRY;
        if held.1 + bytes > self.most {
            *held = (HashMap::new(), 0);
        }
        if held.0.insert(key.clone(), made.clone()).is_none() {
            held.1 += bytes;
        }
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    proptest! {
        #[test]
        fn common_is_the_intersection(
            a in prop::collection::vec(0u64..300, 0..60), b in prop::collection::vec(0u64..300, 0..60), sparse in any::<bool>(),
        ) {
            // With many documents both are lists, with few both are bits, and one of each between.
            let documents = if sparse { 300_000 } else { 300 };
            let (x, y) = (DocumentSet::new(a.clone(), documents), DocumentSet::new(b.clone(), 300));
            let (sa, sb): (HashSet<u64>, HashSet<u64>) = (a.into_iter().collect(), b.into_iter().collect());
            prop_assert_eq!(x.len(), sa.len() as u64);
            prop_assert_eq!(x.common(&y), sa.intersection(&sb).count() as u64);
            prop_assert_eq!(y.common(&x), x.common(&y));
        }
    }

    #[test]
    fn a_full_cache_forgets_and_still_answers() {
        let cache: Cache<u32, u64> = Cache::new(3 * (ENTRY + 8));
        let mut made = 0;
        for key in (0..10).chain(0..10) {
            let value = cache
                .get(&key, || {
                    made += 1;
                    Ok::<_, ()>(u64::from(key) * 2)
                })
                .unwrap();
            assert_eq!(*value, u64::from(key) * 2);
        }
        assert_eq!(made, 20);
        cache
            .get(&9, || -> Result<u64, ()> { unreachable!("it is held") })
            .unwrap();
    }
}
