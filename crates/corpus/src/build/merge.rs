//! One index of several.

use std::collections::HashMap;
use std::path::PathBuf;

use super::make::{Work, publish};
use super::options::{BuildOptions, BuildReport, expect_enough};
use super::place::{Over, Partial};
use super::progress::BuildProgress;
use super::taken::Taken;
use crate::error::CorpusError;

/// What to make one index of.
#[derive(Debug, Clone)]
pub struct MergeOptions {
    /// Index folders. The documents of each come behind those of the one before.
    pub indexes: Vec<PathBuf>,
    /// May be one of them, which is replaced then.
    pub out: PathBuf,
    /// Replace an index that is there already.
    pub force: bool,
    /// Take indexes of which one has a file that another has too.
    pub again: bool,
    /// Put as many shards and segments together as can be, and not only small ones where they are many.
    pub compact: bool,
    /// Bytes; see [`BuildOptions::memory`].
    pub memory: u64,
}

impl MergeOptions {
    pub fn new(indexes: Vec<PathBuf>, out: PathBuf) -> Self {
        Self {
            indexes,
            out,
            force: false,
            again: false,
            compact: false,
            memory: BuildOptions::MEMORY,
        }
    }
}

/// Makes one index of several, which stay. Nothing is encoded; shards and the word index of the first are taken as they are, but for small parts that
/// are put together, and the words of the others are indexed again.
///
/// # Errors
/// Different tokenizers; a file that two of them have, unless `again`; and all of a build.
pub fn merge(
    options: &MergeOptions,
    progress: &mut dyn BuildProgress,
) -> Result<BuildReport, CorpusError> {
    expect_enough(options.memory)?;
    let taken = options.indexes.iter().map(|f| Taken::open(f));
    let taken = taken.collect::<Result<Vec<_>, _>>()?;
    let Some(first) = taken.first() else {
        return Err(CorpusError::NoDocuments {
            inputs: "no index".to_string(),
        });
    };
    let tokenizer = &first.index.manifest().tokenizer;
    for other in &taken {
        let others = &other.index.manifest().tokenizer;
        if (&others.fingerprint, others.size) != (&tokenizer.fingerprint, tokenizer.size) {
            return Err(CorpusError::Tokenizers {
                one: first.index.folder().to_path_buf(),
                tokenizer: tokenizer.description.clone(),
                other: other.index.folder().to_path_buf(),
                others: others.description.clone(),
            });
        }
    }
    if !options.again {
        refuse_again(&taken)?;
    }
    let is_out = |t: &&Taken| {
        let [index, out] = [t.index.folder(), &options.out].map(|f| f.canonicalize().ok());
        index.is_some() && index == out
    };
    let over = match taken.iter().find(is_out) {
        Some(own) => Over::Same(own.manifest_bytes().to_vec()),
        None if options.force => Over::Index,
        None => Over::Nothing,
    };
    let partial = Partial::create(&options.out, over, None)?;
    let work = Work {
        job: None,
        tokenizer: tokenizer.clone(),
        taken: &taken,
        reading: None,
        memory: options.memory,
        compact: options.compact,
    };
    publish(partial, &work, progress)
}

/// Refuses indexes of which two have documents of the same file.
fn refuse_again(taken: &[Taken]) -> Result<(), CorpusError> {
    let mut known = HashMap::new();
    for (number, taken) in taken.iter().enumerate() {
        let folder = taken.index.folder();
        for source in taken
            .index
            .manifest()
            .sources
            .iter()
            .filter(|s| s.documents > 0)
        {
            let (first, index) = *known.entry(&source.sha256).or_insert((number, folder));
            if first != number {
                return Err(CorpusError::Twice {
                    path: folder.join(&source.path),
                    index: index.to_path_buf(),
                    name: source.path.clone(),
                });
            }
        }
    }
    Ok(())
}
