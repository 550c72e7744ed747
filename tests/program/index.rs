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
fn an_index_grows_by_what_is_new_and_is_merged_with_others() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, lines: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, lines).unwrap();
        path.display().to_string()
    };
    let lines = "{\"q\": \"Tom has ten pens.\"}\n{\"q\": \"Ann has ten pens.\"}\n";
    let (index, _) = built(dir.path(), lines, &["--text-field", "q"]);
    let more = write("more.jsonl", "{\"q\": \"Eve has two pens.\"}\n");
    let run = |args: &[&str]| {
        let said = rotescope(args);
        let all = text(&said.stderr) + &text(&said.stdout);
        (said.status.code(), all)
    };
    let count = |index: &str| run(&["index", "count", index, " pens"]).1;
    // By the tokenizer and the field that the index was made with.
    let (code, said) = run(&["index", "append", &index, &more]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("1 documents, ") && said.contains("added in") && said.contains("3 documents"),
        "{said}"
    );
    assert_eq!(count(&index), "3\n");
    let info = run(&["index", "info", &index]).1;
    for part in [
        "parts        2 documents, ",
        ": corpus.jsonl\n",
        "             1 documents, ",
        ": more.jsonl\n",
        "2 shards",
    ] {
        assert!(info.contains(part), "{info}");
    }
    let about: Value = serde_json::from_str(&run(&["index", "info", &index, "--json"]).1).unwrap();
    assert_eq!(about["manifest"]["parts"][1]["documents"], 1);
    assert_eq!(about["manifest"]["sources"][1]["path"], "more.jsonl");
    // Again only when told; the field may be another.
    let (code, said) = run(&["index", "append", &index, &more]);
    assert!(code == Some(2) && said.contains("--again"), "{said}");
    let other = write("other.jsonl", "{\"a\": \"Two pens, four pens.\"}\n");
    let (code, said) = run(&["index", "append", &index, &other]);
    assert!(code == Some(2) && said.contains("--text-field"), "{said}");
    let (code, said) = run(&["index", "append", &index, &other, "--text-field", "a", "-q"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert_eq!(count(&index), "5\n");
    let (code, said) = run(&["index", "append", &index]);
    assert!(code == Some(2) && said.contains("<CORPUS>"), "{said}");
    let (code, said) = run(&["index", "append", &index, "--compact"]);
    assert!(code == Some(0) && said.contains("4 documents"), "{said}");
    let compact = run(&["index", "info", &index]).1;
    assert!(compact.contains("1 shard\n"), "{compact}");
    // With another index, and what is refused.
    let [second, all] = ["second", "all"].map(|n| dir.path().join(n).display().to_string());
    let model = root()
        .join("models/pocket/pocket-q8_0.gguf")
        .display()
        .to_string();
    let texts = write("texts.txt", "Ten pens and ten pens.");
    let (code, said) = run(&["index", "build", &texts, "-m", &model, "-o", &second]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&["index", "merge", &index, &second, "-o", &all]);
    assert!(code == Some(0) && said.contains("5 documents"), "{said}");
    assert_eq!(count(&all), "7\n");
    let (code, said) = run(&["index", "merge", &all, &second, "-o", &second, "--force"]);
    assert!(
        code == Some(2) && said.contains("this command reads"),
        "{said}"
    );
    let (code, said) = run(&["index", "merge", &all, &second, "-o", &index, "--force"]);
    assert!(code == Some(2) && said.contains("--again"), "{said}");
    let (code, said) = run(&["index", "check", &all, "--full"]);
    assert!(code == Some(0) && !said.contains("FAIL"), "{said}");
    let (code, said) = run(&[
        "index",
        "append",
        &second,
        &more,
        "--text-field",
        "q",
        "-m",
        &model,
    ]);
    assert_eq!(code, Some(0), "{said}");
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
