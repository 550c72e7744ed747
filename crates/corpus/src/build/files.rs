//! The files of an index that is made: those that it takes from other indexes as they are, and new ones.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::progress::{Clock, Phase};
use crate::error::CorpusError;
use crate::hash::{Hashed, hash_file};
use crate::local::LocalIndex;
use crate::manifest::{DOCUMENTS, IndexFile, NGRAMS};
use crate::ngrams::{FILES, NgramWriter, Piece, ShardInfo};

/// Files of tantivy that are written anew with each segment.
const REWRITTEN: [&str; 2] = ["meta.json", ".managed.json"];

/// Files that other indexes have too, by their names in the manifest: hard links, or copies where there can be none. They never change.
#[derive(Default)]
pub(super) struct TakenFiles(HashMap<String, TakenFile>);

struct TakenFile {
    /// Where it is taken from.
    from: PathBuf,
    hashed: Hashed,
}

impl TakenFiles {
    /// Takes all shards of an index.
    pub(super) fn shards(
        &mut self,
        index: &LocalIndex,
        folder: &Path,
        ngrams: &mut NgramWriter,
    ) -> Result<(), CorpusError> {
        for shard in &index.manifest().shards {
            let name = ngrams.name();
            for end in FILES {
                let from = format!("{NGRAMS}/{}.{end}", shard.name);
                self.take(index, &from, folder, format!("{NGRAMS}/{name}.{end}"))?;
            }
            let sums = |end| index.sums().of(&format!("{NGRAMS}/{}.{end}", shard.name));
            ngrams.take(Piece {
                ids: sums("ids").cloned(),
                docs: sums("docs").cloned(),
                sorted: true,
                info: ShardInfo {
                    name,
                    ..shard.clone()
                },
            })?;
        }
        Ok(())
    }

    /// Takes all segments of an index. The names of the files that stay as they are.
    pub(super) fn segments(
        &mut self,
        index: &LocalIndex,
        folder: &Path,
    ) -> Result<HashSet<OsString>, CorpusError> {
        let part = folder.join(DOCUMENTS);
        fs::create_dir(&part).map_err(|e| CorpusError::io(&part, "create the folder", e))?;
        let mut names = HashSet::new();
        for file in &index.manifest().files {
            let Some((DOCUMENTS, name)) = file.path.split_once('/') else {
                continue;
            };
            if REWRITTEN.contains(&name) {
                let from = index.folder().join(&file.path);
                copy(&from, &folder.join(&file.path))?;
                expect_sound(&folder.join(&file.path), &file.sha256, &from)?;
            } else {
                self.take(index, &file.path, folder, file.path.clone())?;
                names.insert(name.into());
            }
        }
        Ok(names)
    }

    fn take(
        &mut self,
        index: &LocalIndex,
        name: &str,
        folder: &Path,
        new: String,
    ) -> Result<(), CorpusError> {
        let (from, to) = (index.folder().join(name), folder.join(&new));
        let mut files = index.manifest().files.iter();
        let (Some(file), Some(sums)) = (files.find(|f| f.path == name), index.sums().of(name))
        else {
            return Err(CorpusError::damaged(from, "the manifest does not have it"));
        };
        if fs::hard_link(&from, &to).is_err() {
            copy(&from, &to)?;
        }
        let pages = match index.is_checked() {
            true => sums.crcs().to_vec(),
            // Whatever is in it now would be vouched for.
            false => expect_sound(&to, &file.sha256, &from)?.pages,
        };
        let hashed = Hashed {
            bytes: file.bytes,
            sha256: file.sha256.clone(),
            pages,
        };
        self.0.insert(new, TakenFile { from, hashed });
        Ok(())
    }

    /// # Errors
    /// A file that was taken is not what was written.
    pub(super) fn expect_sound(&self, folder: &Path, name: &str) -> Result<(), CorpusError> {
        match self.0.get(name) {
            Some(file) => {
                expect_sound(&folder.join(name), &file.hashed.sha256, &file.from).map(|_| ())
            }
            None => Ok(()),
        }
    }
}

/// What a file holds that was taken from another place, if it is what was written there.
fn expect_sound(file: &Path, sha256: &str, from: &Path) -> Result<Hashed, CorpusError> {
    let found = hash_file(file)?;
    match found.sha256 == sha256 {
        true => Ok(found),
        false => Err(CorpusError::damaged(
            from,
            "its SHA-256 is not that of the manifest",
        )),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), CorpusError> {
    if !from.exists() {
        return Err(CorpusError::MissingFile { path: from.into() });
    }
    let copied = fs::copy(from, to).and_then(|_| File::open(to)?.sync_all());
    copied.map_err(|e| CorpusError::io(to, "copy a file of the index", e))
}

/// What a file holds that was just written, and is on the disk from now on: what the manifest vouches for should survive a power cut.
fn new_file(path: &Path) -> Result<Hashed, CorpusError> {
    let hashed = hash_file(path)?;
    File::open(path)
        .and_then(|f| f.sync_all())
        .map_err(|e| CorpusError::io(path, "write the file to the disk", e))?;
    Ok(hashed)
}

/// Sizes and hashes of all files below `folder`, sorted by name, and the checksums of their pages. Those that were taken are not read again.
pub(super) fn hash_all(
    folder: &Path,
    taken: &TakenFiles,
    clock: &mut Clock,
) -> Result<(Vec<IndexFile>, Vec<u32>), CorpusError> {
    let mut paths = Vec::new();
    for part in [DOCUMENTS, NGRAMS] {
        let part = folder.join(part);
        let failed = |e| CorpusError::io(&part, "list the folder", e);
        for entry in fs::read_dir(&part).map_err(failed)? {
            paths.push(entry.map_err(failed)?.path());
        }
    }
    paths.sort();
    let sizes = paths
        .iter()
        .filter_map(|p| fs::metadata(p).ok())
        .map(|m| m.len());
    let total = sizes.sum();
    clock.enter(Phase::Hashing);
    let mut done = 0;
    let (mut files, mut pages) = (Vec::with_capacity(paths.len()), Vec::new());
    for path in paths {
        let name = path.strip_prefix(folder).unwrap_or(&path);
        let parts: Vec<_> = name.iter().map(|p| p.to_string_lossy()).collect();
        let name = parts.join("/");
        let Hashed {
            bytes,
            sha256,
            pages: own,
        } = match taken.0.get(&name) {
            Some(file) => file.hashed.clone(),
            None => new_file(&path)?,
        };
        pages.extend(own);
        files.push(IndexFile {
            path: name,
            bytes,
            sha256,
        });
        done += bytes;
        clock.report(done, total)?;
    }
    for part in [DOCUMENTS, NGRAMS] {
        // The names of links too. Not every system can do this with folders.
        let _ = File::open(folder.join(part)).and_then(|part| part.sync_all());
    }
    Ok((files, pages))
}
