//! `rotescope lab model`: whether a real model is nearer to a copy of its corpus or to what generalizes.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::Map;

use crate::cli::audit::texts::{TextArgs, resumable};
use crate::cli::common::{Global, ModelArgs, check_tokenizer, show};
use crate::cli::told::Told;
use crate::run::audit::error::AuditError;
use crate::run::audit::portions::{Audit, Portions};
use crate::run::audit::reading::Reader;
use crate::run::audit::texts::{Item, TextWindow};
use crate::run::hashes;
use crate::run::retro::sides::{General, PORTION, SideTally, Sides};
use crate::say;
use rotescope_retro::Backoff;
use rotescope_text::sanitize::line;
use rotescope_trace::audit::RecordLine;
use rotescope_trace::audit::retro::SideWindow;

#[derive(Debug, clap::Args)]
pub struct ModelLabArgs {
    #[command(flatten)]
    texts: TextArgs,
    /// Another model with the same tokenizer that generalizes, such as a smaller one of the family; n-grams of the corpus without the document if not given
    #[arg(long, value_name = "FILE")]
    generalizer: Option<PathBuf>,
    /// Tokens of the n-grams that generalize
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u8).range(1..), conflicts_with = "generalizer")]
    order: u8,
}

impl ModelLabArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        let mut settings = Map::new();
        match &self.generalizer {
            Some(path) => settings.insert("generalizer".into(), hashes::sha256(path)?.into()),
            None => settings.insert("order".into(), self.order.into()),
        };
        let opened = self.texts.open(global, settings)?;
        let Some(corpus) = opened.corpus.clone() else {
            bail!("without an index there is no copy of the corpus; leave --no-index out");
        };
        let mut tally = SideTally::default();
        let mut each = |line: &RecordLine<SideWindow>| {
            line.record.iter().for_each(|w| tally.add(w));
        };
        let file = self
            .texts
            .file::<RecordLine<SideWindow>>(&opened.run, &mut each)?;
        let other = self.other(corpus.as_ref())?;
        let reader = |engine| Reader {
            engine,
            cancel: &opened.cancel,
        };
        let vocabulary = opened.engine.info().vocabulary;
        let ngrams = |longest| Backoff::new(corpus.clone(), longest, vocabulary);
        let sides = Sides {
            reader: reader(&opened.engine),
            copy: ngrams(usize::MAX)?,
            general: match &other {
                Some(engine) => General::Model(reader(engine)),
                None => General::Ngrams(ngrams(usize::from(self.order) - 1)?),
            },
            corpus: corpus.clone(),
        };
        let work = Work {
            sides,
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
            bail!("no document has the tokens of a window; give a shorter --window");
        }
        show(&tally.table())?;
        Ok(ExitCode::SUCCESS)
    }

    /// The model that generalizes.
    fn other(
        &self,
        corpus: &dyn rotescope_corpus::Corpus,
    ) -> Result<Option<rotescope_model::Engine>> {
        let Some(path) = &self.generalizer else {
            return Ok(None);
        };
        let parts = ModelArgs {
            model: Some(path.clone()),
            ..self.texts.parts.clone()
        };
        let engine = parts.load_model()?;
        check_tokenizer(&parts.model_ref(&engine)?, corpus)?;
        Ok(Some(engine))
    }
}

/// What goes on while windows come.
struct Work<'a> {
    sides: Sides<'a>,
    tally: SideTally,
    told: Told,
}

impl Audit for Work<'_> {
    type Line = RecordLine<SideWindow>;

    fn lines(&mut self, windows: &[TextWindow]) -> Result<Vec<Self::Line>, AuditError> {
        let records = self.sides.records(windows)?;
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
