//! An opened tantivy index.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tantivy::columnar::Column;
use tantivy::schema::{IndexRecordOption, TantivyDocument, Value};
use tantivy::{DocAddress, Index, ReloadPolicy, Searcher, SegmentReader, Term};

use super::directory::{Found, ReadOnly};
use super::lengths::Lengths;
use super::schema::{Fields, register, schema};
use super::unchecked;
use crate::checksums::Sums;
use crate::error::CorpusError;
use crate::guard::guarded;

/// An opened tantivy index. Never writes to its folder, not even a lock.
pub struct DocumentIndex {
    pub(super) folder: PathBuf,
    pub(super) searcher: Searcher,
    pub(super) fields: Fields,
    found: Found,
    /// Whether pages are verified when they are first read.
    is_checked: bool,
    /// Of each segment: the ordinals of its documents.
    ordinals: OnceLock<Vec<Column>>,
    lengths: OnceLock<Vec<Lengths>>,
    /// Filled once the segments' texts may be read.
    texts: OnceLock<Vec<()>>,
}

/// A document as it is stored.
pub(crate) struct Stored {
    pub text: String,
    pub id: Option<String>,
    pub meta: serde_json::Map<String, serde_json::Value>,
    pub source: u64,
    pub line: u64,
    pub byte: u64,
}

impl DocumentIndex {
    /// Opens the index in `folder`, of whose files nothing is known.
    pub fn open(folder: &Path) -> Result<Self, CorpusError> {
        Self::open_with(folder, None)
    }

    /// The same, where pages are verified when they are first read.
    pub(crate) fn open_checked(folder: &Path, sums: &Arc<Sums>) -> Result<Self, CorpusError> {
        Self::open_with(folder, Some(sums))
    }

