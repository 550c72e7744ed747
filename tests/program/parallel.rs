//! Completions side by side: the file that comes out is the one of a run prompt by prompt.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{root, rotescope, small_index, text};

/// The records of a file, without their timing.
fn records(path: &Path) -> Vec<Value> {
    let content = std::fs::read_to_string(path).unwrap();
    let record = |line: &str| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        record.as_object_mut().unwrap().remove("timing");
        record
    };
    content.lines().map(record).collect()
}

/// Without what says how many were generated at a time, which is returned apart.
fn apart(mut records: Vec<Value>) -> (Vec<Value>, Vec<Option<u64>>) {
    let take = |r: &mut Value| {
        r.get_mut("run")?
            .as_object_mut()?
            .remove("parallel")?
            .as_u64()
    };
    let parallel = records.iter_mut().map(take).collect();
    (records, parallel)
}

#[test]
fn batches_change_nothing_and_a_prompt_that_fails_costs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let prompts = folder.path().join("prompts.jsonl");
    let base = std::fs::read_to_string(root().join("prompts/applied-base.jsonl")).unwrap();
    let mut lines: Vec<String> = base.lines().take(6).map(str::to_owned).collect();
    // Too long for the context of the model.
    let long = "Tom has 3 pens. ".repeat(200);
    lines.insert(3, format!("{{\"id\": \"long\", \"question\": \"{long}\"}}"));
    std::fs::write(&prompts, lines.join("\n")).unwrap();
    let score = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let mut args = vec!["score", prompts.to_str().unwrap(), "--index", small_index()];
        args.extend(["--temperature", "0.8", "--seed", "3", "--scope", "step:1"]);
        args.extend(["--threads", "1", "-o", out.to_str().unwrap()]);
        args.extend(more);
        let run = rotescope(&args);
        assert_eq!(run.status.code(), Some(1), "{}", text(&run.stderr));
        apart(records(&out))
    };
    let (alone, none) = score("1.jsonl", &["--parallel", "1"]);
    assert_eq!((alone.len(), none.iter().flatten().count()), (7, 0));
    assert!(alone[3]["error"].as_str().unwrap().contains("tokens"));
    for (name, more, said) in [
        ("unasked.jsonl", &[][..], None),
        ("2.jsonl", &["--parallel", "2"], Some(2)),
        ("5.jsonl", &["--parallel", "5"], Some(5)),
        ("jobs.jsonl", &["--parallel", "2", "--jobs", "2"], Some(2)),
    ] {
        let (found, parallel) = score(name, more);
        assert!(found == alone, "{name}: other records");
        let traces = || parallel.iter().enumerate().filter(|(i, _)| *i != 3);
        assert!(traces().all(|(_, n)| *n == said), "{name}: {parallel:?}");
    }
}

#[test]
fn an_interrupted_batch_keeps_what_is_done_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.jsonl");
    let command = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rotescope"));
        command.args([
            "score",
            "prompts/formula-longtail.jsonl",
            "--no-index",
            "--limit",
            "40",
        ]);
        command.args(["--threads", "1", "-o"]).arg(&out).args(more);
        command.current_dir(root()).stderr(Stdio::piped());
        command
    };
    let child = command(&["--parallel", "4"]).spawn().unwrap();
    let began = Instant::now();
    let done = || std::fs::read(&out).map_or(0, |b| b.iter().filter(|b| **b == b'\n').count());
    while done() < 5 {
        assert!(began.elapsed() < Duration::from_secs(120));
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let ended = child.wait_with_output().unwrap();
    let said = text(&ended.stderr);
    let first = records(&out);
    assert!(first.len() >= 5);
    if first.len() < 40 {
        assert_eq!(ended.status.code(), Some(1), "{said}");
        assert!(said.contains("the same command resumes"), "{said}");
    }
    // With another number of completions at a time it goes on all the same.
    let rest = command(&["--parallel", "3"]).output().unwrap();
    assert!(rest.status.success(), "{}", text(&rest.stderr));
    let (all, _) = apart(records(&out));
    assert_eq!(all.len(), 40);
    std::fs::remove_file(&out).unwrap();
    assert!(
        command(&["--parallel", "1"])
            .output()
            .unwrap()
            .status
            .success()
    );
    let (alone, _) = apart(records(&out));
    // Those that were done when the signal came may stand before others that were not.
    let sorted = |mut all: Vec<Value>| {
        all.sort_by_key(|r| r["prompt"]["id"].to_string());
        all
    };
    assert!(sorted(all) == sorted(alone), "other records");
}
