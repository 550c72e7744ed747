//! Sets of documents, by ordinal: what makes thousands of co-occurrence counts a completion cheap.
//!
//! Not `roaring`: measured on the pocket corpus (112,504 documents, version 0.12.0, both in one run), its intersections of two frequent words
//! took 5 to 6 times as long as these, those of a frequent word with a rarer one 25 to 70 times, and its sets 10 times as long to make. Only
//! two lists of some hundred documents went faster there.

use std::sync::Arc;

use rayon::prelude::*;

use crate::cache::Bytes;

/// A set of documents. Few are a sorted list, many a bit for each document of the corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DocumentSet {
    Sparse(Vec<u64>),
    Dense { bits: Vec<u64>, len: u64 },
}

/// A set that is being gathered: bits, or a list, as it will be.
pub(crate) struct Gathered(DocumentSet);

impl Gathered {
    /// For `most` ordinals at most. `documents`: how many the corpus has.
    pub(crate) fn new(most: usize, documents: u64) -> Self {
        // A list of 64-bit numbers takes more room than the bits from one document in 64 on.
        Gathered(if most as u64 > documents / 64 {
            let bits = vec![0u64; documents.div_ceil(64) as usize];
            DocumentSet::Dense { bits, len: 0 }
        } else {
            DocumentSet::Sparse(Vec::with_capacity(most))
        })
    }

    /// Adds an ordinal: in any order, also again.
    #[inline]
    pub(crate) fn add(&mut self, ordinal: u64) {
        match &mut self.0 {
            DocumentSet::Sparse(list) => list.push(ordinal),
            DocumentSet::Dense { bits, .. } => {
                if let Some(word) = bits.get_mut((ordinal / 64) as usize) {
                    *word |= 1 << (ordinal % 64);
                }
            }
        }
    }

    /// Adds the ordinals `before + documents`.
    #[inline]
    pub(crate) fn add_all(&mut self, before: u64, documents: &[u32]) {
        let ordinals = documents.iter().map(|&d| before + u64::from(d));
        match &mut self.0 {
            DocumentSet::Sparse(list) => list.extend(ordinals),
            DocumentSet::Dense { .. } => ordinals.for_each(|ordinal| self.add(ordinal)),
        }
    }

    pub(crate) fn finish(mut self) -> DocumentSet {
        match &mut self.0 {
            DocumentSet::Sparse(list) => {
                list.sort_unstable();
                list.dedup();
            }
            DocumentSet::Dense { bits, len } => {
                *len = bits.iter().map(|w| u64::from(w.count_ones())).sum();
            }
        }
        self.0
    }
}

impl DocumentSet {
    /// From `most` ordinals at most, in any order, with or without repeats. `documents`: how many the corpus has.
    pub(crate) fn collect(
        ordinals: impl IntoIterator<Item = u64>,
        most: usize,
        documents: u64,
    ) -> Self {
        let mut gathered = Gathered::new(most, documents);
        for ordinal in ordinals {
            gathered.add(ordinal);
        }
        gathered.finish()
    }

    /// Number of documents in the set.
    pub(crate) fn len(&self) -> u64 {
        match self {
            DocumentSet::Sparse(list) => list.len() as u64,
            DocumentSet::Dense { len, .. } => *len,
        }
    }

