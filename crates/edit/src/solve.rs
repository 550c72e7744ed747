//! The change of a matrix that moves the outputs of some keys, and leaves those of other text as they are, as good as.

use nalgebra::{Cholesky, DMatrix};

use super::EditError;

/// Mean of `k k^T` over the keys of ordinary text.
#[derive(Debug, Clone)]
pub struct Covariance {
    sum: DMatrix<f64>,
    count: usize,
}

impl Covariance {
    /// Of keys of so many numbers.
    pub fn new(width: usize) -> Self {
        Covariance {
            sum: DMatrix::zeros(width, width),
            count: 0,
        }
    }

    /// # Errors
    /// A key of another width.
    pub fn add(&mut self, keys: &[Vec<f32>]) -> Result<(), EditError> {
        let keys = columns("a key", keys, self.sum.nrows())?;
        self.sum.gemm(1.0, &keys, &keys.transpose(), 1.0);
        self.count += keys.ncols();
        Ok(())
    }

    /// The mean, and to all directions alike so much more as the text is too short to know them: by the share of numbers in a key to keys. Without it, directions that
    /// only other text than this one has would seem free (as in Ledoit and Wolf, 2004).
    fn shrunk(&self) -> DMatrix<f64> {
        let count = self.count as f64;
        let mut mean = &self.sum / count;
        let more = mean.trace() / count;
        (0..mean.nrows()).for_each(|i| mean[(i, i)] += more);
        mean
    }

    /// Keys that were added.
    pub fn count(&self) -> usize {
        self.count
    }
}

/// A change of a matrix, `b a`: `a` has a row for each of its ranks, `b` a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub a: DMatrix<f64>,
    pub b: DMatrix<f64>,
}

impl Change {
    /// Frobenius norm.
    pub fn norm(&self) -> f64 {
        // |b a|^2 = tr(a^T b^T b a) = sum of (b^T b) * (a a^T)
        let (b, a) = (self.b.transpose() * &self.b, &self.a * self.a.transpose());
        b.component_mul(&a).sum().max(0.0).sqrt()
    }

    /// The same change with no more ranks than its matrix can have.
    pub fn reduced(self) -> Change {
        let height = self.b.nrows();
        if self.a.nrows() <= height {
            return self;
        }
        Change {
            a: &self.b * &self.a,
            b: DMatrix::identity(height, height),
        }
    }
}

/// The change `D` of a matrix that minimizes `|D K - R|^2 + weight n mean |D k|^2`, for `n` keys `K` whose outputs are to move by `R` and the keys `k` of ordinary text:
/// `D = R K^T (K K^T + weight n C)^-1`, Eq. 14 of MEMIT. Its rank is the number of keys.
///
/// # Errors
/// No key; numbers that do not fit together; a covariance of too little text.
pub fn solve(
    keys: &[Vec<f32>],
    shifts: &[Vec<f64>],
    covariance: &Covariance,
    weight: f64,
) -> Result<Change, EditError> {
    let width = covariance.sum.nrows();
    if keys.is_empty() || covariance.count == 0 {
        return Err(EditError::Empty);
    }
    if shifts.len() != keys.len() {
        return Err(EditError::Shape {
            what: "shifts for keys",
            found: shifts.len(),
            expected: keys.len(),
        });
    }
    let keys = columns("a key", keys, width)?;
    let b = columns("a shift", shifts, shifts[0].len())?;
    let mut sum = covariance.shrunk() * (weight * keys.ncols() as f64);
    sum.gemm(1.0, &keys, &keys.transpose(), 1.0);
    let factor = Cholesky::new(sum).ok_or(EditError::Covariance)?;
    let a = factor.solve(&keys).transpose();
    Ok(Change { a, b })
}

fn columns<T: Copy + Into<f64>>(
    what: &'static str,
    rows: &[Vec<T>],
    expected: usize,
) -> Result<DMatrix<f64>, EditError> {
    if let Some(row) = rows.iter().find(|r| r.len() != expected) {
        return Err(EditError::Shape {
            what,
            found: row.len(),
            expected,
        });
    }
    let all = rows.iter().flatten().map(|x| (*x).into());
    Ok(DMatrix::from_iterator(expected, rows.len(), all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(weight: f64, shifts: &[Vec<f64>]) -> Change {
        // Ordinary text lies along the first two directions, the keys mostly along the last two.
        let mut covariance = Covariance::new(4);
        let text = [vec![2.0, 0.0, 0.1, 0.0], vec![0.0, 2.0, 0.0, 0.1]];
        (0..500).for_each(|_| covariance.add(&text).unwrap());
        let keys = [vec![0.5, 0.0, 2.0, 0.0], vec![0.0, 0.5, 0.0, 2.0]];
        solve(&keys, shifts, &covariance, weight).unwrap()
    }

    fn output(change: &Change, key: &[f64]) -> Vec<f64> {
        let out = &change.b * (&change.a * DMatrix::from_column_slice(4, 1, key));
        out.iter().copied().collect()
    }

    #[test]
    fn keys_move_and_ordinary_text_stays() {
        let shifts = [vec![1.0, 0.0, 3.0], vec![0.0, -2.0, 0.0]];
        let change = change(0.1, &shifts);
        let moved = output(&change, &[0.5, 0.0, 2.0, 0.0]);
        for (got, want) in moved.iter().zip(&shifts[0]) {
            assert!((got - want).abs() < 0.05 * want.abs().max(1.0), "{moved:?}");
        }
        let other = output(&change, &[2.0, 0.0, 0.1, 0.0]);
        assert!(other.iter().all(|x| x.abs() < 0.3), "{other:?}");
        // By hand: the norm of the product itself.
        assert!(((&change.b * &change.a).norm() - change.norm()).abs() < 1e-9);
    }

    #[test]
    fn the_more_ordinary_text_weighs_the_less_keys_move() {
        let shifts = [vec![1.0], vec![1.0]];
        let at = |weight| output(&change(weight, &shifts), &[0.5, 0.0, 2.0, 0.0])[0];
        assert!(at(0.1) > at(10.0) && at(10.0) > at(1000.0) && at(1000.0) > 0.0);
    }

    #[test]
    fn a_change_of_too_many_ranks_is_the_same_with_fewer() {
        let change = change(1.0, &[vec![1.0], vec![3.0]]);
        let reduced = change.clone().reduced();
        assert_eq!((reduced.a.nrows(), reduced.b.shape()), (1, (1, 1)));
        let key = [0.1, 0.2, 0.3, 0.4];
        assert!((output(&change, &key)[0] - output(&reduced, &key)[0]).abs() < 1e-12);
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        let mut covariance = Covariance::new(2);
        let shape = |error| matches!(error, EditError::Shape { .. });
        assert!(shape(covariance.add(&[vec![1.0]]).unwrap_err()));
        assert_eq!(
            solve(&[vec![1.0, 0.0]], &[vec![1.0]], &covariance, 1.0),
            Err(EditError::Empty)
        );
        covariance.add(&[vec![1.0, 0.0]]).unwrap();
        assert_eq!(covariance.count(), 1);
        assert!(shape(
            solve(&[vec![1.0, 0.0]], &[], &covariance, 1.0).unwrap_err()
        ));
        let uneven = [vec![1.0], vec![1.0, 2.0]];
        let keys = [vec![1.0, 0.0], vec![0.0, 1.0]];
        assert!(shape(solve(&keys, &uneven, &covariance, 1.0).unwrap_err()));
    }
}
