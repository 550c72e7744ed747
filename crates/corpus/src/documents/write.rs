//! Writing documents into a new tantivy index.

use std::path::{Path, PathBuf};

use tantivy::indexer::NoMergePolicy;
use tantivy::schema::TantivyDocument;
use tantivy::{Index, IndexWriter};

use super::schema::{Fields, register, schema};
use crate::error::CorpusError;
use crate::read::RawDocument;

/// The least memory tantivy takes for one indexing thread.
pub(crate) const LEAST_MEMORY: u64 = 15_000_000;
/// More than this it does not take.
const MOST_MEMORY: u64 = 4_000_000_000;

/// Writes documents into a new tantivy index.
pub struct DocumentWriter {
    folder: PathBuf,
    writer: IndexWriter,
    fields: Fields,
}

impl DocumentWriter {
    /// `memory`: bytes for all indexing threads together.
    pub fn create(folder: &Path, memory: u64) -> Result<Self, CorpusError> {
        let failed = |e| CorpusError::tantivy(folder, e);
        std::fs::create_dir(folder).map_err(|e| CorpusError::io(folder, "create the folder", e))?;
        let schema = schema();
        let fields = Fields::of(&schema).map_err(failed)?;
        let index = Index::create_in_dir(folder, schema).map_err(failed)?;
        register(&index);
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
        let threads = (memory / LEAST_MEMORY).clamp(1, cores.min(8));
        let heap = (memory / threads).clamp(LEAST_MEMORY, MOST_MEMORY) * threads;
        let writer: IndexWriter = index
            .writer_with_num_threads(threads as usize, heap as usize)
            .map_err(failed)?;
        // Merging would take memory and time that no one bounded; few segments come out anyway.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(Self {
            folder: folder.to_path_buf(),
            writer,
            fields,
        })
    }

    /// Adds a document that came from the `source`th input file.
    pub fn push(
        &mut self,
        ordinal: u64,
        source: usize,
        raw: RawDocument,
    ) -> Result<(), CorpusError> {
        let f = self.fields;
        let mut document = TantivyDocument::default();
        document.add_text(f.text, raw.text);
        if let Some(id) = raw.id {
            document.add_text(f.id, id);
        }
        if !raw.meta.is_empty() {
            document.add_text(f.meta, serde_json::Value::Object(raw.meta).to_string());
        }
        document.add_u64(f.source, source as u64);
        document.add_u64(f.line, raw.line);
        document.add_u64(f.byte, raw.byte);
        document.add_u64(f.ordinal, ordinal);
        let Err(error) = self.writer.add_document(document) else {
            return Ok(());
        };
        // A thread died of an error which only committing tells: a full disk, most likely.
        let error = self.writer.commit().err().unwrap_or(error);
        Err(CorpusError::tantivy(&self.folder, error))
    }

    /// Waits until all is on the disk.
    pub fn finish(mut self) -> Result<(), CorpusError> {
        let failed = |e| CorpusError::tantivy(&self.folder, e);
        self.writer.commit().map_err(failed)?;
        self.writer.wait_merging_threads().map_err(failed)?;
        // Lock files only say that someone once wrote here.
        for name in [".tantivy-writer.lock", ".tantivy-meta.lock"] {
            let _ = std::fs::remove_file(self.folder.join(name));
        }
        readable_by_all_who_may(&self.folder)?;
        Ok(())
    }
}

/// tantivy writes some of its files so that only their owner may read them; here they get the
/// permissions that new files have, so that an index can be shared.
fn readable_by_all_who_may(folder: &Path) -> Result<(), CorpusError> {
    let failed = |e| CorpusError::io(folder, "set the permissions of the files", e);
    let probe = folder.join("probe");
    std::fs::write(&probe, []).map_err(failed)?;
    let usual = std::fs::metadata(&probe).map_err(failed)?.permissions();
    std::fs::remove_file(&probe).map_err(failed)?;
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        std::fs::set_permissions(path, usual.clone()).map_err(failed)?;
    }
    Ok(())
}
