//! What others read records with: JSON Schema, pandas, polars, DuckDB and jq, as `scripts/readers.sh` fetches them, on files that the program wrote.

mod commands;

use std::path::Path;
use std::process::Command;

use crate::support::{root, rotescope, small_index, text};
use commands::{MODEL, run, write_all};

/// Runs one of the scripts beside this file; what it prints.
fn python(script: &str, args: &[&str]) -> String {
    let python =
        std::env::var_os("ROTESCOPE_READERS").expect("ROTESCOPE_READERS: run make test-readers");
    let run = Command::new(python)
        .arg(root().join("tests/program/readers").join(script))
        .args(args)
        .output()
        .unwrap();
    let (said, wrong) = (text(&run.stdout), text(&run.stderr));
    assert!(run.status.success(), "{said}\n{wrong}");
    said
}

/// Traces of two tasks with all scores, and a prompt that failed; and their tables.
fn tables(folder: &Path) {
    let place = |name: &str| folder.join(name).display().to_string();
    let prompts = ["applied-base", "counting-base"].map(|name| {
        let file = std::fs::read_to_string(root().join(format!("prompts/{name}.jsonl"))).unwrap();
        file.lines().take(2).collect::<Vec<_>>().join("\n")
    });
    let long = "word ".repeat(3000);
    let long = serde_json::json!({"id": "=long", "question": long, "task": "applied"});
    let prompts = format!("{}\n{long}\n", prompts.join("\n"));
    std::fs::write(place("prompts.jsonl"), prompts).unwrap();
    let (prompts, traces) = (place("prompts.jsonl"), place("traces.jsonl"));
    let score = [
        "score",
        &prompts,
        "--index",
        small_index(),
        "--model",
        MODEL,
    ];
    let more = [
        "--sources",
        "local,mid,long",
        "--max-tokens",
        "40",
        "-q",
        "-o",
        &traces,
    ];
    let scored = rotescope(&[&score[..], &more[..]].concat());
    assert_eq!(scored.status.code(), Some(1), "{}", text(&scored.stderr));
    run(&["report", &traces, "-o", &place("traces.parquet")]);
    for (table, name) in [
        ("tokens", "traces.csv"),
        ("steps", "traces.steps.csv"),
        ("traces", "traces.traces.csv"),
    ] {
        run(&["report", &traces, "--table", table, "-o", &place(name)]);
    }
}

#[test]
#[ignore = "readers: make test-readers"]
fn tables_are_read_as_what_the_lines_say() {
    let folder = tempfile::tempdir().unwrap();
    tables(folder.path());
    let folder = folder.path().display().to_string();
    eprint!("{}", python("tables.py", &[&folder]));
    let page = root().join("docs/records.md").display().to_string();
    eprint!("{}", python("lines.py", &[&page, &folder]));
}

/// Every kind of record that `rotescope schema` lists, from the command that writes it.
#[test]
#[ignore = "readers: make test-readers"]
fn records_of_every_command_are_what_their_schemas_say() {
    let folder = tempfile::tempdir().unwrap();
    let written = write_all(folder.path());
    let listed = run(&["schema"]);
    for name in listed.lines().filter_map(|l| l.split_whitespace().next()) {
        assert!(written.iter().any(|w| w.0 == name), "nothing wrote {name}");
    }
    let schemas = root().join("docs/schema").display().to_string();
    let given: Vec<String> = written.iter().map(|(n, f)| format!("{n}={f}")).collect();
    let args: Vec<&str> = [schemas.as_str()]
        .into_iter()
        .chain(given.iter().map(String::as_str))
        .collect();
    let said = python("validate.py", &args);
    eprint!("{said}");
    for line in said.lines() {
        assert!(!line.ends_with(" 0"), "nothing in it: {line}");
    }
}
