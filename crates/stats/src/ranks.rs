//! Average ranks and Spearman's rank correlation, exact up to the last division.
//!
//! Spearman's rho is Pearson's correlation of the ranks, tied values sharing the mean of the ranks
//! that they span (Kendall, *Rank Correlation Methods*, 1948; the same convention as
//! `scipy.stats.spearmanr` and R's `cor(method = "spearman")`). A mean of ranks is a multiple of
//! one half, so twice a rank is an integer: all sums below are integers, and floating point enters
//! only in one square root and one division.

use std::cmp::Ordering;

/// Twice the average rank of each value (ranks start at 1), in the order of `values`.
///
/// `None` if some value does not compare with itself (a NaN). `0.0` and `-0.0` tie.
pub fn doubled_ranks<T: PartialOrd>(values: &[T]) -> Option<Vec<u64>> {
    if values.iter().any(|v| v.partial_cmp(v).is_none()) {
        return None;
    }
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].partial_cmp(&values[b]).unwrap_or(Ordering::Equal));
    let mut ranks = vec![0; values.len()];
    let mut first = 0;
    while first < order.len() {
        let mut end = first + 1;
        while end < order.len() && values[order[end]] == values[order[first]] {
            end += 1;
        }
        // Ranks first+1 ..= end: twice their mean is the sum of the first and the last.
        let doubled = (first + 1 + end) as u64;
        for &i in &order[first..end] {
            ranks[i] = doubled;
        }
        first = end;
    }
    Some(ranks)
}

/// The average rank of each value, 1 for the smallest; `None` if there is a NaN.
pub fn average_ranks<T: PartialOrd>(values: &[T]) -> Option<Vec<f64>> {
    Some(
        doubled_ranks(values)?
            .into_iter()
            .map(|r| r as f64 / 2.0)
            .collect(),
    )
}

/// Spearman's rank correlation of two equally long sides, with average ranks for ties.
///
/// Either side may hold floats or integers; counts as `u64` are compared exactly, without passing
/// through `f64`. `None` where it is undefined: sides of different length, fewer than two points,
/// a NaN, or a side that is constant. The same ranks always give the same bits, and two sides with
/// equal ranks give exactly 1.
///
/// ```
/// use rotescope_stats::spearman;
/// let rho = spearman(&[0.7, 0.2, 0.1], &[90_u64, 7, 7]).unwrap();
/// assert!((rho - 0.75_f64.sqrt()).abs() < 1e-12);
/// assert_eq!(spearman(&[0.7, 0.2, 0.1], &[0_u64, 0, 0]), None);
/// ```
pub fn spearman<A: PartialOrd, B: PartialOrd>(a: &[A], b: &[B]) -> Option<f64> {
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    let (ra, rb) = (doubled_ranks(a)?, doubled_ranks(b)?);
    // The mean of the doubled ranks is n + 1 whatever the ties are.
    let mean = a.len() as i128 + 1;
    let (mut saa, mut sbb, mut sab) = (0_i128, 0_i128, 0_i128);
    for (&x, &y) in ra.iter().zip(&rb) {
        let (dx, dy) = (i128::from(x) - mean, i128::from(y) - mean);
        saa += dx * dx;
        sbb += dy * dy;
        sab += dx * dy;
    }
    if saa == 0 || sbb == 0 {
        return None;
    }
    let norm = if saa == sbb {
        saa as f64
    } else {
        ((saa as f64) * (sbb as f64)).sqrt()
    };
    Some((sab as f64 / norm).clamp(-1.0, 1.0))
}

