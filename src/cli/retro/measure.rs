//! `rotescope retro measure`: what model and corpus each say of the tokens of a text.

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use super::parts::weights;
use super::retriever::RetrieverArgs;
use crate::cli::audit::texts::{TextArgs, resumable};
use crate::cli::common::{Global, index_ref, show};
use crate::cli::told::Told;
use crate::run::audit::error::AuditError;
use crate::run::audit::portions::{Audit, Portions};
use crate::run::audit::reading::Reader;
use crate::run::audit::texts::{Item, TextWindow};
use crate::run::retro::measure::{Measurer, PORTION};
use crate::run::retro::tally::Tally;
use crate::say;
use rotescope_audit::Split;
use rotescope_retro::{Bars, Weights};
use rotescope_text::sanitize::line;
use rotescope_trace::audit::RecordLine;
use rotescope_trace::audit::retro::RetroWindow;

#[derive(Debug, clap::Args)]
pub struct MeasureArgs {
    #[command(flatten)]
    texts: TextArgs,
    #[command(flatten)]
    retriever: RetrieverArgs,
    /// Do as if the index lacked each window's own document, and those that hold the window token for token
    #[arg(long)]
    leave_out_own: bool,
    /// Perplexity at these weights of the corpus too, beside 0, .1, ..., 1 and those that are fitted: W, or SPARSE/SEVERAL
    #[arg(long, value_name = "W,...", value_delimiter = ',', value_parser = weights)]
    lam: Vec<Weights>,
    /// A token is known to the model from this probability on
    #[arg(long, default_value_t = Bars::default().model, value_name = "P")]
    known_model: f64,
    /// A token is known to the corpus from this probability on
    #[arg(long, default_value_t = Bars::default().corpus, value_name = "P")]
    known_corpus: f64,
}

impl MeasureArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        self.texts.usual = Split {
            prefix: 64,
            continuation: 192,
        };
        self.texts.pieces = true;
        let bars = Bars {
            model: self.known_model,
            corpus: self.known_corpus,
        };
        for (name, bar) in [("model", bars.model), ("corpus", bars.corpus)] {
            if !(bar > 0.0 && bar <= 1.0) {
                bail!("--known-{name} is a probability above 0");
            }
        }
        let opened = self.texts.open(global, self.named(bars)?)?;
        let Some(corpus) = &opened.corpus else {
            bail!(
                "without an index there is nothing to hold the model against; leave --no-index out"
            );
        };
        let mut tally = Tally::new(self.lam.clone());
        let mut each = |line: &RecordLine<RetroWindow>| {
            line.record.iter().for_each(|w| tally.add(w));
        };
        let file = self
            .texts
            .file::<RecordLine<RetroWindow>>(&opened.run, &mut each)?;
        let index = index_ref(corpus.as_ref());
        let retriever = self
            .retriever
            .open(corpus, &opened.engine, &opened.run.model, &index)?;
        let work = Work {
            measurer: Measurer {
                reader: Reader {
                    engine: &opened.engine,
                    cancel: &opened.cancel,
                },
                retriever: retriever.as_ref(),
                bars,
                leaves_out: self.leave_out_own.then_some(corpus.as_ref()),
            },
            tally,
            told: Told::start("windows", self.texts.total(), self.texts.quiet),
        };
        let mut work = Portions::new(work, file, PORTION);
        let done = self.texts.windows(&opened, &mut |item| match item {
            Item::Window(window) => work.take(window),
            Item::Skipped(skipped) => {
                say!("{}: {}", line(&skipped.document), skipped.why);
                Ok(())
            }
        });
        let done = done.and_then(|()| work.flush());
        done.map_err(|e| resumable(e, self.texts.output.is_some()))?;
        let Work { tally, told, .. } = work.audit;
        drop(told);
        if tally.is_empty() {
            bail!("no document has a token to measure: the first of each has nothing before it");
        }
        show(&tally.tables())?;
        Ok(ExitCode::SUCCESS)
    }

    /// What changes a record.
    fn named(&self, bars: Bars) -> Result<Map<String, Value>> {
        let mut all = self.retriever.named()?;
        all.insert("known-model".into(), bars.model.into());
        all.insert("known-corpus".into(), bars.corpus.into());
        if self.leave_out_own {
            all.insert("leave-out-own".into(), true.into());
        }
        Ok(all)
    }
}

/// What goes on while windows come.
struct Work<'a> {
    measurer: Measurer<'a>,
    tally: Tally,
    told: Told,
}

impl Audit for Work<'_> {
    type Line = RecordLine<RetroWindow>;

    fn lines(&mut self, windows: &[TextWindow]) -> Result<Vec<Self::Line>, AuditError> {
        let records = self.measurer.records(windows)?;
        Ok(records.into_iter().map(RecordLine::of).collect())
    }

    fn add(&mut self, line: &Self::Line) {
        line.record.iter().for_each(|w| self.tally.add(w));
    }

    fn told(&mut self, held: usize, new: usize, document: &str) {
        self.told.skip(held);
        self.told.step(new, &line(document));
    }
}
