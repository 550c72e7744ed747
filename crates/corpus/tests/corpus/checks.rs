//! What `check` says of an index, finding by finding: each fault by its place.

use std::fs;
use std::path::Path;

use rotescope_corpus::check::{CheckFinding, CheckOptions, check};
use rotescope_corpus::{Documents, LocalIndex, MemoryCorpus, NgramCounts};

use crate::support::{change, numbers, table, vouch_for};

/// Numbers in the shard of an index of 200 documents: tokens, and one separator a document.
const POSITIONS: usize = 793 + 200;

const FULL: CheckOptions = CheckOptions {
    full: true,
    neighbours: 0,
    ngrams: 500,
    seed: 0,
};

fn checked(index: &Path, options: CheckOptions) -> Vec<CheckFinding> {
    let index = LocalIndex::open(index).unwrap();
    let mut told = Vec::new();
    let findings = check(&index, options, |f| told.push(f.clone())).unwrap();
    assert_eq!(told, findings);
    findings
}

/// The faults of the one finding whose name begins so.
fn faults(findings: &[CheckFinding], what: &str) -> Vec<String> {
    let mut of = findings.iter().filter(|f| f.what.starts_with(what));
    let found = of.next().unwrap().faults.clone();
    assert_eq!(of.next(), None);
    found
}

/// Changes a table, and puts it back when all was checked.
fn with<N: bytemuck::Pod>(
    index: &Path,
    end: &str,
    options: CheckOptions,
    edit: impl FnOnce(&mut [N]),
) -> Vec<CheckFinding> {
    let before = table::<N>(index, end);
    change(index, end, edit);
    let found = checked(index, options);
    change::<N>(index, end, |numbers| numbers.copy_from_slice(&before));
    found
}

#[test]
fn of_a_sound_index_all_that_was_looked_at_is_named() {
    let (_dir, _, out) = numbers(200);
    let index = LocalIndex::open(&out).unwrap();
    let files = &index.manifest().files;
    let pages: u64 = files.iter().map(|f| f.bytes.div_ceil(16 << 10)).sum();
    let findings = checked(&out, CheckOptions::default());
    assert!(findings.iter().all(|f| f.faults.is_empty()), "{findings:?}");
    let what: Vec<&str> = findings.iter().map(|f| f.what.as_str()).collect();
    assert_eq!(
        what[..5],
        [
            format!("hashes of {} files", files.len()),
            format!("checksums of {pages} pages"),
            format!("tables of shard-000 ({POSITIONS} positions)"),
            format!("order of all {POSITIONS} suffixes of shard-000"),
            format!("{} keys of shard-000", POSITIONS.div_ceil(64)),
        ]
    );
    // Those that were drawn twice count once.
    let scanned = what[5].strip_prefix("counts of ").unwrap();
    let (number, rest) = scanned.split_once(' ').unwrap();
    assert_eq!((what.len(), rest), (6, "n-grams against a scan"));
    assert!((250..=500).contains(&number.parse().unwrap()), "{number}");

    let order = |neighbours| {
        let options = CheckOptions {
            neighbours,
            ngrams: 0,
            ..CheckOptions::default()
        };
        let findings = checked(&out, options);
        assert_eq!(findings[5].what, "counts of 0 n-grams against a scan");
        findings[3].what.clone()
    };
    let all = format!("order of all {POSITIONS} suffixes of shard-000");
    assert_eq!(order(POSITIONS), all);
    let some = format!(
        "order of 992 of {} neighbouring suffixes of shard-000",
        POSITIONS - 1
    );
    assert_eq!(order(992), some);

    vouch_for(&out);
    let findings = checked(&out, CheckOptions::default());
    let none = "checksums of pages: this index of an older version has none";
    assert!(findings[1].what.starts_with(none), "{}", findings[1].what);
}

#[test]
fn changed_files_and_pages_are_named() {
    let (_dir, _, out) = numbers(3000);
    let path = out.join("ngrams/shard-000.sa");
    let mut bytes = fs::read(&path).unwrap();
    assert_eq!(bytes.len().div_ceil(16 << 10), 4);
    for at in [20_000, 20_001, bytes.len() - 1] {
        bytes[at] ^= 1;
    }
    fs::write(&path, &bytes).unwrap();
    let findings = checked(&out, CheckOptions::default());
    let hash = "ngrams/shard-000.sa: its SHA-256 is not that of the manifest";
    assert_eq!(faults(&findings, "hashes of"), [hash]);
    assert_eq!(
        faults(&findings, "checksums of"),
        ["ngrams/shard-000.sa: 2 of 4 pages"]
    );
    assert_eq!(faults(&findings, "tables of"), [""; 0]);
    // Where a file is not what was written, nothing is counted.
    assert_eq!(findings.len(), 5);
    bytes[20_000] ^= 1;
    bytes[20_001] ^= 1;
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert_eq!(checked(&out, CheckOptions::default()).len(), 6);
}

