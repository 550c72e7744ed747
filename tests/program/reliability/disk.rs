//! A disk that becomes full while a command writes: what was written stays whole, nothing half made is left, and with room the same command goes on.

use std::fs;
use std::path::Path;
use std::process::Output;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::kills::{APPENDING, WHOLE, records, words};
use super::place::Place;
use crate::support::text;

/// Bytes that a small file system has room for are a multiple of it.
const PAGE: u64 = 4096;

/// Commands that make an index of the name that they end in. On another file system a merge copies what it takes.
const INDEXES: [&str; 2] = [
    "index build c.jsonl --model m.gguf -o ix",
    "index merge ix -o merged",
];
/// Makes a file system, copies the index into it and adds to that; what is there then is in `kept`.
const ADD: &str = "mount -t tmpfs -o \"$1\" none room && cp -a ix room || exit 99; shift; \"$@\"; code=$?; cp -a room kept; exit $code";

/// The command, with its output in another folder.
fn within(line: &str, folder: &str) -> String {
    let (command, out) = line.rsplit_once(' ').unwrap();
    format!("{command} {folder}/{out}")
}

/// The command where its output's folder is a file system of so many bytes.
fn in_little_room(place: &Place, line: &str, bytes: u64) -> Output {
    mounted(place, line, &format!("size={bytes}"))
}

/// The command where its output's folder is a file system with these options. What was in it is in `kept` afterwards.
///
/// Mounting takes a user namespace of its own, which Linux lets everybody have unless the machine's administrator forbids it.
fn mounted(place: &Place, line: &str, options: &str) -> Output {
    let script = "mount -t tmpfs -o \"$1\" none room || exit 99; shift; \"$@\"; code=$?; cp -a room kept; exit $code";
    scripted(place, script, line, options)
}

fn scripted(place: &Place, script: &str, line: &str, options: &str) -> Output {
    let _ = fs::remove_dir_all(place.path("kept"));
    let mut command = std::process::Command::new("unshare");
    let inner = place.command(&words(line));
    command
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            script,
            "sh",
        ])
        .arg(options)
        .arg(inner.get_program())
        .args(inner.get_args())
        .current_dir(&place.folder);
    for (name, value) in inner.get_envs() {
        command.env(name, value.unwrap());
    }
    let ended = command.output().expect("unshare, of util-linux");
    assert_ne!(
        ended.status.code(),
        Some(99),
        "no file system could be mounted: {}",
        text(&ended.stderr)
    );
    ended
}

/// Files below a folder, and the bytes that they have.
fn left(folder: &Path) -> Vec<(String, u64)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for entry in entries.map(|e| e.unwrap()) {
        let meta = entry.metadata().unwrap();
        match meta.is_dir() {
            true => all.extend(left(&entry.path())),
            false => all.push((entry.file_name().into_string().unwrap(), meta.len())),
        }
    }
    all
}

/// A size that does not suffice, if there is one.
fn too_little(rng: &mut ChaCha8Rng, needed: u64) -> Option<u64> {
    let pages = needed.div_ceil(PAGE);
    (pages > 1).then(|| rng.random_range(1..pages) * PAGE)
}

fn refused(line: &str, bytes: u64, ended: &Output) {
    let said = text(&ended.stderr);
    assert_eq!(
        ended.status.code(),
        Some(2),
        "{line} in {bytes} bytes: {said}"
    );
    assert!(said.contains("room/"), "{line} names no file: {said}");
    assert!(
        said.to_lowercase().contains("no space left"),
        "{line} in {bytes} bytes says not why: {said}"
    );
}

/// The number of records that are said to be safe is true. Of a portion that is written at once some may be safe beside these.
fn safe(line: &str, said: &str, kept: usize) {
    let Some((before, _)) = said.split_once(" records are safe") else {
        panic!("{line} says not how many are safe: {said}");
    };
    let said: usize = before.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(said <= kept, "{line}: {said} said to be safe of {kept}");
    assert!(
        said == kept || !line.starts_with("score"),
        "{line}: {said} of {kept}"
    );
    assert!(
        said > 0 || kept < 12,
        "{line}: none said to be safe of {kept}"
    );
}

/// A place with two folders to write to, an index and traces.
fn prepared() -> Place {
    let place = Place::new();
    for folder in ["room", "free"] {
        fs::create_dir(place.path(folder)).unwrap();
    }
    done(&place, "index build c.jsonl --model m.gguf -o ix");
    done(
        &place,
        "score p.jsonl --no-index --max-tokens 30 -q -o traces.jsonl",
    );
    place
}

