//! Hashes of models, remembered between runs: reading a file for its hash takes about 2 s per GB.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::replace::beside;
use crate::folders;
use rotescope_vocab::{gguf, hash};

/// By what a file is known again without reading it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Mark {
    path: PathBuf,
    bytes: u64,
    /// Nanoseconds since 1970.
    modified: u64,
    /// Where the system has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inode: Option<Inode>,
    /// Further files of the same model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    further: Vec<Mark>,
}

/// What Unix knows of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Inode {
    device: u64,
    number: u64,
    /// When anything of it last changed, in seconds and nanoseconds; nobody can set it back.
    changed: (i64, i64),
}

#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    #[serde(flatten)]
    mark: Mark,
    sha256: String,
}

/// Files may change twice within one tick of a file system's clock; what changed so lately is not remembered.
const SETTLED: Duration = Duration::from_secs(2);

/// Hex SHA-256 of a model's file; of one in several files, over all of them in order. It is remembered in the user's cache folder by path, size and times; a memory that is missing, damaged or not
/// writable is no error: then the file is read.
///
/// # Errors
/// When the file itself cannot be read, or one of several is missing.
pub fn sha256(path: &Path) -> std::io::Result<String> {
    sha256_told(path, &mut |_| ())
}

/// The same; `read`: is told how many bytes are read, where they must be.
///
/// # Errors
/// As [`sha256`].
pub fn sha256_told(path: &Path, read: &mut dyn FnMut(u64)) -> std::io::Result<String> {
    let files = gguf::parts(path).map_err(std::io::Error::other)?;
    at(&files, folders::cache().as_deref(), SystemTime::now(), read)
}

fn at<P: AsRef<Path>>(
    files: &[P],
    cache: Option<&Path>,
    now: SystemTime,
    read: &mut dyn FnMut(u64),
) -> std::io::Result<String> {
    let whole = |file: &P| file.as_ref().canonicalize();
    let files: Vec<PathBuf> = files.iter().map(whole).collect::<Result<_, _>>()?;
    let (mark, changed) = mark_of(&files)?;
    let name = hash::hex(&Sha256::digest(files[0].as_os_str().as_encoded_bytes())[..16]);
    let memory = cache.map(|folder| folder.join(format!("sha256/{name}.json")));
    let known = memory.as_ref().and_then(|m| recall(m));
    if let Some(known) = known.filter(|k| k.mark == mark) {
        return Ok(known.sha256);
    }
    let (_, sha256) = hash::of_files(&files, read)?;
    let settled = now.duration_since(changed).is_ok_and(|age| age >= SETTLED);
    // A file that changed while it was read has another mark now.
    if let (Some(memory), true) = (memory, settled && mark_of(&files)?.0 == mark) {
        let known = Remembered { mark, sha256 };
        if let Err(e) = remember(&memory, &known) {
            tracing::debug!("{}: {e}", memory.display());
        }
        return Ok(known.sha256);
    }
    Ok(sha256)
}

/// What files are known by, and when one of them last changed.
fn mark_of(files: &[PathBuf]) -> std::io::Result<(Mark, SystemTime)> {
    let (mut first, mut changed) = mark(&files[0])?;
    for file in &files[1..] {
        let (mark, when) = mark(file)?;
        first.further.push(mark);
        changed = changed.max(when);
    }
    Ok((first, changed))
}

/// What a file is known by, and when it last changed.
fn mark(path: &Path) -> std::io::Result<(Mark, SystemTime)> {
    let meta = path.metadata()?;
    let modified = meta.modified()?;
    let inode = inode(&meta);
    let seconds = inode.as_ref().and_then(|i| u64::try_from(i.changed.0).ok());
    let changed = seconds.map(|s| UNIX_EPOCH + Duration::from_secs(s));
    let mark = Mark {
        path: path.into(),
        bytes: meta.len(),
        modified: modified
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| d.as_nanos() as u64),
        inode,
        further: Vec::new(),
    };
    Ok((mark, changed.map_or(modified, |c| c.max(modified))))
}

