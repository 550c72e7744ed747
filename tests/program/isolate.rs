//! `score --isolate`: what ends the process of the model ends one prompt at most, and not the run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::reliability::kills::records;
use crate::support::{root, text};

const PROMPTS: &str = "prompts/applied-base.jsonl";
const PATIENCE: Duration = Duration::from_secs(120);

struct Run {
    folder: TempDir,
    run: Child,
}

impl Run {
    fn start(more: &[&str]) -> Run {
        let folder = tempfile::tempdir().unwrap();
        let run = Command::new(env!("CARGO_BIN_EXE_rotescope"))
            .args(["score", PROMPTS, "--limit", "6", "--max-tokens", "40", "-q"])
            .args(["--sources", "local,mid", "--isolate", "-o"])
            .arg(folder.path().join("out.jsonl"))
            .args(more)
            .env("ROTESCOPE_HOME", root())
            .env("TMPDIR", folder.path())
            .current_dir(root())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Run { folder, run }
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out.jsonl")
    }

    /// The process that has the model, once there is one, other than `not`.
    fn worker(&mut self, not: Option<u32>) -> u32 {
        let begun = Instant::now();
        loop {
            let all = format!("/proc/{0}/task/{0}/children", self.run.id());
            let children = fs::read_to_string(all).unwrap_or_default();
            let child = children
                .split_whitespace()
                .next()
                .map(|c| c.parse().unwrap());
            if let Some(child) = child.filter(|c| Some(*c) != not) {
                return child;
            }
            assert!(begun.elapsed() < PATIENCE, "no worker");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until a prompt is at work.
    fn begins(&self, id: &str, from: usize) {
        let begun = Instant::now();
        loop {
            let journal = fs::read_to_string(self.journal()).unwrap();
            let new: Vec<&str> = journal.lines().skip(from).collect();
            let ended = new.contains(&format!("{{\"ends\":\"{id}\"}}").as_str());
            assert!(!ended, "{id} ended before anyone saw it");
            if new.contains(&format!("{{\"begins\":\"{id}\"}}").as_str()) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{id} never begins: {journal}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn journal(&self) -> PathBuf {
        let mut all = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|f| f.unwrap().path());
        all.find(|f| f.to_str().unwrap().contains("rotescope-journal"))
            .expect("a journal")
    }

    /// Lines of the journal.
    fn noted(&self) -> usize {
        fs::read_to_string(self.journal()).unwrap().lines().count()
    }

    fn ended(self) -> (Option<i32>, String, Vec<Value>, TempDir) {
        let out = self.out();
        let ended = self.run.wait_with_output().unwrap();
        let said = text(&ended.stderr);
        (ended.status.code(), said, records(&out), self.folder)
    }
}

fn kill(signal: &str, process: u32) {
    let done = Command::new("kill")
        .args([signal, &process.to_string()])
        .status();
    assert!(done.unwrap().success());
}

/// What an undisturbed run writes.
fn undisturbed() -> Vec<Value> {
    let (code, said, records, _) = Run::start(&[]).ended();
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert_eq!(records.len(), 6);
    records
}

fn ids() -> Vec<String> {
    let text = fs::read_to_string(root().join(PROMPTS)).unwrap();
    let id = |line: &str| {
        serde_json::from_str::<Value>(line).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_string()
    };
    text.lines().take(6).map(id).collect()
}

fn leaves_nothing(folder: &Path) {
    let left = fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().file_name());
    let left: Vec<_> = left
        .filter(|n| n.to_str().unwrap().contains("journal"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_crash_costs_no_record() {
    let wanted = undisturbed();
    let mut run = Run::start(&["--fresh"]);
    let worker = run.worker(None);
    run.begins(&ids()[0], 0);
    kill("-ABRT", worker);
    let (code, said, records, folder) = run.ended();
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("signal 6") && said.contains("tried again"),
        "{said}"
    );
    assert!(records == wanted);
    leaves_nothing(folder.path());
}

#[test]
fn a_prompt_that_crashes_the_model_twice_is_a_failed_record_and_the_others_are_scored() {
    let wanted = undisturbed();
    let mut run = Run::start(&[]);
    let ids = ids();
    let first = run.worker(None);
    run.begins(&ids[2], 0);
    let noted = run.noted();
    kill("-KILL", first);
    let second = run.worker(Some(first));
    // Those that were at work are tried one after the other.
    run.begins(&ids[2], noted);
    kill("-KILL", second);
    let (code, said, records, _) = run.ended();
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(records.len(), 6);
    let failed: Vec<&Value> = records.iter().filter(|r| !r["error"].is_null()).collect();
    let [failed] = failed[..] else {
        panic!("{said}")
    };
    assert_eq!(failed["id"], ids[2].as_str());
    assert!(
        failed["error"].as_str().unwrap().contains("signal 9"),
        "{failed}"
    );
    assert!(
        records
            .iter()
            .filter(|r| r["error"].is_null())
            .all(|r| wanted.contains(r))
    );
}

#[test]
fn a_request_to_end_reaches_the_process_of_the_model() {
    let mut run = Run::start(&[]);
    let worker = run.worker(None);
    run.begins(&ids()[0], 0);
    kill("-TERM", run.run.id());
    let (code, said, records, folder) = run.ended();
    assert_eq!(code, Some(1), "{said}");
    assert!(records.len() < 6 && said.contains("resumes"), "{said}");
    assert!(!Path::new(&format!("/proc/{worker}")).exists());
    leaves_nothing(folder.path());

    // Killed, it takes the process with it.
    let mut run = Run::start(&[]);
    let worker = run.worker(None);
    run.begins(&ids()[0], 0);
    run.run.kill().unwrap();
    run.run.wait().unwrap();
    let begun = Instant::now();
    while Path::new(&format!("/proc/{worker}")).exists() {
        assert!(begun.elapsed() < PATIENCE, "the worker goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn isolation_needs_a_file_to_go_on_with() {
    let run = crate::support::rotescope(&["score", PROMPTS, "--isolate"]);
    assert_eq!(run.status.code(), Some(2));
    assert!(
        text(&run.stderr).contains("--output"),
        "{}",
        text(&run.stderr)
    );
}
