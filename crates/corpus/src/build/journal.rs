//! What a build has done so far, for one that goes on with it after a kill.
//!
//! Whenever a part of the tokens was read or sorted, a build notes which files in its folder are whole and on the disk. A later build of the same
//! inputs with the same tokenizer, options and version takes the folder of one that was killed ([`take`]), and keeps what is still as it
//! was noted. It reads all inputs again, which takes little beside encoding, and passes over the documents that are there.
//!
//! ```text
//! rotescope.build/1 SHA-256 of what follows
//! {"of": "...", "documents": 1000, ...}
//! ```

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::files::{REWRITTEN, TakenFiles};
use super::left::Left;
use super::options::BuildOptions;
use super::progress::Earlier;
use super::turn::LOCK;
use crate::error::CorpusError;
use crate::manifest::{DOCUMENTS, IndexFile, Manifest, NGRAMS, SourceFile, TokenizerInfo};
use crate::ngrams::{NgramWriter, Piece, ShardInfo};
use crate::read::InputFile;
use rotescope_vocab::hash::hex;

/// File name of the journal.
const FILE: &str = "build.journal";
/// The same while it is written.
const UNFINISHED: &str = "build.journal.new";
const FORMAT: &str = "rotescope.build/1";
/// A build of one part with fewer tokens is done again sooner than anyone would miss it: nothing is noted.
const MANY: u64 = 1 << 24;

/// What a build has noted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Noted {
    /// See [`job`].
    of: String,
    /// So many documents are in the files.
    documents: u64,
    /// Inputs that were read to their end.
    sources: Vec<SourceFile>,
    shards: Vec<ShardInfo>,
    /// All but [`REWRITTEN`].
    files: Vec<IndexFile>,
    /// What is in [`REWRITTEN`].
    rewritten: Vec<String>,
}

/// What tells builds of the same: all that decides what is in an index and where it is cut. `None` where no other build can go on: an input is no file, and
/// can be read once.
pub(super) fn job(
    tokenizer: &TokenizerInfo,
    options: &BuildOptions,
    files: &[InputFile],
) -> Option<String> {
    let mut inputs = Vec::with_capacity(files.len());
    for file in files {
        let meta = fs::metadata(&file.path)
            .ok()
            .filter(fs::Metadata::is_file)?;
        let path = file.path.canonicalize().ok()?;
        inputs.push((path, file, meta.len(), meta.modified().ok()?));
    }
    let version = env!("CARGO_PKG_VERSION");
    let options = (&options.read, options.format, options.memory);
    let all = format!("{:?}", (version, tokenizer, options, inputs));
    Some(hex(&Sha256::digest(all)))
}

/// The folder of a build of `out` that was killed, held locked, and what it noted: of those of a job the one that is furthest. No build looks for its
/// place meanwhile.
pub(super) fn take(out: &Path, job: &str) -> Option<(PathBuf, File, Noted)> {
    let unfinished = Left::beside(out, true).partial.into_iter();
    let left = unfinished
        .filter(|f| !Manifest::was_in(f))
        .filter_map(|folder| {
            let noted = Noted::read(&folder).filter(|noted| noted.is_of(job))?;
            let lock = File::open(folder.join(LOCK)).ok()?;
            lock.try_lock().ok()?;
            Some((folder, lock, noted))
        });
    left.max_by_key(|(.., noted)| noted.progress())
}

