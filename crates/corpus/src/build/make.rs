//! Making the files of an index, and moving them into their place.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::files::{TakenFiles, hash_all};
use super::journal::Journal;
use super::options::{BuildOptions, BuildReport};
use super::place::Partial;
use super::progress::{BuildProgress, Clock, Phase};
use super::reading::{Reading, take_in};
use super::room;
use super::taken::Taken;
use crate::checksums::{Stored, Sums};
use crate::documents::{self, DocumentIndex, DocumentWriter};
use crate::error::CorpusError;
use crate::manifest::{DOCUMENTS, IndexFile, IndexOptions, Manifest, NGRAMS, Part, TokenizerInfo};
use crate::ngrams::{NgramWriter, Width};
use crate::read::{RawDocument, Skipped};

/// What an index is made of.
pub(super) struct Work<'a> {
    /// Tells builds of the same; none where no other may go on with what is done.
    pub(super) job: Option<String>,
    pub(super) tokenizer: TokenizerInfo,
    /// Indexes whose documents come first, one after the other.
    pub(super) taken: &'a [Taken],
    /// Files whose documents follow.
    pub(super) reading: Option<Reading<'a>>,
    /// Bytes; see [`BuildOptions::memory`].
    pub(super) memory: u64,
    /// Whether as many shards and segments as can be are put together, and not only small ones where they are many.
    pub(super) compact: bool,
}

/// Makes an index and moves it into its place.
pub(super) fn publish(
    partial: Partial,
    work: &Work,
    progress: &mut dyn BuildProgress,
) -> Result<BuildReport, CorpusError> {
    let mut clock = Clock::new(progress);
    let mut bad = Skipped::default();
    // Whatever else goes wrong, `partial` removes itself when dropped.
    let manifest = match make(work, &partial, &mut clock, &mut bad) {
        Err(CorpusError::Stopped) => return Err(partial.stopped()),
        made => made?,
    };
    partial.publish()?;
    Ok(BuildReport {
        manifest,
        skipped: Vec::new(),
        bad,
        elapsed: clock.elapsed(),
    })
}

/// Makes the whole index in a folder.
fn make(
    work: &Work,
    partial: &Partial,
    clock: &mut Clock,
    bad: &mut Skipped,
) -> Result<Manifest, CorpusError> {
    room::expect(room::TO_BEGIN)?;
    let folder = partial.folder();
    let mut journal = Journal::open(folder, work.job.as_deref(), partial.left())?;
    let ngrams_folder = folder.join(NGRAMS);
    if !journal.has_begun() {
        fs::create_dir(&ngrams_folder)
            .map_err(|e| CorpusError::io(&ngrams_folder, "create the folder", e))?;
    }
    // The sort runs after tantivy has let go of its memory, so both may take most of it: not what the program and the tokenizer have by then.
    let others = (48 << 20).min((work.memory - BuildOptions::LEAST_MEMORY) / 6);
    let sorting = work.memory / 10 * 9 - others;
    let mut ngrams = NgramWriter::new(&ngrams_folder, work.tokenizer.size, sorting)?;
    if work.compact {
        ngrams.compact();
    }
    let mut manifest = taken_manifest(work);
    for (number, Taken { index, .. }) in work.taken.iter().enumerate() {
        journal.files.shards(index, folder, &mut ngrams)?;
        if number == 0 && ngrams.stream_sha256() != index.manifest().stream_sha256 {
            let what = "its token ids are not those that it was built of";
            return Err(CorpusError::damaged(index.folder(), what));
        }
    }
    let mut texts = if journal.has_begun() {
        clock.go_on(&journal.take_shards(&mut ngrams)?);
        DocumentWriter::extend(
            &folder.join(DOCUMENTS),
            heap(work),
            u64::MAX,
            HashSet::new(),
        )?
    } else {
        take_texts(work, folder, &mut journal.files, clock)?
    };
    if let Some(reading) = work.reading {
        let (ngrams, texts) = (&mut ngrams, &mut texts);
        read(
            reading,
            &mut manifest,
            ngrams,
            texts,
            &mut journal,
            clock,
            bad,
        )?;
    }
    let sound = |name: &str| {
        let name = format!("{DOCUMENTS}/{name}");
        journal.files.expect_sound(folder, &name)
    };
    texts.finish_joined(work.compact, &sound)?;
    if journal.is_worth(ngrams.tokens()) {
        journal.note_read(
            ngrams.closed()?,
            manifest.documents,
            manifest.sources.clone(),
        )?;
    }
    room::give_back();
    room::expect(room::AT_WORK)?;
    clock.enter(Phase::Sorting);
    let written = ngrams.finish(|done, total| {
        if done > 0 && journal.has_begun() {
            journal.note()?;
        }
        clock.report(done, total)
    })?;
    let (files, pages) = hash_all(folder, &journal.files, clock)?;
    manifest.tokens = written.tokens;
    manifest.stream_sha256 = written.stream_sha256;
    manifest.id_width = written.width;
    manifest.shards = written.shards;
    if manifest.parts.len() < 2 {
        manifest.parts.clear();
    }
    manifest.words = words(folder, &files, &pages)?;
    manifest.files = files;
    journal.end()?;
    manifest.write(folder, &pages)
}

