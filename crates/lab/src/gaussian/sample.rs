//! Points that a denoiser makes of noise, and how many of them are copies of the data.

use super::denoiser::Denoiser;
use super::noise::Noise;
use super::world::SAMPLING;
use crate::matrix::{Matrix, distance};
use crate::random::Random;

/// Makes points: standard normal noise, then from time to time, from the most noise to the least, the denoised point with as much of the same noise as
/// the next time has (DDIM, Song, Meng and Ermon 2021, without fresh noise); at the last time the denoised point itself.
pub fn generate(denoiser: &Denoiser, noises: &[Noise], points: usize, seed: u64) -> Matrix {
    let d = denoiser.centres.columns();
    let mut random = Random::new(seed, SAMPLING);
    let mut out = Matrix::zeros(points, d);
    let mut weights = vec![0.0; denoiser.centres.rows()];
    let mut guess = vec![0.0; d];
    for i in 0..points {
        let y = out.row_mut(i);
        y.iter_mut().for_each(|y| *y = random.normal());
        let mut times = noises.iter().rev().peekable();
        while let Some(now) = times.next() {
            denoiser.denoise(*now, y, &mut weights, &mut guess);
            for (y, x) in y.iter_mut().zip(&guess) {
                *y = match times.peek() {
                    Some(next) => next.a * x + next.s * (*y - now.a * x) / now.s,
                    None => *x,
                };
            }
        }
    }
    out
}

/// How many of some points are copies: three times nearer to one point of the data than to any other, |x - n1|^2 <= |x - n2|^2 / 9. The data have two
/// points at least.
pub fn copies(points: &Matrix, data: &Matrix) -> usize {
    let is_copy = |point: &&[f64]| {
        let mut nearest = [f64::INFINITY; 2];
        for other in data.iter() {
            let far = distance(point, other);
            if far < nearest[0] {
                nearest = [far, nearest[0]];
            } else if far < nearest[1] {
                nearest[1] = far;
            }
        }
        nearest[0] <= nearest[1] / 9.0
    };
    points.iter().filter(is_copy).count()
}

#[cfg(test)]
mod tests {
    use super::super::noise::noises;
    use super::super::world::{Data, World};
    use super::*;

    const WORLD: World = World {
        samples: 40,
        dimension: 30,
        components: 3,
        sigma: 1.0,
    };

    #[test]
    fn who_knows_all_points_copies_and_who_knows_the_mixture_does_not() {
        let data = Data::draw(&WORLD, 2);
        let times = noises(26).unwrap();
        let made = |denoiser: &Denoiser| copies(&generate(denoiser, &times, 50, 0), &data.points);
        assert_eq!(made(&Denoiser::new(data.points.clone(), 0.0)), 50);
        assert_eq!(made(&Denoiser::new(data.centres.clone(), 1.0)), 0);
        // Fresh points of the mixture, as far as they should be from its centres.
        let fresh = generate(&Denoiser::new(data.centres.clone(), 1.0), &times, 200, 1);
        let near = |p: &[f64]| {
            data.centres
                .iter()
                .map(|c| distance(c, p))
                .fold(f64::INFINITY, f64::min)
        };
        let mean = fresh.iter().map(near).sum::<f64>() / 200.0;
        assert!((mean / 30.0 - 1.0).abs() < 0.15, "{mean}");
    }

    #[test]
    fn a_copy_is_three_times_nearer() {
        let mut data = Matrix::zeros(3, 1);
        data.values_mut().copy_from_slice(&[0.0, 4.0, 100.0]);
        let mut points = Matrix::zeros(4, 1);
        // At 1 exactly three times nearer to 0 than to 4.
        points.values_mut().copy_from_slice(&[1.0, 1.01, 2.0, 4.0]);
        assert_eq!(copies(&points, &data), 2);
    }
}
