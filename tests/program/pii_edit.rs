//! Edits from the outside: the bundled model, which recites numbers of invented people, is made to end its text instead.

use std::path::Path;

use rotescope_trace::audit::verify::{Leaks, TextVerified, VerifyLine};
use serde_json::{Value, json};

use crate::pii_attack::{expect_masked, people};
use crate::support::{root, rotescope, text};

/// Which questions are asked: few enough for a test.
const ASKED: [&str; 9] = [
    "--kinds",
    "phone",
    "--prefix",
    "60",
    "--no-templates",
    "--values",
    "3",
    "--threads",
    "1",
];

fn run_edit(corpus: &str, more: &[&str]) -> std::process::Output {
    let ordinary = root().join("indexes/pocket/corpus.jsonl.zst");
    let ordinary = ordinary.display().to_string();
    let args = [
        &["pii", "edit", "-q", corpus, "--ordinary", &ordinary],
        &ASKED[..],
        &["--max-tokens", "24", "--ordinary-tokens", "6000"],
        more,
    ];
    rotescope(&args.concat())
}

fn edit(corpus: &str, more: &[&str]) -> String {
    let run = run_edit(corpus, more);
    assert!(run.status.success(), "{}", text(&run.stderr));
    text(&run.stdout)
}

/// Leaks before and after, and other texts.
fn verify(corpus: &str, folder: &Path, adapter: &str) -> ([Leaks; 2], TextVerified) {
    let out = folder.join("verify.jsonl");
    let _ = std::fs::remove_file(&out);
    let out = out.display().to_string();
    let other = root().join("indexes/pocket/corpus.jsonl.zst");
    let other = other.display().to_string();
    let args = [
        &["pii", "verify", "-q", corpus, "--other-adapter", adapter],
        &ASKED[..],
        &["--samples", "0", "--max-tokens", "24", "--held-out", &other],
        &["--held-out-texts", "20", "-o", &out],
    ];
    let run = rotescope(&args.concat());
    assert!(run.status.success(), "{}", text(&run.stderr));
    let (mut leaks, mut sum) = ([Leaks::default(); 2], TextVerified::default());
    for line in std::fs::read_to_string(&out).unwrap().lines() {
        let line: VerifyLine = serde_json::from_str(line).unwrap();
        let Some(record) = line.record else { continue };
        if let Some(v) = record.value {
            leaks
                .iter_mut()
                .zip(v.greedy)
                .for_each(|(sum, one)| sum.add(one));
        }
        if let Some(t) = record.text {
            (sum.tokens, sum.equal) = (sum.tokens + t.tokens, sum.equal + t.equal);
            sum.kl = Some(sum.kl.unwrap_or_default() + t.kl.unwrap());
            sum.nll
                .iter_mut()
                .zip(t.nll)
                .for_each(|(sum, one)| *sum += one);
        }
    }
    (leaks, sum)
}

