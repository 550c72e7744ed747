//! Files of the program, unpacked to a folder and found whole there.
//!
//! Beside each file lies a note of its hash, size and time of change as they were when it was last found whole: while they agree the file is
//! taken as it is, or else it is hashed. A file that is not whole is written anew, aside and then moved into place, by one process at a time. So
//! neither a killed process nor a full disk leaves a part under its name.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rotescope_vocab::hash::hex;
use sha2::{Digest, Sha256};

use super::contents::File;
use super::error::BundleError;

/// The path of a file below `root`, unpacked if it is not there or not whole.
///
/// # Errors
/// When it cannot be written; the error names the path.
pub fn unpacked(file: &File, root: &Path) -> Result<PathBuf, BundleError> {
    let path = root.join(file.path);
    if is_whole(file, &path) {
        return Ok(path);
    }
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        |source| BundleError::Unpack {
            path,
            bytes: file.bytes.len(),
            source,
        }
    };
    let folder = path.parent().unwrap_or(root);
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let lock = root.join("lock");
    let held = fs::File::create(&lock).map_err(failed(&lock))?;
    held.lock().map_err(failed(&lock))?;
    // Another process may have done it meanwhile.
    if !is_whole(file, &path) {
        // What a killed process left of it is overwritten.
        let part = beside(&path, "part");
        write(&part, file.bytes).map_err(|e| {
            let _ = fs::remove_file(&part); // it takes room that may be short
            failed(&part)(e)
        })?;
        fs::rename(&part, &path).map_err(failed(&path))?;
        is_whole(file, &path); // notes that it is
    }
    Ok(path)
}

/// Whether a file is there with its whole content. Notes it where it is.
fn is_whole(file: &File, path: &Path) -> bool {
    let Ok(now) = state(file, path) else {
        return false;
    };
    if fs::read_to_string(beside(path, "whole")).is_ok_and(|n| n == now) {
        return true;
    }
    let as_long = path
        .metadata()
        .is_ok_and(|m| m.len() == file.bytes.len() as u64);
    let whole =
        as_long && fs::read(path).is_ok_and(|content| hex(&Sha256::digest(content)) == file.sha256);
    if whole {
        // As it was before it was read: it may have changed meanwhile. A folder that cannot be written to costs a hash each time.
        let _ = fs::write(beside(path, "whole"), now);
    }
    whole
}

/// What the note of a whole file says: its hash, size, and time of change in nanoseconds.
fn state(file: &File, path: &Path) -> io::Result<String> {
    let found = path.metadata()?;
    let changed = found.modified()?.duration_since(UNIX_EPOCH);
    let changed = changed.map_err(io::Error::other)?.as_nanos();
    Ok(format!("{} {} {changed}\n", file.sha256, found.len()))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// `FILE.WHAT`.
fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: &[u8] = b"what is unpacked";

    const FILE: File = File {
        path: "models/m.gguf",
        bytes: BYTES,
        sha256: "5d30398a3c126d7b365d13279ca00f72fea760b1db53e9c9d74a6d5988885fa3",
    };

    #[test]
    fn a_file_is_written_once_and_found_again() {
        let root = tempfile::tempdir().unwrap();
        let path = unpacked(&FILE, root.path()).unwrap();
        let written = path.metadata().unwrap().modified().unwrap();
        assert_eq!(fs::read(&path).unwrap(), BYTES);
        assert_eq!(unpacked(&FILE, root.path()).unwrap(), path);
        assert_eq!(path.metadata().unwrap().modified().unwrap(), written);
    }

    #[test]
    fn a_file_that_is_not_whole_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        let path = unpacked(&FILE, root.path()).unwrap();
        // As long as it was; shorter; empty.
        for bad in [&b"what is UNPACKED"[..], b"what", b""] {
            fs::write(&path, bad).unwrap();
            assert!(!is_whole(&FILE, &path));
            unpacked(&FILE, root.path()).unwrap();
            assert_eq!(fs::read(&path).unwrap(), BYTES);
        }
    }

    #[test]
    fn what_a_killed_process_left_is_overwritten() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("models")).unwrap();
        let part = root.path().join("models/m.gguf.part");
        fs::write(&part, vec![b'x'; 1000]).unwrap();
        let path = unpacked(&FILE, root.path()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), BYTES);
        assert!(!part.exists());
    }

    #[test]
    fn a_lost_note_costs_a_hash_and_a_wrong_one_is_not_believed() {
        let root = tempfile::tempdir().unwrap();
        let path = unpacked(&FILE, root.path()).unwrap();
        let note = beside(&path, "whole");
        fs::remove_file(&note).unwrap();
        assert!(is_whole(&FILE, &path));
        assert_eq!(
            fs::read_to_string(&note).unwrap(),
            state(&FILE, &path).unwrap()
        );
        // The note of a file that was whole then.
        let old = fs::read_to_string(&note).unwrap();
        fs::write(&path, b"what is UNPACKED").unwrap();
        fs::write(&note, old).unwrap();
        assert!(!is_whole(&FILE, &path));
    }

    #[test]
    fn many_at_once_all_find_it_whole() {
        let root = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let path = unpacked(&FILE, root.path()).unwrap();
                    assert_eq!(fs::read(path).unwrap(), BYTES);
                });
            }
        });
    }

    #[test]
    fn where_it_cannot_be_written_is_said_with_the_way_out() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("models"), "in the way").unwrap();
        let message = unpacked(&FILE, root.path()).unwrap_err().to_string();
        let at = root.path().join("models");
        assert!(
            message.starts_with(at.to_str().unwrap()) && message.contains("XDG_DATA_HOME"),
            "{message}"
        );
    }
}
