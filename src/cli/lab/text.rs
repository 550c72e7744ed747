//! `rotescope lab text`: when a denoiser of masked texts memorizes.

use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::run::{Records, RunArgs, different, json, named};
use super::table::{interval, share, table};
use crate::cli::common::{Global, print};
use crate::cli::told::Told;
use crate::run::lab::figure;
use rotescope_lab::text::world::TextWorld;
use rotescope_lab::texts::{TextRecord, TextSummary, measure, summaries, text_key};

#[derive(Debug, clap::Args)]
pub struct TextArgs {
    /// Texts of a data set, N; several are crossed with the other settings
    #[arg(
        long,
        value_name = "N,...",
        value_delimiter = ',',
        default_value = "120"
    )]
    samples: Vec<usize>,
    /// Symbols of a text, d
    #[arg(
        long,
        value_name = "D,...",
        value_delimiter = ',',
        default_value = "48"
    )]
    length: Vec<usize>,
    /// Templates that texts are copied from, K
    #[arg(long, value_name = "K,...", value_delimiter = ',', default_value = "6")]
    templates: Vec<usize>,
    /// Different symbols, V
    #[arg(
        long,
        value_name = "V,...",
        value_delimiter = ',',
        default_value = "32"
    )]
    symbols: Vec<usize>,
    /// Probability that a position of a copy is drawn anew
    #[arg(
        long,
        value_name = "P,...",
        value_delimiter = ',',
        default_value = "0.2",
        allow_negative_numbers = true
    )]
    noise: Vec<f64>,
    /// Smoothings of what is known of texts: probability that a position shows any symbol; the best one counts for each M
    #[arg(
        long,
        value_name = "Q,...",
        value_delimiter = ',',
        default_value = "0.02,0.05,0.1,0.2,0.3,0.4,0.6",
        allow_negative_numbers = true
    )]
    smoothing: Vec<f64>,
    /// Masks of each text
    #[arg(long, value_name = "N", default_value_t = 10)]
    masks: usize,
    #[command(flatten)]
    run: RunArgs,
}

/// Name and version of what is printed as JSON.
pub const SUMMARY: &str = "rotescope.lab-text-summary/1";

/// What is printed as JSON.
#[derive(Serialize, JsonSchema)]
pub struct Printed<'a> {
    schema: &'static str,
    settings: &'a Map<String, Value>,
    worlds: &'a [TextSummary],
}

