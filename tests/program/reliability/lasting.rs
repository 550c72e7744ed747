//! Long runs: what was done long ago takes no memory.

use std::fs;
use std::io::BufRead;
use std::process::Stdio;
use std::time::Duration;

use super::place::Place;
use crate::support::root;

/// The memory of a process that no file stands behind, in KiB.
fn anonymous(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|l| l.starts_with("RssAnon"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

mod long {
    use super::*;

    #[test]
    #[ignore = "long: make test-long"]
    fn ten_thousand_prompts_take_no_more_memory_than_three_thousand() {
        const PROMPTS: usize = 10_000;
        let place = Place::new();
        let built = place.run(&["index", "build", "c.jsonl", "--model", "m.gguf", "-o", "ix"]);
        assert!(built.status.success());
        let bundled = fs::read_to_string(root().join("prompts/applied-base.jsonl")).unwrap();
        let mut lines = String::new();
        for (n, line) in bundled.lines().cycle().take(PROMPTS).enumerate() {
            let mut prompt: serde_json::Value = serde_json::from_str(line).unwrap();
            prompt["id"] = format!("p{n}").into();
            lines += &format!("{prompt}\n");
        }
        fs::write(place.path("many.jsonl"), lines).unwrap();
        let line = "score many.jsonl --index ix --sources local --max-tokens 6 -q -o out.jsonl";
        let mut run = place.command(&super::super::kills::words(line));
        let mut run = run.stdout(Stdio::null()).spawn().unwrap();
        // How many records there are, and what the process holds then.
        let mut held: Vec<(usize, u64)> = Vec::new();
        let ended = loop {
            std::thread::sleep(Duration::from_millis(200));
            if let Some(ended) = run.try_wait().unwrap() {
                break ended;
            }
            let Ok(out) = fs::File::open(place.path("out.jsonl")) else {
                continue;
            };
            let records = std::io::BufReader::new(out).split(b'\n').count();
            held.extend(anonymous(run.id()).map(|kib| (records, kib)));
        };
        assert!(ended.success());
        let within = |from: usize, to: usize| {
            let mut kib: Vec<u64> = held
                .iter()
                .filter(|(n, _)| (from..to).contains(n))
                .map(|(_, kib)| *kib)
                .collect();
            kib.sort_unstable();
            kib[kib.len() / 2]
        };
        let (early, late) = (within(2000, 4000), within(8000, PROMPTS));
        eprintln!(
            "of 10,000 prompts: {early} KiB around the 3,000th record, {late} KiB around the 9,000th, in {} looks",
            held.len()
        );
        // Malloc's own unrest is some hundred KiB; a record alone is five.
        assert!(late < early + 1024, "{early} KiB, then {late} KiB");
    }
}
