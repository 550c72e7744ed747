//! An index behind a network: its options, its aliases in the settings, and how it is opened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::{keys, queries};
use crate::folders;
use crate::run::encoder::encoder;
use rotescope_corpus::{Corpus, Several};
use rotescope_remote::{
    Address, CACHE_LIMIT, Cache, Kind, Limits, OlmoTrace, OpenSearch, Options, Tokenizer, open,
};
use rotescope_vocab::{Encode, Gguf, VocabError};

/// The value of `--index-tokenizer` for an index of the model's own ids.
const MODEL: &str = "model";

/// How an index behind a network is asked.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct RemoteArgs {
    /// Tokenizer of an index behind a network (GGUF or tokenizer.json); `model` where the index was made with the model's own token ids
    #[arg(long, value_name = "FILE", env = "ROTESCOPE_INDEX_TOKENIZER")]
    pub index_tokenizer: Option<PathBuf>,
    /// Ask an index behind a network at most so many questions
    #[arg(long, value_name = "N")]
    pub max_queries: Option<u64>,
    /// Answer from what is kept of earlier answers, without a network; what is missing is named
    #[arg(long)]
    pub offline: bool,
    /// Ask an index on another machine without encryption
    #[arg(long)]
    pub insecure: bool,
}

/// An alias in the settings: `[indexes.NAME]`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IndexSettings {
    /// What `--index` would be given: a folder, `infinigram:URL#INDEX` or `opensearch:URL/INDEX`.
    pub index: PathBuf,
    pub tokenizer: Option<PathBuf>,
    /// The token that stands for the end of a document.
    pub end: Option<u32>,
    /// Questions at a time.
    pub at_a_time: Option<usize>,
    /// Questions a second.
    pub per_second: Option<f64>,
    /// Seconds that a question may take.
    pub timeout: Option<f64>,
    #[serde(default)]
    pub insecure: bool,
}

/// Those of the configuration file; options of the command line hold only the name.
static ALIASES: OnceLock<BTreeMap<String, IndexSettings>> = OnceLock::new();

/// Makes the aliases of the settings known.
pub fn set_aliases(aliases: &BTreeMap<String, IndexSettings>) {
    let _ = ALIASES.set(aliases.clone());
}

fn alias(name: &Path) -> Option<IndexSettings> {
    let known = ALIASES.get()?.get(name.to_str()?)?;
    (!name.exists()).then(|| known.clone())
}

/// Opens the indexes of some names, several as one whose counts are sums.
pub fn open_all(
    names: &[PathBuf],
    args: &RemoteArgs,
    model: &dyn Fn() -> Result<Arc<dyn Encode>>,
) -> Result<Arc<dyn Corpus>> {
    let open = |name: &PathBuf| open_named(name, args, model);
    let mut all: Vec<Arc<dyn Corpus>> = names.iter().map(open).collect::<Result<_>>()?;
    Ok(match all.len() {
        1 => all.remove(0),
        _ => Arc::new(Several::new(all)?),
    })
}

/// Where an index is to be loaded to, and how it is asked; for a name of the settings as they say.
pub fn target(name: &str, args: &RemoteArgs) -> Result<(Address, Options)> {
    let named = Named::new(Path::new(name));
    let Some(address) = named.address()?.filter(|a| a.kind == Kind::OpenSearch) else {
        bail!("{name}: an index is loaded to opensearch:URL/INDEX");
    };
    let options = named.options(&address, args)?;
    Ok((address, options))
}

/// Several names as one, for people.
pub fn joined(names: &[PathBuf]) -> PathBuf {
    let names: Vec<String> = names.iter().map(|n| n.display().to_string()).collect();
    names.join(" + ").into()
}

/// Opens the index of a name: an alias, a folder, `infinigram:URL#INDEX` or `opensearch:URL/INDEX`. `model`: gives the tokenizer whose ids it will be asked about.
pub fn open_named(
    name: &Path,
    args: &RemoteArgs,
    model: &dyn Fn() -> Result<Arc<dyn Encode>>,
) -> Result<Arc<dyn Corpus>> {
    let named = Named::new(name);
    let Some(address) = named.address()? else {
        return Ok(rotescope_corpus::open(&named.index)?);
    };
    match address.kind {
        Kind::OpenSearch => return named.open_search(address, args),
        Kind::OlmoTrace => return Err(spans_only(name)),
        Kind::InfiniGram => {}
    }
    let model = model()?;
    let Some(tokenizer) = named.tokenizer(&address, args, Some(&model))? else {
        bail!(
            "{}: which tokenizer made it? Give it with --index-tokenizer FILE (a GGUF file or tokenizer.json; Llama 2's for indexes whose names end in _llama), or --index-tokenizer model where the index holds the model's own token ids",
            named.index.display()
        );
    };
    named.open(address, args, tokenizer, Some(model))
}

