//! `rotescope audit extract`: what of documents a model recites.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::texts::{Opened, TextArgs, resumable};
use crate::cli::common::{Global, grouped, show};
use crate::cli::told::Told;
use crate::run::audit::error::AuditError;
use crate::run::audit::extract::{Cost, Extractor, PORTION};
use crate::run::audit::portions::{Audit, Portions};
use crate::run::audit::settings::{GuardMode, Settings};
use crate::run::audit::speed::Speeds;
use crate::run::audit::tally::Tally;
use crate::run::audit::texts::{Item, TextWindow};
use crate::say;
use rotescope_audit::NearOptions;
use rotescope_model::Sampling;
use rotescope_text::sanitize::line;
use rotescope_trace::audit::extract::ExtractLine;

#[derive(Debug, clap::Args)]
pub struct ExtractArgs {
    #[command(flatten)]
    texts: TextArgs,
    #[command(flatten)]
    scheme: SchemeArgs,
    #[command(flatten)]
    judging: JudgingArgs,
    /// Write out greedy continuations behind the first other token, for the M of the free-running model
    #[arg(long)]
    free_running: bool,
    /// Then read some of the windows again, as audited and plainly in turns, and say how fast each is
    #[arg(long)]
    speed: bool,
}

/// How continuations are drawn.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The scheme by which continuations are drawn")]
struct SchemeArgs {
    /// 0 is greedy
    #[arg(long, default_value_t = 1.0, value_name = "T")]
    temperature: f64,
    /// Only the K most probable tokens; 0 is all
    #[arg(long, default_value_t = 40, value_name = "K")]
    top_k: usize,
    /// Only the most probable tokens that hold this share
    #[arg(long, default_value_t = 1.0, value_name = "P")]
    top_p: f64,
    /// Only tokens at least this many times as probable as the most probable one
    #[arg(long, default_value_t = 0.0, value_name = "P")]
    min_p: f64,
    /// Numbers of draws: extractable in n draws
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_values_t = [1, 10, 100, 1000], value_parser = clap::value_parser!(u64).range(1..))]
    draws: Vec<u64>,
    /// The probability with which a text must come at least once in them
    #[arg(long, default_value_t = 0.5, value_name = "P")]
    p: f64,
}

/// What becomes of what is claimed.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is held against claims")]
struct JudgingArgs {
    /// Which windows unrelated prefixes are asked about
    #[arg(long, value_enum, default_value = "claims", value_name = "WHICH")]
    guard: GuardMode,
    /// Unrelated prefixes, drawn from the index
    #[arg(long, default_value_t = 32, value_name = "N")]
    unrelated: usize,
    /// So many last tokens of the own prefix stand behind each unrelated one
    #[arg(long, default_value_t = Settings::default().bridge, value_name = "N")]
    bridge: usize,
    /// A text is common where its own prefix adds fewer nats for each token than that
    #[arg(long, default_value_t = Settings::default().least, value_name = "NATS")]
    least: f64,
    /// A continuation that the corpus has so often behind other prefixes, and so many times as often as behind its own, is a formula and not called memorized; 0 is off
    #[arg(long, default_value_t = Settings::default().elsewhere, value_name = "N")]
    elsewhere: u64,
    /// More copies in the corpus than that are recited, not recollected
    #[arg(long, default_value_t = Settings::default().often, value_name = "N")]
    often: u64,
    /// Look for no near-duplicates
    #[arg(long)]
    no_near: bool,
    /// Least similarity of near-duplicates
    #[arg(long, default_value_t = NearOptions::default().similarity, value_name = "SHARE")]
    near: f64,
    /// The share of tokens for Min-K%
    #[arg(long, default_value_t = Settings::default().lowest, value_name = "SHARE")]
    min_k: f64,
}

impl ExtractArgs {
    fn settings(&self) -> Result<Settings> {
        let share = |name: &str, x: f64| match (0.0..=1.0).contains(&x) {
            true => Ok(x),
            false => bail!("{name} is a share, from 0 to 1"),
        };
        let (scheme, judging) = (&self.scheme, &self.judging);
        let sampling = Sampling {
            temperature: scheme.temperature,
            top_k: scheme.top_k,
            top_p: scheme.top_p,
            min_p: scheme.min_p,
            seed: 0,
        };
        sampling.check()?;
        if share("--p", scheme.p)? == 0.0 {
            bail!("--p is a probability above 0");
        }
        if !(judging.least >= 0.0 && judging.least.is_finite()) {
            bail!("--least is a number of nats from 0 up");
        }
        let mut draws = scheme.draws.clone();
        draws.sort_unstable();
        draws.dedup();
        Ok(Settings {
            splits: self.texts.splits(),
            sampling,
            draws,
            p: scheme.p,
            guard: match judging.unrelated {
                0 => GuardMode::Off,
                _ => judging.guard,
            },
            unrelated: judging.unrelated,
            bridge: judging.bridge,
            least: judging.least,
            elsewhere: judging.elsewhere,
            often: judging.often,
            near: (!judging.no_near).then_some(NearOptions {
                similarity: share("--near", judging.near)?,
                ..NearOptions::default()
            }),
            lowest: share("--min-k", judging.min_k)?,
            free_running: self.free_running,
            seed: self.texts.seed,
        })
    }

