//! A denoiser of M clouds trained on data, with gradients by hand.

use super::denoiser::{Denoiser, Factors, softmax};
use super::noise::{Noise, Weighting};
use super::world::{Data, TRAINING};
use crate::error::{LabError, expect_least, expect_positive};
use crate::matrix::{Matrix, add, dot};
use crate::random::Random;

/// How a denoiser is trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Training {
    pub steps: usize,
    /// Of Adam at the first step; falls along a half cosine to a hundredth of it.
    pub rate: f64,
}

impl Default for Training {
    fn default() -> Training {
        Training {
            steps: 6000,
            rate: 0.01,
        }
    }
}

impl Training {
    /// # Errors
    /// The setting, and what it may be.
    pub fn check(&self) -> Result<(), LabError> {
        expect_least("steps", self.steps, 1)?;
        expect_positive("rate", self.rate)
    }
}

/// Standard deviation of the clouds before training.
const FIRST_SIGMA: f64 = 1e-3;

/// Trains a denoiser of `m` clouds, which begin as the first `m` points; centres and the common standard deviation are free. Each step sees every
/// point once, with fresh noise at a time drawn from `noises`, and the squared error of the denoised point by the weight of its time.
///
/// The data are independent draws, so that the first points are as good as any.
pub fn train(
    data: &Data,
    m: usize,
    (noises, weighting): (&[Noise], &Weighting),
    training: &Training,
    seed: u64,
) -> Denoiser {
    let mut random = Random::new(seed, TRAINING + m as u64);
    let mut centres = data.points.first(m);
    let mut sigma = FIRST_SIGMA;
    let mut gradient = Gradient::new(m, data.points.columns());
    let mut adam = Adam::new(centres.values().len() + 1);
    let weights: Vec<f64> = noises.iter().map(|n| weighting.at(*n)).collect();
    let mean = weights.iter().sum::<f64>() / weights.len() as f64;
    let mut noisy = vec![0.0; data.points.columns()];
    for step in 0..training.steps {
        gradient.clear(&centres, sigma);
        for point in data.points.iter() {
            let time = random.below(noises.len());
            let noise = noises[time];
            for (y, x) in noisy.iter_mut().zip(point) {
                *y = noise.a * x + noise.s * random.normal();
            }
            let weight = weights[time] / mean / data.points.rows() as f64;
            gradient.add(&centres, noise, weight, &noisy, point);
        }
        let along = step as f64 / training.steps as f64;
        let rate =
            training.rate * (0.01 + 0.99 * 0.5 * (1.0 + (std::f64::consts::PI * along).cos()));
        let parameters = centres
            .values_mut()
            .iter_mut()
            .chain(std::iter::once(&mut sigma));
        let slopes = gradient
            .centres
            .values()
            .iter()
            .chain(std::iter::once(&gradient.sigma));
        adam.step(rate, parameters.zip(slopes));
    }
    Denoiser::new(centres, sigma.abs())
}

/// The gradient of a weighted sum of squared errors.
struct Gradient {
    centres: Matrix,
    sigma: f64,
    /// Of the denoiser it is of.
    at: f64,
    squares: Vec<f64>,
    /// Posterior weights of the clouds.
    weights: Vec<f64>,
    mean: Vec<f64>,
    residual: Vec<f64>,
}

impl Gradient {
    fn new(m: usize, dimension: usize) -> Gradient {
        Gradient {
            centres: Matrix::zeros(m, dimension),
            sigma: 0.0,
            at: 0.0,
            squares: Vec::new(),
            weights: vec![0.0; m],
            mean: vec![0.0; dimension],
            residual: vec![0.0; dimension],
        }
    }

    /// Begins anew, for a denoiser of these clouds.
    fn clear(&mut self, centres: &Matrix, sigma: f64) {
        self.centres.values_mut().fill(0.0);
        (self.sigma, self.at) = (0.0, sigma);
        self.squares = centres.squares();
    }

    /// Adds the gradient of `weight` times the squared error at one noisy point; returns that error.
    ///
    /// With r the residual and m the weighted mean of the centres: d/dm_j = 2 c1 p_j r - g_j (a/v) (a m_j - y), where g_j = 2 c1 p_j r.(m_j - m) is the
    /// derivative by the log-weight; by the variance, 2 r.(c0' y + c1' m) + sum_j g_j a^2 |a m_j - y|^2 / 2v^2 with c0' = a s^2 / v^2 and c1' = - a^2 s^2 / v^2.
    fn add(
        &mut self,
        centres: &Matrix,
        noise: Noise,
        weight: f64,
        noisy: &[f64],
        point: &[f64],
    ) -> f64 {
        let f = Factors::of(noise, self.at);
        let (a, v) = (noise.a, f.variance);
        for ((w, centre), square) in self
            .weights
            .iter_mut()
            .zip(centres.iter())
            .zip(&self.squares)
        {
            *w = (a * dot(noisy, centre) - 0.5 * a * a * square) / v;
        }
        softmax(&mut self.weights);
        self.mean.fill(0.0);
        for (p, centre) in self
            .weights
            .iter()
            .zip(centres.iter())
            .filter(|(p, _)| **p > 0.0)
        {
            add(&mut self.mean, *p, centre);
        }
        for (((r, y), m), x) in self
            .residual
            .iter_mut()
            .zip(noisy)
            .zip(&self.mean)
            .zip(point)
        {
            *r = f.of_noisy * y + f.of_centres * m - x;
        }
        let of_mean = dot(&self.residual, &self.mean);
        let (a_v, twice) = (a / v, 2.0 * weight);
        let mut by_variance =
            twice * a * (noise.s / v).powi(2) * (dot(&self.residual, noisy) - a * of_mean);
        for (j, p) in self.weights.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            let centre = centres.row(j);
            let direct = twice * f.of_centres * p;
            let by_log = direct * (dot(&self.residual, centre) - of_mean);
            let slope = self.centres.row_mut(j);
            for (((g, r), y), m) in slope.iter_mut().zip(&self.residual).zip(noisy).zip(centre) {
                *g += direct * r - by_log * a_v * (a * m - y);
            }
            let far: f64 = noisy
                .iter()
                .zip(centre)
                .map(|(y, m)| (a * m - y).powi(2))
                .sum();
            by_variance += by_log * a_v * a_v * far / 2.0;
        }
        self.sigma += by_variance * 2.0 * self.at;
        self.residual.iter().map(|r| r * r).sum()
    }
}

