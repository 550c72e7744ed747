//! The first tokens of every 64th suffix, in order: what begins with an n-gram is looked for among these first. A step of a search looks at one place
//! here and at two in the suffix array, and neighbours lie side by side.

use std::ops::Range;

use super::files::{Id, Searched};
use super::search::{edge, near_edge};

/// Suffixes for each key.
pub(super) const STEP: usize = 64;

/// The tokens from a position on as one number, of which lower ones stand for lower suffixes: 8 tokens of 16 bits or 4 of 32, zeros behind the last.
pub(super) fn key<T: Id>(ids: &[T], position: u32) -> u128 {
    let from = position as usize;
    packed::<T>((from..from + tokens::<T>()).map(|at| ids.get(at).map_or(0, |id| id.get())))
}

/// Tokens of a key.
fn tokens<T>() -> usize {
    size_of::<u128>() / size_of::<T>()
}

fn packed<T>(tokens: impl Iterator<Item = u32>) -> u128 {
    tokens.fold(0, |key, token| {
        key << (8 * size_of::<T>()) | u128::from(token)
    })
}

/// The lowest and the greatest key of suffixes that begin with an n-gram, and whether all between do: it is no longer than a key.
fn bounds<T>(ngram: &[u32]) -> (u128, u128, bool) {
    let known = ngram.len().min(tokens::<T>());
    let open = 8 * size_of::<T>() * (tokens::<T>() - known);
    let first = packed::<T>(ngram[..known].iter().copied());
    // An n-gram that is not empty leaves fewer bits open than a number has.
    let low = first << open;
    (low, low | ((1 << open) - 1), known == ngram.len())
}

/// Where suffixes that begin with an n-gram stand.
#[derive(Debug, PartialEq)]
pub(super) struct Place {
    /// None is outside.
    pub(super) within: Range<usize>,
    /// Each of these does.
    pub(super) sure: Range<usize>,
}

/// Narrows a range of suffixes to those that may begin with `ngram`, which is not empty.
pub(super) fn narrow<T: Id>(
    keys: impl Searched<u128>,
    range: Range<usize>,
    ngram: &[u32],
) -> Place {
    let (low, high, is_whole) = bounds::<T>(ngram);
    let first = range.start.div_ceil(STEP);
    let last = range.end.div_ceil(STEP).max(first);
    let start = edge(first, last, |j| keys.read(j) < low);
    // Most n-grams are rare.
    let end = near_edge(start, last, |j| keys.read(j) <= high);
    let within = Range {
        start: match start > first {
            true => (start - 1) * STEP + 1,
            false => range.start,
        },
        end: match end < last {
            true => end * STEP,
            false => range.end,
        },
    };
    let sure = match is_whole && start < end {
        true => start * STEP..(end - 1) * STEP + 1,
        false => within.start..within.start,
    };
    Place { within, sure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_what_they_are_of() {
        let ids: [u16; 9] = [3, 1, 0, u16::MAX, 2, 9, 9, 9, 9];
        assert_eq!(key(&ids, 0), 0x0003_0001_0000_FFFF_0002_0009_0009_0009);
        assert_eq!(key(&ids, 7), 0x0009_0009 << 96);
        assert_eq!(key(&ids, 9), 0);
        let ids: [u32; 5] = [7, 1, u32::MAX, 2, 3];
        assert_eq!(key(&ids, 0), 0x0000_0007_0000_0001_FFFF_FFFF_0000_0002);
        assert_eq!(key(&ids, 4), 3 << 96);
    }

    #[test]
    fn bounds_hold_all_that_begins_alike() {
        let all = |key: u128, is_whole| (key, key, is_whole);
        let eight = 0x0001_0002_0003_0004_0005_0006_0007_0008;
        assert_eq!(bounds::<u16>(&[1, 2, 3, 4, 5, 6, 7, 8]), all(eight, true));
        let nine = bounds::<u16>(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(nine, all(eight, false));
        let (low, open) = (0x0001_0002 << 96, (1 << 96) - 1);
        assert_eq!(bounds::<u16>(&[1, 2]), (low, low + open, true));
        assert_eq!(bounds::<u32>(&[0x0001_0002]), (low, low + open, true));
        let last = 0xFFFF_FFFE;
        let greatest = bounds::<u32>(&[last, last, last, last]);
        assert_eq!(
            greatest,
            all(u128::MAX - 0x0001_0000_0001_0000_0001_0000_0001, true)
        );
    }
}
