//! MinHash (Broder, 1997): how alike two texts are, by the runs of tokens that they share.

use std::collections::BTreeSet;

/// Hash functions; the standard error of a similarity s is `sqrt(s (1 - s) / 128)`, at most .044.
const FUNCTIONS: usize = 128;
/// Tokens of a shingle.
pub const SHINGLE: usize = 3;

/// The signature of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinHash(Vec<u64>);

impl MinHash {
    /// Of all runs of [`SHINGLE`] tokens; a shorter text is one run.
    pub fn new(tokens: &[u32]) -> MinHash {
        let mut lowest = vec![u64::MAX; FUNCTIONS];
        for shingle in shingles(tokens) {
            let mut of_all = 0x9e37_79b9_7f4a_7c15;
            for id in shingle {
                of_all = mixed(of_all ^ u64::from(*id));
            }
            for (i, low) in lowest.iter_mut().enumerate() {
                let seed = (i as u64 + 1).wrapping_mul(0xd134_2543_de82_ef95);
                *low = (*low).min(mixed(of_all ^ seed));
            }
        }
        MinHash(lowest)
    }

    /// An estimate of the Jaccard similarity of the two sets of shingles, 0 to 1.
    pub fn similarity(&self, other: &MinHash) -> f64 {
        let equal = self.0.iter().zip(&other.0).filter(|(a, b)| a == b);
        equal.count() as f64 / FUNCTIONS as f64
    }

    /// A hash of one of so many equal parts of the signature.
    pub fn band(&self, at: usize, of: usize) -> u64 {
        let rows = FUNCTIONS / of;
        let part = &self.0[at * rows..(at + 1) * rows];
        part.iter().fold(0, |hash, low| mixed(hash ^ low))
    }
}

fn shingles(tokens: &[u32]) -> BTreeSet<&[u32]> {
    match tokens.len() {
        0 => BTreeSet::new(),
        n if n < SHINGLE => BTreeSet::from([tokens]),
        _ => tokens.windows(SHINGLE).collect(),
    }
}

/// The finalizer of SplitMix64 (Steele et al., 2014), a bijection.
fn mixed(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn jaccard(a: &[u32], b: &[u32]) -> f64 {
        let (a, b) = (shingles(a), shingles(b));
        a.intersection(&b).count() as f64 / a.union(&b).count().max(1) as f64
    }

    proptest! {
        /// Five standard errors.
        #[test]
        fn the_estimate_is_near_the_similarity(
            text in prop::collection::vec(0u32..50, 3..120), at in 0usize..120, with in 0u32..50, cut in 0usize..60,
        ) {
            let mut other = text.clone();
            let n = other.len();
            other[at % n] = with;
            other.rotate_left(cut % n);
            let s = jaccard(&text, &other);
            let got = MinHash::new(&text).similarity(&MinHash::new(&other));
            prop_assert!((got - s).abs() <= 5.0 * (s * (1.0 - s) / 128.0).sqrt() + 1e-9, "{got} {s}");
        }
    }

    #[test]
    fn equal_texts_are_equal_and_short_ones_have_a_signature() {
        let of = MinHash::new;
        assert_eq!(of(&[1, 2, 3, 4]).similarity(&of(&[1, 2, 3, 4])), 1.0);
        assert_eq!(of(&[1, 2]).similarity(&of(&[1, 2])), 1.0);
        assert_eq!(of(&[1, 2]).similarity(&of(&[2, 1])), 0.0);
        assert_eq!(of(&[1, 2, 3]).similarity(&of(&[4, 5, 6])), 0.0);
    }
}
