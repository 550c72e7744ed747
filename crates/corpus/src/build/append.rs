//! Adding documents to an index.

use super::inputs::list;
use super::left::put_back;
use super::make::{Work, publish};
use super::options::{BuildOptions, BuildReport, expect_enough};
use super::place::{Over, Partial};
use super::progress::BuildProgress;
use super::reading::Reading;
use super::taken::Taken;
use crate::error::CorpusError;
use crate::hash::hash_file;
use crate::local::LocalIndex;
use crate::read::InputFile;
use crate::traits::About;
use rotescope_vocab::Encode;

/// What to add to which index.
#[derive(Debug, Clone)]
pub struct AppendOptions {
    /// The files, and how they are read. The index is where the build's would be, and is replaced.
    pub build: BuildOptions,
    /// Take files that are in the index already.
    pub again: bool,
    /// Put as many shards and segments together as can be, and not only small ones where they are many.
    pub compact: bool,
}

/// Makes of an index one that has more documents, behind those that it has. Only these are read, encoded and sorted; the rest is taken as it is, but for
/// small shards and segments that are put together. Readers of the index go on with what they opened.
///
/// # Errors
/// Another tokenizer; an index of an older version; a file that is in it already, unless `again`; another process that writes the index; and all of a
/// build. The index stays as it was.
pub fn append(
    options: &AppendOptions,
    encoder: &dyn Encode,
    progress: &mut dyn BuildProgress,
) -> Result<BuildReport, CorpusError> {
    let AppendOptions { build, .. } = options;
    expect_enough(build.memory)?;
    put_back(&build.out);
    // A link to an index stays one.
    let out = build.out.canonicalize();
    let taken = Taken::open(out.as_ref().unwrap_or(&build.out))?;
    let index = &taken.index;
    let about = index.info();
    about.expect_tokenizer(encoder.fingerprint(), &build.tokenizer)?;
    if !index.documents.takes_more() {
        return Err(CorpusError::Older {
            path: index.folder().to_path_buf(),
            made_by: index.made_by().to_string(),
        });
    }
    let inputs = list(build)?;
    if !options.again {
        refuse_again(&inputs.files, index)?;
    }
    let over = Over::Same(taken.manifest_bytes().to_vec());
    let partial = Partial::create(index.folder(), over, None)?;
    let work = Work {
        job: None,
        tokenizer: index.manifest().tokenizer.clone(),
        taken: std::slice::from_ref(&taken),
        reading: Some(Reading {
            options: build,
            files: &inputs.files,
            encoder,
        }),
        memory: build.memory,
        compact: options.compact,
    };
    let report = publish(partial, &work, progress)?;
    Ok(BuildReport {
        skipped: inputs.skipped,
        ..report
    })
}

/// Refuses files that an index has documents of. Only those of the same size are read for that.
fn refuse_again(files: &[InputFile], index: &LocalIndex) -> Result<(), CorpusError> {
    for file in files.iter().filter(|f| f.path.is_file()) {
        let sources = index.manifest().sources.iter();
        let mut alike = sources
            .filter(|s| s.documents > 0 && s.bytes == file.bytes)
            .peekable();
        if alike.peek().is_none() {
            continue;
        }
        let sha256 = hash_file(&file.path)?.sha256;
        if let Some(known) = alike.find(|s| s.sha256 == sha256) {
            return Err(CorpusError::Twice {
                path: file.path.clone(),
                index: index.folder().to_path_buf(),
                name: known.path.clone(),
            });
        }
    }
    Ok(())
}
