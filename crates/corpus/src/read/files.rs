//! Which files are read, and their bytes.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::skipped::Skipped;
use crate::error::CorpusError;
use rotescope_vocab::hash::hex;

/// What is in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// By the file's name: `.jsonl`, `.ndjson` and `.json` hold JSON lines, others text.
    #[default]
    Auto,
    Jsonl,
    Text,
}

/// How a file is compressed, by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
}

/// A file to be read.
#[derive(Debug, Clone)]
pub struct InputFile {
    pub path: PathBuf,
    /// What it is called in what is written: where it lies in the folder that was given, or its own name, and no more of the path than tells it
    /// from the others. Where somebody keeps their files is nobody's business.
    pub name: String,
    /// Size on disk.
    pub bytes: u64,
    /// Never `Auto`.
    pub format: Format,
    pub compression: Compression,
}

/// What the given paths stand for.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    pub files: Vec<InputFile>,
    /// Files in folders that were left out, for their names are those of no corpus.
    pub skipped: Vec<PathBuf>,
}

/// What is known of a file after it was read to its end.
#[derive(Debug)]
pub struct FileRead {
    /// Size on disk.
    pub bytes: u64,
    /// Hex SHA-256 of the file as it is on disk.
    pub sha256: String,
    /// What could not be read in it.
    pub skipped: Skipped,
}

/// Names that mark corpus files in folders.
const JSON_NAMES: [&str; 3] = ["jsonl", "ndjson", "json"];
const TEXT_NAMES: [&str; 4] = ["txt", "text", "md", "rst"];

/// The files that `inputs` stand for, in their order; folders are walked in the order of names.
/// In folders, hidden files and (unless `format` is given) files with other names than those of
/// corpora are skipped; links to folders are not followed.
pub fn list(inputs: &[PathBuf], format: Format) -> Result<Inputs, CorpusError> {
    list_but(inputs, format, &|_| false)
}

/// The same without the folders within folders of which `leave` says so.
pub fn list_but(
    inputs: &[PathBuf],
    format: Format,
    leave: &dyn Fn(&Path) -> bool,
) -> Result<Inputs, CorpusError> {
    let mut found = Inputs::default();
    // Of each file, the folder that its name is told from.
    let mut within = Vec::new();
    for input in inputs {
        let meta = fs::metadata(input).map_err(|e| CorpusError::io(input, "read it", e))?;
        if meta.is_dir() {
            walk(input, format, leave, &mut found)?;
        } else {
            found
                .files
                .push(InputFile::new(input, meta.len(), format).0);
        }
        let folder = if meta.is_dir() { input } else { parent(input) };
        within.resize(found.files.len(), folder);
    }
    let named = found.files.iter().map(|f| f.path.as_path()).zip(within);
    let names = told_apart(&named.collect::<Vec<_>>());
    for (file, name) in found.files.iter_mut().zip(names) {
        file.name = name;
    }
    Ok(found)
}

/// What files are called in what is written: their own names, with as much of their folders as tells them apart.
pub fn names(files: &[PathBuf]) -> Vec<String> {
    let named = files.iter().map(|f| (f.as_path(), parent(f)));
    told_apart(&named.collect::<Vec<_>>())
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// Names of files from within their folders; where two are the same, with the last parts of the folders before them.
fn told_apart(files: &[(&Path, &Path)]) -> Vec<String> {
    let split = |(file, folder): &(&Path, &Path)| {
        let folders: Vec<String> = std::path::absolute(folder)
            .iter()
            .flat_map(|p| p.components())
            .filter_map(|c| match c {
                Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
                _ => None,
            })
            .collect();
        let inside = file.strip_prefix(folder).unwrap_or(file);
        (folders, inside.display().to_string())
    };
    let files: Vec<(Vec<String>, String)> = files.iter().map(split).collect();
    let deepest = files.iter().map(|(f, _)| f.len()).max().unwrap_or(0);
    let with = |parts: usize| -> Vec<String> {
        let name = |(folders, inside): &(Vec<String>, String)| {
            let last = &folders[folders.len().saturating_sub(parts)..];
            let parts = last.iter().map(String::as_str).chain([inside.as_str()]);
            parts.collect::<Vec<_>>().join("/")
        };
        files.iter().map(name).collect()
    };
    let differ = |names: &Vec<String>| names.iter().collect::<HashSet<_>>().len() == names.len();
    // One file that is given twice is never told apart.
    let found = (0..=deepest).map(with).find(differ);
    found.unwrap_or_else(|| with(0))
}

fn walk(
    folder: &Path,
    format: Format,
    leave: &dyn Fn(&Path) -> bool,
    found: &mut Inputs,
) -> Result<(), CorpusError> {
    let failed = |e| CorpusError::io(folder, "list the folder", e);
    let mut entries: Vec<_> = fs::read_dir(folder)
        .and_then(Iterator::collect)
        .map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            if !leave(&path) {
                walk(&path, format, leave, found)?;
            }
            continue;
        }
        let meta = fs::metadata(&path).map_err(|e| CorpusError::io(&path, "read it", e))?;
        if !meta.is_file() {
            continue;
        }
        let (file, known) = InputFile::new(&path, meta.len(), format);
        if known || format != Format::Auto {
            found.files.push(file);
        } else {
            found.skipped.push(path);
        }
    }
    Ok(())
}

