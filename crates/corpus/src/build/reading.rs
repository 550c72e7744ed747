//! From corpus files to token ids and texts.

use std::sync::atomic::{AtomicU64, Ordering};

use super::journal::Journal;
use super::options::BuildOptions;
use super::progress::Clock;
use super::room;
use crate::documents::DocumentWriter;
use crate::error::CorpusError;
use crate::manifest::SourceFile;
use crate::ngrams::NgramWriter;
use crate::read::{self, InputFile, RawDocument, ReadOptions, Skipped};
use rotescope_vocab::Encode;

/// What the reading thread sends.
enum Sent {
    /// Documents of one file.
    Batch(usize, Vec<RawDocument>),
    /// A file was read to its end.
    File(SourceFile, Skipped),
    Failed(CorpusError),
}

/// Files that are read into an index.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) options: &'a BuildOptions,
    pub(super) files: &'a [InputFile],
    pub(super) encoder: &'a dyn Encode,
}

/// Reads, encodes and stores all documents but those that an earlier build stored. `before`: how many documents and files come before them.
pub(super) fn take_in(
    Reading {
        options,
        files,
        encoder,
    }: Reading,
    before: (u64, usize),
    ngrams: &mut NgramWriter,
    texts: &mut DocumentWriter,
    journal: &mut Journal,
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
        let mut sources: Vec<(SourceFile, Skipped)> = Vec::with_capacity(files.len());
        for sent in receiver {
            match sent {
                Sent::Failed(error) => return Err(error),
                Sent::File(source, skipped) => {
                    let number = sources.len();
                    journal.expect_same(number, &source, &files[number].path)?;
                    sources.push((source, skipped));
                }
                Sent::Batch(number, mut batch) => {
                    let known = journal.known(clock.documents).min(batch.len());
                    for document in batch.drain(..known) {
                        clock.bytes += document.text.len() as u64;
                        clock.documents += 1;
                    }
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
                        if journal.is_kept() && ngrams.is_full(&ids) {
                            room::expect(room::AT_WORK)?;
                            texts.commit()?;
                            let read = sources.iter().map(|(source, _)| source.clone());
                            journal.note_read(ngrams.closed()?, clock.documents, read.collect())?;
                        }
                        clock.bytes += document.text.len() as u64;
                        ngrams.push(&ids)?;
                        texts.push(before.0 + clock.documents, before.1 + number, document)?;
                        clock.documents += 1;
                        clock.tokens += ids.len() as u64;
                    }
                    clock.report(consumed.load(Ordering::Relaxed), total)?;
                }
            }
        }
        match files.last() {
            Some(file) if journal.known(clock.documents) > 0 => Err(CorpusError::Replaced {
                path: file.path.clone(),
            }),
            _ => Ok(sources),
        }
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
