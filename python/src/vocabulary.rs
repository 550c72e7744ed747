//! The tokenizer of an index: given, or its own.

use std::path::{Path, PathBuf};

use rotescope_corpus::CorpusInfo;
use rotescope_vocab::{Encode, Gguf, VocabError, Vocabulary};

use crate::errors::Failure;

/// The tokenizer that cuts texts for an index: of a model or a `tokenizer.json`, where one is given, else the one that the index was made with, if it is still where
/// it was.
///
/// # Errors
/// A file that holds none, or another than the index was made with.
pub fn vocabulary(
    info: &CorpusInfo,
    model: Option<PathBuf>,
    tokenizer: Option<PathBuf>,
) -> Result<Option<Vocabulary>, Failure> {
    let (file, given) = match (tokenizer, model) {
        (Some(file), _) => (file.clone(), Vocabulary::from_json(&file)?),
        (None, Some(file)) => (file.clone(), of_model(&file)?),
        (None, None) => return Ok(own(info)),
    };
    info.expect_tokenizer(given.fingerprint(), &file.display().to_string())?;
    Ok(Some(given))
}

fn own(info: &CorpusInfo) -> Option<Vocabulary> {
    let was = Path::new(&info.tokenizer_name);
    let found = match was.extension().is_some_and(|e| e == "json") {
        true => Vocabulary::from_json(was),
        false => of_model(was),
    };
    found.ok().filter(|v| v.fingerprint() == info.tokenizer)
}

fn of_model(file: &Path) -> Result<Vocabulary, VocabError> {
    Vocabulary::from_gguf(&Gguf::open(file)?)
}
