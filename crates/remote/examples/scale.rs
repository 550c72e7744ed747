//! How an OpenSearch index grows: seconds to load and to count, bytes a token, for corpora of some sizes on one node and on three. `make scale`
//! runs it with the sizes (in millions of tokens) that follow `--`, 1 and 10 if none does.
//!
//! The corpora are documents of the bundled one with their sentences drawn anew, so that they share words but are no copies.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rotescope_corpus::{
    About, BuildOptions, Documents, LocalIndex, LocalQuestion, NgramCounts, build,
};
use rotescope_remote::{Cache, Limits, OpenSearch, Options, PushOptions, push};
use rotescope_testing::opensearch::Cluster;
use rotescope_testing::{pocket, repository};
use rotescope_vocab::{Gguf, Vocabulary};

/// N-grams that are counted, and tokens whose local counts are asked for.
const NGRAMS: usize = 2_000;
const TOKENS: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let sizes: Vec<f64> = std::env::args()
        .skip(1)
        .filter_map(|a| a.parse().ok())
        .collect();
    let sizes = if sizes.is_empty() {
        vec![1.0, 10.0]
    } else {
        sizes
    };
    let folder = tempfile::tempdir()?;
    let vocabulary = Vocabulary::from_gguf(&Gguf::open(&pocket())?)?;
    let make = |name: &str, file: &Path| -> Result<LocalIndex, Box<dyn Error>> {
        let out = folder.path().join(name);
        let options = BuildOptions::new(vec![file.into()], out.clone(), "pocket".into());
        build(&options, &vocabulary, &mut ())?;
        Ok(LocalIndex::open(&out)?)
    };
    let bundled = make("bundled", &repository("indexes/pocket/corpus.jsonl.zst"))?;
    println!(
        "| million tokens | nodes | load, s | tokens/s | bytes a token | here | 2,000 counts, s | here | 200 local counts, s |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for size in sizes {
        let file = folder.path().join("corpus.jsonl");
        grown(&bundled, size * 1e6, &file)?;
        let local = make(&format!("local-{size}"), &file)?;
        for nodes in [1, 3] {
            let data = folder.path().join(format!("cluster-{size}-{nodes}"));
            let row = measured(&local, nodes, &data)?;
            println!(
                "| {:.1} | {nodes} | {row} |",
                local.info().tokens as f64 / 1e6
            );
            std::fs::remove_dir_all(data)?;
        }
    }
    Ok(())
}

/// A corpus of about so many tokens.
fn grown(bundled: &LocalIndex, tokens: f64, file: &Path) -> Result<(), Box<dyn Error>> {
    let info = bundled.info();
    let all: Vec<u64> = (0..info.documents.unwrap_or(0)).collect();
    let texts: Vec<String> = bundled
        .documents(&all)?
        .into_iter()
        .map(|d| d.text)
        .collect();
    let sentences: Vec<Vec<&str>> = texts
        .iter()
        .map(|t| t.split_inclusive(". ").collect())
        .collect();
    let flat: Vec<&str> = sentences.iter().flatten().copied().collect();
    let wanted = tokens * info.bytes.unwrap_or(0) as f64 / info.tokens as f64;
    let mut out = BufWriter::new(File::create(file)?);
    let (mut at, mut random) = (0, numbers());
    let mut written = 0;
    while (written as f64) < wanted {
        let length = sentences[at % sentences.len()].len();
        let text: String = (0..length).map(|_| flat[random(flat.len())]).collect();
        written += text.len();
        writeln!(out, "{}", serde_json::json!({ "text": text }))?;
        at += 1;
    }
    Ok(out.flush()?)
}

/// One row of the table.
fn measured(local: &LocalIndex, nodes: usize, data: &Path) -> Result<String, Box<dyn Error>> {
    let cluster = Cluster::start(nodes, data);
    let address = cluster.name(0, "grown").parse()?;
    let options = || Options {
        limits: Limits {
            timeout: Duration::from_secs(120),
            ..Limits::local()
        },
        credentials: None,
        insecure: false,
        cache: Arc::new(Cache::in_memory()),
    };
    let tokens = local.info().tokens as f64;
    let began = Instant::now();
    let how = PushOptions {
        replicas: Some(0),
        ..PushOptions::default()
    };
    push(local, &address, options(), &how, &|_| true)?;
    let loaded = began.elapsed().as_secs_f64();
    cluster.ask(
        0,
        "POST",
        "grown/_forcemerge?max_num_segments=1&flush=true",
        "",
    );
    let stats = cluster.ask(0, "GET", "grown/_stats/store", "");
    let bytes = stats["_all"]["total"]["store"]["size_in_bytes"].as_f64();

    let remote = OpenSearch::open(address, options())?;
    let mut random = numbers();
    let documents = local.info().documents.unwrap_or(0) as usize;
    let mut ngrams = Vec::with_capacity(NGRAMS);
    while ngrams.len() < NGRAMS {
        let document = local
            .document_tokens(&[random(documents) as u64])?
            .remove(0);
        let len = 1 + ngrams.len() % 8;
        if document.len() >= len {
            let from = random(document.len() - len + 1);
            ngrams.push(document[from..from + len].to_vec());
        }
    }
    let asked: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
    let timed = |count: &dyn NgramCounts| -> Result<_, Box<dyn Error>> {
        let began = Instant::now();
        let counts = count.counts(&asked)?;
        Ok((counts, began.elapsed().as_secs_f64()))
    };
    let (theirs, remotely) = timed(&remote)?;
    let (ours, locally) = timed(local)?;
    if theirs != ours {
        return Err("counts differ".into());
    }
    let text = local.document_tokens(&[0, 1, 2, 3, 4, 5, 6, 7])?.concat();
    let text = &text[..text.len().min(TOKENS)];
    let candidates: Vec<u32> = (0..20).collect();
    let question = |i: usize| LocalQuestion {
        context: &text[..i],
        token: text[i],
        candidates: &candidates,
    };
    let questions: Vec<LocalQuestion> = (0..text.len()).map(question).collect();
    let began = Instant::now();
    let theirs = remote.local_counts(&questions)?;
    let chain = began.elapsed().as_secs_f64();
    if theirs != local.local_counts(&questions)? {
        return Err("local counts differ".into());
    }
    Ok(format!(
        "{loaded:.1} | {:.0} | {:.2} | {:.2} | {remotely:.2} | {locally:.4} | {chain:.2}",
        tokens / loaded,
        bytes.unwrap_or(f64::NAN) / tokens,
        local.bytes_on_disk() as f64 / tokens,
    ))
}

fn numbers() -> impl FnMut(usize) -> usize {
    let mut at = 1u64;
    move |below: usize| {
        at = at
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (at >> 33) as usize % below
    }
}
