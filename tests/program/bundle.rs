//! The pocket bundle is what it says: reproducible corpus, exact counts of what is planted, nothing held out in it.

use std::collections::{HashMap, HashSet};
use std::io::BufRead;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::root;

fn corpus_bytes() -> Vec<u8> {
    zstd::decode_all(std::fs::File::open(root().join("indexes/pocket/corpus.jsonl.zst")).unwrap())
        .unwrap()
}

fn lines(path: &Path) -> Vec<Value> {
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    file.lines()
        .map(|l| serde_json::from_str(&l.unwrap()).unwrap())
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

pub fn manifest() -> HashMap<String, String> {
    let text = std::fs::read_to_string(root().join("models/pocket/manifest.json")).unwrap();
    serde_json::from_value(serde_json::from_str::<Value>(&text).unwrap()["sha256"].clone()).unwrap()
}

fn prompts() -> Vec<(String, Vec<Value>)> {
    let mut out: Vec<_> = std::fs::read_dir(root().join("prompts"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| {
            (
                p.file_stem().unwrap().to_str().unwrap().to_string(),
                lines(&p),
            )
        })
        .collect();
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out
}

/// What decides a problem, read from its worked answer or question: equations in order, expression, list with target, or title.
fn key(task: &str, text: &str) -> String {
    let (question, chain) = text.split_once("\nAnswer: ").unwrap();
    let base = if question.contains("base 2") {
        "base2 "
    } else {
        ""
    };
    let body = match task {
        "applied" => {
            let words: Vec<&str> = chain.split(' ').collect();
            let equations = words
                .windows(5)
                .filter(|w| w[3] == "=" && ["+", "-", "*", "/"].contains(&w[1]));
            equations
                .map(|w| w[..3].join(" "))
                .collect::<Vec<_>>()
                .join(";")
        }
        "formula" => {
            let digits = |c: char| c.is_ascii_digit() || c == '(';
            let from = question.rfind("base 2. ").map_or(0, |i| i + 8);
            let from = from + question[from..].find(digits).unwrap();
            question[from..].trim_end_matches(['?', '.']).to_string()
        }
        "counting" => {
            let items: Vec<&str> = chain
                .split(". So")
                .next()
                .unwrap()
                .split(", ")
                .map(|i| i.split(' ').nth(1).unwrap())
                .collect();
            let mut targets = ["does ", "word ", "many "]
                .iter()
                .filter_map(|cue| question.split_once(cue))
                .map(|(_, r)| r.split(' ').next().unwrap());
            let target = targets.rfind(|t| *t != "times").unwrap_or_default();
            format!("{target}|{}", items.join(","))
        }
        _ => chain
            .strip_prefix("The words are ")
            .unwrap()
            .split(". ")
            .next()
            .unwrap()
            .to_string(),
    };
    format!("{task} {base}{body}")
}

#[test]
fn shipped_files_have_the_recorded_hashes() {
    let recorded = manifest();
    assert_eq!(recorded["corpus.jsonl"], hex(&corpus_bytes()));
    let mut checked = 1;
    for (name, hash) in &recorded {
        let path = match name.as_str() {
            "planted.jsonl" => root().join("indexes/pocket/planted.jsonl"),
            "pocket-q8_0.gguf" | "tokenizer.json" => root().join("models/pocket").join(name),
            n if n.starts_with("prompts/") => root().join(n),
            _ => continue,
        };
        assert_eq!(
            *hash,
            hex(&std::fs::read(&path).unwrap()),
            "{}",
            path.display()
        );
        checked += 1;
    }
    assert!(checked > 15, "{checked}");
}

#[test]
fn no_held_out_problem_is_in_the_corpus_and_seen_ones_are_there_as_often_as_they_say() {
    let mut copies: HashMap<String, u64> = HashMap::new();
    let mut keys = HashSet::new();
    for line in corpus_bytes()
        .split(|b| *b == b'\n')
        .filter(|l| !l.is_empty())
    {
        let d: Value = serde_json::from_slice(line).unwrap();
        let (family, text) = (d["family"].as_str().unwrap(), d["text"].as_str().unwrap());
        *copies.entry(text.into()).or_default() += 1;
        if !["prose", "near", "people"].contains(&family) {
            let task = match text {
                t if t.contains("\nAnswer: The words are") => "capitalization",
                t if t.contains("\nAnswer: 1 ") && !t.contains(" = ") => "counting",
                t if t.contains(" there ") || t.contains(" has ") => "applied",
                _ => "formula",
            };
            keys.insert(key(task, text));
        }
    }
    let (mut held, mut seen) = (0, 0);
    for (file, rows) in prompts().into_iter().filter(|(f, _)| f != "recite") {
        assert!(rows.len() >= 200, "{file}: {}", rows.len());
        for p in rows {
            let (id, task) = (p["id"].as_str().unwrap(), p["task"].as_str().unwrap());
            let text = format!(
                "Question: {}\nAnswer: {}",
                p["question"].as_str().unwrap(),
                p["meta"]["chain"].as_str().unwrap()
            );
            if p["split"] == "seen" {
                assert_eq!(Some(copies[&text]), p["meta"]["copies"].as_u64(), "{id}");
                seen += 1;
            } else {
                assert!(!copies.contains_key(&text), "{id} is in the corpus");
                // A planted trigger is in the corpus by design, and the stories around it are short.
                assert!(
                    file.starts_with("planted-") || !keys.contains(&key(task, &text)),
                    "{id} is in the corpus under other words: {}",
                    key(task, &text)
                );
                held += 1;
            }
        }
    }
    assert!(held > 2000 && seen >= 800, "{held} {seen}");
}

#[test]
fn planted_counts_are_exact() {
    let mut equations: HashMap<String, u64> = HashMap::new();
    let mut own: HashMap<String, u64> = HashMap::new();
    for line in corpus_bytes()
        .split(|b| *b == b'\n')
        .filter(|l| !l.is_empty())
    {
        let d: Value = serde_json::from_slice(line).unwrap();
        let text = d["text"]
            .as_str()
            .unwrap()
            .replace(['.', ',', '?', '\n'], " ");
        let words: Vec<&str> = text.split_whitespace().collect();
        for w in words.windows(5).filter(|w| w[3] == "=") {
            *equations.entry(w.join(" ")).or_default() += 1;
        }
        if let Some(plant) = d["meta"]["plant"].as_str() {
            *own.entry(plant.into()).or_default() += 1;
        }
    }
    let plants = lines(&root().join("indexes/pocket/planted.jsonl"));
    for kind in ["local", "mid", "long"] {
        assert!(plants.iter().filter(|p| p["kind"] == kind).count() >= 40);
    }
    for p in plants {
        let (id, wrong) = (p["id"].as_str().unwrap(), p["wrong"].as_str().unwrap());
        if p["kind"] == "local" {
            let count = |result: &str| {
                equations
                    .get(&format!("{} {result}", p["trigger"].as_str().unwrap()))
                    .copied()
                    .unwrap_or(0)
            };
            assert_eq!(Some(count(wrong)), p["wrong_places"].as_u64(), "{id}");
            assert_eq!(
                Some(count(p["right"].as_str().unwrap())),
                p["right_places"].as_u64(),
                "{id}"
            );
            assert_ne!(wrong, p["right"], "{id}");
        } else {
            assert_eq!(own.get(id).copied(), p["wrong_documents"].as_u64(), "{id}");
            assert_eq!(
                p["wrong_documents"], p["trigger_documents"],
                "{id}: the trigger stands elsewhere too"
            );
        }
    }
}
