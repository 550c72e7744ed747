//! The best guess of a point behind its noise, where points come from a mixture.

use super::noise::Noise;
use crate::matrix::{Matrix, add, dot};

/// Weights below exp(-`NEGLIGIBLE`) of the largest change nothing that a double can hold.
pub(super) const NEGLIGIBLE: f64 = 40.0;

/// The posterior mean under a mixture of M clouds of equal weight (eqs. 14 and 15 of the paper).
///
/// x(t, y) = c0 y + c1 sum_j p_j m_j with c0 = a sigma^2 / v, c1 = s^2 / v, v = a^2 sigma^2 + s^2 and p the softmax of -|a m_j - y|^2 / 2v.
#[derive(Debug, Clone, PartialEq)]
pub struct Denoiser {
    pub centres: Matrix,
    /// Standard deviation of each cloud; 0 where it is its centre.
    pub sigma: f64,
    squares: Vec<f64>,
}

/// The factors of a denoiser at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Factors {
    pub of_noisy: f64,
    pub of_centres: f64,
    pub variance: f64,
}

impl Factors {
    pub fn of(noise: Noise, sigma: f64) -> Factors {
        let variance = (noise.a * sigma).powi(2) + noise.s.powi(2);
        Factors {
            of_noisy: noise.a * sigma.powi(2) / variance,
            of_centres: noise.s.powi(2) / variance,
            variance,
        }
    }
}

impl Denoiser {
    pub fn new(centres: Matrix, sigma: f64) -> Denoiser {
        let squares = centres.squares();
        Denoiser {
            centres,
            sigma,
            squares,
        }
    }

    /// The guess for `noisy`, into `out`; `weights` has room for one number a cloud, and holds their posterior weights afterwards.
    pub fn denoise(&self, noise: Noise, noisy: &[f64], weights: &mut [f64], out: &mut [f64]) {
        let f = Factors::of(noise, self.sigma);
        for ((w, centre), square) in weights
            .iter_mut()
            .zip(self.centres.iter())
            .zip(&self.squares)
        {
            *w = (noise.a * dot(noisy, centre) - 0.5 * noise.a.powi(2) * square) / f.variance;
        }
        softmax(weights);
        for (out, x) in out.iter_mut().zip(noisy) {
            *out = f.of_noisy * x;
        }
        for (p, centre) in weights
            .iter()
            .zip(self.centres.iter())
            .filter(|(p, _)| **p > 0.0)
        {
            add(out, f.of_centres * p, centre);
        }
    }
}

/// Weights of log-weights, in place; negligible ones become 0.
pub(super) fn softmax(weights: &mut [f64]) {
    let most = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for w in weights.iter_mut() {
        let below = *w - most;
        *w = if below < -NEGLIGIBLE {
            0.0
        } else {
            below.exp()
        };
        sum += *w;
    }
    weights.iter_mut().for_each(|w| *w /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(denoiser: &Denoiser, t: f64, noisy: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; noisy.len()];
        let mut weights = vec![0.0; denoiser.centres.rows()];
        denoiser.denoise(Noise::at(t), noisy, &mut weights, &mut out);
        out
    }

    #[test]
    fn one_cloud_is_shrunk_as_a_gaussian_posterior() {
        let mut centre = Matrix::zeros(1, 2);
        centre.row_mut(0).copy_from_slice(&[1.0, -2.0]);
        let noise = Noise::at(0.6);
        // Posterior mean: m + a sigma^2 / v (y - a m).
        let (y, sigma) = ([0.5, 0.25], 1.5);
        let v = 0.64 * sigma * sigma + 0.36;
        let out = guess(&Denoiser::new(centre, sigma), 0.6, &y);
        for (k, m) in [1.0, -2.0].into_iter().enumerate() {
            let want = m + noise.a * sigma * sigma / v * (y[k] - noise.a * m);
            assert!((out[k] - want).abs() < 1e-12);
        }
    }

    #[test]
    fn clouds_are_weighed_by_their_densities() {
        let mut centres = Matrix::zeros(2, 1);
        centres.values_mut().copy_from_slice(&[1.0, -1.0]);
        let noise = Noise::at(0.8);
        // Two points: the guess is tanh(a y / s^2).
        for y in [-1.0, 0.1, 3.0] {
            let out = guess(&Denoiser::new(centres.clone(), 0.0), 0.8, &[y]);
            assert!((out[0] - (noise.a * y / 0.64).tanh()).abs() < 1e-12);
        }
    }
}
