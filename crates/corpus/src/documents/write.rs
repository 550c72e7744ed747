//! Writing documents into a tantivy index: a new one, or one whose segments were taken from another.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use tantivy::indexer::NoMergePolicy;
use tantivy::schema::TantivyDocument;
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::{Index, IndexSettings, IndexWriter, SegmentMeta};

use super::schema::{Fields, register, schema};
use crate::error::CorpusError;
use crate::read::RawDocument;

/// The least memory tantivy takes for one indexing thread.
pub(crate) const LEAST_MEMORY: u64 = 15_000_000;
/// More than this it does not take.
const MOST_MEMORY: u64 = 4_000_000_000;

/// So many segments are left as they are. Each question about words asks all.
const FEW: usize = 16;
/// For each thread that writes a segment of what is added to an index: so many bytes of files.
const ADDED: u64 = 16 << 20;

/// Writes documents into a tantivy index.
pub struct DocumentWriter {
    folder: PathBuf,
    /// Files that are another index' too, so that nothing of them may change.
    taken: HashSet<OsString>,
    writer: IndexWriter,
    fields: Fields,
}

impl DocumentWriter {
    /// `memory`: bytes for all indexing threads together.
    pub fn create(folder: &Path, memory: u64) -> Result<Self, CorpusError> {
        fs::create_dir(folder).map_err(|e| CorpusError::io(folder, "create the folder", e))?;
        // By zstd texts take some three fifths of what they take by lz4. Blocks of 64 KiB: one is unpacked for each document that is shown, in a tenth of a millisecond.
        let compression = ZstdCompressor {
            compression_level: Some(3),
        };
        let settings = IndexSettings {
            docstore_compression: Compressor::Zstd(compression),
            docstore_blocksize: 64 << 10,
            ..IndexSettings::default()
        };
        let index = Index::builder().schema(schema()).settings(settings);
        let index = index.create_in_dir(folder);
        Self::open(folder, index, memory, u64::MAX, HashSet::new())
    }

    /// Writes behind the documents of the tantivy index in the folder. `taken`: those of its files that stay as they are. `bytes`: about so many come.
    pub(crate) fn extend(
        folder: &Path,
        memory: u64,
        bytes: u64,
        taken: HashSet<OsString>,
    ) -> Result<Self, CorpusError> {
        Self::open(folder, Index::open_in_dir(folder), memory, bytes, taken)
    }

