//! What the lab of texts measures: a record for each data set, and what they say together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::LabError;
use crate::summary::{Mean, mean};
use crate::text::crossover::TextCrossover;
use crate::text::losses::{Scores, text_losses};
use crate::text::world::{TextData, TextWorld};
use rotescope_trace::audit::AuditRecord;

/// A data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TextRecord {
    #[serde(flatten)]
    pub world: TextWorld,
    pub seed: u64,
    pub cross_entropy: ByScore,
    pub brier: ByScore,
}

/// What one score says of a data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ByScore {
    #[serde(flatten)]
    pub crossover: TextCrossover,
    /// Loss of the templates.
    pub generalizing: f64,
    /// Loss of the first M texts with the best smoothing for each M, M from 1 to N.
    pub partial: Vec<f64>,
}

/// The name of a record in a file.
pub fn text_key(world: &TextWorld, seed: u64) -> String {
    let TextWorld {
        samples,
        length,
        templates,
        symbols,
        noise,
    } = world;
    format!("N {samples} d {length} K {templates} V {symbols} noise {noise} seed {seed}")
}

impl AuditRecord for TextRecord {
    const SCHEMA: &'static str = "rotescope.lab-text/1";

    fn key(&self) -> String {
        text_key(&self.world, self.seed)
    }
}

/// Measures a data set. `smoothing`: as of [`text_losses`], rising, at least one.
///
/// # Errors
/// A smoothing that is no probability between 0 and 1, or none.
pub fn measure(
    world: &TextWorld,
    smoothing: &[f64],
    masks: usize,
    seed: u64,
    watch: &(dyn Fn() + Sync),
) -> Result<TextRecord, LabError> {
    let data = TextData::draw(world, seed);
    let losses = text_losses(world, &data, smoothing, masks, seed, watch)?;
    let by = |score: fn(&Scores) -> f64| {
        let crossover = losses.crossover(smoothing, score);
        Ok(ByScore {
            crossover: crossover
                .ok_or_else(|| LabError::setting("smoothing", "", "give at least one"))?,
            generalizing: score(&losses.generalizing),
            partial: losses.best(score).into_iter().map(|l| l.1).collect(),
        })
    };
    Ok(TextRecord {
        world: *world,
        seed,
        cross_entropy: by(|s| s.cross_entropy)?,
        brier: by(|s| s.brier)?,
    })
}

/// What the records of one world say together.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TextSummary {
    #[serde(flatten)]
    pub world: TextWorld,
    pub cross_entropy: ScoreSummary,
    pub brier: ScoreSummary,
    /// M*/N from one known text of the template, by [`TextWorld::closed_crossover`].
    pub closed: f64,
}

/// By one score, means over data sets.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ScoreSummary {
    /// M*/N with the smoothing that is best for each M.
    pub best: Mean,
    /// Smoothing at that crossover, mean.
    pub smoothing: f64,
    /// M*/N with the smallest smoothing.
    pub sharp: Mean,
    pub generalizing: f64,
    /// Loss of the first M texts, M from 1 to N.
    pub partial: Vec<f64>,
}

/// Summaries, in the order in which worlds first occur. `seed`: of the intervals.
pub fn summaries(records: &[TextRecord], seed: u64) -> Vec<TextSummary> {
    let mut worlds: Vec<TextWorld> = Vec::new();
    for record in records {
        if !worlds.contains(&record.world) {
            worlds.push(record.world);
        }
    }
    let of_world = |world: &TextWorld| {
        let all: Vec<&TextRecord> = records.iter().filter(|r| r.world == *world).collect();
        Some(TextSummary {
            world: *world,
            cross_entropy: by_score(&all, |r| &r.cross_entropy, seed)?,
            brier: by_score(&all, |r| &r.brier, seed)?,
            closed: world.closed_crossover(),
        })
    };
    worlds.iter().filter_map(of_world).collect()
}

fn by_score(
    all: &[&TextRecord],
    of: fn(&TextRecord) -> &ByScore,
    seed: u64,
) -> Option<ScoreSummary> {
    let n = all.first()?.world.samples;
    let shares = |m: fn(&TextCrossover) -> f64| -> Vec<f64> {
        all.iter().map(|r| m(&of(r).crossover) / n as f64).collect()
    };
    let average = |value: &dyn Fn(&ByScore) -> f64| {
        all.iter().map(|r| value(of(r))).sum::<f64>() / all.len() as f64
    };
    Some(ScoreSummary {
        best: mean(&shares(|c| c.best), seed)?,
        smoothing: average(&|s| s.crossover.smoothing),
        sharp: mean(&shares(|c| c.sharp), seed)?,
        generalizing: average(&|s| s.generalizing),
        partial: (0..n).map(|m| average(&|s| s.partial[m])).collect(),
    })
}
