//! From corpus files to an index folder.
//!
//! read (a thread) → encode (all cores, batch by batch) → token ids to shards, texts to tantivy →
//! sort the shards → hash all files → checksums, manifest → move into place.
//!
//! Everything is made in `OUT.partial-PID-N`, next to where the index will be, and renamed at the
//! end: `OUT` is a whole index or not there. What a killed build leaves behind is removed by the
//! next build of the same `OUT`; [`abandon`] removes it before a process ends by a signal.

mod left;
mod place;
mod progress;
mod room;
mod turn;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(crate) use self::left::put_back;
use self::place::Partial;
pub use self::place::{abandon, abandon_now};
use self::progress::Clock;
pub use self::progress::{BuildProgress, Phase, Status};
use crate::documents::{self, DocumentIndex, DocumentWriter};
use crate::error::CorpusError;
use crate::hash::{Hashed, hash_file};
use crate::manifest::{
    DOCUMENTS, IndexFile, IndexOptions, Manifest, NGRAMS, SourceFile, TokenizerInfo,
};
use crate::ngrams::NgramWriter;
use crate::read::{self, Format, InputFile, RawDocument, ReadOptions, Skipped};
use rotescope_vocab::Encode;

/// What to build.
#[derive(Debug, Clone)]
pub struct BuildOptions {
    /// Files and folders.
    pub inputs: Vec<PathBuf>,
    pub out: PathBuf,
    /// Replace an index that is there already.
    pub force: bool,
    pub format: Format,
    pub read: ReadOptions,
    /// The tokenizer's name for people.
    pub tokenizer: String,
    /// Bytes that the build may have resident, mapped files counted; suffix arrays that would take more are cut into shards.
    /// Not counted: the encoder, and what its caller holds. A single document longer than a
    /// batch takes more.
    pub memory: u64,
}

impl BuildOptions {
    /// Two gibibytes: sorts some 310 million tokens of a vocabulary below 65,536 at a time.
    pub const MEMORY: u64 = 2 << 30;
    /// Less than this is refused.
    pub const LEAST_MEMORY: u64 = 64 << 20;

    pub fn new(inputs: Vec<PathBuf>, out: PathBuf, tokenizer: String) -> Self {
        Self {
            inputs,
            out,
            force: false,
            format: Format::Auto,
            read: ReadOptions::default(),
            tokenizer,
            memory: Self::MEMORY,
        }
    }
}

/// What was built.
#[derive(Debug)]
pub struct BuildReport {
    pub manifest: Manifest,
    /// Files in folders that were left out, for their names are those of no corpus.
    pub skipped: Vec<PathBuf>,
    /// What could not be read, with [`ReadOptions::skip_bad`].
    pub bad: Skipped,
    pub elapsed: Duration,
}

/// Builds an index; see the module for how.
pub fn build(
    options: &BuildOptions,
    encoder: &dyn Encode,
    progress: &mut dyn BuildProgress,
) -> Result<BuildReport, CorpusError> {
    if options.memory < BuildOptions::LEAST_MEMORY {
        return Err(CorpusError::TooLittleMemory {
            wanted: options.memory,
            needed: BuildOptions::LEAST_MEMORY,
            why: "for the word index and the batches".to_string(),
        });
    }
    let inputs = read::list_but(&options.inputs, options.format, &|folder| {
        is_of_an_index(folder, &options.out)
    })?;
    let partial = Partial::create(&options.out, options.force)?;
    let mut clock = Clock::new(progress);
    let mut bad = Skipped::default();
    let made = make(
        options,
        &inputs.files,
        encoder,
        partial.folder(),
        &mut clock,
        &mut bad,
    );
    // Whatever went wrong, `partial` removes itself when dropped.
    let manifest = made?;
    partial.publish()?;
    Ok(BuildReport {
        manifest,
        skipped: inputs.skipped,
        bad,
        elapsed: clock.elapsed(),
    })
}

/// Whether a folder within a corpus is an index, or one that is made or was left unfinished, of `out`: no part of the corpus.
fn is_of_an_index(folder: &Path, out: &Path) -> bool {
    let same = |a: &Path, b: &Path| a.canonicalize().ok() == b.canonicalize().ok();
    let beside = || match (folder.parent(), out.parent()) {
        (Some(a), Some(b)) if b.as_os_str().is_empty() => same(a, Path::new(".")),
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    };
    Manifest::was_in(folder) || left::is_work_of(folder, out) && beside()
}

