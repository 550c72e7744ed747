//! What is tried to stop a build of an index midway: kills, signals, little memory. `make reliability`.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::support::{root, rotescope, text};

/// Two corpora that answer differently, and a folder for their index.
struct Builds {
    dir: tempfile::TempDir,
    corpora: [PathBuf; 2],
}

const ASKED: &str = " pens";

impl Builds {
    fn new(documents: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let corpora = [1, 2].map(|times| {
            let path = dir.path().join(format!("corpus-{times}.jsonl"));
            let line = |n: usize| {
                let pens = ASKED.repeat(times);
                format!("{{\"text\": \"Ann {n} has{pens} and {} cups.\"}}\n", n % 77)
            };
            fs::write(&path, (0..documents).map(line).collect::<String>()).unwrap();
            path
        });
        Self { dir, corpora }
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("ix")
    }

    fn arguments(&self, corpus: usize) -> Vec<String> {
        let model = root().join("models/pocket/pocket-q8_0.gguf");
        let [corpus, out, model] =
            [&self.corpora[corpus], &self.out(), &model].map(|p| p.display().to_string());
        let all = [
            "index", "build", &corpus, "-o", &out, "-m", &model, "--force",
        ];
        all.map(String::from).to_vec()
    }

    fn start(&self, corpus: usize) -> Child {
        Command::new(env!("CARGO_BIN_EXE_rotescope"))
            .args(self.arguments(corpus))
            .current_dir(root())
            .env("ROTESCOPE_HOME", root())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn build(&self, corpus: usize) -> Duration {
        let begun = Instant::now();
        let built = self.start(corpus).wait_with_output().unwrap();
        assert!(built.status.success(), "{}", text(&built.stderr));
        begun.elapsed()
    }

    /// How often the index says that the word occurs.
    fn count(&self) -> u64 {
        let said = rotescope(&["index", "count", self.out().to_str().unwrap(), ASKED]);
        assert!(said.status.success(), "{}", text(&said.stderr));
        text(&said.stdout).trim().parse().unwrap()
    }

    /// What lies beside the corpora.
    fn left(&self) -> Vec<String> {
        names(self.dir.path(), |n| !n.starts_with("corpus-"))
    }
}

fn names(folder: &Path, of: impl Fn(&str) -> bool) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    names.filter(|n| of(n)).collect()
}

/// Kills so many builds at random moments; the index is always the old or the new one, and the next build leaves nothing of them.
fn kills(times: usize, documents: usize, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let builds = Builds::new(documents);
    // Of each corpus, as long as it took last: other work on the machine comes and goes.
    let mut takes = [builds.build(0), builds.build(1)];
    let of = [documents as u64, 2 * documents as u64];
    let (mut replaced, mut finished, mut now) = (0, 0, 1);
    for n in 0..times {
        let corpus = n % 2;
        let mut build = builds.start(corpus);
        // Every second one near its end, where folders are moved.
        let share = if rng.random_bool(0.5) {
            0.0..1.0
        } else {
            0.7..1.1
        };
        std::thread::sleep(takes[corpus].mul_f64(rng.random_range(share)));
        build.kill().unwrap();
        let ended = build.wait().unwrap();
        finished += usize::from(ended.success());
        let count = builds.count();
        assert!(count == of[corpus] || count == of[now], "{count}");
        replaced += usize::from(count == of[corpus] && now != corpus);
        if count == of[corpus] {
            now = corpus;
        }
        if n % 5 == 4 {
            takes[now] = builds.build(now);
            assert_eq!(builds.left(), ["ix"]);
            assert_eq!(names(&builds.out(), |n| n.contains("lock")), [""; 0]);
        }
    }
    eprintln!(
        "{times} kills within {takes:?}: {finished} builds had ended, {replaced} indexes were replaced, none lost, nothing left"
    );
    assert!(finished < times / 2, "{finished} of {times}");
}

#[test]
fn killed_builds_lose_no_index_and_leave_nothing() {
    kills(10, 2000, 1);
}

