//! A small logistic regression: L2-regularized, standardized features, fitted by Newton's method.
//!
//! It minimizes `sum_i log(1 + exp(-y_i (b + w.z_i))) + l2/2 |w|^2` with `y` in {-1, 1} and `z` the
//! features shifted and scaled to mean 0 and variance 1; the intercept `b` is not penalized. Newton's
//! steps are iteratively reweighted least squares (Hastie, Tibshirani & Friedman, *The Elements of
//! Statistical Learning*, 2nd ed., 4.4.1), halved while they do not descend.

use serde::{Deserialize, Serialize};

/// Why a model could not be fitted or used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LogisticError {
    /// No rows at all, or as many labels as rows do not exist.
    #[error(
        "the fit needs one label per row and at least one row; there are {rows} rows and {labels} labels"
    )]
    Shape {
        /// Rows of features.
        rows: usize,
        /// Labels.
        labels: usize,
    },
    /// A row has another number of features than there are names.
    #[error("row {row} has {found} features, but {expected} are named")]
    Width {
        /// Index of the row.
        row: usize,
        /// Its features.
        found: usize,
        /// Named features.
        expected: usize,
    },
    /// A feature is NaN or infinite.
    #[error(
        "feature '{feature}' of row {row} is not a finite number; replace missing values before the fit"
    )]
    NotFinite {
        /// Name of the feature.
        feature: String,
        /// Index of the row.
        row: usize,
    },
    /// All labels are the same.
    #[error("all {0} labels are the same; a fit needs examples of both classes")]
    OneClass(usize),
    /// The penalty is negative or not a number.
    #[error("the penalty l2 is {0}; it must be a finite number of at least 0")]
    Penalty(f64),
    /// No minimum was reached; without a penalty this means separable classes.
    #[error(
        "the fit did not converge in {0} steps; the classes may be separable, use a penalty l2 above 0"
    )]
    NoConvergence(usize),
}

/// A fitted model. Serialized, it is the readable file that a flag is computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    /// Names of the features, in order.
    pub features: Vec<String>,
    /// Mean of each feature in the training data.
    pub mean: Vec<f64>,
    /// Standard deviation (population) of each; 1 for a constant feature.
    pub scale: Vec<f64>,
    /// Weight of each standardized feature.
    pub weights: Vec<f64>,
    /// Log-odds when all features are at their mean.
    pub intercept: f64,
    /// The penalty that it was fitted with.
    pub l2: f64,
}

const MAX_STEPS: usize = 100;

impl Logistic {
    /// Fits the model to `rows` (one slice of features per example, in the order of `features`)
    /// and their labels.
    pub fn fit<R: AsRef<[f64]>>(
        features: &[&str],
        rows: &[R],
        positive: &[bool],
        l2: f64,
    ) -> Result<Self, LogisticError> {
        check(features, rows, positive, l2)?;
        let (n, d) = (rows.len(), features.len());
        let mut mean = vec![0.0; d];
        let mut scale = vec![1.0; d];
        for j in 0..d {
            let column = || rows.iter().map(|r| r.as_ref()[j]);
            mean[j] = column().sum::<f64>() / n as f64;
            let sd = (column().map(|v| (v - mean[j]).powi(2)).sum::<f64>() / n as f64).sqrt();
            // Rounding leaves a constant column a spread of about one part in 2^52.
            if sd > 1e-12 * mean[j].abs() {
                scale[j] = sd;
            } else {
                mean[j] = rows[0].as_ref()[j];
            }
        }
        // Design matrix with a leading 1 for the intercept.
        let z: Vec<Vec<f64>> = rows
            .iter()
            .map(|r| {
                let standard = r
                    .as_ref()
                    .iter()
                    .enumerate()
                    .map(|(j, v)| (v - mean[j]) / scale[j]);
                std::iter::once(1.0).chain(standard).collect()
            })
            .collect();
        let beta = newton(&z, positive, l2)?;
        Ok(Self {
            features: features.iter().map(|s| (*s).to_owned()).collect(),
            mean,
            scale,
            weights: beta[1..].to_vec(),
            intercept: beta[0],
            l2,
        })
    }

