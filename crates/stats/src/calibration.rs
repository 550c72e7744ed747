//! Do stated probabilities come true? Brier score, reliability table, calibration error.

use serde::{Deserialize, Serialize};

/// One row of a reliability table: the predictions that fall into a range of probabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Lower end of the range, inside it.
    pub low: f64,
    /// Upper end; outside the range, except for the last bin.
    pub high: f64,
    /// Number of predictions.
    pub count: usize,
    /// Mean of the predictions; `None` for an empty bin.
    pub predicted: Option<f64>,
    /// Share of them that came true; `None` for an empty bin.
    pub observed: Option<f64>,
}

fn usable(p: &[f64], truth: &[bool]) -> bool {
    !p.is_empty() && p.len() == truth.len() && p.iter().all(|v| (0.0..=1.0).contains(v))
}

/// Brier score: mean squared difference between probability and outcome (Brier, Monthly Weather
/// Review 78, 1950), 0 best. `None` if empty, of unequal lengths, or not probabilities.
pub fn brier(p: &[f64], truth: &[bool]) -> Option<f64> {
    usable(p, truth).then(|| {
        let sum: f64 = p
            .iter()
            .zip(truth)
            .map(|(p, t)| (p - f64::from(u8::from(*t))).powi(2))
            .sum();
        sum / p.len() as f64
    })
}

/// Reliability table with `bins` ranges of equal width over [0, 1]. `None` as for [`brier`], or
/// without bins.
pub fn reliability(p: &[f64], truth: &[bool], bins: usize) -> Option<Vec<Bin>> {
    if bins == 0 || !usable(p, truth) {
        return None;
    }
    let mut rows = vec![(0_usize, 0.0_f64, 0_usize); bins];
    for (p, t) in p.iter().zip(truth) {
        let row = &mut rows[((p * bins as f64) as usize).min(bins - 1)];
        row.0 += 1;
        row.1 += p;
        row.2 += usize::from(*t);
    }
    let table = rows
        .into_iter()
        .enumerate()
        .map(|(i, (count, sum, hits))| Bin {
            low: i as f64 / bins as f64,
            high: (i + 1) as f64 / bins as f64,
            count,
            predicted: (count > 0).then(|| sum / count as f64),
            observed: (count > 0).then(|| hits as f64 / count as f64),
        });
    Some(table.collect())
}

/// Expected calibration error: the mean of |observed - predicted| over the bins of a reliability
/// table, weighted by their counts (Naeini et al., AAAI 2015). `None` for a table without counts.
pub fn expected_calibration_error(table: &[Bin]) -> Option<f64> {
    let total: usize = table.iter().map(|b| b.count).sum();
    let gap = |b: &Bin| Some(b.count as f64 * (b.observed? - b.predicted?).abs());
    (total > 0).then(|| table.iter().filter_map(gap).sum::<f64>() / total as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let (p, t) = ([0.1, 0.4, 0.8, 1.0], [false, true, true, true]);
        assert!((brier(&p, &t).unwrap() - (0.01 + 0.36 + 0.04) / 4.0).abs() < 1e-15);
        let table = reliability(&p, &t, 2).unwrap();
        assert_eq!((table[0].count, table[0].observed), (2, Some(0.5)));
        assert_eq!(
            (table[1].count, table[1].predicted, table[1].observed),
            (2, Some(0.9), Some(1.0))
        );
        // (2 * |.5 - .25| + 2 * |1 - .9|) / 4
        assert!((expected_calibration_error(&table).unwrap() - 0.175).abs() < 1e-15);
    }

    #[test]
    fn edges() {
        assert_eq!(brier(&[], &[]), None);
        assert_eq!(brier(&[1.5], &[true]), None);
        assert_eq!(brier(&[f64::NAN], &[true]), None);
        assert_eq!(reliability(&[0.5], &[true], 0), None);
        let table = reliability(&[0.5, 1.0], &[true, true], 4).unwrap();
        assert_eq!(
            table.iter().map(|b| b.count).collect::<Vec<_>>(),
            [0, 0, 1, 1]
        );
        assert_eq!(table[0].predicted, None);
        assert_eq!(expected_calibration_error(&[]), None);
    }
}
