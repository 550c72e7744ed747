//! What all labs share: where records and pictures go, and how a run goes on.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::cli::common::Global;
use crate::cli::outputs::Outputs;
use crate::cli::picture::{Picture, PictureArgs};
use crate::run::audit::error::AuditError;
use crate::run::audit::file::AuditFile;
use rotescope_lab::LabError;
use rotescope_report::chart::Chart;
use rotescope_trace::audit::{AuditRecord, AuditRun, RecordLine};

/// Seeds, and what is written.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// Of all that is drawn; the first of several
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub seed: u64,
    /// Data sets of each world, one a seed
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    seeds: u32,
    /// Print a JSON object instead of tables
    #[arg(long)]
    pub json: bool,
    /// Write a JSON line for each data set and each trained model; a run that was killed goes on when it is started again
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    picture: PictureArgs,
    /// Say nothing while it works
    #[arg(short, long)]
    pub quiet: bool,
}

/// What is at hand for a run.
pub struct Opened<R: AuditRecord> {
    pub records: Records<R>,
    picture: Picture,
}

/// What was measured, kept in the file where there is one.
pub struct Records<R: AuditRecord> {
    file: Option<AuditFile<RecordLine<R>>>,
    all: Vec<R>,
}

impl RunArgs {
    pub fn seeds(&self) -> impl Iterator<Item = u64> + Clone {
        (0..u64::from(self.seeds)).map(|i| self.seed.wrapping_add(i))
    }

    /// Opens the file and reads what it holds; finds the theme. `settings`: what changes a record, other than its name; `inputs`: files that are read.
    ///
    /// # Errors
    /// A file that must not be written, or that holds something else; no such theme.
    pub fn open<R: AuditRecord>(
        &self,
        global: &Global,
        inputs: &[PathBuf],
        settings: Map<String, Value>,
    ) -> Result<Opened<R>> {
        let mut outputs = Outputs::new(global, self.picture.force).reads(inputs)?;
        if let Some(path) = &self.output {
            outputs.appended("-o", path)?;
        }
        let picture = self.picture.open(&mut outputs)?;
        let run = AuditRun {
            rotescope: env!("CARGO_PKG_VERSION").into(),
            settings,
            ..AuditRun::default()
        };
        let mut all = Vec::new();
        let mut each = |line: &RecordLine<R>| all.extend(line.record.clone());
        let file = self.output.as_deref();
        let file = file
            .map(|path| AuditFile::open(path, &run, &mut each))
            .transpose()?;
        Ok(Opened {
            records: Records { file, all },
            picture,
        })
    }
}

impl<R: AuditRecord> Opened<R> {
    /// Writes the picture, where one is wanted.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn draw(self, chart: &Chart) -> Result<()> {
        self.picture.draw(chart)
    }
}

impl<R: AuditRecord> Records<R> {
    /// Whether there is a record of this name.
    pub fn holds(&self, key: &str) -> bool {
        self.all.iter().any(|r| r.key() == key)
    }

    /// Takes in what was measured.
    ///
    /// # Errors
    /// A full device, and other failures to write.
    pub fn add(&mut self, record: R) -> Result<(), AuditError> {
        if let Some(file) = &mut self.file {
            file.append(&[RecordLine::of(record.clone())])?;
        }
        self.all.push(record);
        Ok(())
    }

    /// The records of these names, in the order of the names.
    pub fn of<'a>(
        &'a self,
        keys: impl Iterator<Item = String> + 'a,
    ) -> impl Iterator<Item = &'a R> {
        keys.filter_map(|key| self.all.iter().find(|r| r.key() == key))
    }
}

/// An error of a setting by the name of its option.
pub fn named(error: LabError) -> anyhow::Error {
    anyhow::anyhow!("--{error}")
}

/// A summary as JSON, pretty.
///
/// # Errors
/// None that is expected.
pub fn json(summary: &impl serde::Serialize) -> Result<String> {
    Ok(serde_json::to_string_pretty(summary).context("writing JSON")? + "\n")
}

/// All different values, in the order given.
pub fn different<T: PartialEq + Copy>(all: &[T]) -> Vec<T> {
    let mut different: Vec<T> = Vec::new();
    for one in all {
        if !different.contains(one) {
            different.push(*one);
        }
    }
    different
}
