//! What the tests share.

use std::sync::Arc;
use std::time::Duration;

use rotescope_corpus::CorpusError;
use rotescope_remote::{Cache, Limits, Opened, Options, Tokenizer, open};
use rotescope_vocab::{Encode, VocabError};

/// A token for each byte.
pub struct Bytes;

impl Encode for Bytes {
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
        Ok(texts
            .iter()
            .map(|t| t.bytes().map(u32::from).collect())
            .collect())
    }

    fn token_bytes(&self, id: u32) -> Vec<u8> {
        vec![id as u8]
    }

    fn size(&self) -> usize {
        256
    }

    fn fingerprint(&self) -> &str {
        "bytes"
    }
}

pub fn tokenizer(encode: Arc<dyn Encode>, end: Option<u32>) -> Tokenizer {
    Tokenizer {
        encode,
        name: "a tokenizer".into(),
        end,
    }
}

/// Limits that wait little.
pub fn quick() -> Limits {
    Limits {
        timeout: Duration::from_secs(2),
        first_wait: Duration::from_millis(5),
        ..Limits::local()
    }
}

pub fn options(limits: Limits, cache: Arc<Cache>) -> Options {
    Options {
        limits,
        credentials: None,
        insecure: false,
        cache,
    }
}

pub fn open_bytes(name: &str, limits: Limits, cache: Arc<Cache>) -> Result<Opened, CorpusError> {
    let address = name.parse().unwrap();
    let tokenizer = tokenizer(Arc::new(Bytes), None);
    open(address, options(limits, cache), tokenizer, None)
}
