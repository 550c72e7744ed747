//! What an index folder says about itself, in `manifest.json`.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::CorpusError;
use crate::ngrams::{ShardInfo, Width};
use crate::read::Format;

/// Folder of the shards within an index folder.
pub(crate) const NGRAMS: &str = "ngrams";
/// Folder of the tantivy index within an index folder.
pub(crate) const DOCUMENTS: &str = "documents";

/// File name of the manifest.
pub const FILE: &str = "manifest.json";
/// Value of `format` in every manifest.
pub const FORMAT: &str = "rotescope.index";
/// The version this program writes, and the newest it reads.
pub const VERSION: u32 = 1;
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// All files of the index but the manifest, sorted by name.
    pub files: Vec<IndexFile>,
    pub options: IndexOptions,
}

/// The tokenizer that made the ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenizerInfo {
    /// For people: the file it came from.
    pub description: String,
    /// [`rotescope_vocab::Encode::fingerprint`].
    pub fingerprint: String,
    /// Number of ids.
    pub size: usize,
}

/// One input file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// One file of the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexFile {
    /// Relative to the folder, with `/`.
    pub path: String,
    pub bytes: u64,
    pub sha256: String,
}

/// The options that decided what is in the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

impl Manifest {
    /// Reads the manifest of the index in `folder`.
    pub fn read(folder: &Path) -> Result<(Self, String), CorpusError> {
        let path = folder.join(FILE);
        let not_an_index = |why: String| CorpusError::NotAnIndex {
            path: folder.to_path_buf(),
            why,
        };
        let text = match fs::read_to_string(&path) {
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
        let header: Header = serde_json::from_str(&text)
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
        let whole: Whole = serde_json::from_str(&text)
            .map_err(|e| CorpusError::damaged(path, format!("the manifest cannot be read: {e}")))?;
        Ok((whole.manifest, header.made_by))
    }

    /// Whether `folder` holds an index of any version.
    pub fn is_in(folder: &Path) -> bool {
        fs::read_to_string(folder.join(FILE))
            .ok()
            .and_then(|text| serde_json::from_str::<Header>(&text).ok())
            .is_some_and(|header| header.format == FORMAT)
    }

    /// Writes the manifest into `folder` and waits until it is on the disk.
    pub fn write(self, folder: &Path) -> Result<(), CorpusError> {
        let path = folder.join(FILE);
        let whole = Whole {
            header: Header {
                format: FORMAT.to_string(),
                version: VERSION,
                needs: NEEDS.to_string(),
                made_by: env!("CARGO_PKG_VERSION").to_string(),
            },
            manifest: self,
        };
        let write = || -> std::io::Result<()> {
            let mut text = serde_json::to_vec_pretty(&whole)?;
            text.push(b'\n');
            let mut file = fs::File::create(&path)?;
            std::io::Write::write_all(&mut file, &text)?;
            file.sync_all()
        };
        write().map_err(|e| CorpusError::io(&path, "write the manifest", e))
    }
}