impl TextArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        let worlds = self.worlds()?;
        self.smoothing.sort_by(f64::total_cmp);
        self.smoothing.dedup();
        let settings = json!({"smoothing": self.smoothing, "masks": self.masks});
        let settings = settings.as_object().cloned().unwrap_or_default();
        let mut opened = self.run.open::<TextRecord>(global, &[], settings.clone())?;
        self.measure(&worlds, &mut opened.records)?;
        let keys = self.sets(&worlds).map(|(w, seed)| text_key(&w, seed));
        let records: Vec<TextRecord> = opened.records.of(keys).cloned().collect();
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
        opened.draw(&figure::text(&all))?;
        Ok(ExitCode::SUCCESS)
    }

    fn worlds(&self) -> Result<Vec<TextWorld>> {
        let mut worlds = Vec::new();
        for &noise in &different(&self.noise) {
            for &symbols in &different(&self.symbols) {
                for &length in &different(&self.length) {
                    for &templates in &different(&self.templates) {
                        for &samples in &different(&self.samples) {
                            worlds.push(TextWorld {
                                samples,
                                length,
                                templates,
                                symbols,
                                noise,
                            });
                        }
                    }
                }
            }
        }
        worlds
            .iter()
            .try_for_each(TextWorld::check)
            .map_err(named)?;
        if let Some(q) = self.smoothing.iter().find(|q| !(**q > 0.0 && **q < 1.0)) {
            bail!("--smoothing {q}: give probabilities above 0 and below 1, such as .02");
        }
        if self.masks == 0 {
            bail!("--masks 0: give at least 1");
        }
        Ok(worlds)
    }

    /// Data sets, by world and seed.
    fn sets<'a>(&'a self, worlds: &'a [TextWorld]) -> impl Iterator<Item = (TextWorld, u64)> + 'a {
        worlds
            .iter()
            .flat_map(|w| self.run.seeds().map(|s| (*w, s)))
    }

    /// Measures what the records do not hold.
    fn measure(&self, worlds: &[TextWorld], records: &mut Records<TextRecord>) -> Result<()> {
        let total = self.sets(worlds).map(|(w, _)| w.samples).sum();
        let told = Mutex::new(Told::start("texts", Some(total), self.run.quiet));
        let lock = || told.lock().unwrap_or_else(PoisonError::into_inner);
        for (world, seed) in self.sets(worlds) {
            if records.holds(&text_key(&world, seed)) {
                lock().skip(world.samples);
                continue;
            }
            let record = measure(&world, &self.smoothing, self.masks, seed, &|| {
                lock().step(1, "");
            });
            records.add(record.map_err(named)?)?;
        }
        Ok(())
    }

    fn tables(&self, all: &[TextSummary]) -> String {
        let seeds = self.run.seeds().count();
        let mut out = format!(
            "Masked texts, a share uniform in (0, 1) of each masked; {} masks of each text, {seeds} data sets of each world (seeds from {}), smoothings {:?}.\n\n\
             ### Where memorizing takes over: M*/N\n\n",
            self.masks, self.run.seed, self.smoothing
        );
        let row = |s: &TextSummary| {
            let w = s.world;
            let mut row: Vec<String> = [w.templates, w.samples, w.length, w.symbols]
                .map(|n| n.to_string())
                .to_vec();
            row.push(format!("{:.1}", w.samples as f64 / w.templates as f64));
            row.push(format!("{}", w.noise));
            for score in [&s.cross_entropy, &s.brier] {
                row.push(share(score.best.mean));
                row.push(interval(&score.best));
            }
            row.push(share(s.cross_entropy.sharp.mean));
            row.push(share(s.cross_entropy.smoothing));
            row.push(share(s.closed));
            row
        };
        out += &table(
            "K | N | d | V | N/K | noise | cross-entropy | 95 % interval | Brier | 95 % interval | cross-entropy, least smoothing | best smoothing | one neighbour",
            all.iter().map(row),
        );
        if all.len() > 1 {
            out += "\n### Is it a constant?\n\nLargest difference from the measured M*/N of any world above; the best constant is fitted to them.\n\n";
            let rows = [("cross-entropy", true), ("Brier", false)]
                .map(|(name, entropy)| constant(all, name, entropy));
            out += &table(
                "score | from | to | best constant | its largest error | that of one neighbour | that of 4/5 | one constant lies in all intervals",
                rows,
            );
        }
        out
    }
}

/// How far constants and the closed form are from what was measured.
fn constant(all: &[TextSummary], name: &str, entropy: bool) -> Vec<String> {
    let of = |s: &TextSummary| {
        if entropy {
            s.cross_entropy.best
        } else {
            s.brier.best
        }
    };
    let means = || all.iter().map(|s| of(s).mean);
    let (low, high) = (
        means().fold(f64::INFINITY, f64::min),
        means().fold(0.0, f64::max),
    );
    let middle = (low + high) / 2.0;
    let worst = |guess: &dyn Fn(&TextSummary) -> f64| {
        all.iter()
            .map(|s| (guess(s) - of(s).mean).abs())
            .fold(0.0, f64::max)
    };
    let intervals: Option<Vec<[f64; 2]>> = all.iter().map(|s| of(s).interval).collect();
    let common = intervals.map(|i| {
        let [low, high] = i
            .iter()
            .fold([0.0, 1.0], |[l, h]: [f64; 2], e| [l.max(e[0]), h.min(e[1])]);
        if low <= high { "yes" } else { "no" }
    });
    let numbers = [
        low,
        high,
        middle,
        worst(&|_| middle),
        worst(&|s| s.closed),
        worst(&|_| 0.8),
    ]
    .map(share);
    [
        vec![name.to_string()],
        numbers.to_vec(),
        vec![common.unwrap_or("–").to_string()],
    ]
    .concat()
}
