//! What the Gaussian lab measures: a record for each data set and each trained model, and [what they say together](summary).

mod summary;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gaussian::crossover::{Excess, closed_crossover, closed_excess};
use crate::gaussian::losses::losses;
use crate::gaussian::noise::{Noise, Weighting};
use crate::gaussian::sample::{copies, generate};
use crate::gaussian::train::{Training, train};
use crate::gaussian::world::{Data, World};
use rotescope_trace::audit::AuditRecord;

pub use summary::{EdgeSummary, TrainedSummary, reached, straightness, summaries};

/// Shares M/N at which losses are kept for each time.
pub const SHARES: [f64; 5] = [0.25, 0.5, 0.67, 0.8, 0.9];

/// A record of the lab.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EdgeRecord {
    Untrained(Untrained),
    Trained(Trained),
}

/// Losses of the three denoisers that nobody trained, on a data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Untrained {
    #[serde(flatten)]
    pub world: World,
    pub seed: u64,
    /// M*, by Monte Carlo.
    pub crossover: f64,
    /// M* by the closed form, for C = 1 and C = 2.
    pub closed: [f64; 2],
    /// Excess loss of the true mixture over all points, weighted mean over times.
    pub generalizing: f64,
    /// Of the first M points, M from 1 to N.
    pub partial: Vec<f64>,
    pub times: Vec<AtTime>,
}

/// Excess losses at a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AtTime {
    pub t: f64,
    pub weight: f64,
    pub generalizing: f64,
    /// By the closed form.
    pub closed: f64,
    /// Of the first M points, at each of [`SHARES`].
    pub partial: [f64; SHARES.len()],
}

/// A trained denoiser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trained {
    #[serde(flatten)]
    pub world: World,
    pub seed: u64,
    /// Clouds, M.
    pub size: usize,
    /// Standard deviation that was learned.
    pub learned: f64,
    /// Points that it made.
    pub generated: usize,
    /// Of these, copies of the data by the 1/9 rule.
    pub copies: usize,
}

/// Of a world and a seed.
fn key(world: &World, seed: u64) -> String {
    let World {
        samples,
        dimension,
        components,
        sigma,
    } = world;
    format!("N {samples} d {dimension} K {components} sigma {sigma} seed {seed}")
}

/// The name of [`Untrained`] in a file.
pub fn untrained_key(world: &World, seed: u64) -> String {
    key(world, seed)
}

/// The name of [`Trained`] in a file.
pub fn trained_key(world: &World, seed: u64, size: usize) -> String {
    format!("{} M {size}", key(world, seed))
}

impl AuditRecord for EdgeRecord {
    const SCHEMA: &'static str = "rotescope.lab-edge/1";

    fn key(&self) -> String {
        match self {
            EdgeRecord::Untrained(u) => untrained_key(&u.world, u.seed),
            EdgeRecord::Trained(t) => trained_key(&t.world, t.seed, t.size),
        }
    }
}

/// M of a share of N points: at least 1.
pub fn size(world: &World, share: f64) -> usize {
    ((share * world.samples as f64).round() as usize).clamp(1, world.samples)
}

/// Measures a data set; `None` where no time has a weight.
pub fn untrained(
    world: &World,
    (noises, weighting): (&[Noise], &Weighting),
    draws: usize,
    seed: u64,
    watch: &(dyn Fn() + Sync),
) -> Option<Untrained> {
    let data = Data::draw(world, seed);
    let all = losses(world, &data, noises, draws, seed, watch);
    let excess = Excess::of(&all, weighting)?;
    let closed = |c| closed_crossover(world, noises, weighting, c);
    Some(Untrained {
        world: *world,
        seed,
        crossover: excess.crossover(),
        closed: [closed(1.0)?, closed(2.0)?],
        generalizing: excess.generalizing,
        partial: excess.partial,
        times: all
            .iter()
            .map(|l| AtTime {
                t: l.noise.t,
                weight: weighting.at(l.noise),
                generalizing: l.excess(),
                closed: closed_excess(world, l.noise),
                partial: SHARES.map(|s| l.partial_excess(size(world, s))),
            })
            .collect(),
    })
}

/// Trains a denoiser of `size` clouds on a data set and counts the copies among what it makes.
pub fn trained(
    world: &World,
    (noises, weighting): (&[Noise], &Weighting),
    training: &Training,
    (size, generated): (usize, usize),
    seed: u64,
) -> Trained {
    let data = Data::draw(world, seed);
    let denoiser = train(&data, size, (noises, weighting), training, seed);
    Trained {
        world: *world,
        seed,
        size,
        learned: denoiser.sigma,
        generated,
        copies: copies(&generate(&denoiser, noises, generated, seed), &data.points),
    }
}

/// Trained models, many steps of them.
#[cfg(test)]
mod long {
    use super::*;
    use crate::gaussian::noise::noises;
    use crate::summary::mean;
    use rayon::prelude::*;

    #[test]
    #[ignore = "a minute of training: make test-long"]
    fn trained_models_begin_to_copy_where_they_did_before() {
        // M/N and the share of copies as it was measured before, of one data set each, with another program.
        const BEFORE: [(f64, f64); 5] = [
            (0.6, 0.01),
            (0.7, 0.13),
            (0.8, 0.46),
            (0.9, 0.88),
            (1.0, 1.0),
        ];
        let times = noises(26).unwrap();
        for (dimension, components, samples) in [(30, 3, 50), (50, 6, 100)] {
            let world = World {
                samples,
                dimension,
                components,
                sigma: 1.0,
            };
            for (share, want) in BEFORE {
                let by = (&times[..], &Weighting::X0);
                let run = |seed| {
                    let of = (size(&world, share), 200);
                    let model = trained(&world, by, &Training::default(), of, seed);
                    model.copies as f64 / 200.0
                };
                let shares: Vec<f64> = (0..5u64).into_par_iter().map(run).collect();
                let got = mean(&shares, 0).unwrap();
                let near = (got.mean - want).abs() < 0.05;
                assert!(near, "{world:?} {share}: {got:?}");
            }
        }
    }
}