/// A corpus, and the tokenizer of its ids where that is given.
pub type Own = (Arc<dyn Corpus>, Option<Arc<dyn Encode>>);

/// An index behind a network, to be asked by the ids of its own tokenizer, and that tokenizer, if it is given. `model`: the one that `model`
/// stands for. `None`: the name is that of a folder.
pub fn open_own(
    name: &Path,
    args: &RemoteArgs,
    model: Option<Arc<dyn Encode>>,
) -> Result<Option<Own>> {
    let named = Named::new(name);
    let Some(address) = named.address()? else {
        return Ok(None);
    };
    match address.kind {
        Kind::OpenSearch => return Ok(Some((named.open_search(address, args)?, None))),
        Kind::OlmoTrace => return Err(spans_only(name)),
        Kind::InfiniGram => {}
    }
    let given = named.tokenizer(&address, args, model.as_ref())?;
    let encode = given.as_ref().map(|t| t.encode.clone());
    let tokenizer = given.unwrap_or_else(|| Tokenizer {
        encode: Arc::new(Unknown),
        name: "unknown".into(),
        end: named.end(&address, None),
    });
    Ok(Some((named.open(address, args, tokenizer, None)?, encode)))
}

/// The service that finds verbatim spans, where the one name given is that of one.
pub fn span_service(names: &[PathBuf], args: &RemoteArgs) -> Result<Option<OlmoTrace>> {
    let mut services = Vec::new();
    for name in names {
        let named = Named::new(name);
        if let Some(address) = named.address()?.filter(|a| a.kind == Kind::OlmoTrace) {
            services.push((named, address));
        }
    }
    let Some((named, address)) = services.pop() else {
        return Ok(None);
    };
    if names.len() > 1 {
        bail!("{address}: what it finds is not summed with what other indexes hold; give it alone");
    }
    let options = named.options(&address, args)?;
    Ok(Some(OlmoTrace::open(address, options)?))
}

fn spans_only(name: &Path) -> anyhow::Error {
    anyhow::anyhow!(
        "{}: this service finds the verbatim spans of a text and counts nothing else: `rotescope audit spans` asks it",
        name.display()
    )
}

/// Whether an index is said to hold the model's own token ids.
pub fn is_models(name: &Path, args: &RemoteArgs) -> bool {
    let settings = alias(name).and_then(|s| s.tokenizer);
    let said = args.index_tokenizer.as_ref().or(settings.as_ref());
    said.is_some_and(|t| t.as_os_str() == MODEL)
}

/// What an index is behind, if it is behind a network.
pub fn kind(name: &Path) -> Result<Option<Kind>> {
    Ok(Named::new(name).address()?.map(|a| a.kind))
}

/// The folder that a name of the settings stands for; other names stand for themselves.
pub fn folder(name: &Path) -> PathBuf {
    Named::new(name).index
}

/// A name with what the settings say of it.
struct Named {
    index: PathBuf,
    settings: Option<IndexSettings>,
}

impl Named {
    fn new(name: &Path) -> Named {
        let settings = alias(name);
        Named {
            index: settings.as_ref().map_or(name, |s| &s.index).to_path_buf(),
            settings,
        }
    }

    /// Where it is, if it is behind a network.
    fn address(&self) -> Result<Option<Address>> {
        match self.index.to_str().filter(|n| Address::is_one(n)) {
            Some(name) => Ok(Some(name.parse().with_context(|| name.to_string())?)),
            None => Ok(None),
        }
    }

    fn tokenizer(
        &self,
        address: &Address,
        args: &RemoteArgs,
        model: Option<&Arc<dyn Encode>>,
    ) -> Result<Option<Tokenizer>> {
        let settings = self.settings.as_ref().and_then(|s| s.tokenizer.as_ref());
        let Some(file) = args.index_tokenizer.as_ref().or(settings) else {
            return Ok(None);
        };
        let encode = match (file.as_os_str() == MODEL, model) {
            (true, Some(model)) => model.clone(),
            (true, None) => return Ok(None),
            (false, _) => load(file)?,
        };
        Ok(Some(Tokenizer {
            end: self.end(address, Some(file)),
            name: file.display().to_string(),
            encode,
        }))
    }

    /// The token that stands for the end of a document: as the settings say, or the tokenizer's end of text.
    fn end(&self, address: &Address, tokenizer: Option<&PathBuf>) -> Option<u32> {
        let said = self.settings.as_ref().and_then(|s| s.end);
        said.or_else(|| end(address, tokenizer))
    }

    fn open(
        &self,
        address: Address,
        args: &RemoteArgs,
        tokenizer: Tokenizer,
        model: Option<Arc<dyn Encode>>,
    ) -> Result<Arc<dyn Corpus>> {
        let options = self.options(&address, args)?;
        let opened = open(address, options, tokenizer, model)?;
        queries::opened(&opened.asker);
        Ok(opened.corpus)
    }

