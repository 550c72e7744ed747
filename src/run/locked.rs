//! A file that one process appends to, and who that is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::Path;

use super::error::OutputError;
use super::replace::{is_at, is_stream};

/// The file, opened for appending and locked for this process.
///
/// # Errors
/// A file that another process has locked, with its number where the system tells, or that cannot be opened.
pub(super) fn locked(path: &Path, create: bool) -> Result<File, OutputError> {
    let io = |source| OutputError::Io {
        path: path.into(),
        source,
    };
    loop {
        let stream = is_stream(path);
        let file = OpenOptions::new()
            .read(!stream)
            .append(true)
            .create(create)
            .open(path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(_) if stream => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OutputError::Locked {
                    path: path.into(),
                    holder: holder(&file),
                });
            }
            Err(TryLockError::Error(e)) if e.kind() == ErrorKind::Unsupported => {} // a file system without locks
            Err(TryLockError::Error(e)) => return Err(io(e)),
        }
        // Another process may have put a new file there before this one had its lock.
        if stream || is_at(&file, path) {
            return Ok(file);
        }
    }
}

/// The process that holds the lock of a file.
#[cfg(target_os = "linux")]
fn holder(file: &File) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let inode = file.metadata().ok()?.ino().to_string();
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    // `1: FLOCK  ADVISORY  WRITE 4711 fd:00:131077 0 EOF`: who, then the device and the number of the file. Processes elsewhere (another container's) are 0.
    let mut of_files = locks.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, "FLOCK", _, _, process, file, ..] = fields[..] else {
            return None;
        };
        (file.rsplit(':').next() == Some(&inode)).then(|| process.parse().ok())?
    });
    of_files.find(|process| *process > 0)
}

#[cfg(not(target_os = "linux"))]
fn holder(_: &File) -> Option<u32> {
    None
}
