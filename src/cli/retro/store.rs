//! `rotescope retro store`: hidden states of a corpus, for nearest neighbours.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::parts::both;
use crate::cli::common::{Global, ModelArgs, cancel_on_signal, grouped, index_ref, show};
use crate::cli::outputs::Outputs;
use crate::cli::told::Told;
use crate::run::audit::error::stopped;
use crate::run::audit::reading::Reader;
use crate::run::retro::states::States;
use crate::run::retro::store::{is_store, write};
use rotescope_audit::Split;
use rotescope_retro::Store;

/// As `measure` reads.
const SPLIT: Split = Split {
    prefix: 64,
    continuation: 192,
};

#[derive(Debug, clap::Args)]
pub struct StoreArgs {
    #[command(flatten)]
    parts: ModelArgs,
    /// Hidden states at most, one before each token of documents that are drawn by --seed
    #[arg(long, default_value_t = 200_000, value_name = "N")]
    tokens: usize,
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// The store. It is written when it is whole: a run that was killed leaves nothing
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Replace a file that is no store
    #[arg(long)]
    force: bool,
    /// Say nothing while it works
    #[arg(short, long)]
    quiet: bool,
}

impl StoreArgs {
    pub fn run(self, global: &Global) -> Result<ExitCode> {
        let mut outputs = Outputs::new(global, self.force).reads(self.parts.files())?;
        let place = outputs.file("-o", &self.output, "store of hidden states", is_store)?;
        let (corpus, engine, model) = both(&self.parts)?;
        let cancel = cancel_on_signal()?;
        let states = States {
            reader: Reader {
                engine: &engine,
                cancel: &cancel,
            },
            corpus: corpus.as_ref(),
            split: SPLIT,
            most: self.tokens,
            seed: self.seed,
        };
        let mut told = Told::start("hidden states", Some(self.tokens), self.quiet);
        let (keys, entries) = states.read(&mut |n| told.step(n, ""))?;
        drop(told);
        let store = {
            let mut told = Told::start("seconds of joining neighbours", None, self.quiet);
            let began = Instant::now();
            let building = std::thread::Builder::new();
            let building = building.spawn(move || Store::new(keys, entries));
            let building = building.context(
                "a thread cannot be started; let the process have more memory (ulimit -v) or threads (ulimit -u)",
            )?;
            while !building.is_finished() {
                stopped(&cancel)?;
                std::thread::sleep(Duration::from_millis(50));
                told.reach(began.elapsed().as_secs() as usize, 0, "");
            }
            let built = building.join();
            built.unwrap_or_else(|p| std::panic::resume_unwind(p))?
        };
        let mut file = place.create()?;
        let index = index_ref(corpus.as_ref());
        write(&mut file, &store, &model, &index, self.seed)
            .with_context(|| self.output.display().to_string())?;
        file.finish()?;
        show(&format!(
            "{} hidden states of {} numbers each\n",
            grouped(store.len() as u64),
            store.width()
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}
