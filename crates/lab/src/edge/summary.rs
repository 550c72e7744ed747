//! What the records of a run say together.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{AtTime, EdgeRecord, SHARES, Trained, Untrained, size};
use crate::gaussian::crossover::closed_partial;
use crate::gaussian::world::World;
use crate::summary::{Mean, mean};
use rotescope_stats::pearson;

/// What the records of one world say together.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EdgeSummary {
    #[serde(flatten)]
    pub world: World,
    /// M*/N by Monte Carlo, over data sets.
    pub crossover: Mean,
    /// M*/N by the closed form, for C = 1 and C = 2.
    pub closed: [f64; 2],
    /// Excess of the true mixture, as a share of that of no point, d sigma^2.
    pub generalizing: f64,
    /// The same of the first M points, M from 1 to N.
    pub partial: Vec<f64>,
    /// C of theorem 2 as measured, at each of [`SHARES`]: the excess by (1 - M/N) d sigma^2, mean over times t from .1 to .7, where noise hides no
    /// cloud. Absent where no time lies there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constants: Option<[f64; SHARES.len()]>,
    pub times: Vec<AtTime>,
    pub trained: Vec<TrainedSummary>,
}

/// Models of one size.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TrainedSummary {
    pub size: usize,
    /// Share of copies, over data sets.
    pub copies: Mean,
    /// Standard deviation that was learned, mean.
    pub learned: f64,
}

/// Summaries, in the order in which worlds first occur. `seed`: of the intervals.
pub fn summaries(records: &[EdgeRecord], seed: u64) -> Vec<EdgeSummary> {
    let mut worlds: Vec<World> = Vec::new();
    for record in records {
        let (EdgeRecord::Untrained(Untrained { world, .. })
        | EdgeRecord::Trained(Trained { world, .. })) = record;
        if !worlds.contains(world) {
            worlds.push(*world);
        }
    }
    worlds
        .iter()
        .filter_map(|w| summary(w, records, seed))
        .collect()
}

fn summary(world: &World, records: &[EdgeRecord], seed: u64) -> Option<EdgeSummary> {
    let mut all: Vec<&Untrained> = Vec::new();
    let mut by_size: BTreeMap<usize, Vec<&Trained>> = BTreeMap::new();
    for record in records {
        match record {
            EdgeRecord::Untrained(u) if u.world == *world => all.push(u),
            EdgeRecord::Trained(t) if t.world == *world => {
                by_size.entry(t.size).or_default().push(t);
            }
            _ => {}
        }
    }
    // Files of several runs side by side hold records in any order.
    all.sort_by_key(|u| u.seed);
    by_size.values_mut().for_each(|t| t.sort_by_key(|t| t.seed));
    let n = world.samples as f64;
    let first = *all.first()?;
    let average =
        |of: &dyn Fn(&Untrained) -> f64| all.iter().map(|u| of(u)).sum::<f64>() / all.len() as f64;
    let nothing = world.dimension as f64 * world.sigma.powi(2);
    let crossovers: Vec<f64> = all.iter().map(|u| u.crossover / n).collect();
    let of_size = |(size, models): (&usize, &Vec<&Trained>)| {
        let shares: Vec<f64> = models
            .iter()
            .map(|t| t.copies as f64 / t.generated as f64)
            .collect();
        Some(TrainedSummary {
            size: *size,
            copies: mean(&shares, seed)?,
            learned: models.iter().map(|t| t.learned).sum::<f64>() / models.len() as f64,
        })
    };
    let times = (0..first.times.len()).map(|i| AtTime {
        generalizing: average(&|u| u.times[i].generalizing),
        partial: std::array::from_fn(|k| average(&|u| u.times[i].partial[k])),
        ..first.times[i].clone()
    });
    let times: Vec<AtTime> = times.collect();
    Some(EdgeSummary {
        world: *world,
        crossover: mean(&crossovers, seed)?,
        closed: first.closed.map(|m| m / n),
        generalizing: average(&|u| u.generalizing) / nothing,
        partial: (0..world.samples)
            .map(|m| average(&|u| u.partial[m]) / nothing)
            .collect(),
        constants: constants(world, &times),
        times,
        trained: by_size.iter().filter_map(of_size).collect(),
    })
}

/// C of theorem 2 at each of [`SHARES`].
fn constants(world: &World, times: &[AtTime]) -> Option<[f64; SHARES.len()]> {
    let within: Vec<&AtTime> = times
        .iter()
        .filter(|t| (0.1..=0.7).contains(&t.t))
        .collect();
    let mean = |k: usize| within.iter().map(|t| t.partial[k]).sum::<f64>() / within.len() as f64;
    let unit = |k: usize| closed_partial(world, size(world, SHARES[k]), 1.0);
    (!within.is_empty()).then(|| std::array::from_fn(|k| mean(k) / unit(k)))
}

