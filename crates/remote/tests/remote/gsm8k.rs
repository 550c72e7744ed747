//! A corpus and chains that nobody here made, with Llama 2's vocabulary: GSM8K's training text in the exact index, behind infini-gram's engine and in a
//! cluster, and solutions that other models wrote.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rotescope_corpus::{
    About, BuildOptions, Corpus, Documents, LocalIndex, LocalQuestion, NgramCounts, build,
};
use rotescope_remote::{Cache, OpenSearch, PushOptions, open, push};
use rotescope_testing::data;
use rotescope_testing::infinigram::{END, Server, write_index};
use rotescope_testing::opensearch::Cluster;
use rotescope_vocab::{Encode, Gguf, Vocabulary};
use serde_json::{Value, json};

use crate::support::{ngrams, options, patient, quick, tokenizer};

/// Solutions whose tokens are asked about.
const CHAINS: usize = 20;

fn rows(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(data(file)).unwrap();
    let rows = text.lines().map(|l| serde_json::from_str(l).unwrap());
    rows.collect()
}

fn index(folder: &Path, vocabulary: &Vocabulary) -> LocalIndex {
    let text = |row: &Value| {
        let (question, answer) = (row["question"].as_str(), row["answer"].as_str());
        json!({"text": format!("{}\n{}", question.unwrap(), answer.unwrap())}).to_string()
    };
    let lines: Vec<String> = rows("data/gsm8k/train.jsonl").iter().map(text).collect();
    let file = folder.join("gsm8k.jsonl");
    std::fs::write(&file, lines.join("\n")).unwrap();
    let out = folder.join("index");
    build(
        &BuildOptions::new(vec![file], out.clone(), "Llama 2".into()),
        vocabulary,
        &mut (),
    )
    .unwrap();
    LocalIndex::open(&out).unwrap()
}

/// Solutions as tokens.
fn chains(vocabulary: &Vocabulary) -> Vec<Vec<u32>> {
    let solution = |row: &Value| -> String {
        let steps = row["steps"].as_array().unwrap().iter();
        let steps: Vec<&str> = steps.map(|s| s.as_str().unwrap()).collect();
        steps.join("\n")
    };
    let texts: Vec<String> = rows("data/labels/processbench-gsm8k.jsonl")
        .iter()
        .take(CHAINS)
        .map(solution)
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    vocabulary.encode_batch(&texts).unwrap()
}

#[test]
#[ignore = "needs servers and data: make test-remote DATA=DIR"]
fn counts_and_local_scores_are_the_same_in_all_three() {
    let folder = tempfile::tempdir().unwrap();
    let gguf = Gguf::open(&data("vocabs/ggml-vocab-llama-spm.gguf")).unwrap();
    let vocabulary = Arc::new(Vocabulary::from_gguf(&gguf).unwrap());
    let local = index(folder.path(), &vocabulary);
    let all: Vec<u64> = (0..local.info().documents.unwrap()).collect();
    let documents = local.document_tokens(&all).unwrap();

    let served = folder.path().join("served");
    write_index(
        &served.join("gsm8k"),
        documents.clone(),
        vocabulary.size(),
        |id| vocabulary.token_bytes(id),
    );
    let server = Server::start(&served);
    let kept = || options(quick(), Arc::new(Cache::in_memory()));
    let address = server.name("gsm8k").parse().unwrap();
    let asked = tokenizer(vocabulary.clone(), Some(END));
    let infinigram = open(address, kept(), asked, None).unwrap().corpus;

    let cluster = Cluster::start(1, &folder.path().join("cluster"));
    let name = cluster.name(0, "gsm8k").parse().unwrap();
    let slowly = || options(patient(), Arc::new(Cache::in_memory()));
    push(&local, &name, slowly(), &PushOptions::default(), &|_| true).unwrap();
    let opensearch = OpenSearch::open(name, slowly()).unwrap();
    eprintln!(
        "{} documents, {} tokens",
        documents.len(),
        local.info().tokens
    );

    let ngrams = ngrams(&documents, vocabulary.size(), 10_000);
    let ngrams: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
    let ours = local.counts(&ngrams).unwrap();
    assert!(ours.iter().filter(|c| c.value == 0).count() > 1000);
    let chains = chains(&vocabulary);
    let all: [(&str, &dyn Corpus); 2] = [
        ("infini-gram", infinigram.as_ref()),
        ("OpenSearch", &opensearch),
    ];
    for (name, remote) in all {
        let began = Instant::now();
        assert_eq!(remote.counts(&ngrams).unwrap(), ours, "{name}");
        eprintln!("{name}: 10,000 counts in {:?}", began.elapsed());
        let began = Instant::now();
        let mut tokens = 0;
        for text in &chains {
            tokens += same_local_counts(remote, &local, text);
        }
        eprintln!(
            "{name}: local counts of {tokens} tokens of {CHAINS} chains in {:?}",
            began.elapsed()
        );
        assert!(tokens > 1000);
    }
    let (mut exact, mut sampled) = (0, 0);
    let theirs = infinigram.continuations(&ngrams[..2000]).unwrap();
    let ours = local.continuations(&ngrams[..2000]).unwrap();
    for (theirs, ours) in theirs.iter().zip(&ours) {
        match theirs.basis == ours.basis {
            true => {
                assert_eq!(theirs.value, ours.value);
                exact += 1;
            }
            false => sampled += 1,
        }
    }
    eprintln!("infini-gram: {exact} exact distributions, all equal, {sampled} sampled ones");
    assert!(exact > 1000);
}

/// Asks both about each token of a text, with candidates that follow such tokens; how many tokens.
fn same_local_counts(remote: &dyn Corpus, local: &LocalIndex, text: &[u32]) -> usize {
    let candidates: Vec<Vec<u32>> = (1..text.len())
        .map(|i| {
            let next = local.next(&text[i - 1..i]).unwrap().value;
            let mut candidates: Vec<u32> = next.tokens.iter().take(19).map(|t| t.0).collect();
            candidates.push(text[i]);
            candidates
        })
        .collect();
    let questions: Vec<LocalQuestion> = candidates
        .iter()
        .zip(1..)
        .map(|(candidates, i)| LocalQuestion {
            context: &text[..i],
            token: text[i],
            candidates,
        })
        .collect();
    let theirs = remote.local_counts(&questions).unwrap();
    assert_eq!(theirs, local.local_counts(&questions).unwrap());
    questions.len()
}
