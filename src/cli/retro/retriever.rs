//! Which retriever: options that `measure` and `answer` share.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::run::retro::store::{header, read};
use crate::run::retro::tokens::{infinigram, spelled};
use rotescope_corpus::Corpus;
use rotescope_model::Engine;
use rotescope_retro::{
    MOST, NeighbourOptions, Neighbours, PassageOptions, Passages, Retriever, Spell,
};
use rotescope_trace::{IndexRef, ModelRef};

#[derive(Debug, Clone, Copy, PartialEq, clap::ValueEnum)]
enum Kind {
    /// What stands behind the longest suffix of the context (infini-gram)
    Suffix,
    /// The same within the documents alone that fit its last words best
    Bm25,
    /// What stands where the model's hidden states are nearest (kNN-LM)
    Knn,
}

#[derive(Debug, clap::Args)]
pub struct RetrieverArgs {
    /// What the corpus says
    #[arg(long, value_enum, default_value = "suffix", value_name = "HOW")]
    retriever: Kind,
    /// bm25: documents that are taken
    #[arg(long, default_value_t = PassageOptions::default().passages, value_name = "N")]
    passages: usize,
    /// bm25: last tokens of the context whose words are looked for
    #[arg(long, default_value_t = PassageOptions::default().query, value_name = "N")]
    query: usize,
    /// bm25: tokens from question to question
    #[arg(long, default_value_t = PassageOptions::default().every, value_name = "N")]
    ask_every: usize,
    /// knn: the hidden states of the corpus, as `retro store` writes them
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// knn: nearest neighbours that count, 100 at most
    #[arg(long, default_value_t = NeighbourOptions::default().neighbours, value_name = "K")]
    neighbours: usize,
    /// knn: the higher, the more the farther neighbours count; 1 is the mean squared distance from a state of the store to the nearest other one
    #[arg(long, default_value_t = NeighbourOptions::default().temperature, value_name = "T")]
    knn_temperature: f64,
}

impl RetrieverArgs {
    /// What is read.
    pub fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.store.iter()
    }

    fn store(&self) -> Result<&PathBuf> {
        let missing = "--retriever knn needs --store FILE, which `rotescope retro store` makes";
        self.store.as_ref().context(missing)
    }

    fn passages(&self) -> PassageOptions {
        PassageOptions {
            query: self.query,
            passages: self.passages,
            every: self.ask_every,
        }
    }

    /// What of it changes a record.
    ///
    /// # Errors
    /// Options that cannot be; a store that is none.
    pub fn named(&self) -> Result<Map<String, Value>> {
        if self.passages == 0 || self.query == 0 || self.ask_every == 0 {
            bail!("--passages, --query and --ask-every are whole numbers from 1 on");
        }
        if !(1..=MOST).contains(&self.neighbours) {
            bail!("--neighbours is a whole number from 1 to {MOST}");
        }
        if !(self.knn_temperature > 0.0 && self.knn_temperature.is_finite()) {
            bail!("--knn-temperature is a number above 0");
        }
        let all = match self.retriever {
            Kind::Suffix => json!({ "retriever": "infinigram" }),
            Kind::Bm25 => json!({
                "retriever": "bm25",
                "passages": self.passages,
                "query": self.query,
                "ask-every": self.ask_every,
            }),
            Kind::Knn => json!({
                "retriever": "knn",
                "store": header(self.store()?)?.sha256,
                "neighbours": self.neighbours,
                "knn-temperature": self.knn_temperature,
            }),
        };
        Ok(match all {
            Value::Object(all) => all,
            _ => Map::new(),
        })
    }

    /// # Errors
    /// A store that is damaged, or of another model or corpus.
    pub fn open(
        &self,
        corpus: &Arc<dyn Corpus>,
        engine: &Engine,
        model: &ModelRef,
        index: &IndexRef,
    ) -> Result<Arc<dyn Retriever>> {
        let end = engine.info().eos;
        Ok(match self.retriever {
            Kind::Suffix => Arc::new(infinigram(corpus, engine)),
            Kind::Bm25 => {
                let engine = engine.clone();
                let spell: Spell = Box::new(move |ids| spelled(&engine, ids));
                Arc::new(Passages::new(corpus.clone(), end, spell, self.passages()))
            }
            Kind::Knn => {
                let options = NeighbourOptions {
                    neighbours: self.neighbours,
                    temperature: self.knn_temperature,
                };
                let store = read(self.store()?, model, index)?;
                Arc::new(Neighbours::new(store, end, options))
            }
        })
    }
}
