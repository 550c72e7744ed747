//! What killed builds leave beside an index.
//!
//! | left beside `OUT` | while `OUT` is there | while `OUT` is not there |
//! |---|---|---|
//! | `OUT.partial-PID-N`, finished | removed: what was replaced, or was about to replace it | becomes `OUT` |
//! | `OUT.partial-PID-N`, unfinished | the next build goes on with it, or removes it | the same |
//! | `OUT.old-PID-N` | removed: it was replaced | becomes `OUT`, if no finished one does |
//!
//! What a running build holds locked is left alone. So are names without both numbers: `OUT.old-2024` is someone's own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::turn::{LOCK, parent_of, turn};
use crate::manifest::Manifest;

/// A build has its lock by then.
const BEGINNING: Duration = Duration::from_secs(60);

/// Folders of builds of `out` that do not run any more.
pub(super) struct Left {
    pub(super) partial: Vec<PathBuf>,
    old: Vec<PathBuf>,
}

impl Left {
    /// `alone`: no build looks for its place or moves its index meanwhile.
    pub(super) fn beside(out: &Path, alone: bool) -> Self {
        let (mut partial, mut old) = (Vec::new(), Vec::new());
        let name = out.file_name().unwrap_or_default().to_string_lossy();
        let entries = fs::read_dir(parent_of(out)).into_iter().flatten();
        for entry in entries.flatten() {
            let entry_name = entry.file_name().to_string_lossy().into_owned();
            let is_of = |kind: &str| is_named(&entry_name, &name, kind);
            let path = entry.path();
            if is_of("old") {
                old.push(path);
            } else if is_of("partial") && !is_running(&path, alone) {
                partial.push(path);
            }
        }
        Self { partial, old }
    }
}

/// Whether a name is `OUT.KIND-PID-N`.
fn is_named(entry: &str, out: &str, kind: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let id = entry
        .strip_prefix(out)
        .and_then(|rest| rest.strip_prefix('.'))
        .and_then(|rest| rest.strip_prefix(kind))
        .and_then(|rest| rest.strip_prefix('-'));
    id.and_then(|id| id.split_once('-'))
        .is_some_and(|(process, build)| digits(process) && digits(build))
}

/// Whether a name is that of a folder in which an index is, or was, made or replaced.
pub(super) fn is_work_of(entry: &Path, out: &Path) -> bool {
    let name = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned());
    match (name(entry), name(out)) {
        (Some(entry), Some(out)) => ["partial", "old"]
            .iter()
            .any(|kind| is_named(&entry, &out, kind)),
        _ => false,
    }
}

/// A process that writes `out` at present, by its number.
pub(super) fn writer(out: &Path) -> Option<String> {
    let name = out.file_name()?.to_string_lossy().into_owned();
    let entries = fs::read_dir(parent_of(out)).into_iter().flatten();
    entries.flatten().find_map(|entry| {
        let folder = entry.file_name().to_string_lossy().into_owned();
        let runs = is_named(&folder, &name, "partial") && is_running(&entry.path(), true);
        let (_, id) = folder.rsplit_once(".partial-")?;
        runs.then(|| id.split('-').next().unwrap_or(id).to_string())
    })
}

fn is_running(folder: &Path, alone: bool) -> bool {
    match File::open(folder.join(LOCK)) {
        Ok(lock) => matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock)),
        // A build has its lock before another's turn comes.
        Err(_) => !alone && began_lately(folder),
    }
}

/// Whether a folder was made so lately that its build may not have come to its lock.
fn began_lately(folder: &Path) -> bool {
    let made = fs::metadata(folder).and_then(|m| m.modified());
    made.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < BEGINNING))
}

/// Removes the remains of killed builds of `out`, and finishes a move that was cut short. What cannot be removed stays: it is in no
/// one's way. `alone`: no build looks for its place or moves its index meanwhile.
pub(super) fn clean_up(out: &Path, alone: bool) {
    let left = Left::beside(out, alone);
    finish(out, &left);
    if out.exists() {
        // Held by no one any more.
        let lock = out.join(LOCK);
        if File::open(&lock).is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_file(lock);
        }
        for old in left.old.iter().filter(|old| Manifest::was_in(old)) {
            let _ = fs::remove_dir_all(old);
        }
    }
    for partial in &left.partial {
        let _ = fs::remove_dir_all(partial);
    }
}

/// Puts a finished index to `out`, if there is none.
fn finish(out: &Path, left: &Left) {
    if fs::symlink_metadata(out).is_ok() {
        return;
    }
    let mut finished = left.partial.iter().chain(&left.old);
    if let Some(finished) = finished.find(|folder| Manifest::is_in(folder)) {
        let _ = fs::rename(finished, out);
        let _ = fs::remove_file(out.join(LOCK));
    }
}

