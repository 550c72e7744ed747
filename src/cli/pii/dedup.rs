//! `rotescope pii dedup`: a corpus without copies.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::json;

use super::source::SourceArgs;
use crate::cli::common::{Global, cancel_on_signal, grouped, show};
use crate::cli::outputs::{OutputPlace, Outputs};
use crate::cli::told::Told;
use crate::run::audit::error::{AuditError, stopped};
use crate::run::pii::dedup::Copies;
use crate::run::pii::documents::Text;
use rotescope_privacy::Detectors;

#[derive(Debug, clap::Args)]
pub struct DedupArgs {
    #[command(flatten)]
    source: SourceArgs,
    /// Least similarity of near-duplicates: the share of runs of three words that both have (Jaccard), as MinHash estimates it
    #[arg(long, default_value_t = 0.8, value_name = "SHARE")]
    similarity: f64,
    /// Write the texts that are kept: JSON lines with `text`, `id` (file and line, or document of the index) and `copies`, how many texts each stands for
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace a file
    #[arg(long)]
    force: bool,
    /// Say nothing while it works
    #[arg(short, long)]
    quiet: bool,
}

impl DedupArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        if !(self.similarity > 0.0 && self.similarity <= 1.0) {
            bail!("--similarity is a share, above 0 and 1 at most");
        }
        let mut outputs = Outputs::new(global, self.force).reads(&self.source.files)?;
        let path = self.output.as_deref();
        let place = path.map(|path| outputs.fresh("-o", path)).transpose()?;
        let source = self.source.open(self.quiet)?;
        let cancel = cancel_on_signal()?;
        let texts = source.texts();
        let mut copies = Copies::new(self.similarity);
        let mut told = Told::start("documents read", texts.count(), self.quiet);
        copies.read(&texts, &mut |n| {
            told.step(n, "");
            stopped(&cancel)
        })?;
        drop(told);
        let counts = copies.counts();
        let mut values = [0usize; 3];
        let mut file = place.map(OutputPlace::create).transpose()?;
        let mut told = Told::start("documents written", Some(counts.len()), self.quiet);
        let mut at = counts.iter();
        texts.each(&mut |portion| {
            stopped(&cancel)?;
            told.step(portion.len(), "");
            for (text, copies) in portion.iter().zip(at.by_ref()) {
                count(&source.detectors, text, *copies, &mut values);
                if let Some(file) = file.as_mut().filter(|_| *copies > 0) {
                    let line = json!({ "id": text.name, "text": text.text, "copies": copies });
                    writeln!(file, "{line}").map_err(AuditError::Write)?;
                }
            }
            Ok(())
        })?;
        drop(told);
        if let Some(file) = file {
            file.finish()?;
        }
        let kept = counts.iter().filter(|n| **n > 0).count();
        let [before, after, most] = values.map(|n| grouped(n as u64));
        show(&format!(
            "{} documents, {} kept; the most copies of one: {most}\nvalues of persons: {before} before, {after} after\n",
            grouped(counts.len() as u64),
            grouped(kept as u64)
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Counts values before and after, and the most copies.
fn count(
    detectors: &Detectors,
    text: &Text,
    copies: usize,
    [before, after, most]: &mut [usize; 3],
) {
    let found = detectors.find(&text.text).len();
    *before += found;
    *after += if copies > 0 { found } else { 0 };
    *most = copies.max(*most);
}
