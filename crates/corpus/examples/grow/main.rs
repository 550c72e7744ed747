//! How the index grows: makes corpora of any size, builds their indexes, and measures them.
//!
//! ```text
//! cargo run --release --workspace --example grow -- bundled  414 1 corpus.jsonl
//! cargo run --release --workspace --example grow -- natural  200 1 corpus.jsonl
//! cargo run --release --workspace --example grow -- build    corpus.jsonl index 2048
//! cargo run --release --workspace --example grow -- append   more.jsonl index 2048
//! cargo run --release --workspace --example grow -- ask      index the answer
//! cargo run --release --workspace --example grow -- shards   index
//! cargo run --release --workspace --example grow -- peers    index folder
//! cargo run --release --workspace --example grow -- count    index 317 12
//! ```
//!
//! `bundled`: the bundled corpus over and over, with every 20th word of each copy but the first replaced by another word of the corpus.
//! `natural`: synthetic text; see [`natural`]. Both: about so many million tokens, and the seed. `build`: with the bundled model's tokenizer, or, of
//! `natural` text, one token a word and a vocabulary of 50,000 (u16); `MiB` of memory as `--memory` has it. `WIDE=1`: of 200,000 words (u32), for
//! `natural` and `build` alike. `append`: adds to such an index. `shards`: the same token ids in 1, 5 and 20 shards, see [`shards`]. `ask`: seconds of questions, see [`ask`]; two words may follow, which are asked together. `peers`: the same corpus and
//! questions for other programs, see [`peers`]. `count`: how often token ids occur one behind the other, and the seconds of opening and counting.

mod ask;
mod natural;
mod peers;
mod shards;

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use natural::Words;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rotescope_corpus::{AppendOptions, BuildOptions, LocalIndex, append, build};
use rotescope_testing::repository;
use rotescope_vocab::{Encode, Vocabulary};

/// Tokens of the bundled corpus.
const BUNDLED: f64 = 10.35e6;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["bundled", millions, seed, out] => bundled(
            millions.parse::<f64>()? * 1e6,
            seed.parse()?,
            Path::new(out),
        ),
        ["natural", millions, seed, out] => natural::write(
            millions.parse::<f64>()? * 1e6,
            seed.parse()?,
            Path::new(out),
        ),
        ["build", corpus, index, memory] => {
            built(Path::new(corpus), Path::new(index), memory.parse()?)
        }
        ["append", corpus, index, memory] => {
            appended(Path::new(corpus), Path::new(index), memory.parse()?)
        }
        ["shards", index] => shards::ask(&LocalIndex::open(index)?),
        ["ask", index, words @ ..] => ask::ask(&LocalIndex::open(index)?, words),
        ["peers", index, folder] => peers::write(&LocalIndex::open(index)?, Path::new(folder)),
        ["count", index, ids @ ..] => peers::count(Path::new(index), ids),
        _ => Err(
            "bundled|natural MILLIONS SEED OUT, build|append CORPUS INDEX MIB, shards INDEX, ask INDEX [WORD WORD], peers INDEX FOLDER, count INDEX ID..."
                .into(),
        ),
    }
}

/// The documents of the bundled corpus until there are so many tokens.
fn bundled(tokens: f64, seed: u64, out: &Path) -> Result<(), Box<dyn Error>> {
    let file = File::open(repository("indexes/pocket/corpus.jsonl.zst"))?;
    let mut texts = Vec::new();
    for line in BufReader::new(zstd::Decoder::new(file)?).lines() {
        let document: serde_json::Value = serde_json::from_str(&line?)?;
        texts.push(
            document["text"]
                .as_str()
                .ok_or("a document without text")?
                .to_string(),
        );
    }
    let words: Vec<&str> = texts
        .iter()
        .step_by(50)
        .flat_map(|t| t.split(' '))
        .collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut out = BufWriter::new(File::create(out)?);
    let wanted = (tokens / BUNDLED * texts.len() as f64) as usize;
    for i in 0..wanted {
        let text = &texts[i % texts.len()];
        if i < texts.len() {
            writeln!(out, "{}", serde_json::json!({ "text": text }))?;
            continue;
        }
        let changed: Vec<&str> = text
            .split(' ')
            .map(|word| match rng.random_range(0..20) {
                0 => words[rng.random_range(0..words.len())],
                _ => word,
            })
            .collect();
        writeln!(out, "{}", serde_json::json!({ "text": changed.join(" ") }))?;
    }
    Ok(out.flush()?)
}

/// The tokenizer of a corpus, and how an index of it is made.
fn made_of(
    corpus: &Path,
    index: &Path,
    memory: u64,
) -> Result<(Box<dyn Encode>, BuildOptions), Box<dyn Error>> {
    let mut first = String::new();
    BufReader::new(File::open(corpus)?).read_line(&mut first)?;
    let encoder: Box<dyn Encode> = if first.contains(natural::MARK) {
        Box::new(Words::new(natural::vocabulary()))
    } else {
        Box::new(Vocabulary::from_json(&repository(
            "models/pocket/tokenizer.json",
        ))?)
    };
    let mut options = BuildOptions::new(vec![corpus.into()], index.into(), "grown".into());
    options.memory = memory << 20;
    Ok((encoder, options))
}

/// Adds to an index; says how fast, and in how many parts it is now.
fn appended(corpus: &Path, index: &Path, memory: u64) -> Result<(), Box<dyn Error>> {
    let (encoder, build) = made_of(corpus, index, memory)?;
    let options = AppendOptions {
        build,
        again: true,
        compact: false,
    };
    let before = most_memory();
    let report = append(&options, encoder.as_ref(), &mut ())?;
    let manifest = &report.manifest;
    let added = manifest.parts.last().map_or(0, |p| p.tokens) as f64;
    let segments = manifest.files.iter().filter(|f| f.path.ends_with(".store"));
    println!(
        "{:.2} M tokens to {:.1} M in {:.2} s, {} shards, {} segments, {:.0} MiB of {memory} at most ({before:.0} before)",
        added / 1e6,
        manifest.tokens as f64 / 1e6 - added / 1e6,
        report.elapsed.as_secs_f64(),
        manifest.shards.len(),
        segments.count(),
        most_memory(),
    );
    Ok(())
}

/// Builds an index; says how fast, how large, and what it took of memory.
fn built(corpus: &Path, index: &Path, memory: u64) -> Result<(), Box<dyn Error>> {
    let (encoder, options) = made_of(corpus, index, memory)?;
    let before = most_memory();
    let began = Instant::now();
    let report = build(&options, encoder.as_ref(), &mut ())?;
    let seconds = began.elapsed().as_secs_f64();
    let manifest = &report.manifest;
    let tokens = manifest.tokens as f64;
    let bytes: u64 = manifest.files.iter().map(|f| f.bytes).sum();
    println!(
        "{:.1} M tokens, {} documents, {:?}, {} shards: {seconds:.1} s ({:.2} M tokens/s), {:.2} bytes a token, {:.0} MiB of {memory} at most ({:.0} before)",
        tokens / 1e6,
        manifest.documents,
        manifest.id_width,
        manifest.shards.len(),
        tokens / seconds / 1e6,
        bytes as f64 / tokens,
        most_memory(),
        before,
    );
    Ok(())
}

/// The most memory that this process had resident, in MiB, mapped files counted; 0 where the system does not tell.
fn most_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
