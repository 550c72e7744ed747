//! An index folder on this machine.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::build;
use crate::cache::Cache;
use crate::checksums::Sums;
use crate::cooccur::Cooccur;
use crate::documents::DocumentIndex;
use crate::error::CorpusError;
use crate::manifest::{DOCUMENTS, Manifest, NGRAMS, Opened};
use crate::ngrams::NgramIndex;
use crate::sets::{DocumentSet, WordDocuments};

/// An opened index folder. All files are mapped, so opening is quick and memory is shared between
/// processes; share it between threads in an `Arc`.
pub struct LocalIndex {
    folder: PathBuf,
    manifest: Manifest,
    made_by: String,
    sums: Arc<Sums>,
    ngrams: NgramIndex,
    pub(super) documents: DocumentIndex,
    by_word: Cache<String, WordDocuments>,
    by_ngram: Cache<Vec<u32>, DocumentSet>,
    pairs: Cache<(String, String, Cooccur), u64>,
}

/// Memory for each kind of set that is kept, in bytes.
const CACHE: usize = 64 << 20;

impl LocalIndex {
    /// Opens the index in `folder`. The sizes of all its files are compared with the manifest; what is in them is verified by
    /// [`crate::checksums`] when it is read, and as a whole by [`mod@crate::check`].
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, CorpusError> {
        let folder = folder.as_ref();
        build::put_back(folder);
        let Opened {
            manifest,
            made_by,
            sums,
        } = Manifest::read(folder)?;
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
        let ngrams = NgramIndex::open_checked(
            &folder.join(NGRAMS),
            &manifest.shards,
            manifest.id_width,
            manifest.tokenizer.size,
            Some(&sums),
        )?;
        let sums = Arc::new(sums);
        let documents = DocumentIndex::open_checked(&folder.join(DOCUMENTS), &sums)?;
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
            sums,
            ngrams,
            documents,
            by_word: Cache::new(CACHE),
            by_ngram: Cache::new(CACHE),
            pairs: Cache::new(CACHE / 4),
        })
    }

    pub(super) fn documents_of_word(
        &self,
        word: &String,
    ) -> Result<Arc<WordDocuments>, CorpusError> {
        self.by_word
            .get(word, || self.documents.word_documents(word))
    }

    pub(super) fn documents_of_ngram(
        &self,
        ngram: &[u32],
    ) -> Result<Arc<DocumentSet>, CorpusError> {
        let make = || self.ngrams.documents_of(ngram);
        self.by_ngram.get(&ngram.to_vec(), make)
    }

    /// Counts of pairs that are not held are made together; each pair is held in one order only.
    pub(super) fn window_pairs(
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
                        Some(&count) => Ok::<_, CorpusError>(count),
                        // It was held, and another thread emptied the cache since.
                        None => Ok(self.documents.cooccurs(std::slice::from_ref(pair), how)?[0]),
                    }
                })?;
                Ok(*count)
            })
            .collect()
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

    /// Whether answers are checked for damage to the files. An index of an older version has no checksums.
    pub fn is_checked(&self) -> bool {
        self.sums.is_checked()
    }

    pub(crate) fn sums(&self) -> &Sums {
        &self.sums
    }

    /// The n-gram index itself.
    pub fn ngrams(&self) -> &NgramIndex {
        &self.ngrams
    }

    /// Size of all files of the index but the manifest, in bytes.
    pub fn bytes_on_disk(&self) -> u64 {
        self.manifest.files.iter().map(|f| f.bytes).sum()
    }
}
