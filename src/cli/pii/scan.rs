//! `rotescope pii scan`: which values of persons stand in a corpus.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use super::source::SourceArgs;
use crate::cli::common::{Global, cancel_on_signal, grouped, index_ref, show};
use crate::cli::open::encoder_for;
use crate::cli::outputs::Outputs;
use crate::cli::told::Told;
use crate::run::audit::error::stopped;
use crate::run::audit::file::AuditFile;
use crate::run::pii::scan::{Counts, Writer, count};
use rotescope_audit::NearOptions;
use rotescope_model::CancelToken;
use rotescope_trace::audit::AuditRun;
use rotescope_trace::audit::pii::ScanLine;

#[derive(Debug, clap::Args)]
pub struct ScanArgs {
    #[command(flatten)]
    source: SourceArgs,
    /// Show values in the file that is written; without it placeholders stand for them, in contexts too
    #[arg(long)]
    reveal: bool,
    /// Look for no near-duplicates of contexts in the index
    #[arg(long)]
    no_near: bool,
    /// Least similarity of near-duplicates
    #[arg(long, default_value_t = NearOptions::default().similarity, value_name = "SHARE")]
    near: f64,
    /// Write a JSON line for each value; a run that was killed goes on when it is started again
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Say nothing while it works
    #[arg(short, long)]
    quiet: bool,
}

impl ScanArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        if !(0.0..=1.0).contains(&self.near) {
            bail!("--near is a share, from 0 to 1");
        }
        let mut outputs = Outputs::new(global, false).reads(&self.source.files)?;
        if let Some(path) = &self.output {
            outputs.appended("-o", path)?;
        }
        let source = self.source.open(self.quiet)?;
        let cancel = cancel_on_signal()?;
        let texts = source.texts();
        let mut told = Told::start("documents read", texts.count(), self.quiet);
        let counts = count(&texts, &source.detectors, &mut |n, counts| {
            told.step(n, &format!("{} values", grouped(counts.findings())));
            stopped(&cancel)
        })?;
        drop(told);
        if self.output.is_some() {
            self.write(&source, &counts, &cancel)?;
        }
        show(&table(&counts))?;
        Ok(ExitCode::SUCCESS)
    }

    fn write(
        &self,
        source: &super::source::Source,
        counts: &Counts,
        cancel: &CancelToken,
    ) -> Result<()> {
        let Some(path) = &self.output else {
            return Ok(());
        };
        let mut settings = self.source.named();
        settings.insert("reveal".into(), self.reveal.into());
        let near = (!self.no_near).then_some(self.near);
        settings.insert("near".into(), near.into());
        let corpus = source.corpus.as_deref();
        let run = AuditRun {
            rotescope: env!("CARGO_PKG_VERSION").into(),
            index: corpus.map(index_ref),
            settings,
            ..AuditRun::default()
        };
        let mut file = AuditFile::<ScanLine>::open(path, &run, &mut |_| ())?;
        let encoder = corpus
            .map(|c| encoder_for(&self.source.parts, c))
            .transpose()?;
        let hidden = (!self.reveal).then(|| counts.listed());
        let how = NearOptions {
            similarity: self.near,
            ..NearOptions::default()
        };
        let writer = Writer {
            detectors: &source.detectors,
            counts,
            hidden: hidden.as_ref(),
            encoder: encoder.as_deref(),
            near: corpus.filter(|_| !self.no_near).map(|c| (c, how)),
        };
        let mut told = Told::start(
            "values written",
            Some(counts.findings() as usize),
            self.quiet,
        );
        source.texts().each(&mut |portion| {
            for few in portion.chunks(32) {
                stopped(cancel)?;
                let lines = writer.lines(few, &|key| file.holds(key))?;
                file.append(&lines)?;
                told.step(lines.len(), "");
            }
            Ok(())
        })?;
        Ok(())
    }
}

fn table(counts: &Counts) -> String {
    let mut out = format!(
        "{} documents, {} bytes, {} values\n\n| kind | found | different | documents | most copies |\n|---|--:|--:|--:|--:|\n",
        grouped(counts.documents),
        grouped(counts.bytes),
        grouped(counts.findings())
    );
    for k in counts.of_kinds() {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            k.kind.name(),
            grouped(k.findings),
            grouped(k.values),
            grouped(k.documents),
            grouped(k.most)
        );
    }
    out
}