    /// Number of documents in both sets.
    pub(crate) fn common(&self, other: &DocumentSet) -> u64 {
        use DocumentSet::{Dense, Sparse};
        match (self, other) {
            (Dense { bits: a, .. }, Dense { bits: b, .. }) => common_bits(a, b),
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

/// Without a branch that depends on the numbers, which no processor could foresee: 1.8 times as fast as with one.
fn common_sorted(a: &[u64], b: &[u64]) -> u64 {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while let (Some(&x), Some(&y)) = (a.get(i), b.get(j)) {
        count += u64::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    count
}

/// Numbers of documents in both sets of each pair.
pub(crate) fn common_of_each(pairs: &[(Arc<DocumentSet>, Arc<DocumentSet>)]) -> Vec<u64> {
    let share = pairs.len().div_ceil(rayon::current_num_threads()).max(1);
    let counts = pairs.par_chunks(share).flat_map_iter(common_of_some);
    counts.collect()
}

/// The same on one thread. Bits are read in parts that stay in the processor's cache from one pair to the next.
fn common_of_some(pairs: &[(Arc<DocumentSet>, Arc<DocumentSet>)]) -> Vec<u64> {
    /// 64-bit words of a part: 8 KiB.
    const PART: usize = 1024;
    let mut counts = vec![0; pairs.len()];
    let mut dense = Vec::new();
    for (i, (a, b)) in pairs.iter().enumerate() {
        match (&**a, &**b) {
            (DocumentSet::Dense { bits: a, .. }, DocumentSet::Dense { bits: b, .. }) => {
                dense.push((i, a, b));
            }
            _ => counts[i] = a.common(b),
        }
    }
    let longest = dense.iter().map(|(_, a, _)| a.len()).max().unwrap_or(0);
    for start in (0..longest).step_by(PART) {
        for &(i, a, b) in &dense {
            let part = |bits: &'_ [u64]| start.min(bits.len())..(start + PART).min(bits.len());
            counts[i] += common_bits(&a[part(a)], &b[part(b)]);
        }
    }
    counts
}

fn common_bits(a: &[u64], b: &[u64]) -> u64 {
    let both = a.iter().zip(b);
    both.map(|(a, b)| u64::from((a & b).count_ones())).sum()
}

impl Bytes for DocumentSet {
    fn bytes(&self) -> usize {
        match self {
            DocumentSet::Sparse(list) => list.len() * 8,
            DocumentSet::Dense { bits, .. } => bits.len() * 8,
        }
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
            let set = |ordinals: &[u64], documents| {
                DocumentSet::collect(ordinals.iter().copied(), ordinals.len(), documents)
            };
            let (x, y) = (set(&a, documents), set(&b, 300));
            let (sa, sb): (HashSet<u64>, HashSet<u64>) = (a.into_iter().collect(), b.into_iter().collect());
            prop_assert_eq!(x.len(), sa.len() as u64);
            prop_assert_eq!(x.common(&y), sa.intersection(&sb).count() as u64);
            prop_assert_eq!(y.common(&x), x.common(&y));
            let (x, y) = (Arc::new(x), Arc::new(y));
            let each = common_of_each(&[(x.clone(), y.clone()), (y.clone(), y.clone()), (y.clone(), x.clone())]);
            prop_assert_eq!(each, [x.common(&y), y.len(), y.common(&x)]);
        }
    }

    #[test]
    fn a_set_is_kept_in_the_way_that_takes_less_memory() {
        let set = |most: usize, documents| DocumentSet::collect(0..most as u64, most, documents);
        assert!(matches!(set(10, 640), DocumentSet::Sparse(_)));
        assert!(matches!(set(11, 640), DocumentSet::Dense { .. }));
        assert_eq!(set(10, 640).bytes(), 80);
        // A bit for each document, whole words.
        assert_eq!(set(11, 640).bytes(), 80);
        assert_eq!(set(11, 641).bytes(), 88);
        // One that the corpus does not have is none of it.
        let beyond = DocumentSet::collect([3, 639, 640, 1 << 40], 11, 640);
        assert_eq!(beyond.len(), 2);
    }

    #[test]
    fn bits_are_compared_to_their_end() {
        let documents = 3 * 1024 * 64 + 5;
        let every = |n: u64| {
            Arc::new(DocumentSet::collect(
                (0..documents).step_by(n as usize),
                documents as usize,
                documents,
            ))
        };
        let (twos, threes) = (every(2), every(3));
        let sixths = documents.div_ceil(6);
        assert_eq!(twos.common(&threes), sixths);
        assert_eq!(
            common_of_each(&[(twos.clone(), threes.clone()), (threes, twos)]),
            [sixths; 2]
        );
    }
}
