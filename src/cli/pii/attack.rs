//! `rotescope pii attack`: which values of persons a model gives away.

use std::process::ExitCode;

use anyhow::Result;

use super::asked::{AT_ONCE, AskArgs, Prepared, RecordArgs};
use crate::cli::audit::resumable;
use crate::cli::common::{Global, grouped, show};
use crate::cli::told::Told;
use crate::run::audit::file::AuditFile;
use crate::run::audit::reading::Reader;
use crate::run::pii::attack::asking::Asker;
use crate::run::pii::attack::asks::wanted;
use crate::run::pii::attack::run::Attack;
use crate::run::pii::attack::tally::Tally;
use rotescope_trace::audit::attack::AttackLine;

#[derive(Debug, clap::Args)]
pub struct AttackArgs {
    #[command(flatten)]
    asked: AskArgs,
    #[command(flatten)]
    records: RecordArgs,
    /// Answer by beam search too, which keeps N beginnings of each answer; 0: no such answer
    #[arg(long, default_value_t = 0, value_name = "N")]
    beam: usize,
    /// Ask nothing with another person's name
    #[arg(long)]
    no_controls: bool,
}

impl AttackArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        let mut settings = self
            .asked
            .settings(Some(&self.records), !self.no_controls)?;
        settings.beam = self.beam;
        self.records
            .place(self.asked.outputs(global, false, &[])?)?;
        let prepared = self.asked.prepare(settings, serde_json::Map::new())?;
        let Prepared {
            targets, settings, ..
        } = &prepared;
        let mut tally = Tally::default();
        let mut file = match &self.records.output {
            Some(path) => Some(AuditFile::<AttackLine>::open(
                path,
                &prepared.run,
                &mut |line| {
                    line.record.iter().for_each(|a| tally.add(a));
                },
            )?),
            None => None,
        };
        let all = wanted(targets, settings);
        let mut told = Told::start("questions", Some(all.len()), self.asked.quiet);
        let done = prepared
            .attack(None)
            .run(&all, &mut file, &mut |held, new| {
                new.iter().for_each(|a| tally.add(a));
                told.skip(held);
                told.step(new.len(), "");
            });
        drop(told);
        done.map_err(|e| resumable(e, self.records.output.is_some()))?;
        show(&format!(
            "{} values, {} questions\n\n{}",
            grouped(targets.len() as u64),
            grouped(all.len() as u64),
            tally.tables()
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Prepared {
    /// What asks all questions; `filter`: what forbids tokens.
    pub fn attack(&self, filter: Option<rotescope_model::Filter>) -> Attack<'_> {
        let settings = &self.settings;
        Attack {
            asker: Asker {
                reader: Reader {
                    engine: &self.engine,
                    cancel: &self.cancel,
                },
                detectors: &self.detectors,
                at_once: AT_ONCE,
                tokens: settings.tokens,
                beam: settings.beam,
                samples: settings.samples,
                sampling: settings.sampling,
                seed: settings.seed,
                filter,
                mixture: None,
                stops: true,
            },
            encoder: self.encoder.as_ref(),
            settings,
            targets: &self.targets,
            known: &self.known,
        }
    }
}
