//! Whether an index folder is what its manifest says.

use std::collections::HashMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::error::CorpusError;
use crate::hash::hash_file;
use crate::local::LocalIndex;
use crate::ngrams::ShardView;

/// How much is checked.
#[derive(Debug, Clone, Copy)]
pub struct CheckOptions {
    /// Every suffix instead of a sample.
    pub full: bool,
    /// Neighbours in each suffix array that are compared, unless `full`.
    pub neighbours: usize,
    /// N-grams whose counts are compared with a scan.
    pub ngrams: usize,
    pub seed: u64,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self {
            full: false,
            neighbours: 100_000,
            ngrams: 500,
            seed: 0,
        }
    }
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckFinding {
    /// What was checked, and how much of it.
    pub what: String,
    /// What is wrong; empty if nothing is.
    pub faults: Vec<String>,
}

/// Faults of one kind that are named; the rest is only counted.
const NAMED: usize = 5;

struct Faults {
    named: Vec<String>,
    more: u64,
}

impl Faults {
    fn new() -> Self {
        Self {
            named: Vec::new(),
            more: 0,
        }
    }

    fn add(&mut self, fault: impl FnOnce() -> String) {
        if self.named.len() < NAMED {
            self.named.push(fault());
        } else {
            self.more += 1;
        }
    }

    fn into_finding(mut self, what: String) -> CheckFinding {
        if self.more > 0 {
            self.named.push(format!("and {} more", self.more));
        }
        CheckFinding {
            what,
            faults: self.named,
        }
    }
}

/// Checks an opened index: hashes of all files, tables, order of the suffix arrays, and counts
/// against a scan of the token ids. `found` gets each finding as it is made.
pub fn check(
    index: &LocalIndex,
    options: CheckOptions,
    mut found: impl FnMut(&CheckFinding),
) -> Result<Vec<CheckFinding>, CorpusError> {
    let mut findings = Vec::new();
    let mut note = |finding: CheckFinding| {
        found(&finding);
        let sound = finding.faults.is_empty();
        findings.push(finding);
        sound
    };
    let [hashes, checksums] = hashes(index)?;
    let intact = note(hashes) & note(checksums);
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let mut sound = true;
    for shard in index.ngrams().checker() {
        sound &= note(tables(&shard));
        sound &= note(order(&shard, options, &mut rng));
        note(keys(&shard));
    }
    // With broken tables the scan would only say the same again, or fail.
    if intact && sound {
        note(scan(index, options.ngrams, &mut rng)?);
    }
    Ok(findings)
}

fn hashes(index: &LocalIndex) -> Result<[CheckFinding; 2], CorpusError> {
    let files = &index.manifest().files;
    let (mut faults, mut wrong, mut pages) = (Faults::new(), Faults::new(), 0);
    for file in files {
        let found = hash_file(&index.folder().join(&file.path))?;
        if (found.bytes, &found.sha256) != (file.bytes, &file.sha256) {
            faults.add(|| format!("{}: its SHA-256 is not that of the manifest", file.path));
        }
        let written = index.sums().of(&file.path).map_or(&[][..], |s| s.crcs());
        pages += written.len();
        let differ = written.iter().zip(&found.pages).filter(|(w, f)| w != f);
        let n = differ.count();
        if n > 0 {
            wrong.add(|| format!("{}: {n} of {} pages", file.path, written.len()));
        }
    }
    let checksums = if index.is_checked() {
        format!("checksums of {pages} pages")
    } else {
        "checksums of pages: this index of an older version has none, so answers are not checked"
            .to_string()
    };
    Ok([
        faults.into_finding(format!("hashes of {} files", files.len())),
        wrong.into_finding(checksums),
    ])
}

fn tables(shard: &ShardView) -> CheckFinding {
    let (docs, heads, blocks) = (shard.docs(), shard.heads(), shard.blocks());
    let n = shard.order().len() as u32;
    let mut faults = Faults::new();
    if docs.first() != Some(&0) || docs.last() != Some(&n) {
        faults.add(|| "documents do not cover the stream".to_string());
    }
    for (d, w) in docs.windows(2).enumerate() {
        // Each document ends in its separator.
        if w[0] >= w[1] || w[1] > n || shard.token(w[1] - 1).is_some() {
            faults.add(|| format!("document {d} has no end"));
        }
    }
    let mut counts = vec![0u64; heads.len()];
    let mut separators = 0u64;
    for p in 0..n {
        match shard.token(p) {
            Some(id) if (id as usize) + 1 < heads.len() => counts[id as usize] += 1,
            Some(id) => faults.add(|| format!("id {id} at {p} is outside of the vocabulary")),
            None => separators += 1,
        }
    }
    if separators != docs.len() as u64 - 1 {
        faults.add(|| format!("{separators} separators for {} documents", docs.len() - 1));
    }
    for (t, w) in heads.windows(2).enumerate() {
        if u64::from(w[1]).checked_sub(u64::from(w[0])) != Some(counts[t]) {
            faults.add(|| format!("the count of id {t} is wrong"));
        }
    }
    if faults.named.is_empty() {
        for b in 0..blocks.len() as u32 {
            let position = b * 64;
            let document = docs.partition_point(|&start| start <= position) - 1;
            if blocks[b as usize] != document as u32 {
                faults.add(|| format!("block {b} is not in document {document}"));
            }
        }
    }
    faults.into_finding(format!("tables of {} ({n} positions)", shard.name()))
}