/// Bytes of memory that the word index may take.
fn heap(work: &Work) -> u64 {
    (work.memory / 3).max(documents::LEAST_MEMORY)
}

/// What the manifest says of the documents of all indexes that are taken.
fn taken_manifest(work: &Work) -> Manifest {
    let taken = || work.taken.iter().map(|t| t.index.manifest());
    let sum = |of: fn(&Manifest) -> u64| taken().map(of).sum();
    let first = taken().next().map(|m| m.options.clone());
    Manifest {
        tokenizer: work.tokenizer.clone(),
        documents: sum(|m| m.documents),
        tokens: 0,
        words: 0,
        bytes: sum(|m| m.bytes),
        stream_sha256: String::new(),
        id_width: Width::of_vocabulary(work.tokenizer.size),
        shards: Vec::new(),
        sources: taken().flat_map(|m| m.sources.clone()).collect(),
        parts: taken().flat_map(Manifest::all_parts).collect(),
        files: Vec::new(),
        checksums: None,
        options: first
            .or(work.reading.as_ref().map(options_of))
            .unwrap_or_default(),
    }
}

/// The texts of all indexes that are taken: the segments of the first as they are, documents of the others one by one, for their numbers change.
fn take_texts(
    work: &Work,
    folder: &Path,
    files: &mut TakenFiles,
    clock: &mut Clock,
) -> Result<DocumentWriter, CorpusError> {
    let texts_folder = folder.join(DOCUMENTS);
    let first = work
        .taken
        .first()
        .filter(|t| t.index.documents.takes_more());
    let others = &work.taken[usize::from(first.is_some())..];
    let bytes = others.iter().map(|t| t.index.manifest().bytes).sum();
    let mut texts = match first {
        Some(first) => {
            let names = files.segments(&first.index, folder)?;
            let read = work.reading.iter().flat_map(|r| r.files).map(|f| f.bytes);
            let coming = bytes + read.sum::<u64>();
            DocumentWriter::extend(&texts_folder, heap(work), coming, names)?
        }
        None => DocumentWriter::create(&texts_folder, heap(work))?,
    };
    for taken in work.taken {
        taken.expect_there()?;
    }
    let before = first.map(|t| t.index.manifest());
    let mut ordinals = before.map_or(0, |m| m.documents);
    let mut sources = before.map_or(0, |m| m.sources.len());
    for index in others.iter().map(|t| &t.index) {
        index.documents.each(|ordinal, stored| {
            clock.documents += 1;
            clock.bytes += stored.text.len() as u64;
            if clock.documents.is_multiple_of(256) {
                room::expect(room::AT_WORK)?;
                clock.report(clock.bytes, bytes)?;
            }
            let source = sources + stored.source as usize;
            let document = RawDocument {
                text: stored.text,
                id: stored.id,
                meta: stored.meta,
                line: stored.line,
                byte: stored.byte,
            };
            texts.push(ordinals + ordinal, source, document)
        })?;
        ordinals += index.manifest().documents;
        sources += index.manifest().sources.len();
    }
    Ok(texts)
}

/// Reads files into the index, and adds to the manifest what they hold.
fn read(
    reading: Reading,
    manifest: &mut Manifest,
    ngrams: &mut NgramWriter,
    texts: &mut DocumentWriter,
    journal: &mut Journal,
    clock: &mut Clock,
    bad: &mut Skipped,
) -> Result<(), CorpusError> {
    let before = (manifest.documents, manifest.sources.len());
    let read = take_in(reading, before, ngrams, texts, journal, clock)?;
    let sources = read.len();
    for (source, skipped) in read {
        bad.add(skipped);
        manifest.sources.push(source);
    }
    if clock.documents == 0 {
        // Skipping all is no answer.
        if let Some(error) = bad.first.take() {
            return Err(error);
        }
        let inputs = reading.options.inputs.iter();
        let names: Vec<_> = inputs.map(|p| p.display().to_string()).collect();
        return Err(CorpusError::NoDocuments {
            inputs: names.join(", "),
        });
    }
    manifest.documents += clock.documents;
    manifest.bytes += clock.bytes;
    // An index that was built in one go is all one part.
    if !manifest.parts.is_empty() {
        manifest.parts.push(Part {
            sources,
            documents: clock.documents,
            tokens: clock.tokens,
            bytes: clock.bytes,
            options: options_of(&reading),
        });
    }
    Ok(())
}

/// Words of all documents. What is read is verified, as some of it may have been written long ago.
fn words(folder: &Path, files: &[IndexFile], pages: &[u32]) -> Result<u64, CorpusError> {
    let names = files.iter().map(|f| (f.path.as_str(), f.bytes));
    let sums = Sums::new(folder, names, Some(Stored::of(pages.to_vec())))?;
    DocumentIndex::open_checked(&folder.join(DOCUMENTS), &Arc::new(sums))?.words()
}

fn options_of(reading: &Reading) -> IndexOptions {
    let options = reading.options;
    IndexOptions {
        text_fields: options.read.text_fields.clone(),
        format: options.format,
        paragraphs: options.read.paragraphs,
        lossy: options.read.lossy,
        memory: options.memory,
    }
}
