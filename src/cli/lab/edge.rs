//! `rotescope lab edge`: when a denoiser of Gaussian clouds memorizes.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::edge_tables;
use super::run::{Records, RunArgs, different, json, named};
use crate::cli::common::{Global, print};
use crate::cli::told::Told;
use crate::run::lab::figure;
use rotescope_lab::edge::{
    EdgeRecord, EdgeSummary, size, summaries, trained, trained_key, untrained, untrained_key,
};
use rotescope_lab::gaussian::losses::tasks;
use rotescope_lab::gaussian::noise::{Noise, Weighting, noises};
use rotescope_lab::gaussian::train::Training;
use rotescope_lab::gaussian::world::World;

#[derive(Debug, clap::Args)]
pub struct EdgeArgs {
    /// Points of a data set, N; several are crossed with the other settings
    #[arg(
        long,
        value_name = "N,...",
        value_delimiter = ',',
        default_value = "100"
    )]
    samples: Vec<usize>,
    /// Dimension of the points, d
    #[arg(
        long,
        value_name = "D,...",
        value_delimiter = ',',
        default_value = "50"
    )]
    dimension: Vec<usize>,
    /// Clouds that points are drawn from, K
    #[arg(long, value_name = "K,...", value_delimiter = ',', default_value = "6")]
    components: Vec<usize>,
    /// Standard deviation of a cloud; centres lie on the sphere of radius sqrt(d)
    #[arg(
        long,
        value_name = "S",
        default_value_t = 1.0,
        allow_negative_numbers = true
    )]
    sigma: f64,
    /// How much the squared error of the denoised point counts at each amount of noise t: x0 (1), eps (signal to noise), or a file with lines `t weight`
    #[arg(long, value_name = "x0|eps|FILE", default_value = "x0")]
    weighting: String,
    /// Amounts of noise, evenly from t = .001 to .999
    #[arg(long, value_name = "N", default_value_t = 26)]
    times: usize,
    /// Draws of noise for each point and time
    #[arg(long, value_name = "N", default_value_t = 10)]
    draws: usize,
    /// Train denoisers too, of the sizes in --sizes, and count how many of the points that they make are copies
    #[arg(long)]
    train: bool,
    /// Clouds of trained denoisers, M, as shares of the points
    #[arg(
        long,
        value_name = "M/N,...",
        value_delimiter = ',',
        allow_negative_numbers = true,
        default_value = "0.2,0.4,0.6,0.7,0.8,0.9,1"
    )]
    sizes: Vec<f64>,
    /// Steps of training
    #[arg(long, value_name = "N", default_value_t = Training::default().steps)]
    steps: usize,
    /// Learning rate of Adam
    #[arg(long, value_name = "RATE", default_value_t = Training::default().rate, allow_negative_numbers = true)]
    rate: f64,
    /// Points that a trained denoiser makes
    #[arg(long, value_name = "N", default_value_t = 200)]
    generated: usize,
    #[command(flatten)]
    run: RunArgs,
}

/// What is asked, checked.
struct Asked {
    worlds: Vec<World>,
    weighting: Weighting,
    noises: Vec<Noise>,
    training: Training,
}

impl Asked {
    /// What losses are taken over.
    fn by(&self) -> (&[Noise], &Weighting) {
        (&self.noises, &self.weighting)
    }
}

/// Name and version of what is printed as JSON.
pub const SUMMARY: &str = "rotescope.lab-edge-summary/1";

/// What is printed as JSON.
#[derive(Serialize, JsonSchema)]
pub struct Printed<'a> {
    schema: &'static str,
    settings: &'a Map<String, Value>,
    worlds: &'a [EdgeSummary],
}

