//! How fast the index answers, and is built.
//!
//! **Measured**: one call of the library, warm (all files in the page cache), one thread.
//! **Corpus**: 20 million tokens. GSM8K's training text (`ROTESCOPE_SHARED` or `../shared`) encoded
//! by the prototype's tokenizer (2,048 ids) and repeated about ten times, the documents shuffled and
//! every copy but the first with a 20th of its tokens replaced by others of the text, so that long
//! n-grams do not all occur ten times; where that text is absent, tokens drawn by Zipf's law from
//! 20,000 ids.
//! **Queries**: n-grams cut at random positions, so frequent ones are asked for most, and the same
//! with the last token replaced, most of which do not occur. Each call takes the next of 4,096.
//! Every figure is over single calls, each query once to warm up and once measured.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::ngrams::{NgramIndex, NgramWriter};
use rotescope_corpus::{
    BuildOptions, Cooccur, Documents, LocalIndex, NgramCounts, WordCounts, build,
};
use rotescope_testing::repository;
use rotescope_vocab::{Encode, Vocabulary};

const TOKENS: usize = 20_000_000;
const QUERIES: usize = 4096;

struct Text {
    documents: Vec<Vec<u32>>,
    vocabulary: usize,
    name: &'static str,
}

fn shared(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ROTESCOPE_SHARED").map_or_else(
        || Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("../shared"),
        PathBuf::from,
    );
    Some(folder.join(file)).filter(|path| path.exists())
}

fn text(rng: &mut ChaCha8Rng) -> Text {
    gsm8k(rng).unwrap_or_else(|| zipf(rng))
}

fn gsm8k(rng: &mut ChaCha8Rng) -> Option<Text> {
    let lines = std::fs::read_to_string(shared("data/gsm8k/train.jsonl")?).ok()?;
    let tokenizer = Vocabulary::from_json(&shared("recipe/prototype-tokenizer.json")?).ok()?;
    let texts: Vec<String> = lines
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|v| {
            Some(format!(
                "{}\n{}",
                v["question"].as_str()?,
                v["answer"].as_str()?
            ))
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let originals = tokenizer.encode_batch(&texts).ok()?;
    let all: Vec<u32> = originals.concat();
    let mut documents = originals.clone();
    let mut tokens = all.len();
    'copies: loop {
        for original in &originals {
            let mut copy = original.clone();
            for id in &mut copy {
                if rng.random_bool(0.05) {
                    *id = all[rng.random_range(0..all.len())];
                }
            }
            tokens += copy.len();
            documents.push(copy);
            if tokens >= TOKENS {
                break 'copies;
            }
        }
    }
    documents.shuffle(rng);
    Some(Text {
        documents,
        vocabulary: tokenizer.size(),
        name: "GSM8K, repeated with changes",
    })
}

fn zipf(rng: &mut ChaCha8Rng) -> Text {
    let vocabulary = 20_000usize;
    let documents = (0..TOKENS / 200)
        .map(|_| {
            let id = |_| (vocabulary as f64).powf(rng.random_range(0.0..1.0)) as u32 - 1;
            (0..199).map(id).collect()
        })
        .collect();
    Text {
        documents,
        vocabulary,
        name: "Zipf",
    }
}

/// Builds the index of the text; says how fast and how large.
fn indexed(text: &Text) -> (tempfile::TempDir, NgramIndex) {
    let folder = tempfile::tempdir().expect("a folder");
    let start = Instant::now();
    let mut writer = NgramWriter::new(folder.path(), text.vocabulary, 4 << 30).expect("a writer");
    for document in &text.documents {
        writer.push(document).expect("a document");
    }
    let written = writer.finish(|_, _| Ok(())).expect("an index");
    let seconds = start.elapsed().as_secs_f64();
    let files = std::fs::read_dir(folder.path()).expect("a folder");
    let bytes: u64 = files
        .flatten()
        .filter_map(|f| f.metadata().ok())
        .map(|m| m.len())
        .sum();
    println!(
        "{}: {} tokens in {} documents; built from token ids in {seconds:.2} s on one core ({:.2} million tokens a second); {:.2} bytes a token (ids, suffix array, tables)",
        text.name,
        written.tokens,
        text.documents.len(),
        written.tokens as f64 / seconds / 1e6,
        bytes as f64 / written.tokens as f64,
    );
    let index = NgramIndex::open(
        folder.path(),
        &written.shards,
        written.width,
        text.vocabulary,
    );
    (folder, index.expect("an index"))
}

