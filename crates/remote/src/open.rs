//! Opening an index behind infini-gram's API.

use std::sync::Arc;

use rotescope_corpus::{Corpus, CorpusError};
use rotescope_vocab::Encode;

use crate::address::Address;
use crate::asker::{Asker, Limits};
use crate::cache::Cache;
use crate::credentials::Credentials;
use crate::infinigram::{InfiniGram, Tokenizer};
use crate::retokenized::Retokenized;

/// How an index is opened and asked.
pub struct Options {
    pub limits: Limits,
    /// Sent with each question, to the host of the address only.
    pub credentials: Option<Credentials>,
    /// Whether a connection to another machine may be without encryption.
    pub insecure: bool,
    pub cache: Arc<Cache>,
}

/// An open index.
pub struct Opened {
    pub corpus: Arc<dyn Corpus>,
    /// Says what was asked.
    pub asker: Arc<Asker>,
}

/// Opens an index and asks it how large it is.
///
/// `tokenizer`: the index' own. `model`: the tokenizer whose ids it will be asked about, where that is another.
///
/// # Errors
/// [`CorpusError::Remote`], with a [`crate::RemoteError`] within.
pub fn open(
    address: Address,
    options: Options,
    tokenizer: Tokenizer,
    model: Option<Arc<dyn Encode>>,
) -> Result<Opened, CorpusError> {
    let checked = address.check_encrypted(options.insecure);
    checked.map_err(|error| CorpusError::Remote {
        corpus: address.to_string(),
        error: Box::new(error),
    })?;
    let asker = Arc::new(Asker::new(
        address,
        options.limits,
        options.credentials,
        options.cache,
    ));
    let same = model
        .as_ref()
        .is_none_or(|m| m.fingerprint() == tokenizer.encode.fingerprint());
    let index = InfiniGram::open(asker.clone(), tokenizer)?;
    let corpus: Arc<dyn Corpus> = match model {
        Some(model) if !same => Arc::new(Retokenized::new(index, model)),
        _ => Arc::new(index),
    };
    Ok(Opened { corpus, asker })
}
