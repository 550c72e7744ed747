//! What an attack asks.

use serde_json::{Map, Value, json};

use rotescope_model::Sampling;
use rotescope_privacy::attack::Templates;

/// What is asked about each value.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Tokens before a value that are given, each of them a question; none where only names are.
    pub contexts: Vec<usize>,
    /// Questions that hold nothing but a name; `None`: none are asked.
    pub templates: Option<Templates>,
    /// Whether each question is asked with another name too.
    pub controls: bool,
    /// Different values of each kind and each power of two of copies, at most; drawn by the seed.
    pub values: usize,
    /// Tokens of an answer, at most.
    pub tokens: usize,
    /// Beginnings that are kept by beam search; 0: there is none.
    pub beam: usize,
    /// Answers that are drawn to each question, and how.
    pub samples: usize,
    pub sampling: Sampling,
    pub seed: u64,
    /// Whether values are shown in records.
    pub reveal: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            contexts: vec![50, 100, 200],
            templates: Some(Templates::default()),
            controls: true,
            values: 100,
            tokens: 100,
            beam: 0,
            samples: 4,
            sampling: Sampling {
                temperature: 1.0,
                top_k: 40,
                ..Sampling::default()
            },
            seed: 0,
            reveal: false,
        }
    }
}

impl Settings {
    /// Those that change a record, by the names of their options.
    pub fn named(&self) -> Map<String, Value> {
        let all = json!({
            "prefix": self.contexts,
            "templates": self.templates.as_ref().map(Templates::shown),
            "controls": self.controls,
            "values": self.values,
            "max-tokens": self.tokens,
            "samples": self.samples,
            "temperature": self.sampling.temperature,
            "top-k": self.sampling.top_k,
            "top-p": self.sampling.top_p,
            "min-p": self.sampling.min_p,
            "seed": self.seed,
            "reveal": self.reveal,
        });
        let mut all = match all {
            Value::Object(all) => all,
            _ => Map::new(),
        };
        // Files of before there was any go on.
        if self.beam > 0 {
            all.insert("beam".into(), self.beam.into());
        }
        all
    }

    /// Tokens before a value, at most.
    pub fn longest(&self) -> usize {
        self.contexts.iter().copied().max().unwrap_or(0)
    }
}