#[cfg(unix)]
fn inode(meta: &std::fs::Metadata) -> Option<Inode> {
    use std::os::unix::fs::MetadataExt;
    Some(Inode {
        device: meta.dev(),
        number: meta.ino(),
        changed: (meta.ctime(), meta.ctime_nsec()),
    })
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> Option<Inode> {
    None
}

fn recall(memory: &Path) -> Option<Remembered> {
    let known: Remembered = serde_json::from_slice(&std::fs::read(memory).ok()?).ok()?;
    let digits = known.sha256.bytes().all(|b| b.is_ascii_hexdigit());
    (digits && known.sha256.len() == 64).then_some(known)
}

/// Written aside and moved into place: it is whole or not there.
fn remember(memory: &Path, known: &Remembered) -> std::io::Result<()> {
    let folder = memory.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = beside(memory)?;
    file.write_all(&serde_json::to_vec(known)?)?;
    file.persist(memory)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a file in it, and a time when that has settled.
    fn file(content: &str) -> (tempfile::TempDir, PathBuf, SystemTime) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("model.gguf");
        std::fs::write(&path, content).unwrap();
        (dir, path, SystemTime::now() + Duration::from_secs(3))
    }

    fn at<P: AsRef<Path>>(
        files: &[P],
        cache: Option<&Path>,
        now: SystemTime,
    ) -> std::io::Result<String> {
        super::at(files, cache, now, &mut |_| ())
    }

    fn memories(cache: &Path) -> Vec<PathBuf> {
        let folder = std::fs::read_dir(cache.join("sha256"));
        let entries = folder.into_iter().flatten();
        entries.map(|e| e.unwrap().path()).collect()
    }

    fn of(content: &str) -> String {
        hash::hex(&Sha256::digest(content))
    }

    #[test]
    fn a_hash_is_remembered_and_a_changed_file_gets_a_new_one() {
        let (dir, path, later) = file("one");
        let cache = dir.path().join("cache");
        assert_eq!(at(&[&path], Some(&cache), later).unwrap(), of("one"));
        let [memory] = &memories(&cache)[..] else {
            panic!("one memory, and nothing beside it")
        };
        // What is remembered is what is said: the file is not read again.
        let said = std::fs::read_to_string(memory).unwrap();
        std::fs::write(memory, said.replace(&of("one"), &of("remembered"))).unwrap();
        assert_eq!(at(&[&path], Some(&cache), later).unwrap(), of("remembered"));

        // Of the same size, and as old by its own word.
        let old = path.metadata().unwrap().modified().unwrap();
        std::thread::sleep(Duration::from_millis(20));
        std::fs::write(&path, "two").unwrap();
        let times = std::fs::FileTimes::new().set_modified(old);
        std::fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_times(times)
            .unwrap();
        assert_eq!(at(&[&path], Some(&cache), later).unwrap(), of("two"));
        assert_eq!(
            memories(&cache).len(),
            1,
            "the new one in the old one's place"
        );
    }

    #[test]
    fn a_damaged_or_missing_memory_is_no_error() {
        let (dir, path, later) = file("one");
        let cache = dir.path().join("cache");
        at(&[&path], Some(&cache), later).unwrap();
        let memory = memories(&cache).remove(0);
        let whole = std::fs::read_to_string(&memory).unwrap();
        for damaged in [
            "",
            "{}",
            &whole[..whole.len() / 2],
            &whole.replace(&of("one"), "1234"),
        ] {
            std::fs::write(&memory, damaged).unwrap();
            assert_eq!(
                at(&[&path], Some(&cache), later).unwrap(),
                of("one"),
                "{damaged:?}"
            );
            assert_eq!(std::fs::read_to_string(&memory).unwrap(), whole, "mended");
        }
        assert_eq!(at(&[&path], None, later).unwrap(), of("one"));
        // A folder that cannot be made.
        assert_eq!(
            at(&[&path], Some(&path.join("x")), later).unwrap(),
            of("one")
        );
        assert!(at(&[dir.path().join("none")], Some(&cache), later).is_err());
    }

    #[test]
    fn several_files_are_hashed_as_one_and_each_of_them_counts() {
        let (dir, path, later) = file("one");
        let cache = dir.path().join("cache");
        let second = dir.path().join("second.gguf");
        std::fs::write(&second, "two").unwrap();
        let both = [&path, &second];
        assert_eq!(at(&both, Some(&cache), later).unwrap(), of("onetwo"));
        assert_eq!(at(&both, Some(&cache), later).unwrap(), of("onetwo"));
        std::fs::write(&second, "three").unwrap();
        assert_eq!(at(&both, Some(&cache), later).unwrap(), of("onethree"));
        assert_eq!(at(&both[..1], Some(&cache), later).unwrap(), of("one"));
    }

    #[test]
    fn what_has_just_changed_is_not_remembered() {
        let (dir, path, _) = file("one");
        let cache = dir.path().join("cache");
        assert_eq!(
            at(&[&path], Some(&cache), SystemTime::now()).unwrap(),
            of("one")
        );
        assert_eq!(memories(&cache), Vec::<PathBuf>::new());
    }
}
