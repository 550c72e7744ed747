//! Sorting positions.

/// Sorted copy of distinct numbers. Long ones by radix: 3 passes over 11 bits each, several times
/// faster than sorting by comparisons.
pub(super) fn sorted(numbers: &[u32]) -> Vec<u32> {
    let mut from = numbers.to_vec();
    if from.len() < 2048 {
        from.sort_unstable();
        return from;
    }
    const BITS: u32 = 11;
    let digit = |x: u32, pass: u32| ((x >> (pass * BITS)) & ((1 << BITS) - 1)) as usize;
    let mut counts = vec![[0u32; 1 << BITS]; 3];
    for &x in numbers {
        for (pass, counts) in counts.iter_mut().enumerate() {
            counts[digit(x, pass as u32)] += 1;
        }
    }
    let mut to = vec![0; from.len()];
    for (pass, counts) in counts.iter_mut().enumerate() {
        let mut start = 0;
        for count in counts.iter_mut() {
            (*count, start) = (start, start + *count);
        }
        for &x in &from {
            let slot = &mut counts[digit(x, pass as u32)];
            to[*slot as usize] = x;
            *slot += 1;
        }
        std::mem::swap(&mut from, &mut to);
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn radix_sorts(numbers in proptest::collection::hash_set(any::<u32>(), 0..5000)) {
            let numbers: Vec<u32> = numbers.into_iter().collect();
            let mut want = numbers.clone();
            want.sort_unstable();
            prop_assert_eq!(sorted(&numbers), want);
        }
    }
}
