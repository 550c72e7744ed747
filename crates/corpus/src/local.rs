//! An index folder on this machine.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::documents::DocumentIndex;
use super::manifest::Manifest;
use super::ngrams::NgramIndex;
use super::sets::{Cache, DocumentSet, WordDocuments};
use super::{
    Continuations, Cooccur, Corpus, CorpusError, CorpusInfo, Document, LongestContext, Places,
    SuffixMatch, WordCount,
};
use rotescope_vocab::Encode;

/// An opened index folder. All files are mapped, so opening is quick and memory is shared between
/// processes; share it between threads in an `Arc`.
pub struct LocalIndex {
    folder: PathBuf,
    manifest: Manifest,
    made_by: String,
    ngrams: NgramIndex,
    documents: DocumentIndex,
    by_word: Cache<String, WordDocuments>,
    by_ngram: Cache<Vec<u32>, DocumentSet>,
    pairs: Cache<(String, String, Cooccur), u64>,
}

/// Memory for each kind of set that is kept, in bytes.
const CACHE: usize = 64 << 20;

/// Folder of the shards within an index folder.
pub(super) const NGRAMS: &str = "ngrams";
/// Folder of the tantivy index within an index folder.
pub(super) const DOCUMENTS: &str = "documents";

impl LocalIndex {
    /// Opens the index in `folder`. The sizes of all its files are compared with the manifest;
    /// their hashes only by [`super::check`].
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, CorpusError> {
        let folder = folder.as_ref();
        let (manifest, made_by) = Manifest::read(folder)?;
        for file in &manifest.files {
            let path = folder.join(&file.path);
            let found = match fs::metadata(&path) {
                Ok(meta) => meta.len(),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                    return Err(CorpusError::MissingFile { path });
                }
                Err(e) => return Err(CorpusError::io(path, "read the size of the file", e)),
            };
            if found != file.bytes {
                return Err(CorpusError::WrongSize {
                    path,
                    expected: file.bytes,
                    found,
                });
            }
        }
        let ngrams = NgramIndex::open(
            &folder.join(NGRAMS),
            &manifest.shards,
            manifest.id_width,
            manifest.tokenizer.size,
        )?;
        let documents = DocumentIndex::open(&folder.join(DOCUMENTS))?;
        for (what, found) in [
            ("token ids", ngrams.documents()),
            ("texts", documents.documents()),
        ] {
            if found != manifest.documents {
                return Err(CorpusError::damaged(
                    folder,
                    format!(
                        "{what} of {found} documents where the manifest says {}",
                        manifest.documents
                    ),
                ));
            }
        }
        Ok(Self {
            folder: folder.to_path_buf(),
            manifest,
            made_by,
            ngrams,
            documents,
            by_word: Cache::new(CACHE),
            by_ngram: Cache::new(CACHE),
            pairs: Cache::new(CACHE / 4),
        })
    }

    fn documents_of_word(&self, word: &String) -> Result<Arc<WordDocuments>, CorpusError> {
        self.by_word
            .get(word, || self.documents.word_documents(word))
    }

    fn documents_of_ngram(&self, ngram: &[u32]) -> Arc<DocumentSet> {
        let made = self.by_ngram.get(&ngram.to_vec(), || {
            Ok::<_, std::convert::Infallible>(self.ngrams.documents_of(ngram))
        });
        match made {
            Ok(set) => set,
            Err(never) => match never {},
        }
    }

    /// Counts of pairs that are not held are made together; each pair is held in one order only.
    fn window_pairs(
        &self,
        pairs: &[(String, String)],
        how: Cooccur,
    ) -> Result<Vec<u64>, CorpusError> {
        let key = |(a, b): &(String, String)| {
            let (a, b) = if a <= b { (a, b) } else { (b, a) };
            (a.clone(), b.clone(), how)
        };
        let mut new: Vec<(String, String)> = pairs
            .iter()
            .map(key)
            .filter(|k| self.pairs.held(k).is_none())
            .map(|(a, b, _)| (a, b))
            .collect();
        new.sort_unstable();
        new.dedup();
        let made = self.documents.cooccurs(&new, how)?;
        let made: HashMap<_, _> = new.into_iter().zip(made).collect();
        pairs
            .iter()
            .map(|pair| {
                let key = key(pair);
                let count = self.pairs.get(&key, || {
                    match made.get(&(key.0.clone(), key.1.clone())) {
                        Some(&count) => Ok(count),
                        // It was held, and another thread emptied the cache since.
                        None => Ok(self.documents.cooccurs(std::slice::from_ref(pair), how)?[0]),
                    }
                })?;
                Ok(*count)
            })
            .collect()
    }

    /// Refuses a tokenizer other than the one the index was made with: its ids would mean other
    /// tokens. `description` names it for people.
    pub fn expect_tokenizer(
        &self,
        encoder: &dyn Encode,
        description: &str,
    ) -> Result<(), CorpusError> {
        let ours = &self.manifest.tokenizer;
        if ours.fingerprint == encoder.fingerprint() {
            return Ok(());
        }
        Err(CorpusError::OtherTokenizer {
            path: self.folder.clone(),
            index_tokenizer: ours.description.clone(),
            index_fingerprint: ours.fingerprint.clone(),
            tokenizer: description.to_string(),
            fingerprint: encoder.fingerprint().to_string(),
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The version of rotescope that built the index.
    pub fn made_by(&self) -> &str {
        &self.made_by
    }

    /// The n-gram index itself, whose answers cannot fail.
    pub fn ngrams(&self) -> &NgramIndex {
        &self.ngrams
    }

    /// Size of all files of the index but the manifest, in bytes.
    pub fn bytes_on_disk(&self) -> u64 {
        self.manifest.files.iter().map(|f| f.bytes).sum()
    }

    fn no_document(&self, ordinal: u64) -> CorpusError {
        CorpusError::NoDocument {
            ordinal,
            documents: self.manifest.documents,
        }
    }
}

impl Corpus for LocalIndex {
    fn info(&self) -> CorpusInfo {
        let m = &self.manifest;
        let name = self.folder.file_name().unwrap_or(self.folder.as_os_str());
        CorpusInfo {
            name: name.to_string_lossy().into_owned(),
            documents: m.documents,
            tokens: m.tokens,
            words: m.words,
            bytes: m.bytes,
            fingerprint: m.stream_sha256.clone(),
            tokenizer: m.tokenizer.fingerprint.clone(),
        }
    }

    fn counts(&self, ngrams: &[&[u32]]) -> Result<Vec<u64>, CorpusError> {
        Ok(ngrams.iter().map(|n| self.ngrams.count(n)).collect())
    }

    fn next(&self, context: &[u32]) -> Result<Continuations, CorpusError> {
        Ok(self.ngrams.next(context))
    }

    fn longest_suffix(&self, context: &[u32]) -> Result<SuffixMatch, CorpusError> {
        Ok(self.ngrams.longest_suffix(context))
    }

    fn longest_context_of(
        &self,
        context: &[u32],
        token: u32,
    ) -> Result<LongestContext, CorpusError> {
        Ok(self.ngrams.longest_context_of(context, token))
    }

    fn candidate_counts(
        &self,
        context: &[u32],
        candidates: &[u32],
    ) -> Result<Vec<u64>, CorpusError> {
        Ok(self.ngrams.candidate_counts(context, candidates))
    }

    fn cooccurs(&self, pairs: &[(String, String)], how: Cooccur) -> Result<Vec<u64>, CorpusError> {
        match how {
            Cooccur::Window(_) => self.window_pairs(pairs, how),
            Cooccur::Document => pairs
                .iter()
                .map(|(a, b)| {
                    let first = self.documents_of_word(a)?;
                    Ok(if a == b {
                        first.twice.len()
                    } else {
                        first.once.common(&self.documents_of_word(b)?.once)
                    })
                })
                .collect(),
        }
    }

    fn documents_with(
        &self,
        words: &[String],
        ngrams: &[&[u32]],
    ) -> Result<Vec<Vec<u64>>, CorpusError> {
        let sets: Vec<_> = ngrams.iter().map(|n| self.documents_of_ngram(n)).collect();
        words
            .iter()
            .map(|word| {
                let word = self.documents_of_word(word)?;
                Ok(sets.iter().map(|s| s.common(&word.once)).collect())
            })
            .collect()
    }

    fn document_counts(&self, ngrams: &[&[u32]]) -> Result<Vec<u64>, CorpusError> {
        Ok(ngrams
            .iter()
            .map(|n| self.documents_of_ngram(n).len())
            .collect())
    }

    fn word_counts(&self, words: &[String]) -> Result<Vec<WordCount>, CorpusError> {
        self.documents.word_counts(words)
    }

    fn cooccurs_tokens(
        &self,
        pairs: &[(&[u32], &[u32])],
        how: Cooccur,
    ) -> Result<Vec<u64>, CorpusError> {
        let count = |&(a, b): &(&[u32], &[u32])| self.ngrams.cooccur(a, b, how);
        Ok(pairs.iter().map(count).collect())
    }

    fn cnf_count(&self, a: &[u32], b: &[u32], max_diff_tokens: u64) -> Result<u64, CorpusError> {
        Ok(self.ngrams.cnf_count(a, b, max_diff_tokens))
    }

    fn documents(&self, ngram: &[u32], limit: usize, offset: usize) -> Result<Places, CorpusError> {
        Ok(self.ngrams.places(ngram, limit, offset))
    }

    fn document(&self, ordinal: u64) -> Result<Document, CorpusError> {
        let tokens = self.document_tokens(ordinal)?;
        let stored = self.documents.document(ordinal)?.ok_or_else(|| {
            CorpusError::damaged(
                &self.folder,
                format!("the text of document {ordinal} is missing"),
            )
        })?;
        let source = self.manifest.sources.get(stored.source as usize);
        Ok(Document {
            ordinal,
            id: stored.id,
            text: stored.text,
            meta: stored.meta,
            source: source.map(|s| s.path.clone()).unwrap_or_default(),
            line: stored.line,
            byte: stored.byte,
            tokens,
        })
    }

    fn document_tokens(&self, ordinal: u64) -> Result<Vec<u32>, CorpusError> {
        self.ngrams
            .document_tokens(ordinal)
            .ok_or_else(|| self.no_document(ordinal))
    }
}
