//! What the data are drawn from: a mixture of Gaussian clouds, as in the experiments of the paper.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{LabError, expect_least, expect_positive};
use crate::matrix::Matrix;
use crate::random::Random;

/// N points of d dimensions from K clouds of equal weight and standard deviation sigma, whose centres lie at random on the sphere of radius sqrt(d).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct World {
    pub samples: usize,
    pub dimension: usize,
    pub components: usize,
    pub sigma: f64,
}

/// Streams of random numbers, one for each use of a seed.
pub(super) const DATA: u64 = 0;
pub(super) const NOISE: u64 = 1 << 32;
pub(super) const TRAINING: u64 = 2 << 32;
pub(super) const SAMPLING: u64 = 3 << 32;

impl World {
    /// Refuses worlds that cannot be.
    ///
    /// # Errors
    /// The setting, and what it may be.
    pub fn check(&self) -> Result<(), LabError> {
        expect_least("samples", self.samples, 2)?;
        expect_least("dimension", self.dimension, 1)?;
        expect_least("components", self.components, 1)?;
        expect_positive("sigma", self.sigma)?;
        if self.components > self.samples {
            return Err(LabError::setting(
                "components",
                self.components,
                format!(
                    "more than the {} samples; give at most as many components as samples",
                    self.samples
                ),
            ));
        }
        Ok(())
    }
}

/// Data of a world.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// Centres of the clouds.
    pub centres: Matrix,
    pub points: Matrix,
}

impl Data {
    /// Draws centres and points; the world is [checked](World::check).
    pub fn draw(world: &World, seed: u64) -> Data {
        let mut random = Random::new(seed, DATA);
        let mut centres = Matrix::zeros(world.components, world.dimension);
        for k in 0..world.components {
            let centre = centres.row_mut(k);
            centre.iter_mut().for_each(|x| *x = random.normal());
            let length = centre.iter().map(|x| x * x).sum::<f64>().sqrt();
            let scale = (world.dimension as f64).sqrt() / length.max(f64::MIN_POSITIVE);
            centre.iter_mut().for_each(|x| *x *= scale);
        }
        let mut points = Matrix::zeros(world.samples, world.dimension);
        for i in 0..world.samples {
            let centre = centres.row(random.below(world.components));
            for (x, m) in points.row_mut(i).iter_mut().zip(centre) {
                *x = m + world.sigma * random.normal();
            }
        }
        Data { centres, points }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORLD: World = World {
        samples: 50,
        dimension: 30,
        components: 3,
        sigma: 1.0,
    };

    #[test]
    fn impossible_worlds_are_refused_by_the_name_of_their_setting() {
        WORLD.check().unwrap();
        let wrong = [
            (
                World {
                    samples: 0,
                    ..WORLD
                },
                "samples 0: ",
            ),
            (
                World {
                    dimension: 0,
                    ..WORLD
                },
                "dimension 0: ",
            ),
            (
                World {
                    components: 0,
                    ..WORLD
                },
                "components 0: ",
            ),
            (
                World {
                    components: 51,
                    ..WORLD
                },
                "components 51: more than the 50 samples",
            ),
            (
                World {
                    sigma: 0.0,
                    ..WORLD
                },
                "sigma 0: ",
            ),
            (
                World {
                    sigma: -1.0,
                    ..WORLD
                },
                "sigma -1: ",
            ),
            (
                World {
                    sigma: f64::NAN,
                    ..WORLD
                },
                "sigma NaN: ",
            ),
            (
                World {
                    sigma: f64::INFINITY,
                    ..WORLD
                },
                "sigma inf: ",
            ),
        ];
        for (world, said) in wrong {
            let error = world.check().unwrap_err().to_string();
            assert!(error.starts_with(said) && error.contains("give"), "{error}");
        }
    }

    #[test]
    fn points_lie_around_centres_on_the_sphere() {
        let world = World {
            samples: 2000,
            sigma: 0.5,
            ..WORLD
        };
        let data = Data::draw(&world, 7);
        for square in data.centres.squares() {
            assert!((square - 30.0).abs() < 1e-9);
        }
        let nearest = |p: &[f64]| {
            let all = data.centres.iter().map(|c| crate::matrix::distance(c, p));
            all.fold(f64::INFINITY, f64::min)
        };
        let mean = data.points.iter().map(nearest).sum::<f64>() / 2000.0;
        assert!((mean - 30.0 * 0.25).abs() < 0.2, "{mean}");
        assert_eq!(data, Data::draw(&world, 7));
        assert_ne!(data, Data::draw(&world, 8));
    }
}
