//! Options of mid-range and long-range attribution, and what it is expected to cost.

use std::str::FromStr;
use std::time::Instant;

use anyhow::{Result, bail};

use super::common::ModelArgs;
use super::open::encoder_for;
use crate::run::regions::StepRegions;
use rotescope_audit::regions::RegionOptions;
use rotescope_corpus::{Cooccur, Corpus, Counted};
use rotescope_model::{CancelToken, Engine, Want, Window};
use rotescope_stim::{AttributionPart, Budget, Forms, Method, NonLocalSettings, Scope};
use rotescope_trace::Source;

/// Which sources are scored, and how those beyond the local one are.
#[derive(Debug, Clone, clap::Args)]
pub struct SourceArgs {
    /// Where memorization is looked for: all, or some of local (the text right before a token, which always is), mid (earlier parts of the
    /// output) and long (the question), with commas between; local alone needs no further work of the model
    #[arg(long, default_value = "all", value_name = "WHICH")]
    pub sources: Which,
    /// Which tokens get mid-range and long-range scores: chain (all of a completion), flagged, or step:N (from 1); chain if not given, flagged with an
    /// index behind a network
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<Scope>,
    /// How salient words are found: leave_one_out, contrastive, lerg_s (the authors' way, some ten times the cost), or staged (leave_one_out with far fewer
    /// passes, the most surprising tokens first; usual with --budget and for models of more than 50 million parameters)
    #[arg(long, value_name = "HOW")]
    pub saliency: Option<Method>,
    /// How much may be spent on mid-range and long-range memorization of a completion: seconds (20s) or tokens that the model reads (5000tok). The most
    /// surprising tokens come first; the others are marked as pending, and `attribute` goes on with them
    #[arg(long, value_name = "MUCH")]
    pub budget: Option<Budget>,
    /// Random subsets for each context token (lerg_s only); 500 / tokens, at least 5, if not given
    #[arg(long, value_name = "N")]
    pub samples: Option<usize>,
    /// When two words occur together: document, or window:N (at most N words apart); document if not given, window:1000 with an index behind a
    /// network
    #[arg(long, value_name = "HOW")]
    pub cooccur: Option<Cooccur>,
    /// What a candidate is counted as: words (the word that its text is), tokens (its token, as in the published code), or completed (the word that the
    /// model makes of it, for vocabularies with pieces of words)
    #[arg(long, default_value = "words", value_name = "FORM")]
    pub forms: Forms,
    /// Say of each step whether a document of the index has its numbers and names, its template, both or neither (see `rotescope audit regions`)
    #[arg(long)]
    pub regions: bool,
}

/// The sources that are asked for beside the local one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which(Vec<Source>);

impl Which {
    fn all() -> Which {
        Which(Source::non_local().collect())
    }
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Which, String> {
        if text == "all" {
            return Ok(Which::all());
        }
        let mut which = Vec::new();
        for name in text.split(',') {
            let known = Source::named(name).ok_or_else(|| {
                let names = Source::ALL.map(Source::name).join(", ");
                format!("{name:?} is no source: give all, or some of {names} with commas between")
            })?;
            which.push(known);
        }
        // In their own order, so that a run resumes however they were named.
        let named = |s: &Source| which.contains(s);
        Ok(Which(Source::non_local().filter(named).collect()))
    }
}

impl Default for SourceArgs {
    fn default() -> Self {
        let d = NonLocalSettings::default();
        SourceArgs {
            sources: Which::all(),
            scope: None,
            saliency: None,
            budget: None,
            samples: None,
            cooccur: None,
            forms: d.forms,
            regions: false,
        }
    }
}

impl SourceArgs {
    /// How steps are held against documents, where that is asked for.
    ///
    /// # Errors
    /// A corpus that is behind a network, or whose tokenizer is not known.
    pub fn step_regions(
        &self,
        parts: &ModelArgs,
        corpus: Option<&dyn Corpus>,
    ) -> Result<Option<StepRegions>> {
        if !self.regions {
            return Ok(None);
        }
        let Some(corpus) = corpus else {
            bail!("--regions holds steps against documents: give an index with --index DIR");
        };
        if corpus.info().is_remote {
            bail!(
                "--regions reads some fifty documents for each step: give an index on this machine"
            );
        }
        Ok(Some(StepRegions {
            encoder: encoder_for(parts, corpus)?,
            options: RegionOptions::default(),
        }))
    }