    fn open_with(folder: &Path, sums: Option<&Arc<Sums>>) -> Result<Self, CorpusError> {
        let found = Found::default();
        let is_checked = sums.is_some_and(|sums| sums.is_checked());
        let open = || {
            let failed = |e| CorpusError::tantivy(folder, e);
            let directory = ReadOnly::open(folder, sums, found.clone());
            let index = Index::open(directory.map_err(|e| failed(e.into()))?).map_err(failed)?;
            register(&index);
            let fields = Fields::of(&index.schema()).map_err(failed)?;
            if !is_checked {
                unchecked::expect_few_layers(&index).map_err(failed)?;
            }
            let reader = index
                .reader_builder()
                .reload_policy(ReloadPolicy::Manual)
                .try_into()
                .map_err(failed)?;
            Ok((tantivy::IndexReader::searcher(&reader), fields))
        };
        let (searcher, fields) = asked(folder, &found, open)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            searcher,
            fields,
            found,
            is_checked,
            ordinals: OnceLock::new(),
            lengths: OnceLock::new(),
            texts: OnceLock::new(),
        })
    }

    /// The ordinals of each segment's documents.
    pub(super) fn ordinals(&self) -> Result<&[Column], CorpusError> {
        let of = |segment: &SegmentReader| {
            self.expect_whole(segment, "fast")?;
            segment.fast_fields().u64("ordinal")
        };
        self.of_segments(&self.ordinals, of)
    }

    /// Where no page is verified, a file is verified as a whole before tantivy takes its word for how much room it needs.
    fn expect_whole(&self, segment: &SegmentReader, kind: &str) -> tantivy::Result<()> {
        match self.is_checked {
            true => Ok(()),
            false => unchecked::expect_whole(self.searcher.index(), segment.segment_id(), kind),
        }
    }

    /// The lengths of each segment's documents.
    pub(super) fn lengths(&self) -> Result<&[Lengths], CorpusError> {
        let of = |segment: &SegmentReader| Lengths::of(segment, self.fields.text);
        self.of_segments(&self.lengths, of)
    }

    /// As in an index of an older version, which has none.
    #[cfg(test)]
    pub(super) fn forget_lengths(&mut self, unknown: Vec<Lengths>) {
        self.lengths = OnceLock::from(unknown);
    }

    /// What is read of each segment once.
    fn of_segments<'a, T>(
        &self,
        held: &'a OnceLock<Vec<T>>,
        read: impl Fn(&SegmentReader) -> tantivy::Result<T>,
    ) -> Result<&'a [T], CorpusError> {
        if let Some(found) = held.get() {
            return Ok(found);
        }
        let segments = self.searcher.segment_readers().iter();
        let found = segments.map(read).collect::<tantivy::Result<_>>();
        let found = found.map_err(|e| self.failed(e))?;
        Ok(held.get_or_init(|| found))
    }

    /// What tantivy answers. Whatever goes wrong inside of it after damage was found, the damage is the error.
    pub(super) fn ask<T>(
        &self,
        question: impl FnOnce() -> Result<T, CorpusError>,
    ) -> Result<T, CorpusError> {
        asked(&self.folder, &self.found, question)
    }

    pub fn documents(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// Number of words in all documents.
    pub fn words(&self) -> Result<u64, CorpusError> {
        self.ask(|| {
            let mut words = 0;
            for segment in self.searcher.segment_readers() {
                let index = segment
                    .inverted_index(self.fields.text)
                    .map_err(|e| self.failed(e))?;
                words += index.total_num_tokens();
            }
            Ok(words)
        })
    }

    /// The document with this ordinal, if there is one.
    pub(crate) fn document(&self, ordinal: u64) -> Result<Option<Stored>, CorpusError> {
        self.ask(|| self.stored(ordinal))
    }

    /// Whether documents can be added to it: one of an older version may have been written in another way.
    pub(crate) fn takes_more(&self) -> bool {
        self.searcher.schema() == &schema()
    }

    /// Calls `visit` with each document and its ordinal, in any order.
    pub(crate) fn each(
        &self,
        mut visit: impl FnMut(u64, Stored) -> Result<(), CorpusError>,
    ) -> Result<(), CorpusError> {
        for segment in 0..self.searcher.segment_readers().len() {
            for id in 0..self.searcher.segment_reader(segment as u32).max_doc() {
                let (ordinal, stored) = self.ask(|| {
                    let ordinal = self.ordinals()?[segment].first(id);
                    let lacks = || CorpusError::damaged(&self.folder, "a document has no ordinal");
                    let ordinal = ordinal.ok_or_else(lacks)?;
                    let address = DocAddress::new(segment as u32, id);
                    Ok((ordinal, self.stored_at(address, ordinal)?))
                })?;
                visit(ordinal, stored)?;
            }
        }
        Ok(())
    }

    fn stored(&self, ordinal: u64) -> Result<Option<Stored>, CorpusError> {
        match self.find(ordinal).map_err(|e| self.failed(e))? {
            Some(address) => self.stored_at(address, ordinal).map(Some),
            None => Ok(None),
        }
    }

    fn stored_at(&self, address: DocAddress, ordinal: u64) -> Result<Stored, CorpusError> {
        self.of_segments(&self.texts, |segment| self.expect_whole(segment, "store"))?;
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
        Ok(Stored {
            text: text(f.text).unwrap_or_default(),
            id: text(f.id),
            meta,
            source: number(f.source),
            line: number(f.line),
            byte: number(f.byte),
        })
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

    pub(super) fn failed(&self, error: tantivy::TantivyError) -> CorpusError {
        CorpusError::tantivy(&self.folder, error)
    }
}

fn asked<T>(
    folder: &Path,
    found: &Found,
    question: impl FnOnce() -> Result<T, CorpusError>,
) -> Result<T, CorpusError> {
    let answer = guarded(question);
    // Also where there is an answer: it may have been made without what could not be read.
    if let Some(error) = found.error() {
        return Err(error);
    }
    answer.unwrap_or_else(|panic| {
        let what = format!("the search engine cannot read it ({panic})");
        Err(CorpusError::damaged(folder, what))
    })
}
