//! `audit spans` from the outside, on the bundled corpus.

use serde_json::Value;

use crate::support::{root, rotescope, small_index, text};

/// The text of a document of the small index, and its line.
fn passage() -> (String, u64) {
    let corpus = std::fs::File::open(root().join("indexes/pocket/corpus.jsonl.zst")).unwrap();
    let corpus = String::from_utf8(zstd::decode_all(corpus).unwrap()).unwrap();
    let (line, row) = corpus.lines().enumerate().nth(1200).unwrap();
    let row: Value = serde_json::from_str(row).unwrap();
    (row["text"].as_str().unwrap().to_string(), line as u64 + 1)
}

#[test]
fn a_quoted_passage_is_found_with_its_document() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (passage, line) = passage();
    let quoted: String = passage.split_inclusive('.').take(2).collect();
    let essay = format!("Nobody wrote zebra quartz wombats down.\n{quoted}");
    std::fs::write(path("essay.txt"), &essay).unwrap();
    let model = "models/pocket/pocket-q8_0.gguf";
    let index = small_index();
    let spans = |more: &[&str]| {
        let file = path("essay.txt");
        let mut args = vec!["audit", "spans", &file, "--index", index, "--model", model];
        args.extend(more);
        rotescope(&args)
    };

    let out = path("spans.jsonl");
    let run = spans(&["--density", "1", "--shortest", "5", "-o", &out]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let lines = std::fs::read_to_string(&out).unwrap();
    let lines: Vec<Value> = lines
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert!(lines[0]["run"]["settings"]["density"] == 1.0, "{lines:?}");
    assert_eq!(
        (lines.len(), &lines[1]["schema"]),
        (2, &"rotescope.spans/1".into())
    );
    let record = &lines[1]["record"];
    let found = record["spans"].as_array().unwrap();
    let covers = |s: &Value| {
        let [from, to] = [0, 1].map(|i| s["bytes"][i].as_u64().unwrap() as usize);
        assert_eq!(s["text"], essay[from..to], "{s}");
        assert!(s["occurrences"].as_u64() >= Some(1), "{s}");
        essay[from..to].trim().to_string()
    };
    let said: Vec<String> = found.iter().map(covers).collect();
    let first = quoted.split_inclusive('.').next().unwrap().trim();
    assert!(said.iter().any(|s| s == first), "{first:?} in {said:?}");
    assert!(said.iter().all(|s| !s.contains("wombats")), "{said:?}");
    let documents = record["documents"].as_array().unwrap();
    assert!(
        documents
            .iter()
            .any(|d| d["line"] == line || d["copies"].as_u64() > Some(0)),
        "{documents:?}"
    );
    let relevance: Vec<f64> = documents
        .iter()
        .map(|d| d["bm25"].as_f64().unwrap())
        .collect();
    assert!(relevance.is_sorted_by(|a, b| a >= b), "{relevance:?}");

    // For people: a share, the kept spans, the documents.
    let run = spans(&[]);
    let shown = text(&run.stdout);
    let tokens = record["tokens"].as_u64().unwrap();
    assert!(
        shown.contains(&format!("essay.txt: {tokens} tokens, ")),
        "{shown}"
    );
    let kept = (0.05 * tokens as f64).ceil() as usize;
    assert!(shown.contains(&format!(" spans, {kept} kept")), "{shown}");
    assert!(shown.contains("BM25"), "{shown}");
}

#[test]
fn traces_are_looked_up_by_their_tokens_and_bad_texts_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (traces, broken) = (path("t.jsonl"), path("latin1.txt"));
    let index = small_index();
    let run = rotescope(&[
        "score",
        "prompts/formula-base.jsonl",
        "--limit",
        "2",
        "-q",
        "--no-index",
        "-o",
        &traces,
    ]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let run = rotescope(&["audit", "spans", &traces, "--index", index, "--all"]);
    let shown = text(&run.stdout);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert_eq!(shown.matches(" tokens, ").count(), 2, "{shown}");
    assert!(shown.contains("formula-base-000: "), "{shown}");

    std::fs::write(&broken, b"caf\xe9 au lait").unwrap();
    let run = rotescope(&["audit", "spans", &broken, "--index", index]);
    let said = text(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(
        said.contains("latin1.txt: not UTF-8 from byte 3 on"),
        "{said}"
    );
    let run = rotescope(&["audit", "spans", &path("none.txt"), "--index", index]);
    assert!(
        text(&run.stderr).contains("none.txt"),
        "{}",
        text(&run.stderr)
    );
    assert_eq!(run.status.code(), Some(2));
}