/// Makes the whole index in `folder`.
fn make(
    options: &BuildOptions,
    files: &[InputFile],
    encoder: &dyn Encode,
    folder: &Path,
    clock: &mut Clock,
    bad: &mut Skipped,
) -> Result<Manifest, CorpusError> {
    room::expect(room::TO_BEGIN)?;
    let ngrams_folder = folder.join(NGRAMS);
    fs::create_dir(&ngrams_folder)
        .map_err(|e| CorpusError::io(&ngrams_folder, "create the folder", e))?;
    // The sort runs after tantivy has let go of its memory, so both may take most of it: not what the program and the tokenizer have by then.
    let others = (48 << 20).min((options.memory - BuildOptions::LEAST_MEMORY) / 6);
    let sorting = options.memory / 10 * 9 - others;
    let mut ngrams = NgramWriter::new(&ngrams_folder, encoder.size(), sorting)?;
    let texts_folder = folder.join(DOCUMENTS);
    let heap = (options.memory / 3).max(documents::LEAST_MEMORY);
    let mut texts = DocumentWriter::create(&texts_folder, heap)?;

    let read = take_in(options, files, encoder, &mut ngrams, &mut texts, clock)?;
    let mut sources = Vec::with_capacity(read.len());
    for (source, skipped) in read {
        bad.add(skipped);
        sources.push(source);
    }
    if clock.documents == 0 {
        // Skipping all is no answer.
        if let Some(error) = bad.first.take() {
            return Err(error);
        }
        let names: Vec<_> = options
            .inputs
            .iter()
            .map(|p| p.display().to_string())
            .collect();
        return Err(CorpusError::NoDocuments {
            inputs: names.join(", "),
        });
    }
    texts.finish()?;
    room::give_back();
    room::expect(room::AT_WORK)?;
    clock.enter(Phase::Sorting);
    let written = ngrams.finish(|done, total| clock.report(done, total))?;
    let words = DocumentIndex::open(&texts_folder)?.words()?;
    let (files, pages) = hash_all(folder, clock)?;
    let manifest = Manifest {
        tokenizer: TokenizerInfo {
            description: options.tokenizer.clone(),
            fingerprint: encoder.fingerprint().to_string(),
            size: encoder.size(),
        },
        documents: clock.documents,
        tokens: written.tokens,
        words,
        bytes: clock.bytes,
        stream_sha256: written.stream_sha256,
        id_width: written.width,
        shards: written.shards,
        sources,
        files,
        checksums: None,
        options: IndexOptions {
            text_fields: options.read.text_fields.clone(),
            format: options.format,
            paragraphs: options.read.paragraphs,
            lossy: options.read.lossy,
            memory: options.memory,
        },
    };
    manifest.write(folder, &pages)
}

/// What the reading thread sends.
enum Sent {
    /// Documents of one file.
    Batch(usize, Vec<RawDocument>),
    /// A file was read to its end.
    File(SourceFile, Skipped),
    Failed(CorpusError),
}

