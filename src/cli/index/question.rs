//! What is looked for in which indexes: the options, and how they are opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::cli::common::say_unchecked;
use crate::cli::remote::{self, RemoteArgs};
use crate::run::encoder::encoder;
use crate::shipped;
use rotescope_corpus::{About, Corpus, CorpusError, CorpusInfo, Several};
use rotescope_remote::Kind;
use rotescope_vocab::Encode;

#[derive(Debug, Args)]
pub(super) struct Vocabulary {
    /// GGUF model whose tokenizer is used.
    #[arg(short, long, value_name = "GGUF", env = "ROTESCOPE_MODEL")]
    model: Option<PathBuf>,
    /// tokenizer.json to use instead of the model's own tokenizer.
    #[arg(long, value_name = "JSON")]
    tokenizer: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Question {
    /// Index folder, infinigram:URL#INDEX, opensearch:URL/INDEX, or a name of the settings. May be left out where there is --index.
    #[arg(value_name = "INDEX")]
    place: Option<PathBuf>,
    /// Text to look for; white space counts.
    #[arg(conflicts_with = "ids")]
    text: Option<String>,
    /// An index to ask too; may be given several times. Counts are summed.
    #[arg(short = 'i', long = "index", value_name = "INDEX")]
    also: Vec<PathBuf>,
    /// Token ids to look for instead of a text, such as 5,17,5.
    #[arg(long, value_delimiter = ',', value_name = "IDS")]
    ids: Option<Vec<u32>>,
    #[command(flatten)]
    vocabulary: Vocabulary,
    #[command(flatten)]
    remote: RemoteArgs,
    #[arg(long)]
    pub(super) json: bool,
}

impl Vocabulary {
    /// The files that are read.
    pub(super) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.model.iter().chain(&self.tokenizer)
    }
}

/// An opened corpus and what is looked for.
pub(super) struct Asked {
    pub corpus: Arc<dyn Corpus>,
    /// The same, where it is several.
    pub several: Option<Arc<Several>>,
    pub ids: Vec<u32>,
    pub encoder: Option<Arc<dyn Encode>>,
}

/// A corpus, and the tokenizer of the ids that it is asked about, where one is known.
type Opened = (Arc<dyn Corpus>, Option<Arc<dyn Encode>>);
type OpenedSeveral = (Arc<Several>, Option<Arc<dyn Encode>>);

impl Question {
    /// What is looked for: the only word behind the options, where indexes stand among these.
    pub(super) fn text(&self) -> Option<&str> {
        if let (Some(only), None, None, false) =
            (&self.place, &self.text, &self.ids, self.also.is_empty())
        {
            return only.to_str();
        }
        self.text.as_deref()
    }

    fn places(&self) -> Result<Vec<PathBuf>> {
        let is_text = self.text.is_none() && self.text().is_some();
        let first = self.place.iter().filter(|_| !is_text);
        let all: Vec<PathBuf> = first.chain(&self.also).cloned().collect();
        if all.is_empty() {
            bail!("no index: name one before the text, or give it with --index");
        }
        if self.text().is_none() && self.ids.is_none() {
            bail!("nothing to look for: give a text behind the index, or token ids with --ids");
        }
        Ok(all)
    }

    /// The tokenizer that `--index-tokenizer model` stands for.
    fn model(&self, places: &[PathBuf]) -> Result<Option<Arc<dyn Encode>>> {
        if !places.iter().any(|p| remote::is_models(p, &self.remote)) {
            return Ok(None);
        }
        if let Some((encoder, _)) = self.vocabulary.load()? {
            return Ok(Some(encoder.into()));
        }
        let model = shipped::bundle().and_then(|b| b.model())?;
        Ok(Some(encoder(Some(&model), None)?.into()))
    }

    pub(super) fn open(&self) -> Result<Asked> {
        let places = self.places()?;
        let model = self.model(&places)?;
        let ((corpus, encoder), several) = match places.as_slice() {
            [place] => (self.open_one(place, model)?, None),
            several => {
                let (several, encoder) = self.open_several(several, model)?;
                ((several.clone() as Arc<dyn Corpus>, encoder), Some(several))
            }
        };
        places
            .iter()
            .for_each(|p| say_unchecked(&remote::folder(p)));
        let info = corpus.info();
        if encoder.is_none() && self.text().is_some() {
            if remote::kind(&places[0])? == Some(Kind::InfiniGram) {
                bail!(
                    "a tokenizer is needed to look for a text: give the index' own with --index-tokenizer, or token ids with --ids"
                );
            }
            bail!(
                "a tokenizer is needed to look for a text: give --model or --tokenizer (the index was made with {}), or token ids with --ids",
                info.tokenizer_name
            );
        }
        let ids = match (self.text(), &self.ids, &encoder) {
            (Some(text), _, Some(encoder)) => encoder
                .encode_batch(&[text])?
                .pop()
                .context("the tokenizer gave no answer")?,
            (_, ids, _) => ids.clone().unwrap_or_default(),
        };
        Ok(Asked {
            corpus,
            several,
            ids,
            encoder,
        })
    }