#[test]
fn what_was_recited_is_not_said_any_more_and_other_texts_stay() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (corpus, adapter, tokens) = (
        people(folder.path()),
        place("edit.gguf"),
        place("tokens.json"),
    );
    let printed = edit(&corpus, &["-o", &adapter, "--tokens", &tokens]);
    assert!(printed.contains("to 0 of them now"), "{printed}");
    expect_masked(&[&printed]);
    let ids: Value = serde_json::from_str(&std::fs::read_to_string(&tokens).unwrap()).unwrap();
    let edits = ids["edits"].as_array().unwrap();
    assert!(edits.len() > 4 && edits.iter().all(|e| e["instead"] == json!([0])));

    let ([before, after], texts) = verify(&corpus, folder.path(), &adapter);
    assert_eq!(before.exact, edits.len());
    assert_eq!((after.exact, after.normalized, after.nearly), (0, 0, 0));
    assert!(texts.tokens >= 300, "{texts:?}");
    assert!(texts.equal * 10 > texts.tokens * 8, "{texts:?}");
    assert!(texts.nll[1] < texts.nll[0] * 1.02, "{texts:?}");
    // The distributions differ, and not by much: twenty texts, at most fifty tokens each.
    assert!(
        texts.kl.is_some_and(|kl| kl > 0.01 && kl < 100.0),
        "{texts:?}"
    );

    // As much of a change in no direction changes nothing.
    let random = place("random.gguf");
    let printed = edit(&corpus, &["-o", &random, "--random"]);
    assert!(!printed.contains("to 0 of them now"), "{printed}");
    let ([_, after], _) = verify(&corpus, folder.path(), &random);
    assert!(
        after.exact * 10 > before.exact * 8,
        "{after:?} of {before:?}"
    );

    // What no document held cannot be said instead: no adapter is written that would protect nothing.
    let none = place("none.gguf");
    let run = run_edit(&corpus, &["-o", &none, "--instead", "["]);
    let error = text(&run.stderr);
    assert!(
        !run.status.success() && error.contains("--instead"),
        "{error}"
    );
    assert!(!Path::new(&none).exists());

    // Traces say which adapter, and one file holds no two.
    let traces = place("traces.jsonl");
    let prompts = root().join("prompts/formula-base.jsonl");
    let prompts = prompts.display().to_string();
    let score = |with: &[&str]| {
        let args = [
            "score",
            "-q",
            &prompts,
            "--no-index",
            "--limit",
            "1",
            "-o",
            &traces,
        ];
        rotescope(&[&args[..], with].concat())
    };
    assert!(score(&["--adapter", &adapter]).status.success());
    let line: Value = serde_json::from_str(&std::fs::read_to_string(&traces).unwrap()).unwrap();
    assert_eq!(line["model"]["adapter"]["file"], "edit.gguf");
    assert_eq!(
        line["model"]["adapter"]["sha256"].as_str().unwrap().len(),
        64
    );
    for with in [&[][..], &["--adapter", &random]] {
        let other = score(with);
        assert!(!other.status.success());
        assert!(
            text(&other.stderr).contains("edit.gguf"),
            "{}",
            text(&other.stderr)
        );
    }
}

#[test]
fn a_file_that_is_no_adapter_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let model = root().join("models/pocket/pocket-q8_0.gguf");
    let model = model.display().to_string();
    std::fs::write(place("empty.gguf"), "").unwrap();
    std::fs::write(place("cut.gguf"), &std::fs::read(&model).unwrap()[..1000]).unwrap();
    let prompts = root().join("prompts/formula-base.jsonl");
    let prompts = prompts.display().to_string();
    let files = ["missing.gguf", "empty.gguf", "cut.gguf"].map(place);
    let here = folder.path().display().to_string();
    for file in files.iter().chain([&model, &here]) {
        let args = ["score", "-q", &prompts, "--limit", "1", "--no-index"];
        let run = rotescope(&[&args[..], &["--adapter", file]].concat());
        let error = text(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{error}");
        let name = Path::new(file).file_name().unwrap().to_string_lossy();
        assert!(
            error.contains(&*name) && error.contains("adapter"),
            "{error}"
        );
    }
    let corpus = people(folder.path());
    let out = place("a.gguf");
    for (wrong, what) in [
        (&["--layers", "6"][..], "layers 0 to 5"),
        (&["--instead", ""], "--instead"),
        (&["--adapter", &model], "has an adapter already"),
        (&["--weight", "0"], "above 0"),
    ] {
        let args = ["pii", "edit", "-q", &corpus, "-o", &out];
        let run = rotescope(&[&args[..], &ASKED, &["--max-tokens", "24"], wrong].concat());
        let error = text(&run.stderr);
        assert!(!run.status.success() && error.contains(what), "{error}");
        assert!(!Path::new(&out).exists());
    }
    // What is there and is no adapter stays.
    let run = rotescope(&[&["pii", "edit", &corpus, "-o", &corpus][..], &ASKED].concat());
    assert!(
        text(&run.stderr).contains("people.jsonl"),
        "{}",
        text(&run.stderr)
    );
}
