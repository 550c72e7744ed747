//! Where what holds of the first ones ends.

/// The first index in `lo..hi` at which `holds` is false, where it is true before and false after.
pub(super) fn edge(mut lo: usize, mut hi: usize, holds: impl Fn(usize) -> bool) -> usize {
    while lo < hi {
        let mid = lo + (hi - lo) / 2;
        if holds(mid) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    lo
}

/// The same, which takes few looks where it is near `lo`, and not many more where it is far.
pub(super) fn near_edge(lo: usize, hi: usize, holds: impl Fn(usize) -> bool) -> usize {
    let mut step = 1;
    while lo + step < hi && holds(lo + step) {
        step *= 2;
    }
    edge(lo + step / 2, hi.min(lo + step), holds)
}
