//! The tantivy index: texts, metadata, and words with their positions.

mod directory;
mod words;

use std::path::{Path, PathBuf};

use tantivy::indexer::NoMergePolicy;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TantivyDocument, TextFieldIndexing,
    TextOptions, Value,
};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{DocAddress, Index, IndexWriter, ReloadPolicy, Searcher, Term};

use self::directory::ReadOnly;
use super::CorpusError;
use super::read::RawDocument;
use super::words::{TOKENIZER_NAME, WordTokenizer};

/// The least memory tantivy takes for one indexing thread.
pub(super) const LEAST_MEMORY: u64 = 15_000_000;
/// More than this it does not take.
const MOST_MEMORY: u64 = 4_000_000_000;

#[derive(Clone, Copy)]
struct Fields {
    text: Field,
    id: Field,
    meta: Field,
    source: Field,
    line: Field,
    byte: Field,
    ordinal: Field,
}

fn schema() -> Schema {
    let mut schema = Schema::builder();
    let words = TextFieldIndexing::default()
        .set_tokenizer(TOKENIZER_NAME)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions)
        // Lengths only serve ranking, which nothing here does.
        .set_fieldnorms(false);
    schema.add_text_field(
        "text",
        TextOptions::default()
            .set_indexing_options(words)
            .set_stored(),
    );
    schema.add_text_field("id", STORED);
    schema.add_text_field("meta", STORED);
    schema.add_u64_field("source", STORED);
    schema.add_u64_field("line", STORED);
    schema.add_u64_field("byte", STORED);
    // Segments hold documents in any order; the ordinal finds them, and is found from them.
    schema.add_u64_field("ordinal", INDEXED | FAST);
    schema.build()
}

impl Fields {
    fn of(schema: &Schema) -> tantivy::Result<Self> {
        Ok(Self {
            text: schema.get_field("text")?,
            id: schema.get_field("id")?,
            meta: schema.get_field("meta")?,
            source: schema.get_field("source")?,
            line: schema.get_field("line")?,
            byte: schema.get_field("byte")?,
            ordinal: schema.get_field("ordinal")?,
        })
    }
}

fn register(index: &Index) {
    let words = TextAnalyzer::builder(WordTokenizer::default()).build();
    index.tokenizers().register(TOKENIZER_NAME, words);
}

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
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get()) as u64;
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

/// An opened tantivy index. Never writes to its folder, not even a lock.
pub struct DocumentIndex {
    folder: PathBuf,
    searcher: Searcher,
    fields: Fields,
}

/// A document as it is stored.
pub(super) struct Stored {
    pub text: String,
    pub id: Option<String>,
    pub meta: serde_json::Map<String, serde_json::Value>,
    pub source: u64,
    pub line: u64,
    pub byte: u64,
}

impl DocumentIndex {
    pub fn open(folder: &Path) -> Result<Self, CorpusError> {
        let failed = |e| CorpusError::tantivy(folder, e);
        let directory = ReadOnly::open(folder).map_err(|e| failed(e.into()))?;
        let index = Index::open(directory).map_err(failed)?;
        register(&index);
        let fields = Fields::of(&index.schema()).map_err(failed)?;
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(failed)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            searcher: tantivy::IndexReader::searcher(&reader),
            fields,
        })
    }

    pub fn documents(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// Number of words in all documents.
    pub fn words(&self) -> Result<u64, CorpusError> {
        let mut words = 0;
        for segment in self.searcher.segment_readers() {
            let index = segment
                .inverted_index(self.fields.text)
                .map_err(|e| self.failed(e))?;
            words += index.total_num_tokens();
        }
        Ok(words)
    }

    /// The document with this ordinal, if there is one.
    pub(super) fn document(&self, ordinal: u64) -> Result<Option<Stored>, CorpusError> {
        let Some(address) = self.find(ordinal).map_err(|e| self.failed(e))? else {
            return Ok(None);
        };
        let document: TantivyDocument = self.searcher.doc(address).map_err(|e| self.failed(e))?;
        let f = self.fields;
        let text = |field| {
            let value = document.get_first(field);
            value.and_then(|v| v.as_str().map(str::to_string))
        };
        let number = |field| {
            let value = document.get_first(field);
            value.and_then(|v| v.as_u64()).unwrap_or(0)
        };
        let meta = match text(f.meta) {
            Some(meta) => serde_json::from_str(&meta).map_err(|e| {
                CorpusError::damaged(&self.folder, format!("metadata of document {ordinal}: {e}"))
            })?,
            None => serde_json::Map::new(),
        };
        Ok(Some(Stored {
            text: text(f.text).unwrap_or_default(),
            id: text(f.id),
            meta,
            source: number(f.source),
            line: number(f.line),
            byte: number(f.byte),
        }))
    }

    fn find(&self, ordinal: u64) -> tantivy::Result<Option<DocAddress>> {
        let term = Term::from_field_u64(self.fields.ordinal, ordinal);
        for (n, segment) in self.searcher.segment_readers().iter().enumerate() {
            let index = segment.inverted_index(self.fields.ordinal)?;
            if let Some(postings) = index.read_postings(&term, IndexRecordOption::Basic)? {
                use tantivy::DocSet;
                return Ok(Some(DocAddress::new(n as u32, postings.doc())));
            }
        }
        Ok(None)
    }

    fn failed(&self, error: tantivy::TantivyError) -> CorpusError {
        CorpusError::tantivy(&self.folder, error)
    }
}