/// N-grams of `n` tokens from random places; `absent`: with the last token replaced.
fn cut(text: &Text, n: usize, absent: bool, rng: &mut ChaCha8Rng) -> Vec<Vec<u32>> {
    let mut ngrams = Vec::with_capacity(QUERIES);
    while ngrams.len() < QUERIES {
        let document = &text.documents[rng.random_range(0..text.documents.len())];
        if document.len() < n {
            continue;
        }
        let start = rng.random_range(0..=document.len() - n);
        let mut ngram = document[start..start + n].to_vec();
        if absent {
            ngram[n - 1] = rng.random_range(0..text.vocabulary as u32);
        }
        ngrams.push(ngram);
    }
    ngrams
}

/// The context of a token, the token, and 21 candidates with it among them.
fn tokens_to_explain(text: &Text, rng: &mut ChaCha8Rng) -> Vec<(Vec<u32>, u32, Vec<u32>)> {
    cut(text, 65, false, rng)
        .into_iter()
        .enumerate()
        .map(|(i, mut context)| {
            let token = context.pop().expect("65 tokens");
            // Every second context was never written like that: a model's own words.
            if i % 2 == 1 {
                for at in [10, 40, 52] {
                    context[at] = rng.random_range(0..text.vocabulary as u32);
                }
            }
            let mut candidates = vec![token];
            while candidates.len() < 21 {
                let document = &text.documents[rng.random_range(0..text.documents.len())];
                if let Some(&id) = document.first() {
                    let at = rng.random_range(0..document.len());
                    candidates.push(document.get(at).copied().unwrap_or(id));
                }
            }
            (context, token, candidates)
        })
        .collect()
}

/// Median and 95th percentile of single calls.
fn spread(name: &str, calls: usize, mut call: impl FnMut(usize)) {
    (0..calls).for_each(&mut call);
    let mut times: Vec<Duration> = (0..calls)
        .map(|i| {
            let start = Instant::now();
            call(i);
            start.elapsed()
        })
        .collect();
    times.sort();
    println!(
        "{name}: median {:.2} us, 95 % {:.2} us, most {:.2} us",
        times[calls / 2].as_secs_f64() * 1e6,
        times[calls * 95 / 100].as_secs_f64() * 1e6,
        times[calls - 1].as_secs_f64() * 1e6
    );
}

/// What checksums cost an index that was just opened, against the same index without them. The files are in the page cache.
fn first_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    let tokenizer = repository("models/pocket/tokenizer.json");
    let encoder = Vocabulary::from_json(&tokenizer).expect("the tokenizer");
    let corpus = repository("indexes/pocket/corpus.jsonl.zst");
    let checked = folder.path().join("checked");
    let options = BuildOptions::new(vec![corpus], checked.clone(), "pocket".into());
    build(&options, &encoder, &mut ()).expect("an index");
    let plain = folder.path().join("plain");
    for part in ["", "ngrams", "documents"] {
        std::fs::create_dir(plain.join(part)).expect("a folder");
        for entry in std::fs::read_dir(checked.join(part)).expect("a folder") {
            let (from, name) = entry.map(|e| (e.path(), e.file_name())).expect("a file");
            if from.is_file() && name != "checksums" {
                std::fs::copy(from, plain.join(part).join(name)).expect("a copy");
            }
        }
    }
    let manifest = std::fs::read(plain.join("manifest.json")).expect("the manifest");
    let mut manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
    manifest["checksums"] = serde_json::Value::Null;
    std::fs::write(plain.join("manifest.json"), manifest.to_string()).expect("the manifest");

    let whole = LocalIndex::open(&checked).expect("the index");
    let ngram = whole.document_tokens(&[70_000]).expect("a document")[0][5..8].to_vec();
    let word = ["apples".to_string()];
    for (name, index) in [("with checksums", &checked), ("without", &plain)] {
        let open = || LocalIndex::open(index).expect("the index");
        spread(&format!("open, {name}"), 60, |_| drop(black_box(open())));
        spread(&format!("open and count 3 tokens, {name}"), 60, |_| {
            black_box(open().count(&ngram)).expect("a count");
        });
        spread(&format!("open and count a word, {name}"), 60, |_| {
            black_box(open().word_counts(&word)).expect("a count");
        });
    }
    cold_answers(&checked, &plain, &ngram);
    warm_answers(&checked, &plain);
}

/// The same where nothing of the files is in the page cache, in turns.
fn cold_answers(checked: &Path, plain: &Path, ngram: &[u32]) {
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..41 {
        for (times, folder) in times.iter_mut().zip([checked, plain]) {
            forget(folder);
            let start = Instant::now();
            let index = LocalIndex::open(folder).expect("the index");
            black_box(index.count(ngram)).expect("a count");
            times.push(start.elapsed());
        }
    }
    for (mut times, name) in times.into_iter().zip(["with checksums", "without"]) {
        times.sort();
        let quarter = |n: usize| times[times.len() * n / 4].as_secs_f64() * 1e6;
        println!(
            "open and count 3 tokens, page cache cold, {name}: median {:.0} us, quartiles {:.0} and {:.0} us",
            quarter(2),
            quarter(1),
            quarter(3)
        );
    }
}