/// Whether the keys are those of their suffixes, as they are ordered.
fn keys(shard: &ShardView) -> CheckFinding {
    let mut faults = Faults::new();
    for (i, (key, position)) in shard.keys().enumerate() {
        if key != shard.key(position) {
            faults.add(|| format!("key {i} is not that of the suffix at {position}"));
        }
    }
    let (count, name) = (shard.keys().len(), shard.name());
    faults.into_finding(match count {
        0 => format!("keys of {name}: this shard of an older version has none"),
        _ => format!("{count} keys of {name}"),
    })
}

fn order(shard: &ShardView, options: CheckOptions, rng: &mut ChaCha8Rng) -> CheckFinding {
    let order = shard.order();
    let mut faults = Faults::new();
    let mut compare = |i: usize| {
        if !shard.in_order(order[i - 1], order[i]) {
            faults.add(|| format!("suffixes {} and {i} are out of order", i - 1));
        }
    };
    let what = if options.full || order.len() <= options.neighbours {
        (1..order.len()).for_each(&mut compare);
        // Each position once: with that, order in pairs is order of all.
        let mut seen = vec![0u64; order.len().div_ceil(64)];
        for &p in order {
            match seen.get_mut(p as usize / 64) {
                Some(word) if *word & (1 << (p % 64)) == 0 && (p as usize) < order.len() => {
                    *word |= 1 << (p % 64);
                }
                _ => faults.add(|| format!("position {p} is outside or there twice")),
            }
        }
        format!("order of all {} suffixes of {}", order.len(), shard.name())
    } else {
        for _ in 0..options.neighbours {
            compare(rng.random_range(1..order.len()));
        }
        format!(
            "order of {} of {} neighbouring suffixes of {}",
            options.neighbours,
            order.len() - 1,
            shard.name()
        )
    };
    faults.into_finding(what)
}

/// Counts n-grams of 1 to 12 tokens, about half of them absent, by looking at every position.
fn scan(
    index: &LocalIndex,
    wanted: usize,
    rng: &mut ChaCha8Rng,
) -> Result<CheckFinding, CorpusError> {
    let shards: Vec<_> = index.ngrams().checker().collect();
    let ngrams = sample(&shards, wanted, index.manifest().tokenizer.size as u32, rng);
    let mut counts: HashMap<&[u32], u64> = ngrams.iter().map(|n| (n.as_slice(), 0)).collect();
    // Few positions begin with the two tokens of any of them; the others are passed quickly.
    let slot = |a: u32, b: u32| (a.wrapping_mul(0x9E37_79B1) ^ b.wrapping_mul(0x85EB_CA6B)) >> 12;
    let mut may = vec![false; 1 << 20];
    let mut single = vec![false; index.manifest().tokenizer.size];
    for ngram in &ngrams {
        match ngram.as_slice() {
            [a] => single[*a as usize] = true,
            [a, b, ..] => may[slot(*a, *b) as usize] = true,
            [] => {}
        }
    }
    for shard in &shards {
        for w in shard.docs().windows(2) {
            let document: Vec<u32> = (w[0]..w[1]).map_while(|p| shard.token(p)).collect();
            for at in 0..document.len() {
                if single[document[at] as usize]
                    && let Some(count) = counts.get_mut(&document[at..=at])
                {
                    *count += 1;
                }
                if at + 1 < document.len() && may[slot(document[at], document[at + 1]) as usize] {
                    for len in 2..=LONGEST.min(document.len() - at) {
                        if let Some(count) = counts.get_mut(&document[at..at + len]) {
                            *count += 1;
                        }
                    }
                }
            }
        }
    }
    let mut faults = Faults::new();
    for (ngram, &scanned) in &counts {
        let counted = index.ngrams().count(ngram)?;
        if counted != scanned {
            faults.add(|| format!("{ngram:?}: counted {counted}, there are {scanned}"));
        }
    }
    Ok(faults.into_finding(format!("counts of {} n-grams against a scan", counts.len())))
}

/// Longest n-gram that is checked.
const LONGEST: usize = 12;

/// N-grams from random places, every second one with its last token replaced.
fn sample(
    shards: &[ShardView],
    wanted: usize,
    vocabulary: u32,
    rng: &mut ChaCha8Rng,
) -> Vec<Vec<u32>> {
    let mut ngrams = Vec::with_capacity(wanted);
    // Documents may be empty, so not every draw gives an n-gram.
    for _ in 0..wanted * 20 {
        if ngrams.len() == wanted || shards.is_empty() || vocabulary == 0 {
            break;
        }
        let shard = &shards[rng.random_range(0..shards.len())];
        let start = rng.random_range(0..shard.order().len() as u32);
        let len = rng.random_range(1..=LONGEST as u32);
        let mut ngram: Vec<u32> = (start..start + len).map_while(|p| shard.token(p)).collect();
        if ngrams.len() % 2 == 1
            && let Some(last) = ngram.last_mut()
        {
            *last = rng.random_range(0..vocabulary);
        }
        if !ngram.is_empty() {
            ngrams.push(ngram);
        }
    }
    ngrams
}
