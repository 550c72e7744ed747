//! The command line that makes a trace again, run by a shell.

use std::path::Path;
use std::process::Command;

use crate::support::{root, rotescope, text, traces};
use rotescope::run::command::{Places, reproducing};
use rotescope::shipped;
use rotescope_trace::Trace;

/// Scores with some options, and again by the command that the trace gives; `given`: files and folders among the options.
pub fn is_made_again(args: &[&str], given: &[&str]) -> Trace {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("traces.jsonl");
    let out_name = out.display().to_string();
    let mut all = vec!["score", "-q", "-o", &out_name];
    all.extend(args);
    let run = rotescope(&all);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let first = traces(&out).remove(0);
    let places = Places {
        given: given.iter().map(Into::into).collect(),
        bundled: Some(shipped::bundle().unwrap().model_sha256().into()),
    };
    let command = reproducing(&first, &places).unwrap();
    assert!(command.unplaced.is_empty(), "{command:?}");
    let program = Path::new(env!("CARGO_BIN_EXE_rotescope"));
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let made = Command::new("sh")
        .args(["-c", &format!("{} -q", command.line)])
        .env("PATH", path)
        .env("ROTESCOPE_HOME", root())
        .env("XDG_DATA_HOME", env!("CARGO_TARGET_TMPDIR"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}\n{}",
        command.line,
        text(&made.stderr)
    );
    let again = folder.path().join("again.jsonl");
    std::fs::write(&again, &made.stdout).unwrap();
    let again = traces(&again).remove(0);
    let untimed = |t: &Trace| {
        let mut value = serde_json::to_value(t).unwrap();
        value.as_object_mut().unwrap().remove("timing");
        value
    };
    assert!(untimed(&first) == untimed(&again), "{}", command.line);
    again
}

#[test]
fn greedy_and_drawn_completions_are_made_again() {
    is_made_again(
        &["bundle:applied-base", "--limit", "1", "--max-tokens", "24"],
        &[],
    );
    let drawn = is_made_again(
        &[
            "bundle:formula-longtail",
            "--id",
            "formula-longtail-003",
            "--temperature",
            "1.1",
            "--top-k",
            "40",
            "--top-p",
            "0.9",
            "--min-p",
            "0.01",
            "--seed",
            "7",
            "--max-tokens",
            "30",
            "--stop",
            "'; it's\n",
            "--stop-loops",
            "--sources",
            "long",
            "--scope",
            "step:1",
            "--saliency",
            "contrastive",
            "--cooccur",
            "window:40",
            "--candidates",
            "7",
            "--steps",
            "line",
            "--flag-threshold",
            "0.3",
            "--regions",
            "--context",
            "512",
        ],
        &[],
    );
    assert_eq!(drawn.sampler.stop, ["'; it's\n"]);
}

#[test]
fn what_stands_before_the_question_and_what_is_left_out_come_again() {
    let shots = [
        "bundle:applied-base",
        "--limit",
        "1",
        "--max-tokens",
        "12",
        "--no-index",
        "--instruction",
        "Think, it's \"easy\".",
        "--step-classifier",
        "none",
        "--raw",
    ];
    let trace = is_made_again(&shots, &[]);
    assert!(trace.prompt.text.contains("it's \"easy\""));
    assert!(trace.index.is_none());
    let local = [
        "bundle:applied-base",
        "--limit",
        "1",
        "--sources",
        "local",
        "--max-tokens",
        "9",
    ];
    assert!(is_made_again(&local, &[]).attribution.non_local.is_none());
}

#[test]
fn a_model_and_an_index_that_were_given_are_found_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("my model.gguf");
    std::fs::copy(root().join("models/pocket/pocket-q8_0.gguf"), &model).unwrap();
    let (model, index) = (model.display().to_string(), crate::support::small_index());
    let args = [
        "bundle:applied-base",
        "--limit",
        "1",
        "--max-tokens",
        "9",
        "--index",
        index,
        "--model",
        &model,
    ];
    is_made_again(&args, &[&model, index]);
}
