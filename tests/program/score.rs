//! The program from the outside: score, continue after a kill, refuse what does not fit.

use std::path::Path;

use rotescope_trace::jsonl::{self, Record};
use serde_json::Value;

use crate::support::{rotescope, small_index, text};

/// The lines of a trace file without their timing, which differs between runs.
fn traces(path: &Path) -> Vec<Value> {
    let content = std::fs::read_to_string(path).unwrap();
    content
        .lines()
        .map(|l| {
            let mut v: Value = serde_json::from_str(l).unwrap();
            v.as_object_mut().unwrap().remove("timing");
            v
        })
        .collect()
}

#[test]
fn a_batch_is_scored_continued_and_scored_again_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let index = small_index();
    let path = |name: &str| folder.path().join(name);
    let score = |out: &Path, more: &[&str]| {
        let mut args = vec![
            "score",
            "prompts/formula-base.jsonl",
            "--index",
            index,
            "--limit",
            "6",
            "--threads",
            "1",
            "-o",
            out.to_str().unwrap(),
        ];
        args.extend(more);
        rotescope(&args)
    };
    let whole = path("whole.jsonl");
    let run = score(&whole, &[]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert!(
        text(&run.stderr).contains("formula base: "),
        "{}",
        text(&run.stderr)
    );
    let expected = traces(&whole);
    assert_eq!(expected.len(), 6);
    assert!(expected.iter().all(|t| t["answer"]["right"].is_boolean() && t["tokens"].as_array().unwrap().len() > 5));
    let scored = expected[0]["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|t| t["local"]["score"].is_number())
        .count();
    assert!(scored > 3, "{scored} tokens have a score");

    // A kill in the middle of a line: the whole lines stay, the rest is made again, nothing twice.
    let cut = path("cut.jsonl");
    let bytes = std::fs::read(&whole).unwrap();
    let second_line = bytes
        .iter()
        .enumerate()
        .filter(|(_, b)| **b == b'\n')
        .nth(1)
        .unwrap()
        .0;
    std::fs::write(&cut, &bytes[..second_line + 1 + 40]).unwrap();
    let run = score(&cut, &[]);
    assert!(
        run.status.success() && text(&run.stderr).contains("2 of 6"),
        "{}",
        text(&run.stderr)
    );
    assert_eq!(traces(&cut), expected);
    assert_eq!(
        std::fs::read(&cut).unwrap()[..=second_line],
        bytes[..=second_line],
        "what was there is untouched"
    );

    // Several jobs write the same.
    let jobs = path("jobs.jsonl");
    assert!(score(&jobs, &["--jobs", "2"]).status.success());
    assert_eq!(traces(&jobs), expected);

    // Another seed is another run: refused, and the file is left as it was.
    let run = score(&whole, &["--seed", "7", "--temperature", "1"]);
    assert_eq!(run.status.code(), Some(2));
    assert!(
        text(&run.stderr).contains("another sampler") && text(&run.stderr).contains("whole.jsonl"),
        "{}",
        text(&run.stderr)
    );
    assert_eq!(std::fs::read(&whole).unwrap(), bytes);

    // Scoring the saved completions again, without the model, gives the same scores.
    let again = path("again.jsonl");
    let run = rotescope(&[
        "attribute",
        whole.to_str().unwrap(),
        "--index",
        index,
        "-o",
        again.to_str().unwrap(),
    ]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert_eq!(traces(&again), expected);
    let run = rotescope(&["evaluate", whole.to_str().unwrap()]);
    assert!(
        run.status.success() && text(&run.stdout).contains("| formula |"),
        "{}",
        text(&run.stdout)
    );
}

#[test]
fn failed_prompts_are_recorded_and_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (prompts, out) = (folder.path().join("p.jsonl"), folder.path().join("o.jsonl"));
    let long = "apple ".repeat(900);
    std::fs::write(&prompts, format!("{{\"id\":\"long\",\"question\":\"{long}\"}}\n{{\"id\":\"short\",\"question\":\"What is 1 + 1?\",\"answer\":\"2\"}}\n")).unwrap();
    let run = rotescope(&[
        "score",
        prompts.to_str().unwrap(),
        "--no-index",
        "--threads",
        "1",
        "-o",
        out.to_str().unwrap(),
    ]);
    assert_eq!(run.status.code(), Some(1), "{}", text(&run.stderr));
    assert!(text(&run.stderr).contains("long"), "{}", text(&run.stderr));
    let content = std::fs::read(&out).unwrap();
    let records: Vec<Record> = jsonl::read(&content[..]).map(|(_, r)| r.unwrap()).collect();
    assert!(
        matches!(&records[0], Record::Failed(f) if f.id == "long" && f.error.contains("768")),
        "{records:?}"
    );
    assert!(
        matches!(&records[1], Record::Trace(t) if t.prompt.id == "short" && t.answer.right == Some(true))
    );
}

#[test]
fn what_cannot_run_says_so_with_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = folder.path().join("notes.txt");
    std::fs::write(&foreign, "my notes\n").unwrap();
    let foreign = foreign.to_str().unwrap();
    for (args, want) in [
        (vec!["score", "no/such.jsonl"], "no/such.jsonl"),
        (
            vec!["score", foreign, "--model", "no/such.gguf", "--no-index"],
            "no/such.gguf",
        ),
        (
            vec!["score", foreign, "--model", foreign, "--no-index"],
            "notes.txt",
        ),
        (
            vec![
                "score",
                "prompts/formula-base.jsonl",
                "--id",
                "nobody",
                "--no-index",
            ],
            "nobody",
        ),
        (
            vec![
                "score",
                "prompts/formula-base.jsonl",
                "--limit",
                "1",
                "--index",
                "no/index",
            ],
            "no/index",
        ),
        (
            vec![
                "score",
                "prompts/formula-base.jsonl",
                "--limit",
                "1",
                "--no-index",
                "-o",
                foreign,
            ],
            "notes.txt",
        ),
        (vec!["attribute", foreign], "notes.txt"),
        (vec!["evaluate", foreign], "notes.txt"),
    ] {
        let run = rotescope(&args);
        assert_eq!(
            run.status.code(),
            Some(2),
            "{args:?}: {}",
            text(&run.stderr)
        );
        assert!(
            text(&run.stderr).contains(want),
            "{args:?}: {}",
            text(&run.stderr)
        );
        assert!(run.stdout.is_empty());
    }
    assert_eq!(
        std::fs::read_to_string(foreign).unwrap(),
        "my notes\n",
        "a file that is not ours is left alone"
    );
}

#[test]
fn plain_output_has_no_escape_codes_and_says_the_same_without_color() {
    let plain = rotescope(&["--color", "never"]);
    assert!(plain.status.success(), "{}", text(&plain.stderr));
    let plain = text(&plain.stdout);
    assert!(
        !plain.contains('\x1b') && plain.contains("So the answer is") && plain.contains('▃'),
        "{plain}"
    );
    let colored = text(&rotescope(&[]).stdout);
    assert!(colored.contains("\x1b["), "{colored}");
}
