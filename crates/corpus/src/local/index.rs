//! An index folder on this machine.

use std::collections::HashMap;
use std::fs;
use std::hash::Hash;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::build::put_back;
use crate::cache::Cache;
use crate::checksums::Sums;
use crate::cooccur::Cooccur;
use crate::documents::DocumentIndex;
use crate::error::CorpusError;
use crate::manifest::{DOCUMENTS, Manifest, NGRAMS, Opened};
use crate::ngrams::NgramIndex;
use crate::sets::DocumentSet;

/// An opened index folder. All files are mapped, so opening is quick and memory is shared between
/// processes; share it between threads in an `Arc`.
pub struct LocalIndex {
    folder: PathBuf,
    manifest: Manifest,
    made_by: String,
    sums: Arc<Sums>,
    ngrams: NgramIndex,
    pub(crate) documents: DocumentIndex,
    by_word: Cache<String, DocumentSet>,
    places: Cache<String, DocumentSet>,
    by_ngram: Cache<Vec<u32>, DocumentSet>,
    /// Counts within windows, and of documents with a word twice.
    pairs: Cache<(String, String, Cooccur), u64>,
    ngram_pairs: Cache<(Vec<u32>, Vec<u32>, Cooccur), u64>,
}

/// Memory for each kind of set that is kept, in bytes.
const CACHE: usize = 64 << 20;

impl LocalIndex {
    /// Opens the index in `folder`. The sizes of all its files are compared with the manifest; what is in them is verified by
    /// [`crate::checksums`] when it is read, and as a whole by [`mod@crate::check`].
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, CorpusError> {
        let folder = folder.as_ref();
        put_back(folder);
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
            places: Cache::new(CACHE),
            by_ngram: Cache::new(CACHE),
            pairs: Cache::new(CACHE / 4),
            ngram_pairs: Cache::new(CACHE / 4),
        })
    }

    pub(super) fn documents_of_word(&self, word: &String) -> Result<Arc<DocumentSet>, CorpusError> {
        self.by_word
            .get(word, || self.documents.word_documents(word))
    }

    /// The documents that hold a word, as sets of words can meet: see [`DocumentIndex::word_places`].
    pub(super) fn places_of_word(&self, word: &String) -> Result<Arc<DocumentSet>, CorpusError> {
        self.places.get(word, || self.documents.word_places(word))
    }

    pub(super) fn documents_of_ngram(
        &self,
        ngram: &[u32],
    ) -> Result<Arc<DocumentSet>, CorpusError> {
        let make = || self.ngrams.documents_of(ngram);
        self.by_ngram.get(&ngram.to_vec(), make)
    }

    /// How many documents hold a word at least twice.
    pub(super) fn documents_with_two(&self, word: &String) -> Result<u64, CorpusError> {
        let pair = (word.clone(), word.clone());
        let make = |_: &[_]| Ok(vec![self.documents.documents_with_two(word)?]);
        Ok(kept(&self.pairs, &[pair], Cooccur::Document, make)?[0])
    }

    /// How often the words of each pair occur at most `n` words apart.
    pub(super) fn window_pairs(
        &self,
        pairs: &[(String, String)],
        n: u32,
    ) -> Result<Vec<u64>, CorpusError> {
        let make = |new: &[(String, String)]| self.documents.pairs_within(new, n);
        kept(&self.pairs, pairs, Cooccur::Window(n), make)
    }

    /// The same of n-grams, also of documents with both.
    pub(super) fn ngram_pairs(
        &self,
        pairs: &[(&[u32], &[u32])],
        how: Cooccur,
    ) -> Result<Vec<u64>, CorpusError> {
        let owned = pairs.iter().map(|(a, b)| (a.to_vec(), b.to_vec()));
        let owned: Vec<_> = owned.collect();
        kept(&self.ngram_pairs, &owned, how, |new| {
            let new: Vec<(&[u32], &[u32])> = new
                .iter()
                .map(|(a, b)| (a.as_slice(), b.as_slice()))
                .collect();
            match how {
                Cooccur::Window(n) => self.ngrams.pairs_within(&new, n),
                Cooccur::Document => new
                    .iter()
                    .map(|&(a, b)| self.ngrams.cooccur(a, b, how))
                    .collect(),
            }
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

/// Counts of pairs: those that are not held are made together; each pair is held in one order only.
fn kept<T: Ord + Hash + Clone>(
    cache: &Cache<(T, T, Cooccur), u64>,
    pairs: &[(T, T)],
    how: Cooccur,
    make: impl Fn(&[(T, T)]) -> Result<Vec<u64>, CorpusError>,
) -> Result<Vec<u64>, CorpusError> {
    let key = |(a, b): &(T, T)| {
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        (a.clone(), b.clone(), how)
    };
    let mut new: Vec<(T, T)> = pairs
        .iter()
        .map(key)
        .filter(|k| cache.held(k).is_none())
        .map(|(a, b, _)| (a, b))
        .collect();
    new.sort_unstable();
    new.dedup();
    let made = make(&new)?;
    let made: HashMap<_, _> = new.into_iter().zip(made).collect();
    pairs
        .iter()
        .map(|pair| {
            let (a, b, _) = key(pair);
            let count = cache.get(&(a.clone(), b.clone(), how), || {
                match made.get(&(a, b)) {
                    Some(&count) => Ok::<_, CorpusError>(count),
                    // It was held, and another thread emptied the cache since.
                    None => Ok(make(std::slice::from_ref(pair))?[0]),
                }
            })?;
            Ok(*count)
        })
        .collect()
}
