//! The file of a store of hidden states: a line of JSON that says what it is, then the states and their graph.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use rotescope_retro::{RetroError, Store};
use rotescope_trace::{IndexRef, ModelRef};
use rotescope_vocab::hash::hex;

/// Name and version of the form.
const SCHEMA: &str = "rotescope.retro-store/1";

/// A first line that is longer is none.
const LONGEST: usize = 1 << 20;

/// What a store says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoreHeader {
    pub schema: String,
    /// The version of rotescope that made it.
    pub rotescope: String,
    pub model: ModelRef,
    pub index: IndexRef,
    /// What its documents were drawn by.
    pub seed: u64,
    pub keys: usize,
    /// Of what follows.
    pub bytes: usize,
    pub sha256: String,
}

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}: is no store of hidden states; `rotescope retro store` makes one", path.display())]
    Foreign { path: PathBuf },
    #[error("{}: is damaged ({what}); make it anew with `rotescope retro store --force`", path.display())]
    Damaged { path: PathBuf, what: String },
    #[error("{}: holds hidden states of {was}, which are not those of {model}; give that model, or make another store with `rotescope retro store`", path.display())]
    OtherModel {
        path: PathBuf,
        was: String,
        model: String,
    },
    #[error("{}: holds documents of another corpus ({was}) than {index}; give that index, or make another store with `rotescope retro store`", path.display())]
    OtherIndex {
        path: PathBuf,
        was: String,
        index: String,
    },
}

/// Whether a file begins as a store does.
pub fn is_store(head: &[u8]) -> bool {
    head.starts_with(format!("{{\"schema\":\"{SCHEMA}\"").as_bytes())
}

/// Writes a store.
///
/// # Errors
/// As writing has them.
pub fn write(
    to: &mut dyn Write,
    store: &Store,
    model: &ModelRef,
    index: &IndexRef,
    seed: u64,
) -> io::Result<()> {
    let bytes = store.to_bytes().map_err(io::Error::other)?;
    let header = StoreHeader {
        schema: SCHEMA.into(),
        rotescope: env!("CARGO_PKG_VERSION").into(),
        model: model.clone(),
        index: index.clone(),
        seed,
        keys: store.len(),
        bytes: bytes.len(),
        sha256: hex(&Sha256::digest(&bytes)),
    };
    serde_json::to_writer(&mut *to, &header)?;
    to.write_all(b"\n")?;
    to.write_all(&bytes)
}

/// What a file says of itself.
///
/// # Errors
/// A file that cannot be read, or that is none.
pub fn header(path: &Path) -> Result<StoreHeader, StoreError> {
    let file = std::fs::File::open(path).map_err(|e| io_error(path, e))?;
    let mut line = Vec::new();
    let mut from = io::BufReader::new(io::Read::take(file, LONGEST as u64));
    io::BufRead::read_until(&mut from, b'\n', &mut line).map_err(|e| io_error(path, e))?;
    let foreign = || StoreError::Foreign { path: path.into() };
    if !is_store(&line) {
        return Err(foreign());
    }
    serde_json::from_slice(&line).map_err(|e| damaged(path, &e.to_string()))
}

/// A store of this model and corpus.
///
/// # Errors
/// A file that cannot be read, is none, is damaged, or is of another model or corpus.
pub fn read(path: &Path, model: &ModelRef, index: &IndexRef) -> Result<Store, StoreError> {
    let header = header(path)?;
    let of = |m: &ModelRef| {
        (
            m.sha256.clone(),
            m.adapter.as_ref().map(|a| a.sha256.clone()),
        )
    };
    if of(&header.model) != of(model) {
        let name = |m: &ModelRef| match &m.adapter {
            Some(adapter) => format!("{} with {}", m.file, adapter.file),
            None => m.file.clone(),
        };
        return Err(StoreError::OtherModel {
            path: path.into(),
            was: name(&header.model),
            model: name(model),
        });
    }
    if header.index.fingerprint != index.fingerprint {
        return Err(StoreError::OtherIndex {
            path: path.into(),
            was: header.index.id,
            index: index.id.clone(),
        });
    }
    let all = std::fs::read(path).map_err(|e| io_error(path, e))?;
    let begin = all.iter().position(|b| *b == b'\n').map_or(0, |at| at + 1);
    let body = &all[begin..];
    if body.len() != header.bytes {
        let what = format!(
            "{} bytes where there should be {}",
            body.len(),
            header.bytes
        );
        return Err(damaged(path, &what));
    }
    if hex(&Sha256::digest(body)) != header.sha256 {
        return Err(damaged(path, "its checksum differs"));
    }
    Store::from_bytes(body).map_err(|e: RetroError| damaged(path, &e.to_string()))
}

fn io_error(path: &Path, source: io::Error) -> StoreError {
    StoreError::Io {
        path: path.into(),
        source,
    }
}

fn damaged(path: &Path, what: &str) -> StoreError {
    StoreError::Damaged {
        path: path.into(),
        what: what.into(),
    }
}