    /// Probability of the positive class. `None` if `row` has another number of features, or one
    /// that is not finite.
    pub fn probability(&self, row: &[f64]) -> Option<f64> {
        let terms = self.contributions(row)?;
        Some(sigmoid(self.intercept + terms.iter().sum::<f64>()))
    }

    /// What each feature adds to the log-odds, compared with an average example, in the order of
    /// [`Logistic::features`]. The largest ones are the reasons. `None` as for
    /// [`Logistic::probability`].
    pub fn contributions(&self, row: &[f64]) -> Option<Vec<f64>> {
        if row.len() != self.weights.len() || row.iter().any(|v| !v.is_finite()) {
            return None;
        }
        let term = |j: usize| self.weights[j] * (row[j] - self.mean[j]) / self.scale[j];
        Some((0..row.len()).map(term).collect())
    }
}

fn check<R: AsRef<[f64]>>(
    features: &[&str],
    rows: &[R],
    positive: &[bool],
    l2: f64,
) -> Result<(), LogisticError> {
    if rows.is_empty() || rows.len() != positive.len() {
        return Err(LogisticError::Shape {
            rows: rows.len(),
            labels: positive.len(),
        });
    }
    if !(l2 >= 0.0 && l2.is_finite()) {
        return Err(LogisticError::Penalty(l2));
    }
    for (i, row) in rows.iter().enumerate() {
        let row = row.as_ref();
        if row.len() != features.len() {
            return Err(LogisticError::Width {
                row: i,
                found: row.len(),
                expected: features.len(),
            });
        }
        if let Some(j) = row.iter().position(|v| !v.is_finite()) {
            return Err(LogisticError::NotFinite {
                feature: features[j].to_owned(),
                row: i,
            });
        }
    }
    if positive.iter().all(|p| *p == positive[0]) {
        return Err(LogisticError::OneClass(positive.len()));
    }
    Ok(())
}

/// 1 / (1 + exp(-x)) without overflow.
fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

/// log(1 + exp(x)) without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn loss(z: &[Vec<f64>], positive: &[bool], l2: f64, beta: &[f64]) -> f64 {
    let data: f64 = z
        .iter()
        .zip(positive)
        .map(|(row, y)| {
            let t = dot(row, beta);
            softplus(if *y { -t } else { t })
        })
        .sum();
    data + 0.5 * l2 * dot(&beta[1..], &beta[1..])
}

/// Newton's method from zero. `z` has a leading column of ones.
fn newton(z: &[Vec<f64>], positive: &[bool], l2: f64) -> Result<Vec<f64>, LogisticError> {
    let d = z[0].len();
    let mut beta = vec![0.0; d];
    let mut current = loss(z, positive, l2, &beta);
    for _ in 0..MAX_STEPS {
        let mut gradient = vec![0.0; d];
        let mut hessian = vec![vec![0.0; d]; d];
        for (row, y) in z.iter().zip(positive) {
            let p = sigmoid(dot(row, &beta));
            let residual = p - f64::from(u8::from(*y));
            for i in 0..d {
                gradient[i] += residual * row[i];
                for j in 0..=i {
                    hessian[i][j] += p * (1.0 - p) * row[i] * row[j];
                }
            }
        }
        for i in 1..d {
            gradient[i] += l2 * beta[i];
            hessian[i][i] += l2;
        }
        let size = gradient.iter().fold(0.0_f64, |m, g| m.max(g.abs()));
        if size < 1e-9 * z.len() as f64 {
            return Ok(beta);
        }
        let Some(step) = solve(hessian, &gradient) else {
            return Err(LogisticError::NoConvergence(MAX_STEPS));
        };
        let mut fraction = 1.0;
        loop {
            let next: Vec<f64> = beta
                .iter()
                .zip(&step)
                .map(|(b, s)| b - fraction * s)
                .collect();
            let value = loss(z, positive, l2, &next);
            if value < current {
                (beta, current) = (next, value);
                break;
            }
            fraction /= 2.0;
            if fraction < 1e-10 {
                // No descent is left that f64 can see: this is the minimum, to its precision.
                return if size < 1e-5 * z.len() as f64 {
                    Ok(beta)
                } else {
                    Err(LogisticError::NoConvergence(MAX_STEPS))
                };
            }
        }
        // Without a penalty, separable classes send the weights to infinity as the loss goes to 0.
        if current < 1e-7 * z.len() as f64 && l2 == 0.0 {
            return Err(LogisticError::NoConvergence(MAX_STEPS));
        }
    }
    Err(LogisticError::NoConvergence(MAX_STEPS))
}

