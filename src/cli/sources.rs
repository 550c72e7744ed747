//! Options of mid-range and long-range attribution, and what it is expected to cost.

use std::time::Instant;

use anyhow::Result;
use clap::ValueEnum;

use crate::corpus::Cooccur;
use crate::model::{CancelToken, Engine, Want, Window};
use crate::stim::{self, DistantSettings, Method, Part, Scope};
use crate::trace::Source;

/// Which sources are scored, and how those beyond the local one are.
#[derive(Debug, Clone, clap::Args)]
pub struct Sources {
    /// Where memorization is looked for, beside the text right before a token (local), which always is
    #[arg(long, value_enum, default_value = "all", value_name = "WHICH")]
    pub sources: Which,
    /// Which tokens get mid-range and long-range scores: chain, flagged, or step:N (from 1)
    #[arg(long, default_value = "chain", value_name = "SCOPE")]
    pub scope: Scope,
    /// How salient words are found: leave_one_out, contrastive, or lerg_s (the authors' way, some ten times the cost)
    #[arg(long, default_value = "leave_one_out", value_name = "HOW")]
    pub saliency: Method,
    /// Random subsets for each context token (lerg_s only); 500 / tokens, at least 5, if not given
    #[arg(long, value_name = "N")]
    pub samples: Option<usize>,
    /// When two words occur together: document, or window:N (at most N words apart)
    #[arg(long, default_value = "document", value_name = "HOW")]
    pub cooccur: Cooccur,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Which {
    /// Only the text right before the token; needs no further work of the model
    Local,
    /// And earlier parts of the output
    Mid,
    /// And the question
    Long,
    /// And both
    All,
}

impl Default for Sources {
    fn default() -> Self {
        let d = DistantSettings::default();
        Sources {
            sources: Which::All,
            scope: d.scope,
            saliency: d.saliency,
            samples: None,
            cooccur: d.cooccur,
        }
    }
}

impl Sources {
    /// The settings; `None` when only local memorization is asked for. `seed`: of random subsets.
    pub fn settings(&self, seed: u64) -> Option<DistantSettings> {
        let sources = match self.sources {
            Which::Local => return None,
            Which::Mid => vec![Source::Mid],
            Which::Long => vec![Source::Long],
            Which::All => vec![Source::Mid, Source::Long],
        };
        Some(DistantSettings {
            sources,
            scope: self.scope,
            saliency: self.saliency,
            samples: self.samples,
            seed,
            cooccur: self.cooccur,
            ..DistantSettings::default()
        })
    }
}

/// What a chain of 120 tokens after a question of 50 is expected to cost, in a sentence; reads some tokens to know the model's speed.
pub fn expected_cost(engine: &Engine, settings: &DistantSettings) -> Result<String> {
    const READ: usize = 32;
    const OUTPUT: usize = 120;
    const QUESTION: usize = 50;
    let read = || Window {
        tokens: vec![stim::saliency::neutral_mask(engine); READ.min(engine.info().context)],
        positions: 0..1,
        want: Want::default(),
    };
    let ask = |mut w: Window| {
        w.positions = w.tokens.len() - 1..w.tokens.len();
        engine.score(vec![w], &CancelToken::new())
    };
    ask(read())?; // makes the context
    let began = Instant::now();
    let evaluated = ask(read())?.evaluated.max(1);
    let speed = evaluated as f64 / began.elapsed().as_secs_f64().max(1e-6);
    let tokens = stim::settings::expected_evaluated(settings, QUESTION, OUTPUT);
    let seconds = tokens as f64 / speed;
    let time = if seconds < 100.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    };
    Ok(format!(
        "mid-range and long-range memorization: about {time} for a chain of {OUTPUT} tokens ({tokens} tokens to read, {speed:.0} a second); less with --scope step:N or --sources local"
    ))
}

/// Progress within a chain, in a few words.
pub fn progress(p: &stim::Progress) -> String {
    match p {
        stim::Progress::Passes { part, done, total } => {
            let what = match part {
                Part::Windows => "windows",
                Part::Long => "words of the question",
                Part::Mid => "words of the output",
            };
            format!("{what} {done}/{total}")
        }
        stim::Progress::Token { done, total, .. } => format!("token {done}/{total}"),
    }
}