/// Reads, encodes and stores all documents.
fn take_in(
    options: &BuildOptions,
    files: &[InputFile],
    encoder: &dyn Encode,
    ngrams: &mut NgramWriter,
    texts: &mut DocumentWriter,
    clock: &mut Clock,
) -> Result<Vec<(SourceFile, Skipped)>, CorpusError> {
    let total = files.iter().map(|f| f.bytes).sum();
    let consumed = AtomicU64::new(0);
    // Encoders take some hundred bytes for each byte of text. Two batches wait while one is encoded.
    let batch_bytes = (options.memory / 1024).clamp(64 << 10, 4 << 20) as usize;
    std::thread::scope(|scope| {
        let (sender, receiver) = crossbeam_channel::bounded(2);
        let consumed = &consumed;
        let reading = move || {
            for (number, file) in files.iter().enumerate() {
                let sent = send_file(number, file, &options.read, batch_bytes, consumed, &sender);
                // Without a receiver the build has failed already.
                if sent.is_none() {
                    return;
                }
            }
        };
        std::thread::Builder::new()
            .spawn_scoped(scope, reading)
            .map_err(|error| CorpusError::NoThread { error })?;
        let mut sources = Vec::with_capacity(files.len());
        for sent in receiver {
            match sent {
                Sent::Failed(error) => return Err(error),
                Sent::File(source, skipped) => sources.push((source, skipped)),
                Sent::Batch(number, batch) => {
                    room::expect(room::AT_WORK)?;
                    let views: Vec<&str> = batch.iter().map(|d| d.text.as_str()).collect();
                    let ids =
                        encoder
                            .encode_batch(&views)
                            .map_err(|error| CorpusError::Encode {
                                path: files[number].path.clone(),
                                line: batch.first().map_or(0, |d| d.line),
                                error,
                            })?;
                    for (document, ids) in batch.into_iter().zip(ids) {
                        clock.bytes += document.text.len() as u64;
                        ngrams.push(&ids)?;
                        texts.push(clock.documents, number, document)?;
                        clock.documents += 1;
                    }
                    clock.tokens = ngrams.tokens();
                    clock.report(consumed.load(Ordering::Relaxed), total)?;
                }
            }
        }
        Ok(sources)
    })
}

/// Reads one file and sends its documents in batches. `None` if no one listens any more.
fn send_file(
    number: usize,
    file: &InputFile,
    options: &ReadOptions,
    batch_bytes: usize,
    consumed: &AtomicU64,
    sender: &crossbeam_channel::Sender<Sent>,
) -> Option<()> {
    const MOST_DOCUMENTS: usize = 4096;
    let (mut batch, mut bytes, mut documents) = (Vec::new(), 0, 0);
    let read = read::read(file, options, consumed, &mut |document| {
        bytes += document.text.len();
        documents += 1;
        batch.push(document);
        if bytes >= batch_bytes || batch.len() >= MOST_DOCUMENTS {
            bytes = 0;
            let full = Sent::Batch(number, std::mem::take(&mut batch));
            sender.send(full).map_err(|_| CorpusError::Stopped)?;
        }
        Ok(())
    });
    match read {
        Ok(read) => {
            sender.send(Sent::Batch(number, batch)).ok()?;
            let source = SourceFile {
                path: file.name.clone(),
                bytes: read.bytes,
                sha256: read.sha256,
                documents,
                skipped: read.skipped.count,
            };
            sender.send(Sent::File(source, read.skipped)).ok()
        }
        Err(error) => sender.send(Sent::Failed(error)).ok(),
    }
}

/// Sizes and hashes of all files below `folder`, sorted by name, and the checksums of their pages.
fn hash_all(folder: &Path, clock: &mut Clock) -> Result<(Vec<IndexFile>, Vec<u32>), CorpusError> {
    let mut paths = Vec::new();
    for part in [DOCUMENTS, NGRAMS] {
        let part = folder.join(part);
        let failed = |e| CorpusError::io(&part, "list the folder", e);
        for entry in fs::read_dir(&part).map_err(failed)? {
            paths.push(entry.map_err(failed)?.path());
        }
    }
    paths.sort();
    let sizes = paths
        .iter()
        .filter_map(|p| fs::metadata(p).ok())
        .map(|m| m.len());
    let total = sizes.sum();
    clock.enter(Phase::Hashing);
    let mut done = 0;
    let (mut files, mut pages) = (Vec::with_capacity(paths.len()), Vec::new());
    for path in paths {
        let Hashed {
            bytes,
            sha256,
            pages: own,
        } = hash_file(&path)?;
        pages.extend(own);
        // What the manifest vouches for should survive a power cut.
        File::open(&path)
            .and_then(|f| f.sync_all())
            .map_err(|e| CorpusError::io(&path, "write the file to the disk", e))?;
        let name = path.strip_prefix(folder).unwrap_or(&path);
        let parts: Vec<_> = name.iter().map(|p| p.to_string_lossy()).collect();
        files.push(IndexFile {
            path: parts.join("/"),
            bytes,
            sha256,
        });
        done += bytes;
        clock.report(done, total)?;
    }
    Ok((files, pages))
}
