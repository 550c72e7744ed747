//! Sets of documents, by ordinal: what makes thousands of co-occurrence counts a completion cheap.
//!
//! Not `roaring`: measured on the pocket corpus (112,504 documents, version 0.12.0, both in one run), its intersections of two frequent words
//! took 5 to 6 times as long as these, those of a frequent word with a rarer one 25 to 70 times, and its sets 10 times as long to make. Only
//! two lists of some hundred documents went faster there.

use crate::cache::Bytes;

/// A set of documents. Few are a sorted list, many a bit for each document of the corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DocumentSet {
    Sparse(Vec<u64>),
    Dense { bits: Vec<u64>, len: u64 },
}

impl DocumentSet {
    /// From ordinals in any order, with or without repeats. `documents`: how many the corpus has.
    pub(crate) fn new(ordinals: Vec<u64>, documents: u64) -> Self {
        let most = ordinals.len();
        Self::collect(ordinals, most, documents)
    }

    /// The same from `most` ordinals at most, of which no list is made where they become bits.
    pub(crate) fn collect(
        ordinals: impl IntoIterator<Item = u64>,
        most: usize,
        documents: u64,
    ) -> Self {
        // A list of 64-bit numbers takes more room than the bits from one document in 64 on.
        if most as u64 > documents / 64 {
            let mut bits = vec![0u64; documents.div_ceil(64) as usize];
            for o in ordinals {
                if let Some(word) = bits.get_mut((o / 64) as usize) {
                    *word |= 1 << (o % 64);
                }
            }
            let len = bits.iter().map(|w| u64::from(w.count_ones())).sum();
            return DocumentSet::Dense { bits, len };
        }
        let mut ordinals: Vec<u64> = ordinals.into_iter().collect();
        ordinals.sort_unstable();
        ordinals.dedup();
        DocumentSet::Sparse(ordinals)
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

/// The documents that hold a word at least once, and at least twice.
#[derive(Debug)]
pub(crate) struct WordDocuments {
    pub(crate) once: DocumentSet,
    pub(crate) twice: DocumentSet,
}

impl Bytes for DocumentSet {
    fn bytes(&self) -> usize {
        match self {
            DocumentSet::Sparse(list) => list.len() * 8,
            DocumentSet::Dense { bits, .. } => bits.len() * 8,
        }
    }
}

impl Bytes for WordDocuments {
    fn bytes(&self) -> usize {
        self.once.bytes() + self.twice.bytes()
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
}