impl EdgeArgs {
    pub fn run(self, global: &Global) -> Result<ExitCode> {
        let (asked, inputs) = self.asked()?;
        let settings = self.settings(&asked);
        let mut opened = self
            .run
            .open::<EdgeRecord>(global, &inputs, settings.clone())?;
        self.measure(&asked, &mut opened.records)?;
        self.train(&asked, &mut opened.records)?;
        let records: Vec<EdgeRecord> = opened.records.of(self.keys(&asked)).cloned().collect();
        let all = summaries(&records, self.run.seed);
        if self.run.json {
            print(&json(&Printed {
                schema: SUMMARY,
                settings: &settings,
                worlds: &all,
            })?)?;
        } else {
            print(&self.tables(&all))?;
        }
        opened.draw(&figure::edge(&all))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Reads and checks what is asked; also the files that it read.
    fn asked(&self) -> Result<(Asked, Vec<PathBuf>)> {
        let mut worlds = Vec::new();
        for &dimension in &different(&self.dimension) {
            for &components in &different(&self.components) {
                for &samples in &different(&self.samples) {
                    worlds.push(World {
                        samples,
                        dimension,
                        components,
                        sigma: self.sigma,
                    });
                }
            }
        }
        worlds.iter().try_for_each(World::check).map_err(named)?;
        let training = Training {
            steps: self.steps,
            rate: self.rate,
        };
        training.check().map_err(named)?;
        for share in &self.sizes {
            if *share > 1.0 {
                bail!(
                    "--sizes {share}: a model of more clouds than there are points (M > N); give shares of at most 1"
                );
            }
            if share.is_nan() || *share <= 0.0 {
                bail!("--sizes {share}: no share of the points; give shares above 0, at most 1");
            }
        }
        for (option, value) in [("draws", self.draws), ("generated", self.generated)] {
            if value == 0 {
                bail!("--{option} 0: give at least 1");
            }
        }
        let mut inputs = Vec::new();
        let weighting = match self.weighting.as_str() {
            "x0" => Weighting::X0,
            "eps" => Weighting::Eps,
            path => {
                let text = std::fs::read_to_string(path).with_context(|| {
                    format!("--weighting {path}: neither x0 nor eps, and no file that can be read")
                })?;
                inputs.push(path.into());
                Weighting::read(&text).with_context(|| path.to_string())?
            }
        };
        let noises = noises(self.times).map_err(named)?;
        if noises.iter().all(|n| weighting.at(*n) == 0.0) {
            bail!(
                "--weighting {}: no time of the {} has a weight above 0; give a wider table, or more --times",
                self.weighting,
                self.times
            );
        }
        Ok((
            Asked {
                worlds,
                weighting,
                noises,
                training,
            },
            inputs,
        ))
    }

    /// What changes a record, other than its name.
    fn settings(&self, asked: &Asked) -> Map<String, Value> {
        let settings = json!({
            "weighting": asked.weighting,
            "times": self.times,
            "draws": self.draws,
            "steps": self.steps,
            "rate": self.rate,
            "generated": self.generated,
        });
        settings.as_object().cloned().unwrap_or_default()
    }

    /// Data sets, by world and seed.
    fn sets<'a>(&'a self, asked: &'a Asked) -> impl Iterator<Item = (World, u64)> + 'a {
        asked
            .worlds
            .iter()
            .flat_map(|w| self.run.seeds().map(|s| (*w, s)))
    }

    /// Trained models, by world, seed and clouds.
    fn models(&self, asked: &Asked) -> Vec<(World, u64, usize)> {
        let sizes =
            |w: World| different(&self.sizes.iter().map(|s| size(&w, *s)).collect::<Vec<_>>());
        let of_set = |(w, seed)| sizes(w).into_iter().map(move |m| (w, seed, m));
        match self.train {
            true => self.sets(asked).flat_map(of_set).collect(),
            false => Vec::new(),
        }
    }

    /// Names of all records that are asked for.
    fn keys<'a>(&'a self, asked: &'a Asked) -> impl Iterator<Item = String> + 'a {
        let sets = self.sets(asked).map(|(w, seed)| untrained_key(&w, seed));
        let models = self.models(asked).into_iter();
        sets.chain(models.map(|(w, seed, m)| trained_key(&w, seed, m)))
    }

    /// Measures the data sets that the records do not hold.
    fn measure(&self, asked: &Asked, records: &mut Records<EdgeRecord>) -> Result<()> {
        let parts = |w: &World| tasks(w.samples, self.times);
        let total = self.sets(asked).map(|(w, _)| parts(&w)).sum();
        let told = Told::start("parts of the losses", Some(total), self.run.quiet);
        let told = Mutex::new(told);
        let lock = || told.lock().unwrap_or_else(PoisonError::into_inner);
        for (world, seed) in self.sets(asked) {
            if records.holds(&untrained_key(&world, seed)) {
                lock().skip(parts(&world));
                continue;
            }
            let record = untrained(&world, asked.by(), self.draws, seed, &|| lock().step(1, ""));
            let record = record.context("no time has a weight")?;
            records.add(EdgeRecord::Untrained(record))?;
        }
        Ok(())
    }

    /// Trains the models that the records do not hold, as many at a time as there are cores.
    fn train(&self, asked: &Asked, records: &mut Records<EdgeRecord>) -> Result<()> {
        let models = self.models(asked);
        let mut told = Told::start("models trained", Some(models.len()), self.run.quiet);
        let held = |(w, seed, m): &(World, u64, usize)| records.holds(&trained_key(w, *seed, *m));
        let (held, new): (Vec<_>, Vec<_>) = models.into_iter().partition(held);
        told.skip(held.len());
        let kept = Mutex::new((records, told));
        new.into_par_iter()
            .with_max_len(1)
            .try_for_each(|(world, seed, m)| {
                let of = (m, self.generated);
                let record = trained(&world, asked.by(), &asked.training, of, seed);
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.0.add(EdgeRecord::Trained(record))?;
                let more = format!("M = {m} of {}, seed {seed}", world.samples);
                kept.1.step(1, &more);
                Ok(())
            })
    }

    /// What is printed: what was asked, and the tables.
    fn tables(&self, all: &[EdgeSummary]) -> String {
        let asked = format!(
            "Weighting {}, {} times, {} draws of noise for each point and time, {} data sets of each world (seeds from {}), sigma {}.\n",
            self.weighting,
            self.times,
            self.draws,
            self.run.seeds().count(),
            self.run.seed,
            self.sigma
        );
        let mut parts = vec![asked, edge_tables::crossovers(all)];
        if self.train {
            parts.push(edge_tables::copies(all, self.generated));
        }
        parts.join("\n")
    }
}
