//! Runs that are killed at random moments, and files as a loss of power leaves them: what was done stays, and the rest is done by the same command.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::place::Place;
use crate::support::text;

/// Commands that append to `out.jsonl` and go on with it.
pub const APPENDING: [&str; 6] = [
    "score bundle:applied-base --limit 12 --no-index --max-tokens 12 -q -o out.jsonl",
    "score bundle:applied-base --limit 12 --no-index --max-tokens 12 -q --parallel 2 -o out.jsonl.zst",
    "audit extract c.jsonl --index ix --sample 6 --window 16/16 -q -o out.jsonl",
    "pii attack people.jsonl --kinds phone --prefix 40 --no-templates --values 2 --samples 1 -q -o out.jsonl",
    "retro answer p.jsonl --index ix --max-tokens 8 -q -o out.jsonl",
    "lab edge --samples 40 --dimension 12 --components 3 --seeds 4 -q -o out.jsonl",
];

/// Commands that write a file whole, of the name that they end in.
pub const WHOLE: [&str; 7] = [
    "attribute traces.jsonl --index ix --sources local --force -o out.jsonl",
    "report traces.jsonl -o out.html",
    "report traces.jsonl -o out.csv",
    "evaluate traces.jsonl --json out.json",
    "figure accuracy traces.jsonl -o out.svg",
    "perturb p.jsonl --operator typos --index ix -o out.jsonl",
    "import traces.jsonl -o out.jsonl.gz",
];

/// Keeps what it does in the data folder, under the hash of the model.
const CALIBRATE: &str = "calibrate --model m.gguf --prompts bundle:applied-base --limit 12 --no-index --rollouts 2 --max-tokens 40 -q";

/// How often each command is killed.
pub fn times(usual: usize) -> usize {
    let times = std::env::var("ROTESCOPE_KILLS").ok();
    times.map_or(usual, |t| t.parse().expect("a number"))
}

struct Runs {
    place: Place,
    rng: ChaCha8Rng,
}

pub fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// The lines of a file, unpacked, without what differs from run to run: how long things took. A line that is cut off is none.
pub fn records(path: &Path) -> Vec<Value> {
    let mut all = Vec::new();
    let Ok(file) = fs::File::open(path) else {
        return all;
    };
    for line in rotescope_trace::jsonl::lines(rotescope_trace::packed::unpack::content(file)) {
        let Ok(line) = line else { break };
        let Ok(mut record) = serde_json::from_slice::<Value>(&line.bytes) else {
            break;
        };
        record.as_object_mut().unwrap().remove("timing");
        all.push(record);
    }
    // Records of prompts that run side by side are written in their order, but for what a signal finds done.
    all.sort_by_key(Value::to_string);
    all
}

impl Runs {
    fn new(seed: u64) -> Runs {
        let runs = Runs {
            place: Place::new(),
            rng: ChaCha8Rng::seed_from_u64(seed),
        };
        runs.done("index build c.jsonl --model m.gguf -o ix");
        runs.done("score p.jsonl --no-index --max-tokens 30 -q -o traces.jsonl");
        runs
    }

    fn done(&self, line: &str) -> Duration {
        let begun = Instant::now();
        let ended = self.place.run(&words(line));
        assert!(ended.status.success(), "{line}: {}", text(&ended.stderr));
        begun.elapsed()
    }

    /// Where a command writes: its last word.
    fn out(&self, line: &str) -> PathBuf {
        self.place.path(line.rsplit(' ').next().unwrap())
    }

    /// Starts the command and kills it at a moment within the time that it takes; whether it had ended before.
    fn kill(&mut self, line: &str, takes: Duration) -> bool {
        let mut child = self.place.command(&words(line)).spawn().unwrap();
        std::thread::sleep(takes.mul_f64(self.rng.random_range(0.0..1.05)));
        child.kill().unwrap();
        child.wait().unwrap().success()
    }

    /// Kills a command that appends so many times.
    fn appending(&mut self, line: &str, times: usize) {
        let takes = self.done(line);
        let wanted = records(&self.out(line));
        assert!(wanted.len() > 2, "{line}: {}", wanted.len());
        fs::remove_file(self.out(line)).unwrap();
        let (mut ended, mut kept, mut before) = (0, 0, 0);
        for _ in 0..times {
            let whole = self.kill(line, takes);
            let now = records(&self.out(line));
            assert!(
                now.len() >= before,
                "{line}: {before} records, and then {}",
                now.len()
            );
            assert!(
                now.iter().all(|r| wanted.contains(r)),
                "{line}: another record"
            );
            kept += usize::from(now.len() > before && !whole);
            before = now.len();
            if whole {
                ended += 1;
                assert!(now == wanted, "{line}");
                fs::remove_file(self.out(line)).unwrap();
                before = 0;
            }
        }
        self.done(line);
        assert!(
            records(&self.out(line)) == wanted,
            "{line}: other records after {times} kills"
        );
        fs::remove_file(self.out(line)).unwrap();
        eprintln!(
            "{line}: {times} kills within {takes:.1?}, {ended} after its end, {kept} with new records; 0 lost, 0 other"
        );
    }