/// Finishes the move of an index to `out` that was cut short, if there was one.
pub(crate) fn put_back(out: &Path) {
    let name = out.file_name();
    if name.is_some() && fs::symlink_metadata(out).is_err() {
        let turn = turn(parent_of(out));
        finish(out, &Left::beside(out, turn.is_some()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Folders as a build leaves them that is killed somewhere; `*` marks a manifest, `+` a lock. Then what is there after the next build
    /// looked, and what after someone opened `ix`.
    const KILLED: [(&str, &str, &str); 9] = [
        ("", "", ""),
        ("ix.partial-1-0+", "", "ix.partial-1-0"),
        ("ix* ix.partial-1-0+", "ix", "ix ix.partial-1-0"),
        // Before the exchange, behind it, and while what was replaced is removed.
        ("ix* ix.partial-1-0*+", "ix", "ix ix.partial-1-0"),
        ("ix*+ ix.partial-1-0*", "ix", "ix ix.partial-1-0"),
        ("ix* ix.partial-1-0", "ix", "ix ix.partial-1-0"),
        // Between two renames, and behind the second.
        ("ix.old-1-0* ix.partial-1-0*+", "ix", "ix ix.old-1-0"),
        ("ix*+ ix.old-1-0*", "ix", "ix ix.old-1-0"),
        // The owner's own.
        (
            "ix* ix.old-2024* ix.partial",
            "ix ix.old-2024 ix.partial",
            "ix ix.old-2024 ix.partial",
        ),
    ];

    fn make(parent: &Path, folders: &str) {
        for folder in folders.split_whitespace() {
            let path = parent.join(folder.trim_end_matches(['*', '+']));
            fs::create_dir(&path).unwrap();
            fs::write(path.join("checksums"), folder).unwrap();
            if folder.contains('*') {
                let header =
                    r#"{"format": "rotescope.index", "version": 1, "needs": "0", "made_by": "0"}"#;
                fs::write(path.join("manifest.json"), header).unwrap();
            }
            if folder.contains('+') {
                fs::write(path.join(LOCK), "").unwrap();
            }
        }
    }

    fn names(parent: &Path) -> String {
        let entries = fs::read_dir(parent).unwrap();
        let mut names: Vec<_> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names.join(" ")
    }

    #[test]
    fn a_finished_index_is_never_lost_and_nothing_stays() {
        for (before, built, opened) in KILLED {
            let dir = tempfile::tempdir().unwrap();
            let out = dir.path().join("ix");
            make(dir.path(), before);
            put_back(&out);
            assert_eq!(names(dir.path()), opened, "{before}, opened");
            if opened.starts_with("ix ") {
                assert!(Manifest::is_in(&out), "{before}");
            }
            let dir = tempfile::tempdir().unwrap();
            let out = dir.path().join("ix");
            make(dir.path(), before);
            clean_up(&out, true);
            assert_eq!(names(dir.path()), built, "{before}, built");
            assert!(!out.join(LOCK).exists());
        }
    }

    #[test]
    fn a_running_build_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("ix");
        make(dir.path(), "ix* ix.partial-1-0*+ ix.partial-1-1");
        let lock = File::open(dir.path().join("ix.partial-1-0").join(LOCK)).unwrap();
        lock.try_lock().unwrap();
        // Where turns cannot be taken, one that just began may have no lock yet.
        clean_up(&out, false);
        assert_eq!(names(dir.path()), "ix ix.partial-1-0 ix.partial-1-1");
        clean_up(&out, true);
        assert_eq!(names(dir.path()), "ix ix.partial-1-0");
        drop(lock);
        clean_up(&out, true);
        assert_eq!(names(dir.path()), "ix");
    }

    #[test]
    fn only_names_with_both_numbers_are_those_of_builds() {
        for (name, kind) in [
            ("ix.partial-1-0", "partial"),
            ("ix.partial-123-45", "partial"),
            ("ix.old-1-0", "old"),
        ] {
            assert!(is_named(name, "ix", kind), "{name}");
            assert!(
                is_work_of(&Path::new("a").join(name), Path::new("b/ix")),
                "{name}"
            );
        }
        for name in [
            "ix",
            "ix.partial",
            "ix.partial-",
            "ix.partial-1",
            "ix.partial-1-",
            "ix.partial--1",
            "ix.partial-1-x",
            "ix.partial-x-1",
            "ix.partial-1-0-2",
            "ixpartial-1-0",
            "ix.partial1-0",
            "iy.partial-1-0",
            "ix.new-1-0",
            "my-ix.partial-1-0",
        ] {
            assert!(
                !is_named(name, "ix", "partial") && !is_named(name, "ix", "old"),
                "{name}"
            );
            assert!(!is_work_of(Path::new(name), Path::new("ix")), "{name}");
        }
        assert!(
            !is_named("ix.old-1-0", "ix", "partial") && !is_named("ix.partial-1-0", "ix", "old")
        );
        assert!(
            !is_work_of(Path::new("/"), Path::new("ix"))
                && !is_work_of(Path::new("ix.old-1-0"), Path::new("/"))
        );
    }

    #[test]
    fn who_writes_an_index_is_told_while_it_runs() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("ix");
        assert_eq!(writer(&out), None);
        make(
            dir.path(),
            "ix* ix.partial-17-3+ ix.partial-18-0 ix.old-19-0+ iy.partial-20-0+",
        );
        assert_eq!(writer(&out), None);
        let locks = ["ix.old-19-0", "iy.partial-20-0", "ix.partial-17-3"].map(|folder| {
            let lock = File::open(dir.path().join(folder).join(LOCK)).unwrap();
            lock.try_lock().unwrap();
            lock
        });
        assert_eq!(writer(&out), Some("17".to_string()));
        drop(locks);
        assert_eq!(writer(&out), None);
    }
}
