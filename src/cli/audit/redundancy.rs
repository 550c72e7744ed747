//! `rotescope audit redundancy`: how recitation bears changes of the prefix.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::texts::{Opened, TextArgs, resumable};
use crate::cli::common::{Global, show};
use crate::cli::told::Told;
use crate::run::audit::error::AuditError;
use crate::run::audit::extract::{Cost, Extractor};
use crate::run::audit::portions::{Audit, Portions};
use crate::run::audit::redundancy::{Changer, PORTION};
use crate::run::audit::settings::{GuardMode, Settings};
use crate::run::audit::texts::{Item, TextWindow};
use crate::run::audit::vulnerable::Vulnerability;
use crate::say;
use rotescope_audit::redundancy::Operator;
use rotescope_text::sanitize::line;
use rotescope_trace::audit::redundancy::RedundancyLine;

#[derive(Debug, clap::Args)]
pub struct RedundancyArgs {
    #[command(flatten)]
    texts: TextArgs,
    /// Changes of the prefix [default: all of identity, adjacent, swap-two, first-last, rotate, trigram, reverse, shuffle, fix-ends, drop, mask]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = operator)]
    operators: Vec<Operator>,
    /// Memorized windows in which one token of the prefix after the other is replaced; the first ones
    #[arg(long, default_value_t = 32, value_name = "N")]
    replace: usize,
    /// Let the model write greedy continuations, and take their M; else M is teacher-forced
    #[arg(long)]
    free_running: bool,
}

fn operator(name: &str) -> Result<Operator, String> {
    Operator::of(name).ok_or_else(|| {
        let known = Operator::ALL.map(Operator::name).join(", ");
        format!("there are {known}")
    })
}

impl RedundancyArgs {
    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        if self.operators.is_empty() {
            self.operators = Operator::ALL.to_vec();
        }
        let settings = Settings {
            splits: self.texts.splits(),
            guard: GuardMode::Off,
            near: None,
            free_running: self.free_running,
            seed: self.texts.seed,
            ..Settings::default()
        };
        let mut named = settings.named();
        let names: Vec<&str> = self.operators.iter().map(|o| o.name()).collect();
        named.insert("operators".into(), names.into());
        named.insert("replace".into(), self.replace.into());
        let opened = self.texts.open(global, named)?;
        let mut all = Vulnerability::new(self.texts.seed);
        let file = self.texts.file(&opened.run, &mut |line: &RedundancyLine| {
            line.window.iter().for_each(|w| all.add(w));
        })?;
        let Opened {
            engine,
            encoder,
            cancel,
            ..
        } = &opened;
        let corpus = opened.corpus.as_deref();
        let extractor = Extractor::new(engine, encoder.as_ref(), corpus, &settings, cancel)?;
        let mask = encoder.encode_batch(&["_"])?.concat();
        let changer = Changer {
            extractor: &extractor,
            operators: &self.operators,
            mask: *mask.first().context("the model has no token for _")?,
            replace: self.replace,
        };
        let work = Work {
            changer,
            all,
            told: Told::start("windows", self.texts.total(), self.texts.quiet),
        };
        let mut work = Portions::new(work, file, PORTION);
        let done = self.texts.windows(&opened, &mut |item| match item {
            Item::Window(window) => work.take(window),
            Item::Skipped(s) => {
                say!("{}: {}", line(&s.document), s.why);
                Ok(())
            }
        });
        let done = done.and_then(|()| work.flush());
        done.map_err(|e| resumable(e, self.texts.output.is_some()))?;
        let all = work.audit.all;
        show(&all.tables())?;
        if all.windows() == 0 {
            bail!("no document has the tokens of a window; give a shorter --window");
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What goes on while windows come.
struct Work<'a> {
    changer: Changer<'a>,
    all: Vulnerability,
    told: Told,
}

impl Audit for Work<'_> {
    type Line = RedundancyLine;

    fn lines(&mut self, windows: &[TextWindow]) -> Result<Vec<RedundancyLine>, AuditError> {
        let mut replaced = self.all.replaced();
        let records = self
            .changer
            .records(windows, &mut replaced, &mut Cost::default())?;
        let line = |window| RedundancyLine {
            window: Some(window),
            ..RedundancyLine::new()
        };
        Ok(records.into_iter().map(line).collect())
    }

    fn add(&mut self, line: &RedundancyLine) {
        line.window.iter().for_each(|w| self.all.add(w));
    }

    fn told(&mut self, held: usize, new: usize, document: &str) {
        self.told.skip(held);
        self.told.step(new, &line(document));
    }
}
