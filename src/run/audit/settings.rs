//! What an audit of extraction asks.

use serde_json::{Map, Value, json};

use rotescope_audit::{NearOptions, Split, membership};
use rotescope_model::Sampling;

/// Which windows unrelated prefixes are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum GuardMode {
    /// Those that would be called memorized, as far as it takes to tell
    Claims,
    /// All windows, every token
    All,
    /// None
    Off,
}

/// What is asked of each window.
#[derive(Debug, Clone)]
pub struct Settings {
    pub splits: Vec<Split>,
    /// The scheme by which continuations are drawn.
    pub sampling: Sampling,
    /// Numbers of draws, ascending.
    pub draws: Vec<u64>,
    /// The probability with which a text comes at least once in so many draws.
    pub p: f64,
    pub guard: GuardMode,
    /// Unrelated prefixes.
    pub unrelated: usize,
    /// Last tokens of the own prefix that stand behind each unrelated one.
    pub bridge: usize,
    /// Nats for each token that the own prefix must add; below, the text is common.
    pub least: f64,
    /// A continuation that stands so often behind other prefixes, and so many times as often as behind its own, is a formula; 0: none is.
    pub elsewhere: u64,
    /// More copies than that are many.
    pub often: u64,
    /// How near-duplicates are looked for, if they are.
    pub near: Option<NearOptions>,
    /// The share of tokens for Min-K%.
    pub lowest: f64,
    /// Whether greedy continuations are written out behind the first other token.
    pub free_running: bool,
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            splits: vec![Split {
                prefix: 32,
                continuation: 32,
            }],
            sampling: Sampling {
                temperature: 1.0,
                top_k: 40,
                ..Sampling::default()
            },
            draws: vec![1, 10, 100, 1000],
            p: 0.5,
            guard: GuardMode::Claims,
            unrelated: 32,
            bridge: 1,
            least: 0.5,
            elsewhere: 10,
            often: 5,
            near: Some(NearOptions::default()),
            lowest: membership::LOWEST,
            free_running: false,
            seed: 0,
        }
    }
}

impl Settings {
    /// Those that change a record, by the names of their options; which windows are meant is said elsewhere.
    pub fn named(&self) -> Map<String, Value> {
        let near = self.near.map(|n| n.similarity);
        let all = json!({
            "temperature": self.sampling.temperature,
            "top-k": self.sampling.top_k,
            "top-p": self.sampling.top_p,
            "min-p": self.sampling.min_p,
            "draws": self.draws,
            "p": self.p,
            "guard": format!("{:?}", self.guard).to_lowercase(),
            "unrelated": self.unrelated,
            "bridge": self.bridge,
            "least": self.least,
            "elsewhere": self.elsewhere,
            "often": self.often,
            "near": near,
            "min-k": self.lowest,
            "free-running": self.free_running,
        });
        match all {
            Value::Object(all) => all,
            _ => Map::new(),
        }
    }

    /// The largest number of draws.
    pub fn most_draws(&self) -> u64 {
        self.draws.iter().copied().max().unwrap_or(1)
    }
}
