//! The folder an index is built in, and how it gets into its place.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::error::CorpusError;
use crate::manifest::Manifest;

/// Held locked by the build that works in the folder, so that others can tell a build that runs
/// from the remains of one that was killed.
const LOCK: &str = "build.lock";
/// The same before it is locked.
const UNLOCKED: &str = "build.lock.new";
/// A build has its lock by then.
const BEGINNING: Duration = Duration::from_secs(60);
/// A build looks at what is there, or moves folders, for a fraction of this.
const TURN: Duration = Duration::from_secs(10);

/// A folder beside `out` in which an index is being built. Removed when dropped unpublished.
pub(super) struct Partial {
    folder: PathBuf,
    /// Of this build, in the names of its folders.
    id: String,
    out: PathBuf,
    force: bool,
    lock: Option<File>,
}

impl Partial {
    /// Removes what killed builds of `out` left, and makes a new folder. An `out` that is there
    /// already is refused, unless it is an index and `force` is set.
    pub(super) fn create(out: &Path, force: bool) -> Result<Self, CorpusError> {
        let name = out.file_name().ok_or_else(|| CorpusError::Text {
            path: out.to_path_buf(),
            message: "names no folder; give --out a name to create".to_string(),
        })?;
        let parent = parent_of(out);
        fs::create_dir_all(parent).map_err(|e| CorpusError::io(parent, "create the folder", e))?;
        let _turn = turn(parent);
        clean_up(parent, &name.to_string_lossy(), out);
        refuse_what_is_there(out, force)?;

        // One process may build the same index twice at a time.
        static BUILDS: AtomicUsize = AtomicUsize::new(0);
        let build = BUILDS.fetch_add(1, Ordering::Relaxed);
        let id = format!("{}-{build}", std::process::id());
        let folder = parent.join(format!("{}.partial-{id}", name.to_string_lossy()));
        let failed = |e| CorpusError::io(&folder, "create the folder", e);
        fs::create_dir(&folder).map_err(|e| match e.kind() {
            // The folder's name means nothing to the user; the parent is what cannot be written.
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                CorpusError::io(parent, "write into the folder", e)
            }
            _ => failed(e),
        })?;
        // Never seen unlocked under its name: who finds it so takes the build for dead.
        let unlocked = folder.join(UNLOCKED);
        let lock = File::create(&unlocked).map_err(failed)?;
        // On file systems without locks, builds of one `out` must not run at the same time.
        let _ = lock.try_lock();
        fs::rename(&unlocked, folder.join(LOCK)).map_err(failed)?;
        Ok(Self {
            folder,
            id,
            out: out.to_path_buf(),
            force,
            lock: Some(lock),
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Moves the finished index into its place. Replacing takes two renames; should the machine
    /// stop between them, the next build puts the old index back.
    pub(super) fn publish(mut self) -> Result<(), CorpusError> {
        let failed = |e| CorpusError::io(&self.out, "move the finished index here", e);
        if let Ok(folder) = File::open(&self.folder) {
            // Not every system can do this with folders.
            let _ = folder.sync_all();
        }
        let _turn = turn(parent_of(&self.out));
        refuse_what_is_there(&self.out, self.force)?;
        let old = self.folder.with_file_name(format!(
            "{}.old-{}",
            self.out.file_name().unwrap_or_default().to_string_lossy(),
            self.id
        ));
        // Only what `force` allows to replace is moved away.
        let replaces = self.force && Manifest::is_in(&self.out);
        if replaces {
            fs::rename(&self.out, &old).map_err(failed)?;
        } else {
            // Not every system renames onto an empty folder; one that is not empty stays.
            let _ = fs::remove_dir(&self.out);
        }
        if let Err(e) = fs::rename(&self.folder, &self.out) {
            if replaces {
                let _ = fs::rename(&old, &self.out);
            }
            // Where turns cannot be taken, another build may have been faster by a moment.
            refuse_what_is_there(&self.out, self.force)?;
            return Err(failed(e));
        }
        // Published: nothing is left to remove but the lock, which was held until now so that no
        // other build could take the folder for one left behind.
        self.lock = None;
        let _ = fs::remove_file(self.out.join(LOCK));
        if replaces {
            let _ = fs::remove_dir_all(&old);
        }
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if self.lock.take().is_some() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn parent_of(out: &Path) -> &Path {
    match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Has builds into one parent folder look at it and move folders in it one at a time: held until
/// dropped. Waits no longer than [`TURN`]: who holds the folder locked for long is no build.
/// `None` also where folders cannot be locked.
fn turn(parent: &Path) -> Option<File> {
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

fn refuse_what_is_there(out: &Path, force: bool) -> Result<(), CorpusError> {
    let path = out.to_path_buf();
    let Ok(meta) = fs::symlink_metadata(out) else {
        return Ok(());
    };
    let empty =
        meta.is_dir() && fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none());
    match (empty, Manifest::is_in(out), force) {
        (true, _, _) | (_, true, true) => Ok(()),
        (_, true, false) => Err(CorpusError::Exists { path }),
        (_, false, _) => Err(CorpusError::NotOurs { path }),
    }
}

/// Removes the remains of killed builds of `out`; puts an old index back whose replacement never
/// came. What cannot be removed stays: it is in no one's way.
fn clean_up(parent: &Path, name: &str, out: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let entry_name = entry.file_name().to_string_lossy().into_owned();
        let is_of = |kind: &str| {
            entry_name
                .strip_prefix(&format!("{name}.{kind}-"))
                .is_some_and(|id| {
                    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
                    // Builds by older versions have the process alone.
                    id.split('-').all(digits)
                })
        };
        if is_of("old") && Manifest::is_in(&path) {
            if out.exists() {
                let _ = fs::remove_dir_all(&path);
            } else {
                let _ = fs::rename(&path, out);
            }
        } else if is_of("partial") {
            let running = match File::open(path.join(LOCK)) {
                Ok(lock) => matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock)),
                Err(_) => began_lately(&path),
            };
            if !running {
                let _ = fs::remove_dir_all(&path);
            }
        }
    }
}

/// Whether a folder was made so lately that its build may not have come to its lock.
fn began_lately(folder: &Path) -> bool {
    let made = fs::metadata(folder).and_then(|m| m.modified());
    made.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < BEGINNING))
}