    fn open_one(&self, place: &Path, model: Option<Arc<dyn Encode>>) -> Result<Opened> {
        let given = self.vocabulary.load()?;
        let corpus = match remote::open_own(place, &self.remote, model)? {
            Some(opened) if remote::kind(place)? == Some(Kind::InfiniGram) => return Ok(opened),
            Some((corpus, _)) => corpus,
            None => rotescope_corpus::open(remote::folder(place))?,
        };
        let info = corpus.info();
        let encoder = match given {
            Some((encoder, description)) => {
                info.expect_tokenizer(encoder.fingerprint(), &description)?;
                Some(encoder)
            }
            None => own_tokenizer(&info),
        };
        Ok((corpus, encoder.map(Into::into)))
    }

    /// All are asked by the ids of one tokenizer: the one given, or else that of the first folder, or of the first index.
    fn open_several(
        &self,
        places: &[PathBuf],
        model: Option<Arc<dyn Encode>>,
    ) -> Result<OpenedSeveral> {
        let mut by_rank: Vec<&PathBuf> = places.iter().collect();
        by_rank.sort_by_key(|p| remote::kind(p).is_ok_and(|k| k == Some(Kind::InfiniGram)));
        let encoder = match self.vocabulary.load()? {
            Some((encoder, _)) => Some(encoder.into()),
            None => self.open_one(by_rank[0], model.clone())?.1,
        };
        let Some(encoder) = encoder else {
            let own = places
                .iter()
                .map(|p| Ok(self.open_one(p, model.clone())?.0));
            return Ok((Arc::new(Several::new(own.collect::<Result<_>>()?)?), None));
        };
        let asks = || Ok(encoder.clone());
        let open = |place: &PathBuf| remote::open_named(place, &self.remote, &asks);
        let several = Several::new(places.iter().map(open).collect::<Result<_>>()?)?;
        let info = several.info();
        info.expect_tokenizer(encoder.fingerprint(), "the tokenizer of the first index")?;
        Ok((Arc::new(several), Some(encoder)))
    }
}

impl Asked {
    /// What each of several indexes answers, with its place; nothing of one alone.
    pub(super) fn of_parts<T>(
        &self,
        ask: impl Fn(&dyn Corpus) -> Result<T, CorpusError>,
    ) -> Result<Vec<(String, T)>, CorpusError> {
        let parts = self.several.iter().flat_map(|s| s.parts());
        let one = |part: &Arc<dyn Corpus>| Ok((part.info().place, ask(part.as_ref())?));
        parts.map(one).collect()
    }

    /// The text of some tokens, or their ids where there is no tokenizer.
    pub(super) fn text_of(&self, ids: &[u32]) -> String {
        match &self.encoder {
            Some(encoder) => {
                let bytes: Vec<u8> = ids.iter().flat_map(|&id| encoder.token_bytes(id)).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
            None => {
                let ids: Vec<_> = ids.iter().map(u32::to_string).collect();
                ids.join(" ")
            }
        }
    }
}

/// The tokenizer that made the ids of a corpus, if it is still where it was, or is the bundled model's.
pub(in crate::cli) fn own_tokenizer(info: &CorpusInfo) -> Option<Box<dyn Encode>> {
    let was = PathBuf::from(&info.tokenizer_name);
    let own = match was.extension().is_some_and(|e| e == "json") {
        true => encoder(None, Some(&was)),
        false => encoder(Some(&was), None),
    };
    let bundled = || {
        let model = shipped::bundle().and_then(|b| b.model()).ok()?;
        encoder(Some(&model), None).ok()
    };
    own.ok()
        .into_iter()
        .chain(bundled())
        .find(|e| e.fingerprint() == info.tokenizer)
}

/// Where a tokenizer comes from, as an index remembers it.
pub(super) fn description(path: &Path) -> String {
    path.canonicalize()
        .unwrap_or_else(|_| path.into())
        .display()
        .to_string()
}

impl Vocabulary {
    pub(super) fn load(&self) -> Result<Option<(Box<dyn Encode>, String)>> {
        let (model, tokenizer) = (self.model.as_deref(), self.tokenizer.as_deref());
        let Some(path) = tokenizer.or(model) else {
            return Ok(None);
        };
        Ok(Some((encoder(model, tokenizer)?, description(path))))
    }

    pub(super) fn required(&self, why: &str) -> Result<(Box<dyn Encode>, String)> {
        self.load()?
            .with_context(|| format!("a tokenizer is needed {why}: give --model or --tokenizer"))
    }
}
