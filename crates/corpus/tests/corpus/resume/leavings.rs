//! What killed builds left and is not what it was, or is of another build: it is not used.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rotescope_corpus::{BuildOptions, CorpusError, build};
use rotescope_vocab::{Encode, VocabError};

use super::{ENCODER, expect_whole, go_on, kill, left, manifest, options, undisturbed};
use crate::same::same;
use crate::support::names;

/// The same tokens under another name.
struct Renamed;

impl Encode for Renamed {
    fn encode_batch(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, VocabError> {
        ENCODER.encode_batch(texts)
    }

    fn token_bytes(&self, id: u32) -> Vec<u8> {
        ENCODER.token_bytes(id)
    }

    fn size(&self) -> usize {
        ENCODER.size()
    }

    fn fingerprint(&self) -> &str {
        "renamed"
    }
}

/// What a build left that was killed while it sorted, in a place of its own.
struct Killed {
    _dir: tempfile::TempDir,
    folder: PathBuf,
    kept: PathBuf,
}

impl Killed {
    fn new() -> Self {
        let (dir, folder, reports) = undisturbed();
        // Behind the last batch there are a report for each part, and one for each file.
        let files = manifest(&folder.join("whole")).files.len();
        kill(&folder, reports - files - 2);
        let kept = folder.join("kept");
        fs::rename(&left(&folder)[0], &kept).unwrap();
        Self {
            _dir: dir,
            folder,
            kept,
        }
    }

    /// Puts it where the next build finds it.
    fn put(&self) -> PathBuf {
        let partial = self.folder.join("killed.partial-1-0");
        for part in ["", "documents", "ngrams"] {
            fs::create_dir(partial.join(part)).unwrap();
            for entry in fs::read_dir(self.kept.join(part)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    fs::copy(&path, partial.join(part).join(path.file_name().unwrap())).unwrap();
                }
            }
        }
        partial
    }

    fn options(&self) -> BuildOptions {
        options(&self.folder, "killed")
    }
}

/// Changes a byte in the middle of a file, or cuts off its last.
fn damage(path: &Path, cut: bool) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    match cut {
        true => bytes.truncate(bytes.len() - 1),
        false => bytes[middle] ^= 1,
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_is_damaged_is_not_used() {
    let killed = Killed::new();
    killed.put();
    let earlier = go_on(&killed.options(), &ENCODER).unwrap();
    assert!(
        earlier.sorted > 0 && earlier.sorted < earlier.parts,
        "{earlier:?}"
    );
    expect_whole(&killed.folder);
    let texts = names(&killed.kept.join("documents"));
    let texts = texts.iter().find(|n| n.ends_with(".store")).unwrap();
    let files = [
        "build.journal",
        "ngrams/shard-000.ids",
        "ngrams/shard-000.sa",
        "ngrams/shard-001.docs",
        &format!("documents/{texts}"),
    ];
    for file in files {
        for cut in [true, false] {
            damage(&killed.put().join(file), cut);
            assert_eq!(go_on(&killed.options(), &ENCODER), None, "{file}");
            expect_whole(&killed.folder);
        }
        fs::remove_file(killed.put().join(file)).unwrap();
        assert_eq!(go_on(&killed.options(), &ENCODER), None, "{file}");
        expect_whole(&killed.folder);
    }
    // What was not noted is no part of it, nor is what tantivy wrote since.
    let partial = killed.put();
    fs::write(partial.join("ngrams/shard-009.ids"), "more").unwrap();
    fs::write(partial.join("documents/more.store"), "more").unwrap();
    fs::write(partial.join("documents/meta.json"), "{}").unwrap();
    fs::remove_file(partial.join("documents/.managed.json")).unwrap();
    assert_eq!(go_on(&killed.options(), &ENCODER), Some(earlier));
    expect_whole(&killed.folder);
    same(
        &killed.folder.join("whole"),
        &killed.folder.join("killed"),
        1,
    );
}

#[test]
fn what_is_of_another_job_is_not_used() {
    let killed = Killed::new();
    let corpus = killed.folder.join("corpus");
    let other = |change: fn(&mut BuildOptions)| {
        let mut options = killed.options();
        change(&mut options);
        killed.put();
        assert_eq!(go_on(&options, &ENCODER), None);
        assert!(left(&killed.folder).is_empty());
    };
    other(|o| o.memory += 1 << 20);
    other(|o| o.tokenizer = "another".to_string());
    other(|o| o.read.skip_bad = true);
    other(|o| o.read.lossy = true);
    other(|o| o.inputs.swap(0, 2));
    other(|o| drop(o.inputs.pop()));
    killed.put();
    assert_eq!(go_on(&killed.options(), &Renamed), None);
    // Only refused: the next one goes on.
    let refused = BuildOptions {
        force: false,
        ..killed.options()
    };
    killed.put();
    let error = build(&refused, &ENCODER, &mut ()).unwrap_err();
    assert!(matches!(error, CorpusError::Exists { .. }), "{error}");
    assert!(go_on(&killed.options(), &ENCODER).is_some());
    expect_whole(&killed.folder);

    // Another file of the same size and time is found when it is read.
    killed.put();
    let path = corpus.join("0.jsonl");
    let (text, time) = (fs::read_to_string(&path).unwrap(), modified(&path));
    let changed = text.replacen("\"file\":0", "\"file\":7", 1);
    assert!(changed != text && changed.len() == text.len());
    write_at(&path, &changed, time);
    let error = build(&killed.options(), &ENCODER, &mut ()).unwrap_err();
    assert!(matches!(error, CorpusError::Replaced { .. }), "{error}");
    assert!(left(&killed.folder).is_empty());
    // Written again, with the same in it.
    write_at(&path, &text, time);
    killed.put();
    assert!(go_on(&killed.options(), &ENCODER).is_some());
    write_at(&path, &text, time + Duration::from_nanos(1000));
    killed.put();
    assert_eq!(go_on(&killed.options(), &ENCODER), None);
    expect_whole(&killed.folder);
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

fn write_at(path: &Path, text: &str, time: SystemTime) {
    fs::write(path, text).unwrap();
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

#[test]
fn of_builds_at_one_time_no_more_than_one_goes_on() {
    let killed = Killed::new();
    for _ in 0..3 {
        killed.put();
        let options = killed.options();
        let went_on: Vec<_> = std::thread::scope(|scope| {
            let threads = [0; 3].map(|_| scope.spawn(|| go_on(&options, &ENCODER)));
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(went_on.iter().flatten().count(), 1, "{went_on:?}");
        expect_whole(&killed.folder);
    }
    // Nor while the build that works there runs.
    let lock = File::open(killed.put().join("build.lock")).unwrap();
    lock.try_lock().unwrap();
    assert_eq!(go_on(&killed.options(), &ENCODER), None);
    drop(lock);
    assert!(go_on(&killed.options(), &ENCODER).is_some());
}