    /// An index of token ids that says itself which tokenizer made them.
    fn open_search(&self, address: Address, args: &RemoteArgs) -> Result<Arc<dyn Corpus>> {
        let options = self.options(&address, args)?;
        let index = OpenSearch::open(address, options)?;
        queries::opened(index.asker());
        Ok(Arc::new(index))
    }

    fn options(&self, address: &Address, args: &RemoteArgs) -> Result<Options> {
        let settings = self.settings.as_ref();
        Ok(Options {
            limits: limits(address, args, settings),
            credentials: keys::credentials(address)?,
            insecure: args.insecure || settings.is_some_and(|a| a.insecure),
            cache: Arc::new(cache()),
        })
    }
}

/// Stands for a tokenizer that is not known: then only token ids are asked about.
struct Unknown;

impl Encode for Unknown {
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
        let all_empty = texts.iter().all(|t| t.is_empty());
        let none = || texts.iter().map(|_| Vec::new()).collect();
        all_empty.then(none).ok_or(VocabError::NothingGiven)
    }

    fn token_bytes(&self, _: u32) -> Vec<u8> {
        Vec::new()
    }

    fn size(&self) -> usize {
        0
    }

    fn fingerprint(&self) -> &str {
        "unknown"
    }
}

fn limits(address: &Address, args: &RemoteArgs, alias: Option<&IndexSettings>) -> Limits {
    let usual = match address.is_local() {
        true => Limits::local(),
        false => Limits::polite(),
    };
    let seconds = alias
        .and_then(|a| a.timeout)
        .filter(|s| s.is_finite() && *s > 0.0);
    Limits {
        at_a_time: alias
            .and_then(|a| a.at_a_time)
            .unwrap_or(usual.at_a_time)
            .clamp(1, 64),
        per_second: alias.and_then(|a| a.per_second).or(usual.per_second),
        timeout: seconds.map_or(usual.timeout, Duration::from_secs_f64),
        max_queries: args.max_queries,
        offline: args.offline,
        ..usual
    }
}

/// A tokenizer from a GGUF file or a `tokenizer.json`.
fn load(file: &Path) -> Result<Arc<dyn Encode>> {
    let made = match file.extension().is_some_and(|e| e == "json") {
        true => encoder(None, Some(file)),
        false => encoder(Some(file), None),
    };
    Ok(made.with_context(|| file.display().to_string())?.into())
}

/// The token that an index gives for the end of a document: the tokenizer's end of text.
fn end(address: &Address, tokenizer: Option<&PathBuf>) -> Option<u32> {
    let of_file = || {
        let gguf = Gguf::open(tokenizer?).ok()?;
        u32::try_from(gguf.uint("tokenizer.ggml.eos_token_id")?).ok()
    };
    of_file().or_else(|| address.index.ends_with("_llama").then_some(2))
}

/// Where answers are kept; in memory where the user has no folder for what can be made again.
pub fn cache() -> Cache {
    match folders::cache() {
        Some(folder) => Cache::new(folder.join("answers.redb"), CACHE_LIMIT),
        None => Cache::in_memory(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(name: &str, args: &RemoteArgs) -> String {
        let model = || load(&rotescope_testing::pocket());
        let error = open_named(Path::new(name), args, &model).err();
        format!("{:#}", error.expect("an error"))
    }

    #[test]
    fn what_is_missing_to_open_an_index_is_named() {
        let nobody = "infinigram:http://127.0.0.1:9#x";
        let said = opened(nobody, &RemoteArgs::default());
        assert!(
            said.starts_with(nobody) && said.contains("--index-tokenizer model"),
            "{said}"
        );
        let said = opened("infinigram:api.infini-gram.io#x", &RemoteArgs::default());
        assert!(said.contains("has no https://"), "{said}");
        let args = RemoteArgs {
            index_tokenizer: Some("/no/such.json".into()),
            ..RemoteArgs::default()
        };
        assert!(opened(nobody, &args).contains("/no/such.json"));
        let args = RemoteArgs {
            index_tokenizer: Some(rotescope_testing::pocket()),
            ..RemoteArgs::default()
        };
        let said = opened("infinigram:http://example.org#x", &args);
        assert!(said.contains("--insecure"), "{said}");
    }

    #[test]
    fn the_end_of_a_document_is_the_tokenizers_or_llamas() {
        let address = |name: &str| name.parse::<Address>().unwrap();
        let llama = address("infinigram:https://x#v4_pileval_llama");
        assert_eq!(end(&llama, None), Some(2));
        assert_eq!(end(&address("infinigram:https://x#mine"), None), None);
        let gguf = Gguf::open(&rotescope_testing::pocket()).unwrap();
        let own = gguf.uint("tokenizer.ggml.eos_token_id").map(|id| id as u32);
        assert_eq!(
            end(
                &address("infinigram:https://x#mine"),
                Some(&rotescope_testing::pocket())
            ),
            own
        );
    }
}