/// Kingma and Ba 2015, with their constants.
struct Adam {
    means: Vec<[f64; 2]>,
    steps: i32,
}

impl Adam {
    const DECAY: [f64; 2] = [0.9, 0.999];

    fn new(parameters: usize) -> Adam {
        Adam {
            means: vec![[0.0; 2]; parameters],
            steps: 0,
        }
    }

    fn step<'a>(&mut self, rate: f64, all: impl Iterator<Item = (&'a mut f64, &'a f64)>) {
        self.steps += 1;
        let [first, second] = Self::DECAY.map(|d| 1.0 - d.powi(self.steps));
        for ([mean, square], (parameter, slope)) in self.means.iter_mut().zip(all) {
            *mean += (1.0 - Self::DECAY[0]) * (slope - *mean);
            *square += (1.0 - Self::DECAY[1]) * (slope * slope - *square);
            *parameter -= rate * (*mean / first) / ((*square / second).sqrt() + 1e-8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::noise::noises;
    use super::super::world::World;
    use super::*;
    use crate::matrix::distance;

    const WORLD: World = World {
        samples: 20,
        dimension: 9,
        components: 2,
        sigma: 1.0,
    };

    fn error(centres: &Matrix, sigma: f64, noise: Noise, noisy: &[f64], point: &[f64]) -> f64 {
        let denoiser = Denoiser::new(centres.clone(), sigma);
        let mut guess = vec![0.0; point.len()];
        denoiser.denoise(noise, noisy, &mut vec![0.0; centres.rows()], &mut guess);
        distance(&guess, point)
    }

    #[test]
    fn gradients_are_those_of_small_differences() {
        let data = Data::draw(&WORLD, 1);
        let mut random = Random::new(2, 0);
        for (t, sigma) in [(0.4, 0.3), (0.7, 0.6), (0.9, 1.2)] {
            let noise = Noise::at(t);
            let centres = data.points.first(6);
            let point = data.points.row(8);
            let noisy: Vec<f64> = point
                .iter()
                .map(|x| noise.a * x + noise.s * random.normal())
                .collect();
            let mut gradient = Gradient::new(6, 9);
            gradient.clear(&centres, sigma);
            let said = gradient.add(&centres, noise, 1.0, &noisy, point);
            let at = |centres: &Matrix, sigma| error(centres, sigma, noise, &noisy, point);
            assert!((said - at(&centres, sigma)).abs() < 1e-9);
            let h = 1e-5;
            for k in 0..centres.values().len() {
                let moved = |by: f64| {
                    let mut moved = centres.clone();
                    moved.values_mut()[k] += by;
                    at(&moved, sigma)
                };
                let want = (moved(h) - moved(-h)) / (2.0 * h);
                let got = gradient.centres.values()[k];
                assert!(
                    (got - want).abs() < 1e-5 * (1.0 + want.abs()),
                    "{t} {k}: {got} {want}"
                );
            }
            let want = (at(&centres, sigma + h) - at(&centres, sigma - h)) / (2.0 * h);
            assert!(
                (gradient.sigma - want).abs() < 1e-5 * (1.0 + want.abs()),
                "{t}: {} {want}",
                gradient.sigma
            );
        }
    }

    #[test]
    fn one_cloud_finds_the_mean_of_the_data_and_training_repeats() {
        let world = World {
            components: 1,
            samples: 60,
            ..WORLD
        };
        let data = Data::draw(&world, 3);
        let times = noises(26).unwrap();
        let training = Training {
            steps: 1500,
            rate: 0.02,
        };
        let run = |seed| train(&data, 1, (&times, &Weighting::X0), &training, seed);
        let trained = run(0);
        let mut mean = vec![0.0; 9];
        data.points
            .iter()
            .for_each(|p| add(&mut mean, 1.0 / 60.0, p));
        let spread = data.points.iter().map(|p| distance(p, &mean)).sum::<f64>() / (60.0 * 9.0);
        let off = distance(trained.centres.row(0), &mean) / 9.0;
        assert!(off < 0.01, "{off}");
        assert!(
            (trained.sigma.powi(2) / spread - 1.0).abs() < 0.1,
            "{} {spread}",
            trained.sigma
        );
        assert_eq!(trained, run(0));
    }

    #[test]
    fn impossible_trainings_are_refused() {
        let training = Training {
            steps: 0,
            ..Training::default()
        };
        assert!(
            training
                .check()
                .unwrap_err()
                .to_string()
                .starts_with("steps 0")
        );
        let training = Training {
            rate: f64::NAN,
            ..Training::default()
        };
        assert!(
            training
                .check()
                .unwrap_err()
                .to_string()
                .starts_with("rate NaN")
        );
    }
}
