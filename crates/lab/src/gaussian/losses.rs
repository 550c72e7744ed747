//! Training losses of three denoisers that nobody trained, by Monte Carlo: the one that knows the mixture, the one that knows the data, and the
//! one that knows the first M points of the data, for every M at once.

use std::ops::Range;

use rayon::prelude::*;

use super::denoiser::{Denoiser, NEGLIGIBLE};
use super::noise::Noise;
use super::world::{Data, NOISE, World};
use crate::matrix::{Matrix, distance, dot};
use crate::random::Random;

/// Squared errors of the denoised point at a time, means over points and draws of noise. The same draws for all three.
#[derive(Debug, Clone, PartialEq)]
pub struct Losses {
    pub noise: Noise,
    /// Of the true mixture.
    pub generalizing: f64,
    /// Of the first M points, M from 1 to N; the last is the memorizing one.
    pub partial: Vec<f64>,
}

impl Losses {
    /// Of all points.
    pub fn memorizing(&self) -> f64 {
        self.partial.last().copied().unwrap_or_default()
    }

    /// Loss of the true mixture above that of all points.
    pub fn excess(&self) -> f64 {
        self.generalizing - self.memorizing()
    }

    /// Loss of the first M points, from 1, above that of all.
    pub fn partial_excess(&self, m: usize) -> f64 {
        self.partial[m - 1] - self.memorizing()
    }
}

/// Points of a task; small enough that cores share the work, large enough that sums are few.
const TASK: usize = 16;

/// Losses at each time; `draws`: of noise for each point and time. `watch` is told of each finished task, of [`tasks`] in all. The result does not
/// depend on the number of threads.
pub fn losses(
    world: &World,
    data: &Data,
    noises: &[Noise],
    draws: usize,
    seed: u64,
    watch: &(dyn Fn() + Sync),
) -> Vec<Losses> {
    let n = data.points.rows();
    let squares = data.points.squares();
    let truth = Denoiser::new(data.centres.clone(), world.sigma);
    let portions: Vec<Range<usize>> = (0..n).step_by(TASK).map(|i| i..n.min(i + TASK)).collect();
    let tasks: Vec<(usize, &Range<usize>)> = (0..noises.len())
        .flat_map(|t| portions.iter().map(move |p| (t, p)))
        .collect();
    let sums: Vec<(f64, Vec<f64>)> = tasks
        .par_iter()
        .map(|&(t, portion)| {
            let sums = portion.clone().map(|i| {
                let mut random = Random::new(seed, NOISE + (t * n + i) as u64);
                of_point(data, &squares, &truth, noises[t], i, draws, &mut random)
            });
            let sum = sums.reduce(plus).unwrap_or_default();
            watch();
            sum
        })
        .collect();
    let scale = 1.0 / (n * draws) as f64;
    let of_time = |(noise, sums): (&Noise, &[(f64, Vec<f64>)])| {
        let (generalizing, partial) = sums.iter().cloned().reduce(plus).unwrap_or_default();
        Losses {
            noise: *noise,
            generalizing: generalizing * scale,
            partial: partial.into_iter().map(|x| x * scale).collect(),
        }
    };
    noises
        .iter()
        .zip(sums.chunks(portions.len()))
        .map(of_time)
        .collect()
}

/// How often [`losses`] tells that something is done.
pub fn tasks(samples: usize, times: usize) -> usize {
    samples.div_ceil(TASK) * times
}

fn plus(mut a: (f64, Vec<f64>), b: (f64, Vec<f64>)) -> (f64, Vec<f64>) {
    a.0 += b.0;
    a.1.iter_mut().zip(&b.1).for_each(|(a, b)| *a += b);
    a
}

/// Sums over draws of noise for one point.
fn of_point(
    data: &Data,
    squares: &[f64],
    truth: &Denoiser,
    noise: Noise,
    i: usize,
    draws: usize,
    random: &mut Random,
) -> (f64, Vec<f64>) {
    let point = data.points.row(i);
    let mut noisy = Matrix::zeros(draws, point.len());
    for r in 0..draws {
        for (y, x) in noisy.row_mut(r).iter_mut().zip(point) {
            *y = noise.a * x + noise.s * random.normal();
        }
    }
    let mut generalizing = 0.0;
    let mut of_clouds = vec![0.0; truth.centres.rows()];
    let mut guess = vec![0.0; point.len()];
    for noisy in noisy.iter() {
        truth.denoise(noise, noisy, &mut of_clouds, &mut guess);
        generalizing += distance(&guess, point);
    }
    // Products of all points with all draws: each point is fetched once.
    let n = data.points.rows();
    let mut logs = Matrix::zeros(draws, n);
    for (j, other) in data.points.iter().enumerate() {
        for r in 0..draws {
            let near = noise.a * dot(noisy.row(r), other) - 0.5 * noise.a.powi(2) * squares[j];
            logs.row_mut(r)[j] = near / noise.s.powi(2);
        }
    }
    let mut partial = vec![0.0; n];
    for logs in logs.iter() {
        of_beginnings(&data.points, logs, point, &mut guess, &mut partial);
    }
    (generalizing, partial)
}

