//! A small file of every kind of record, each written by its own command from the bundled model and corpus.

use std::path::Path;
use std::process::Command;

use crate::audit_extract::{passages, write};
use crate::pii_attack::people;
use crate::support::{generated, root, rotescope, small_index, text};
use rotescope::run::notes::{Completion, NOTE, Note, NoteChange, change};

pub const MODEL: &str = "models/pocket/pocket-q8_0.gguf";

/// What a command prints. `1` is an end too: an item failed, and the record says so.
pub fn run(args: &[&str]) -> String {
    let run = rotescope(args);
    let ended = matches!(run.status.code(), Some(0 | 1));
    assert!(ended, "{args:?}\n{}", text(&run.stderr));
    text(&run.stdout)
}

/// What was written, by the names of schemas.
type Written = Vec<(&'static str, String)>;

pub fn write_all(folder: &Path) -> Written {
    let mut written = Written::new();
    completions(folder, &mut written);
    calibration(folder, &mut written);
    audits(folder, &mut written);
    persons(folder, &mut written);
    mixtures(folder, &mut written);
    labs(folder, &mut written);
    answers(folder, &mut written);
    progress(folder, &mut written);
    notes(folder, &mut written);
    written
}

/// Runs a command that writes a file with `-o`.
fn to_file(folder: &Path, into: &mut Written, schema: &'static str, args: &[&str]) -> String {
    let file = folder.join(format!("{}-{schema}.jsonl", into.len()));
    let file = file.display().to_string();
    run(&[args, &["-o", &file]].concat());
    into.push((schema, file.clone()));
    file
}

/// Runs a command that prints JSON.
fn printed(folder: &Path, into: &mut Written, schema: &'static str, args: &[&str]) {
    let file = folder.join(format!("{}-{schema}.json", into.len()));
    std::fs::write(&file, run(args)).unwrap();
    into.push((schema, file.display().to_string()));
}

fn completions(folder: &Path, into: &mut Written) {
    let own = ["--model", MODEL, "--index", small_index()];
    // All that a trace may have: every source, regions, steps judged and flagged, sampled; and what another tool wrote; and a prompt that failed.
    let some = [
        "-q",
        "--limit",
        "2",
        "--max-tokens",
        "40",
        "--sources",
        "local,mid,long",
    ];
    let more = [
        "--regions",
        "--temperature",
        "0.8",
        "--stop",
        "\n\n",
        "--system",
        "Think.",
    ];
    let score = [
        &["score", "prompts/applied-base.jsonl"],
        &own[..],
        &some,
        &more,
    ]
    .concat();
    let traces = to_file(folder, into, "trace", &score);
    let anew = [
        "attribute",
        &traces,
        "--sources",
        "local,mid",
        "--budget",
        "400tok",
    ];
    to_file(folder, into, "trace", &[&anew[..], &own].concat());
    to_file(
        folder,
        into,
        "trace",
        &["import", "tests/program/lm-eval-completions.jsonl"],
    );
    let long = folder.join("long.jsonl");
    let line = serde_json::json!({"id": "long", "question": "word ".repeat(3000)});
    std::fs::write(&long, line.to_string()).unwrap();
    let long = long.display().to_string();
    to_file(
        folder,
        into,
        "trace",
        &[&["score", &long, "-q"], &own[..]].concat(),
    );

    let perturb = ["perturb", "prompts/applied-base.jsonl", "--with", "typos"];
    to_file(folder, into, "prompt", &perturb);
    let compare = ["compare", "prompts/applied-base.jsonl", "--with", "typos"];
    let short = ["--limit", "2", "--max-tokens", "40", "--sources", "local"];
    to_file(
        folder,
        into,
        "comparison",
        &[&compare[..], &short, &own].concat(),
    );
    let judged = folder.join("judged.jsonl").display().to_string();
    printed(
        folder,
        into,
        "judge-summary",
        &["judge", &traces, "-o", &judged, "--json"],
    );
    into.push(("judged", judged));
    let tables = folder.join("evaluation.json").display().to_string();
    run(&["evaluate", &traces, "--json", &tables, "--resamples", "50"]);
    into.push(("evaluation", tables));
    into.push((
        "flag",
        root().join("models/pocket/flag.json").display().to_string(),
    ));
}

/// Labels of chains and the flag that is fitted to them lie in a folder of the user's data.
fn calibration(folder: &Path, into: &mut Written) {
    let data = folder.join("data");
    let run = Command::new(env!("CARGO_BIN_EXE_rotescope"))
        .args([
            "calibrate",
            "--prompts",
            "prompts/applied-longtail.jsonl",
            "--limit",
            "40",
        ])
        .args(["--no-index", "--rollouts", "2", "--model", MODEL])
        .env("ROTESCOPE_HOME", root())
        .env("XDG_DATA_HOME", &data)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", text(&run.stderr));
    let calibrated = data.join("rotescope/calibrated");
    let own = calibrated
        .read_dir()
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    for (schema, name) in [
        ("label", "labels.jsonl"),
        ("flag", "flag.json"),
        ("trace", "chains.jsonl"),
    ] {
        into.push((schema, own.join(name).display().to_string()));
    }
}

fn audits(folder: &Path, into: &mut Written) {
    let own = ["--model", MODEL, "--threads", "1", "-q"];
    let index = ["--index", small_index()];
    let texts = write(
        &folder.join("passages.jsonl"),
        passages(1).into_iter().map(|p| p.1),
    );
    let extract = [&["audit", "extract", &texts], &own[..], &index].concat();
    to_file(folder, into, "extract", &extract);
    let traces = into[0].1.clone();
    for kind in ["spans", "regions"] {
        let audit = [&["audit", kind, &traces, "--model", MODEL], &index[..]].concat();
        to_file(folder, into, kind, &audit);
    }
    let few = write(
        &folder.join("few.jsonl"),
        passages(1).into_iter().rev().take(2).map(|p| p.1),
    );
    let redundancy = [
        "audit",
        "redundancy",
        &few,
        "--operators",
        "identity,reverse",
        "--replace",
        "1",
    ];
    to_file(
        folder,
        into,
        "redundancy",
        &[&redundancy[..], &own, &index].concat(),
    );
    let ladder = folder.join("ladder").display().to_string();
    let students = [
        "audit",
        "students",
        &few,
        "--teacher",
        MODEL,
        "--ladder",
        "Q2_K",
        "--ladder-dir",
        &ladder,
        "--no-index",
        "--window",
        "32/32",
        "--prompts",
        "bundle:applied-base",
        "--limit",
        "2",
        "--answer-tokens",
        "60",
        "--threads",
        "1",
    ];
    to_file(folder, into, "students", &students);
}

fn persons(folder: &Path, into: &mut Written) {
    let corpus = people(folder);
    let phones = ["--kinds", "phone", "-q"];
    to_file(
        folder,
        into,
        "pii-scan",
        &[&["pii", "scan", &corpus], &phones[..]].concat(),
    );
    let few = [
        "--prefix",
        "60",
        "--values",
        "1",
        "--samples",
        "1",
        "--threads",
        "1",
    ];
    let attack = [&["pii", "attack", &corpus, "--reveal"], &phones[..], &few].concat();
    to_file(folder, into, "pii-attack", &attack);
    let other = ["--held-out", "ARCHITECTURE.md", "--max-tokens", "16"];
    let bench = ["pii", "bench", &corpus, "--protections", "dp,pattern"];
    let prompts = ["--prompts", "prompts/applied-base.jsonl", "--limit", "1"];
    to_file(
        folder,
        into,
        "pii-bench",
        &[&bench[..], &phones, &few, &other, &prompts].concat(),
    );
    let list = folder.join("list.txt");
    std::fs::write(&list, "555 0199 222\n").unwrap();
    let list = list.display().to_string();
    let verify = ["pii", "verify", &corpus, "--gate", &list];
    to_file(
        folder,
        into,
        "pii-verify",
        &[&verify[..], &phones, &few, &other].concat(),
    );
}

fn mixtures(folder: &Path, into: &mut Written) {
    let own = [
        "--model",
        MODEL,
        "--threads",
        "1",
        "-q",
        "--index",
        small_index(),
    ];
    let texts = write(
        &folder.join("texts.jsonl"),
        passages(1).into_iter().take(3).map(|p| p.1),
    );
    to_file(
        folder,
        into,
        "retro",
        &[&["retro", "measure", &texts], &own[..]].concat(),
    );
    let answer = [
        "retro",
        "answer",
        "prompts/applied-base.jsonl",
        "--limit",
        "1",
        "--lam",
        "0,.5",
    ];
    to_file(folder, into, "retro-answer", &[&answer[..], &own].concat());
    let traces = into.iter().find(|w| w.0 == "trace").unwrap().1.clone();
    let credit = [&["retro", "credit", &traces], &own[..]].concat();
    to_file(folder, into, "retro-credit", &credit);
    to_file(
        folder,
        into,
        "lab-model",
        &[&["lab", "model", &texts], &own[..]].concat(),
    );
}

fn labs(folder: &Path, into: &mut Written) {
    let edge = [
        "lab",
        "edge",
        "-q",
        "--samples",
        "20",
        "--dimension",
        "10",
        "--components",
        "2",
        "--draws",
        "2",
        "--times",
        "6",
        "--seeds",
        "1",
        "--train",
        "--sizes",
        "0.5,1",
        "--steps",
        "20",
        "--generated",
        "10",
    ];
    to_file(folder, into, "lab-edge", &edge);
    printed(
        folder,
        into,
        "lab-edge-summary",
        &[&edge[..], &["--json"]].concat(),
    );
    let texts = [
        "lab",
        "text",
        "-q",
        "--samples",
        "24",
        "--length",
        "12",
        "--templates",
        "3",
        "--masks",
        "4",
        "--seeds",
        "2",
    ];
    let curves = root().join("tests/program/distill-curves.jsonl");
    let curves = curves.to_str().unwrap();
    into.push(("lab-distill", curves.into()));
    printed(
        folder,
        into,
        "lab-distill-summary",
        &["lab", "distill", curves, "--json"],
    );
    to_file(folder, into, "lab-text", &texts);
    printed(
        folder,
        into,
        "lab-text-summary",
        &[&texts[..], &["--json"]].concat(),
    );
}

/// What is said on standard error of work that goes on.
fn progress(folder: &Path, into: &mut Written) {
    let score = [
        "score",
        "prompts/applied-base.jsonl",
        "--limit",
        "2",
        "--no-index",
    ];
    let run = rotescope(&[&score[..], &["--json-progress", "--model", MODEL]].concat());
    let said = text(&run.stderr);
    let records: Vec<&str> = said.lines().filter(|l| l.starts_with('{')).collect();
    let file = folder.join("progress.jsonl");
    std::fs::write(&file, records.join("\n")).unwrap();
    into.push(("progress", file.display().to_string()));
}

/// What an index and the cache answer.
fn answers(folder: &Path, into: &mut Written) {
    let index = small_index();
    printed(
        folder,
        into,
        "index-info",
        &["index", "info", index, "--json"],
    );
    printed(
        folder,
        into,
        "index-count",
        &["index", "count", index, "pens", "--json"],
    );
    printed(
        folder,
        into,
        "index-next",
        &["index", "next", index, " pens", "--json"],
    );
    printed(
        folder,
        into,
        "index-docs",
        &["index", "docs", index, " pens", "--json"],
    );
    printed(folder, into, "cache-info", &["cache", "info", "--json"]);
    // The same of two indexes together, each with its share.
    let copy = folder.join("copy").display().to_string();
    let texts = folder.join("texts.jsonl").display().to_string();
    run(&["index", "build", &texts, "--model", MODEL, "--out", &copy]);
    for (schema, what) in [
        ("index-count", "count"),
        ("index-next", "next"),
        ("index-docs", "docs"),
    ] {
        printed(
            folder,
            into,
            schema,
            &["index", what, index, " the", "--index", &copy, "--json"],
        );
    }
}

/// Notes as the app keeps them.
fn notes(folder: &Path, into: &mut Written) {
    let trace = generated("applied-base", 1, 8).remove(0);
    let file = folder.join("x.notes.jsonl");
    for (token, text) in [(0, None), (3, Some("by rote?"))] {
        let note = Note {
            schema: NOTE.into(),
            completion: Completion::of(&trace),
            token,
            span: trace.tokens[token].span,
            text: trace.tokens[token].text.clone(),
            step: Some(0),
            note: text.map(String::from),
        };
        change(&file, NoteChange::Put(note)).unwrap();
    }
    into.push(("note", file.display().to_string()));
}
