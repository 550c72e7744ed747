//! What is tried to lose an index that documents are added to, or that is merged anew: kills and signals at random moments. `make reliability`.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::kills::{times, words};
use super::place::Place;
use crate::support::text;

const ASKED: &str = " pens";
const BASE: &str = "index build base.jsonl -m m.gguf -o ix --force -q";
/// Adds so many pens to an index, again and again.
const APPEND: &str = "index append ix more.jsonl --again -q";
/// Replace an index in turns.
const MERGES: [&str; 2] = [
    "index merge more third -o merged --force --again -q",
    "index merge third more third -o merged --force --again -q",
];

struct Adding {
    place: Place,
    /// Pens in what is added.
    added: u64,
    rng: ChaCha8Rng,
}

impl Adding {
    fn new(documents: usize, seed: u64) -> Self {
        let place = Place::new();
        for (name, share) in [("base", 1), ("more", 2), ("third", 3)] {
            let line = |n: usize| {
                let pens = ASKED.repeat(share);
                format!("{{\"text\": \"Ann {n} has{pens} and {} cups.\"}}\n", n % 77)
            };
            let lines: String = (0..documents).map(line).collect();
            fs::write(place.path(&format!("{name}.jsonl")), lines).unwrap();
        }
        let adding = Self {
            place,
            added: 2 * documents as u64,
            rng: ChaCha8Rng::seed_from_u64(seed),
        };
        adding.done(BASE);
        for name in ["more", "third"] {
            adding.done(&format!("index build {name}.jsonl -m m.gguf -o {name} -q"));
        }
        adding
    }

    fn done(&self, line: &str) -> Duration {
        let begun = Instant::now();
        let ended = self.place.run(&words(line));
        assert!(ended.status.success(), "{line}: {}", text(&ended.stderr));
        begun.elapsed()
    }

    /// How often an index says that the word occurs, if it is there.
    fn count(&self, index: &str) -> Option<u64> {
        if !self.place.path(index).exists() {
            return None;
        }
        let said = self.place.run(&["index", "count", index, ASKED]);
        assert!(said.status.success(), "{}", text(&said.stderr));
        Some(text(&said.stdout).trim().parse().unwrap())
    }

    /// Starts a command and sends it a signal at a moment within the time that it takes, every second time near its end; whether it had ended before.
    fn send(&mut self, signal: &str, line: &str, takes: Duration) -> bool {
        let mut command = self.place.command(&words(line));
        let child = command.stdout(Stdio::null()).spawn().unwrap();
        let share = match self.rng.random_bool(0.5) {
            true => 0.0..1.0,
            false => 0.6..1.1,
        };
        std::thread::sleep(takes.mul_f64(self.rng.random_range(share)));
        let sent = std::process::Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .stderr(Stdio::null())
            .status();
        sent.unwrap();
        child.wait_with_output().unwrap().status.success()
    }

    /// What is there beside the inputs.
    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.place.folder).unwrap();
        let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut left: Vec<_> = names.filter(|n| n.contains('-')).collect();
        left.sort();
        left
    }

    /// Kills appends: each leaves the documents that were there, or these and all that it adds.
    fn kill_appends(&mut self, times: usize) {
        let mut now = self.count("ix").unwrap();
        let mut takes = self.done(APPEND);
        now += self.added;
        let (mut ended, mut new) = (0, 0);
        for n in 0..times {
            ended += usize::from(self.send("KILL", APPEND, takes));
            let count = self.count("ix").expect("an index");
            assert!(
                count == now || count == now + self.added,
                "{now} became {count}"
            );
            new += usize::from(count > now);
            now = count;
            if n % 5 == 4 {
                takes = self.done(APPEND);
                now += self.added;
                assert_eq!(self.count("ix"), Some(now));
                assert_eq!(self.left(), [""; 0]);
                self.done("index check ix");
                // The same documents many times over take long to check.
                self.done(BASE);
                now = self.added / 2;
            }
        }
        eprintln!(
            "{APPEND}: {times} kills within {takes:.1?}, {ended} after its end, {new} with the new documents; 0 lost, 0 in part, nothing left"
        );
        assert!(ended < times, "{ended} of {times}");
    }

    /// Kills merges over one index in turns: it is the old one or the new one.
    fn kill_merges(&mut self, times: usize) {
        let made = MERGES.map(|line| (self.done(line), self.count("merged").unwrap()));
        assert_ne!(made[0].1, made[1].1);
        let (mut now, mut ended, mut new) = (made[1].1, 0, 0);
        for n in 0..times {
            let (takes, merged) = made[n % 2];
            ended += usize::from(self.send("KILL", MERGES[n % 2], takes));
            let count = self.count("merged").expect("an index");
            assert!(count == now || count == merged, "{now} became {count}");
            new += usize::from(count != now);
            now = count;
            if n % 5 == 4 {
                self.done(MERGES[n % 2]);
                now = merged;
                assert_eq!(self.left(), [""; 0]);
                self.done("index check merged");
            }
        }
        eprintln!(
            "index merge: {times} kills, {ended} after its end, {new} times the new index; 0 lost, nothing left"
        );
        assert!(ended < times, "{ended} of {times}");
    }

    fn stop(&mut self, times: usize) {
        for signal in ["INT", "TERM", "HUP"] {
            let mut now = self.count("ix").unwrap();
            let takes = self.done(APPEND);
            now += self.added;
            for _ in 0..times {
                self.send(signal, APPEND, takes);
                let count = self.count("ix").unwrap();
                assert!(count == now || count == now + self.added, "{count}");
                now = count;
                assert_eq!(self.left(), [""; 0], "SIG{signal}");
            }
        }
    }
}

#[test]
fn killed_appends_and_merges_lose_nothing_and_leave_nothing() {
    let mut adding = Adding::new(2000, 1);
    adding.kill_appends(10);
    adding.kill_merges(5);
    adding.stop(1);
}

mod long {
    use super::*;

    /// `make reliability` asks for a hundred of each.
    #[test]
    #[ignore = "long: make test-long"]
    fn many_killed_appends_and_merges() {
        let mut adding = Adding::new(8000, 2);
        adding.kill_appends(times(30));
        adding.kill_merges(times(30));
        adding.stop(10);
    }
}
