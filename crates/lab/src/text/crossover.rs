//! Where knowing the first M texts becomes as good as knowing the templates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::losses::{Scores, TextLosses};
use crate::crossing::crossing;

/// A crossover by one score: the M, between whole ones by a straight line, from which on the first M texts are no worse than the templates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TextCrossover {
    /// With the smoothing that is best for each M.
    pub best: f64,
    /// Which smoothing that is at the crossover.
    pub smoothing: f64,
    /// With the smallest smoothing, that of a model that trusts its texts.
    pub sharp: f64,
}

impl TextLosses {
    /// For each M from 1 on, the least loss over smoothings by a score, and the number of the smoothing.
    pub fn best(&self, score: fn(&Scores) -> f64) -> Vec<(usize, f64)> {
        let n = self.partial.first().map_or(0, Vec::len);
        let least = |m: usize| {
            let all = self.partial.iter().map(|p| score(&p[m])).enumerate();
            all.min_by(|a, b| a.1.total_cmp(&b.1))
        };
        (0..n).filter_map(least).collect()
    }

    /// The crossovers by a score; `smoothing` as it was when losses were measured, rising. `None` where there is none.
    pub fn crossover(&self, smoothing: &[f64], score: fn(&Scores) -> f64) -> Option<TextCrossover> {
        let level = score(&self.generalizing);
        let sharp: Vec<f64> = self.partial.first()?.iter().map(score).collect();
        let least = self.best(score);
        let values: Vec<f64> = least.iter().map(|l| l.1).collect();
        let best = crossing(&values, level);
        let (number, _) = least.get(best.ceil() as usize - 1)?;
        Some(TextCrossover {
            best,
            smoothing: *smoothing.get(*number)?,
            sharp: crossing(&sharp, level),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::losses::text_losses;
    use super::super::world::{TextData, TextWorld};
    use super::*;

    #[test]
    fn the_crossover_was_measured_before_between_35_and_40_hundredths() {
        // With another program, on a grid of .05, one seed; the bounds have that step more.
        let smoothing = [0.02, 0.1, 0.2];
        for (samples, length, templates) in [(60, 32, 4), (120, 48, 6)] {
            let world = TextWorld {
                samples,
                length,
                templates,
                symbols: 32,
                noise: 0.2,
            };
            let data = TextData::draw(&world, 0);
            let losses = text_losses(&world, &data, &smoothing, 10, 0, &|| ()).unwrap();
            for score in [|s: &Scores| s.cross_entropy, |s: &Scores| s.brier] {
                let found = losses.crossover(&smoothing, score).unwrap();
                let share = found.best / samples as f64;
                assert!((0.30..0.45).contains(&share), "{samples}: {share}");
                assert!(found.sharp >= found.best && smoothing.contains(&found.smoothing));
            }
        }
    }

    #[test]
    fn the_best_of_smoothings_is_taken_for_each_size() {
        let of = |values: [f64; 3]| {
            values
                .map(|v| Scores {
                    cross_entropy: v,
                    brier: 0.0,
                })
                .to_vec()
        };
        let losses = TextLosses {
            generalizing: Scores {
                cross_entropy: 2.0,
                brier: 0.0,
            },
            partial: vec![of([9.0, 5.0, 1.0]), of([4.0, 3.0, 1.5])],
        };
        let found = losses.crossover(&[0.1, 0.2], |s| s.cross_entropy).unwrap();
        // From 3 to 1 at two of three; with the sharper one from 5 to 1.
        assert_eq!(
            found,
            TextCrossover {
                best: 2.5,
                smoothing: 0.1,
                sharp: 2.75
            }
        );
    }
}
