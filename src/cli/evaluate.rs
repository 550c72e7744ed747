//! `rotescope evaluate`: tables from traces.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::common::print;
use crate::evaluate::accuracy::Accuracy;
use crate::evaluate::planted::PlantedTotals;
use crate::trace::jsonl::{self, Record};

#[derive(Debug, clap::Args)]
pub struct EvaluateArgs {
    /// Files of traces, as `score` writes them
    #[arg(required = true)]
    traces: Vec<PathBuf>,
}

pub fn run(args: EvaluateArgs) -> Result<ExitCode> {
    let (mut accuracy, mut planted, mut traces, mut failed) =
        (Accuracy::default(), PlantedTotals::default(), 0, 0);
    for path in &args.traces {
        let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
        for (line, record) in jsonl::read(std::io::BufReader::new(file)) {
            match record.with_context(|| format!("{}, line {line}", path.display()))? {
                Record::Trace(t) => {
                    accuracy.add(&t);
                    planted.add(&t);
                    traces += 1;
                }
                Record::Failed(_) => failed += 1,
            }
        }
    }
    if traces == 0 {
        bail!("no traces in the files given");
    }
    let mut out = format!("{traces} traces, {failed} failed prompts\n");
    for table in accuracy.tables().into_iter().chain(planted.table()) {
        out += "\n";
        out += &table.markdown();
    }
    print(&out)?;
    Ok(ExitCode::SUCCESS)
}
