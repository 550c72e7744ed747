//! Builds into one folder tell each other: by a lock that each holds, and by turns.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

/// Held locked by the build that works in the folder, so that others can tell a build that runs
/// from the remains of one that was killed.
pub(super) const LOCK: &str = "build.lock";
/// A build looks at what is there, or moves folders, for a fraction of this.
const TURN: Duration = Duration::from_secs(10);

pub(super) fn parent_of(out: &Path) -> &Path {
    match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Has builds into one parent folder look at it and move folders in it one at a time: held until
/// dropped. Waits no longer than [`TURN`]: who holds the folder locked for long is no build.
/// `None` also where folders cannot be locked.
pub(super) fn turn(parent: &Path) -> Option<File> {
    let folder = File::open(parent).ok()?;
    let begun = Instant::now();
    while begun.elapsed() < TURN {
        match folder.try_lock() {
            Ok(()) => return Some(folder),
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
            Err(fs::TryLockError::Error(_)) => return None,
        }
    }
    None
}
