//! `rotescope evaluate`: tables from traces, and the fit of the step flag.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::common::print;
use rotescope_judge::flag::{Trained, TrainedFile};
use rotescope_study::evaluate::{Evaluation, Setting};
use rotescope_trace::jsonl::{self, Record};

#[derive(Debug, clap::Args)]
pub struct EvaluateArgs {
    /// Files of traces, as `score` writes them
    #[arg(required = true)]
    traces: Vec<PathBuf>,
    /// Write all tables as JSON too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write each table as a CSV file into this folder too
    #[arg(long, value_name = "DIR")]
    csv: Option<PathBuf>,
    /// Fit the step flag to these traces and write it; `score --flag FILE` applies it
    #[arg(long, value_name = "FILE")]
    fit: Option<PathBuf>,
    /// Bootstrap resamples of prompts for the 95 % intervals; 0 is off
    #[arg(long, default_value_t = 200, value_name = "N")]
    resamples: usize,
    /// Of the bootstrap
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
}

pub fn run(args: EvaluateArgs) -> Result<ExitCode> {
    let mut all = Evaluation::new(Setting {
        resamples: args.resamples,
        seed: args.seed,
    });
    for path in &args.traces {
        let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
        for (line, record) in jsonl::read(BufReader::new(file)) {
            match record.with_context(|| format!("{}, line {line}", path.display()))? {
                Record::Trace(mut t) => all.add(&mut t),
                Record::Failed(_) => all.failed += 1,
            }
        }
    }
    let report = all.report()?;
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&report.json())? + "\n";
        std::fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    if let Some(folder) = &args.csv {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        for table in &report.tables {
            let path = folder.join(format!("{}.csv", table.id));
            std::fs::write(&path, table.csv()).with_context(|| path.display().to_string())?;
        }
    }
    if let Some(path) = &args.fit {
        let files = args
            .traces
            .iter()
            .map(|p| hashed(p))
            .collect::<Result<_>>()?;
        let model = all.fit(Trained {
            files,
            ..Default::default()
        })?;
        model.save(path)?;
        eprintln!(
            "flag fitted to {} steps ({} wrong): {}",
            model.trained.steps,
            model.trained.wrong,
            path.display()
        );
    }
    print(&report.markdown())?;
    Ok(ExitCode::SUCCESS)
}

/// Name and hash of a file.
fn hashed(path: &Path) -> Result<TrainedFile> {
    let mut file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let n = file
            .read(&mut buffer)
            .with_context(|| path.display().to_string())?;
        if n == 0 {
            break;
        }
        hash.update(&buffer[..n]);
    }
    Ok(TrainedFile {
        name: path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
        sha256: hash.finalize().iter().map(|b| format!("{b:02x}")).collect(),
    })
}
