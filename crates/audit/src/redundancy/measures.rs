//! How redundant a text is by itself.

use std::collections::BTreeSet;

use crate::membership::compressed;

/// 1 - compressed bytes / bytes, by zlib. Of short texts it is negative, for zlib's frame: it compares texts of one length, as the distance to their median.
pub fn zip_ratio(text: &str) -> f64 {
    1.0 - compressed(text) as f64 / text.len().max(1) as f64
}

/// 1 - distinct n-grams / n-grams, mean over n = 1, 2, 3.
pub fn repeated(tokens: &[u32]) -> f64 {
    let of = |n: usize| {
        let all = tokens.windows(n);
        let count = all.len();
        let distinct: BTreeSet<&[u32]> = all.collect();
        (count > 0).then(|| 1.0 - distinct.len() as f64 / count as f64)
    };
    let known: Vec<f64> = (1..=3).filter_map(of).collect();
    known.iter().sum::<f64>() / known.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_is_more_redundant() {
        assert_eq!(repeated(&[1, 2, 3, 4]), 0.0);
        assert_eq!(repeated(&[]), 0.0);
        // 1 of 4, 1 of 3, 1 of 2 are distinct.
        let want = (0.75 + 2.0 / 3.0 + 0.5) / 3.0;
        assert!((repeated(&[5, 5, 5, 5]) - want).abs() < 1e-12);
        let same = "the same words again and ".repeat(8);
        let other = "Every glover in Leyind knows the story of the hollow voyage and the burning meadow. Every cooper in Drokeang knows the story of the king.";
        assert!(zip_ratio(&same) > zip_ratio(other) + 0.3);
        assert!(zip_ratio("") <= 0.0);
    }
}
