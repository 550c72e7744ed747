//! `rotescope lab distill`: what students of a model that recites come to recite, by the loss that they learned by.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use schemars::JsonSchema;
use serde::Serialize;

use super::run::json;
use super::table::{interval, share, table};
use crate::cli::common::{Global, print};
use crate::cli::outputs::Outputs;
use crate::cli::picture::PictureArgs;
use crate::run::audit::lines::each_line;
use crate::run::lab::figure;
use rotescope_lab::Mean;
use rotescope_lab::distill::{DistillRecord, DistillSummary, summaries};
use rotescope_trace::audit::RecordLine;

#[derive(Debug, clap::Args)]
pub struct DistillArgs {
    /// What `python3 -m training.distill` wrote: curves.jsonl
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Of the intervals
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// Print a JSON object instead of tables
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    picture: PictureArgs,
}

/// Name and version of what is printed as JSON.
pub const SUMMARY: &str = "rotescope.lab-distill-summary/1";

/// What is printed as JSON.
#[derive(Serialize, JsonSchema)]
pub struct Printed<'a> {
    schema: &'static str,
    losses: &'a [DistillSummary],
}

impl DistillArgs {
    pub fn run(self, global: &Global) -> Result<ExitCode> {
        let mut outputs = Outputs::new(global, self.picture.force).reads(&self.files)?;
        let picture = self.picture.open(&mut outputs)?;
        let mut records: Vec<DistillRecord> = Vec::new();
        for path in &self.files {
            each_line(path, &mut |line: RecordLine<DistillRecord>| -> Result<()> {
                records.extend(line.record);
                Ok(())
            })?;
        }
        let all = summaries(&records, self.seed);
        if all.is_empty() {
            bail!(
                "no seed of which there are students of every loss: `python3 -m training.distill` is not done yet"
            );
        }
        if self.json {
            print(&json(&Printed {
                schema: SUMMARY,
                losses: &all,
            })?)?;
        } else {
            print(&tables(&all))?;
        }
        picture.draw(&figure::distill(&all))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn tables(all: &[DistillSummary]) -> String {
    let row = |s: &DistillSummary| {
        let both = |m: &Mean| [share(m.mean), interval(m)];
        let mut row = vec![s.loss.clone()];
        row.extend([share(s.best.mean), share(s.at_best.mean)]);
        row.extend([share(s.end.mean), share(s.at_end.mean)]);
        row.extend(both(&s.at_equal));
        row.extend(both(&s.less));
        row
    };
    let columns = "loss | lowest test loss, nats a token | verbatim there | test loss at the end | verbatim there | verbatim at equal test loss | 95 % interval | more than the first | 95 % interval";
    let students = all.first().map_or(0, |s| s.best.of);
    format!(
        "{students} students of each loss. Equal is the lowest test loss that all students of a seed reach; a student is taken after the last pass with no higher one.\n\n{}",
        table(columns, all.iter().map(row))
    )
}
