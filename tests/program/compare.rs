//! `rotescope compare` and `rotescope perturb` from the outside.

use std::path::Path;
use std::process::Output;

use rotescope_study::compare::Comparison;
use rotescope_trace::{Meaning, Source, Trace};
use serde_json::{Value, json};

use crate::support::{generated, root, rotescope, small_index, text};
use rotescope_testing::pairs::{changed, original};

fn write(path: &Path, traces: &[&Trace]) -> String {
    let lines: Vec<String> = traces
        .iter()
        .map(|t| serde_json::to_string(t).unwrap())
        .collect();
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
    path.to_str().unwrap().to_string()
}

#[test]
fn the_program_compares_files_and_names_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let good = changed(
        " At first Mia has 473 apples. After finding more, Mia has 473 + 10 = 483 apples. So the answer is 483.",
    );
    let mut lonely = original();
    lonely.prompt.id = "lonely".into();
    let a = write(&at("a.jsonl"), &[&original(), &lonely]);
    let b = write(&at("b.jsonl"), &[&good]);
    let out = rotescope(&["compare", &a, &b]);
    assert_eq!(out.status.code(), Some(1));
    assert!(
        text(&out.stderr).contains("without a variant: lonely"),
        "{}",
        text(&out.stderr)
    );
    assert!(
        text(&out.stdout).contains("Right before and after"),
        "{}",
        text(&out.stdout)
    );

    let both = write(&at("both.jsonl"), &[&original(), &good]);
    let out = rotescope(&["compare", &both, "--json"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let c: Comparison = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((c.a.id.as_str(), c.b.id.as_str()), ("o", "o+x"));

    let twice = write(&at("twice.jsonl"), &[&original(), &original()]);
    let none = write(&at("none.jsonl"), &[&lonely]);
    let b = b.as_str();
    for (args, want) in [
        (vec!["compare", &twice, b], "duplicate id \"o\""),
        (vec!["compare", &none, b], "belongs to one of"),
        (
            vec!["compare", "prompts/applied-base.jsonl", b],
            "item 1: not a rotescope trace",
        ),
        (vec!["compare", "no/such", b], "no/such"),
        (
            vec!["compare", &a, b, "--show", "zzz"],
            "no pair has the id",
        ),
        (
            vec![
                "compare",
                "prompts/applied-base.jsonl",
                "--operator",
                "rotat",
            ],
            "there are:",
        ),
        (
            vec!["compare", &a, b, "--operator", "reverse"],
            "one file of prompts",
        ),
    ] {
        let out = rotescope(&args);
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        assert!(text(&out.stderr).contains(want), "{}", text(&out.stderr));
    }
}

#[test]
fn the_program_scores_prompts_and_changed_prompts() {
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("kept");
    let args = [
        "compare",
        "prompts/applied-base.jsonl",
        "--operator",
        "numbers",
        "--limit",
        "4",
        "--no-index",
        "--threads",
        "1",
        "--save-traces",
    ];
    let out = rotescope(&[&args[..], &[keep.to_str().unwrap(), "--json"]].concat());
    assert!(out.status.success(), "{}", text(&out.stderr));
    let lines: Vec<Value> = text(&out.stdout)
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 4);
    for c in &lines {
        let forced = &c["forced"];
        let (own, other) = (
            forced["original"].as_f64().unwrap(),
            forced["changed"].as_f64().unwrap(),
        );
        // Greedy: no other prompt makes the completion much more probable than its own, which chose it.
        assert!(own <= 0.0 && other < own, "{forced}");
        assert!(!c["mapping"].as_array().unwrap().is_empty());
    }
    // The same from the files that were kept, as tables.
    let file = |n: &str| keep.join(n).to_str().unwrap().to_string();
    let out = rotescope(&["compare", &file("a.jsonl"), &file("b.jsonl")]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let said = text(&out.stdout);
    assert!(
        said.contains("4 pairs") && said.contains("McNemar") && said.contains("Most fragile pairs"),
        "{said}"
    );
}

/// Log-probabilities are the model's that is at hand: of what another model wrote that is said, and of another tokenizer's ids there are none.
#[test]
fn completions_are_forced_by_the_model_that_reads_their_tokens_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut traces = generated("applied-base", 1, 16);
    let mut variant = traces[0].clone();
    variant.prompt.pair = Some(variant.prompt.id.clone());
    variant.prompt.id += "+again";
    traces.push(variant);
    let compared = |name: &str, traces: &[Trace]| {
        let all: Vec<&Trace> = traces.iter().collect();
        let path = write(&folder.path().join(name), &all);
        let out = rotescope(&["compare", &path, "--forced", "--json"]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        let c: Value = serde_json::from_slice(&out.stdout).unwrap();
        (c["forced"].is_object(), text(&out.stderr))
    };
    let own = compared("own.jsonl", &traces);
    assert_eq!(own, (true, String::new()));
    for t in &mut traces {
        t.model.file = "other.gguf".into();
        t.model.sha256 = "0".repeat(64);
    }
    let (forced, said) = compared("other-model.jsonl", &traces);
    assert!(
        forced && said.contains("not by other.gguf, which wrote"),
        "{said}"
    );
    for t in &mut traces {
        t.model.tokenizer = "1".repeat(64);
    }
    let (forced, said) = compared("other-tokenizer.jsonl", &traces);
    assert!(
        !forced && said.contains("other.gguf has another tokenizer"),
        "{said}"
    );
}

/// A flag that was fitted to one model says nothing of what another wrote, in one file.
#[test]
fn traces_scored_anew_are_flagged_by_their_own_models_flag() {
    let folder = tempfile::tempdir().unwrap();
    let mut traces = generated("applied-base", 1, 40);
    for step in &mut traces[0].steps {
        step.flag = None;
    }
    let mut other = traces[0].clone();
    other.prompt.id += "-other";
    other.model.file = "other.gguf".into();
    other.model.sha256 = "0".repeat(64);
    traces.push(other);
    let all: Vec<&Trace> = traces.iter().collect();
    let path = write(&folder.path().join("two.jsonl"), &all);
    let out = rotescope(&[
        "attribute",
        &path,
        "--index",
        small_index(),
        "--sources",
        "local",
    ]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let flags: Vec<Vec<Meaning>> = text(&out.stdout)
        .lines()
        .map(|l| {
            let t: Trace = serde_json::from_str(l).unwrap();
            let flags = t.steps.iter().filter_map(|s| s.flag.as_ref());
            flags.map(|f| f.meaning).collect()
        })
        .collect();
    let all = |of: &[Meaning], is| !of.is_empty() && of.iter().all(|m| *m == is);
    assert!(all(&flags[0], Meaning::Probability), "{flags:?}");
    assert!(all(&flags[1], Meaning::Ranked), "{flags:?}");
}

#[test]
fn the_program_changes_prompts() {
    let folder = tempfile::tempdir().unwrap();
    let out_path = folder.path().join("new.jsonl");
    let out = out_path.to_str().unwrap();
    let run = |extra: &[&str]| {
        rotescope(
            &[
                &[
                    "perturb",
                    "prompts/applied-base.jsonl",
                    "--operator",
                    "numbers",
                    "-o",
                    out,
                ][..],
                extra,
            ]
            .concat(),
        )
    };
    let first = run(&[]);
    assert!(
        matches!(first.status.code(), Some(0 | 1)),
        "{}",
        text(&first.stderr)
    );
    let lines: Vec<Value> = std::fs::read_to_string(&out_path)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert!(lines.len() > 150);
    for l in &lines {
        assert_eq!(
            l["id"],
            json!(format!("{}+numbers", l["pair"].as_str().unwrap()))
        );
        assert_eq!(l["meta"]["perturbation"]["operators"], json!(["numbers"]));
    }
    assert!(text(&run(&[]).stderr).contains("exists already"));
    let titles = rotescope(&[
        "perturb",
        "prompts/capitalization-base.jsonl",
        "--operator",
        "numbers",
    ]);
    assert_eq!(titles.status.code(), Some(2));
    assert!(
        text(&titles.stderr).contains("none of"),
        "{}",
        text(&titles.stderr)
    );
    let list = rotescope(&["perturb", "--list"]);
    assert!(list.status.success() && text(&list.stdout).contains("digit-expansion"));
}

/// A copy of the bundled model under another name; `change` does what it likes with its bytes.
fn other_model(folder: &Path, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = std::fs::read(root().join("models/pocket/pocket-q8_0.gguf")).unwrap();
    change(&mut bytes);
    let path = folder.join("other.gguf");
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_string()
}

#[test]
fn the_program_compares_two_models() {
    let folder = tempfile::tempdir().unwrap();
    let index = small_index();
    let run = |model_b: &str| {
        rotescope(&[
            "compare",
            "prompts/applied-base.jsonl",
            "--model-b",
            model_b,
            "--index",
            index,
            "--sources",
            "local",
            "--limit",
            "2",
            "--threads",
            "1",
            "--json",
        ])
    };
    let read = |out: &Output| -> Vec<Comparison> {
        assert!(out.status.success(), "{}", text(&out.stderr));
        let lines = text(&out.stdout);
        lines
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect()
    };
    // The same model under another name: the same completions with the same scores, looked up in the same index.
    let out = run(&other_model(folder.path(), |_| ()));
    assert!(
        text(&out.stderr).contains("the same model in two files"),
        "{}",
        text(&out.stderr)
    );
    let found = read(&out);
    assert_eq!(found.len(), 2);
    for c in &found {
        assert_eq!(
            (c.a.model.file.as_str(), c.b.model.file.as_str()),
            ("pocket-q8_0.gguf", "other.gguf")
        );
        assert_eq!((c.first_divergence, c.fragility), (None, 0.0));
        assert!(c.tokens.iter().all(|t| t.sources.is_none()));
        let scores = c
            .tokens
            .iter()
            .filter_map(|t| t.delta?.scores.get(Source::Local));
        assert!(scores.clone().count() > 10 && scores.into_iter().all(|d| d == 0.0));
    }
    // One that lost some of its weights.
    let out = run(&other_model(folder.path(), |bytes| {
        let end = bytes.len();
        bytes[end - 400_000..].fill(0);
    }));
    assert!(text(&out.stderr).contains("different models: pocket-q8_0.gguf and other.gguf"));
    let found = read(&out);
    assert!(found.iter().all(|c| c.a.model.sha256 != c.b.model.sha256));
    assert!(found.iter().any(|c| c.fragility > 0.0));
    // What is no model is said before the first one has worked.
    let none = run("no/such.gguf");
    assert_eq!(none.status.code(), Some(2));
    assert!(
        text(&none.stderr).contains("no/such.gguf"),
        "{}",
        text(&none.stderr)
    );
}
