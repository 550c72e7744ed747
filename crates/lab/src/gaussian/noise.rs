//! How data are made noisy, and how much each amount of noise counts.

use serde::{Deserialize, Serialize};

use crate::error::{LabError, expect_least};

/// An amount of noise t, from 0 to 1: x_t = a x + s z with z standard normal, a^2 = 1 - t^2, s = t.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    pub t: f64,
    pub a: f64,
    pub s: f64,
}

impl Noise {
    pub fn at(t: f64) -> Noise {
        Noise {
            t,
            a: (1.0 - t * t).sqrt(),
            s: t,
        }
    }

    /// Signal to noise, a^2 / s^2.
    pub fn psi(self) -> f64 {
        (self.a / self.s).powi(2)
    }
}

/// Noises evenly from t = .001 to .999.
///
/// # Errors
/// Fewer than two.
pub fn noises(times: usize) -> Result<Vec<Noise>, LabError> {
    const ENDS: [f64; 2] = [1e-3, 1.0 - 1e-3];
    expect_least("times", times, 2)?;
    let step = (ENDS[1] - ENDS[0]) / (times - 1) as f64;
    Ok((0..times)
        .map(|i| Noise::at(ENDS[0] + step * i as f64))
        .collect())
}

/// How much the squared error of the denoised point counts at each t.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weighting {
    /// 1 everywhere: the loss of a model that says the point.
    X0,
    /// psi: the loss of a model that says the noise.
    Eps,
    /// Straight lines between pairs of t and weight, and level beyond the outermost.
    Table(Vec<[f64; 2]>),
}

impl Weighting {
    /// Reads a table: a line `t weight` each, t from 0 to 1 and rising; blank lines and those with `#` in front are left out.
    ///
    /// # Errors
    /// The line, and what it should be.
    pub fn read(text: &str) -> Result<Weighting, LabError> {
        let mut rows: Vec<[f64; 2]> = Vec::new();
        for (i, line) in text.lines().enumerate() {
            let wrong = |wanted| LabError::Table {
                line: i + 1,
                wanted,
            };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let numbers: Option<Vec<f64>> =
                line.split_whitespace().map(|w| w.parse().ok()).collect();
            let Some([t, weight]) = numbers.and_then(|n| <[f64; 2]>::try_from(n).ok()) else {
                return Err(wrong("give two numbers, t and its weight"));
            };
            if !(0.0..=1.0).contains(&t) {
                return Err(wrong("t is a number from 0 to 1"));
            }
            if rows.last().is_some_and(|r| r[0] >= t) {
                return Err(wrong("t must be larger than in the line before"));
            }
            if !(weight.is_finite() && weight >= 0.0) {
                return Err(wrong("a weight is a number from 0 on"));
            }
            rows.push([t, weight]);
        }
        if rows.iter().all(|r| r[1] == 0.0) {
            let line = text.lines().count().max(1);
            let wanted = "no line so far has a weight above 0; give one at least";
            return Err(LabError::Table { line, wanted });
        }
        Ok(Weighting::Table(rows))
    }

    pub fn at(&self, noise: Noise) -> f64 {
        let rows = match self {
            Weighting::X0 => return 1.0,
            Weighting::Eps => return noise.psi(),
            Weighting::Table(rows) => rows,
        };
        let next = rows.partition_point(|r| r[0] < noise.t);
        match (
            next.checked_sub(1).and_then(|i| rows.get(i)),
            rows.get(next),
        ) {
            (Some(a), Some(b)) => a[1] + (b[1] - a[1]) * (noise.t - a[0]) / (b[0] - a[0]),
            (Some(only), None) | (None, Some(only)) => only[1],
            (None, None) => 0.0,
        }
    }

    /// Mean over times of weight times value, divided by the mean weight; `None` where all weights are 0.
    pub fn mean(&self, values: impl Iterator<Item = (Noise, f64)>) -> Option<f64> {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (noise, value) in values {
            let weight = self.at(noise);
            sum += weight * value;
            weights += weight;
        }
        (weights > 0.0).then(|| sum / weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_paper() {
        let all = noises(26).unwrap();
        assert_eq!((all.len(), all[0].t), (26, 0.001));
        assert!((all[25].t - 0.999).abs() < 1e-12);
        assert!(noises(1).unwrap_err().to_string().contains("times 1"));
        let half = Noise::at(0.6);
        assert!((half.a - 0.8).abs() < 1e-12 && (half.psi() - 16.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn tables_are_read_and_interpolated() {
        let table = Weighting::read("# t weight\n.2 1\n\n .4 3\n").unwrap();
        let at = |t| table.at(Noise::at(t));
        assert_eq!([at(0.1), at(0.2), at(0.4), at(0.9)], [1.0, 1.0, 3.0, 3.0]);
        assert!((at(0.3) - 2.0).abs() < 1e-12);
        let wrong = [
            ("", "line 1: no line"),
            (".1 0\n.2 0", "line 2: no line"),
            (".1", "line 1: give two numbers"),
            (".1 1 1", "line 1: give two numbers"),
            ("a 1", "line 1: give two numbers"),
            (".5 1\n.5 1", "line 2: t must be larger"),
            ("1.5 1", "line 1: t is"),
            ("NaN 1", "line 1: t is"),
            (".5 -1", "line 1: a weight"),
            (".5 NaN", "line 1: a weight"),
        ];
        for (text, said) in wrong {
            let error = Weighting::read(text).unwrap_err().to_string();
            assert!(error.starts_with(said), "{text:?}: {error}");
        }
    }
}
