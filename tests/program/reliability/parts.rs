//! What is tried to have a build go on wrongly that was stopped when parts of it were done: kills and signals at random moments. `make reliability`.

use std::fs;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::kills::{times, words};
use super::place::Place;
use crate::support::{root, text};

/// The least memory, which with so many token ids sorts some sixty thousand tokens at a time.
const BUILD: &str = "index build corpus.jsonl --tokenizer wide.json --memory 64M -o ix --force";
const IDS: u32 = 870_000;
/// What a command says that goes on with what another left.
const GOES_ON: &str = "going on with what an earlier build left";

struct Parts {
    place: Place,
    takes: Duration,
    whole: Value,
    rng: ChaCha8Rng,
}

impl Parts {
    fn new(documents: usize, seed: u64) -> Self {
        let place = Place::new();
        let tokenizer = fs::read(root().join("models/pocket/tokenizer.json")).unwrap();
        let mut tokenizer: Value = serde_json::from_slice(&tokenizer).unwrap();
        tokenizer["model"]["vocab"]["unused"] = (IDS - 1).into();
        fs::write(place.path("wide.json"), tokenizer.to_string()).unwrap();
        let line = |n: usize| {
            let pens = " pens".repeat(n % 7);
            format!("{{\"text\": \"Ann {n} has{pens} and {} cups.\"}}\n", n % 77)
        };
        let lines: String = (0..documents).map(line).collect();
        fs::write(place.path("corpus.jsonl"), lines).unwrap();
        let mut parts = Self {
            place,
            takes: Duration::ZERO,
            whole: Value::Null,
            rng: ChaCha8Rng::seed_from_u64(seed),
        };
        let begun = Instant::now();
        assert!(!text(&parts.build().stderr).contains(GOES_ON));
        parts.takes = begun.elapsed();
        parts.whole = parts.manifest();
        let shards = parts.whole["shards"].as_array().unwrap().len();
        assert!(shards > 3, "{shards} parts");
        parts
    }

    fn build(&self) -> Output {
        let built = self.place.run(&words(BUILD));
        assert!(built.status.success(), "{}", text(&built.stderr));
        built
    }

    /// What the index says of itself, without what differs from build to build: the names of tantivy's segments.
    fn manifest(&self) -> Value {
        let info = self.place.run(&words("index info ix --json"));
        let mut info: Value = serde_json::from_slice(&info.stdout).unwrap();
        let mut manifest = info["manifest"].take();
        let files = manifest["files"].as_array_mut().unwrap();
        files.retain(|f| f["path"].as_str().unwrap().starts_with("ngrams/"));
        manifest["checksums"].take();
        manifest
    }

    /// Names of what builds have left.
    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.place.folder).unwrap();
        let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
        names.filter(|n| n.contains(".partial-")).collect()
    }

    /// Stops builds by a signal, each at a moment within the time that one takes, most of them late, and builds again: what comes is always the index of
    /// a build that nobody disturbed. How often a build went on with what the one before had left.
    fn stop(&mut self, signal: &str, times: usize) {
        let (mut went_on, mut ended) = (0, 0);
        for _ in 0..times {
            let child = self.place.command(&words(BUILD)).spawn().unwrap();
            let share = match self.rng.random_bool(0.3) {
                true => 0.0..1.0,
                false => 0.5..1.0,
            };
            std::thread::sleep(self.takes.mul_f64(self.rng.random_range(share)));
            let sent = Command::new("kill")
                .args(["-s", signal, &child.id().to_string()])
                .status();
            sent.unwrap();
            let stopped = child.wait_with_output().unwrap();
            ended += usize::from(stopped.status.success());
            let said = text(&stopped.stderr);
            let left = self.left();
            let noted = left.iter().any(|folder| {
                let journal = self.place.path(folder).join("build.journal");
                journal.exists()
            });
            if signal != "KILL" {
                assert_eq!(!left.is_empty(), noted, "{left:?}");
                assert_eq!(said.contains("goes on with what is done"), noted, "{said}");
            }
            let built = text(&self.build().stderr);
            assert_eq!(built.contains(GOES_ON), noted, "{built}");
            went_on += usize::from(noted);
            assert_eq!(self.left(), [""; 0]);
            assert_eq!(self.manifest(), self.whole);
            let checked = self.place.run(&words("index check ix"));
            assert!(checked.status.success(), "{}", text(&checked.stdout));
        }
        eprintln!(
            "{times} builds of several parts got SIG{signal} within {:.1?}: {ended} had ended, with {went_on} the next one went on; each index is the same, nothing left",
            self.takes
        );
        assert!(went_on > 0);
    }
}

#[test]
fn stopped_builds_of_several_parts_go_on() {
    let mut parts = Parts::new(30_000, 1);
    parts.stop("KILL", times(4));
    parts.stop("TERM", times(2));
}

mod long {
    use super::*;

    #[test]
    #[ignore = "long: make test-long"]
    fn many_stopped_builds_of_several_parts() {
        let mut parts = Parts::new(60_000, 2);
        parts.stop("KILL", times(30));
        for signal in ["INT", "TERM", "HUP"] {
            parts.stop(signal, times(30) / 3);
        }
    }
}
