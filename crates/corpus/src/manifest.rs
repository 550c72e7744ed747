//! What an index folder says about itself, in `manifest.json`.

use std::fs;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::checksums::{self, ChecksumFile, Stored, Sums};
use crate::error::CorpusError;
use crate::ngrams::{ShardInfo, Width};
use crate::read::Format;

/// Folder of the shards within an index folder.
pub(crate) use crate::ngrams::FOLDER as NGRAMS;
/// Folder of the tantivy index within an index folder.
pub(crate) const DOCUMENTS: &str = "documents";

/// File name of the manifest.
pub const FILE: &str = "manifest.json";
/// Value of `format` in every manifest.
pub const FORMAT: &str = "rotescope.index";
/// The version this program writes, and the newest it reads. 2: texts are stored by zstd.
pub const VERSION: u32 = 2;
/// The oldest rotescope that reads [`VERSION`].
const NEEDS: &str = "0.1.0";

/// The part of a manifest that every version has.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    /// The oldest rotescope that reads this version.
    needs: String,
    /// The rotescope that made the index.
    made_by: String,
}

/// The manifest. See the fields; all counts are exact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    pub tokenizer: TokenizerInfo,
    pub documents: u64,
    /// Token ids, separators not counted.
    pub tokens: u64,
    pub words: u64,
    /// Of the texts, as UTF-8.
    pub bytes: u64,
    /// Hex SHA-256 of all token ids in order: see [`crate::ngrams::Written::stream_sha256`].
    pub stream_sha256: String,
    pub id_width: Width,
    pub shards: Vec<ShardInfo>,
    /// The input files in the order they were read.
    pub sources: Vec<SourceFile>,
    /// What was put in at once, one after the other, where documents were added to an index or indexes were merged. None of an index that was built in
    /// one go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// All files of the index but the manifest and the checksums, sorted by name.
    pub files: Vec<IndexFile>,
    /// Checksums of the files' pages. An index of an older version has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksums: Option<ChecksumFile>,
    pub options: IndexOptions,
}

/// The tokenizer that made the ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenizerInfo {
    /// For people: the file it came from.
    pub description: String,
    /// [`rotescope_vocab::Encode::fingerprint`].
    pub fingerprint: String,
    /// Number of ids.
    pub size: usize,
}

/// One input file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceFile {
    /// As it was given.
    pub path: String,
    /// Of the file as it is on disk, compressed or not.
    pub bytes: u64,
    pub sha256: String,
    pub documents: u64,
    /// Documents left out, for they could not be read.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// Files that were put into an index at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// How many: they follow those of the parts before in the manifest's list.
    pub sources: usize,
    pub documents: u64,
    /// Token ids, separators not counted.
    pub tokens: u64,
    /// Of the texts, as UTF-8.
    pub bytes: u64,
    pub options: IndexOptions,
}

/// One file of the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IndexFile {
    /// Relative to the folder, with `/`.
    pub path: String,
    pub bytes: u64,
    pub sha256: String,
}

/// The options that decided what is in the index; where it has parts, in the first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IndexOptions {
    pub text_fields: Vec<String>,
    pub format: Format,
    pub paragraphs: bool,
    pub lossy: bool,
    /// Bytes.
    pub memory: u64,
}

#[derive(Serialize, Deserialize)]
struct Whole {
    #[serde(flatten)]
    header: Header,
    #[serde(flatten)]
    manifest: Manifest,
}

/// A manifest as it was read.
pub(crate) struct Opened {
    pub(crate) manifest: Manifest,
    /// The version of rotescope that built the index.
    pub(crate) made_by: String,
    /// What is known of the pages of its files.
    pub(crate) sums: Sums,
}