#[test]
fn tables_that_do_not_fit_the_tokens_are_named_by_place() {
    let (_dir, _, out) = numbers(200);
    let (docs, ids) = (table::<u32>(&out, "docs"), table::<u16>(&out, "ids"));
    let tables = |found: Vec<CheckFinding>| {
        // What is wrong there is not said twice.
        assert_eq!(found.len(), 5);
        faults(&found, "tables of shard-000")
    };
    let of_docs = |edit: fn(&mut [u32])| tables(with(&out, "docs", FULL, edit));
    let cover = "documents do not cover the stream".to_string();
    let no_end = |document: usize| format!("document {document} has no end");
    assert_eq!(of_docs(|d| d[0] = 1), [cover.clone(), no_end(0)]);
    assert_eq!(of_docs(|d| d[200] += 1), [cover.clone(), no_end(199)]);
    assert_eq!(of_docs(|d| d[5] -= 1), [no_end(4)]);
    assert_eq!(of_docs(|d| d[20] = d[19]), [no_end(19)]);

    let count = |id: u16| format!("the count of id {id} is wrong");
    let of_heads = |edit: fn(&mut [u32])| tables(with(&out, "heads", FULL, edit));
    assert_eq!(of_heads(|h| h[7] += 1), [count(6), count(7)]);
    assert_eq!(of_heads(|h| h[20] -= 1), [count(19)]);
    // Five are named.
    let mut five: Vec<String> = (0..5).map(count).collect();
    five.push("and 15 more".into());
    assert_eq!(of_heads(|h| h.fill(0)), five);

    let (first, end) = (docs[8] as usize, docs[9] as usize - 1);
    let outside = format!("id 20 at {first} is outside of the vocabulary");
    assert_eq!(
        tables(with(&out, "ids", FULL, |i: &mut [u16]| i[first] = 20)),
        [outside, count(ids[first])]
    );
    let separators = "199 separators for 200 documents".to_string();
    assert_eq!(
        tables(with(&out, "ids", FULL, |i: &mut [u16]| i[end] = 3)),
        [no_end(8), separators, count(3)]
    );

    for block in [0, 2, POSITIONS / 64] {
        let edit = |b: &mut [u32]| b[block] += 1;
        let holds = docs
            .iter()
            .rposition(|&d| d as usize <= block * 64)
            .unwrap();
        let fault = format!("block {block} is not in document {holds}");
        assert_eq!(tables(with(&out, "blocks", FULL, edit)), [fault]);
    }
}

#[test]
fn suffixes_out_of_order_missing_or_twice_are_named_by_place() {
    let (_dir, _, out) = numbers(200);
    let order = |options, edit: fn(&mut [u32])| {
        let found = with(&out, "sa", options, edit);
        assert_eq!(faults(&found, "tables of"), [""; 0]);
        faults(&found, "order of")
    };
    let pair = |i: usize| format!("suffixes {} and {i} are out of order", i - 1);
    let place = |p: u32| format!("position {p} is outside or there twice");
    let sa = table::<u32>(&out, "sa");
    assert_eq!(order(FULL, |s| s.swap(500, 501)), [pair(501)]);
    let twice = [pair(501), place(sa[500])];
    assert_eq!(order(FULL, |s| s[501] = s[500]), twice);
    let outside = [pair(10), place(POSITIONS as u32)];
    assert_eq!(order(FULL, |s| s[10] = POSITIONS as u32), outside);
    let mut all: Vec<String> = (1..6).map(pair).collect();
    all.push(format!("and {} more", POSITIONS - 1 - 5));
    assert_eq!(order(FULL, <[u32]>::reverse), all);
    let some = CheckOptions {
        full: false,
        neighbours: 50,
        ..FULL
    };
    let found = order(some, <[u32]>::reverse);
    assert_eq!((found.len(), found[5].as_str()), (6, "and 45 more"));
}

/// Where no pair of suffixes is looked at, only the counts tell.
#[test]
fn counts_that_a_scan_does_not_find_are_named_with_both_numbers() {
    let (_dir, _, out) = numbers(200);
    let index = LocalIndex::open(&out).unwrap();
    let documents = index
        .document_tokens(&(0..200).collect::<Vec<_>>())
        .unwrap();
    let memory = MemoryCorpus::of_tokens("memory", documents);
    let unseen = CheckOptions {
        full: false,
        ..FULL
    };
    let found = with(&out, "sa", unseen, <[u32]>::reverse);
    let wrong = faults(&found, "counts of");
    assert_eq!(wrong.len(), 6);
    assert!(wrong[5].starts_with("and "), "{}", wrong[5]);
    for fault in &wrong[..5] {
        let (ngram, numbers) = fault.split_once(": counted ").unwrap();
        let (counted, there) = numbers.split_once(", there are ").unwrap();
        let ngram: Vec<u32> = serde_json::from_str(ngram).unwrap();
        assert_eq!(there, memory.count(&ngram).unwrap().value.to_string());
        assert_ne!(counted, there);
    }
}
