//! `calibrate`: chains of a model, labels that nobody gave, and a flag that is used from then on.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{root, text};
use rotescope_trace::jsonl::{self, Record};
use rotescope_trace::{Meaning, Trace};
use serde_json::Value;

/// Runs the program with its data in a folder.
fn rotescope(data: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rotescope"))
        .args(args)
        .env("ROTESCOPE_HOME", root())
        .env("XDG_DATA_HOME", data)
        .current_dir(root())
        .output()
        .unwrap()
}

/// Prompts that the bundled model mostly gets right, and mostly wrong; every second one has no verifier, so that only rollouts can say where it goes wrong.
fn prompts(folder: &Path) -> String {
    let mut out = String::new();
    for (name, rows) in [("applied-base", 24), ("applied-longtail", 40)] {
        let file = std::fs::read_to_string(root().join(format!("prompts/{name}.jsonl"))).unwrap();
        for (i, line) in file.lines().take(rows).enumerate() {
            let mut prompt: Value = serde_json::from_str(line).unwrap();
            if i % 2 == 1 {
                prompt["verify"] = Value::Array(Vec::new());
            }
            out += &format!("{prompt}\n");
        }
    }
    let path = folder.join("prompts.jsonl");
    std::fs::write(&path, out).unwrap();
    path.display().to_string()
}

fn only_folder(data: &Path) -> PathBuf {
    let all = data.join("rotescope/calibrated").read_dir().unwrap();
    let all: Vec<PathBuf> = all.map(|f| f.unwrap().path()).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_iter().next().unwrap()
}

fn labels(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("labels.jsonl")).unwrap();
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn scored(data: &Path) -> Trace {
    let run = rotescope(
        data,
        &[
            "score",
            "prompts/formula-base.jsonl",
            "--no-index",
            "--limit",
            "1",
            "-q",
        ],
    );
    assert!(run.status.success(), "{}", text(&run.stderr));
    match jsonl::read(&run.stdout[..]).next().unwrap().1.unwrap() {
        Record::Trace(trace) => *trace,
        Record::Failed(failed) => panic!("{failed:?}"),
    }
}

#[test]
fn a_model_is_calibrated_on_its_own_chains_and_flagged_by_that() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let listed = text(&rotescope(data, &["calibrate", "--list"]).stdout);
    assert!(listed.starts_with("no model is calibrated"), "{listed}");
    let before = scored(data).judging.unwrap().flag.unwrap();

    let prompts = prompts(data);
    let calibrate = [
        "calibrate",
        "--prompts",
        &prompts,
        "--no-index",
        "--threads",
        "1",
        "--rollouts",
        "6",
    ];
    let run = rotescope(data, &calibrate);
    let said = text(&run.stderr);
    assert!(run.status.success(), "{said}");
    for part in [
        "samples are drawn from at most",
        "chains by their truth: ",
        "flag fitted to ",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let tables = text(&run.stdout);
    for part in [
        "### First wrong step",
        "length in characters",
        "Brier score",
        "1 - p, largest",
    ] {
        assert!(tables.contains(part), "{part}: {tables}");
    }

    // Each label rests on what it says.
    let folder = only_folder(data);
    let labels = labels(&folder);
    let by = |name: &str| {
        labels
            .iter()
            .filter(|l| l["by"] == name)
            .collect::<Vec<_>>()
    };
    assert!(by("answer").iter().all(|l| l["first_wrong"] == -1));
    assert!(
        by("verifier")
            .iter()
            .all(|l| l["first_wrong"].as_i64() >= Some(0))
    );
    assert!(
        by("answer").len() > 20 && by("verifier").len() > 5,
        "{said}"
    );
    assert!(!by("rollouts").is_empty(), "{said}");
    for label in by("rollouts").into_iter().chain(by("too-hard")) {
        let reached = label["reached"].as_array().unwrap();
        let good = |r: &&Value| r["right"].as_u64() > Some(0);
        let last = reached
            .iter()
            .filter(good)
            .map(|r| r["steps"].as_i64())
            .max();
        assert_eq!(label["first_wrong"].as_i64(), last.flatten(), "{label}");
    }

    // The labels are ones that `evaluate` takes.
    let chains = folder.join("chains.jsonl").display().to_string();
    let file = folder.join("labels.jsonl").display().to_string();
    let run = rotescope(data, &["evaluate", &chains, "--labels", &file]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let first = tables
        .lines()
        .find(|l| l.starts_with("| verdicts"))
        .unwrap();
    assert!(text(&run.stdout).contains(first), "{first}");

    // From now on it speaks for this model, as a probability.
    let after = scored(data);
    let flag = after.judging.clone().unwrap().flag.unwrap();
    assert_ne!(flag.model.sha256, before.model.sha256);
    let step = after.steps.iter().find_map(|s| s.flag.as_ref()).unwrap();
    assert_eq!(step.meaning, Meaning::Probability);

    // Nothing is done twice.
    let written = std::fs::read(folder.join("flag.json")).unwrap();
    let again = rotescope(data, &calibrate);
    let said = text(&again.stderr);
    assert!(again.status.success(), "{said}");
    assert!(said.contains("; 0 to go"), "{said}");
    assert!(!said.contains("samples are drawn"), "{said}");
    assert_eq!(written, std::fs::read(folder.join("flag.json")).unwrap());

    // A kill in the middle of a line costs that line.
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 9]).unwrap();
    assert!(rotescope(data, &calibrate).status.success());
    assert_eq!(labels.len(), self::labels(&folder).len());

    // One chain after the other has the same labels as many side by side.
    std::fs::remove_file(&file).unwrap();
    let alone = [&calibrate[..], &["--parallel", "1"]].concat();
    assert!(rotescope(data, &alone).status.success());
    assert_eq!(whole, std::fs::read(&file).unwrap());

    let listed = text(&rotescope(data, &["calibrate", "--list"]).stdout);
    assert!(
        listed.contains("pocket-q8_0.gguf") && listed.contains("AUROC 0."),
        "{listed}"
    );
    let copy = data.join("copy.json");
    let run = rotescope(data, &["calibrate", "--export", copy.to_str().unwrap()]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert_eq!(written, std::fs::read(copy).unwrap());
}

#[test]
fn too_few_wrong_steps_are_refused_and_nothing_is_lost() {
    let data = tempfile::tempdir().unwrap();
    let run = rotescope(
        data.path(),
        &[
            "calibrate",
            "--prompts",
            "prompts/formula-base.jsonl",
            "--limit",
            "4",
            "--no-index",
        ],
    );
    let said = text(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(said.contains("run more prompts"), "{said}");
    let folder = only_folder(data.path());
    assert_eq!(labels(&folder).len(), 4);
    assert!(!folder.join("flag.json").exists());
}
