//! What is in memory of an index is what was looked at.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::ngrams::{NgramIndex, NgramWriter};
use rotescope_corpus::{LocalIndex, build};

use super::support::*;

/// Tokens of the corpus, of a thousand ids.
const TOKENS: usize = 8_000_000;
/// The system maps what it has of so many bytes around a place that is looked at.
const AROUND: u64 = 64 << 10;

/// Bytes of the files below a folder that are in this process' memory.
fn resident(folder: &Path) -> u64 {
    let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let (mut own, mut sum) = (false, 0);
    for line in maps.lines() {
        if let Some(kilobytes) = line.strip_prefix("Rss:").filter(|_| own) {
            let number = kilobytes.trim().trim_end_matches(" kB");
            sum += number.parse::<u64>().unwrap() << 10;
        } else if line.split_whitespace().nth(1).is_some_and(is_access) {
            own = line.contains(folder.to_str().unwrap());
        }
    }
    sum
}

/// Whether that stands in the line that begins a mapping, such as `r--p`.
fn is_access(text: &str) -> bool {
    text.len() == 4 && text.ends_with(['p', 's'])
}

#[test]
fn opening_reads_nothing_and_a_count_what_it_looks_at() {
    let folder = tempfile::tempdir().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut writer = NgramWriter::with_shard_length(folder.path(), 1000, u64::MAX);
    let mut last = Vec::new();
    for _ in 0..TOKENS / 1000 {
        // Frequent ids are low.
        let id = |_| (1000.0 * rng.random::<f64>().powi(3)) as u32;
        last = (0..999).map(id).collect();
        writer.push(&last).unwrap();
    }
    let written = writer.finish(|_, _| Ok(())).unwrap();
    let all: u64 = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    assert!(all > 48_000_000, "{all}");
    let open = || {
        let shards = &written.shards;
        NgramIndex::open(folder.path(), shards, written.width, 1000).unwrap()
    };
    let index = open();
    assert_eq!(resident(folder.path()), 0);
    // A search halves a range of suffixes, twice from where it has met the n-gram; each time it looks at one and at the tokens there.
    let looks = 2 * 2 * u64::from(TOKENS.ilog2() + 1);
    assert_eq!(index.count(&last[200..206]).unwrap(), 1);
    let after_one = resident(folder.path());
    assert!(after_one > 0 && after_one <= looks * AROUND, "{after_one}");
    for n in 1..=10 {
        assert!(index.count(&last[300..300 + n]).unwrap() > 0);
    }
    let after_eleven = resident(folder.path());
    assert!(
        after_eleven <= 11 * looks * AROUND && after_eleven < all / 3,
        "{after_eleven} of {all}"
    );
    // Another index has read nothing of it.
    drop(index);
    let _again = open();
    assert_eq!(resident(folder.path()), 0);
}

/// Takes the files below a folder, which nobody has open, out of the page cache; says how many they are, and their bytes.
fn forget(folder: &Path) -> (u64, u64) {
    let (mut files, mut bytes) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (more, longer) = match entry.metadata().unwrap() {
            kind if kind.is_dir() => forget(&entry.path()),
            kind => {
                let file = fs::File::open(entry.path()).unwrap();
                file.sync_all().unwrap();
                rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
                (1, kind.len())
            }
        };
        files += more;
        bytes += longer;
    }
    (files, bytes)
}

/// Bytes that the system has read of the disk for this thread.
fn read_of_the_disk() -> u64 {
    let counts = fs::read_to_string("/proc/thread-self/io").unwrap();
    let line = counts.lines().find_map(|l| l.strip_prefix("read_bytes:"));
    line.unwrap().trim().parse().unwrap()
}

#[test]
fn an_index_that_is_not_in_the_page_cache_is_opened_and_asked_without_reading_it() {
    // Not in the folder of temporary files, which may be in memory.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (corpus, out) = (dir.path().join("corpus.jsonl"), dir.path().join("index"));
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let (mut lines, mut last) = (String::new(), Vec::new());
    for _ in 0..2_000 {
        last = (0..1_000).map(|_| rng.random_range(0..1_000)).collect();
        let words: Vec<String> = last.iter().map(u32::to_string).collect();
        writeln!(lines, "{{\"text\": \"{}\"}}", words.join(" ")).unwrap();
    }
    fs::write(&corpus, lines).unwrap();
    build(&options(&corpus, &out), &Numbers(1_000), &mut ()).unwrap();
    let (files, bytes) = forget(&out);
    let before = read_of_the_disk();
    let index = LocalIndex::open(&out).unwrap();
    let opened = read_of_the_disk();
    assert_eq!(index.ngrams().count(&last[100..105]).unwrap(), 1);
    let counted = read_of_the_disk() - opened;
    let opened = opened - before;
    // Of each file the last two pages at most, of 16 KiB; and a count looks at two tables, fewer than 20 times each.
    assert!(opened > 0 && opened < files * (32 << 10), "{opened}");
    assert!(counted > 0 && counted < 2 * 20 * (16 << 10), "{counted}");
    assert!(
        opened + counted < bytes / 16,
        "{opened} and {counted} of {bytes}"
    );
}