    /// Kills `calibrate`: chains and labels stay, and the flag that comes of them is the same.
    fn calibrating(&mut self, times: usize) {
        let takes = self.done(CALIBRATE);
        let all = self.place.path("home/rotescope/calibrated");
        let folder = fs::read_dir(&all).unwrap().next().unwrap().unwrap().path();
        // But for the hashes of the files that it was fitted to, which say how long things took.
        let flag = || -> Option<Value> {
            let text = fs::read(folder.join("flag.json")).ok()?;
            let mut flag: Value = serde_json::from_slice(&text).expect("a whole flag");
            flag["trained"].as_object_mut().unwrap().remove("files");
            Some(flag)
        };
        let kept = || ["chains.jsonl", "labels.jsonl"].map(|n| records(&folder.join(n)));
        let (wanted, fitted) = (kept(), flag().expect("a flag"));
        assert!(wanted.iter().all(|r| r.len() == 12), "{}", wanted[0].len());
        fs::remove_dir_all(&folder).unwrap();
        let (mut ended, mut more, mut before) = (0, 0, [0, 0]);
        for _ in 0..times {
            let whole = self.kill(CALIBRATE, takes);
            let now = kept();
            for (now, (wanted, before)) in now.iter().zip(wanted.iter().zip(before)) {
                assert!(
                    now.len() >= before,
                    "{before} records, and then {}",
                    now.len()
                );
                assert!(now.iter().all(|r| wanted.contains(r)), "another record");
            }
            assert!(flag().is_none_or(|now| now == fitted), "another flag");
            more += usize::from(!whole && now[0].len() > before[0]);
            before = now.map(|r| r.len());
            if whole {
                ended += 1;
                fs::remove_dir_all(&folder).unwrap();
                before = [0, 0];
            }
        }
        self.done(CALIBRATE);
        assert!(kept() == wanted && flag() == Some(fitted));
        fs::remove_dir_all(&folder).unwrap();
        eprintln!(
            "{CALIBRATE}: {times} kills within {takes:.1?}, {ended} after its end, {more} with new chains; 0 lost, 0 other, the same flag"
        );
    }

    /// Kills a command that writes a file whole: the file is the old one, or the new one.
    fn whole(&mut self, line: &str, times: usize) {
        let out = self.out(line);
        let takes = self.done(line);
        let (bytes, wanted) = (fs::read(&out).unwrap(), records(&out));
        fs::remove_file(&out).unwrap();
        let (mut none, mut old) = (0, 0);
        for n in 0..times {
            // In turns over nothing, and over the file.
            let before = (n % 2 == 1).then(|| fs::write(&out, &bytes).unwrap());
            self.kill(line, takes);
            match fs::read(&out) {
                // Of records, all but how long they took.
                Ok(now) if out.extension().is_none_or(|e| e != "jsonl") => {
                    assert!(now == bytes, "{line}: a part of it");
                }
                Ok(_) => assert!(records(&out) == wanted, "{line}: a part of it"),
                Err(_) => {
                    assert!(before.is_none(), "{line}: the old one is gone");
                    none += 1;
                }
            }
            old += usize::from(before.is_some());
            let _ = fs::remove_file(&out);
        }
        eprintln!(
            "{line}: {times} kills within {takes:.1?}: {none} times no file, {old} times over an old one, never a part of one"
        );
    }
}

fn kills(times: usize, seed: u64) {
    let mut runs = Runs::new(seed);
    for line in APPENDING {
        runs.appending(line, times);
    }
    for line in WHOLE {
        runs.whole(line, times);
    }
    runs.calibrating(times);
}

#[test]
fn killed_runs_lose_nothing_and_go_on() {
    kills(3, 1);
}

/// Ends of files as they are after a loss of power: zeros behind lines, in a line, or in place of the last block.
#[test]
fn files_that_a_loss_of_power_cut_off_go_on() {
    let mut runs = Runs::new(2);
    for line in APPENDING {
        runs.done(line);
        let out = runs.out(line);
        let (whole, wanted) = (fs::read(&out).unwrap(), records(&out));
        let half = whole.len() - whole.len() / (2 * wanted.len());
        let random = runs.rng.random_range(whole.len() / 2..whole.len());
        for cut in [whole.len(), half, random] {
            for zeros in [0, 512, 4096] {
                fs::write(&out, [&whole[..cut], &vec![0; zeros]].concat()).unwrap();
                runs.done(line);
                assert!(
                    records(&out) == wanted,
                    "{line}: {cut} of {} bytes, {zeros} zeros",
                    whole.len()
                );
            }
        }
        fs::remove_file(&out).unwrap();
    }
}

mod long {
    use super::*;

    /// `make reliability` asks for a hundred of each.
    #[test]
    #[ignore = "long: make test-long"]
    fn many_kills_of_each_command() {
        kills(times(20), 3);
    }
}