/// Has the system drop what it keeps of the files in a folder.
fn forget(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            forget(&path);
            continue;
        }
        let of = format!("if={}", path.display());
        let dd = std::process::Command::new("dd")
            .args([&of, "iflag=nocache", "count=0", "status=none"])
            .status();
        assert!(dd.expect("dd").success(), "{}", path.display());
    }
}

/// What checksums cost an index that was asked before, against the same index without them, in turns. A file counts as sound once all its pages
/// were verified, so the second of the indexes becomes like the third in the midst of the first turn.
fn warm_answers(checked: &Path, plain: &Path) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let [asked, whole, plain] =
        [checked, checked, plain].map(|folder| LocalIndex::open(folder).expect("the index"));
    // Reads every page: ids, heads, and the rest.
    let every: Vec<u64> = (0..whole.ngrams().documents()).collect();
    black_box(whole.document_tokens(&every)).expect("documents");
    black_box(whole.ngrams().next(&[])).expect("what follows");
    black_box(whole.ngrams().occurrences(&[], 1, 0, usize::MAX)).expect("places");
    let documents: Vec<u64> = (0..QUERIES as u64).map(|i| i * 17).collect();
    let documents = asked.document_tokens(&documents).expect("documents");
    let text = Text {
        documents: documents.into_iter().filter(|d| d.len() > 1).collect(),
        vocabulary: asked.manifest().tokenizer.size,
        name: "pocket",
    };
    let mut mixed: Vec<Vec<u32>> = [
        (1, false),
        (2, false),
        (3, false),
        (4, true),
        (8, false),
        (8, true),
    ]
    .into_iter()
    .flat_map(|(n, absent)| cut(&text, n, absent, &mut rng))
    .collect();
    mixed.shuffle(&mut rng);
    let questions = tokens_to_explain(&text, &mut rng);
    let count = |index: &LocalIndex, i: usize| {
        black_box(index.ngrams().count(&mixed[i])).expect("a count");
    };
    let explain = |index: &LocalIndex, i: usize| explain(index.ngrams(), &questions[i]);
    for turn in 1..=5 {
        for (name, index) in [
            ("without", &plain),
            ("with checksums", &asked),
            ("all pages verified", &whole),
        ] {
            spread(
                &format!("turn {turn}, warm count, {name}"),
                mixed.len(),
                |i| count(index, i),
            );
            spread(
                &format!("turn {turn}, warm longest context and 21 candidates, {name}"),
                QUERIES,
                |i| explain(index, i),
            );
        }
    }
}

fn explain(index: &NgramIndex, (context, token, candidates): &(Vec<u32>, u32, Vec<u32>)) {
    let longest = index.longest_context_of(context, *token).expect("a match");
    let context = &context[context.len() - longest.len..];
    black_box(index.candidate_counts(context, candidates)).expect("counts");
}

fn main() {
    first_answers();
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let text = text(&mut rng);
    let (_folder, index) = indexed(&text);

    let mut mixed = Vec::new();
    for n in [1, 2, 3, 4, 8, 12] {
        for (absent, kind) in [(false, "present"), (true, "absent")] {
            let ngrams = cut(&text, n, absent, &mut rng);
            spread(&format!("count, {n} tokens, {kind}"), QUERIES, |i| {
                black_box(index.count(&ngrams[i])).expect("a count");
            });
            mixed.extend(ngrams);
        }
    }
    mixed.shuffle(&mut rng);
    spread("count, all of these mixed", mixed.len(), |i| {
        black_box(index.count(&mixed[i])).expect("a count");
    });

    let questions = tokens_to_explain(&text, &mut rng);
    spread("longest context and 21 candidates", QUERIES, |i| {
        explain(&index, &questions[i]);
    });

    let contexts = cut(&text, 3, false, &mut rng);
    spread("next after 3 tokens", QUERIES, |i| {
        black_box(index.next(&contexts[i])).expect("what follows");
    });

    // The tokens whose frequency is nearest to 100,000.
    let count = |id: u32| index.count(&[id]).expect("a count");
    let mut by_count: Vec<(u64, u32)> = (0..text.vocabulary as u32)
        .map(|id| (count(id).abs_diff(100_000), id))
        .collect();
    by_count.sort_unstable();
    let (a, b) = ([by_count[0].1], [by_count[1].1]);
    for how in [
        Cooccur::Document,
        Cooccur::Window(1000),
        Cooccur::Window(10),
    ] {
        let name = format!(
            "together ({how}), tokens with {} and {} occurrences",
            count(a[0]),
            count(b[0])
        );
        spread(&name, 50, |_| {
            black_box(index.cooccur(&a, &b, how)).expect("a count");
        });
    }
}