impl Noted {
    /// What a build noted in its folder, if it did, and the journal is whole.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join(FILE)).ok()?;
        let (head, content) = text.split_once('\n')?;
        let is_whole = head == self::head(content);
        is_whole
            .then(|| serde_json::from_str(content).ok())
            .flatten()
    }

    pub(super) fn is_of(&self, job: &str) -> bool {
        self.of == job
    }

    /// Grows with what is done.
    pub(super) fn progress(&self) -> (u64, usize) {
        (self.documents, self.files.len())
    }

    /// Bytes of its files.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|f| f.bytes).sum()
    }

    /// Leaves in a folder what was noted, and nothing else.
    ///
    /// # Errors
    /// Some of it is not what it was.
    fn restore(&self, folder: &Path) -> Result<TakenFiles, CorpusError> {
        let files = TakenFiles::noted(folder, &self.files)?;
        for (name, content) in REWRITTEN.iter().zip(&self.rewritten) {
            let path = folder.join(DOCUMENTS).join(name);
            fs::write(&path, content).map_err(|e| CorpusError::io(&path, "write the file", e))?;
        }
        Ok(files)
    }

    fn write(&self, folder: &Path) -> Result<(), CorpusError> {
        let path = folder.join(FILE);
        let failed = |e| CorpusError::io(&path, "write the journal of the build", e);
        let content = serde_json::to_string(self).map_err(|e| failed(e.into()))?;
        let unfinished = folder.join(UNFINISHED);
        let write = || {
            let mut file = File::create(&unfinished)?;
            file.write_all(format!("{}\n{content}", head(&content)).as_bytes())?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)
        };
        write().map_err(failed)?;
        // Its name, and the folder's own. Not every system can do this with folders.
        for folder in folder.ancestors().take(2) {
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

fn head(content: &str) -> String {
    format!("{FORMAT} {}", hex(&Sha256::digest(content)))
}

/// What a build has done and notes.
pub(super) struct Journal {
    folder: PathBuf,
    /// What is noted, or will be: nothing yet without shards.
    noted: Noted,
    /// Whether anything is to be noted.
    is_kept: bool,
    /// Files that never change any more.
    pub(super) files: TakenFiles,
}

impl Journal {
    /// Of what is made in a folder. `job`: none where nothing is noted. `left`: what an earlier build noted there, with which this one goes on, if
    /// all of that is there.
    pub(super) fn open(
        folder: &Path,
        job: Option<&str>,
        left: Option<&Noted>,
    ) -> Result<Self, CorpusError> {
        let mut journal = Self {
            folder: folder.to_path_buf(),
            noted: Noted {
                of: job.unwrap_or_default().to_string(),
                ..Noted::default()
            },
            is_kept: job.is_some(),
            files: TakenFiles::default(),
        };
        let Some(left) = left else {
            return Ok(journal);
        };
        if let Ok(files) = left.restore(folder) {
            (journal.files, journal.noted) = (files, left.clone());
            return Ok(journal);
        }
        journal.end()?;
        for part in [NGRAMS, DOCUMENTS] {
            // What stays is named when the folder is made again.
            let _ = fs::remove_dir_all(folder.join(part));
        }
        Ok(journal)
    }

    /// Whether anything is noted.
    pub(super) fn has_begun(&self) -> bool {
        !self.noted.shards.is_empty()
    }

    /// Hands the shards that an earlier build left to the writer.
    pub(super) fn take_shards(&self, ngrams: &mut NgramWriter) -> Result<Earlier, CorpusError> {
        let mut sorted = 0;
        for shard in &self.noted.shards {
            let is_sorted = self.files.has(&format!("{NGRAMS}/{}.sa", shard.name));
            sorted += usize::from(is_sorted);
            ngrams.name();
            ngrams.take(Piece {
                info: shard.clone(),
                ids: None,
                docs: None,
                sorted: is_sorted,
            })?;
        }
        Ok(Earlier {
            documents: self.noted.documents,
            tokens: ngrams.tokens(),
            parts: self.noted.shards.len(),
            sorted,
        })
    }

    /// How many of the next documents are there already; `before`: so many come before them.
    pub(super) fn known(&self, before: u64) -> usize {
        usize::try_from(self.noted.documents.saturating_sub(before)).unwrap_or(usize::MAX)
    }

    /// # Errors
    /// The input of this number, which was read to its end, is another than it was then.
    pub(super) fn expect_same(
        &self,
        number: usize,
        source: &SourceFile,
        path: &Path,
    ) -> Result<(), CorpusError> {
        match self.noted.sources.get(number) {
            Some(known) if known != source => Err(CorpusError::Replaced { path: path.into() }),
            _ => Ok(()),
        }
    }

    /// Whether it is noted when the shard that is written is full.
    pub(super) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Whether it is noted that all is read: so many tokens.
    pub(super) fn is_worth(&self, tokens: u64) -> bool {
        self.is_kept && (self.has_begun() || tokens >= MANY)
    }

    /// Notes that the documents of some shards are read, which is so many documents and these inputs to their end. Their texts are on the disk.
    pub(super) fn note_read(
        &mut self,
        shards: Vec<ShardInfo>,
        documents: u64,
        sources: Vec<SourceFile>,
    ) -> Result<(), CorpusError> {
        self.noted.documents = documents;
        self.noted.sources = sources;
        self.noted.shards = shards;
        self.note()
    }

    /// Notes what was written since.
    pub(super) fn note(&mut self) -> Result<(), CorpusError> {
        self.noted.files = self.files.settle(&self.folder)?;
        let rewritten = REWRITTEN.iter().map(|name| {
            let path = self.folder.join(DOCUMENTS).join(name);
            fs::read_to_string(&path).map_err(|e| CorpusError::io(&path, "read the file", e))
        });
        self.noted.rewritten = rewritten.collect::<Result<_, _>>()?;
        self.noted.write(&self.folder)
    }

    /// Forgets all: a whole index has no journal.
    pub(super) fn end(&self) -> Result<(), CorpusError> {
        for name in [UNFINISHED, FILE] {
            let path = self.folder.join(name);
            match fs::remove_file(&path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(CorpusError::io(path, "remove the journal of the build", e));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