/// Pearson's correlation in two passes; `None` where it is undefined, as for [`spearman`].
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() || a.len() < 2 || a.iter().chain(b).any(|v| !v.is_finite()) {
        return None;
    }
    let constant = |v: &[f64]| v.iter().all(|x| *x == v[0]);
    if constant(a) || constant(b) {
        return None;
    }
    let n = a.len() as f64;
    let (ma, mb) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut saa, mut sbb, mut sab) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        saa += (x - ma) * (x - ma);
        sbb += (y - mb) * (y - mb);
        sab += (x - ma) * (y - mb);
    }
    let r = sab / (saa * sbb).sqrt();
    r.is_finite().then(|| r.clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(got: Option<f64>, want: f64) {
        let got = got.expect("defined");
        assert!((got - want).abs() < 1e-12, "got {got}, want {want}");
    }

    /// IQ and hours of television of ten people: the worked example of Wikipedia's article
    /// "Spearman's rank correlation coefficient": rho = -29/165.
    #[test]
    fn wikipedia_iq_and_television() {
        let iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
        let tv = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
        close(spearman(&iq, &tv), -29.0 / 165.0);
        close(spearman(&tv, &iq), -29.0 / 165.0);
    }

    /// `scipy.stats.spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])`, the example of SciPy's
    /// documentation: 0.820782681668123. By hand: d = dx*dy sums to 8 over sqrt(10 * 9.5).
    #[test]
    fn scipy_documentation_example() {
        let rho = spearman(&[1, 2, 3, 4, 5], &[5, 6, 7, 8, 7]);
        close(rho, 0.820_782_681_668_123_3);
        close(rho, 8.0 / 95.0_f64.sqrt());
    }

    #[test]
    fn ranks_of_ties_are_means() {
        assert_eq!(
            average_ranks(&[10.0, 20.0, 20.0, 30.0]),
            Some(vec![1.0, 2.5, 2.5, 4.0])
        );
        assert_eq!(average_ranks(&[5_u64, 5, 5]), Some(vec![2.0, 2.0, 2.0]));
        assert_eq!(average_ranks(&[-0.0, 0.0]), Some(vec![1.5, 1.5]));
        assert_eq!(average_ranks::<f64>(&[]), Some(vec![]));
        assert_eq!(average_ranks(&[1.0, f64::NAN]), None);
        assert_eq!(
            average_ranks(&[f64::NEG_INFINITY, 3.0]),
            Some(vec![1.0, 2.0])
        );
    }

    /// Ties on both sides, by hand: x = [1, 2, 2, 4] has ranks 1, 2.5, 2.5, 4 and
    /// y = [1, 1, 2, 3] has 1.5, 1.5, 3, 4; the sums of squares are 4.5 and 4.5, of products 3.75.
    #[test]
    fn ties_on_both_sides_by_hand() {
        close(spearman(&[1, 2, 2, 4], &[1.0, 1.0, 2.0, 3.0]), 3.75 / 4.5);
    }

    /// One of 20 candidates alone has a count, and it is the model's first. The sums of squares are
    /// 665 and 95, of products 95, so rho = sqrt(95 / 665) = 1 / sqrt(7), however large the count.
    #[test]
    fn nineteen_ties_of_twenty_cap_rho() {
        let p: Vec<f64> = (0..20).map(|i| 1.0 / f64::from(i + 2)).collect();
        for count in [1_u64, 2, 41_204, u64::MAX] {
            let mut counts = vec![0_u64; 20];
            counts[0] = count;
            let rho = spearman(&p, &counts);
            close(rho, 0.377_964_473_009_227_2);
            close(rho, 1.0 / 7.0_f64.sqrt());
        }
        let mut counts = vec![0_u64; 20];
        counts[19] = 3;
        close(spearman(&p, &counts), -1.0 / 7.0_f64.sqrt());
    }

    #[test]
    fn undefined_is_none() {
        assert_eq!(spearman::<f64, f64>(&[], &[]), None);
        assert_eq!(spearman(&[1.0], &[1.0]), None);
        assert_eq!(spearman(&[1.0, 2.0], &[3_u64, 3]), None);
        assert_eq!(spearman(&[1.0, f64::NAN], &[3_u64, 4]), None);
        assert_eq!(spearman(&[1.0, 2.0], &[3_u64]), None);
        assert_eq!(pearson(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(pearson(&[1.0, f64::INFINITY], &[1.0, 2.0]), None);
    }

    /// Counts beyond 2^53 differ by one: `f64` would call them tied.
    #[test]
    fn large_counts_are_compared_exactly() {
        let big = 1_u64 << 60;
        assert_eq!(
            spearman(&[0.1, 0.2, 0.3], &[big, big + 1, big + 2]),
            Some(1.0)
        );
    }

    proptest! {
        #[test]
        fn equals_pearson_on_average_ranks(v in prop::collection::vec((0_u64..6, 0_i32..4), 2..40)) {
            let (a, b): (Vec<u64>, Vec<i32>) = v.into_iter().unzip();
            let by_pearson = pearson(&average_ranks(&a).unwrap(), &average_ranks(&b).unwrap());
            match (spearman(&a, &b), by_pearson) {
                (Some(x), Some(y)) => prop_assert!((x - y).abs() < 1e-12),
                (x, y) => prop_assert_eq!(x, y),
            }
        }

        #[test]
        fn order_of_points_and_monotone_maps_do_not_matter(
            v in prop::collection::vec((0_u64..9, 0_u64..9), 2..30), shift in 0_usize..30,
        ) {
            let (a, b): (Vec<u64>, Vec<u64>) = v.iter().copied().unzip();
            let mut turned = v.clone();
            turned.rotate_left(shift % v.len());
            let (c, d): (Vec<u64>, Vec<u64>) = turned.into_iter().map(|(x, y)| (x * x + 1, y)).unzip();
            prop_assert_eq!(spearman(&a, &b), spearman(&c, &d));
            let down: Vec<f64> = a.iter().map(|x| -(*x as f64)).collect();
            prop_assert_eq!(spearman(&a, &b), spearman(&down, &b).map(|r| 0.0 - r));
        }
    }
}