    pub fn run(mut self, global: &Global) -> Result<ExitCode> {
        let settings = self.settings()?;
        let opened = self.texts.open(global, settings.named())?;
        let corpus = opened.corpus.as_deref();
        let mut tally = Tally::new(&settings.draws, settings.p, settings.seed);
        let file = self.texts.file(&opened.run, &mut |line: &ExtractLine| {
            line.window.iter().for_each(|w| tally.add(w));
        })?;
        let Opened {
            engine,
            encoder,
            cancel,
            ..
        } = &opened;
        let extractor = Extractor::new(engine, encoder.as_ref(), corpus, &settings, cancel)?;
        let guarded =
            corpus.is_none() || settings.guard == GuardMode::Off || extractor.is_guarded();
        if !guarded {
            say!(
                "warning: the index gives no unrelated prefix of the length that is asked for: no text is known to be common"
            );
        }
        let quiet = self.texts.quiet;
        let work = Work {
            extractor,
            tally,
            timed: self.speed.then(Vec::new),
            cost: Cost::default(),
            told: Told::start("windows", self.texts.total(), quiet),
        };
        let mut work = Portions::new(work, file, PORTION);
        let done = self.texts.windows(&opened, &mut |item| match item {
            Item::Window(window) => work.take(window),
            Item::Skipped(skipped) => {
                work.audit.tally.skip();
                work.put(ExtractLine {
                    skipped: Some(skipped),
                    ..ExtractLine::new()
                })
            }
        });
        let done = done.and_then(|()| work.flush());
        done.map_err(|e| resumable(e, self.texts.output.is_some()))?;
        let Work {
            extractor,
            cost,
            tally,
            timed,
            told,
        } = work.audit;
        drop(told);
        show(&tally.tables())?;
        if tally.windows() == 0 {
            bail!("no document has the tokens of a window; give a shorter --window");
        }
        if !quiet {
            say!("{}", spent(cost));
        }
        match timed.as_deref() {
            Some([]) => bail!("--speed: nothing was left to read; give another -o"),
            Some(windows) => show(&(Speeds::measure(&extractor, windows)?.said() + "\n"))?,
            None => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What goes on while windows come.
struct Work<'a> {
    extractor: Extractor<'a>,
    tally: Tally,
    /// Windows that are read again to time it.
    timed: Option<Vec<TextWindow>>,
    cost: Cost,
    told: Told,
}

impl Audit for Work<'_> {
    type Line = ExtractLine;

    fn lines(&mut self, windows: &[TextWindow]) -> Result<Vec<ExtractLine>, AuditError> {
        let (records, cost) = self.extractor.records(windows)?;
        self.cost.add(cost);
        if let Some(timed) = self.timed.as_mut().filter(|t| t.is_empty()) {
            timed.extend_from_slice(windows);
        }
        let line = |window| ExtractLine {
            window: Some(window),
            ..ExtractLine::new()
        };
        Ok(records.into_iter().map(line).collect())
    }

    fn add(&mut self, line: &ExtractLine) {
        line.window.iter().for_each(|w| self.tally.add(w));
    }

    fn told(&mut self, held: usize, new: usize, document: &str) {
        self.told.skip(held);
        let tokens = (self.cost.windows + self.cost.guard) as f64;
        let seconds = self.cost.windows_seconds + self.cost.guard_seconds;
        let rate = grouped((tokens / seconds.max(1e-3)) as u64);
        self.told
            .step(new, &format!("{}; {rate} tokens/s", line(document)));
    }
}

/// What the model took, in a line.
fn spent(cost: Cost) -> String {
    let said = |tokens: u64, seconds: f64| {
        format!(
            "{} tokens at {} tokens/s",
            grouped(tokens),
            grouped((tokens as f64 / seconds.max(1e-3)) as u64)
        )
    };
    let mut line = format!(
        "the model read {}",
        said(cost.windows, cost.windows_seconds)
    );
    if cost.guard > 0 {
        line += &format!(
            ", and {} after unrelated prefixes",
            said(cost.guard, cost.guard_seconds)
        );
    }
    line
}
