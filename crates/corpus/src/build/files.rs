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
use crate::ngrams::{FILES, KEYS, NgramWriter, Piece, ShardInfo};

/// Files of tantivy that are written anew with each segment.
pub(super) const REWRITTEN: [&str; 2] = ["meta.json", ".managed.json"];

/// Files that never change, by their names in the manifest: those that other indexes have too (hard links, or copies where there can be none), and those
/// of parts that are done.
#[derive(Default)]
pub(super) struct TakenFiles(HashMap<String, TakenFile>);

struct TakenFile {
    /// Where it is taken from; where it lies, if from nowhere.
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
                if end == KEYS && index.sums().of(&from).is_none() {
                    continue;
                }
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

    /// Those that a build noted in a folder; all others there are removed.
    ///
    /// # Errors
    /// One of them is not what it was.
    pub(super) fn noted(folder: &Path, noted: &[IndexFile]) -> Result<Self, CorpusError> {
        let mut files = HashMap::new();
        for (name, from) in listed(folder)? {
            match noted.iter().find(|f| f.path == name) {
                Some(file) => {
                    let hashed = expect_sound(&from, &file.sha256, &from)?;
                    files.insert(name, TakenFile { from, hashed });
                }
                None => fs::remove_file(&from)
                    .map_err(|e| CorpusError::io(&from, "remove the file", e))?,
            }
        }
        match noted.iter().find(|f| !files.contains_key(&f.path)) {
            Some(file) => Err(CorpusError::MissingFile {
                path: folder.join(&file.path),
            }),
            None => Ok(Self(files)),
        }
    }

    /// Takes the files that were written since, once they are on the disk: none is written at present. All that are taken by then.
    pub(super) fn settle(&mut self, folder: &Path) -> Result<Vec<IndexFile>, CorpusError> {
        for (name, from) in listed(folder)? {
            let own = from.file_name().unwrap_or_default().to_string_lossy();
            let is_rewritten = own.starts_with('.') || REWRITTEN.contains(&own.as_ref());
            if !is_rewritten && !self.has(&name) {
                let hashed = new_file(&from)?;
                self.0.insert(name, TakenFile { from, hashed });
            }
        }
        sync_folders(folder);
        let files = self.0.iter();
        Ok(files.map(|(name, f)| named(name, &f.hashed)).collect())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
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

fn named(name: &str, hashed: &Hashed) -> IndexFile {
    IndexFile {
        path: name.to_string(),
        bytes: hashed.bytes,
        sha256: hashed.sha256.clone(),
    }
}

/// All files of an index in a folder that is made, by their names in the manifest, sorted.
fn listed(folder: &Path) -> Result<Vec<(String, PathBuf)>, CorpusError> {
    let mut files = Vec::new();
    for part in [DOCUMENTS, NGRAMS] {
        let path = folder.join(part);
        let failed = |e| CorpusError::io(&path, "list the folder", e);
        for entry in fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            files.push((format!("{part}/{}", name.to_string_lossy()), entry.path()));
        }
    }
    files.sort();
    Ok(files)
}

/// Has the names of files on the disk, those of links too.
fn sync_folders(folder: &Path) {
    for part in [DOCUMENTS, NGRAMS] {
        // Not every system can do this with folders.
        let _ = File::open(folder.join(part)).and_then(|part| part.sync_all());
    }
}

/// Sizes and hashes of all files below `folder`, sorted by name, and the checksums of their pages. Those that were taken are not read again.
pub(super) fn hash_all(
    folder: &Path,
    taken: &TakenFiles,
    clock: &mut Clock,
) -> Result<(Vec<IndexFile>, Vec<u32>), CorpusError> {
    let listed = listed(folder)?;
    let sizes = listed
        .iter()
        .filter_map(|(_, path)| fs::metadata(path).ok())
        .map(|m| m.len());
    let total = sizes.sum();
    clock.enter(Phase::Hashing);
    let mut done = 0;
    let (mut files, mut pages) = (Vec::with_capacity(listed.len()), Vec::new());
    for (name, path) in listed {
        let hashed = match taken.0.get(&name) {
            Some(file) => file.hashed.clone(),
            None => new_file(&path)?,
        };
        files.push(named(&name, &hashed));
        pages.extend(hashed.pages);
        done += hashed.bytes;
        clock.report(done, total)?;
    }
    sync_folders(folder);
    Ok((files, pages))
}