/// Adds to `sums[M - 1]` the squared error of the mean of the first M points, weighted by `logs`, for each M. `mean`: room for a point.
///
/// Numerator and denominator of the mean grow point by point, in units of the largest weight so far; a point of negligible weight changes nothing.
fn of_beginnings(points: &Matrix, logs: &[f64], point: &[f64], mean: &mut [f64], sums: &mut [f64]) {
    mean.fill(0.0);
    let (mut most, mut weights, mut error) = (f64::NEG_INFINITY, 0.0, 0.0);
    for ((log, other), sum) in logs.iter().zip(points.iter()).zip(sums) {
        let below = log - most;
        if below >= -NEGLIGIBLE {
            let (keep, weight) = match below > 0.0 {
                true => ((-below).exp(), 1.0),
                false => (1.0, below.exp()),
            };
            weights = weights * keep + weight;
            most = most.max(*log);
            error = grow(mean, keep, weight, other, 1.0 / weights, point);
        }
        *sum += error;
    }
}

/// `mean = keep * mean + weight * other`; returns |scale * mean - point|^2.
fn grow(mean: &mut [f64], keep: f64, weight: f64, other: &[f64], scale: f64, point: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (mean, mean_rest) = mean.as_chunks_mut::<8>();
    let ((other, other_rest), (point, point_rest)) =
        (other.as_chunks::<8>(), point.as_chunks::<8>());
    for ((m, x), p) in mean.iter_mut().zip(other).zip(point) {
        for k in 0..8 {
            m[k] = keep * m[k] + weight * x[k];
            let d = scale * m[k] - p[k];
            sums[k] += d * d;
        }
    }
    let mut rest = 0.0;
    for ((m, x), p) in mean_rest.iter_mut().zip(other_rest).zip(point_rest) {
        *m = keep * *m + weight * x;
        rest += (scale * *m - p).powi(2);
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::super::noise::noises;
    use super::*;

    const WORLD: World = World {
        samples: 40,
        dimension: 11,
        components: 3,
        sigma: 0.7,
    };

    #[test]
    fn all_beginnings_at_once_are_each_beginning_alone() {
        let data = Data::draw(&WORLD, 3);
        for t in [0.01, 0.3, 0.6, 0.95] {
            let (noise, seed) = (Noise::at(t), 5);
            let got = &losses(&WORLD, &data, &[noise], 2, seed, &|| ())[0];
            let mut of_all = vec![0.0; 40];
            let mut truth = 0.0;
            let known = Denoiser::new(data.centres.clone(), WORLD.sigma);
            for i in 0..40 {
                let mut random = Random::new(seed, NOISE + i as u64);
                let point = data.points.row(i);
                for _ in 0..2 {
                    let noisy: Vec<f64> = point
                        .iter()
                        .map(|x| noise.a * x + noise.s * random.normal())
                        .collect();
                    let error = |d: &Denoiser| {
                        let mut guess = vec![0.0; 11];
                        d.denoise(noise, &noisy, &mut vec![0.0; d.centres.rows()], &mut guess);
                        distance(&guess, point) / 80.0
                    };
                    truth += error(&known);
                    for (m, sum) in of_all.iter_mut().enumerate() {
                        *sum += error(&Denoiser::new(data.points.first(m + 1), 0.0));
                    }
                }
            }
            assert!((truth - got.generalizing).abs() < 1e-9 * truth);
            for (want, got) in of_all.iter().zip(&got.partial) {
                assert!(
                    (want - got).abs() <= 1e-9 * (want + 1e-9),
                    "{t}: {want} {got}"
                );
            }
        }
    }

    #[test]
    fn all_points_leave_nothing_and_threads_change_nothing() {
        let data = Data::draw(&WORLD, 4);
        let times = noises(5).unwrap();
        let done = std::sync::atomic::AtomicUsize::new(0);
        let count = || {
            done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        };
        let all = losses(&WORLD, &data, &times, 3, 0, &count);
        assert_eq!(done.into_inner(), tasks(40, 5));
        for l in &all {
            assert_eq!(l.partial_excess(40), 0.0);
            assert!(l.excess() > 0.0);
        }
        let one = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        assert_eq!(
            one.install(|| losses(&WORLD, &data, &times, 3, 0, &|| ())),
            all
        );
    }
}
