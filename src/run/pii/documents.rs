//! The texts of files or of an index, in portions.

use std::sync::atomic::AtomicU64;

use crate::run::audit::error::AuditError;
use rotescope_corpus::read::{Format, InputFile, ReadOptions, read};
use rotescope_corpus::{Corpus, CorpusError};

/// Bytes and documents of a portion, at most, its last document excepted.
const BYTES: usize = 4 << 20;
const DOCUMENTS: usize = 512;

/// A text.
#[derive(Debug, Clone)]
pub struct Text {
    pub name: String,
    pub text: String,
}

/// Where texts come from.
pub enum Texts<'a> {
    Files(&'a [InputFile]),
    Index(&'a dyn Corpus),
}

/// Takes a portion; its error ends the reading.
pub type Taker<'a> = &'a mut dyn FnMut(Vec<Text>) -> Result<(), AuditError>;

impl Texts<'_> {
    /// All texts, in their order.
    ///
    /// # Errors
    /// What cannot be read, and what `take` says.
    pub fn each(&self, take: Taker<'_>) -> Result<(), AuditError> {
        match self {
            Texts::Files(files) => of_files(files, take),
            Texts::Index(corpus) => of_index(*corpus, take),
        }
    }

    /// How many there are, where that is known.
    pub fn count(&self) -> Option<usize> {
        match self {
            Texts::Files(_) => None,
            Texts::Index(corpus) => corpus.info().documents.map(|n| n as usize),
        }
    }
}

fn of_index(corpus: &dyn Corpus, take: Taker<'_>) -> Result<(), AuditError> {
    let info = corpus.info();
    let Some(all) = info.documents else {
        let what = "how many documents it has";
        let corpus = info.place;
        return Err(CorpusError::Unsupported { corpus, what }.into());
    };
    let all: Vec<u64> = (0..all).collect();
    for portion in all.chunks(DOCUMENTS) {
        let found = corpus.documents(portion)?.into_iter();
        let named = found.map(|d| Text {
            name: format!("document {}{}", d.ordinal, of_id(d.id)),
            text: d.text,
        });
        take(named.collect())?;
    }
    Ok(())
}

fn of_id(id: Option<String>) -> String {
    id.map_or(String::new(), |id| format!(" ({id})"))
}

fn of_files(files: &[InputFile], take: Taker<'_>) -> Result<(), AuditError> {
    let (mut portion, mut bytes) = (Vec::new(), 0);
    let mut failed = None;
    for file in files {
        let path = &file.name;
        let mut each = |raw: rotescope_corpus::read::RawDocument| {
            bytes += raw.text.len();
            portion.push(Text {
                name: match file.format {
                    Format::Jsonl => format!("{path}:{}{}", raw.line, of_id(raw.id)),
                    _ => path.clone(),
                },
                text: raw.text,
            });
            if bytes < BYTES && portion.len() < DOCUMENTS {
                return Ok(());
            }
            bytes = 0;
            take(std::mem::take(&mut portion)).map_err(|e| {
                failed = Some(e);
                CorpusError::Stopped
            })
        };
        // Old texts are of any encoding; what is no UTF-8 hides no value that is ASCII.
        let options = ReadOptions {
            lossy: true,
            ..ReadOptions::default()
        };
        let read = read(file, &options, &AtomicU64::new(0), &mut each);
        match (failed.take(), read) {
            (Some(error), _) => return Err(error),
            (None, read) => _ = read?,
        }
    }
    match portion.is_empty() {
        true => Ok(()),
        false => take(portion),
    }
}
