//! Means over data sets, with their intervals.

use rotescope_stats::{Interval, interval};
use schemars::JsonSchema;
use serde::Serialize;

/// A mean and a 95 % bootstrap interval over what it is of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Mean {
    pub mean: f64,
    /// Absent of a single value, of which nothing can be drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
    pub of: usize,
}

/// `None` of nothing.
pub(crate) fn mean(values: &[f64], seed: u64) -> Option<Mean> {
    const RESAMPLES: usize = 2000;
    let average = |drawn: &mut dyn Iterator<Item = f64>, n: usize| drawn.sum::<f64>() / n as f64;
    let of = values.len();
    let drawn = |drawn: &[usize]| Some(average(&mut drawn.iter().map(|i| values[*i]), of));
    let ends = |i: Interval| [i.low, i.high];
    (of > 0).then(|| Mean {
        mean: average(&mut values.iter().copied(), of),
        interval: (of > 1)
            .then(|| interval(of, RESAMPLES, 0.95, seed, drawn).map(ends))
            .flatten(),
        of,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_hold_the_mean_and_need_two_values() {
        assert_eq!(mean(&[], 0), None);
        let one = mean(&[2.0], 0).unwrap();
        assert_eq!((one.mean, one.interval, one.of), (2.0, None, 1));
        let some = mean(&[1.0, 2.0, 3.0, 6.0], 0).unwrap();
        let [low, high] = some.interval.unwrap();
        assert!(some.mean == 3.0 && low < 3.0 && high > 3.0 && low >= 1.0 && high <= 6.0);
    }
}
