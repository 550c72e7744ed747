//! Building an index and asking it, from the command line.

use std::path::Path;

use crate::support::{root, rotescope, text};
use serde_json::Value;

/// An index of some lines with the bundled model's tokenizer, and what its build said.
fn built(dir: &Path, lines: &str, more: &[&str]) -> (String, String) {
    let (corpus, out) = (dir.join("corpus.jsonl"), dir.join("index"));
    std::fs::write(&corpus, lines).unwrap();
    let model = root().join("models/pocket/pocket-q8_0.gguf");
    let [corpus, out, model] = [&corpus, &out, &model].map(|p| p.display().to_string());
    let mut args = vec!["index", "build", &corpus, "--out", &out, "--model", &model];
    args.extend(more);
    let built = rotescope(&args);
    assert!(built.status.success(), "{}", text(&built.stderr));
    (out, text(&built.stderr))
}

#[test]
fn other_readings_of_a_text_are_offered() {
    let dir = tempfile::tempdir().unwrap();
    let lines =
        "{\"text\": \"Tom has ten apples and ten pens.\"}\n{\"text\": \"Ann has ten pens.\"}\n";
    let (index, _) = built(dir.path(), lines, &[]);
    let ask = |asked: &str, json: bool| {
        let mut args = vec!["index", "count", &index, asked];
        args.extend(json.then_some("--json"));
        let said = rotescope(&args);
        assert!(said.status.success(), "{}", text(&said.stderr));
        (text(&said.stdout), text(&said.stderr))
    };
    // Within a sentence the word has other tokens.
    let (count, hint) = ask("pens", false);
    assert_eq!(count, "0\n");
    assert!(
        hint.contains("\" pens\"") && hint.contains("2 times"),
        "{hint}"
    );
    let said: Value = serde_json::from_str(&ask("pens", true).0).unwrap();
    assert_eq!(said["other_readings"][0]["count"], 2);
    // What is asked as it stands there gets no hint.
    assert_eq!(ask(" pens", false), ("2\n".into(), String::new()));
    // Neither does what occurs in no way.
    assert_eq!(ask("zzz", false), ("0\n".into(), String::new()));
}

#[test]
fn documents_that_cannot_be_read_are_skipped_and_counted_where_asked() {
    let dir = tempfile::tempdir().unwrap();
    let lines = "{\"text\": \"ten pens\"}\n{\"text\": \"\\ud800\"}\n{\"other\": 1}\n{\"text\": \"two pens\"}\n";
    let (index, said) = built(dir.path(), lines, &["--skip-bad"]);
    assert!(
        said.contains("2 documents skipped") && said.contains("line 2"),
        "{said}"
    );
    let about = rotescope(&["index", "info", &index, "--json"]);
    let about: Value = serde_json::from_slice(&about.stdout).unwrap();
    assert_eq!(about["manifest"]["documents"], 2);
    assert_eq!(about["manifest"]["sources"][0]["skipped"], 2);
    // Without the option the first of them is named, with the way out.
    let refused = rotescope(&[
        "index",
        "build",
        &dir.path().join("corpus.jsonl").display().to_string(),
        "--out",
        &dir.path().join("other").display().to_string(),
        "--model",
        &root()
            .join("models/pocket/pocket-q8_0.gguf")
            .display()
            .to_string(),
    ]);
    assert!(!refused.status.success());
    let why = text(&refused.stderr);
    assert!(
        why.contains("line 2") && why.contains("--skip-bad"),
        "{why}"
    );
}
