//! The folder an index is built in, and how it gets into its place.
//!
//! Where the file system can exchange two names in one step (Linux; most file systems), `OUT` is at every moment the old index or the new one.
//! Elsewhere the old one is moved aside and the new one in: should the machine stop between the two, whoever opens or builds `OUT` next finishes
//! the move ([`super::left`]).

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use super::journal::{Noted, take};
use super::left::{clean_up, writer};
use super::taken::expect_same;
use super::turn::{LOCK, parent_of, turn};
use crate::error::CorpusError;
use crate::manifest::{self, Manifest};

/// The same before it is locked.
const UNLOCKED: &str = "build.lock.new";
/// Folders that builds of this process have to move or to remove.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what the builds of this process have made so far, but for what another build may go on with, and keeps them from publishing: for a process
/// that ends now, and not by itself, with the error that this gives. A build that is moving its index into place is waited for.
pub fn abandon() -> CorpusError {
    let mut folders = unfinished();
    let mut end = CorpusError::Stopped;
    folders.retain(|folder| match stopped(folder) {
        CorpusError::Stopped => true,
        kept => {
            end = kept;
            false
        }
    });
    remove(folders);
    end
}

/// How a build ends that is stopped.
fn stopped(folder: &Path) -> CorpusError {
    match Noted::read(folder) {
        Some(noted) => CorpusError::Kept {
            path: folder.to_path_buf(),
            bytes: noted.bytes(),
        },
        None => CorpusError::Stopped,
    }
}

/// Removes all of it, without waiting for anyone: a build that is moving its index goes on.
pub fn abandon_now() {
    match UNFINISHED.try_lock() {
        Ok(folders) => remove(folders),
        Err(TryLockError::Poisoned(folders)) => remove(folders.into_inner()),
        Err(TryLockError::WouldBlock) => {}
    }
}

fn remove(folders: MutexGuard<'static, Vec<PathBuf>>) {
    for folder in folders.iter() {
        // The build may still write: a file that came in between keeps its folder.
        for _ in 0..100 {
            match fs::remove_dir_all(folder) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                _ => break,
            }
        }
    }
    // Never released: no build of this process gets any further.
    std::mem::forget(folders);
}

/// What may be where an index is to be.
#[derive(Debug)]
pub(super) enum Over {
    Nothing,
    /// An index, which is replaced.
    Index,
    /// The index with this manifest, of which the new one is made. One that another process makes of it too would lack what this one adds.
    Same(Vec<u8>),
}

/// A folder beside `out` in which an index is being built. Removed when dropped unpublished and not kept.
pub(super) struct Partial {
    folder: PathBuf,
    /// Of this build, in the names of its folders.
    id: String,
    out: PathBuf,
    over: Over,
    lock: Option<File>,
    /// What a build noted that was killed here.
    left: Option<Noted>,
}

