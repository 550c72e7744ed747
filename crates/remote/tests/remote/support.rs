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

/// Limits for what is asked much at once.
pub fn patient() -> Limits {
    Limits {
        timeout: Duration::from_secs(60),
        ..quick()
    }
}

/// Numbers below a bound, always the same.
pub fn numbers() -> impl FnMut(usize) -> usize {
    let mut at = 1u64;
    move |below: usize| {
        at = at
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (at >> 33) as usize % below
    }
}

/// N-grams of 1 to 8 tokens from all over some documents; every second eight with another last token, of so many that there are, so that many occur nowhere.
pub fn ngrams(documents: &[Vec<u32>], size: usize, count: usize) -> Vec<Vec<u32>> {
    let mut random = numbers();
    let mut ngrams = Vec::with_capacity(count);
    while ngrams.len() < count {
        let document = &documents[random(documents.len())];
        let len = 1 + ngrams.len() % 8;
        if document.len() < len {
            continue;
        }
        let from = random(document.len() - len + 1);
        let mut ngram = document[from..from + len].to_vec();
        if ngrams.len() / 8 % 2 == 1 {
            ngram[len - 1] = random(size) as u32;
        }
        ngrams.push(ngram);
    }
    ngrams
}