impl InputFile {
    /// Also says whether its name is one of a corpus file.
    fn new(path: &Path, bytes: u64, format: Format) -> (Self, bool) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_ascii_lowercase();
        let (stem, compression) = match name.rsplit_once('.') {
            Some((stem, "gz")) => (stem, Compression::Gzip),
            Some((stem, "zst" | "zstd")) => (stem, Compression::Zstd),
            _ => (name.as_str(), Compression::None),
        };
        let extension = stem.rsplit_once('.').map_or("", |(_, e)| e);
        let json = JSON_NAMES.contains(&extension);
        let file = Self {
            path: path.to_path_buf(),
            name: String::new(),
            bytes,
            format: match format {
                Format::Auto if json => Format::Jsonl,
                Format::Auto => Format::Text,
                given => given,
            },
            compression,
        };
        (file, json || TEXT_NAMES.contains(&extension))
    }
}

/// SHA-256 and size of what was read through a [`Counted`].
#[derive(Clone, Default)]
pub(super) struct Fingerprint(Arc<Mutex<(Sha256, u64)>>);

impl Fingerprint {
    /// Reads what is left of the file, and gives its size and hash.
    pub(super) fn finish(
        self,
        file: &InputFile,
        consumed: &AtomicU64,
    ) -> Result<FileRead, CorpusError> {
        let failed = |e| CorpusError::io(&file.path, "read the file", e);
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (hash, bytes) = &mut *guard;
        // A decoder may stop before the file does. (Pipes have been read to their end.)
        let regular = fs::metadata(&file.path).is_ok_and(|m| m.is_file() && m.len() > *bytes);
        let mut rest: Box<dyn Read> = if regular {
            let mut rest = File::open(&file.path).map_err(failed)?;
            io::Seek::seek(&mut rest, io::SeekFrom::Start(*bytes)).map_err(failed)?;
            Box::new(rest)
        } else {
            Box::new(io::empty())
        };
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = rest.read(&mut buffer).map_err(failed)?;
            if n == 0 {
                break;
            }
            hash.update(&buffer[..n]);
            *bytes += n as u64;
            consumed.fetch_add(n as u64, Ordering::Relaxed);
        }
        Ok(FileRead {
            bytes: *bytes,
            sha256: hex(&hash.clone().finalize()),
            skipped: Skipped::default(),
        })
    }
}

/// Hashes and counts what passes through.
struct Counted<'a, R> {
    inner: R,
    fingerprint: Fingerprint,
    consumed: &'a AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        let mut guard = self
            .fingerprint
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        guard.0.update(&buffer[..n]);
        guard.1 += n as u64;
        self.consumed.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// The decompressed bytes of a file.
pub(super) fn open<'a>(
    file: &InputFile,
    fingerprint: &Fingerprint,
    consumed: &'a AtomicU64,
) -> Result<Box<dyn Read + 'a>, CorpusError> {
    let failed = |e| CorpusError::io(&file.path, "open the file", e);
    let raw = io::BufReader::with_capacity(
        1 << 17,
        Counted {
            inner: File::open(&file.path).map_err(failed)?,
            fingerprint: fingerprint.clone(),
            consumed,
        },
    );
    Ok(match file.compression {
        Compression::None => Box::new(raw),
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(raw)),
        Compression::Zstd => {
            Box::new(zstd::stream::read::Decoder::with_buffer(raw).map_err(failed)?)
        }
    })
}
