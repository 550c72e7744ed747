//! The longest common subsequence of two sequences, bit-parallel: 64 cells of the table at once, whatever the sequences are.
//!
//! Hyyrö's form (Bit-parallel LCS-length computation revisited, 2004) of the algorithm of Crochemore and others: bit `j` of row `i` is zero where
//! the longest common subsequence of the first `i` and the first `j + 1` items is longer than that of the first `i` and the first `j`.
//! Where all rows would take too much memory, the first sequence is halved as Hirschberg did (CACM 18(6), 1975).

use std::collections::HashMap;
use std::hash::Hash;

/// Most bits of rows that are kept for going back (8 MiB).
const KEPT: usize = 1 << 26;

/// Length of the longest common subsequence. Time: `a.len() * b.len() / 64`; memory: `b`.
pub fn length<K: Eq + Hash>(a: &[K], b: &[K]) -> usize {
    let mut table = Table::new(b);
    a.iter().for_each(|key| table.next(key));
    table.row.iter().map(|w| w.count_zeros() as usize).sum()
}

/// The places of a longest common subsequence in both, ascending.
pub fn matches<K: Eq + Hash>(a: &[K], b: &[K]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    split(a, b, (0, 0), KEPT, &mut out);
    out
}

/// Adds the matches of two stretches that begin at `at`.
fn split<K: Eq + Hash>(
    a: &[K],
    b: &[K],
    at: (usize, usize),
    kept: usize,
    out: &mut Vec<(usize, usize)>,
) {
    if a.is_empty() || b.is_empty() {
        return;
    }
    if a.len() == 1 || a.len().saturating_mul(b.len()) <= kept {
        let found = trace(a, b);
        out.extend(found.into_iter().map(|(i, j)| (at.0 + i, at.1 + j)));
        return;
    }
    let half = a.len() / 2;
    let before = prefixes(a[..half].iter(), b.iter());
    let mut behind = prefixes(a[half..].iter().rev(), b.iter().rev());
    behind.reverse();
    let best = before.iter().zip(&behind).map(|(x, y)| x + y);
    // The first among equals.
    let best = best
        .enumerate()
        .max_by_key(|(j, n)| (*n, std::cmp::Reverse(*j)));
    let cut = best.map_or(0, |(j, _)| j);
    split(&a[..half], &b[..cut], at, kept, out);
    split(&a[half..], &b[cut..], (at.0 + half, at.1 + cut), kept, out);
}

/// Lengths of the longest common subsequences of all of `a` and each prefix of `b`, the empty one first.
fn prefixes<'k, K: Eq + Hash + 'k>(
    a: impl Iterator<Item = &'k K>,
    b: impl ExactSizeIterator<Item = &'k K>,
) -> Vec<usize> {
    let length = b.len();
    let mut table = Table::of(b);
    a.for_each(|key| table.next(key));
    let longer = (0..length).map(|j| usize::from(!table.is_set(j)));
    let sums = longer.scan(0, |sum, one| {
        *sum += one;
        Some(*sum)
    });
    std::iter::once(0).chain(sums).collect()
}

/// With all rows kept, back from the end.
fn trace<K: Eq + Hash>(a: &[K], b: &[K]) -> Vec<(usize, usize)> {
    let mut table = Table::new(b);
    let words = table.row.len();
    let mut rows = Vec::with_capacity(a.len() * words);
    for key in a {
        table.next(key);
        rows.extend_from_slice(&table.row);
    }
    let mut out = Vec::new();
    let (mut i, mut j) = (a.len(), b.len());
    while i > 0 && j > 0 {
        let word = rows[(i - 1) * words + (j - 1) / 64];
        if a[i - 1] == b[j - 1] {
            (i, j) = (i - 1, j - 1);
            out.push((i, j));
        } else if word >> ((j - 1) % 64) & 1 == 1 {
            j -= 1; // the last item of b makes it no longer
        } else {
            i -= 1;
        }
    }
    out.reverse();
    out
}

/// The row of the table that was computed last, and where the keys of `b` stand.
struct Table<'k, K> {
    row: Vec<u64>,
    places: HashMap<&'k K, Vec<u32>>,
    /// Places of the key at hand as bits; all zero between two rows.
    mask: Vec<u64>,
}

impl<'k, K: Eq + Hash> Table<'k, K> {
    fn new(b: &'k [K]) -> Self {
        Table::of(b.iter())
    }

    fn of(b: impl Iterator<Item = &'k K>) -> Self {
        let (mut places, mut length) = (HashMap::<&K, Vec<u32>>::new(), 0);
        for key in b {
            places.entry(key).or_default().push(length);
            length += 1;
        }
        let words = length.div_ceil(64) as usize;
        Table {
            row: vec![u64::MAX; words],
            places,
            mask: vec![0; words],
        }
    }

    fn is_set(&self, j: usize) -> bool {
        self.row[j / 64] >> (j % 64) & 1 == 1
    }

    /// `V' = (V + (V & M)) | (V & !M)`, with the carry from word to word.
    fn next(&mut self, key: &K) {
        let Some(places) = self.places.get(key) else {
            return; // nothing matches: the row stays
        };
        for &j in places {
            self.mask[j as usize / 64] |= 1 << (j % 64);
        }
        let mut carry = false;
        for (v, m) in self.row.iter_mut().zip(&self.mask) {
            let (sum, over) = v.overflowing_add(*v & *m);
            let (sum, more) = sum.overflowing_add(u64::from(carry));
            carry = over || more;
            *v = sum | (*v & !*m);
        }
        for &j in places {
            self.mask[j as usize / 64] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The textbook table.
    fn plain(a: &[u8], b: &[u8]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut corner = 0;
            for (j, y) in b.iter().enumerate() {
                let above = row[j + 1];
                row[j + 1] = if x == y {
                    corner + 1
                } else {
                    above.max(row[j])
                };
                corner = above;
            }
        }
        row[b.len()]
    }

    proptest! {
        #[test]
        fn it_is_the_longest_and_common(
            a in prop::collection::vec(0_u8..5, 0..200), b in prop::collection::vec(0_u8..5, 0..200), kept in 1_usize..5000,
        ) {
            let wanted = plain(&a, &b);
            prop_assert_eq!(length(&a, &b), wanted);
            let mut halved = Vec::new();
            split(&a, &b, (0, 0), kept, &mut halved);
            for found in [matches(&a, &b), halved] {
                prop_assert_eq!(found.len(), wanted);
                prop_assert!(found.iter().all(|(i, j)| a[*i] == b[*j]));
                prop_assert!(found.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 < w[1].1));
            }
        }
    }
}