impl Partial {
    /// Takes the folder of a killed build of `out` of the same job, or makes a new one, and removes what others left. What is at `out` already is refused,
    /// unless it is what it may be `over`.
    pub(super) fn create(out: &Path, over: Over, job: Option<&str>) -> Result<Self, CorpusError> {
        let name = out.file_name().ok_or_else(|| CorpusError::Text {
            path: out.to_path_buf(),
            message: "names no folder; give --out a name to create".to_string(),
        })?;
        let parent = parent_of(out);
        fs::create_dir_all(parent).map_err(|e| CorpusError::io(parent, "create the folder", e))?;
        let turn = turn(parent);
        // Nothing is taken where another might take it too.
        let left = turn.as_ref().and(job).and_then(|job| take(out, job));
        clean_up(out, turn.is_some());
        refuse_what_is_there(out, &over)?;
        if let (Over::Same(_), Some(process)) = (&over, writer(out)) {
            return Err(CorpusError::Busy {
                path: out.to_path_buf(),
                process,
            });
        }

        // One process may build the same index twice at a time.
        static BUILDS: AtomicUsize = AtomicUsize::new(0);
        let build = BUILDS.fetch_add(1, Ordering::Relaxed);
        let id = format!("{}-{build}", std::process::id());
        let folder = parent.join(format!("{}.partial-{id}", name.to_string_lossy()));
        let failed = |e| CorpusError::io(&folder, "create the folder", e);
        let mut unfinished = unfinished();
        if let Some((killed, lock, noted)) = left
            && fs::rename(&killed, &folder).is_ok()
        {
            unfinished.push(folder.clone());
            drop(unfinished);
            return Ok(Self {
                folder,
                id,
                out: out.to_path_buf(),
                over,
                lock: Some(lock),
                left: Some(noted),
            });
        }
        fs::create_dir(&folder).map_err(|e| match e.kind() {
            // The folder's name means nothing to the user; the parent is what cannot be written.
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                CorpusError::io(parent, "write into the folder", e)
            }
            _ => failed(e),
        })?;
        unfinished.push(folder.clone());
        drop(unfinished);
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
            over,
            lock: Some(lock),
            left: None,
        })
    }

    /// What a build noted that was killed in the folder.
    pub(super) fn left(&self) -> Option<&Noted> {
        self.left.as_ref()
    }

    /// Keeps the folder, if another build may go on with it. The error of the build, which was stopped.
    pub(super) fn stopped(mut self) -> CorpusError {
        let end = stopped(&self.folder);
        if matches!(end, CorpusError::Kept { .. }) {
            self.lock = None;
        }
        end
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Moves the finished index into its place.
    pub(super) fn publish(mut self) -> Result<(), CorpusError> {
        if let Ok(folder) = File::open(&self.folder) {
            // Not every system can do this with folders.
            let _ = folder.sync_all();
        }
        let parent = parent_of(&self.out);
        {
            let _turn = turn(parent);
            refuse_what_is_there(&self.out, &self.over)?;
            let _unfinished = unfinished();
            self.moved()?;
            if let Ok(parent) = File::open(parent) {
                let _ = parent.sync_all();
            }
            // The lock was held until now so that no other build could take the folder for one left behind.
            self.lock = None;
            let _ = fs::remove_file(self.out.join(LOCK));
        }
        // What was replaced bears the name of the partial index now. Without its manifest it is none, should this be cut short.
        let _ = fs::remove_file(self.folder.join(manifest::FILE));
        let _ = fs::remove_dir_all(&self.folder);
        Ok(())
    }

    /// Puts the finished index to `out`, and what was there, if anything, to where it was made.
    fn moved(&self) -> Result<(), CorpusError> {
        let failed = |e| CorpusError::io(&self.out, "move the finished index here", e);
        // Only what may be replaced is moved away.
        if matches!(self.over, Over::Nothing) || !Manifest::was_in(&self.out) {
            // Not every system renames onto an empty folder; one that is not empty stays.
            let _ = fs::remove_dir(&self.out);
            return fs::rename(&self.folder, &self.out).map_err(|e| {
                // Where turns cannot be taken, another build may have been faster by a moment.
                let refused = refuse_what_is_there(&self.out, &self.over);
                refused.err().unwrap_or_else(|| failed(e))
            });
        }
        match exchange(&self.folder, &self.out) {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(e) => return Err(failed(e)),
        }
        self.moved_in_two_steps().map_err(failed)
    }

    fn moved_in_two_steps(&self) -> io::Result<()> {
        let name = self.out.file_name().unwrap_or_default().to_string_lossy();
        let old = self
            .folder
            .with_file_name(format!("{name}.old-{}", self.id));
        fs::rename(&self.out, &old)?;
        if let Err(e) = fs::rename(&self.folder, &self.out) {
            let _ = fs::rename(&old, &self.out);
            return Err(e);
        }
        fs::rename(&old, &self.folder)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if self.lock.take().is_some() {
            let _ = fs::remove_dir_all(&self.folder);
        }
        unfinished().retain(|f| *f != self.folder);
    }
}

/// Exchanges two folders in one step. `false` where that cannot be done.
#[cfg(target_os = "linux")]
fn exchange(a: &Path, b: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP | Errno::PERM) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

fn refuse_what_is_there(out: &Path, over: &Over) -> Result<(), CorpusError> {
    if let Over::Same(manifest) = over {
        return expect_same(out, manifest);
    }
    let path = out.to_path_buf();
    let Ok(meta) = fs::symlink_metadata(out) else {
        return Ok(());
    };
    let empty =
        meta.is_dir() && fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none());
    match (empty, Manifest::was_in(out), matches!(over, Over::Index)) {
        (true, _, _) | (_, true, true) => Ok(()),
        (_, true, false) => Err(CorpusError::Exists { path }),
        (_, false, _) => Err(CorpusError::NotOurs { path }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_steps_end_as_an_exchange() {
        let dir = tempfile::tempdir().unwrap();
        for steps in [Partial::moved_in_two_steps as fn(&Partial) -> _, |p| {
            exchange(&p.folder, &p.out).map(|_| ())
        }] {
            let out = dir.path().join("out");
            let partial = Partial::create(&out, Over::Nothing, None).unwrap();
            fs::write(partial.folder().join("new"), "").unwrap();
            fs::create_dir(&out).unwrap();
            fs::write(out.join("old"), "").unwrap();
            steps(&partial).unwrap();
            assert!(out.join("new").exists() && partial.folder().join("old").exists());
            drop(partial);
            let left = fs::read_dir(dir.path()).unwrap().count();
            assert_eq!(left, 1, "only the index");
            fs::remove_dir_all(&out).unwrap();
        }
    }
}
