//! Which texts, and which kinds of values in them: options that commands on personal data share.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

use crate::cli::common::ModelArgs;
use crate::cli::patterns::matching;
use crate::run::pii::documents::Texts;
use crate::say;
use rotescope_corpus::Corpus;
use rotescope_corpus::read::{Format, InputFile, list, names};
use rotescope_privacy::{Country, Detectors, Kind};

#[derive(Debug, clap::Args)]
pub struct SourceArgs {
    /// Texts (a file is one document), corpora as JSON lines, folders of them, perhaps compressed (.gz, .zst); without any, the documents of the index
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub parts: ModelArgs,
    /// Read every file as text, whatever its name
    #[arg(long)]
    text: bool,
    /// Kinds of values that are looked for [default: all]
    #[arg(long, value_name = "KIND,...", value_delimiter = ',', value_parser = kind)]
    kinds: Vec<Kind>,
    /// Countries whose national numbers are looked for [default: all of us, gb, es, it, nl, pl, br, ca, se, fr, de]
    #[arg(long, value_name = "CC,...", value_delimiter = ',', value_parser = country)]
    countries: Vec<Country>,
}

pub fn kind(text: &str) -> Result<Kind, String> {
    let names = || Kind::ALL.map(Kind::name).join(", ");
    Kind::of_name(text).ok_or_else(|| format!("no kind; there are {}", names()))
}

fn country(text: &str) -> Result<Country, String> {
    let names = || Country::ALL.map(|(name, _)| name).join(", ");
    Country::of_name(text).ok_or_else(|| format!("no country that is known; there are {}", names()))
}

/// What is read.
pub struct Source {
    inputs: Vec<InputFile>,
    /// Where no file is given.
    pub corpus: Option<Arc<dyn Corpus>>,
    pub detectors: Detectors,
}

impl Source {
    pub fn texts(&self) -> Texts<'_> {
        match &self.corpus {
            Some(corpus) => Texts::Index(corpus.as_ref()),
            None => Texts::Files(&self.inputs),
        }
    }
}

impl SourceArgs {
    /// # Errors
    /// Files that cannot be found, no text at all.
    pub fn open(&mut self, quiet: bool) -> Result<Source> {
        self.files = matching(&self.files)?;
        let format = match self.text {
            true => Format::Text,
            false => Format::Auto,
        };
        let inputs = list(&self.files, format)?;
        for path in inputs.skipped.iter().filter(|_| !quiet) {
            let path = path.display();
            say!("{path}: left out, for its name is that of no corpus; --text reads it as text");
        }
        let corpus = match self.files.is_empty() {
            true => self.parts.open_index()?,
            false => None,
        };
        if corpus.is_none() && inputs.files.is_empty() {
            bail!("which corpus? Give files, or an index with --index DIR");
        }
        Ok(Source {
            inputs: inputs.files,
            corpus,
            detectors: self.detectors(),
        })
    }

    pub fn detectors(&self) -> Detectors {
        Detectors::new(&self.kinds(), &self.countries())
    }

    /// Kinds that are looked for.
    pub fn kinds(&self) -> Vec<Kind> {
        match self.kinds.is_empty() {
            true => Kind::ALL.to_vec(),
            false => self.kinds.clone(),
        }
    }

    fn countries(&self) -> Vec<Country> {
        match self.countries.is_empty() {
            true => Country::ALL.iter().map(|(_, c)| *c).collect(),
            false => self.countries.clone(),
        }
    }

    /// What changes a record, by the names of the options.
    pub fn named(&self) -> Map<String, Value> {
        let countries = self.countries();
        let named = Country::ALL.iter().filter(|(_, c)| countries.contains(c));
        let all = json!({
            "files": names(&self.files),
            "text": self.text,
            "kinds": self.kinds().iter().map(|k| k.name()).collect::<Vec<_>>(),
            "countries": named.map(|(name, _)| *name).collect::<Vec<_>>(),
        });
        match all {
            Value::Object(all) => all,
            _ => Map::new(),
        }
    }
}
