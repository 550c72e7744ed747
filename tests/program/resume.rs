//! A batch goes on only with what was asked the same; what failed is not forgotten.

use std::path::{Path, PathBuf};

use crate::support::{root, rotescope, text};
use rotescope_trace::jsonl::{self, Record};
use serde_json::Value;

struct Batch {
    folder: tempfile::TempDir,
    prompts: &'static str,
}

impl Batch {
    fn new(prompts: &'static str, content: &str) -> Batch {
        let batch = Batch {
            folder: tempfile::tempdir().unwrap(),
            prompts,
        };
        batch.ask(content);
        batch
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the prompts.
    fn ask(&self, content: &str) {
        std::fs::write(self.path(self.prompts), content).unwrap();
    }

    /// Scores them; what it said, and its exit code.
    fn score(&self, more: &[&str]) -> (Option<i32>, String) {
        let (prompts, out) = (self.path(self.prompts), self.out());
        let mut args = vec![
            "score",
            prompts.to_str().unwrap(),
            "--no-index",
            "--threads",
            "1",
            "--max-tokens",
            "6",
            "-o",
            out.to_str().unwrap(),
        ];
        args.extend(more);
        let run = rotescope(&args);
        (run.status.code(), text(&run.stderr))
    }

    fn out(&self) -> PathBuf {
        self.path("out.jsonl")
    }

    fn refused(&self, more: &[&str], want: &str) {
        let before = std::fs::read(self.out()).unwrap();
        let (code, said) = self.score(more);
        assert_eq!(code, Some(2), "{more:?}: {said}");
        assert!(
            said.contains(want) && said.contains("--fresh"),
            "{more:?}: {said}"
        );
        assert_eq!(std::fs::read(self.out()).unwrap(), before, "{more:?}");
    }

    fn done(&self, more: &[&str]) -> String {
        let (code, said) = self.score(more);
        assert_eq!(code, Some(0), "{more:?}: {said}");
        said
    }
}

/// Each record's id, and whether it failed.
fn records(path: &Path) -> Vec<(String, bool)> {
    let content = std::fs::read(path).unwrap();
    jsonl::read(&content[..])
        .map(|(_, r)| {
            let r = r.unwrap();
            (r.id().to_string(), matches!(r, Record::Failed(_)))
        })
        .collect()
}

#[test]
fn an_edited_prompt_does_not_keep_its_old_answer() {
    let batch = Batch::new("p.txt", "Tom has 3 pens.\nAnn has 2.\n");
    batch.done(&[]);
    assert!(batch.done(&[]).contains("2 of 2 prompts are in"));
    batch.ask("Tom has 4 pens.\nAnn has 2.\n");
    batch.refused(
        &[],
        "prompt \"line-1\" reads differently than in the file: question",
    );
    // More prompts behind the same are no difference.
    batch.ask("Tom has 3 pens.\nAnn has 2.\nSue has 1.\n");
    assert!(batch.done(&[]).contains("2 of 3 prompts are in"));
    // Starting anew keeps what there was under another name, every time.
    batch.ask("Tom has 4 pens.\n");
    let old = std::fs::read(batch.out()).unwrap();
    assert!(batch.done(&["--fresh"]).contains("out.jsonl.old"));
    assert_eq!(std::fs::read(batch.path("out.jsonl.old")).unwrap(), old);
    assert_eq!(records(&batch.out()), [("line-1".into(), false)]);
    batch.done(&["--fresh"]);
    assert_eq!(std::fs::read(batch.path("out.jsonl.old")).unwrap(), old);
    assert!(batch.path("out.jsonl.old2").exists());
    // What is no file of traces stays where it is.
    std::fs::write(batch.out(), "my notes\n").unwrap();
    let (code, said) = batch.score(&["--fresh"]);
    assert!(
        code == Some(2) && said.contains("not a rotescope trace"),
        "{said}"
    );
    assert_eq!(std::fs::read(batch.out()).unwrap(), b"my notes\n");
}

#[test]
fn everything_that_was_asked_is_compared() {
    let first = r#"{"id": "a", "question": "Tom has 3 pens.", "answer": "3", "instruction": "Count.", "examples": [{"question": "1?", "answer": "1"}], "task": "t", "split": "s", "pair": "b", "meta": {"n": 1}}"#;
    let batch = Batch::new("p.jsonl", first);
    batch.done(&[]);
    batch.done(&[]);
    let line: Value = serde_json::from_str(first).unwrap();
    for (field, new) in [
        ("question", Value::from("Tom has 4 pens.")),
        ("answer", "4".into()),
        ("answer", Value::Null),
        ("instruction", "Add.".into()),
        ("examples", "Question: 2?".into()),
        ("task", "other".into()),
        ("split", "other".into()),
        ("pair", Value::Null),
        ("raw", true.into()),
        ("verify", serde_json::json!(["arithmetic"])),
        ("meta", serde_json::json!({"n": 2})),
    ] {
        let mut edited = line.clone();
        edited[field] = new;
        batch.ask(&edited.to_string());
        batch.refused(
            &[],
            &format!("prompt \"a\" reads differently than in the file: {field}"),
        );
    }
}

#[test]
fn options_that_change_a_record_are_compared() {
    let batch = Batch::new("p.txt", "Tom has 3 pens.\n");
    batch.done(&[]);
    let flag = batch.path("flag.json");
    let bundled = std::fs::read_to_string(root().join("models/pocket/flag.json")).unwrap();
    std::fs::write(&flag, format!("{bundled}\n")).unwrap();
    let flag = flag.to_str().unwrap();
    for (more, want) in [
        (vec!["--raw"], "raw: false in the file, true now"),
        (vec!["--context", "200"], "context: "),
        (
            vec!["--candidates", "5"],
            "candidates: 20 in the file, 5 now",
        ),
        (vec!["--steps", "line"], "steps: "),
        (
            vec!["--temperature", "0.5"],
            "another sampler: temperature: 0.0 in the file, 0.5 now",
        ),
        (
            vec!["--seed", "7"],
            "another sampler: seed: 0 in the file, 7 now",
        ),
        (
            vec!["--stop", "x"],
            "another sampler: stop: none in the file",
        ),
        (
            vec!["--step-classifier", flag],
            "flag: another file: flag.json in the file, flag.json now",
        ),
        (
            vec!["--flag-threshold", "0.75"],
            "judging: flag.threshold: 0.5 in the file, 0.75 now",
        ),
    ] {
        batch.refused(&more, want);
    }
    // A flag by another name is the same flag.
    let same = batch.path("same.json");
    std::fs::write(&same, bundled).unwrap();
    batch.done(&["--step-classifier", same.to_str().unwrap()]);
}

/// Traces of before these fields were recorded go on, as far as they say what they are of.
#[test]
fn older_traces_go_on() {
    let batch = Batch::new("p.txt", "Tom has 3 pens.\n");
    batch.done(&["--raw"]);
    let mut trace: Value = serde_json::from_slice(&std::fs::read(batch.out()).unwrap()).unwrap();
    assert_eq!(trace["run"]["raw"], true);
    assert_eq!(trace["judging"]["flag"]["file"], "flag.json");
    let fields = trace.as_object_mut().unwrap();
    fields.remove("run");
    fields.remove("judging");
    trace["rotescope"] = "0.0.9".into();
    std::fs::write(batch.out(), trace.to_string() + "\n").unwrap();
    let said = batch.done(&[]);
    assert!(
        said.contains("1 of 1 prompts") && said.contains("rotescope 0.0.9"),
        "{said}"
    );
    batch.ask("Tom has 4 pens.\n");
    batch.refused(&[], "question");
}

/// The last line of a file that an editor saved without its line break is a record all the same.
#[test]
fn a_whole_last_line_is_kept() {
    let batch = Batch::new("p.txt", "Tom has 3 pens.\nAnn has 2.\n");
    batch.done(&["--limit", "1"]);
    let content = std::fs::read_to_string(batch.out()).unwrap();
    std::fs::write(batch.out(), content.trim_end()).unwrap();
    assert!(batch.done(&[]).contains("1 of 2 prompts"));
    let after = std::fs::read_to_string(batch.out()).unwrap();
    assert!(after.starts_with(&content) && after.lines().count() == 2);
}

#[test]
fn failed_prompts_are_named_again_and_stand_once() {
    let long = "apple ".repeat(900);
    let line =
        |id: &str, question: &str| format!("{{\"id\": {id:?}, \"question\": {question:?}}}\n");
    let batch = Batch::new(
        "p.jsonl",
        &(line("long", &long) + &line("short", "Hi") + &line("vast", &long)),
    );
    assert_eq!(batch.score(&[]).0, Some(1));
    let (code, said) = batch.score(&[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("2 prompts failed before (long, vast); --retry-failed tries them again"),
        "{said}"
    );
    // Quiet is about progress, not about what failed.
    assert!(batch.score(&["-q"]).1.contains("failed before"));
    // Only those that this call is about.
    assert_eq!(batch.score(&["--id", "short"]).0, Some(0));
    // They fail again: each stands once.
    let mode = std::fs::metadata(batch.out()).unwrap().permissions();
    assert_eq!(batch.score(&["--retry-failed"]).0, Some(1));
    let want =
        [("short", false), ("long", true), ("vast", true)].map(|(id, f)| (id.to_string(), f));
    assert_eq!(records(&batch.out()), want);
    assert_eq!(std::fs::metadata(batch.out()).unwrap().permissions(), mode);
    // One of them can be run now.
    batch.ask(&(line("long", "Ho") + &line("short", "Hi") + &line("vast", &long)));
    assert_eq!(batch.score(&["--retry-failed"]).0, Some(1));
    let want =
        [("short", false), ("long", false), ("vast", true)].map(|(id, f)| (id.to_string(), f));
    assert_eq!(records(&batch.out()), want);
    // A run that was killed before it ended left the failure beside the trace: the next one drops it.
    let failed = r#"{"schema":"rotescope.trace/1","id":"long","error":"too long"}"#;
    let content = std::fs::read_to_string(batch.out()).unwrap();
    std::fs::write(batch.out(), format!("{failed}\n{content}")).unwrap();
    let (code, said) = batch.score(&[]);
    assert!(
        code == Some(1) && said.contains("1 prompts failed before (vast)"),
        "{said}"
    );
    assert_eq!(std::fs::read_to_string(batch.out()).unwrap(), content);
}