/// Solves `a x = b` by Cholesky's decomposition; only the lower triangle of `a` is read. A
/// direction without curvature (a constant feature without penalty) gets 0. `None` if `a` is not
/// positive semidefinite.
pub(super) fn solve(mut a: Vec<Vec<f64>>, b: &[f64]) -> Option<Vec<f64>> {
    let d = b.len();
    let top = (0..d).fold(0.0_f64, |m, i| m.max(a[i][i]));
    for j in 0..d {
        let left = a[j][j] - dot(&a[j][..j], &a[j][..j]);
        if !left.is_finite() || left < -1e-9 * top {
            return None;
        }
        let flat = left <= 1e-13 * top;
        a[j][j] = if flat { 0.0 } else { left.sqrt() };
        for i in j + 1..d {
            let v = a[i][j] - dot(&a[i][..j], &a[j][..j]);
            a[i][j] = if flat { 0.0 } else { v / a[j][j] };
        }
    }
    let mut x = b.to_vec();
    for i in 0..d {
        let v = x[i] - dot(&a[i][..i], &x[..i]);
        x[i] = if a[i][i] == 0.0 { 0.0 } else { v / a[i][i] };
    }
    for i in (0..d).rev() {
        let v = x[i] - (i + 1..d).map(|k| a[k][i] * x[k]).sum::<f64>();
        x[i] = if a[i][i] == 0.0 { 0.0 } else { v / a[i][i] };
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One binary feature, no penalty: the fit reproduces the two observed shares exactly.
    #[test]
    fn reproduces_the_shares_of_a_two_by_two_table() {
        let mut rows = vec![];
        let mut y = vec![];
        for (x, hits, total) in [(0.0, 2, 10), (1.0, 9, 12)] {
            for i in 0..total {
                rows.push([x]);
                y.push(i < hits);
            }
        }
        let m = Logistic::fit(&["x"], &rows, &y, 0.0).unwrap();
        assert!((m.probability(&[0.0]).unwrap() - 0.2).abs() < 1e-9);
        assert!((m.probability(&[1.0]).unwrap() - 0.75).abs() < 1e-9);
        // The log odds ratio is (9/3) / (2/8) = 12.
        assert!((m.weights[0] / m.scale[0] - 12.0_f64.ln()).abs() < 1e-8);
    }

    /// Hours of study and passing an exam: the worked example of Wikipedia's article "Logistic
    /// regression": intercept -4.1, slope 1.5 (more digits: -4.0777, 1.5046).
    #[test]
    fn wikipedia_hours_of_study() {
        let hours = [
            0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.25, 3.5, 4.0, 4.25,
            4.5, 4.75, 5.0, 5.5,
        ];
        let pass = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1].map(|p| p == 1);
        let rows: Vec<[f64; 1]> = hours.iter().map(|h| [*h]).collect();
        let m = Logistic::fit(&["hours"], &rows, &pass, 0.0).unwrap();
        let slope = m.weights[0] / m.scale[0];
        let intercept = m.intercept - slope * m.mean[0];
        assert!((slope - 1.5046).abs() < 1e-4, "{slope}");
        assert!((intercept + 4.0777).abs() < 1e-4, "{intercept}");
    }

    /// At the minimum the gradient vanishes: sum (p - y) = 0 and sum (p - y) z + l2 w = 0.
    #[test]
    fn stationary_with_penalty_even_when_separable() {
        let rows: Vec<[f64; 2]> = (0..40)
            .map(|i| [f64::from(i), f64::from(i * i % 7)])
            .collect();
        let y: Vec<bool> = (0..40).map(|i| i >= 20).collect();
        let m = Logistic::fit(&["a", "b"], &rows, &y, 0.5).unwrap();
        let mut g = [0.0; 3];
        for (r, y) in rows.iter().zip(&y) {
            let e = m.probability(r).unwrap() - f64::from(u8::from(*y));
            g[0] += e;
            for j in 0..2 {
                g[j + 1] += e * (r[j] - m.mean[j]) / m.scale[j];
            }
        }
        g[1] += 0.5 * m.weights[0];
        g[2] += 0.5 * m.weights[1];
        assert!(g.iter().all(|v| v.abs() < 1e-6), "{g:?}");
        assert!(matches!(
            Logistic::fit(&["a", "b"], &rows, &y, 0.0),
            Err(LogisticError::NoConvergence(_))
        ));
    }

    #[test]
    fn constant_features_get_no_weight() {
        let rows: Vec<[f64; 2]> = (0..20).map(|i| [f64::from(i), 0.1]).collect();
        let y: Vec<bool> = (0..20).map(|i| i % 3 == 0).collect();
        for l2 in [0.0, 1.0] {
            let m = Logistic::fit(&["x", "same"], &rows, &y, l2).unwrap();
            assert_eq!(m.weights[1], 0.0);
            assert_eq!(m.contributions(&[3.0, 0.1]).unwrap()[1], 0.0);
        }
    }

    #[test]
    fn contributions_and_intercept_make_the_log_odds() {
        let rows: Vec<[f64; 2]> = (0..30)
            .map(|i| [f64::from(i % 5), f64::from(i % 7)])
            .collect();
        let y: Vec<bool> = (0..30).map(|i| i % 5 > 2 || i % 7 == 0).collect();
        let m = Logistic::fit(&["a", "b"], &rows, &y, 0.1).unwrap();
        let p = m.probability(&rows[4]).unwrap();
        let odds = m.intercept + m.contributions(&rows[4]).unwrap().iter().sum::<f64>();
        assert!(((p / (1.0 - p)).ln() - odds).abs() < 1e-9);
        assert_eq!(m.probability(&[1.0]), None);
        assert_eq!(m.probability(&[1.0, f64::NAN]), None);
    }

    #[test]
    fn survives_a_round_trip_through_json() {
        let m = Logistic::fit(
            &["x"],
            &[[1.0], [2.0], [3.0], [4.0]],
            &[false, true, false, true],
            1.0,
        )
        .unwrap();
        let text = serde_json::to_string(&m).unwrap();
        assert_eq!(serde_json::from_str::<Logistic>(&text).unwrap(), m);
    }

    #[test]
    fn bad_input_is_named() {
        let none: &[[f64; 1]] = &[];
        assert!(matches!(
            Logistic::fit(&["x"], none, &[], 1.0),
            Err(LogisticError::Shape { .. })
        ));
        let e = Logistic::fit(&["x"], &[[1.0], [f64::NAN]], &[true, false], 1.0).unwrap_err();
        assert_eq!(
            e,
            LogisticError::NotFinite {
                feature: "x".into(),
                row: 1
            }
        );
        assert!(matches!(
            Logistic::fit(&["x", "y"], &[[1.0]], &[true], 1.0),
            Err(LogisticError::Width { .. })
        ));
        assert_eq!(
            Logistic::fit(&["x"], &[[1.0], [2.0]], &[true, true], 1.0).unwrap_err(),
            LogisticError::OneClass(2)
        );
        assert!(matches!(
            Logistic::fit(&["x"], &[[1.0]], &[true], -1.0),
            Err(LogisticError::Penalty(_))
        ));
    }
}
