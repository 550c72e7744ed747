//! Where memorizing the first M points becomes as good as knowing the mixture.

use super::losses::Losses;
use super::noise::{Noise, Weighting};
use super::world::World;
use crate::crossing::crossing;

/// Excess loss of the true mixture over all points, d sigma^2 / (psi sigma^2 + 1) (theorem 1 of the paper, with constant 1).
pub fn closed_excess(world: &World, noise: Noise) -> f64 {
    let variance = world.sigma.powi(2);
    world.dimension as f64 * variance / (noise.psi() * variance + 1.0)
}

/// Excess loss of the first M points over all, C (1 - M/N) d sigma^2 (theorem 2 of the paper); C lies in [1, 2].
pub fn closed_partial(world: &World, m: usize, c: f64) -> f64 {
    let missing = 1.0 - m as f64 / world.samples as f64;
    c * missing * world.dimension as f64 * world.sigma.powi(2)
}

/// The crossover in closed form, M* = N (1 - E[lambda / (psi sigma^2 + 1)] / (C E[lambda])) (eq. 21); `None` where no time has a weight.
pub fn closed_crossover(
    world: &World,
    noises: &[Noise],
    weighting: &Weighting,
    c: f64,
) -> Option<f64> {
    let each = |noise: &Noise| (*noise, 1.0 / (noise.psi() * world.sigma.powi(2) + 1.0));
    let mean = weighting.mean(noises.iter().map(each))?;
    Some(world.samples as f64 * (1.0 - mean / c))
}

/// Excess losses, weighted means over times.
#[derive(Debug, Clone, PartialEq)]
pub struct Excess {
    pub generalizing: f64,
    /// Of the first M points, M from 1 to N.
    pub partial: Vec<f64>,
}

impl Excess {
    /// `None` where no time has a weight.
    pub fn of(losses: &[Losses], weighting: &Weighting) -> Option<Excess> {
        let n = losses.first()?.partial.len();
        let mean =
            |of: &dyn Fn(&Losses) -> f64| weighting.mean(losses.iter().map(|l| (l.noise, of(l))));
        Some(Excess {
            generalizing: mean(&Losses::excess)?,
            partial: (1..=n)
                .map(|m| mean(&|l| l.partial_excess(m)))
                .collect::<Option<_>>()?,
        })
    }

    /// The M, between whole ones by a straight line, from which on the first M points are no worse than the mixture; 1 at least, as there is no
    /// model of fewer.
    pub fn crossover(&self) -> f64 {
        crossing(&self.partial, self.generalizing)
    }
}

#[cfg(test)]
mod tests {
    use super::super::losses::losses;
    use super::super::noise::noises;
    use super::super::world::Data;
    use super::*;
    use rotescope_stats::pearson;

    /// Dimension, components, samples; and M*/N as it was measured before, of one data set each, with another program.
    const MEASURED: [(usize, usize, usize, f64); 5] = [
        (30, 3, 50, 0.792),
        (30, 12, 100, 0.799),
        (50, 12, 200, 0.797),
        (60, 6, 100, 0.801),
        (60, 12, 200, 0.803),
    ];

    fn world(dimension: usize, components: usize, samples: usize) -> World {
        World {
            samples,
            dimension,
            components,
            sigma: 1.0,
        }
    }

    fn excess(world: &World, weighting: &Weighting, seed: u64) -> Excess {
        let data = Data::draw(world, seed);
        let all = losses(world, &data, &noises(26).unwrap(), 10, seed, &|| ());
        Excess::of(&all, weighting).unwrap()
    }

    #[test]
    fn the_crossover_is_at_four_fifths_with_nothing_fitted() {
        for (d, k, n, want) in MEASURED {
            let got = excess(&world(d, k, n), &Weighting::X0, 0).crossover() / n as f64;
            assert!((got - want).abs() < 0.02, "{d} {k} {n}: {got}");
        }
    }

    #[test]
    fn the_closed_form_is_two_thirds_and_five_sixths_on_the_paper_s_times() {
        let times = noises(26).unwrap();
        let of = |c| closed_crossover(&world(50, 12, 200), &times, &Weighting::X0, c).unwrap();
        assert!((of(1.0) / 200.0 - 0.660).abs() < 0.0005, "{}", of(1.0));
        assert!((of(2.0) / 200.0 - 0.830).abs() < 0.0005, "{}", of(2.0));
    }

    #[test]
    fn who_says_the_noise_must_memorize_all() {
        let world = world(30, 3, 50);
        let got = excess(&world, &Weighting::Eps, 0).crossover();
        assert!(got > 49.9, "{got}");
    }

    #[test]
    fn the_crossover_grows_linearly_with_the_samples() {
        let sizes = [50, 100, 150, 200];
        let of = |n: usize| excess(&world(30, 6, n), &Weighting::X0, 1).crossover();
        let crossovers: Vec<f64> = sizes.iter().map(|n| of(*n)).collect();
        let r = pearson(&sizes.map(|n| n as f64), &crossovers).unwrap();
        assert!(r * r > 0.99, "{crossovers:?}");
        // Linear without a constant: a constant share.
        for (n, m) in sizes.iter().zip(&crossovers) {
            assert!((m / *n as f64 - 0.8).abs() < 0.03, "{n}: {m}");
        }
    }

    #[test]
    fn losses_are_those_of_the_closed_form_where_clouds_are_told_apart() {
        let world = world(50, 12, 200);
        let data = Data::draw(&world, 0);
        let all = losses(
            &world,
            &data,
            &[0.36, 0.6, 0.84].map(Noise::at),
            10,
            0,
            &|| (),
        );
        for l in &all {
            let want = closed_excess(&world, l.noise);
            assert!(
                (l.excess() / want - 1.0).abs() < 0.03,
                "{} {want}",
                l.excess()
            );
            // The constant of theorem 2 lies between its bounds.
            for m in [50, 100, 160] {
                let c = l.partial_excess(m) / closed_partial(&world, m, 1.0);
                assert!((1.0..2.0).contains(&c), "{m}: {c}");
            }
        }
    }
}