impl Manifest {
    /// Reads the manifest of the index in `folder`, and what is known of the pages of its files.
    pub(crate) fn read(folder: &Path) -> Result<Opened, CorpusError> {
        let path = folder.join(FILE);
        let not_an_index = |why: String| CorpusError::NotAnIndex {
            path: folder.to_path_buf(),
            why,
        };
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(not_an_index(if folder.exists() {
                    format!("it holds no {FILE}; an unfinished build leaves none")
                } else {
                    "there is no such folder".to_string()
                }));
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => {
                return Err(not_an_index("it is a file".to_string()));
            }
            Err(e) => return Err(CorpusError::io(path, "read the manifest", e)),
        };
        // A newer index may have checksums that are written another way, which is no damage.
        let stored = Stored::read(folder);
        if let Ok(Some(stored)) = &stored
            && !stored.vouches_for(&text)
        {
            let what = "the manifest is not the one that was written";
            return Err(CorpusError::damaged(path, what));
        }
        let header: Header = serde_json::from_slice(&text)
            .map_err(|e| not_an_index(format!("{FILE} cannot be read: {e}")))?;
        if header.format != FORMAT {
            return Err(not_an_index(format!(
                "{FILE} says format {:?}",
                header.format
            )));
        }
        if header.version > VERSION {
            return Err(CorpusError::Newer {
                path: folder.to_path_buf(),
                made_by: header.made_by,
                needs: header.needs,
            });
        }
        let whole: Whole = serde_json::from_slice(&text).map_err(|e| {
            CorpusError::damaged(&path, format!("the manifest cannot be read: {e}"))
        })?;
        let manifest = whole.manifest;
        if let Some(what) = manifest.fault() {
            return Err(CorpusError::damaged(path, what));
        }
        let stored = stored?;
        match (&manifest.checksums, &stored) {
            (None, None) => {}
            (Some(file), Some(stored)) if stored.is(file) => {}
            (Some(_), None) => {
                let path = folder.join(checksums::FILE);
                return Err(CorpusError::MissingFile { path });
            }
            _ => {
                let what = "the manifest has other checksums";
                return Err(CorpusError::damaged(folder.join(checksums::FILE), what));
            }
        }
        let files = manifest.files.iter().map(|f| (f.path.as_str(), f.bytes));
        Ok(Opened {
            sums: Sums::new(folder, files, stored)?,
            manifest,
            made_by: header.made_by,
        })
    }

    /// The parts; of an index that was built in one go itself as one.
    pub fn all_parts(&self) -> Vec<Part> {
        if !self.parts.is_empty() {
            return self.parts.clone();
        }
        vec![Part {
            sources: self.sources.len(),
            documents: self.documents,
            tokens: self.tokens,
            bytes: self.bytes,
            options: self.options.clone(),
        }]
    }

    /// What cannot be, whatever the files hold.
    fn fault(&self) -> Option<String> {
        // What a manifest names lies within its folder: nothing else is opened.
        let plain =
            |name: &str| !name.is_empty() && !name.contains(['/', '\\', ':']) && name != "..";
        for file in &self.files {
            let inside = file
                .path
                .split_once('/')
                .is_some_and(|(folder, name)| [NGRAMS, DOCUMENTS].contains(&folder) && plain(name));
            if !inside {
                return Some(format!("{:?} is no file of an index", file.path));
            }
        }
        for shard in &self.shards {
            if !plain(&shard.name) || shard.documents > shard.positions {
                return Some(format!("{:?} is no shard", shard.name));
            }
        }
        None
    }

    /// Whether `folder` holds an index of any version.
    pub fn is_in(folder: &Path) -> bool {
        fs::read_to_string(folder.join(FILE))
            .ok()
            .and_then(|text| serde_json::from_str::<Header>(&text).ok())
            .is_some_and(|header| header.format == FORMAT)
    }

    /// Whether `folder` is, or was before it was damaged, an index: one that a new index may replace.
    pub(crate) fn was_in(folder: &Path) -> bool {
        Self::is_in(folder) || checksums::are_in(folder)
    }

    /// Writes the manifest, and before it the checksums of its files' `pages`, into `folder`, and waits until they are on the disk.
    pub(crate) fn write(mut self, folder: &Path, pages: &[u32]) -> Result<Self, CorpusError> {
        self.checksums = Some(ChecksumFile::of(pages.len()));
        let path = folder.join(FILE);
        let failed = |e| CorpusError::io(&path, "write the manifest", e);
        let whole = Whole {
            header: Header {
                format: FORMAT.to_string(),
                version: VERSION,
                needs: NEEDS.to_string(),
                made_by: env!("CARGO_PKG_VERSION").to_string(),
            },
            manifest: self,
        };
        let mut text = serde_json::to_vec_pretty(&whole).map_err(|e| failed(e.into()))?;
        text.push(b'\n');
        checksums::write(folder, &text, pages)?;
        let write = || -> std::io::Result<()> {
            let mut file = fs::File::create(&path)?;
            std::io::Write::write_all(&mut file, &text)?;
            file.sync_all()
        };
        write().map_err(failed)?;
        Ok(whole.manifest)
    }
}

#[cfg(test)]
mod tests;