    fn open(
        folder: &Path,
        index: tantivy::Result<Index>,
        memory: u64,
        bytes: u64,
        taken: HashSet<OsString>,
    ) -> Result<Self, CorpusError> {
        let failed = |e| CorpusError::tantivy(folder, e);
        let index = index.map_err(failed)?;
        let fields = Fields::of(&index.schema()).map_err(failed)?;
        register(&index);
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
        // Each thread leaves a segment.
        let most = cores.min(8).min(bytes / ADDED + 1);
        let threads = (memory / LEAST_MEMORY).clamp(1, most);
        let heap = (memory / threads).clamp(LEAST_MEMORY, MOST_MEMORY) * threads;
        let writer: IndexWriter = index
            .writer_with_num_threads(threads as usize, heap as usize)
            .map_err(failed)?;
        // Merging would take memory and time that no one bounded; few segments come out anyway.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(Self {
            folder: folder.to_path_buf(),
            taken,
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

    /// Waits until all documents so far are on the disk, in segments that no later one is added to.
    pub(crate) fn commit(&mut self) -> Result<(), CorpusError> {
        let committed = self.writer.commit();
        let failed = |e| CorpusError::tantivy(&self.folder, e);
        committed.map(|_| ()).map_err(failed)
    }

    /// Waits until all is on the disk.
    pub fn finish(self) -> Result<(), CorpusError> {
        self.finish_joined(false, &|_| Ok(()))
    }

    /// The same, with small segments put together where some were taken; all with `compact`. `sound`: whether a file that was taken is what it was, asked of those that
    /// are read.
    pub(crate) fn finish_joined(
        mut self,
        compact: bool,
        sound: &dyn Fn(&str) -> Result<(), CorpusError>,
    ) -> Result<(), CorpusError> {
        self.commit()?;
        let failed = |e| CorpusError::tantivy(&self.folder, e);
        let segments = self.writer.index().searchable_segment_metas();
        // A build leaves its segments as they are, however many.
        let segments = match compact || !self.taken.is_empty() {
            true => small(segments.map_err(failed)?, compact),
            false => Vec::new(),
        };
        if segments.len() > 1 {
            for segment in &segments {
                let id = segment.id().uuid_string();
                let taken = self.taken.iter().map(|name| name.to_string_lossy());
                for file in taken.filter(|name| name.starts_with(&id)) {
                    sound(&file)?;
                }
            }
            let ids: Vec<_> = segments.iter().map(SegmentMeta::id).collect();
            drop(segments);
            self.writer.merge(&ids).wait().map_err(failed)?;
            let removed = self.writer.garbage_collect_files().wait();
            removed.map_err(failed)?;
        }
        self.writer.wait_merging_threads().map_err(failed)?;
        // Lock files only say that someone once wrote here.
        for name in [".tantivy-writer.lock", ".tantivy-meta.lock"] {
            let _ = fs::remove_file(self.folder.join(name));
        }
        readable_by_all_who_may(&self.folder, &self.taken)?;
        Ok(())
    }
}

/// The segments that are put together: all, or, where there are more than [`FEW`], the smallest, each as long as it is at most twice as large as those
/// before it together.
fn small(mut segments: Vec<SegmentMeta>, all: bool) -> Vec<SegmentMeta> {
    if !all && segments.len() <= FEW {
        return Vec::new();
    }
    segments.sort_by_key(SegmentMeta::num_docs);
    let mut before = 0u64;
    let fits = |segment: &SegmentMeta| {
        let documents = u64::from(segment.num_docs());
        let fits = before == 0 || all || documents <= 2 * before;
        before += documents;
        // tantivy numbers the documents of a segment by 31 bits.
        fits && before < u64::from(u32::MAX / 2)
    };
    segments.into_iter().take_while(fits).collect()
}

/// tantivy writes some of its files so that only their owner may read them; here they get the
/// permissions that new files have, so that an index can be shared.
fn readable_by_all_who_may(folder: &Path, taken: &HashSet<OsString>) -> Result<(), CorpusError> {
    let failed = |e| CorpusError::io(folder, "set the permissions of the files", e);
    let probe = folder.join("probe");
    fs::write(&probe, []).map_err(failed)?;
    let usual = fs::metadata(&probe).map_err(failed)?.permissions();
    fs::remove_file(&probe).map_err(failed)?;
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !taken.contains(&entry.file_name()) {
            fs::set_permissions(entry.path(), usual.clone()).map_err(failed)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::DocumentIndex;

    #[test]
    fn texts_that_an_older_version_stored_by_lz4_are_read_and_added_to() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path();
        let settings = IndexSettings {
            docstore_compression: Compressor::Lz4,
            ..IndexSettings::default()
        };
        let old = Index::builder().schema(schema()).settings(settings);
        let old = old.create_in_dir(folder);
        let open = DocumentWriter::open(folder, old, LEAST_MEMORY, u64::MAX, HashSet::new());
        let mut writer = open.unwrap();
        writer.push(0, 0, RawDocument::of("of old")).unwrap();
        writer.finish().unwrap();
        let more = DocumentWriter::extend(folder, LEAST_MEMORY, 1, HashSet::new());
        let mut writer = more.unwrap();
        writer.push(1, 0, RawDocument::of("of now")).unwrap();
        writer.finish_joined(true, &|_| Ok(())).unwrap();
        let index = DocumentIndex::open(folder).unwrap();
        assert!(index.takes_more());
        let texts = [0, 1].map(|ordinal| index.document(ordinal).unwrap().unwrap().text);
        assert_eq!(texts, ["of old", "of now"]);
        assert_eq!(index.word_counts(&["of".into()]).unwrap(), [2]);
        assert!(
            fs::read_to_string(folder.join("meta.json"))
                .unwrap()
                .contains("lz4")
        );
    }
}