/// Sends a signal to so many builds; says how many ended with the error.
fn signals(signal: &str, times: usize, documents: usize, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let builds = Builds::new(documents);
    let takes = builds.build(0);
    let mut stopped = 0;
    for _ in 0..times {
        let build = builds.start(1);
        std::thread::sleep(takes.mul_f64(rng.random_range(0.0..1.0)));
        let sent = Command::new("kill")
            .args(["-s", signal, &build.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        let begun = Instant::now();
        let ended = build.wait_with_output().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(10));
        assert_eq!(builds.left(), ["ix"], "{}", text(&ended.stderr));
        // Before the build began the signal ends the process as it always does.
        let early = ended.status.signal().is_some();
        if !early && !ended.status.success() {
            assert_eq!(ended.status.code(), Some(2));
            assert!(
                text(&ended.stderr).contains("stopped"),
                "{}",
                text(&ended.stderr)
            );
            stopped += 1;
        }
    }
    eprintln!("{times} builds got SIG{signal}: {stopped} stopped, nothing left of any");
    assert!(stopped > 0);
}

#[test]
fn a_signal_leaves_nothing_of_a_build() {
    for (signal, seed) in [("INT", 1), ("TERM", 2), ("HUP", 3)] {
        signals(signal, 3, 4000, seed);
    }
}

#[test]
fn an_index_within_its_corpus_is_built_again() {
    let builds = Builds::new(50);
    let folder = builds.dir.path();
    let out = folder.join("ix");
    let model = root().join("models/pocket/pocket-q8_0.gguf");
    for _ in 0..3 {
        let [corpus, out, model] = [folder, &out, &model].map(|p| p.to_str().unwrap());
        let built = rotescope(&[
            "index", "build", corpus, "-o", out, "-m", model, "--format", "text", "--force",
        ]);
        assert!(built.status.success(), "{}", text(&built.stderr));
        let info = rotescope(&["index", "info", out, "--json"]);
        let info: serde_json::Value = serde_json::from_slice(&info.stdout).unwrap();
        assert_eq!(info["manifest"]["documents"], 2);
        // What an earlier build left is no part of it either.
        fs::create_dir(folder.join("ix.partial-1-0")).unwrap();
        fs::write(folder.join("ix.partial-1-0/a.txt"), "a").unwrap();
    }
}

/// A build under `ulimit -v`, in KiB.
fn limited(builds: &Builds, kib: u64, more: &str) -> Output {
    let quoted: Vec<String> = builds.arguments(1);
    let command = format!("ulimit -v {kib}; exec \"$0\" \"$@\" {more}");
    Command::new("sh")
        .args(["-c", &command, env!("CARGO_BIN_EXE_rotescope")])
        .args(quoted)
        .current_dir(root())
        .env("ROTESCOPE_HOME", root())
        .output()
        .unwrap()
}

/// Builds under limits: each is made, or refused with the way out.
fn little_memory(limits: impl IntoIterator<Item = u64>, documents: usize, more: &str) {
    let builds = Builds::new(documents);
    let (mut made, mut refused) = (0, 0);
    for kib in limits {
        let ended = limited(&builds, kib, more);
        let said = text(&ended.stderr);
        if ended.status.success() {
            made += 1;
        } else {
            assert_eq!(ended.status.code(), Some(2), "{kib} KiB: {said}");
            let wayout = ["ulimit -v", "--memory"].iter().any(|w| said.contains(w));
            assert!(wayout, "{kib} KiB: {said}");
            refused += 1;
        }
        let left = builds.left();
        assert!(left.is_empty() || left == ["ix"], "{kib} KiB: {left:?}");
    }
    eprintln!("little memory{more}: {made} builds made, {refused} refused, 0 aborts, 0 panics");
    assert!(made > 0 && refused > 0, "{made} made, {refused} refused");
}

#[test]
fn little_memory_is_said_to_be_little() {
    little_memory([250_000, 400_000, 700_000, 8_000_000], 300, "");
}

mod long {
    use super::*;

    #[test]
    #[ignore = "long: make test-long"]
    fn a_hundred_killed_builds() {
        kills(100, 20_000, 2);
    }

    #[test]
    #[ignore = "long: make test-long"]
    fn ninety_signals() {
        for (signal, seed) in [("INT", 1), ("TERM", 2), ("HUP", 3)] {
            signals(signal, 30, 30_000, seed);
        }
    }

    #[test]
    #[ignore = "long: make test-long"]
    fn builds_in_little_memory() {
        let steps = || (200..=2000).step_by(50).map(|mb| mb * 1000);
        little_memory(steps(), 150_000, "");
        little_memory(steps(), 150_000, " --memory 200M");
        // Close to where it begins to suffice, where any allocation may be the one that fails.
        little_memory(
            (300..700)
                .step_by(10)
                .map(|mb| mb * 1000)
                .chain([4_000_000]),
            150_000,
            " --memory 64M",
        );
    }
}