    /// The settings for a corpus; `None` when only local memorization is asked for. `seed`: of random subsets. `parameters`: of the model that reads.
    pub fn settings(
        &self,
        seed: u64,
        parameters: u64,
        corpus: &dyn Corpus,
    ) -> Option<NonLocalSettings> {
        let sources = self.sources.0.clone();
        if sources.is_empty() {
            return None;
        }
        let usual = NonLocalSettings::default();
        // Each count is a question over the network: a few of them for each candidate and each salient word.
        let info = corpus.info();
        let (scope, cooccur) = match (info.is_remote, info.cooccurrence.counted) {
            (true, Counted::Occurrences) => (Scope::Flagged, Cooccur::Window(1000)),
            (true, Counted::Documents) => (Scope::Flagged, Cooccur::Document),
            (false, _) => (usual.scope, usual.cooccur),
        };
        Some(NonLocalSettings {
            sources,
            scope: self.scope.unwrap_or(scope),
            saliency: self.saliency.unwrap_or(match self.budget {
                Some(_) => Method::Staged,
                None => Method::usual(parameters),
            }),
            budget: self.budget,
            samples: self.samples,
            seed,
            cooccur: self.cooccur.unwrap_or(cooccur),
            forms: self.forms,
            ..usual
        })
    }
}

/// What completions of several lengths after a question of so many tokens roughly cost, in a sentence; reads some tokens to know the speed of the model
/// at hand.
pub fn expected_cost(
    engine: &Engine,
    settings: &NonLocalSettings,
    question: usize,
) -> Result<String> {
    let speed = speed(engine)?;
    let costs: Vec<String> = [60, 120, 240]
        .into_iter()
        .map(|output| {
            let read: usize =
                rotescope_stim::settings::expected_evaluated(settings, question, output)
                    .iter()
                    .sum();
            format!("{} for {output}", in_time(read as f64 / speed))
        })
        .collect();
    Ok(format!(
        "mid-range and long-range memorization of a whole completion after a question of {question} tokens: roughly {} tokens ({speed:.0} read a second); less with --scope step:N or --sources local",
        costs.join(", ")
    ))
}

pub(super) fn in_time(seconds: f64) -> String {
    match seconds {
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < 100.0 => format!("{s:.0} s"),
        s => format!("{:.0} min", s / 60.0),
    }
}

/// How many tokens the model reads in a second, in batches as saliency makes them. Small models are asked for more than large ones.
fn speed(engine: &Engine) -> Result<f64> {
    const LENGTH: usize = 32;
    let length = LENGTH.min(engine.info().context);
    let vocabulary = engine.info().vocabulary.max(1) as u32;
    // Sequences that begin differently, or their first tokens would be read once.
    let window = |first: u32| Window {
        tokens: std::iter::once(first % vocabulary)
            .chain(std::iter::repeat_n(
                rotescope_stim::mask::neutral_mask(engine),
                length - 1,
            ))
            .collect(),
        positions: (0..length).collect(),
        want: Want::default(),
    };
    let read = |windows: u32| -> Result<(u64, f64)> {
        let windows = (0..windows).map(window).collect();
        let began = Instant::now();
        let scored = engine.score(windows, &CancelToken::new())?;
        Ok((
            scored.evaluated.max(1),
            began.elapsed().as_secs_f64().max(1e-6),
        ))
    };
    // The first makes the context.
    read(1)?;
    let mut windows = 1;
    loop {
        let (tokens, seconds) = read(windows)?;
        if seconds > 0.05 || windows >= 64 {
            return Ok(tokens as f64 / seconds);
        }
        windows *= 4;
    }
}

/// What is worked on within a completion, how much of it is done, and of how much.
pub fn stage(p: &rotescope_stim::Progress) -> (&'static str, usize, usize) {
    match *p {
        rotescope_stim::Progress::Passes { part, done, total } => {
            let what = match part {
                AttributionPart::Windows => "windows",
                AttributionPart::Long => "words of the question",
                AttributionPart::Mid => "words of the output",
                AttributionPart::Candidates => "candidates",
            };
            (what, done, total)
        }
        rotescope_stim::Progress::Token { done, total, .. } => ("tokens scored", done, total),
    }
}