/// How straight M* grows with N: R^2 of a line through the summaries that differ in nothing else; for three sizes at least.
pub fn straightness(all: &[EdgeSummary], of: &World) -> Option<f64> {
    let alike = |s: &&EdgeSummary| {
        World {
            samples: of.samples,
            ..s.world
        } == *of
    };
    let points: Vec<(f64, f64)> = all
        .iter()
        .filter(alike)
        .map(|s| {
            (
                s.world.samples as f64,
                s.crossover.mean * s.world.samples as f64,
            )
        })
        .collect();
    let (n, m): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
    (n.len() > 2)
        .then(|| pearson(&n, &m))
        .flatten()
        .map(|r| r * r)
}

/// The share M/N at which copies reach a level, by straight lines between sizes; `None` where they do not cross it.
pub fn reached(summary: &EdgeSummary, level: f64) -> Option<f64> {
    let share = |t: &TrainedSummary| t.size as f64 / summary.world.samples as f64;
    let pair = summary
        .trained
        .windows(2)
        .find(|w| w[0].copies.mean < level && w[1].copies.mean >= level)?;
    let [a, b] = [&pair[0], &pair[1]];
    let along = (level - a.copies.mean) / (b.copies.mean - a.copies.mean);
    Some(share(a) + along * (share(b) - share(a)))
}

#[cfg(test)]
mod tests {
    use super::super::{trained, untrained};
    use super::*;
    use crate::gaussian::noise::{Weighting, noises};
    use crate::gaussian::train::Training;
    use rotescope_trace::audit::AuditRecord;

    fn world(samples: usize) -> World {
        World {
            samples,
            dimension: 50,
            components: 12,
            sigma: 1.0,
        }
    }

    fn measured(samples: usize, seed: u64) -> EdgeRecord {
        let times = noises(26).unwrap();
        let by = (&times[..], &Weighting::X0);
        EdgeRecord::Untrained(untrained(&world(samples), by, 5, seed, &|| ()).unwrap())
    }

    #[test]
    fn constants_of_theorem_2_are_those_measured_before() {
        let all = summaries(&[measured(200, 0), measured(200, 1)], 0);
        let constants = all[0].constants.unwrap();
        for (got, want) in constants.into_iter().zip([1.65, 1.54, 1.50, 1.47, 1.43]) {
            assert!((got - want).abs() < 0.08, "{constants:?}");
        }
    }

    #[test]
    fn records_come_back_from_lines_and_speak_together_in_any_order() {
        let models = |seed| {
            let times = noises(5).unwrap();
            let training = Training {
                steps: 20,
                rate: 0.01,
            };
            let by = (&times[..], &Weighting::X0);
            EdgeRecord::Trained(trained(&world(20), by, &training, (20, 10), seed))
        };
        let mut all = vec![
            measured(20, 0),
            models(0),
            measured(20, 1),
            models(1),
            measured(30, 0),
        ];
        let keys: std::collections::BTreeSet<String> = all.iter().map(EdgeRecord::key).collect();
        assert_eq!(keys.len(), all.len());
        for record in &all {
            let line = serde_json::to_string(record).unwrap();
            assert_eq!(&serde_json::from_str::<EdgeRecord>(&line).unwrap(), record);
        }
        let said = summaries(&all, 0);
        assert_eq!(
            (said.len(), said[0].crossover.of, said[1].crossover.of),
            (2, 2, 1)
        );
        // After twenty steps from all the data, it copies.
        assert_eq!(
            (said[0].trained[0].size, said[0].trained[0].copies.mean),
            (20, 1.0)
        );
        all.swap(0, 2);
        all.swap(1, 3);
        assert_eq!(summaries(&all, 0), said);
    }

    #[test]
    fn levels_are_reached_between_sizes_and_lines_need_three_of_them() {
        let copies = |mean| Mean {
            mean,
            interval: None,
            of: 1,
        };
        let model = |(size, share)| TrainedSummary {
            size,
            copies: copies(share),
            learned: 0.0,
        };
        let summary = |samples: usize| EdgeSummary {
            world: world(samples),
            crossover: copies(0.8),
            closed: [0.0; 2],
            generalizing: 0.0,
            partial: Vec::new(),
            constants: None,
            times: Vec::new(),
            trained: [(60, 0.0), (80, 0.4), (90, 0.9)].map(model).to_vec(),
        };
        let one = summary(100);
        assert!((reached(&one, 0.2).unwrap() - 0.7).abs() < 1e-12);
        assert!((reached(&one, 0.5).unwrap() - 0.82).abs() < 1e-12);
        assert_eq!(reached(&one, 0.95), None);
        let all = [summary(50), one, summary(200)];
        assert!((straightness(&all, &world(50)).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(straightness(&all[..2], &world(50)), None);
    }
}
