//! Rows of numbers, and products of rows.

/// Rows of equal length, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// All zero. `columns` is not 0.
    pub fn zeros(rows: usize, columns: usize) -> Matrix {
        Matrix {
            columns,
            values: vec![0.0; rows * columns],
        }
    }

    pub fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.columns..][..self.columns]
    }

    pub fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.values[i * self.columns..][..self.columns]
    }

    pub fn iter(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.columns)
    }

    pub fn values(&self) -> &[f64] {
        &self.values
    }

    pub fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }

    /// The first rows.
    pub fn first(&self, rows: usize) -> Matrix {
        Matrix {
            columns: self.columns,
            values: self.values[..rows * self.columns].to_vec(),
        }
    }

    /// Squared length of each row.
    pub fn squares(&self) -> Vec<f64> {
        self.iter().map(|r| dot(r, r)).collect()
    }
}

/// Inner product; eight sums side by side, so that the compiler uses wide registers.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for k in 0..8 {
            sums[k] += a[k] * b[k];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// `to += factor * row`.
pub fn add(to: &mut [f64], factor: f64, row: &[f64]) {
    for (to, x) in to.iter_mut().zip(row) {
        *to += factor * x;
    }
}

/// Squared distance.
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for k in 0..8 {
            let d = a[k] - b[k];
            sums[k] += d * d;
        }
    }
    let rest: f64 = a_rest
        .iter()
        .zip(b_rest)
        .map(|(a, b)| (a - b) * (a - b))
        .sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_by_hand_at_every_length() {
        for n in 1..20usize {
            let a: Vec<f64> = (0..n).map(|i| i as f64).collect();
            let b: Vec<f64> = (0..n).map(|i| 2.0 - i as f64).collect();
            let by_hand: f64 = (0..n).map(|i| a[i] * b[i]).sum();
            assert_eq!(dot(&a, &b), by_hand);
            let by_hand: f64 = (0..n).map(|i| (a[i] - b[i]).powi(2)).sum();
            assert_eq!(distance(&a, &b), by_hand);
        }
    }
}
