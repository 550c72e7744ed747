//! What is in memory of an index is what was looked at.

use std::path::Path;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::ngrams::{NgramIndex, NgramWriter};

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