fn done(place: &Place, line: &str) {
    let ended = place.run(&words(line));
    assert!(ended.status.success(), "{line}: {}", text(&ended.stderr));
}

/// An index stays as it was where there is no room for what is added, and where its folder can only be read.
#[test]
fn an_index_that_is_added_to_on_a_full_or_read_only_disk_stays() {
    let place = Place::new();
    fs::create_dir(place.path("room")).unwrap();
    done(&place, "index build c.jsonl --model m.gguf -o ix");
    let sorted = |folder: &str| {
        let mut files = left(&place.path(folder));
        files.sort();
        files
    };
    let before = sorted("ix");
    let used: u64 = before.iter().map(|f| f.1.div_ceil(PAGE) * PAGE).sum();
    let line = "index append room/ix people.jsonl -q";
    let mut tried = 0;
    for more in (0..20).map(|n| used + (4 + 3 * n) * PAGE) {
        let ended = scripted(&place, ADD, line, &format!("size={more}"));
        assert_eq!(fs::read_dir(place.path("kept")).unwrap().count(), 1);
        if ended.status.success() {
            break;
        }
        refused(line, more, &ended);
        assert_eq!(sorted("kept/ix"), before);
        tried += 1;
    }
    assert!(tried > 3, "{tried}");
    let enough = scripted(&place, ADD, line, "size=64m");
    assert!(enough.status.success(), "{}", text(&enough.stderr));
    assert_ne!(sorted("kept/ix"), before);
    let read_only = ADD.replace("|| exit 99", "&& mount -o remount,ro room || exit 99");
    let ended = scripted(&place, &read_only, line, "size=64m");
    let said = text(&ended.stderr).to_lowercase();
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(
        said.contains("room: cannot write") && said.contains("read-only"),
        "{said}"
    );
    assert_eq!(sorted("kept/ix"), before);
}

mod long {
    use super::*;

    #[test]
    #[ignore = "long: make test-long"]
    fn a_folder_that_is_read_only() {
        let place = prepared();
        let all = APPENDING.into_iter().chain(WHOLE).chain(INDEXES);
        let mut tried = 0;
        for line in all {
            let ended = mounted(&place, &within(line, "room"), "ro");
            let said = text(&ended.stderr);
            assert_eq!(ended.status.code(), Some(2), "{line}: {said}");
            assert!(
                said.contains("room") && said.to_lowercase().contains("read-only"),
                "{line}: {said}"
            );
            tried += 1;
        }
        eprintln!("{tried} commands, each refused with the file's name");
    }

    /// Of each command that writes, some sizes at random.
    #[test]
    #[ignore = "long: make test-long"]
    fn a_disk_that_becomes_full_in_the_midst_of_it() {
        const TIMES: usize = 5;
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let place = prepared();
        let mut tried = 0;
        for line in APPENDING {
            let free = within(line, "free");
            done(&place, &free);
            let out = place.path(free.rsplit(' ').next().unwrap());
            let (wanted, bytes) = (records(&out), fs::metadata(&out).unwrap().len());
            for size in (0..TIMES).filter_map(|_| too_little(&mut rng, bytes)) {
                let ended = in_little_room(&place, &within(line, "room"), size);
                refused(line, size, &ended);
                let kept = records(&place.path(within(line, "kept").rsplit(' ').next().unwrap()));
                assert!(
                    kept.iter().all(|r| wanted.contains(r)),
                    "{line}: another record"
                );
                safe(line, &text(&ended.stderr), kept.len());
                // With room, it goes on from what was kept.
                done(&place, &within(line, "kept"));
                let now = records(&place.path(within(line, "kept").rsplit(' ').next().unwrap()));
                assert!(now == wanted, "{line}: other records after {size} bytes");
                tried += 1;
            }
            fs::remove_file(out).unwrap();
        }
        for line in WHOLE.into_iter().chain(INDEXES) {
            let free = within(line, "free");
            done(&place, &free);
            let bytes: u64 = left(&place.path("free")).iter().map(|f| f.1).sum();
            for size in (0..TIMES).filter_map(|_| too_little(&mut rng, bytes)) {
                let ended = in_little_room(&place, &within(line, "room"), size);
                refused(line, size, &ended);
                assert_eq!(left(&place.path("kept")), [], "{line} in {size} bytes");
                tried += 1;
            }
            fs::remove_dir_all(place.path("free")).unwrap();
            fs::create_dir(place.path("free")).unwrap();
        }
        eprintln!(
            "{tried} full disks: each named with its file, 0 records lost, 0 other, 0 files left half made"
        );
        assert!(tried > 40, "{tried}");
    }
}
